"""What many of the likely sentences say and the question does not: the likeliest answers, by how often they come.

Redundancy as evidence: Clarke, Cormack & Lynam, SIGIR 2001; Brill, Dumais & Banko, EMNLP 2002.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

PassageCounts = Callable[[Iterable[str]], Mapping[str, int]]

# One article that says a word in every sentence is one voice.
MOST_OF_ARTICLE = 1.5

# A sentence is worth what its best so many words are.
BEST_TERMS = 3

# How rare a word is is looked up for so many that come most often; the others win nothing.
MOST_TERMS = 50

# The inverse passage frequency that weighs 1: that of a word in one of 3,000 passages. Numbers weigh half of it.
RARE = 8.0
UNCOUNTED = 0.5


@dataclass(frozen=True, slots=True)
class Voice:
    """A sentence: its ``article``, how likely it answers (any scale, e.g. a softmax), and its terms."""

    article: str
    likely: float
    terms: Collection[str]


def agreement(
    voices: Sequence[Voice], said: Collection[str], *, counts: PassageCounts | None, passages: int
) -> list[float]:
    """Return for each sentence how much of what it adds is said by likely ones: about 1 for a rare name in one.

    A term's weight is the likelihood of the sentences that hold it, each article's capped, times its inverse passage
    frequency (``counts`` of ``passages``; without counts every term is as rare). Terms in ``said`` count nothing.
    """
    weights = _weights(voices, frozenset(said), counts, passages)
    return [_best([weights.get(term, 0.0) for term in voice.terms]) for voice in voices]


def _weights(
    voices: Sequence[Voice], said: frozenset[str], counts: PassageCounts | None, passages: int
) -> dict[str, float]:
    heard: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for voice in voices:
        for term in set(voice.terms) - said:
            heard[term][voice.article] += voice.likely
    # Summed in a fixed order, and ties by the term: the same hits must give the same answer on every run.
    loud = {term: sum(min(value, MOST_OF_ARTICLE) for value in heard[term].values()) for term in sorted(heard)}
    if counts is None:
        return {term: UNCOUNTED * value for term, value in loud.items()}
    kept = sorted(loud, key=lambda term: -loud[term])[:MOST_TERMS]
    found = counts(kept)
    return {term: loud[term] * math.log(1 + passages / (found[term] + 0.5)) / RARE for term in kept}


def _best(weights: list[float]) -> float:
    return sum(sorted(weights, reverse=True)[:BEST_TERMS]) / BEST_TERMS
