"""What a person sees while a model reads and writes."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from assistant.cli.terminal import Terminal
from assistant.cli.waiting import Waiting, _elapsed

LONGEST_S = 60


class Screen(io.StringIO):
    """A stream that says it is a terminal, and when something with certain words was written to it."""

    def __init__(self, awaited: str = "") -> None:
        super().__init__()
        self.awaited = awaited
        self.is_drawn = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.awaited in text:
            self.is_drawn.set()
        return written


def open_screen(monkeypatch: pytest.MonkeyPatch, awaited: str = "") -> Screen:
    """Make both streams terminals of 60 columns that are redrawn all the time; return stderr."""
    screen = Screen(awaited)
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("assistant.cli.waiting._REDRAWN_EVERY_S", 0.001)
    return screen


def test_it_says_who_does_what_and_is_wiped_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = open_screen(monkeypatch, "reads 10 passages")
    with Waiting(Terminal(), "ollama:x") as waiting:
        waiting.begin("reads 10 passages")
        assert screen.is_drawn.wait(LONGEST_S)

    drawn = screen.getvalue()
    assert drawn.startswith("\rollama:x reads 10 passages · 0 s")
    assert drawn.endswith(f"\r{' ' * len('ollama:x reads 10 passages · 0 s')}\r")
    assert "\n" not in drawn


def test_with_the_first_piece_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = open_screen(monkeypatch, "ollama:x writes · ")
    with Waiting(Terminal(), "ollama:x") as waiting:
        waiting.begin("reads 1 passage")
        waiting.note_piece("Foreign \x1b[31mtext")

        assert screen.is_drawn.wait(LONGEST_S)

    assert "Foreign" not in screen.getvalue()


def test_it_can_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = open_screen(monkeypatch, "reads 10 passages")
    with Waiting(Terminal(), "m") as waiting:
        waiting.begin("reads the conversation")
        waiting.end()
        waiting.end()
        waiting.begin("reads 10 passages")

        assert screen.is_drawn.wait(LONGEST_S)


def test_of_a_long_name_the_end_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = open_screen(monkeypatch, f"…{'a' * 29}model.gguf reads")
    with Waiting(Terminal(), f"local:/{'a' * 80}model.gguf") as waiting:
        waiting.begin("reads")

        assert screen.is_drawn.wait(LONGEST_S)


@pytest.mark.parametrize("case", ["quiet", "stdout", "stderr", "extractive"])
def test_where_nobody_looks_or_waits_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    screen, terminal = open_screen(monkeypatch), Terminal()
    terminal.quiet = case == "quiet"
    piped = io.StringIO()
    if case in {"stdout", "stderr"}:
        monkeypatch.setattr(sys, case, piped)

    with Waiting(terminal, "extractive" if case == "extractive" else "m") as waiting:
        waiting.begin("reads")
        threads = [thread.name for thread in threading.enumerate()]

    assert "waiting" not in threads
    assert (screen.getvalue(), piped.getvalue()) == ("", "")


@pytest.mark.parametrize(("seconds", "told"), [(0.9, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (754, "12 min 34 s")])
def test_time_is_told_to_the_second(seconds: float, told: str) -> None:
    assert _elapsed(seconds) == told
