"""Lexical search: every passage's bm25 for a question, from the sealed index of words and from what is newer."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.errors import ArchiveError
from store.sealing import current_folder, drop_folders, publish_folder
from store.vectors import rows_of
from store.word_facts import describe, facts_of
from store.word_index import (
    WordIndex,
    build_word_index,
    columns_of,
    open_word_index,
    outlet_hash,
)
from store.words import STOP_WORDS, index_stem, query_terms, query_words, words

import numpy as np  # isort: skip  # after word_index, which says how many threads it may use

if TYPE_CHECKING:
    import numpy.typing as npt

    from store.archive import Progress
    from store.records import SearchFilter

    Rows = npt.NDArray[np.intp]
    Scores = npt.NDArray[np.float32]
    Mask = npt.NDArray[np.bool_]

# Below so many passages SQLite's full text alone answers in 3 ms; the same number may be newer than the index of words.
FRESH_ROWS = 4_000
FRESH_SHARE = 0.05


class LexicalSearch:
    """An archive's passages in rows, ascending by key, with what a search filters and weighs by.

    ``keys``, ``articles``, ``days`` (proleptic ordinals, 0 where unknown) and ``outlets`` (hashes) have shape (n,). The
    first rows are those of the sealed index, the others were added later. Rows of passages that were removed since the
    index was sealed are still there.
    """

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self._catalog = catalog
        self._folder = folder
        self._sealed: WordIndex | None = None
        self._sealed_folder: Path | None = None
        self._state: tuple[int, int] | None = None
        self._living: Mask | None = None
        self.keys, self.articles, self.days, self.outlets = columns_of(())

    def __len__(self) -> int:
        return len(self.keys)

    def follow(self) -> None:
        """See what was added or removed since the last search."""
        folder, state = current_folder(self._folder), self._catalog.state()
        if (folder, state) == (self._sealed_folder, self._state):
            return
        if folder != self._sealed_folder:
            self._sealed, self._sealed_folder = _open(self._catalog, folder), folder
        self._state = state
        self._fill()

    def scores(self, query: str) -> Scores:
        """Return the bm25 of every row for the meaningful words of ``query``, shape (n,); 0 where none stands there."""
        try:
            return self._scores(query)
        except IndexError:  # Bytes of the sealed index changed on the disk: the full text answers in its place.
            self._sealed = None
            self._fill()
            return self._scores(query)

    def _fill(self) -> None:
        columns = [columns_of(list(self._catalog.passages_to_index(after=self._last_sealed(), texts=False)))]
        if self._sealed is not None:
            sealed = self._sealed
            columns.insert(0, (sealed.keys, sealed.articles, sealed.days, sealed.outlets))
        joined = [np.concatenate(parts) if len(parts[-1]) else parts[0] for parts in zip(*columns, strict=True)]
        self.keys, self.articles, self.days, self.outlets = joined
        self._living = None
        if len(self) != self._catalog.passage_count():
            self._living = np.isin(self.keys, np.fromiter(self._catalog.all_passage_keys(), dtype=np.int64))

    def _scores(self, query: str) -> Scores:
        terms = query_words(query)
        sealed = self._sealed.scores(dict.fromkeys(map(index_stem, terms))) if self._sealed is not None else None
        if sealed is not None and len(sealed) == len(self):
            return sealed
        scores = np.zeros(len(self), dtype=np.float32)
        if sealed is not None:
            scores[: len(sealed)] = sealed
        found = self._catalog.weigh(_by_stems(query_terms(query)), after=self._last_sealed())
        keys = np.fromiter((key for key, _ in found), dtype=np.int64, count=len(found))
        rows, known = self.rows_of(keys)
        scores[rows] = np.fromiter((score for _, score in found), dtype=np.float32, count=len(found))[known]
        return scores

    def holding(self, stems: Iterable[str]) -> dict[str, int] | None:
        """Return in how many passages of the sealed index each stem stands; None without one."""
        sealed = self._sealed
        if sealed is None:
            return None
        with suppress(IndexError):  # As in ``scores``.
            return {word: max(sealed.holding(word), sealed.holding(index_stem(word))) for word in stems}
        return None

    def add_phrases(self, query: str, rows: Rows, scores: Scores) -> None:
        """Add to ``scores``, at the distinct ``rows`` only, what the phrases of ``query`` weigh there.

        Phrases are words that stand side by side; they keep names together: on RealTimeQA the lexical MRR@10 rose from
        .770 to .778, the fused one from .787 to .802. Rows that are newer than the sealed index have theirs already.
        """
        if self._sealed is not None:
            rows = rows[rows < len(self._sealed)]
            with suppress(IndexError):  # As in ``scores``; what the words alone weigh stays.
                scores[rows] += self._sealed.phrase_scores(phrases(query), rows)

    def mask(self, where: SearchFilter) -> Mask | None:
        """Return which rows satisfy ``where`` and were not removed, shape (n,), or None where all do."""
        if where.is_empty:
            return self._living
        kept = np.ones(len(self), dtype=bool) if self._living is None else self._living.copy()
        if where.since is not None:
            kept &= self.days >= where.since.toordinal()
        if where.until is not None:
            kept &= (self.days <= where.until.toordinal()) & (self.days > 0)
        if where.outlets:
            kept &= np.isin(self.outlets, [outlet_hash(outlet.casefold()) for outlet in where.outlets])
        if where.about:
            kept &= np.isin(self.articles, list(self._catalog.roster.articles_about(where.about)))
        return kept

    def rows_of(self, keys: npt.NDArray[np.int64]) -> tuple[Rows, Mask]:
        """Return the rows of those ``keys`` that have one, and which have."""
        return rows_of(self.keys, keys)

    def _last_sealed(self) -> int:
        return int(self._sealed.keys[-1]) if self._sealed is not None and len(self._sealed) else 0


def phrases(query: str) -> list[tuple[str, str]]:
    """Return the pairs of meaningful words that stand side by side in ``query``, stemmed."""
    pairs = (
        (index_stem(one), index_stem(two))
        for one, two in pairwise(words(query))
        if one not in STOP_WORDS and two not in STOP_WORDS
    )
    return list(dict.fromkeys(pairs))


def _by_stems(terms: Iterable[str]) -> list[str]:
    """Return of the terms that the full text cannot tell apart one: it would count each."""
    return list({tuple(map(index_stem, term.split())): term for term in terms}.values())


def seal_if_due(catalog: Catalog, folder: Path, progress: Progress | None = None) -> tuple[str, ...]:
    """Seal the words anew where too many passages are newer or gone; return a notice where that failed."""
    try:
        if is_due(catalog, folder):
            publish_word_index(catalog, folder, progress)
    except ArchiveError as exc:
        return (f"{exc}; {exc.hint}",)
    return ()


def publish_word_index(catalog: Catalog, folder: Path, progress: Progress | None = None) -> None:
    """Seal the words of all passages anew, whole or not at all; raise ArchiveError where that fails."""
    try:
        _publish(catalog, folder, progress)
    except OSError as exc:
        raise ArchiveError(
            f"cannot write the index of words in {str(folder)!r}: {exc.strerror or exc}",
            hint="searching is slower without it; `dateline rebuild` tries again",
        ) from exc


def _publish(catalog: Catalog, folder: Path, progress: Progress | None) -> None:
    passages = catalog.passage_count()
    if progress:
        progress("words", 0, passages)
    if _open(catalog, current_folder(folder)) is None:
        drop_folders(folder)  # Of another state of the archive: the next number must not make it look like this one's.
    number = int(catalog.setting("words") or 0) + 1
    with catalog.transaction():
        catalog.set_setting("words", str(number))

    def build(aside: Path) -> None:
        last = catalog.last_passage_key()
        build_word_index(catalog.passages_to_index(), aside)
        describe(aside, catalog, last=last)

    publish_folder(folder, number, build)
    if progress:
        progress("words", passages, passages)


def is_due(catalog: Catalog, folder: Path, *, fresh_rows: int = FRESH_ROWS) -> bool:
    """Return whether so much was added or removed that the words should be sealed anew, or what was is unsound."""
    count = catalog.passage_count()
    published = current_folder(folder)
    sealed = _open(catalog, published)
    if sealed is None:
        was_sealed = published is not None or catalog.setting("words") is not None
        return count > (0 if was_sealed else fresh_rows)
    if not len(sealed):
        return count > fresh_rows
    newer = catalog.passage_count(after=int(sealed.keys[-1]))
    gone = len(sealed) - (count - newer)
    # How rare a word is was counted when it was sealed: of a few passages, that says little about many more.
    return newer > len(sealed) or newer + gone > max(fresh_rows, FRESH_SHARE * len(sealed))


def _open(catalog: Catalog, folder: Path | None) -> WordIndex | None:
    """Return a sealed index, None where there is none or it is damaged or not of this archive's present state."""
    if folder is None:
        return None
    try:
        return open_word_index(folder) if facts_of(folder).flaw(catalog) is None else None
    except (OSError, ValueError):  # Damaged, or deleted by who published the next one.
        return None
