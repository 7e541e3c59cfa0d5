"""Time words that count from the days of the last question: 'the week after', 'before that', 'and in July?'."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from store.dates import TimeExpression, find_times

Unit = Literal["day", "week", "month", "year"]

# 'A month later' means about then. Chosen, not measured.
_ABOUT = {"day": 0, "week": 2, "month": 7, "year": 31}
# 'What happened next?' asks about a week at least. Chosen, not measured.
_SHORTEST = timedelta(7)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_NUMBERS = {word: i for i, word in enumerate("zero one two three four five six seven eight nine ten".split())} | {
    "a": 1,
    "an": 1,
    "few": 3,
    "couple": 2,
}
_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_LONGEST_SHIFT = 200

_UNIT = r"(?P<unit>day|week|weekend|fortnight|month|year)"
_SHIFT = (
    rf"(?:on|in|during|for)?\s*\bthe\s+(?:(?P<next>following|next)|(?P<previous>previous|preceding|prior))\s+{_UNIT}\b"
    r"|(?:on|in|during|for)?\s*\b(?:the\s+)?"
    rf"{_UNIT.replace('unit', 'named')}\s+(?:(?P<after>after|afterwards)|(?P<before>before))"
    r"(?=\s+(?:that|this|then|it)\b|\W*$)(?:\s+\w+)?"
    r"|\b(?P<number>an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2}|a few|a couple of)\s+"
    rf"{_UNIT.replace('unit', 'counted')}s?\s+(?:(?P<later>later|after(?:wards)?)|(?P<earlier>earlier|before(?:hand)?))"
    r"(?:\s+(?:that|this))?(?=\W*$)"
    r"|\b(?P<since>since\s+then|ever\s+since)\b"
    r"|\b(?P<then>after\s+(?:that|this)|afterwards?|what\s+happened\s+(?:next|then)|and\s+then(?=\W*$))"
    r"|\b(?P<thereto>before\s+(?:that|this|then)|beforehand)(?=\W*$|\W*,)"
)
_LED = re.compile(
    r"(?:\b(?:in|on|at|during|since|from|between|before|after|by|until|till|around|of|for)\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b", re.IGNORECASE)
# What 'on' and 'in' are said before; 'last week' and 'yesterday' stand by themselves.
_DAY = re.compile(rf"\d|(?:{'|'.join((*_MONTHS, *_WEEKDAYS))})\b", re.IGNORECASE)
_SPAN = re.compile(rf"\d{{4}}|the\s|(?:early|late|mid)?[\s-]*(?:{'|'.join(_MONTHS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included; ``until`` None is open."""

    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Shift:
    """Days counted from those of the last question, the words that ask for them, and the question without these.

    ``is_vague``: it asks what came before or after, whenever that was. ``days`` is None where the last question had
    none.
    """

    days: Days | None
    words: str
    rest: str
    is_vague: bool


def read_shift(question: str, anchor: Days | None, today: date) -> Shift | None:
    """Return the days that ``question`` counts from ``anchor``; None where it counts from nothing."""
    found = _shift().search(question[:_LONGEST_SHIFT])
    if found is None:
        return None
    try:
        days = _shifted(found, anchor, anchor.until or today) if anchor else None
    except (ValueError, OverflowError):  # Before or after the calendar.
        return None
    rest = f"{question[: found.start()]} {question[found.end() :]}"
    is_vague = bool(found["then"] or found["thereto"])
    return Shift(days, " ".join(found[0].split()), " ".join(rest.split()), is_vague)


def anchor_of(question: str, on: date) -> Days | None:
    """Return the days that a question names, the last where it names several."""
    named = [time for time in find_times(question, on) if time.since and (time.until or time.since <= on)]
    dated = [time for time in named if time.kind != "vague"]
    if not dated or dated[-1].since is None:
        return None
    return Days(dated[-1].since, dated[-1].until)


def only_time(text: str, on: date) -> TimeExpression | None:
    """Return the time expression that ``text`` consists of, with at most a preposition before it."""
    times = find_times(text, on)
    if len(times) != 1:
        return None
    around = f"{_LED.sub('', text[: times[0].start])}{text[times[0].end :]}"
    return times[0] if not re.search(r"\w", around) else None


