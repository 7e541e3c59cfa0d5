"""A day as a person types it: 2020-01-02, a month or year of which one end is meant, or words: 'yesterday'."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from assistant.errors import ConfigError

# Of words for a day, and of what is quoted back.
_LONGEST = 60


def read_day(text: str, *, last: bool, today: date | None = None) -> date:
    """Return the first day of what ``text`` names, or the ``last`` one; raise ConfigError.

    Words are understood where ``today`` is given: 'yesterday', 'last week', 'March 2020'.
    """
    try:
        return _written(text, last=last)
    except ValueError:
        spoken = _spoken(text, today, last=last) if today and len(text) <= _LONGEST else None
    if spoken is None:
        words = ", 2020 or 'last week'" if today else " or 2020"
        raise ConfigError(f"{_shortened(text)!r} is not a day", hint=f"write it as 2020-01-02, 2020-01{words}")
    return spoken


def _written(text: str, *, last: bool) -> date:
    parts = text.split("-")
    if len(parts) == 3:
        return date.fromisoformat(text)
    if len(parts) > 2 or len(parts[0]) != 4:
        raise ValueError(text)
    year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 12 if last else 1
    if not last:
        return date(year, month, 1)
    return date(year, month, monthrange(year, month)[1])


def _spoken(text: str, today: date, *, last: bool) -> date | None:
    from store.dates import find_times  # a grammar, for words only

    times = find_times(text, today)
    # A rest that was not understood may turn the meaning round.
    if len(times) != 1 or times[0].text != text.strip():
        return None
    return times[0].until if last else times[0].since


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
