"""The first line of the chat: what there is room for, and what decides over every answer."""

from __future__ import annotations

from datetime import date

import pytest
from textual.app import App, ComposeResult

from assistant.planning import Scope
from assistant.tui.header import ChatHeader, Standing
from store.catalog import Counts

pytestmark = pytest.mark.anyio

COUNTS = Counts(4_863, 36_105, 36_105, 0, 0, date(2012, 9, 10), date(2022, 12, 30))


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield ChatHeader()


async def shown(width: int, standing: Standing, session: str = "") -> str:
    app = Host()
    async with app.run_test(size=(width, 5)):
        header = app.query_one(ChatHeader)
        header.archive, header.standing, header.session = "news", standing, session
        header.tell_counts(COUNTS)
        return header.render().plain


async def test_it_names_archive_model_window_and_session() -> None:
    scope = Scope(since=date(2022, 1, 1), outlets=("cnn.com",))

    told = await shown(160, Standing("ollama:llama3.2:3b", 10, scope), "uvalde")

    for part in ("news", "4,863 articles", "2012-09-10 to 2022-12-30", "ollama:llama3.2:3b", "session uvalde"):
        assert part in told
    assert "only published 2022-01-01 or later of cnn.com" in told


async def test_of_a_models_file_the_name_is_enough() -> None:
    told = await shown(120, Standing("local:/somewhere/else/small.gguf", 10, Scope()))

    assert "local:small.gguf" in told


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            120,
            (
                "Dateline │ news │ 4,863 articles │ 2012-09-10 to 2022-12-30 │ ollama:small │ "
                "only published 2022-01-01 or later"
            ),
        ),
        (80, "Dateline │ 4,863 articles │ ollama:small │ only published 2022-01-01 or later"),
        (60, "Dateline │ only published 2022-01-01 or later"),
        (30, "Dateline │ only published 2…"),
    ],
)
async def test_what_is_kept_to_gives_way_last(width: int, expected: str) -> None:
    assert await shown(width, Standing("ollama:small", 10, Scope(since=date(2022, 1, 1))), "a talk") == expected
