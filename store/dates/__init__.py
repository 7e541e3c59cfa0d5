"""English time expressions → calendar days, read against a day by a small grammar: no model, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from store.dates.grammar import any_shape, rules
from store.dates.phrases import Kind, Meaning, Phrase
from store.dates.tokens import Token, split_tokens
from store.dates.values import days_of, with_year

__all__ = ["TimeExpression", "find_times"]


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time expression: ``text[start:end]``, by code point.

    ``value`` is TIMEX3's: a day '2014-03-05', a week '2014-W10', its weekend '2014-W10-WE', '2014-03', '2014',
    '2014-Q1', '2014-H1', '2014-SU', a decade '201', a century '20', a length of time 'P3D' or 'PXW', 'PAST_REF',
    'PRESENT_REF', 'FUTURE_REF'; a range is 'value/value'. ``since`` and ``until`` are the days that it covers, both
    included, with the word before it taken in: 'since March' has no end, 'before March' no beginning; None is open or
    unknown.
    """

    start: int
    end: int
    text: str
    value: str
    since: date | None
    until: date | None
    kind: Kind


class _Point(NamedTuple):
    """A meaning and the tokens it was read from, ``last`` not included."""

    first: int
    last: int
    meaning: Meaning


def find_times(text: str, reference: date) -> list[TimeExpression]:
    """Return the time expressions of ``text`` in order, not overlapping; ``reference`` is the day it was written.

    A weekday or a month without a year is the one that the nearest verb speaks of, the last one where none tells.
    """
    tokens = split_tokens(text)
    points = _join(list(_points(tokens, reference)), tokens)
    return [_expression(_modified(point, tokens), tokens, text) for point in points]


def _expression(point: _Point, tokens: Sequence[Token], text: str) -> TimeExpression:
    start, end, meaning = tokens[point.first].start, tokens[point.last - 1].end, point.meaning
    return TimeExpression(start, end, text[start:end], meaning.value, meaning.since, meaning.until, meaning.kind)


def _points(tokens: Sequence[Token], reference: date) -> Iterator[_Point]:
    shape = "".join(token.mark for token in tokens)
    said: list[tuple[int, Meaning]] = []
    position = 0
    while found := any_shape().search(shape, position):
        point = _read(tokens, shape, found.start(), reference, said)
        if point is None:
            position = found.start() + 1
            continue
        said.append((point.first, point.meaning))
        yield point
        position = point.last


def _read(
    tokens: Sequence[Token], shape: str, first: int, reference: date, said: Sequence[tuple[int, Meaning]]
) -> _Point | None:
    for pattern, rule in rules():
        if not (found := pattern.match(shape, first)):
            continue
        try:
            meaning = rule(Phrase(tokens, first, found.end(), reference, said))
        except (ValueError, OverflowError):  # 31 February, and what lies outside the calendar.
            continue
        if meaning is not None:
            return _Point(first, found.end(), meaning)
    return None


def _join(points: Sequence[_Point], tokens: Sequence[Token]) -> list[_Point]:
    """Return the points with those that make a range, as in 'from Monday to 3 May', joined."""
    joined: list[_Point] = []
    for point in points:
        pair = _range(joined[-1], point, tokens) if joined else None
        if pair is None:
            joined.append(point)
        else:
            joined[-1] = pair
    return joined


def _range(first: _Point, second: _Point, tokens: Sequence[Token]) -> _Point | None:
    if second.first - first.last != 1 or not _is_range(first, tokens):
        return None
    begin, end = _in_one_year(first.meaning, second.meaning)
    if begin.since is None or end.until is None or "/" in begin.value + end.value or begin.since > end.until:
        return None
    kind: Kind = "absolute" if begin.kind == end.kind == "absolute" else "relative"
    meaning = Meaning(f"{begin.value}/{end.value}", begin.since, end.until, kind)
    return _Point(first.first, second.last, meaning)


def _is_range(first: _Point, tokens: Sequence[Token]) -> bool:
    """Return whether the token after ``first`` joins it to what follows."""
    joint = tokens[first.last]
    opening = tokens[first.first - 1].word if first.first else ""
    if joint.word == "and":
        return opening == "between"
    return (
        joint.mark == "-" or joint.word in {"through", "thru"} or (joint.mark == "c" and opening in {"from", "between"})
    )


def _in_one_year(first: Meaning, second: Meaning) -> tuple[Meaning, Meaning]:
    """Return both ends of a range, a year said at one end taken over to the other: 'March to May 2021'."""
    if first.loose and second.kind == "absolute" and second.since:
        moved = _of_year(first, second.since.year)
        moved = moved if moved.value <= second.value else _of_year(first, second.since.year - 1)
        return replace(moved, kind="absolute"), second
    if second.loose and first.since:
        moved = _of_year(second, first.since.year)
        moved = moved if moved.value >= first.value else _of_year(second, first.since.year + 1)
        return first, replace(moved, kind=first.kind)
    return first, second


def _of_year(meaning: Meaning, year: int) -> Meaning:
    try:
        value = with_year(meaning.value, year)
        since, until = days_of(value)
    except ValueError:  # 29 February, or a year outside the calendar.
        return meaning
    return replace(meaning, value=value, since=since, until=until)


def _modified(point: _Point, tokens: Sequence[Token]) -> _Point:
    """Return the point with the days that the word before it leaves: 'since', 'before', 'until'…

    'After Friday's vote' speaks of Friday's vote, not of the days after it.
    """
    meaning = point.meaning
    after = tokens[point.last] if point.last < len(tokens) else None
    if meaning.since is None or meaning.until is None or (after and after.mark == "'"):
        return point
    words = [token.word for token in tokens[max(0, point.first - 2) : point.first]]
    try:
        days = _cut(words, after.word if after else "", meaning.since, meaning.until)
    except OverflowError:
        return point
    return point._replace(meaning=replace(meaning, since=days[0], until=days[1]))


def _cut(words: list[str], after: str, since: date, until: date) -> tuple[date | None, date | None]:
    word, two = words[-1] if words else "", " ".join(words)
    if word == "since" or (word == "from" and after in {"on", "onward", "onwards", "forward"}):
        return since, None
    if word == "after":
        return until + timedelta(1), None
    if word == "before" or two in {"prior to", "ahead of"}:
        return None, since - timedelta(1)
    if word in {"until", "till", "by", "through"} or two in {"as of", "up to", "later than"}:
        return None, until
    return since, until
