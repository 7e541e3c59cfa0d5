"""Measures of rankings, answers and times, as the literature defines them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = re.compile(r"[^\w\s]|_")


def first_rank(ranking: Iterable[str], relevant: Collection[str]) -> int | None:
    """Return the rank, from 1, of the first relevant one, or None where there is none."""
    return next((rank for rank, one in enumerate(ranking, 1) if one in relevant), None)


def hit_at(k: int, ranks: Sequence[int | None]) -> float:
    """Return the share of queries with a relevant one among the first ``k``."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def mean_reciprocal_rank(k: int, ranks: Sequence[int | None]) -> float:
    """Return the mean of 1/rank, where a rank beyond ``k`` counts 0."""
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks)


def percentile(share: float, values: Iterable[float]) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def normalise(text: str) -> str:
    """Return ``text`` as SQuAD compares it: lower case, no punctuation, no articles, single blanks.

    Punctuation becomes a blank here, so that the answer 'Biden' is found in 'Biden's' and in 'Biden—who'.
    """
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub(" ", text.lower())).split())


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Return whether a normalised answer occurs in the normalised text, whole words only."""
    within = f" {normalise(text)} "
    return any(f" {wanted} " in within for answer in answers if (wanted := normalise(answer)))


def abstention(answerable: Sequence[float], unanswerable: Sequence[float], threshold: float) -> tuple[float, float]:
    """Return the recall of abstaining on unanswerable questions, and the share of false abstentions on the others.

    Given are confidences; below ``threshold`` there is no answer.
    """
    recall = sum(one < threshold for one in unanswerable) / len(unanswerable)
    return recall, sum(one < threshold for one in answerable) / len(answerable)


def strictest_threshold(answerable: Sequence[float], *, at_most: float) -> float:
    """Return the highest threshold with at most that share of false abstentions."""
    thresholds = [one for one in answerable if abstention(answerable, answerable, one)[1] <= at_most]
    return max(thresholds)
