"""The program in a terminal of its own, as a person runs it: what it writes, byte by byte, and what is seen of it."""

from __future__ import annotations

import base64
import binascii
import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from store.cleaning import plain
from tests.command_line import child_environment

PATIENCE_S = 60.0

# The terminal becomes that of the new session, so that it tells the program of its size and of its end.
CALL = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "from assistant.cli import main; sys.argv[0] = 'dateline'; main()"
)

# What one thing is that a program may write: text, a control character, or a sequence with its kind. Whatever begins a
# sequence and matches nothing else here is a token of one character, which nobody allows.
_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<private>[<=>?]?)(?P<numbers>[0-9;]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<osc>[^\x00-\x1f\x7f-\x9f]*)(?:\x07|\x1b\\)"
    r"|(?P<other>[\x00-\x1f\x7f-\x9f])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*[ -/]*|\][^\x00-\x1f\x7f-\x9f]*\x1b?)?\Z")

# Modes that Textual sets and resets: the other screen, the cursor, wrapping, the mouse, focus, pasting, whole frames.
MODES = {1049, 25, 7, 1000, 1003, 1006, 1015, 1016, 1004, 2004, 2026, 2048}
# Those that a shell has afterwards.
USUAL_MODES = frozenset({25, 7})
_SHAPES = {"default", "pointer", "text", "help", "not-allowed", "ew-resize", "ns-resize", "grab", "grabbing"}


