"""A sealed index of words: which passages hold a word, how often, and how they score together.

SQLite's full text finds the same passages, but weighs each one that holds any of the words by itself: 25 ms for a
question over 36,000 passages and ten times that over 360,000. Here the weights of all passages are one array.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from store.records import PassageWords
from store.words import HEADLINE_WEIGHT, index_stem, words

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]
    Scores = npt.NDArray[np.float32]

# bm25 as SQLite's full text computes it (https://www.sqlite.org/fts5.html#the_bm25_function).
K1, B = 1.2, 0.75

# A word that stands so often in one passage weighs as good as all it can; the count is kept in a byte.
_MOST_COUNTED = 255

_CHUNK = 4_000
_COLUMNS = ("keys", "articles", "days", "outlets", "lengths", "headlines")
_FILES = (*_COLUMNS, "terms", "starts", "postings", "counts", "offsets", "words")


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Passages in rows, ascending by key, shape (n,); postings of a term are ``starts[t]:starts[t + 1]``.

    ``terms`` are sorted hashes of stems, ``postings`` rows, ``counts`` how often the term stands there, the headline
    counted ``HEADLINE_WEIGHT`` times; ``lengths`` are words of headline and text, ``headlines`` those of the headline
    alone, ``days`` proleptic ordinals or 0, ``outlets`` hashes or 0. The words of a row, the headline's first, are the
    terms ``words[offsets[row]:offsets[row + 1]]``. ``norms`` are what the lengths come to in bm25.
    """

    keys: Numbers
    articles: Numbers
    days: Numbers
    outlets: Numbers
    lengths: Numbers
    headlines: Numbers
    terms: Numbers
    starts: Numbers
    postings: Numbers
    counts: Numbers
    offsets: Numbers
    words: Numbers
    norms: Numbers

    def __len__(self) -> int:
        return len(self.keys)

    def scores(self, stems: Iterable[str]) -> Scores:
        """Return the bm25 of every passage for the distinct ``stems``, shape (n,); 0 where none stands there."""
        scores = np.zeros(len(self), dtype=np.float32)
        if not len(self):
            return scores
        norms = self.norms
        for stem in stems:
            place = self._place(stem)
            if place is None:
                continue
            span = self._span(place)
            rows = self.postings[span]
            scores[rows] += idf(len(self), len(rows)) * saturated(self.counts[span], norms[rows])
        return scores

    def holding(self, stem: str) -> int:
        """Return in how many passages ``stem`` stands."""
        place = self._place(stem)
        return 0 if place is None else int(self.starts[place + 1] - self.starts[place])

    def phrase_scores(self, phrases: Iterable[tuple[str, str]], rows: Numbers) -> Scores:
        """Return the bm25 of ``phrases``, pairs of stems that stand side by side, at distinct ``rows``.

        How many passages hold a phrase is estimated from those of ``rows`` that hold both its words.
        """
        scores = np.zeros(len(rows), dtype=np.float32)
        within = _Stretch(self, rows)
        norms = self.norms[rows]
        for one, other in phrases:
            first, second = self._place(one), self._place(other)
            if first is None or second is None:
                continue
            counts = within.count(first, second)
            found = int(np.count_nonzero(counts))
            if found:
                scores += idf(len(self), self._holding(first, second, rows, found)) * saturated(counts, norms)
        return scores

    def _holding(self, one: int, other: int, rows: Numbers, found: int) -> int:
        """Return in how many passages a phrase stands, if it does where both words are as often as in ``rows``."""
        with_one = np.zeros(len(self), dtype=bool)
        with_one[self.postings[self._span(one)]] = True
        holding_other = self.postings[self._span(other)]
        with_both = holding_other[with_one[holding_other]]
        among = int(np.isin(rows, with_both).sum())
        return max(found, round(found / max(1, among) * len(with_both)))

    def _place(self, stem: str) -> int | None:
        term = term_hash(stem)
        place = int(np.searchsorted(self.terms, term))
        return place if place < len(self.terms) and self.terms[place] == term else None

    def _span(self, place: int) -> slice:
        return slice(int(self.starts[place]), int(self.starts[place + 1]))


class _Stretch:
    """The words of some rows, one row after the other."""

    def __init__(self, index: WordIndex, rows: Numbers) -> None:
        lengths = index.lengths[rows].astype(np.int64)
        ends = np.cumsum(lengths)
        self._row = np.repeat(np.arange(len(rows)), lengths)
        place = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        self._words = index.words[index.offsets[rows][self._row] + place]
        headline = index.headlines[rows][self._row]
        self._weight = np.where(place < headline, HEADLINE_WEIGHT, 1)
        # A pair may begin at every word but a row's last and a headline's.
        self._begins = (place + 1 < lengths[self._row]) & (place + 1 != headline)
        self._rows = len(rows)

    def count(self, one: int, other: int) -> Numbers:
        """Return how often two terms stand side by side in each row, the headline weighted."""
        at = np.flatnonzero((self._words[:-1] == one) & (self._words[1:] == other) & self._begins[:-1])
        return np.bincount(self._row[at], weights=self._weight[at], minlength=self._rows)


