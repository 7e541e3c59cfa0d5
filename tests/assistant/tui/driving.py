"""The chat driven as a person would: helpers that its tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from assistant.tui.app import ChatApp
from assistant.tui.turn_view import TurnView
from tests.assistant.tui.waiting import until

MakeChat = Callable[..., ChatApp]

QUESTION = "What kind of drone killed Qasem Soleimani?"
OTHER = "How many people were on board the airliner?"
NOT_HELD = "What do opera tickets in Baghdad cost?"

DATED = "What did the Lantern Post report in January 2020?"

CITED = "The drone was an MQ-9 Reaper."


@asynccontextmanager
async def running(app: ChatApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[Any]]:
    """Run the chat until its archive is open."""
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.chat.header.is_ready)
        yield pilot


async def send(pilot: Pilot[Any], text: str) -> None:
    app = pilot.app
    assert isinstance(app, ChatApp)
    app.chat.box.focus()
    app.chat.box.put(text)
    await pilot.press("enter")


async def ask(pilot: Pilot[Any], question: str) -> TurnView:
    """Ask a question and wait for the end of its turn."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    before = len(app.chat.transcript.records)
    await send(pilot, question)
    records = app.chat.transcript.records
    await until(pilot, lambda: len(records) > before and records[-1].is_over and not app.chat.is_answering)
    return app.chat.transcript.views[-1]


def text_of(view: TurnView) -> str:
    """Return everything that a turn shows."""
    lines = [str(part.content) for part in view.query(Static) if part.display]
    return "\n".join(lines)


def listed(app: ChatApp) -> list[str]:
    """Return the first line of every place in the panel."""
    options = app.chat.panel.query_one(OptionList)
    return [str(options.get_option_at_index(i).prompt).split("\n")[0] for i in range(options.option_count)]
