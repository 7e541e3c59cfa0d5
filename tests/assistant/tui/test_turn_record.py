"""Where reports differ, in the chat: told below the answer, listed among the sources, and asked for with /compare."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList, Static

from assistant.tui.app import ChatApp
from assistant.tui.reader import ArticleReader
from tests.assistant.tui.driving import MakeChat, ask, listed, running, send, text_of
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio

CRUSH = "How many people died in the crush in Kerman?"


def noted(app: ChatApp) -> str:
    """Return what the screen says, notes among it."""
    return "\n".join(str(part.content) for part in app.screen.query(Static) if part.display)


async def test_where_reports_differ_it_stands_below_the_answer_in_words(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        view = await ask(pilot, CRUSH)

        assert "Where they differ:\n- people killed (the numbers differ): 32 — The Lantern Post, 7 January 2020" in (
            text_of(view)
        )


async def test_what_other_reports_say_is_listed_and_read_by_keys_alone(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, CRUSH)
        index = next(i for i, place in enumerate(view.places) if place.mark == "says 56")

        assert listed(app)[index].endswith("Delta Evening Standardbearer · says 56")
        await pilot.press("shift+tab")
        await until(pilot, lambda: isinstance(app.focused, OptionList))
        await pilot.press(*["down"] * (index - (app.chat.panel.index or 0)), "enter")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader))


async def test_where_nothing_differs_nothing_is_told(chat_app: MakeChat) -> None:
    async with running(chat_app()) as pilot:
        view = await ask(pilot, "How many Kataib Hezbollah sites did American warplanes bomb?")

        assert "Where they differ" not in text_of(view)
        assert not any(place.differs for place in view.places)


async def test_a_conversation_that_is_gone_on_with_tells_it_again(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        told = (await ask(pilot, CRUSH)).record.differences()
        await send(pilot, "/new")
        await until(pilot, lambda: app.chat.welcome.display)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: type(app.screen).__name__ == "SessionsView")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.chat.transcript.views) == 1)

        assert told in text_of(app.chat.transcript.views[0])


async def test_reports_on_a_topic_are_compared(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await send(pilot, "/compare crush in Kerman")
        await until(pilot, lambda: "people killed: the numbers differ (3 independent outlets)" in noted(app))

        await send(pilot, "/compare parliament vote on foreign troops")
        await until(pilot, lambda: any("several outlets" in told.message for told in app._notifications))