def length_norms(lengths: Numbers) -> Scores:
    """Return what each passage's length adds to the saturation of its counts."""
    mean = float(lengths.mean()) if len(lengths) else 1.0
    norms: Scores = (K1 * (1 - B + B * lengths / max(1.0, mean))).astype(np.float32)
    return norms


def idf(passages: int, holding: int) -> np.float32:
    """Return how telling a word is that ``holding`` of ``passages`` hold."""
    return np.float32(max(1e-6, np.log((passages - holding + 0.5) / (holding + 0.5))))


def saturated(counts: Numbers, norms: Numbers) -> Scores:
    """Return the weight of counts: it grows ever less, and more slowly in longer passages."""
    counted = counts.astype(np.float32)
    weights: Scores = counted * np.float32(K1 + 1) / (counted + norms)
    return weights


def term_hash(text: str) -> int:
    """Return 63 bits that stand for a word or a name: among a million of them two agree with p < 1e-7."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1


def outlet_hash(outlet: str | None) -> int:
    """Return what stands for a folded outlet, 0 for none."""
    return 0 if outlet is None else term_hash(outlet)


def open_word_index(folder: Path) -> WordIndex:
    """Map a sealed index; nothing is read before it is used. Raises OSError or ValueError where it is damaged."""
    columns = {name: _open_column(folder / f"{name}.npy") for name in _FILES}
    index = WordIndex(**columns, norms=length_norms(columns["lengths"]))
    fits = (
        {len(getattr(index, name)) for name in _COLUMNS} == {len(index.offsets) - 1}
        and len(index.starts) == len(index.terms) + 1
        and len(index.postings) == len(index.counts) == int(index.starts[-1])
        and len(index.words) == int(index.offsets[-1])
    )
    if not fits:
        raise ValueError(f"the parts of {str(folder)!r} do not fit together")
    return index


def _open_column(path: Path) -> Numbers:
    try:
        column: Numbers = np.lib.format.open_memmap(path, mode="r")
    except (SyntaxError, TokenError) as exc:  # What numpy makes of a damaged header.
        raise ValueError(f"{str(path)!r} is not an array") from exc
    if column.ndim != 1 or column.dtype.kind not in "iu":
        raise ValueError(f"{str(path)!r} is not a column of numbers")
    return column


def build_word_index(passages: Iterable[PassageWords], folder: Path) -> None:
    """Write the index of ``passages``, which come in ascending order of key, to ``folder``.

    Memory holds the vocabulary and a few thousand passages, however many there are.
    """
    vocabulary = _Vocabulary()
    frequencies = np.zeros(0, dtype=np.int64)
    columns: list[tuple[Numbers, ...]] = [_columns([], [], [])]
    rows = 0
    chunks = folder / "chunks"
    chunks.mkdir()
    for number, batch in enumerate(_batches(iter(passages))):
        numbers, lengths, headlines = _number_words(batch, vocabulary)
        terms, places, counts = _count(numbers, lengths, headlines, first_row=rows)
        np.savez(chunks / f"{number:06}.npz", terms=terms, places=places, counts=counts, words=numbers)
        held = np.bincount(terms, minlength=len(vocabulary))
        frequencies = held + np.pad(frequencies, (0, len(vocabulary) - len(frequencies)))
        columns.append(_columns(batch, lengths, headlines))
        rows += len(batch)
    for name, column in zip(_COLUMNS, zip(*columns, strict=True), strict=True):
        np.save(folder / f"{name}.npy", np.concatenate(column))
    lengths_of_all = np.concatenate([column[4] for column in columns])
    np.save(folder / "offsets.npy", np.concatenate([[0], np.cumsum(lengths_of_all, dtype=np.int64)]))
    _write_postings(folder, chunks, vocabulary, frequencies)
    _write_words(folder, chunks, vocabulary, int(lengths_of_all.sum()))
    for path in chunks.iterdir():
        path.unlink()
    chunks.rmdir()


class _Vocabulary:
    """Numbers for stems, in the order in which they are met; words are stemmed once."""

    def __init__(self) -> None:
        self._by_word: dict[str, int] = {}
        self._by_stem: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_stem)

    def number(self, word: str) -> int:
        number = self._by_word.get(word)
        if number is None:
            number = self._by_stem.setdefault(index_stem(word), len(self._by_stem))
            self._by_word[word] = number
        return number

    def hashes(self) -> Numbers:
        return np.array([term_hash(stem) for stem in self._by_stem], dtype=np.int64)


def columns_of(batch: Sequence[PassageWords]) -> tuple[Numbers, ...]:
    """Return keys, articles, days and outlets of passages, as the columns of an index hold them."""
    return (
        np.array([passage.key for passage in batch], dtype=np.int64),
        np.array([passage.article for passage in batch], dtype=np.int64),
        np.array([passage.day for passage in batch], dtype=np.int32),
        np.array([outlet_hash(passage.outlet) for passage in batch], dtype=np.int64),
    )


def _columns(batch: Sequence[PassageWords], lengths: Sequence[int], headlines: Sequence[int]) -> tuple[Numbers, ...]:
    return (
        *columns_of(batch),
        np.array(lengths, dtype=np.int32),
        np.array(headlines, dtype=np.int32),
    )


def _number_words(batch: Sequence[PassageWords], vocabulary: _Vocabulary) -> tuple[Numbers, list[int], list[int]]:
    """Return the terms of all passages in order, and how many words each passage and each headline has."""
    numbers: list[int] = []
    lengths: list[int] = []
    headlines: list[int] = []
    for passage in batch:
        headline, text = words(passage.headline), words(passage.text)
        numbers += map(vocabulary.number, headline)
        numbers += map(vocabulary.number, text)
        lengths.append(len(headline) + len(text))
        headlines.append(len(headline))
    return np.array(numbers, dtype=np.uint32), lengths, headlines


def _count(
    numbers: Numbers, lengths: Sequence[int], headlines: Sequence[int], *, first_row: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Return terms, rows and weighted counts, by term and then by row."""
    rows = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    weights = np.where(place < np.asarray(headlines)[rows], HEADLINE_WEIGHT, 1)
    pairs = numbers.astype(np.int64) << 32 | (rows + first_row)
    order = np.argsort(pairs, kind="stable")
    pairs = pairs[order]
    firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
    counted = np.add.reduceat(weights[order], firsts) if len(firsts) else np.zeros(0, dtype=np.int64)
    pairs = pairs[firsts]
    counts = np.minimum(counted, _MOST_COUNTED).astype(np.uint8)
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.uint32), counts