class PtyScreen:
    """Runs ``dateline`` with ``arguments`` in a terminal, for as long as the ``with`` block lasts.

    ``foreign`` collects what it writes that neither Textual nor we do. ``clipboard`` is what was copied by OSC 52,
    ``modes`` are the modes that are on, ``outside`` is what is written before and after the program has the screen.
    """

    def __init__(
        self,
        *arguments: str | Path,
        rows: int = 40,
        columns: int = 120,
        cwd: Path | None = None,
        code: str = CALL,
        **variables: str,
    ) -> None:
        self.rows, self.columns = rows, columns
        self.raw = b""
        self.foreign: list[str] = []
        self.clipboard: list[str] = []
        self.colours: set[str] = set()
        self.modes = set(USUAL_MODES)
        self.outside = ""
        self._cells: list[list[str]] = [[" "] * columns for _ in range(rows)]
        self._at = (0, 0)
        self._decode = codecs.getincrementaldecoder("utf-8")("strict").decode
        self._rest = ""
        self._is_over = False
        self._master, terminal = os.openpty()
        self.resize(rows, columns)
        self.settings = termios.tcgetattr(self._master)
        environment = child_environment(**{"TERM": "xterm-256color", "COLORTERM": "truecolor", **variables})
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, *map(str, arguments)],
            stdin=terminal, stdout=terminal, stderr=terminal, cwd=cwd, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        self.hang_up()

    # -- the person ----------------------------------------------------------------------------------------------------

    def send(self, keys: str | bytes) -> None:
        """Type something; a long text is read by the program as it is written."""
        waiting = keys.encode("utf-8", "surrogatepass") if isinstance(keys, str) else keys
        due = time.monotonic() + PATIENCE_S
        while waiting:
            _, writable, _ = select.select([], [self._master], [], 0.1)
            if writable:
                waiting = waiting[os.write(self._master, waiting[:1024]) :]
            self._read(0)
            assert time.monotonic() < due, "the program does not read what is typed"

    def press(self, key: str) -> None:
        """Type a key that changes what is shown, and read until something has changed."""
        written = len(self.raw)
        self.send(key)
        self.wait_for(lambda _: len(self.raw) > written)

    def paste(self, text: str) -> None:
        """Paste a text as a terminal does: without ESC, by which a text could end its own pasting."""
        self.send(f"\x1b[200~{text.replace(chr(27), '')}\x1b[201~")

    def click(self, row: int, column: int) -> None:
        """Click on a cell; both count from 0."""
        place = f"{column + 1};{row + 1}"
        self.send(f"\x1b[<0;{place}M\x1b[<0;{place}m")

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size; what it showed is gone."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.rows, self.columns = rows, columns
        self._cells = [[" "] * columns for _ in range(rows)]

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed or the line is cut."""
        if self._master >= 0:
            os.close(self._master)
            self._master, self._is_over = -1, True

    def wait_for(self, wanted: str | Callable[[str], object]) -> None:
        """Read until the screen shows a text, or something is true of what it shows, once a frame is whole."""
        holds = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        due = time.monotonic() + PATIENCE_S
        while 2026 in self.modes or not holds(self.screen):
            assert time.monotonic() < due, f"waited in vain for {wanted!r}; the screen:\n{self.screen}"
            assert not self._is_over, f"over before {wanted!r}; it said:\n{self.outside}"
            self._read(0.5)

    def wait(self) -> int:
        """Read to the end, and return the exit code."""
        due = time.monotonic() + PATIENCE_S
        while not self._is_over:
            assert time.monotonic() < due, f"it does not end; the screen:\n{self.screen}"
            self._read(0.5)
        return self.process.wait(PATIENCE_S)

    # -- the terminal --------------------------------------------------------------------------------------------------

    @property
    def screen(self) -> str:
        """What can be seen, line by line."""
        return "\n".join("".join(row).rstrip() for row in self._cells)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was before the program."""
        return self.modes == USUAL_MODES and termios.tcgetattr(self._master) == self.settings

    def place_of(self, text: str) -> tuple[int, int]:
        """Return the row and the column where a text is shown first."""
        rows = ["".join(row) for row in self._cells]
        row = next(index for index, line in enumerate(rows) if text in line)
        return row, rows[row].index(text)

    def _read(self, timeout_s: float) -> None:
        readable, _, _ = select.select([self._master], [], [], timeout_s)
        if not readable:
            return
        try:
            read = os.read(self._master, 65_536)
        except OSError:  # Nobody has the terminal open any more.
            read = b""
        if not read:
            self._is_over = True
            self.foreign += [repr(self._rest)] if self._rest else []
            return
        self.raw += read
        self._interpret(self._rest + self._decode(read))

    def _interpret(self, text: str) -> None:
        unfinished = _UNFINISHED.search(text)
        self._rest = unfinished[0] if unfinished else ""
        for token in _TOKEN.finditer(text, 0, len(text) - len(self._rest)):
            if token["text"] is not None:
                self._write(token["text"])
            elif token["final"] is not None:
                self._obey(token)
            elif token["osc"] is not None:
                self._hear(token["osc"])
            elif token[0] not in "\r\n":
                self.foreign.append(repr(token.string[token.start() : token.end() + 40]))

    def _obey(self, token: re.Match[str]) -> None:
        private, numbers, final = token["private"], token["numbers"], token["final"]
        form = f"{private}{token['between']}{final}"
        if form == "H" and re.fullmatch(r"\d+;\d+", numbers):
            row, column = map(int, numbers.split(";"))
            self._at = (row - 1, column - 1)
        elif form in {"?h", "?l"} and numbers.isdigit() and int(numbers) in MODES:
            self._set(int(numbers), is_on=final == "h")
        elif form == "m":
            self.colours.update(_colours(numbers))
        elif (form, numbers) == ("?$p", "2026"):
            os.write(self._master, b"\x1b[?2026;2$y")  # Known, and off: from now on frames come whole.
        elif (form, numbers) not in {("?$p", "2048"), ("<u", "")} and form != ">u":
            self.foreign.append(repr(token[0]))

    def _set(self, mode: int, *, is_on: bool) -> None:
        (self.modes.add if is_on else self.modes.discard)(mode)
        if mode == 1049:
            self._cells = [[" "] * self.columns for _ in range(self.rows)]

    def _hear(self, command: str) -> None:
        number, _, rest = command.partition(";")
        if number == "52" and rest.startswith("c;"):
            with suppress(binascii.Error, UnicodeDecodeError):
                self.clipboard.append(base64.b64decode(rest[2:], validate=True).decode())
                return
        if number != "22" or rest not in _SHAPES:
            self.foreign.append(repr(f"\x1b]{command}"))

    def _write(self, text: str) -> None:
        if plain(text) != text:
            self.foreign.append(ascii(text))
        if 1049 not in self.modes:
            self.outside += text + "\n"
            return
        row, column = self._at
        for character in text:
            width = _width(character)
            if width and row < self.rows and column < self.columns:
                self._cells[row][column] = character
                if width == 2 and column + 1 < self.columns:
                    self._cells[row][column + 1] = ""
            column += width
        self._at = (row, column)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _colours(numbers: str) -> Sequence[str]:
    """Return the colours in the numbers of an SGR sequence."""
    return re.findall(r"(?:^|;)([34]8;(?:5;\d+|2;\d+;\d+;\d+)|(?:[39]|4|10)[0-7])(?=;|$)", numbers)
