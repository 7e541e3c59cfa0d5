"""The page of help: it tells the keys as they are set, and every command."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from textual.app import App
from textual.widgets import Static

from assistant.keys import ACTIONS, READER_ACTIONS
from assistant.tui.commands import COMMANDS
from assistant.tui.help_view import HelpView
from assistant.tui.reader import ArticleReader
from tests.assistant.tui.waiting import until

pytestmark = pytest.mark.anyio


class Host(App[None]):
    def __init__(self, keys: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.help = HelpView(keys or {})

    def on_mount(self) -> None:
        self.push_screen(self.help)

    @property
    def text(self) -> str:
        return str(self.help.query(Static).first().content)

    @property
    def scrolled(self) -> float:
        return self.help.query_one("VerticalScroll").scroll_y


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_every_action_and_every_command_is_told_and_no_line_is_too_wide(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.text)
        text = " ".join(app.text.split())
        page = app.help.query_one("VerticalScroll")

        assert [action.id for action in (*ACTIONS, *READER_ACTIONS) if action.help not in text] == []
        assert [command.name for command in COMMANDS if f"{command.form} {command.help}" not in text] == []
        assert max(map(len, app.text.splitlines())) <= page.scrollable_content_region.width


async def test_the_keys_are_those_of_the_settings() -> None:
    app = Host({"read": "f2,ctrl+slash", "help": "f1"})
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.text)

        lines = [line.split(maxsplit=2) for line in app.text.splitlines()]
        assert ["F2", "Ctrl+/", "open the article at the citation"] in lines
        assert "Ctrl+O" not in app.text


async def test_it_is_read_by_key_and_left_by_escape() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.text)
        await pilot.pause()
        seen = []
        for key in ("down", "pagedown", "up", "pageup", "end", "home"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(app.scrolled)
        down, page, up, back, end, home = seen

        assert (down, home) == (1, 0)
        assert page > up > back
        assert end > page
        await pilot.press("escape")
        assert app.screen is not app.help


def test_what_is_told_of_the_reader_is_what_it_hears() -> None:
    bound = {key for binding in ArticleReader.BINDINGS for key in _keys(binding)}

    assert {key for action in READER_ACTIONS for key in action.keys.split(",")} <= bound


def _keys(binding: object) -> list[str]:
    key = binding[0] if isinstance(binding, tuple) else getattr(binding, "key", "")
    return str(key).split(",")
