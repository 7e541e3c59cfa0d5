"""How much the days that articles name matter to a topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from assistant.timeline.events import Days, Report
from assistant.timeline.sentences import RELEVANT, Sentence

# What an article that names a day is worth to it: the more when it looks back from further away, for days that are
# referred to later were important; less when it only looks ahead. A day in its lede is worth one more. Set by hand and
# left so: on Timeline17 neither ridge nor logistic regression over up to twelve counts, nor a search of the weights of
# all of them, learnt on three topics and measured on the fourth, found better days.
LOOKS_AHEAD = 0.25
REPORTS = 1.0
LOOKS_BACK = 2.0
LOOKS_BACK_FROM = timedelta(2)
IN_LEDE = 1.0
LEDE_SENTENCES = 5

# What an article's publication is worth to its day: it decides where no sentence says when. With 1, days of much
# coverage push out those on which something happened.
PUBLISHED = 0.25

# 'Last week' and 'in March' are worth so much of a day, for less is known; a whole year is mostly background. By eye.
APPROXIMATE = 0.5
YEAR = 0.1
LONG = timedelta(62)

# Articles of one outlet count together as their sum to this power: two outlets say more than one that says it twice.
# Timeline17, articles of all outlets pooled: no difference to 1, nor to .6.
REPEATED = 0.8


def weigh_days(reports: Sequence[Report], sentences: Sequence[Sentence]) -> dict[Days, float]:
    """Return what each of the days, spans and days of publication is worth, above 0, on no scale of its own.

    A span is left out where a day within it is worth about as much: it is that day's event, told less exactly.
    """
    voices: defaultdict[Days, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    mentions: defaultdict[tuple[int, Days], list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        for days in sentence.days:
            mentions[sentence.report, days].append(sentence)
    for (number, days), found in mentions.items():
        voices[days][_outlet(reports[number])] += _mention_worth(found, days)
    for report in reports:
        if report.published is not None:
            voices[Days(report.published, report.published)][_outlet(report)] += PUBLISHED
    worth = {days: sum(value**REPEATED for value in by_outlet.values()) for days, by_outlet in voices.items()}
    exact = {days.since: value for days, value in worth.items() if days.is_exact_day}
    return {
        days: value
        for days, value in worth.items()
        if days.is_exact_day or not any(days.since <= day <= days.until and exact[day] > value / 2 for day in exact)
    }


def _outlet(report: Report) -> str:
    """Return who speaks: an article of no known outlet speaks for itself."""
    return (report.article.ref.outlet or report.article.ref.id).casefold()


def _mention_worth(mentions: Sequence[Sentence], days: Days) -> float:
    """Return what an article is worth to days, given those of its sentences that name them, in order."""
    first, relevance = mentions[0], max(sentence.relevance for sentence in mentions)
    if first.published < days.since:
        worth = LOOKS_AHEAD
    else:
        worth = LOOKS_BACK if first.published - days.until >= LOOKS_BACK_FROM else REPORTS
    worth += IN_LEDE if first.ordinal < LEDE_SENTENCES else 0
    if days.is_approximate:
        worth *= YEAR if days.until - days.since > LONG else APPROXIMATE
    return worth * min(1.0, relevance / RELEVANT)
