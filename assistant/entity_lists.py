"""Who and what an archive's articles name, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from store.cleaning import plain
from store.rows import date_of

if TYPE_CHECKING:
    from assistant.rendering import Style
    from store.entities.roster import Coverage, Entity

_SCHEMA = "dateline.entities/1"
# Of other spellings so many are named in a line, and of days so many drawn.
_SPELLINGS = 6
_DAYS = 40
_BAR_CELLS = 30


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is known of one entity: how much is written on it, on which days, and with whom it is named.

    ``days`` are (day as yyyymmdd, articles), oldest first, those without a day last.
    """

    coverage: Coverage
    days: tuple[tuple[int | None, int], ...]
    beside: tuple[Coverage, ...]


def entities_text(found: Iterable[Coverage], style: Style) -> Iterator[str]:
    """Yield one line an entity: how many articles and outlets name it, its kind, its days, its name."""
    for one in found:
        outlets = f"{one.outlets:,} outlet{'s' if one.outlets != 1 else ''}"
        line = f"{one.articles:>7,}  {outlets:>10}  {one.entity.kind:<12}  {_days_text(one):<23}  "
        yield f"{line}{style.strong(plain(_called(one.entity)))}"


def portrait_text(portrait: Portrait, style: Style) -> Iterator[str]:
    """Yield what is known of one entity."""
    one = portrait.coverage
    entity = one.entity
    yield f"{style.strong(plain(_called(entity)))} · {entity.kind}"
    others = [name.name for name in entity.names if name.name != entity.name]
    if others:
        more = f" and {len(others) - _SPELLINGS} more" if len(others) > _SPELLINGS else ""
        yield style.wrap(f"also as {plain(', '.join(others[:_SPELLINGS]))}{more}")
    named = f"named in {one.articles:,} article{'s' if one.articles != 1 else ''}"
    yield f"{named} of {one.outlets:,} outlet{'s' if one.outlets != 1 else ''}, {_days_text(one)}"
    if portrait.beside:
        beside = ", ".join(f"{other.entity.name} ({other.articles:,})" for other in portrait.beside)
        yield style.wrap(f"most often with {plain(beside)}")
    yield from _bars(portrait.days)


def entities_json(found: Sequence[Coverage]) -> dict[str, Any]:
    return {"schema": _SCHEMA, "entities": [_coverage_json(one) for one in found]}


def portrait_json(portrait: Portrait) -> dict[str, Any]:
    """Return one entity in the form of the list, with its days and who is named beside it."""
    days = [{"day": _iso(day), "articles": count} for day, count in portrait.days]
    beside = [_coverage_json(one) for one in portrait.beside]
    return {"schema": _SCHEMA, "entities": [{**_coverage_json(portrait.coverage), "days": days, "with": beside}]}


def _coverage_json(one: Coverage) -> dict[str, Any]:
    entity = one.entity
    return {
        "name": entity.name,
        "kind": entity.kind,
        "aliases": [name.name for name in entity.names if name.name != entity.name],
        "acronyms": list(entity.short),
        "articles": one.articles,
        "outlets": one.outlets,
        "first": _iso(one.first),
        "last": _iso(one.last),
    }


def _called(entity: Entity) -> str:
    return f"{entity.name} ({entity.short[0]})" if entity.short else entity.name


def _days_text(one: Coverage) -> str:
    first, last = _iso(one.first), _iso(one.last)
    if first is None:
        return "no day known"
    return first if first == last else f"{first} – {last}"


def _bars(days: Sequence[tuple[int | None, int]]) -> Iterator[str]:
    shown = days[-_DAYS:]
    if len(shown) < len(days):
        yield f"the last {_DAYS} of {len(days):,} days with articles (--json has all):"
    most = max((count for _, count in shown), default=1)
    for day, count in shown:
        yield f"{_iso(day) or 'no day':<10}  {'█' * max(1, round(_BAR_CELLS * count / most))} {count:,}"


def _iso(day: int | None) -> str | None:
    known = date_of(day)
    return known.isoformat() if known else None
