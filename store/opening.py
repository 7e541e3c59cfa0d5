"""Models that open in a thread, beside what their user does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from store.errors import DatelineError

T = TypeVar("T")


class Opening(Generic[T]):
    """A model that is being opened: reading its files and preparing them lets go of the interpreter.

    ``failed`` makes of an exception that is not ours one that is. The process does not end before the model is open.
    """

    def __init__(self, open_model: Callable[[], T], failed: Callable[[Exception], DatelineError]) -> None:
        self._open_model = open_model
        self._failed = failed
        self._model: T | None = None
        self._error: DatelineError | None = None
        self._thread = threading.Thread(target=self._open)
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> T | None:
        """Return the model, None where it is not open after ``timeout_s``; raise what kept it from opening."""
        self._thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        return self._model

    def _open(self) -> None:
        try:
            self._model = self._open_model()
        except DatelineError as exc:
            self._error = exc
        except Exception as exc:  # noqa: BLE001 - told where it is waited for, not lost with the thread
            self._error = self._failed(exc)
