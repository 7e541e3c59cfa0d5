"""A timeline or a brief as the view shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.timeline.exporting import brief_markdown, timeline_markdown
from assistant.timeline.phrasing import counted
from assistant.timeline.rendering import news_text

if TYPE_CHECKING:
    from assistant.timeline.briefs import Brief
    from assistant.timeline.events import Event
    from assistant.timeline.timelines import Timeline


@dataclass(frozen=True, slots=True)
class ToldEvents:
    """Events, oldest first, with what is said of them in a line; ``to_markdown`` gives the text of a file."""

    topic: str
    facts: str
    events: tuple[Event, ...]
    notices: tuple[str, ...]
    to_markdown: Callable[[], str]


def of_timeline(timeline: Timeline) -> ToldEvents:
    days = f"{counted(len(timeline.events), 'event')} told by {counted(timeline.articles, 'article')}"
    kept = [f"as of {timeline.as_of.isoformat()}"] if timeline.as_of else []
    kept += [f"of {' and '.join(timeline.outlets)}"] if timeline.outlets else []
    facts = " · ".join(("Timeline", timeline.topic, days, *kept))
    return ToldEvents(
        timeline.topic,
        facts,
        timeline.events,
        _notices(timeline.notices, timeline.undated),
        lambda: timeline_markdown(timeline),
    )


def of_brief(brief: Brief) -> ToldEvents:
    facts = " · ".join(("Brief", brief.topic, news_text(brief)))
    return ToldEvents(
        brief.topic, facts, brief.events, _notices(brief.notices, brief.undated), lambda: brief_markdown(brief)
    )


def _notices(notices: tuple[str, ...], undated: int) -> tuple[str, ...]:
    return (*notices, f"{undated:,} more without a date") if undated else notices
