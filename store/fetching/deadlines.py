"""The time that one fetch may take, from its first look-up to its last byte."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from store.fetching.failures import Overdue, Stopped


class Deadline:
    """A moment, ``seconds`` from now, after which nothing is waited for, or as soon as ``stopped`` is set."""

    def __init__(self, seconds: float, stopped: threading.Event) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._stopped = stopped

    def left_s(self) -> float:
        """Return how many seconds are left, more than 0. Raises ``Overdue`` or ``Stopped``."""
        if self._stopped.is_set():
            raise _stopped()
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.overdue()
        return left

    def overdue(self) -> Overdue:
        """Return what is raised when the time is over."""
        return Overdue(f"no complete answer within {self._seconds:g} seconds")

    def wait(self, seconds: float) -> None:
        """Wait. Raises ``Overdue`` at once where that would take longer than what is left, ``Stopped`` if stopped."""
        if seconds <= 0:
            return
        if seconds >= self.left_s():
            raise self.overdue()
        if self._stopped.wait(seconds):
            raise _stopped()

    @contextmanager
    def taking(self, lock: threading.Lock) -> Iterator[None]:
        """Hold ``lock``. What it takes to get it does not count: that is other work of ours, with its own deadline."""
        began = time.monotonic()
        with lock:
            self._ends += time.monotonic() - began
            self.left_s()
            yield


def _stopped() -> Stopped:
    return Stopped("stopped before it was complete")
