"""The terminal as Textual drives it, but for two things: it may go away, and it may send what is no UTF-8."""

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

    def _run_input_thread(self) -> None:
        while True:
            try:
                self.run_input_thread()
            except UnicodeDecodeError:
                continue  # What came with it is lost, and nothing else.
            except OSError:
                self._app.post_message(TerminalLost())
            except Exception as exc:  # noqa: BLE001 - raised where bugs are told
                self._app.call_later(_raise, exc)
            return


def _raise(error: Exception) -> None:
    raise error


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
