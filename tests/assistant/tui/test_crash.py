"""How the chat ends: by its keys, by signals, with its terminal gone, after a bug; and where it does not begin."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assistant.saved_turns import SavedTurn
from assistant.session_file import sessions_path
from assistant.sessions import open_sessions
from tests.command_line import child_environment, dateline_command
from tests.model_server import WAIT, Model
from tests.pty_screen import CALL, PATIENCE_S, PtyScreen
from tests.scripted_server import KEY

QUESTION = "What kind of drone killed Qasem Soleimani?"
CITED = "The drone was an MQ-9 Reaper."

ENTER, ESCAPE, QUIT, CANCEL, READ, SOURCES = "\r", "\x1b", "\x11", "\x03", "\x0f", "\x07"

# What is said before the model waits is shown, and saved: all but what may be the beginning of a sentence.
PIECES = [CITED, " [1] It was flown", " from far", " away. [1] And so", WAIT, " on."]


def opened(terminal: PtyScreen) -> None:
    terminal.wait_for("22 articles")
    terminal.wait_for("It can answer")


def ask(terminal: PtyScreen) -> None:
    """Ask, and wait until the model stops in the middle of its answer."""
    terminal.send(QUESTION + ENTER)
    terminal.wait_for("It was flown")


def saved(home: Path) -> list[SavedTurn]:
    with closing(open_sessions(sessions_path(home / "dateline"))) as sessions:
        (session,) = sessions.all(None)
        return sessions.turns(session)


# -- leaving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_chat_and_keeps_what_was_written(
    number: int, code: int, sample_archive: Path, model: Model, home: Path
) -> None:
    model.pieces = PIECES
    with PtyScreen("-a", sample_archive, "chat", "--model", "openai:m") as terminal:
        opened(terminal)
        ask(terminal)
        os.kill(terminal.process.pid, number)

        assert terminal.wait() == code
        assert (terminal.is_restored, terminal.outside, terminal.foreign) == (True, "", [])
    (turn,) = saved(home)
    assert (turn.state, turn.turn.answer.text[: len(CITED)]) == ("incomplete", CITED)


def test_a_signal_ends_the_chat_under_any_screen(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat") as terminal:
        opened(terminal)
        terminal.send("/help" + ENTER)
        terminal.wait_for("/everything")
        os.kill(terminal.process.pid, signal.SIGTERM)

        assert (terminal.wait(), terminal.is_restored) == (143, True)


def test_a_terminal_that_is_closed_leaves_no_process_behind(sample_archive: Path, model: Model, home: Path) -> None:
    model.pieces = PIECES
    with PtyScreen("-a", sample_archive, "chat", "--model", "openai:m") as terminal:
        opened(terminal)
        ask(terminal)
        terminal.hang_up()

        assert terminal.process.wait(PATIENCE_S) == 129
    (turn,) = saved(home)
    assert turn.state == "incomplete"


@pytest.mark.parametrize("hears_of_it", [True, False])
def test_a_terminal_that_is_closed_while_much_is_written_leaves_no_process_behind(
    hears_of_it: bool, sample_archive: Path, model: Model
) -> None:
    model.pieces = [f"The drone number {number} was an MQ-9 Reaper. [1] " for number in range(10_000)]
    # Of a terminal that is not its session's own a program gets no signal.
    code = CALL if hears_of_it else CALL.replace("fcntl.ioctl(0, termios.TIOCSCTTY, 0); ", "")
    with PtyScreen("-a", sample_archive, "chat", "--model", "openai:m", code=code) as terminal:
        opened(terminal)
        terminal.send(QUESTION + ENTER)
        terminal.wait_for(lambda screen: screen.count("drone number") > 3)
        terminal.hang_up()

        assert terminal.process.wait(PATIENCE_S) == 129


def test_what_was_typed_before_leaving_comes_too_late(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat") as terminal:
        opened(terminal)
        terminal.send((QUESTION + ENTER) * 10 + QUIT)

        assert (terminal.wait(), terminal.is_restored, terminal.outside) == (0, True, "")


# -- Ctrl+C ------------------------------------------------------------------------------------------------------------


def test_ctrl_c_clears_then_stops_then_tells_how_to_leave(sample_archive: Path, model: Model, home: Path) -> None:
    model.pieces = PIECES
    with PtyScreen("-a", sample_archive, "chat", "--model", "openai:m") as terminal:
        opened(terminal)
        ask(terminal)
        terminal.send("another one")
        terminal.wait_for("another one")
        terminal.send(CANCEL)
        terminal.wait_for(lambda screen: "another one" not in screen)
        assert "Esc stops" in terminal.screen

        terminal.send(CANCEL)
        terminal.wait_for(lambda screen: "Esc stops" not in screen)
        terminal.send(CANCEL)
        terminal.wait_for("Ctrl+Q leaves; the conversation is saved")
        terminal.send(QUIT)

        assert terminal.wait() == 0
    (turn,) = saved(home)
    assert turn.state == "incomplete"


def test_who_leaves_is_told_how_to_come_back(sample_archive: Path, home: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat", "--session", "two drones", columns=250) as terminal:
        opened(terminal)
        terminal.send(QUESTION + ENTER)
        terminal.wait_for("[1]")
        terminal.send(QUIT)

        assert terminal.wait() == 0
        line = f"`dateline -a {sample_archive} chat --session 'two drones'` goes on with this conversation"
        assert " ".join(terminal.outside.split()) == line
    assert len(saved(home)) == 1


def test_who_leaves_what_is_not_saved_is_told_nothing(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat", "--no-save") as terminal:
        opened(terminal)
        terminal.send(QUESTION + ENTER)
        terminal.wait_for("[1]")
        terminal.send(QUIT)

        assert (terminal.wait(), terminal.outside) == (0, "")


# -- bugs --------------------------------------------------------------------------------------------------------------

# Each lets something of ours fail in a process of its own, with a key where a traceback would show it.
BUGS = {
    "in the archive's thread": """
        from store.archive import Archive
        def fail(self):
            api_key = key
            raise RuntimeError(f"no such key: {api_key}")
        Archive.status = fail
        """,
    "in an answer": """
        from assistant.tui.asker import Asker
        def fail(self, *arguments):
            headers = {"Authorization": key}
            yield from ()
            raise KeyError(headers["Authorization"])
        Asker._events = fail
        """,
    "in a screen's parts": """
        from assistant.tui.welcome import Welcome
        def fail(self):
            api_key = key
            raise RuntimeError(api_key)
        Welcome.compose = fail
        """,
    "in painting": """
        from assistant.tui.header import ChatHeader
        def fail(self):
            api_key = key
            raise RuntimeError(api_key)
        ChatHeader.render = fail
        """,
    "in a key": """
        from assistant.tui.chat_screen import ChatScreen
        def fail(self):
            api_key = key
            raise RuntimeError(api_key) from ValueError(api_key)
        ChatScreen.action_sources = fail
        """,
    "in a command": """
        from assistant.tui import obeying
        async def fail(app, text):
            api_key = key
            raise RuntimeError(api_key)
        obeying.obey = fail
        """,
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_ends_in_a_line_and_a_report_without_keys(
    bug: str, sample_archive: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    failing = "import os, textwrap; key = os.environ['OPENAI_API_KEY']; exec(textwrap.dedent(os.environ['BUG'])); "

    with PtyScreen("-a", sample_archive, "chat", code=failing + CALL, BUG=BUGS[bug]) as terminal:
        if bug in {"in an answer", "in a key", "in a command"}:
            opened(terminal)
            terminal.send({"in an answer": QUESTION + ENTER, "in a key": SOURCES, "in a command": "/all" + ENTER}[bug])

        assert terminal.wait() == 70
        assert (terminal.is_restored, terminal.foreign) == (True, [])
        told = " ".join(terminal.outside.split())
        assert re.fullmatch(r"dateline: this is a bug of dateline, not of yours: \w+; report what '.+' holds", told)
        assert KEY.encode() not in terminal.raw
    report = home / "dateline" / "crash.txt"
    assert str(report) in told.replace(" ", "")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "in fail" in report.read_text(encoding="utf-8")
    assert KEY not in report.read_text(encoding="utf-8")


# -- not beginning -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("redirected", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_there_is_a_line_with_the_remedy(redirected: str, sample_archive: Path) -> None:
    ours, terminal = os.openpty()
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
    streams[redirected] = subprocess.PIPE
    try:
        done = subprocess.run(
            dateline_command("-a", sample_archive, "chat"),
            env=child_environment(TERM="xterm"),
            timeout=30,
            check=False,
            **streams,
        )
        told = done.stderr if redirected == "stderr" else os.read(ours, 10_000)
    finally:
        os.close(terminal)
        os.close(ours)

    line = 'dateline: the chat needs a terminal; `dateline ask "…"` works everywhere\n'
    assert (done.returncode, told.decode().replace("\r", "")) == (2, line)


def test_on_a_terminal_that_knows_nothing_there_is_the_same_line(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat", TERM="dumb") as terminal:
        assert terminal.wait() == 2
        assert "the chat needs a terminal" in terminal.outside
        assert b"\x1b" not in terminal.raw


# -- strange terminals -------------------------------------------------------------------------------------------------


def test_what_is_no_utf_8_is_not_heard(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat") as terminal:
        opened(terminal)
        terminal.send(b"\xff\xfe \xed\xa0\x80")
        # What is read together with such a byte is lost.
        while "heard" not in terminal.screen:
            terminal.press("heard")
        terminal.send(QUIT)

        assert (terminal.wait(), terminal.is_restored, terminal.outside) == (0, True, "")


# -- sizes and colours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "columns"), [(5, 20), (24, 80), (100, 300)])
def test_any_size_will_do(rows: int, columns: int, sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat", rows=rows, columns=columns) as terminal:
        terminal.wait_for("Dateline")
        terminal.send(QUESTION + ENTER)
        terminal.wait_for("❯ What kind" if rows > 5 else "Ask the")
        terminal.send(READ + ESCAPE + QUIT)

        assert (terminal.wait(), terminal.is_restored) == (0, True)
        told = " ".join(terminal.outside.split())
        assert not told or told.endswith("goes on with this conversation")


def test_a_window_may_change_while_an_answer_is_written(sample_archive: Path, model: Model) -> None:
    model.pieces = PIECES
    with PtyScreen("-a", sample_archive, "chat", "--model", "openai:m") as terminal:
        opened(terminal)
        ask(terminal)
        for rows, columns in ((10, 40), (5, 20), (60, 200), (24, 80)):
            terminal.resize(rows, columns)
            terminal.wait_for(lambda screen: screen.strip())
        model.go_on.set()
        terminal.wait_for(
            lambda screen: "flown from far away" in " ".join(screen.split()) and "Esc stops" not in screen
        )
        terminal.send(QUIT)

        assert (terminal.wait(), terminal.foreign) == (0, [])


def test_who_wants_no_colour_gets_greys(sample_archive: Path) -> None:
    with PtyScreen("-a", sample_archive, "chat", NO_COLOR="1") as terminal:
        opened(terminal)
        terminal.send(QUESTION + ENTER)
        terminal.wait_for("[1]")
        terminal.send(QUIT)
        terminal.wait()

    assert [colour for colour in terminal.colours if len(set(colour.split(";")[2:])) != 1] == []
