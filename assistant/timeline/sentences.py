"""Articles → their sentences, each with the days that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.sentences import without_dateline
from assistant.timeline.events import Days, Report
from store.dates import TimeExpression, find_times
from store.splitting import Span, split_sentences
from store.words import content_words

# A range of more days is no event but a time: 'between May and August'.
LONGEST_RANGE = timedelta(31)

# What is asked for and named here, or in the headline, is what an article speaks of to its end,
OPENING_SENTENCES = 2
# if it goes on to speak of it: a roundup names in its headline what three of its sentences are about. Of an article on
# the topic so many sentences, the first few not counted, hold with those beside them so much of what is asked for.
# Chosen by eye on RealTimeQA.
SPOKEN_OF = 0.25
NAMED = 0.3
FEW = 6
# A sentence is relevant from this share of the words asked for on. An article of which so much is relevant is so as a
# whole. Less than the least is not read for its days at all, which is most of what takes time. Chosen by eye.
RELEVANT = 0.5
FOCUSED = 1 / 3
LEAST = 0.2

_DAY = r"\d{4}-\d\d-\d\d"
_EXACT = re.compile(rf"{_DAY}(?:T.*)?(?:/{_DAY}(?:T.*)?)?")
_ROUGH = re.compile(r"\d{4}(?:-\d\d|-W\d\d(?:-WE)?)?")
# What every time expression with a day, a month or a year in it holds: to look for that takes a tenth of reading them.
_MAY_NAME_DAYS = re.compile(
    r"\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)"
    r"|day|week|month|year|morning|noon|evening|night|morrow",
    re.IGNORECASE,
)
_RECURRENT = re.compile(r"\b(?:every|each) $", re.IGNORECASE)
_AHEAD = re.compile(
    r"\b(?:will|won['’]t|would|shall|plan\w*|expect\w*|schedul\w*|postpon\w*|due|next|coming|upcoming|tomorrow|ahead"
    r"|(?:is|are|was|were|set|slated) (?:to|for)|begins?|starts?|ends?|opens?|takes place|meets?)\b|['’]ll\b",
    re.IGNORECASE,
)
# 'The September issue' comes out in August, and 'in September' of an August may be that of any year.
_ISSUE = re.compile(r"\s+(?:issue|edition|cover)\b")
LONG_AGO = timedelta(183)
_TOLD_FROM_TODAY = re.compile(r"\b(?:last|past|this|next|same|previous|ago)\b", re.IGNORECASE)
# '•', '—', a picture before the first word.
_BULLET = re.compile(r"[^\w\s\"'“‘«(\[$€£#@…]+\s+")
_WEEKDAY = re.compile(r"(?:\w+ )?(?:mon|tues|wednes|thurs|fri|satur|sun)day(?: \w+)?", re.IGNORECASE)
_FORECAST = re.compile(r"\b(?:forecast\w*|expected|possible|could|may|likely) ", re.IGNORECASE)
_YEAR = re.compile(r"\b\d{4}\b")
_HEDGE = re.compile(
    r"\b(?:about|around|circa|roughly|approximately|some time|sometime)(?: the| on| in)? ?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a report, ``body[start:end] == text``, without the dateline before it.

    ``report`` is the place of its report among those read, ``ordinal`` its own in the body, from 0. ``published`` is
    the day of the report; ``days`` are those that the sentence names, each once. ``relevance``, from 0 to 1, says how
    far the sentence, where it stands, is about what was asked for.
    """

    report: int
    ordinal: int
    start: int
    end: int
    text: str
    stems: tuple[str, ...]
    published: date
    days: tuple[Days, ...]
    relevance: float


def read_sentences(reports: Sequence[Report], weights: Mapping[str, float]) -> list[Sentence]:
    """Return the sentences of the reports that may be relevant, in order.

    A report without a day has none: nothing tells what 'Monday' is. ``weights`` says how telling each stem of what is
    asked for is; where it is empty, everything is relevant.
    """
    return [sentence for number, report in enumerate(reports) for sentence in _read(number, report, weights)]


