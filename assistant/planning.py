"""Question and flags → what to search: the query, the days of publication, the outlets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.conversation import Planned
from assistant.errors import ConfigError
from store.cleaning import clean_line
from store.records import SearchFilter, Window

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person set by hand; ``as_of`` is the day the question is asked on, when that is not today."""

    since: date | None = None
    until: date | None = None
    as_of: date | None = None
    outlets: tuple[str, ...] = ()


def plan(question: str, scope: Scope, *, today: date) -> Planned:
    """Return what to search for ``question``; raise ConfigError where the days contradict each other.

    Asked as of a day, nothing that was published after it is seen.
    """
    # Cleaned, for a question comes from outside too: bytes that are no text would stop the embedder.
    query = clean_line(question)
    if not query:
        raise ConfigError("the question is empty", hint='ask one: `dateline ask "Who…?"`')
    window = window_of(scope)
    where = SearchFilter(window.since if window else None, window.until if window else None, scope.outlets)
    return Planned(query, query, window, where, scope.as_of or today)


def window_of(scope: Scope) -> Window | None:
    """Return the days that a scope leaves, with their basis in words; None where it sets none."""
    until = min((day for day in (scope.until, scope.as_of) if day), default=None)
    if scope.since is None and until is None:
        return None
    if scope.since and until and scope.since > until:
        raise ConfigError(f"the window is empty: {scope.since} is after {until}", hint="swap --since and --until")
    given = {"--since": scope.since, "--until": scope.until, "--as-of": scope.as_of}
    return Window(scope.since, until, ", ".join(flag for flag, day in given.items() if day))
