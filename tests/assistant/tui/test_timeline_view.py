"""Looking through timelines and briefs: what is listed, narrowed, read and exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from assistant.planning import Scope
from assistant.tui.app import ChatApp
from assistant.tui.help_view import HelpView
from assistant.tui.reader import ArticleReader
from assistant.tui.timeline_view import EventList, TimelineView
from store.archive import create_archive
from store.records import Draft
from tests.assistant.tui.driving import running, send
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio

MakeChat = Callable[..., ChatApp]


def view_of(app: ChatApp) -> TimelineView:
    assert isinstance(app.screen, TimelineView)
    return app.screen


def entries(app: ChatApp) -> list[str]:
    listed = view_of(app).query_one(EventList)
    return [str(listed.get_option_at_index(i).prompt) for i in range(listed.option_count)]


def line(app: ChatApp, name: str) -> str:
    part = view_of(app).query_one(f"#timeline-{name}", Static)
    return str(part.content) if part.display else ""


async def open_view(pilot: Pilot[Any], command: str) -> ChatApp:
    app = pilot.app
    assert isinstance(app, ChatApp)
    await send(pilot, command)
    await until(pilot, lambda: isinstance(app.screen, TimelineView) and app.screen.query(EventList) and entries(app))
    return app


async def test_a_timeline_lists_days_oldest_first_with_what_happened(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")

        listed = entries(app)
        assert [entry[:10] for entry in listed[:2]] == ["3 Jan 2020", "5 Jan 2020"]
        assert "3 outlets" in listed[0]
        assert "was killed near Baghdad's airport" in listed[0]
        assert line(app, "title").startswith("Timeline · Soleimani · ")


async def test_enter_opens_the_article_at_the_sentence_and_esc_leads_back(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader))

        assert isinstance(app.screen, ArticleReader)
        reader = app.screen
        await until(pilot, lambda: "characters" in str(reader.query_one("#head").border_subtitle))
        assert "citation 2 of " in str(reader.query_one("#head").border_subtitle)

        await pilot.press("n", "escape")
        await until(pilot, lambda: isinstance(app.screen, TimelineView))
        assert view_of(app).query_one(EventList).highlighted == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_days_narrow_it_and_z_widens_it_again(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")
        whole = entries(app)

        await pilot.press("f", *"2020-01-07", "enter")
        await until(pilot, lambda: len(entries(app)) != len(whole))
        assert all(entry[:5] not in {"3 Jan", "5 Jan"} for entry in entries(app))

        await pilot.press("f", "end", "x", "enter")
        await until(pilot, lambda: "is not a day" in line(app, "told"))

        await pilot.press("escape", "z")
        await until(pilot, lambda: entries(app) == whole)


async def test_a_timeline_keeps_to_what_the_chat_keeps_to(chat_app: MakeChat) -> None:
    scope = Scope(since=date(2020, 1, 4), as_of=date(2020, 1, 6))
    async with running(chat_app(scope=scope)) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")

        assert view_of(app).query_one("#timeline-since", Input).value == "2020-01-04"
        assert "as of 2020-01-06" in line(app, "title")
        assert {entry[:10] for entry in entries(app)} <= {"5 Jan 2020", "6 Jan 2020"}


async def test_a_topic_of_which_nothing_is_told_says_so(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await send(pilot, "/timeline zeppelin races")
        await until(pilot, lambda: isinstance(app.screen, TimelineView) and "no such day" in line(app, "told"))

        assert entries(app) == []
        await pilot.press("e", "enter")
        assert isinstance(app.screen, TimelineView)


async def test_e_writes_markdown_and_never_over_a_file(
    chat_app: MakeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")
        await pilot.press("e")
        await until(pilot, lambda: "written to" in line(app, "told"))

        text = (tmp_path / "timeline-Soleimani.md").read_text(encoding="utf-8")
        assert text.startswith("# Timeline: Soleimani\n")
        assert "- **3 Jan 2020**: " in text

        await pilot.press("e")
        await until(pilot, lambda: "there is a file" in line(app, "told"))


async def test_a_brief_is_told_once(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/brief Iran airliner crash")
        assert line(app, "title").startswith("Brief · Iran airliner crash · ")
        assert not view_of(app).query_one("#timeline-fields").display

        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        told: list[str] = []
        app.chat.say = lambda text, **_: told.append(text)  # type: ignore[method-assign]
        await send(pilot, "/brief iran airliner crash")
        await until(pilot, lambda: told)
        assert told[0].startswith("nothing new on 'iran airliner crash'")


async def test_the_page_of_help_begins_with_the_timeline(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        app = await open_view(pilot, "/timeline Soleimani")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpView) and app.screen.query(Static))

        await until(pilot, lambda: str(app.screen.query(Static).first().content).startswith("In a timeline"))


async def test_hostile_articles_show_as_they_stand(chat_app: MakeChat, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    outlet = "Post \x1b[2J[@click=app.quit]"
    body = (
        "The ferry sank off Skelby on 3 March 2020, [@click=app.quit]the harbour[/x] said\x1b]52;c;YQ==\x07 that night."
    )
    with create_archive(archive, embedder=None) as made:
        made.add([Draft("Ferry sinks", body, "1.txt", id="one", outlet=outlet, published=date(2020, 3, 4))])
    async with running(chat_app(archive)) as pilot:
        app = await open_view(pilot, "/timeline ferry")

        assert "[@click=app.quit]the harbour[/x]" in entries(app)[0]
        assert "\x1b" not in "".join(entries(app)) + line(app, "title")
