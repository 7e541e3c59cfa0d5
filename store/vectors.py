"""Exact search: the vectors of a generation as a memory map, and those written since as a small array."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

# Two BLAS threads on busy cores lose more by waiting than they gain; read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from store.index import KEYS_FILE, VECTORS_FILE

if TYPE_CHECKING:
    import numpy.typing as npt

    from store.embedding import Vectors

    Keys = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class VectorTable:
    """Passage keys, ascending, shape (n,), and their vectors of norm 1, shape (n, dimension)."""

    keys: Keys
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.keys)

    def nearest(self, query: Vectors, k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage key, cosine) of all passages, or of those ``among``, best first, ties by key."""
        if among is None:
            rows, scores = None, self.vectors @ query
        else:
            rows = self._rows(among)
            scores = self.vectors[rows] @ query
        best = _largest(scores, k)
        keys = self.keys[best] if rows is None else self.keys[rows[best]]
        ranked = sorted(zip(keys.tolist(), scores[best].tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return [(int(key), float(score)) for key, score in ranked]

    def _rows(self, keys: Sequence[int]) -> Keys:
        wanted = np.asarray(keys, dtype=np.int64)
        places = np.searchsorted(self.keys, wanted)
        inside = places < len(self.keys)
        places, wanted = places[inside], wanted[inside]
        rows: Keys = places[self.keys[places] == wanted]
        return rows


def open_table(folder: Path, dimension: int) -> VectorTable:
    """Map the table of a generation; nothing is read before it is used. Raises OSError or ValueError if damaged."""
    keys = np.fromfile(folder / KEYS_FILE, dtype="<i8")
    if not len(keys):
        return VectorTable(keys, np.empty((0, dimension), dtype=np.float32))
    vectors = np.memmap(folder / VECTORS_FILE, dtype="<f4", mode="r", shape=(len(keys), dimension))
    return VectorTable(keys, vectors)


def table_of(rows: Iterable[tuple[int, bytes]], dimension: int) -> VectorTable:
    """Return the table of (passage key, little-endian float32 vector) rows in any order."""
    ordered = sorted(rows)
    keys = np.array([key for key, _ in ordered], dtype=np.int64)
    joined = b"".join(vector for _, vector in ordered)
    return VectorTable(keys, np.frombuffer(joined, dtype="<f4").reshape(len(ordered), dimension))


def to_bytes(vectors: Vectors) -> list[bytes]:
    """Return each row as little-endian float32."""
    return [row.astype("<f4").tobytes() for row in vectors]


def _largest(scores: Vectors, k: int) -> Keys:
    if len(scores) <= k:
        return np.arange(len(scores))
    return np.argpartition(-scores, k)[:k]