def _write_words(folder: Path, chunks: Path, vocabulary: _Vocabulary, total: int) -> None:
    """Put the chunks' words together, each as the place of its term."""
    places = np.empty(len(vocabulary), dtype=np.uint32)
    places[np.argsort(vocabulary.hashes())] = np.arange(len(vocabulary), dtype=np.uint32)
    every = _create(folder / "words.npy", np.uint32, total)
    written = 0
    for path in sorted(chunks.iterdir()):
        with np.load(path) as chunk:
            numbers = chunk["words"]
        every[written : written + len(numbers)] = places[numbers]
        written += len(numbers)


def _create(path: Path, kind: type, length: int) -> Numbers:
    """Return a new array on the disk; one of no length cannot be mapped."""
    if not length:
        np.save(path, np.zeros(0, dtype=kind))
        return np.zeros(0, dtype=kind)
    created = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(length,))
    if hasattr(os, "posix_fallocate"):
        # Where a disk is full, writing to a map that has no room on it yet kills the process.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return created


def _write_postings(folder: Path, chunks: Path, vocabulary: _Vocabulary, frequencies: Numbers) -> None:
    """Put the chunks' postings together, term by term in the order of the terms' hashes."""
    hashes = vocabulary.hashes()
    order = np.argsort(hashes)
    starts = np.concatenate([[0], np.cumsum(frequencies[order])]).astype(np.int64)
    np.save(folder / "terms.npy", hashes[order])
    np.save(folder / "starts.npy", starts)
    total = int(starts[-1])
    postings, counts = (
        _create(folder / "postings.npy", np.uint32, total),
        _create(folder / "counts.npy", np.uint8, total),
    )
    free = np.empty(len(hashes), dtype=np.int64)
    free[order] = starts[:-1]
    for path in sorted(chunks.iterdir()):
        with np.load(path) as chunk:
            terms = chunk["terms"]
            # Terms come in runs: the nth of a run goes n places behind where the term is filled to.
            firsts = np.flatnonzero(np.diff(terms, prepend=-1))
            runs = np.diff(np.append(firsts, len(terms)))
            targets = free[terms] + np.arange(len(terms)) - np.repeat(firsts, runs)
            postings[targets], counts[targets] = chunk["places"], chunk["counts"]
            free[terms[firsts]] += runs


def _batches(passages: Iterator[PassageWords]) -> Iterator[list[PassageWords]]:
    while batch := list(islice(passages, _CHUNK)):
        yield batch
