"""The arithmetic of retrieval: how words, vectors, time and outlets together order articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from store.records import Preference, Why

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]

# What closeness in time is worth at most, in the standard deviations of ``standardised``, and after how many days only
# 1/e of it is left. RealTimeQA with the day of each question, 246 answer-bearing questions, hit@1 / hit@10 / MRR@10:
# 4 and 14 days .829/.980/.882, 6 and 20 .833/.988/.885, 7 and 20 .837/.988/.888, 8 and 20 .837/.984/.888, 10 and 20
# .846/.984/.893; gold-linked hit@1 .738, .738, .738, .728, .738. A listwise fit of all weights (five folds) chose the
# same proportions.
NEARNESS, NEAR_DAYS = 7.0, 20.0

# How much more the best article may be worth without time: up to the first lead an article gains all that its day is
# worth, from the second on nothing. RealTimeQA answer-bearing hit@1 / hit@10, and hit@1 / hit@10 of 30 questions about
# old events: gained by all .841/.988 and .500/.933; 1 and 3 .841/.984 and .733/1.000; 1.5 and 3.5 .841/.984 and
# .733/1.000, with more of the gold-linked; 2 and 5 .841/.988 and .700/1.000; 3 and 8 .841/.980 and .667/1.000.
PRESENT_LEAD, PAST_LEAD = 1.5, 3.5

# A report may be dated a day or two ahead of the question: time zones, and papers of the next morning.
AHEAD_DAYS = 2

# Where candidates are looked for apart from all others, when closeness in time counts.
NEAR_POOL_DAYS = 30

# What a preferred window or outlet is worth. Not tuned: about what separates the first hit from the tenth.
PREFERRED = 4.0

# How much the newest of what fits gains when the newest is asked for, and after how many days only 1/e of it is left:
# an event's reports lie days apart, not weeks. Chosen, not measured.
NEWEST, NEWEST_DAYS = 7.0, 7.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage in the order of hits, by key, with its article's key, the score that put it there, and what for.

    ``is_preferred``: it is from an outlet that is preferred.
    """

    key: int
    article: int
    score: float
    why: Why
    query: str
    is_preferred: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Scores in standard deviations from the mean of articles' best, z, never below ``floor``."""

    mean: float
    deviation: float
    floor: float

    def standardised(self, scores: Numbers) -> Numbers:
        """Return z of each score; a score that is NaN is missing and gets the lowest there is."""
        z = (scores - self.mean) / self.deviation
        return np.maximum(np.where(np.isnan(z), self.floor, z), self.floor)


def scale_of(scores: Numbers, articles: Numbers) -> Scale | None:
    """Return the scale of a ranking: scores of passages and the article of each, both shape (n,); None if empty."""
    if not len(scores):
        return None
    best = best_by_article(scores, articles)
    mean = float(np.mean(list(best.values())))
    # Among the passages of a single article only their own scores differ.
    deviation = float(np.std(list(best.values()))) or float(np.std(scores)) or 1.0
    return Scale(mean, deviation, (float(scores.min()) - mean) / deviation)


def best_by_article(scores: Numbers, articles: Numbers) -> dict[int, float]:
    """Return the highest score of each article's passages."""
    best: dict[int, float] = {}
    for article, score in zip(articles.tolist(), scores.tolist(), strict=True):
        best[article] = max(score, best.get(article, score))
    return best


def fuse(rankings: list[tuple[Scale | None, Numbers]], articles: Numbers) -> tuple[Numbers, Mapping[int, float]]:
    """Return what rankings together say of passages, shape (n,), and of their articles.

    ``rankings`` hold each a scale and the scores of the same passages. An article has the sum of its best z in each:
    CombSUM (Fox & Shaw, TREC-2, 1994) with zero-mean unit-variance normalisation (Montague & Aslam, CIKM 2001).
    RealTimeQA, 246 questions, hit@10 / MRR@10: .967/.802; reciprocal rank fusion of articles (k = 60) .951/.785, of
    passages .947/.748.
    """
    own = np.zeros(len(articles))
    sums: dict[int, float] = dict.fromkeys(articles.tolist(), 0.0)
    for scale, scores in rankings:
        if scale is None:
            continue
        z = scale.standardised(scores)
        own += z
        for article, best in best_by_article(z, articles).items():
            sums[article] += best
    return own, sums


def nearness(days: Numbers, near: date) -> Numbers:
    """Return what closeness to ``near`` adds: NEARNESS · exp(-|days apart| / NEAR_DAYS), nothing for what lies ahead.

    ``days`` are proleptic ordinals, 0 where unknown. The exponential prior is that of Li & Croft, CIKM 2003.
    """
    apart = near.toordinal() - days
    worth = NEARNESS * np.exp(-np.abs(apart) / NEAR_DAYS)
    return np.where((apart < -AHEAD_DAYS) | (days == 0), 0.0, worth)


def presence(sums: Numbers) -> Numbers:
    """Return in [0, 1] how far each article may gain by being recent, by what it is worth without time, shape (n,).

    The best without time and what comes near it may wholly; what is worth much less may not, so that an old event that
    is told by one article alone is not buried under last week's.
    """
    lead = sums.max() - sums
    share: Numbers = np.clip((PAST_LEAD - lead) / (PAST_LEAD - PRESENT_LEAD), 0.0, 1.0)
    return share


def in_pool(days: Numbers, near: date) -> Numbers:
    """Return which days are so close to ``near`` that candidates are looked for among them apart from all others."""
    apart = near.toordinal() - days
    inside: Numbers = (apart >= -AHEAD_DAYS) & (apart <= NEAR_POOL_DAYS)
    return inside


def preferred(sums: Numbers, days: Numbers, in_outlets: Numbers | None, preference: Preference) -> Numbers:
    """Return what ``preference`` adds to articles, worth ``sums`` without it and published on ``days``.

    ``in_outlets`` says which are from a preferred outlet.
    """
    added = np.zeros(len(days))
    if preference.near is not None and len(days):
        gained = nearness(days, preference.near)
        added += gained if preference.present else gained * presence(sums)
    if preference.since is not None or preference.until is not None:
        added += PREFERRED * in_window(days, preference)
    if in_outlets is not None:
        added += PREFERRED * in_outlets
    return added


def in_window(days: Numbers, preference: Preference) -> Numbers:
    """Return which days lie in the preferred window."""
    inside = days > 0
    if preference.since is not None:
        inside &= days >= preference.since.toordinal()
    if preference.until is not None:
        inside &= days <= preference.until.toordinal()
    return inside


def newest(sums: Numbers, days: Numbers) -> Numbers:
    """Return what newness adds to articles worth ``sums`` and published on ``days``, counted back from the newest.

    The newest is that of the articles that are worth about as much as the best; what is worth less gains less of it.
    """
    share = presence(sums) if len(sums) else np.zeros(0)
    last = int(days.max(where=share > 0, initial=0))
    return np.where(days > 0, share * NEWEST * np.exp(-np.maximum(last - days, 0) / NEWEST_DAYS), 0.0)