def with_year(text: str, anchor: Days | None, on: date) -> str:
    """Return ``text`` with the year of the conversation after a month that has none."""
    if anchor is None:
        return text
    for time in reversed(find_times(text, on)):
        if (
            re.search(r"\d{4}", time.text)
            or not _MONTH.search(time.text)
            or not re.fullmatch(r"\d{4}(-\d\d)+", time.value)
        ):
            continue
        year = (anchor.until or anchor.since).year
        if f"{year}{time.value[4:]}" > on.isoformat():
            year -= 1
        text = f"{text[: time.end]} {year}{text[time.end :]}"
    return text


def placed(text: str, on: date) -> str:
    """Return a time expression as it stands at the end of a question: 'in October', 'on Monday', 'last week'."""
    times = find_times(text, on)
    if not times or times[0].start:
        return text
    if re.fullmatch(r"\d{4}-\d\d-\d\d", times[0].value):
        return f"on {text}" if _DAY.match(text) else text
    return f"in {text}" if _SPAN.match(text) else text


def without_times(question: str, on: date) -> str:
    """Return ``question`` without its time expressions and the prepositions that lead up to them."""
    for time in reversed(find_times(question, on)):
        left = _LED.sub("", question[: time.start]).rstrip()
        question = f"{left} {question[time.end :].lstrip(' ,')}"
    text = re.sub(r"\s+([?.!,])", r"\1", " ".join(question.split())).lstrip(" ,")
    return text[:1].upper() + text[1:]


def words_of(days: Days) -> str:
    """Return days as a question names them: 'on 7 January 2020', 'from 8 to 14 January 2020', 'in February 2020'."""
    since, until = days.since, days.until
    if until is None:
        return f"since {_day(since)}"
    if since == until:
        return f"on {_day(since)}"
    if (since.month, since.day, until.month, until.day) == (1, 1, 12, 31) and since.year == until.year:
        return f"in {since.year}"
    if _is_whole_month(since, until) and (since.year, since.month) == (until.year, until.month):
        return f"in {_MONTHS[since.month - 1]} {since.year}"
    if since.year != until.year:
        return f"from {_day(since)} to {_day(until)}"
    first = str(since.day) if since.month == until.month else f"{since.day} {_MONTHS[since.month - 1]}"
    return f"from {first} to {_day(until)}"


def _shifted(found: re.Match[str], anchor: Days, until: date) -> Days:
    since = anchor.since
    length = max(until - since + timedelta(1), _SHORTEST if found["then"] or found["thereto"] else timedelta(1))
    if found["since"]:
        return Days(until, None)
    if found["then"]:
        return Days(until + timedelta(1), until + length)
    if found["thereto"]:
        return Days(since - length, since - timedelta(1))
    if found["number"]:
        return _moved(found, since, until)
    unit = _unit(found["unit"] or found["named"])
    if found["next"] or found["after"]:
        return Days(until + timedelta(1), _later(until, unit, 1, whole=_is_whole_month(since, until)))
    return Days(_later(since, unit, -1), since - timedelta(1))


def _moved(found: re.Match[str], since: date, until: date) -> Days:
    """Return the days moved by a number of units, with some room, for such numbers are round."""
    unit = _unit(found["counted"])
    said = found["number"].lower().split()
    count = int(said[0]) if said[0].isdigit() else _NUMBERS[said[min(1, len(said) - 1)]]
    count *= 2 if found["counted"].lower() == "fortnight" else 1
    count *= 1 if found["later"] else -1
    room = timedelta(_ABOUT[unit])
    first, last = _later(since, unit, count) - room, _later(until, unit, count) + room
    return Days(max(first, until + timedelta(1)), last) if count > 0 else Days(first, min(last, since - timedelta(1)))


def _later(day: date, unit: Unit, count: int, *, whole: bool = False) -> date:
    if unit in {"day", "week"}:
        return day + timedelta(_DAYS[unit] * count)
    months = day.year * 12 + day.month - 1 + count * (1 if unit == "month" else 12)
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, last if whole else min(day.day, last))


def _is_whole_month(since: date, until: date) -> bool:
    return since.day == 1 and until.day == calendar.monthrange(until.year, until.month)[1]


def _unit(word: str) -> Unit:
    units: dict[str, Unit] = {"day": "day", "month": "month", "year": "year"}
    return units.get(word.lower(), "week")


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@cache
def _shift() -> re.Pattern[str]:
    """Return the pattern of what is counted from the last days, compiled for the first follow-up."""
    return re.compile(_SHIFT, re.IGNORECASE)
