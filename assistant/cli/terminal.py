"""Where everything that is printed goes through: cleaned, in colour or not, to the right stream."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from typing import TextIO

from assistant.durations import duration_text
from store.cleaning import plain

# Wider lines are hard to read, whatever the window allows.
_WIDEST = 100

_REDRAW_S = 0.2

# A word with the blanks before it, or a line break.
_WORDS = re.compile(r"\n|[^\S\n]*[^\s]+|[^\S\n]+")


class Terminal:
    """stdout and stderr of one run. ``quiet`` drops notices and progress, never errors or answers."""

    def __init__(self) -> None:
        self.quiet = False
        self.debug = False
        self._began: dict[str, float] = {}
        self._drawn = 0.0
        self._line = 0
        self._column = 0

    @property
    def is_interactive(self) -> bool:
        """Whether a person looks at stdout."""
        return sys.stdout.isatty()

    @property
    def has_colour(self) -> bool:
        return self.is_interactive and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Return the columns to wrap at; piped text is not wrapped (0)."""
        return min(shutil.get_terminal_size().columns, _WIDEST) if self.is_interactive else 0

    def say(self, text: str = "", *, end: str = "\n") -> None:
        """Write a part of the answer to stdout. Styles are added by ``rendering`` after cleaning, never by the text."""
        _write(sys.stdout, text + end)

    def flow(self, text: str) -> None:
        """Write a piece of running text to stdout, wrapped at words where a terminal shows it."""
        lines = ""  # written at once: whoever reads a pipe gets the piece, not its first word
        for word in _WORDS.findall(text):
            fits = not self.width or self._column + len(word.rstrip()) <= self.width
            if not fits and self._column:
                lines += "\n"
                self._column, word = 0, word.lstrip(" ")  # noqa: PLW2901 - a word without the blank before it
            lines += word
            self._column = 0 if word.endswith("\n") else self._column + len(word)
        _write(sys.stdout, lines)

    def end_flow(self) -> None:
        """End the line of running text."""
        _write(sys.stdout, "\n")
        self._column = 0

    def flush(self) -> None:
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Tell a person something beside the answer."""
        if not self.quiet:
            self.end_progress()
            told = plain(text)
            if sys.stderr.isatty():
                from textwrap import fill  # 1 ms

                width = max(20, shutil.get_terminal_size().columns - 1)
                told = fill(told, width, subsequent_indent="  ", break_on_hyphens=False)
            _write(sys.stderr, f"{told}\n")

    def fail(self, text: str) -> None:
        self.end_progress()
        _write(sys.stderr, f"dateline: {plain(text)}\n")

    @property
    def shows_progress(self) -> bool:
        """Whether a person looks at stderr and wants to know how far things are."""
        return not self.quiet and sys.stderr.isatty()

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Draw one line of progress with rate and time left, on a terminal only."""
        if not self.shows_progress:
            return
        now = time.monotonic()
        began = self._began.setdefault(stage, now)
        if now - self._drawn < _REDRAW_S and done != total:
            return
        self._drawn = now
        self.show_progress(_progress_line(stage, done, total, now - began))

    def show_progress(self, text: str) -> None:
        """Draw a line in place of the one before it, on a terminal only; cut where the window ends."""
        if not self.shows_progress:
            return
        line = plain(text)[: shutil.get_terminal_size().columns - 1]
        _write(sys.stderr, "\r" + line + " " * max(0, self._line - len(line)))
        sys.stderr.flush()
        self._line = len(line)

    def end_progress(self) -> None:
        """Wipe the line of progress, if one is drawn."""
        if self._line:
            _write(sys.stderr, "\r" + " " * self._line + "\r")
            self._line = 0


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        # A terminal of another encoding shows what it can.
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))


_STAGES = {
    "articles": "reading",
    "names": "finding who and what is named in",
    "words": "indexing the words of",
    "vectors": "embedding",
    "index": "building the index of",
    "upload": "sending vectors",
}

# Stages that are done in one go, and what they count.
_WHOLE = {"words": "passages", "index": "vectors"}


def _progress_line(stage: str, done: int, total: int | None, elapsed_s: float) -> str:
    rate = done / elapsed_s if elapsed_s > 1 else 0.0
    text = f"{_STAGES.get(stage, stage)} {done:,}{f' of {total:,}' if total else ''}"
    if stage in _WHOLE:
        return f"{_STAGES[stage]} {total or 0:,} {_WHOLE[stage]}"
    if rate:
        text += f" · {rate:,.0f} a second"
        if total and done < total:
            text += f" · {duration_text((total - done) / rate)} left"
    return text
