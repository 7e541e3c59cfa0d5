"""What is typed to see some of the archive's articles only, and the filter that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.days import read_day
from assistant.errors import ConfigError
from assistant.planning import Scope, filter_of
from store.outlets import OutletIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.records import SearchFilter


@dataclass(frozen=True, slots=True)
class ArchiveFilter:
    """The fields as they were typed: days as 2020-01-31, 2020-01 or 2020, outlets with commas between them."""

    since: str = ""
    until: str = ""
    outlets: str = ""
    headline: str = ""

    @property
    def is_empty(self) -> bool:
        return self == ArchiveFilter()

    def where(self, known: Sequence[str]) -> SearchFilter:
        """Return what an article's day and outlet must satisfy, where ``known`` are the archive's outlets.

        An outlet may be named in part: 'bbc' means each one with that in its name. Raise ConfigError for what is no
        day, for days that contradict each other and for an outlet that the archive does not have.
        """
        since = read_day(self.since, last=False) if self.since else None
        until = read_day(self.until, last=True) if self.until else None
        names = [named for part in self.outlets.split(",") if part.strip() for named in _named(part.strip(), known)]
        return filter_of(Scope(since, until, outlets=tuple(dict.fromkeys(names))))


def completed(typed: str, known: Sequence[str]) -> str | None:
    """Return ``typed`` with its last outlet completed: to what begins so, else to what has it within; None for none."""
    before, comma, last = typed.rpartition(",")
    part = last.strip().casefold()
    fitting = [name for name in known if part in name.casefold() and len(name) > len(part)] if part else []
    name = next((name for name in fitting if name.casefold().startswith(part)), next(iter(fitting), None))
    return None if name is None else f"{before}{comma}{' ' if comma else ''}{name}"


def _named(part: str, known: Sequence[str]) -> Sequence[str]:
    folded = part.casefold()
    if any(name.casefold() == folded for name in known):
        return (part,)
    found = [name for name in known if folded in name.casefold()] or OutletIndex(known).named(part)
    if not found:
        raise ConfigError(f"the archive has no outlet {part!r}", hint="what fits is shown while you type; → takes it")
    return found
