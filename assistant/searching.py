"""A plan → hits: the search that it asks for, widened where the days that a question names hold nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from assistant.introductions import asked_about, asked_whom
from assistant.planning import plan
from assistant.rendering import window_text
from store.errors import NameUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.conversation import Planned
    from assistant.planning import Scope
    from store.archive import Archive
    from store.records import Hit, Preference, Window

# Days before and after those that a question names in which what it means may have been reported. Chosen, not measured.
_AROUND = timedelta(30)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of a plan, best first, the days they were looked for in, and what a person should know about it."""

    hits: tuple[Hit, ...]
    window: Window | None
    notices: tuple[str, ...]


def plan_for(archive: Archive, question: str, scope: Scope, *, today: date) -> Planned:
    """Return what to search ``archive`` for; raise ConfigError where the days contradict each other, or NameUnknown."""
    return plan(question, known_scope(archive, scope), today=today, outlets=archive.outlet_names())


def known_scope(archive: Archive, scope: Scope) -> Scope:
    """Return a scope with the names that most articles have for who and what it is about; raise NameUnknown."""
    if not scope.about:
        return scope
    roster = archive.roster()
    return replace(scope, about=tuple(dict.fromkeys(roster.told(name) for name in scope.about)))


def narrowed(archive: Archive, planned: Planned) -> Planned | None:
    """Return the plan of 'Who is X?' kept to the articles that name X, by whatever name; None for other questions.

    None too where nobody is known by that name, or several may be meant.
    """
    name = None if planned.filter.about else asked_about(planned.query)
    if name is None:
        return None
    try:
        about = (archive.roster().told(name),)
    except NameUnknown:
        return None
    return replace(planned, filter=replace(planned.filter, about=about), given=replace(planned.given, about=about))


def stranger(archive: Archive, planned: Planned, hits: Sequence[Hit]) -> str | None:
    """Say that nobody is named as 'Who is X?' asks, neither in any article nor in what was found; None otherwise.

    Who shares a name with X is somebody else.
    """
    name = asked_whom(planned.query)
    if name is None or any(name.lower() in hit.passage.text.lower() for hit in hits):
        return None
    roster = archive.roster()
    if roster.unread():
        return None
    try:
        roster.entity(name)
    except NameUnknown as exc:
        return f"{exc}; {exc.hint}"
    return None


def retrieve(archive: Archive, planned: Planned, k: int, *, rerank: bool = False) -> Retrieved:
    """Return up to ``k`` hits.

    Where nothing is found in the days or of the outlet that the question itself names, all days and outlets that were
    not excluded by hand are searched, and a notice says so.
    """
    found = archive.search(planned.queries, k, planned.filter, planned.preference, rerank=rerank)
    if found.hits or planned.filter == planned.given:
        return Retrieved(found.hits, planned.window, found.notices)
    told = f"no hit in articles {_asked_for(planned)}; searched the others"
    found = archive.search(planned.queries, k, planned.given, _preference_around(planned), rerank=rerank)
    return Retrieved(found.hits, planned.given_window, (told, *found.notices))


def _preference_around(planned: Planned) -> Preference:
    """Return what to prefer where the days of a question hold nothing: what was published not long before or after."""
    window, preference = planned.window, planned.preference
    if window is None or window == planned.given_window or preference.near is not None:
        return preference
    since = window.since and window.since - min(_AROUND, window.since - date.min)
    until = window.until and window.until + min(_AROUND, date.max - window.until)
    return replace(preference, since=since, until=until)


def _asked_for(planned: Planned) -> str:
    parts = []
    if planned.filter.outlets != planned.given.outlets:
        parts.append(f"of {' or '.join(planned.filter.outlets)}")
    if planned.window is not None and planned.window != planned.given_window:
        parts.append(window_text(planned.window))
    return " ".join(parts)
