"""The sessions screen: found by what was said, resumed, renamed, exported and deleted, with the keys and by mouse."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList, Static

from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import opening_record, state_of
from assistant.session_file import sessions_path
from assistant.sessions import Session, Sessions, open_sessions
from assistant.tui.line_bar import LineBar
from assistant.tui.session_deletion import SessionDeletion
from assistant.tui.session_list import SessionList
from assistant.tui.session_preview import SessionPreview
from assistant.tui.sessions_view import PAGE, SearchBox, SessionsView
from tests.assistant.tui.waiting import until
from tests.assistant.turns import answered, planned

pytestmark = pytest.mark.anyio

NEWS, OTHER = Path("/archives/news"), Path("/archives/other")
HOSTILE = "[@click=app.quit]Who[/] \x1b[2J[/x] sank?"

T = TypeVar("T")


class Host(App[None]):
    """Shows the screen and keeps what it gives."""

    def __init__(self, file: Path, current: str | None = None, words: str = "") -> None:
        super().__init__()
        self.view = SessionsView(file, NEWS, current, words=words)
        self.given: list[Session | None] = []
        self.told: list[tuple[str, str]] = []

    def on_mount(self) -> None:
        self.push_screen(self.view, self.given.append)

    def on_sessions_view_deleted(self, event: SessionsView.Deleted) -> None:
        self.told.append(("deleted", event.session.label))

    def on_sessions_view_renamed(self, event: SessionsView.Renamed) -> None:
        self.told.append(("renamed", event.session.label))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file with the sessions 'ferry', 'pier' and one without a name, the last one first, and one elsewhere."""
    file = sessions_path(tmp_path / "home")
    with closing(open_sessions(file)) as sessions:
        for name, archive, questions in (
            ("elsewhere", OTHER, ["Who built the lighthouse?"]),
            ("ferry", NEWS, ["Who sank the ferry?", "Who owned it?"]),
            ("pier", NEWS, ["Who paid for the pier?"]),
            (None, NEWS, ["Who mourned?"]),
        ):
            session = sessions.start(archive, name)
            for question in questions:
                say(sessions, session, question)
    return file


def say(sessions: Sessions, session: Session, question: str) -> None:
    understood = planned(question)
    turn = answered(understood)
    key = sessions.begin(session, question, Scope(), opening_record(understood, "openai:m"))
    sessions.end(key, state_of(turn.answer), record=answer_json(turn, understood))


def read(file: Path, job: Callable[[Sessions], T]) -> T:
    with closing(open_sessions(file)) as sessions:
        return job(sessions)


@asynccontextmanager
async def running(app: Host, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
    """Run the screen until it lists what it has."""
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.screen is app.view and title(app))
        yield pilot


def content(app: Host, selector: str) -> str:
    return str(app.view.query_one(selector, Static).content)


def title(app: Host) -> str:
    return content(app, "#sessions-title")


def told(app: Host) -> str:
    return content(app, "#sessions-told")


def previewed(app: Host) -> str:
    return str(app.view.query_one(SessionPreview).query_one(Static).content)


def entries(app: Host) -> list[list[str]]:
    """Return the lines of every entry."""
    options = app.view.query_one(OptionList)
    return [str(options.get_option_at_index(i).prompt).split("\n") for i in range(options.option_count)]


def names(app: Host) -> list[str]:
    return [lines[0] for lines in entries(app)]


async def test_sessions_of_the_archive_are_listed_the_latest_first(file: Path) -> None:
    current = read(file, lambda sessions: sessions.get("pier")).id
    app = Host(file, current)
    async with running(app):
        assert title(app) == "3 sessions with archive news"
        assert names(app) == ["Who mourned?", "pier", "ferry"]
        assert entries(app)[1][1].endswith(" · 1 question · this conversation · Who paid for the pier?")
        assert entries(app)[2][1].endswith(" · 2 questions · Who sank the ferry?")


async def test_enter_resumes_the_session_that_is_marked(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.given)

    assert app.given == [read(file, lambda sessions: sessions.get("pier"))]


