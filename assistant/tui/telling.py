"""How the chat opens a timeline, and tells what is new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.timeline.briefs import Brief, read_brief
from assistant.timeline.rendering import news_text
from assistant.timeline.timelines import read_timeline
from assistant.timeline.told import keep_told, load_told, told_file
from assistant.tui.plain_text import told
from assistant.tui.reader import ArticleReader
from assistant.tui.timeline_view import TellEvents, TimelineView
from assistant.tui.told_events import ToldEvents, of_brief, of_timeline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from assistant.conversation import Citation
    from assistant.tui.app import ChatApp
    from store.archive import Archive


def timeline_view(app: ChatApp, topic: str) -> TimelineView:
    """Return the view of a topic, of the outlets and names and as of the day that the chat keeps to.

    Its days are at first those that the chat keeps to; here they are the days on which things happened.
    """
    scope = app.chat.standing.scope

    def tell(archive: Archive, since: date | None, until: date | None) -> ToldEvents:
        return of_timeline(
            read_timeline(
                archive,
                topic,
                since=since,
                until=until,
                as_of=scope.as_of,
                outlets=scope.outlets,
                about=scope.about,
            )
        )

    return _view(app, tell, since=scope.since, until=scope.until)


async def brief_view(app: ChatApp, topic: str) -> TimelineView | None:
    """Return the view of what is new on a topic since its last brief; None where nothing is, which is told."""
    scope = app.chat.standing.scope
    file = told_file(app.config.home, app.archive, topic, scope.outlets, scope.about)

    def read(archive: Archive) -> Brief:
        return read_brief(
            archive,
            topic,
            now=datetime.now(UTC),
            today=app.today(),
            last=load_told(file),
            as_of=scope.as_of,
            outlets=scope.outlets,
            about=scope.about,
        )

    brief = await app.reading.run(read)
    try:
        keep_told(file, brief.told, topic)
    except OSError as exc:
        app.chat.say(f"this brief is not remembered: {told(exc)}", is_trouble=True)
    if not brief.events:
        app.chat.say(f"nothing new on {topic!r}: {news_text(brief)}")
        return None
    return _view(app, lambda *_: of_brief(brief), narrows=False)


def _view(
    app: ChatApp,
    tell: TellEvents,
    *,
    since: date | None = None,
    until: date | None = None,
    narrows: bool = True,
) -> TimelineView:
    def read(citations: Sequence[Citation], at: int) -> ArticleReader:
        return ArticleReader(app.reading, citations, at)

    return TimelineView(app.reading, tell, read=read, today=app.today, since=since, until=until, narrows=narrows)
