"""The sources beside the conversation: what is marked is what is looked at."""

from __future__ import annotations

import pytest
from textual.content import Content
from textual.widgets import OptionList

from assistant.tui.app import ChatApp
from tests.assistant.tui.driving import QUESTION, MakeChat, ask, listed, running, send
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio


def marked(app: ChatApp) -> list[int]:
    """Return which places of the panel are marked as looked at."""
    options = app.chat.panel.query_one(OptionList).options
    prompts = [Content.from_text(option.prompt) for option in options if isinstance(option.prompt, Content)]
    return [i for i, prompt in enumerate(prompts) if any("reverse" in str(span.style) for span in prompt.spans)]


async def test_keys_that_come_together_leave_the_mark_on_the_last_place(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, QUESTION)

        for index in (1, 2, 1, 2):
            app.chat.point_at(view, index)
        await pilot.pause()

        assert (app.chat.panel.index, marked(app)) == (2, [2])


async def test_another_conversation_begins_with_an_empty_panel(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        before = str(app.chat.panel.query_one("#sources-none").render())
        await ask(pilot, QUESTION)
        await send(pilot, "/new")
        await until(pilot, lambda: app.chat.welcome.display)

        assert str(app.chat.panel.query_one("#sources-none").render()) == before
        assert listed(app) == []
