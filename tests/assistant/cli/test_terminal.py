"""What goes to which stream, cleaned, and how progress is told."""

from __future__ import annotations

import io
import sys

import pytest

from assistant.cli.terminal import Terminal
from assistant.errors import told
from store.errors import ArchiveEmpty


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def open_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Make stderr a terminal of 40 columns. Not a fixture: pytest sets its own stderr after these."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "40")
    return screen


def test_answers_go_to_stdout_and_all_else_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()

    terminal.say("An answer", end=".\n")
    terminal.note("a notice")
    terminal.fail("an error")

    assert capsys.readouterr() == ("An answer.\n", "a notice\ndateline: an error\n")


def test_quiet_drops_notices_and_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.quiet = True

    terminal.note("a notice")
    terminal.fail("an error")

    assert capsys.readouterr() == ("", "dateline: an error\n")


def test_notices_and_errors_hold_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()

    terminal.note("a\x1b[31m\x9b \u202enotice")
    terminal.fail("an\x07 error")

    assert capsys.readouterr().err == "a[31m notice\ndateline: an error\n"


def test_a_pipe_has_neither_colour_nor_width() -> None:
    assert (Terminal().is_interactive, Terminal().has_colour, Terminal().width) == (False, False, 0)


@pytest.mark.parametrize(
    ("variables", "has_colour"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_has_colour_unless_it_is_told_not_to(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], has_colour: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Screen())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Terminal().has_colour == has_colour


def test_lines_are_no_wider_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())

    monkeypatch.setenv("COLUMNS", "60")
    narrow = Terminal().width
    monkeypatch.setenv("COLUMNS", "300")

    assert (narrow, Terminal().width) == (60, 100)


def test_a_notice_breaks_between_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = open_screen(monkeypatch)

    Terminal().note("searching articles of Delta Evening Standardbearer (the question does)")

    assert screen.getvalue() == ("searching articles of Delta Evening\n  Standardbearer (the question does)\n")


def test_progress_is_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().progress("vectors", 5, 10)

    assert capsys.readouterr() == ("", "")


def test_progress_is_one_line_that_is_wiped_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, terminal = open_screen(monkeypatch), Terminal()

    terminal.progress("vectors", 10, 10)
    terminal.note("done")

    assert screen.getvalue() == "\rembedding 10 of 10\r" + " " * 18 + "\rdone\n"


def test_progress_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, terminal = open_screen(monkeypatch), Terminal()

    terminal.progress("index", 1_000_000_000, 1_000_000_000)
    terminal.progress("a stage with a name that is far too long for any terminal", 1, 1)

    assert max(map(len, screen.getvalue().split("\r"))) < 40


@pytest.mark.parametrize(
    ("stage", "drawn"),
    [
        ("articles", "reading 1,200"),
        ("words", "indexing the words of 1,200 passages"),
        ("vectors", "embedding 1,200 of 1,200"),
        ("index", "building the index of 1,200 vectors"),
    ],
)
def test_each_stage_has_its_words(monkeypatch: pytest.MonkeyPatch, stage: str, drawn: str) -> None:
    screen = open_screen(monkeypatch)

    Terminal().progress(stage, 1200, None if stage == "articles" else 1200)

    assert screen.getvalue() == f"\r{drawn}"


def test_quiet_draws_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, terminal = open_screen(monkeypatch), Terminal()
    terminal.quiet = True

    terminal.progress("vectors", 10, 10)

    assert screen.getvalue() == ""


def test_a_stream_of_another_encoding_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    Terminal().say("“Skelby” — 5")
    Terminal().flush()

    assert raw.getvalue() == b"?Skelby? ? 5\n"


def test_an_error_is_told_with_what_helps_where_that_is_known() -> None:
    assert told(ArchiveEmpty("it is empty", hint="fill it")) == "it is empty; fill it"
    assert told(ArchiveEmpty("it is empty")) == "it is empty"


class NarrowTerminal(Terminal):
    """A terminal of twenty columns that somebody looks at."""

    @property
    def width(self) -> int:
        return 20


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_running_text_is_wrapped_at_words_however_it_comes(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    text = "The ferry sank off the harbour. [1] All 212 people were brought ashore. [2]"
    terminal = NarrowTerminal()

    for word in (" ".join(text.split()[i : i + size]) for i in range(0, len(text.split()), size)):
        terminal.flow(word + " ")
    terminal.end_flow()

    shown = capsys.readouterr().out
    assert [line for line in shown.split("\n") if len(line.rstrip()) > 20] == []
    assert " ".join(shown.split()) == text


def test_piped_running_text_is_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()

    terminal.flow("The ferry sank off the harbour of Skelby on Tuesday. [1]")
    terminal.end_flow()

    assert capsys.readouterr().out == "The ferry sank off the harbour of Skelby on Tuesday. [1]\n"
