"""Days gathered into bins of one length, as many as a plot has room for, and the labels below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Bin:
    """The articles of some days, both ends included, with what these days are called."""

    first: date
    last: date
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """A length of time: which one a day lies in, counted from the beginning of the calendar, and how it begins.

    ``called`` is its length in words; ``ticks`` are the ways to label some of them below a plot, the densest first:
    which ones, and their text.
    """

    index: Callable[[date], int]
    first: Callable[[int], date]
    name: Callable[[date], str]
    called: str
    ticks: tuple[tuple[Callable[[date, int], bool], Callable[[date], str]], ...]

    def bin(self, index: int, count: int) -> Bin:
        first = self.first(index)
        try:
            last = self.first(index + 1) - timedelta(1)
        except (ValueError, OverflowError):  # the end of the calendar
            last = date.max
        return Bin(first, last, self.name(first), count)


@dataclass(frozen=True, slots=True)
class TimeBins:
    """Bins of one length without a gap between them, oldest first; those without an article are there too."""

    bins: tuple[Bin, ...] = ()
    _unit: _Unit | None = None

    @property
    def length(self) -> str:
        """How long a bin is, in words."""
        return self._unit.called if self._unit else ""

    def at(self, day: date) -> int | None:
        """Return which bin a day lies in."""
        return next((i for i, found in enumerate(self.bins) if found.first <= day <= found.last), None)

    def labels(self, *, cells_per_bin: float) -> list[tuple[int, str]]:
        """Return the labels that have room below the plot, each with the bin it stands under."""
        if self._unit is None:
            return []
        firsts = [found.first for found in self.bins]
        for is_labelled, text in self._unit.ticks:
            labels = [(i, text(first)) for i, first in enumerate(firsts) if is_labelled(first, i)]
            if len(labels) > 1 and _have_room(labels, cells_per_bin):
                return labels
        return [(0, self.bins[0].name)] if self.bins else []


def bin_days(days: Sequence[tuple[date, int]], *, most: int) -> TimeBins:
    """Return the articles of each day, oldest first, in at most ``most`` bins of the shortest length that does."""
    if not days:
        return TimeBins()
    for unit in _UNITS:
        begin, end = unit.index(days[0][0]), unit.index(days[-1][0])
        if end - begin < max(1, most):
            break
    counts = [0] * (end - begin + 1)
    for day, count in days:
        counts[unit.index(day) - begin] += count
    return TimeBins(tuple(unit.bin(begin + i, count) for i, count in enumerate(counts)), unit)


def _have_room(labels: Sequence[tuple[int, str]], cells_per_bin: float) -> bool:
    """Whether labels, each centred below its bin, keep two blanks between them."""
    right = None
    for i, text in labels:
        left = (i + 0.5) * cells_per_bin - len(text) / 2
        if right is not None and left < right + 2:
            return False
        right = left + len(text)
    return True


def _years(number: int) -> _Unit:
    return _Unit(
        index=lambda day: day.year // number,
        first=lambda i: date(max(1, i * number), 1, 1),
        called="year" if number == 1 else f"{number:,} years",
        name=lambda first: f"{first.year}" if number == 1 else f"{first.year} to {first.year + number - 1}",
        ticks=tuple((_in_year(every), _year) for every in (number, 2 * number, 5 * number, 10 * number, 50 * number)),
    )


def _day_name(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _short_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _month_name(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _quarter_name(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} to {_MONTHS[day.month + 1]} {day.year}"


def _short_month(day: date) -> str:
    return _month_name(day) if day.month == 1 else _MONTHS[day.month - 1]


def _year(day: date) -> str:
    return f"{day.year}"


def _every(number: int) -> Callable[[date, int], bool]:
    return lambda _, i: i % number == 0


def _in_month(*months: int) -> Callable[[date, int], bool]:
    return lambda first, _: first.month in months


def _in_year(every: int) -> Callable[[date, int], bool]:
    return lambda first, _: first.month == 1 and first.year % every == 0


_UNITS = (
    _Unit(
        index=date.toordinal,
        first=date.fromordinal,
        called="day",
        name=_day_name,
        ticks=tuple((_every(n), _short_day) for n in (1, 2, 5, 7, 14, 28)),
    ),
    _Unit(  # The calendar begins on a Monday.
        index=lambda day: (day.toordinal() - 1) // 7,
        first=lambda i: date.fromordinal(7 * i + 1),
        called="week",
        name=lambda first: f"week of {_day_name(first)}",
        ticks=tuple((_every(n), _short_day) for n in (1, 2, 4, 8, 13)),
    ),
    _Unit(
        index=lambda day: 12 * day.year + day.month - 1,
        first=lambda i: date(i // 12, i % 12 + 1, 1),
        called="month",
        name=_month_name,
        ticks=(
            (_every(1), _short_month),
            (_in_month(1, 4, 7, 10), _short_month),
            (_in_month(1, 7), _short_month),
            (_in_year(1), _year),
            (_in_year(2), _year),
        ),
    ),
    _Unit(
        index=lambda day: 4 * day.year + (day.month - 1) // 3,
        first=lambda i: date(i // 4, i % 4 * 3 + 1, 1),
        called="quarter",
        name=_quarter_name,
        ticks=tuple((_in_year(n), _year) for n in (1, 2, 5)),
    ),
    *map(_years, (1, 2, 5, 10, 50, 100, 1000)),
)
