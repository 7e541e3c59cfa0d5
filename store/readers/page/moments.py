"""When a page says it was published and changed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from lxml import html

from store.cleaning import clean_line
from store.readers.dates import parse_published

_LONGEST_DATE_CHARS = 100

# As Java, JavaScript and people write what is nearly ISO 8601.
_NEARLY_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ,]{1,3}(\d\d?:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
    r"(?:\s*\[[\w/]+\]|\s+[A-Z]{3,4})?"
)
_ZONES = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}


def first_moment(written: Iterable[str | None]) -> date | datetime | None:
    """Return the first of ``written`` that is one day or moment."""
    return next((moment for text in written if text and (moment := read_moment(text))), None)


def read_moment(text: str) -> date | datetime | None:
    """Return the day or moment that ``text`` writes, ``None`` where there is none or more than one."""
    text = clean_line(text[:_LONGEST_DATE_CHARS])
    if found := _NEARLY_ISO.fullmatch(text):
        day, clock, zone = found.groups()
        hour, _, rest = clock.partition(":")
        text = f"{day}T{hour.zfill(2)}:{rest}{_ZONES.get(zone, zone) or ''}"
    return parse_published(text)


def search_day(root: html.HtmlElement, url: str | None) -> date | None:
    """Return the day of publication that the markup, the address or the text suggests. ``root`` may be changed."""
    from htmldate import find_date  # 0.1 s, and most pages state their date where it can be read without

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        found = find_date(root, extensive_search=False, original_date=True, url=url)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None  # It trusts the numbers it finds.
    parsed = parse_published(found) if found else None
    return parsed.date() if isinstance(parsed, datetime) else parsed


def is_after(later: date | datetime, earlier: date | datetime) -> bool:
    """Say whether ``later`` is after ``earlier``; a plain day is the whole of it."""
    if isinstance(later, datetime) and isinstance(earlier, datetime):
        return _aware(later) > _aware(earlier)
    return _day(later) > _day(earlier)


def is_to_come(moment: date | datetime, now: datetime | None) -> bool:
    """Say whether ``moment`` is more than a day after the page was fetched."""
    return now is not None and _day(moment) > (now + timedelta(days=1)).date()


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
