"""An archive and a topic → what happened when, with where it is told and what a person should know about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.timeline.events import Event
from assistant.timeline.telling import LIMIT, NOTABLE, tell_timeline
from assistant.timeline.topics import find_topic
from store.records import SearchFilter

if TYPE_CHECKING:
    from store.archive import Archive


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of a topic, oldest first, told from so many articles; ``undated`` ones on it could not be used.

    ``since``, ``until``, ``as_of``, ``outlets`` and ``about``, names in its articles, are what it was kept to.
    """

    topic: str
    since: date | None
    until: date | None
    as_of: date | None
    outlets: tuple[str, ...]
    about: tuple[str, ...]
    events: tuple[Event, ...]
    articles: int
    undated: int
    notices: tuple[str, ...]


def read_timeline(
    archive: Archive,
    topic: str,
    *,
    since: date | None = None,
    until: date | None = None,
    limit: int | None = None,
    as_of: date | None = None,
    outlets: Sequence[str] = (),
    about: Sequence[str] = (),
) -> Timeline:
    """Return up to ``limit`` days of a topic, the most important ones; where none is given, those of some importance.

    ``since`` and ``until`` are days on which things happened; what was published later may tell of them. With ``as_of``
    nothing counts that was published after that day. Where nothing is on the topic, there are no events.
    """
    found = find_topic(archive, topic, SearchFilter(until=as_of, outlets=tuple(outlets), about=tuple(about)))
    most, least = (LIMIT, NOTABLE) if limit is None else (limit, 0.0)
    events = tell_timeline(found.reports, found.weights, since=since, until=until, limit=most, least=least)
    return Timeline(
        topic=topic,
        since=since,
        until=until,
        as_of=as_of,
        outlets=tuple(outlets),
        about=tuple(about),
        events=events,
        articles=len(found.reports),
        undated=found.undated,
        notices=found.notices,
    )
