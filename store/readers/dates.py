"""Dates of publication as outlets, dumps and feeds write them. Strict: what could mean two days means none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

# The first newspaper is of 1605; a moment must survive being moved to any time zone.
_FIRST_YEAR, _LAST_YEAR = 1600, 2999

# What each month is called, from January on: in English, German, French, Spanish, Italian, Dutch and Portuguese.
_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar februari février fevrier févr fév febrero febbraio febr fevereiro",
    "march mar märz maerz mär mrz mars marzo março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_MONTH = r"(?P<month>{})\.?".format("|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)))
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>\d{4})"
_WEEKDAY = (
    r"(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo)\.?,?\s+(?:den\s+)?)?"
)
_CLOCK = r"\d{1,2}(?:[:.]\d\d){1,2}(?:\s*[ap]\.?m\.?)?(?:\s*\(?[A-Z]{2,5}\)?)?"

# One day each, in the forms of newspapers; a clock time around it has no time zone to trust and is left out.
_WRITTEN = tuple(
    re.compile(rf"(?:{_CLOCK},?\s+(?:on\s+)?)?{_WEEKDAY}{day}(?:,?\s+(?:at\s+|[-–|]\s*)?{_CLOCK})?", re.IGNORECASE)
    for day in (
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"(?:le\s+)?{_DAY}\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}",
        r"(?P<iso>\d{4}-\d\d-\d\d)",
    )
)
_NUMERIC = re.compile(r"(?P<first>\d{1,2})[./](?P<second>\d{1,2})[./](?P<year>\d{4})")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[./](?P<month>\d{1,2})[./](?P<day>\d{1,2})")
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d\d:\d\d(?::\d\d)?(?:\s+(?:[+-]\d{4}|[A-Z]{1,4}))?"
)
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]\d\d.*)?", re.IGNORECASE)
_ZONE = re.compile(r"\s+(?:(?P<offset>[+-]\d\d:?\d\d)|UTC|GMT|Z)$", re.IGNORECASE)  # As in Jekyll's front matter.
_SECONDS = re.compile(r"\d{9,13}(?:\.\d+)?")

LONGEST_DATE_CHARS = 60


def parse_published(value: str | float) -> date | datetime | None:
    """Return the day or moment that ``value`` names, ``None`` when it names none or more than one.

    Understood: ISO 8601, RFC 2822, seconds or milliseconds since 1970 (UTC), 8-digit days, and written days such as
    'Thursday, January 2, 2020', '2 Jan. 2020', 'jeudi 2 janvier 2020' or '31.12.2019', also in German, Spanish,
    Italian, Dutch and Portuguese. '02.01.2020' is two days in two countries: ``None``.
    """
    try:
        parsed = _parse_number(value) if isinstance(value, (int, float)) else _parse_words(value.strip())
    except (ValueError, OverflowError):
        return None
    return parsed if parsed is not None and _FIRST_YEAR <= parsed.year <= _LAST_YEAR else None


def _parse_number(value: float) -> date | datetime | None:
    if isinstance(value, int) and 10_000_000 <= value < 100_000_000:  # 20200102
        return date.fromisoformat(str(value))
    if 1e11 <= value < 1e13:  # Milliseconds, as JavaScript counts: 1973 to 2286.
        value /= 1000
    return datetime.fromtimestamp(value, UTC) if 1e8 <= value < 1e10 else None


def _parse_words(text: str) -> date | datetime | None:
    if len(text) > LONGEST_DATE_CHARS:
        return None
    if _ISO.fullmatch(text):
        moment = _ZONE.sub(lambda zone: zone["offset"] or "+00:00", text)
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(moment)
    if _SECONDS.fullmatch(text):
        return _parse_number(float(text))
    if _RFC_2822.fullmatch(text):
        return parsedate_to_datetime(text)
    return parse_written_day(text)


def parse_written_day(text: str) -> date | None:
    """Return the day that ``text`` writes and nothing else, ``None`` when there is none or more than one."""
    if len(text) > LONGEST_DATE_CHARS:
        return None
    try:
        return _parse_day(text.strip())
    except ValueError:  # 31 February
        return None


def _parse_day(text: str) -> date | None:
    for pattern in _WRITTEN:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            if "iso" in parts:
                return date.fromisoformat(parts["iso"])
            return date(int(parts["year"]), _MONTH_NUMBERS[parts["month"].lower()], int(parts["day"]))
    if found := _YEAR_FIRST.fullmatch(text):
        return date(*(int(found[part]) for part in ("year", "month", "day")))
    if found := _NUMERIC.fullmatch(text):
        return _day_of_numbers(int(found["first"]), int(found["second"]), int(found["year"]))
    return None


def _day_of_numbers(first: int, second: int, year: int) -> date | None:
    if first > 12 or first == second:
        return date(year, second, first)
    return date(year, first, second) if second > 12 else None