def _read(number: int, report: Report, weights: Mapping[str, float]) -> Iterator[Sentence]:
    published, body = report.published, report.article.body
    if published is None:
        return
    # What stands in a dateline is when the report was written: the day that is known already.
    spans = [_without_bullet(body, without_dateline(body, span)) for span in split_sentences(body)]
    stems = [content_words(body[start:end]) for start, end in spans]
    relevances = _relevances(content_words(report.article.ref.headline), stems, weights)
    for ordinal, (start, end) in enumerate(spans):
        if relevances[ordinal] < LEAST:
            continue
        text = body[start:end]
        days = tuple(dict.fromkeys(_days_of(text, published)))
        yield Sentence(number, ordinal, start, end, text, stems[ordinal], published, days, relevances[ordinal])


def _relevances(
    headline: Sequence[str], sentences: Sequence[Sequence[str]], weights: Mapping[str, float]
) -> list[float]:
    """Return the share of ``weights`` in each sentence and those beside it.

    An article that goes on speaking of what its headline and opening name is held to name it in each sentence. Where
    much of the article is relevant by that, all of it is.
    """
    total = sum(weights.values())
    if not total:
        return [1.0] * len(sentences)
    asked = [weights.keys() & set(stems) for stems in sentences]

    def share(stems: set[str]) -> float:
        return sum(weights[stem] for stem in stems) / total

    near = [set[str]().union(*asked[max(0, i - 1) : i + 2]) for i in range(len(asked))]
    if sum(share(one) >= NAMED for one in near) < SPOKEN_OF * (len(near) - FEW):
        return [share(one) for one in near]
    opening = (weights.keys() & set(headline)).union(*asked[:OPENING_SENTENCES])
    shares = [share(opening | one) for one in near]
    focus = sum(one >= RELEVANT for one in shares) / max(1, len(shares))
    return [max(one, min(1.0, focus / FOCUSED)) for one in shares]


def _without_bullet(body: str, span: Span) -> Span:
    bullet = _BULLET.match(body, *span)
    return (bullet.end(), span[1]) if bullet else span


def _days_of(text: str, published: date) -> Iterator[Days]:
    if not _MAY_NAME_DAYS.search(text):
        return
    for time in find_times(text, published):
        days = _read_days(time, is_hedged=_HEDGE.search(text, 0, time.start) is not None)
        if days is None or _is_stamp(time, published) or _RECURRENT.search(text, 0, time.start):
            continue
        if _is_unclear(time, text, published) if days.is_approximate else _is_foretold(time, text, published):
            continue
        # A weekday read as one to come, in a sentence that does not look ahead, is one that was read wrongly.
        if days.since <= published or time.kind == "absolute" or _AHEAD.search(text):
            yield days


def _is_stamp(time: TimeExpression, published: date) -> bool:
    """Whether the day of publication stands there with its year, as a page says of itself: 'Updated 3 May 2011'.

    Of the day on which they write, reporters say 'today', 'Tuesday', or '3 May' at most.
    """
    return time.since == time.until == published and _YEAR.search(time.text) is not None


def _is_foretold(time: TimeExpression, text: str, published: date) -> bool:
    """Whether a weekday before a report is one for which something was foretold: it may be that of the week after."""
    is_past = time.since is not None and time.since < published
    return is_past and _WEEKDAY.fullmatch(time.text) is not None and _FORECAST.search(text, 0, time.start) is not None


def _is_unclear(time: TimeExpression, text: str, published: date) -> bool:
    """Whether a month without its year may be another than the last one of that name."""
    is_bare = _YEAR.search(time.text) is None and _TOLD_FROM_TODAY.search(time.text) is None
    is_old = time.until is not None and published - time.until > LONG_AGO
    return (is_bare and is_old) or _ISSUE.match(text, time.end) is not None


def _read_days(time: TimeExpression, *, is_hedged: bool) -> Days | None:
    """Return the days that a time expression names; None for lengths of time, 'recently', and what is open or long."""
    if time.since is None or time.until is None or time.kind == "vague":
        return None
    if _EXACT.fullmatch(time.value):
        is_short = time.until - time.since <= LONGEST_RANGE
        return Days(time.since, time.until, is_hedged) if is_short else None
    return Days(time.since, time.until, is_approximate=True) if _ROUGH.fullmatch(time.value) else None
