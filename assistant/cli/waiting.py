"""A sign of life for whoever waits for a model: it may read for minutes before it has a sentence to show."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from assistant.cli.terminal import Terminal

# The first line comes after as long: what is faster needs none.
_REDRAWN_EVERY_S = 1.0

# The end of a name says more than its beginning: it may be a path.
_NAME_CHARS = 40


class Waiting:
    """One line on stderr that says what ``model`` does and for how long, between ``begin`` and ``end``.

    Only where a person looks at both streams, and never for the built-in model. A thread draws it: end it before
    anything else is printed.
    """

    def __init__(self, terminal: Terminal, model: str) -> None:
        self._terminal = terminal
        self._model = model if len(model) <= _NAME_CHARS else f"…{model[1 - _NAME_CHARS :]}"
        self._is_wanted = terminal.shows_progress and terminal.is_interactive and model != "extractive"
        self._does = ""
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def begin(self, does: str) -> None:
        """Show the line from now on."""
        self.end()
        if self._is_wanted:
            self._does = does
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._draw, name="waiting", daemon=True)
            self._thread.start()

    def note_piece(self, piece: str) -> None:
        """Take notice that the model has written something; what it was is not shown."""
        del piece
        self._does = "writes"

    def end(self) -> None:
        """Wipe the line, if one is drawn."""
        if self._thread is not None:
            self._over.set()
            self._thread.join()
            self._thread = None
            self._terminal.end_progress()

    def _draw(self) -> None:
        began = time.monotonic()
        while not self._over.wait(_REDRAWN_EVERY_S):
            self._terminal.show_progress(f"{self._model} {self._does} · {_elapsed(time.monotonic() - began)}")


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
