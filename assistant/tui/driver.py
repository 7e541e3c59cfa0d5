"""The terminal as Textual drives it, with one difference: when it is gone, nobody waits for it."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App


class TerminalLost(Message):
    """What is written reaches nobody any more: the window is closed, or the line is cut."""


class TerminalDriver(LinuxDriver):
    """Writes to a terminal for as long as there is one, and then tells the app.

    Textual's own thread for writing ends with the first error; the queue before it fills, and the program, which waits
    for room in it, can neither be left nor hear a signal.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = _Output(self._file, lambda: app.post_message(TerminalLost()))


class _Output:
    """What Textual needs of a file to write to. After an error it takes everything, and writes nothing."""

    def __init__(self, file: IO[str], tell_lost: Callable[[], object]) -> None:
        self._file = file
        self._tell_lost = tell_lost
        self._is_lost = False

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> None:
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        self._try(self._file.flush)

    def _try(self, write: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            write()
        except (OSError, ValueError):  # ValueError: closed on our side
            self._is_lost = True
            self._tell_lost()
