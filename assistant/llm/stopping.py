"""The order to stop an answer: given by one thread, heard by the one that waits for a model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from assistant.errors import LLMStopped

# The warning of an answer that was stopped; it is kept with the answer, and known again by these words.
STOPPED_EARLY = "stopped before its end"


class Stop:
    """Stops one answer. Any thread may set it, at any time and more than once; it stays set."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._callbacks: dict[object, Callable[[], None]] = {}
        # Held while callbacks run, so that none runs once its block was left. Reentrant: a signal handler may set it.
        self._lock = threading.RLock()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        """Stop the answer: wake who waits for it, and call what is to be called."""
        with self._lock:
            self._event.set()
            while self._callbacks:
                _, callback = self._callbacks.popitem()
                _call(callback)

    def check(self) -> None:
        """Raise ``LLMStopped`` if it is set."""
        if self.is_set:
            raise LLMStopped("stopped")

    def wait(self, seconds: float) -> bool:
        """Sleep until it is set, at most so long; return whether it is."""
        return self._event.wait(seconds)

    @contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """Have ``callback`` called once when it is set within the block, at once if it is set already.

        It is called in the thread that stops and must not wait for anything; what it raises is nobody's to hear. After
        the block it neither runs nor will: what it uses may be taken apart.
        """
        key = object()
        with self._lock:
            if self.is_set:
                _call(callback)
            else:
                self._callbacks[key] = callback
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.pop(key, None)


def _call(callback: Callable[[], None]) -> None:
    with suppress(Exception):  # Whoever stops an answer is not to be stopped by it.
        callback()
