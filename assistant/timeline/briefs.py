"""An archive and a topic → what is new on it since a day, or since it was last told, and was not told before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from assistant.timeline.events import Event, Report
from assistant.timeline.telling import LIMIT, tell_news
from assistant.timeline.told import Told, digest
from assistant.timeline.topics import find_topic
from store.records import SearchFilter

if TYPE_CHECKING:
    from store.archive import Archive


@dataclass(frozen=True, slots=True)
class Brief:
    """What is new on a topic, by the day it happened, oldest first.

    New is what was published on the day ``since`` or later, or else what was not there at the ``last`` brief. So many
    ``articles`` are new, so many ``earlier``; ``undated`` ones could not be used. ``told`` is what the next brief
    counts from.
    """

    topic: str
    since: date | None
    last: Told | None
    as_of: date | None
    outlets: tuple[str, ...]
    about: tuple[str, ...]
    events: tuple[Event, ...]
    articles: int
    earlier: int
    undated: int
    notices: tuple[str, ...]
    told: Told


def read_brief(
    archive: Archive,
    topic: str,
    *,
    now: datetime,
    today: date,
    since: date | None = None,
    last: Told | None = None,
    as_of: date | None = None,
    outlets: Sequence[str] = (),
    about: Sequence[str] = (),
    limit: int = LIMIT,
) -> Brief:
    """Return up to ``limit`` days of which something new is told; everything is new where neither is given.

    After ``last`` those articles are new that have come into the archive since, with another text or altogether, or
    were hidden then as published later. With ``as_of`` nothing counts that was published after that day.
    """
    found = find_topic(archive, topic, SearchFilter(until=as_of, outlets=tuple(outlets), about=tuple(about)))
    is_new = _published_since(since) if since is not None else _come_since(archive, last, found.reports)
    new = [report for report in found.reports if is_new(report)]
    earlier = [report for report in found.reports if not is_new(report)]
    before = [*earlier, *_earlier_texts(archive, new, last)] if since is None else earlier
    digests = {report.article.ref.id: digest(report.article.body) for report in found.reports}
    return Brief(
        topic=topic,
        since=since,
        last=last if since is None else None,
        as_of=as_of,
        outlets=tuple(outlets),
        about=tuple(about),
        events=tell_news(new, before, found.weights, limit=limit),
        articles=len(new),
        earlier=len(earlier),
        undated=found.undated,
        notices=found.notices,
        told=Told(now, as_of or today, {**(last.articles if last else {}), **digests}),
    )


def _published_since(day: date) -> Callable[[Report], bool]:
    return lambda report: report.published is not None and report.published >= day


def _come_since(archive: Archive, last: Told | None, reports: Sequence[Report]) -> Callable[[Report], bool]:
    if last is None:
        return lambda _: True
    arrivals = archive.arrivals(report.article.ref.id for report in reports)
    moment = last.moment.replace(microsecond=0)  # Arrivals are kept by the second.

    def is_new(report: Report) -> bool:
        article = report.article
        if last.articles.get(article.ref.id) == digest(article.body):
            return False
        was_hidden = report.published is not None and report.published > last.day
        return was_hidden or arrivals[article.ref.id] >= moment

    return is_new


def _earlier_texts(archive: Archive, new: Sequence[Report], last: Told | None) -> list[Report]:
    """Return what articles said when they were last told, where they say something else now."""
    if last is None:
        return []
    changed = [report for report in new if report.article.ref.id in last.articles]
    return [
        replace(report, article=replace(revision.article, ref=report.article.ref))
        for report in changed
        for revision in archive.history(report.article.ref.id)
        if last.articles[report.article.ref.id] == digest(revision.article.body)
    ]
