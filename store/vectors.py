"""Exact search: the vectors of a generation as a memory map, and those written since, in memory or from SQLite."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

# Two BLAS threads on busy cores lose more by waiting than they gain; read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from store.index import KEYS_FILE, VECTORS_FILE

if TYPE_CHECKING:
    import numpy.typing as npt

    from store.embedding import Vectors

    Keys = npt.NDArray[np.int64]
    # Approximate search: up to so many keys and cosines of the first table's passages, None where it cannot be had.
    Ask = Callable[[Vectors, int], tuple[Keys, Vectors] | None]


# Up to this share of a table its rows are gathered, above it the table is compared as a whole: of 100,000 rows a fifth
# takes 4.5 ms, the whole 13; they meet at three fifths.
GATHERED = 0.5
_BLOCK = 256

# Approximate search knows removed passages as well: so many more are asked for. Where more of the best are gone, exact
# search answers.
_SPARE = 50

_STORED_BLOCK = 4_096


class Table(Protocol):
    """Vectors of norm 1 by ascending passage keys, shape (n,)."""

    @property
    def keys(self) -> Keys: ...

    def __len__(self) -> int: ...

    def similarities(self, query: Vectors) -> Vectors:
        """Return the cosine of every row to ``query``, shape (n,)."""

    def similarities_at(self, rows: Keys, query: Vectors) -> Vectors | None:
        """Return the cosines of some rows, None where comparing all costs no more."""


# A cosine of rounded vectors may exceed 1 by so much.
_LARGEST_COSINE = 1.001


@dataclass(frozen=True, slots=True)
class VectorTable:
    """Passage keys, ascending, shape (n,), and their vectors of norm 1, shape (n, dimension)."""

    keys: Keys
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.keys)

    def similarities(self, query: Vectors) -> Vectors:
        with np.errstate(invalid="ignore", over="ignore"):
            scores: Vectors = np.asarray(self.vectors @ query)
        return _as_cosines(scores)

    def similarities_at(self, rows: Keys, query: Vectors) -> Vectors | None:
        return _gathered(self.vectors, rows, query) if len(rows) <= GATHERED * len(self) else None


class StoredTable:
    """Vectors that stay where they are stored: there are too many to hold, and no generation has them.

    ``read`` yields (passage key, little-endian float32 vector) rows in any order, each time it is called.
    """

    def __init__(self, keys: Keys, dimension: int, read: Callable[[], Iterator[tuple[int, bytes]]]) -> None:
        self.keys = keys
        self._dimension = dimension
        self._read = read

    def __len__(self) -> int:
        return len(self.keys)

    def similarities(self, query: Vectors) -> Vectors:
        scores = np.full(len(self), -1, dtype=np.float32)  # What was removed meanwhile is like nothing.
        rows = self._read()
        while block := list(islice(rows, _STORED_BLOCK)):
            part = table_of(block, self._dimension)
            places, known = rows_of(self.keys, part.keys)
            scores[places] = part.similarities(query)[known]
        return scores

    def similarities_at(self, rows: Keys, query: Vectors) -> Vectors | None:  # noqa: ARG002 - as of any table
        return None


def rows_of(held: Keys, keys: Keys) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """Return where those ``keys`` stand that ``held``, which ascends, holds, and which of them it does."""
    places = np.searchsorted(held, keys)
    known = places < len(held)
    known[known] = held[places[known]] == keys[known]
    return places[known], known


class Comparison:
    """A question's vector against the passages of several tables; what is computed once is kept.

    ``living`` are the keys of all passages, ascending, where the tables hold some that were removed. ``ask`` answers
    for all passages of the first table.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        query: Vectors,
        ask: Ask | None = None,
        *,
        living: Keys | None = None,
    ) -> None:
        self._living = living
        self._tables = [table for table in tables if len(table)]
        self._query = query
        self._ask = ask
        self._every: dict[int, Vectors] = {}

    def nearest(self, k: int, among: Keys | None = None) -> Keys:
        """Return the keys of the ``k`` passages of all, or of those ``among``, that are most like the question."""
        found = [self._nearest(number, k, among) for number in range(len(self._tables))]
        keys = np.concatenate([keys for keys, _ in found]) if found else np.zeros(0, dtype=np.int64)
        scores = np.concatenate([scores for _, scores in found]) if found else np.zeros(0, dtype=np.float32)
        nearest: Keys = keys[np.lexsort((keys, -scores))[:k]]
        return nearest

    def similarities(self, keys: Keys) -> Vectors:
        """Return the cosine of each of ``keys``, NaN where a passage has no vector."""
        found = np.full(len(keys), np.nan, dtype=np.float32)
        for number, table in enumerate(self._tables):
            rows, known = rows_of(table.keys, keys)
            found[known] = self._scores(number, rows)
        return found

    def _nearest(self, number: int, k: int, among: Keys | None) -> tuple[Keys, Vectors]:
        table = self._tables[number]
        if among is None and number == 0 and (asked := self._approximate(k)) is not None:
            return asked
        among = self._living if among is None else among
        if among is None:
            scores = self._all_scores(number)
            best = _largest(scores, k)
            return table.keys[best], scores[best]
        rows = rows_of(table.keys, among)[0]
        scores = self._scores(number, rows)
        best = _largest(scores, k)
        return table.keys[rows[best]], scores[best]

    def _approximate(self, k: int) -> tuple[Keys, Vectors] | None:
        """Return the nearest of the first table as approximate search finds them, None where it cannot tell."""
        if self._ask is None:
            return None
        if self._living is None:
            return self._ask(self._query, k)
        asked = self._ask(self._query, k + _SPARE)
        if asked is None:
            return None
        alive = rows_of(self._living, asked[0])[1]
        keys, scores = asked[0][alive][:k], asked[1][alive][:k]
        return (keys, scores) if len(keys) == k else None

    def _scores(self, number: int, rows: Keys) -> Vectors:
        if number not in self._every:
            some = self._tables[number].similarities_at(rows, self._query)
            if some is not None:
                return some
        scores: Vectors = self._all_scores(number)[rows]
        return scores

    def _all_scores(self, number: int) -> Vectors:
        if number not in self._every:
            self._every[number] = self._tables[number].similarities(self._query)
        return self._every[number]


