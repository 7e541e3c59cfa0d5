"""The days of an event in words, and what is to be known of it: no colour, no sign that has to be learnt."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from assistant.timeline.events import Days, Event

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_WEEK, _WEEKEND = timedelta(6), timedelta(1)

# What is said of an event in brackets, and what it means.
_MARKS = {
    "published": "published: the sentence names no day; the article came out on this one",
    "announced": "announced: written before the day; whether it came so is not said",
    "disputed": "disputed: another outlet gives another day, named below",
}
_APPROXIMATE = "about, in, week of: the report gives no exact day"


def days_text(days: Days) -> str:
    """Return '5 Jan 2020', '5–7 Jan 2020', and for what is not known exactly 'about 5 Jan 2020', 'in Jan 2020'."""
    since, until = days.since, days.until
    if not days.is_approximate:
        return _range_text(since, until)
    if since == date(since.year, 1, 1) and until == date(since.year, 12, 31):
        return f"in {since.year}"
    if since.day == 1 and until == date(since.year, since.month, monthrange(since.year, since.month)[1]):
        return f"in {_MONTHS[since.month - 1]} {since.year}"
    if until - since == _WEEK and since.weekday() == 0:
        return f"week of {_day_text(since)}"
    if until - since == _WEEKEND and since.weekday() == 5:
        return f"weekend of {_day_text(since)}"
    return f"about {_range_text(since, until)}"


def marks_of(event: Event) -> Iterator[str]:
    """Yield the words that warn of how an event is dated."""
    if event.basis == "published":
        yield "published"
    if event.is_announced:
        yield "announced"
    if event.disputing:
        yield "disputed"


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def outlets_text(event: Event) -> str:
    """Return how many outlets tell of an event; nothing where none is known."""
    return counted(len(event.outlets), "outlet") if event.outlets else ""


def legend(events: Sequence[Event]) -> list[str]:
    """Return what the marks mean that these events bear."""
    used = {mark for event in events for mark in marks_of(event)}
    lines = [meaning for mark, meaning in _MARKS.items() if mark in used]
    return [_APPROXIMATE, *lines] if any(event.days.is_approximate for event in events) else lines


def _range_text(since: date, until: date) -> str:
    if since == until:
        return _day_text(since)
    if (since.year, since.month) == (until.year, until.month):
        return f"{since.day}–{_day_text(until)}"
    if since.year == until.year:
        return f"{since.day} {_MONTHS[since.month - 1]} – {_day_text(until)}"
    return f"{_day_text(since)} – {_day_text(until)}"


def _day_text(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
