"""The first line of the chat: what there is room for, and what decides over every answer."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest
from textual.app import App, ComposeResult

from assistant.errors import SessionsError
from assistant.planning import Scope
from assistant.tui.header import ChatHeader, Standing, unsaved_text
from store.catalog import Counts

pytestmark = pytest.mark.anyio

COUNTS = Counts(4_863, 36_105, 36_105, 0, 0, date(2012, 9, 10), date(2022, 12, 30))


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield ChatHeader()


def caused(cause: Exception) -> SessionsError:
    error = SessionsError("cannot write to '/data/sessions'")
    error.__cause__ = cause
    return error


async def shown(width: int, standing: Standing, session: str = "", *, unsaved: str = "") -> str:
    app = Host()
    async with app.run_test(size=(width, 5)):
        header = app.query_one(ChatHeader)
        header.archive, header.standing, header.session = "news", standing, session
        header.unsaved = unsaved
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
            140,
            (
                "Dateline │ news │ 4,863 articles │ 2012-09-10 to 2022-12-30 │ ollama:small │ "
                "only published 2022-01-01 or later │ not saved: disk full"
            ),
        ),
        (80, "Dateline │ ollama:small │ only published 2022-01-01 or later │ not saved"),
        (40, "Dateline │ not saved"),
    ],
)
async def test_that_nothing_is_saved_gives_way_to_nothing(width: int, expected: str) -> None:
    standing = Standing("ollama:small", 10, Scope(since=date(2022, 1, 1)))

    assert await shown(width, standing, unsaved="disk full") == expected


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (None, ""),
        (SessionsError("'a.sqlite3' is damaged"), "'a.sqlite3' is damaged"),
        (caused(sqlite3.OperationalError("database or disk is full")), "database or disk is full"),
        (caused(PermissionError(13, "Permission denied", "/data/sessions")), "permission denied"),
    ],
)
def test_why_nothing_is_saved_is_said_in_a_few_words(trouble: SessionsError | None, told: str) -> None:
    assert unsaved_text(trouble) == told


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