def _gathered(vectors: Vectors, rows: Keys, query: Vectors) -> Vectors:
    """Return the products of some rows, copied a few at a time into a buffer that stays in the processor's cache."""
    scores = np.empty(len(rows), dtype=np.float32)
    buffer = np.empty((_BLOCK, vectors.shape[1]), dtype=np.float32)
    plain = np.asarray(vectors)  # A memory map makes an object of its own for every block.
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        block = buffer[: len(part)]
        np.take(plain, part, axis=0, out=block, mode="clip")  # In range already; "raise" would copy once more.
        with np.errstate(invalid="ignore", over="ignore"):
            np.dot(block, query, out=scores[start : start + _BLOCK])
    return _as_cosines(scores)


def _as_cosines(scores: Vectors) -> Vectors:
    """Return ``scores``, where what the disk garbled, and is no cosine, is like nothing."""
    np.copyto(scores, -1, where=~(np.abs(scores) <= _LARGEST_COSINE))
    return scores


def open_table(folder: Path, dimension: int) -> VectorTable:
    """Map the table of a generation; nothing is read before it is used. Raises OSError or ValueError if damaged."""
    keys = np.fromfile(folder / KEYS_FILE, dtype="<i8")
    if not len(keys):
        return VectorTable(keys, np.empty((0, dimension), dtype=np.float32))
    vectors = np.memmap(folder / VECTORS_FILE, dtype="<f4", mode="r", shape=(len(keys), dimension))
    return VectorTable(keys, vectors)


def keys_of(keys: Iterable[int]) -> Keys:
    return np.fromiter(keys, dtype=np.int64)


def table_of(rows: Iterable[tuple[int, bytes]], dimension: int) -> VectorTable:
    """Return the table of (passage key, little-endian float32 vector) rows in any order, damaged ones left out."""
    ordered = sorted((key, vector) for key, vector in rows if len(vector) == 4 * dimension)
    keys = np.array([key for key, _ in ordered], dtype=np.int64)
    joined = b"".join(vector for _, vector in ordered)
    return VectorTable(keys, np.frombuffer(joined, dtype="<f4").reshape(len(ordered), dimension))


def joined_table(table: VectorTable, newer: VectorTable) -> VectorTable:
    """Return both tables as one; of a passage that both hold, the newer vector."""
    if not len(newer):
        return table
    keys = np.concatenate([table.keys, newer.keys])
    order = np.argsort(keys, kind="stable")
    last = np.append(np.diff(keys[order]) > 0, True)
    kept = order[last]
    return VectorTable(keys[kept], np.concatenate([table.vectors, newer.vectors])[kept])


def to_bytes(vectors: Vectors) -> list[bytes]:
    """Return each row as little-endian float32."""
    return [row.astype("<f4").tobytes() for row in vectors]


def _largest(scores: Vectors, k: int) -> Keys:
    """Return the places of the ``k`` highest scores, in no order."""
    if len(scores) <= k:
        return np.arange(len(scores))
    # Of every 64th score the 2k/64th highest is below the kth highest of all nearly always; what lies below it need not
    # be partitioned, which takes three times as long as finding it out.
    sample = scores[::64]
    at = 2 * k // 64 + 4
    if len(sample) > 2 * at:
        places = np.flatnonzero(scores >= np.partition(sample, -at)[-at])
        if len(places) > k:
            return places[np.argpartition(-scores[places], k)[:k]]
    return np.argpartition(-scores, k)[:k]
