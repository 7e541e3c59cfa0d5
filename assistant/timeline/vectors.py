"""Sentences as sparse vectors of their words, to compare them by: plain dictionaries, no library to load."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

# A word's weight by its stem; all vectors here have norm 1, or are empty.
Vector = dict[str, float]


class Weights:
    """How telling each word is among the sentences of a topic: a common one little, but never nothing."""

    def __init__(self, texts: Sequence[Iterable[str]]) -> None:
        self._counts = Counter(stem for stems in texts for stem in set(stems))
        self._texts = len(texts)

    def vector(self, stems: Iterable[str]) -> Vector:
        """Return tf-idf with logarithmic frequencies."""
        counts = Counter(stems)
        return normalised({stem: (1 + math.log(count)) * self._idf(stem) for stem, count in counts.items()})

    def _idf(self, stem: str) -> float:
        return math.log((1 + self._texts) / (1 + self._counts[stem])) + 1


def normalised(vector: Vector) -> Vector:
    norm = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {stem: weight / norm for stem, weight in vector.items()} if norm else {}


def centroid(vectors: Iterable[Vector]) -> Vector:
    """Return the direction of the sum."""
    total: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        for stem, weight in vector.items():
            total[stem] += weight
    return normalised(total)


def cosine(one: Vector, other: Vector) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other.get(stem, 0.0) for stem, weight in one.items())
