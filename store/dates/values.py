"""Values of time expressions as TIMEX3 writes them, the days that they cover, and steps from one to the next."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Unit = Literal["hour", "day", "week", "weekend", "month", "quarter", "half", "year", "decade", "century"]

_MONTHS_OF: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120, "century": 1200}

# Meteorological seasons of the north; a winter bears the year in which it begins.
SEASONS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}


def value_at(day: date, unit: Unit) -> str:
    """Return the value of the ``unit`` that ``day`` lies in; of a week in which weekend, of an hour its day."""
    year, month = f"{day.year:04d}", day.month
    iso = day.isocalendar()
    week = f"{iso.year:04d}-W{iso.week:02d}"
    return {
        "hour": day.isoformat(),
        "day": day.isoformat(),
        "week": week,
        "weekend": f"{week}-WE",
        "month": f"{year}-{month:02d}",
        "quarter": f"{year}-Q{(month + 2) // 3}",
        "half": f"{year}-H{(month + 5) // 6}",
        "year": year,
        "decade": year[:3],
        "century": year[:2],
    }[unit]


def days_of(value: str) -> tuple[date, date]:
    """Return the first and the last day of a calendar value; ValueError where it is none or past the calendar."""
    head, _, rest = value.partition("-")
    if not rest:
        padding = 4 - len(head)  # '201' is a decade, '20' a century.
        return date(int(head + "0" * padding), 1, 1), date(int(head + "9" * padding), 12, 31)
    year = int(head)
    if rest[0] == "W" and rest != "WI":
        return _days_of_week(year, rest)
    if rest in SEASONS:
        return _months(year, SEASONS[rest], 3)
    if rest[0] in "QH":
        length = 3 if rest[0] == "Q" else 6
        return _months(year, length * (int(rest[1:]) - 1) + 1, length)
    if len(rest) == 2:
        return _months(year, int(rest), 1)
    return (day := date.fromisoformat(value)), day


def shift(day: date, count: int, unit: Unit) -> date:
    """Return the day ``count`` units later; the 31st becomes the last day of a shorter month.

    ValueError or OverflowError where the calendar ends before.
    """
    if unit == "hour":
        return day + timedelta(hours=count)
    if unit == "day":
        return day + timedelta(count)
    if unit in {"week", "weekend"}:
        return day + timedelta(weeks=count)
    year, month = divmod(12 * day.year + day.month - 1 + count * _MONTHS_OF[unit], 12)
    return date(year, month + 1, min(day.day, _length(year, month + 1)))


def with_year(value: str, year: int) -> str:
    """Return a month, a season or a day of another year."""
    return f"{year:04d}{value[4:]}"


def duration(count: int | None, unit: Unit) -> str:
    """Return the value of a length of time; None is an unknown number, TIMEX3's X."""
    number = "X" if count is None else str(count)
    letter = {"hour": "H", "weekend": "WE", "decade": "DE", "century": "CE"}.get(unit, unit[0].upper())
    return f"P{'T' if unit == 'hour' else ''}{number}{letter}"


def _days_of_week(year: int, rest: str) -> tuple[date, date]:
    monday = date.fromisocalendar(year, int(rest[1:3]), 1)
    sunday = monday + timedelta(6)
    return (monday + timedelta(5), sunday) if rest.endswith("WE") else (monday, sunday)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """Return the first and the last day of ``count`` months; they may run into the next year."""
    last_year, last_month = divmod(12 * year + month + count - 2, 12)
    return date(year, month, 1), date(last_year, last_month + 1, _length(last_year, last_month + 1))


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]