async def test_escape_resumes_nothing(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("escape")
        await until(pilot, lambda: app.given)

    assert app.given == [None]


async def test_a_click_marks_and_a_click_on_what_is_marked_resumes(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        marked = app.view.query_one(SessionList)
        await pilot.click(SessionList, offset=(4, 5))
        await until(pilot, lambda: marked.session is not None and marked.session.label == "ferry")
        assert app.given == []

        await pilot.click(SessionList, offset=(4, 5))
        await until(pilot, lambda: app.given)

    assert app.given == [read(file, lambda sessions: sessions.get("ferry"))]


async def test_what_was_said_is_found_as_it_is_typed(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press(*"own")
        await until(pilot, lambda: title(app) == "1 session with archive news holds “own”")
        assert entries(app)[0][0] == "ferry"
        assert entries(app)[0][2] == "  found in: Who owned it?"

        await pilot.press("enter")
        await until(pilot, lambda: app.given)

    assert app.given == [read(file, lambda sessions: sessions.get("ferry"))]


async def test_enter_waits_for_what_is_being_looked_for(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press(*"lighthouse pier", *["backspace"] * 15, *"pier", "enter")
        await until(pilot, lambda: app.given)

    assert app.given == [read(file, lambda sessions: sessions.get("pier"))]


async def test_words_may_be_given_with_the_screen(file: Path) -> None:
    app = Host(file, words="pier\x1b[31m")
    async with running(app):
        assert app.view.query_one(SearchBox).value == "pier"
        assert names(app) == ["pier"]


async def test_letters_are_typed_in_the_box_and_act_in_the_list(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("x", "d", "r", "a", "slash")
        box = app.view.query_one(SearchBox)
        assert (box.value, app.screen) == ("xdra/", app.view)
        await until(pilot, lambda: "xdra/" in title(app))
        assert "In no turn stand all words of “xdra/”" in content(app, "#sessions-none")

        box.value = ""
        await until(pilot, lambda: names(app))
        await pilot.press("down", "slash", "q")
        assert box.value == "q"
        box.value = ""
        await pilot.press("down", "up")
        assert app.focused is box


async def test_a_session_is_renamed_in_place(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "end", "r")
        assert app.view.query_one(LineBar).text == "ferry"
        await pilot.press(*["backspace"] * 5, *"pier", "enter")
        await until(pilot, lambda: told(app))
        assert told(app) == "✗ there is a session 'pier' already; choose another name"

        await pilot.press("space", "2", "enter")
        await until(pilot, lambda: names(app)[-1] == "pier 2")
        assert told(app) == "now called 'pier 2'"
        assert isinstance(app.focused, SessionList)
        assert app.focused.session == read(file, lambda sessions: sessions.get("pier 2"))

    assert app.told == [("renamed", "pier 2")]


async def test_escape_leaves_the_name_as_it_was(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "end", "r", "x", "escape")
        assert isinstance(app.focused, SessionList)
        assert app.screen is app.view

    assert read(file, lambda sessions: sessions.find("ferryx")) is None


@pytest.mark.parametrize(("key", "is_gone"), [("y", True), ("n", False), ("escape", False), ("enter", False)])
async def test_a_session_is_deleted_only_when_that_is_meant(file: Path, key: str, *, is_gone: bool) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "down", "d")
        await until(pilot, lambda: isinstance(app.screen, SessionDeletion))
        question = str(app.screen.query_one(Static).content)
        assert question == "Delete 'pier' with its 1 question, begun with “Who paid for the pier?”, for good?"

        await pilot.press(key)
        await until(pilot, lambda: app.screen is app.view and (told(app) or not is_gone))
        if is_gone:
            await until(pilot, lambda: len(names(app)) == 2)
            assert app.view.query_one(SessionList).highlighted == 1

    assert (read(file, lambda sessions: sessions.find("pier")) is None) == is_gone
    assert app.told == ([("deleted", "pier")] if is_gone else [])


async def test_deleting_the_session_that_is_open_says_what_happens(file: Path) -> None:
    app = Host(file, read(file, lambda sessions: sessions.get("pier")).id)
    async with running(app) as pilot:
        await pilot.press("down", "down", "delete")
        await until(pilot, lambda: isinstance(app.screen, SessionDeletion))
        assert "It is the conversation that you are in. What you ask next begins another one." in str(
            app.screen.query_one(Static).content
        )
        assert isinstance(app.focused, Button)
        assert app.focused.id == "keep"

        await pilot.click("#delete")
        await until(pilot, lambda: app.told)

    assert app.told == [("deleted", "pier")]


async def test_a_session_is_exported_to_a_file_of_either_form(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "end", "x")
        name = app.view.query_one(LineBar).text
        assert name.startswith("ferry-20")
        await pilot.press("enter")
        await until(pilot, lambda: told(app))
        assert told(app) == f"written to {tmp_path / name}"

        await pilot.press("x", "tab")
        assert app.view.query_one(LineBar).text == name.replace(".md", ".json")
        await pilot.press("enter")
        await until(pilot, lambda: told(app) == f"written to {(tmp_path / name).with_suffix('.json')}")

    assert (tmp_path / name).read_text(encoding="utf-8").startswith('---\ntitle: "ferry"\n')
    assert (tmp_path / name).with_suffix(".json").read_text(encoding="utf-8").startswith("{")


async def test_a_file_is_replaced_only_when_asked_again(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "a.md"
    mine.write_text("mine", encoding="utf-8")
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "x")
        line = app.view.query_one(LineBar).query_one(Input)
        line.value = "a.pdf"
        await pilot.press("enter")
        await until(pilot, lambda: told(app))
        assert told(app) == "✗ 'a.pdf' says no format; let the name end with .md or .json"

        line.value = "a.md"
        await pilot.press("enter")
        await until(pilot, lambda: "already" in told(app))
        assert told(app) == "✗ there is a file 'a.md' already; Enter once more replaces it"
        assert mine.read_text(encoding="utf-8") == "mine"

        await pilot.press("enter")
        await until(pilot, lambda: told(app) == f"written to {mine}")

    assert mine.read_text(encoding="utf-8").startswith("---\n")


async def test_sessions_of_other_archives_can_be_read_and_no_more(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("down", "a")
        await until(pilot, lambda: title(app) == "4 sessions with all archives")
        assert names(app) == ["Who mourned?", "pier", "ferry", "elsewhere"]
        assert " · with archive other, read only · " in entries(app)[3][1]

        await pilot.press("end", "enter")
        await until(pilot, lambda: "cannot be resumed from here" in told(app))
        await pilot.press("r")
        await until(pilot, lambda: "cannot be renamed from here" in told(app))
        await pilot.press("d")
        await until(pilot, lambda: "cannot be deleted from here" in told(app))
        assert app.screen is app.view
        await pilot.press("x")
        assert app.view.query_one(LineBar).text.startswith("elsewhere-20")
        await pilot.press("escape", "a")
        await until(pilot, lambda: title(app) == "3 sessions with archive news")

    assert app.given == []


async def test_a_wide_screen_shows_the_end_of_the_session_that_is_marked(file: Path) -> None:
    with closing(open_sessions(file)) as sessions:
        for i in range(3):
            say(sessions, sessions.get("ferry"), f"Who swam {i}?")
    app = Host(file)
    async with running(app) as pilot:
        await until(pilot, lambda: "Who swam 2?" in previewed(app))
        assert "… 2 earlier questions" in previewed(app)
        assert "❯ Who swam 0?\nAll 212 were saved [1]. They were glad. (?)\n1 citation" in previewed(app)

        await pilot.press("down", "end")
        await until(pilot, lambda: "Who paid for the pier?" in previewed(app))


async def test_a_narrow_screen_shows_the_list_alone(file: Path) -> None:
    app = Host(file)
    async with running(app, (80, 24)):
        assert not app.view.query_one(SessionPreview).display
        assert app.view.query_one(SessionList).size.width >= 79


async def test_foreign_text_is_shown_and_does_nothing(file: Path) -> None:
    with closing(open_sessions(file)) as sessions:
        session = sessions.rename(sessions.get("pier"), "[@click=app.quit]pier[/]")
        say(sessions, session, HOSTILE)
        say(sessions, sessions.start(NEWS), HOSTILE)
    app = Host(file, words="sank")
    async with running(app) as pilot:
        seen = "[@click=app.quit]Who[/] [2J[/x] sank?"
        assert names(app)[:2] == [seen, "[@click=app.quit]pier[/]"]
        assert entries(app)[1][2] == f"  found in: {seen}"
        await until(pilot, lambda: "❯ [@click=app.quit]Who[/]" in previewed(app))
        await pilot.click(SessionList, offset=(3, 0))
        await until(pilot, lambda: app.given)

    assert app.return_code is None


async def test_where_nothing_is_saved_it_says_what_a_session_is(tmp_path: Path) -> None:
    app = Host(sessions_path(tmp_path))
    async with running(app) as pilot:
        assert title(app) == "0 sessions with archive news"
        assert "No conversation with this archive is saved yet." in content(app, "#sessions-none")
        await pilot.press("enter", "down", "enter", "r", "d", "x", "up", "q")
        assert app.view.query_one(SearchBox).value == "q"

    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_damaged_is_told_in_a_line(tmp_path: Path) -> None:
    file = sessions_path(tmp_path)
    file.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    app = Host(file)
    async with running(app) as pilot:
        assert told(app).startswith("✗ cannot open the sessions in ")
        assert title(app) == "Sessions with archive news"
        assert not app.view.query_one("#sessions-none").display
        await pilot.press("down", "a", "enter", "escape")
        await until(pilot, lambda: app.given)

    assert app.given == [None]


async def test_a_session_that_cannot_be_read_is_not_resumed(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("""UPDATE endings SET record = '{"question": "Who?"}'""")
    app = Host(file)
    async with running(app) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: told(app))
        assert "is damaged" in told(app)
        await until(pilot, lambda: "is damaged" in previewed(app))

    assert app.given == []


async def test_a_session_that_was_deleted_meanwhile_is_not_resumed(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        read(file, lambda sessions: sessions.delete(sessions.get("pier")))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: told(app))
        assert "there is no session" in told(app)

    assert app.given == []


async def test_what_cannot_be_written_is_told_and_stays(file: Path) -> None:
    app = Host(file)
    async with running(app) as pilot:
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("CREATE TRIGGER no_name BEFORE UPDATE ON sessions BEGIN SELECT raise(ABORT, 'read only'); END")
            db.execute("CREATE TRIGGER no_end BEFORE DELETE ON sessions BEGIN SELECT raise(ABORT, 'read only'); END")
        await pilot.press("down", "r", *"quay", "enter")
        await until(pilot, lambda: told(app))
        assert told(app).startswith("✗ cannot write to ")
        assert app.view.query_one(LineBar).text == "quay"

        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(app.screen, SessionDeletion))
        await pilot.press("y")
        await until(pilot, lambda: told(app).startswith("✗ cannot write to "))
        assert len(names(app)) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_file_that_may_only_be_read_is_listed(file: Path) -> None:
    file.chmod(0o400)
    file.parent.chmod(0o500)
    app = Host(file)
    try:
        async with running(app):
            assert names(app) == ["Who mourned?", "pier", "ferry"]
    finally:
        file.parent.chmod(0o700)


async def test_of_thousands_of_sessions_a_page_is_listed_at_a_time(tmp_path: Path) -> None:
    file, count = sessions_path(tmp_path), 10_000
    with closing(open_sessions(file)) as sessions, sessions.writing() as db:
        rows = ((f"s{i}", str(NEWS), "2020-02-01T12:30:00+00:00") for i in range(count))
        db.executemany("INSERT INTO sessions(id, archive, started_utc) VALUES (?, ?, ?)", rows)
    app = Host(file)
    async with running(app, (80, 24)) as pilot:
        assert title(app) == "10,000 sessions with archive news"
        assert len(names(app)) == PAGE

        await pilot.press("down", "end")
        await until(pilot, lambda: len(names(app)) == 2 * PAGE)
        await pilot.press("end")
        await until(pilot, lambda: len(names(app)) == 3 * PAGE)
        assert names(app) == [f"s{count - 1 - i}" for i in range(3 * PAGE)]
