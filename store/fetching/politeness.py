"""How often one host is asked: one thing at a time, and a pause between."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from store.fetching.deadlines import Deadline


@dataclass
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    left_alone_since: float | None = None


class Politeness:
    """The turns at each host, shared by all threads; at least ``delay_s`` lies between two."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str, deadline: Deadline, *, delay_s: float = 0.0) -> Iterator[None]:
        """Hold ``host`` for one request, after a pause of ``delay_s`` where that is longer than ours.

        The pause counts against the deadline, because its length may be what the host wants.
        """
        asked = self._host(host)
        with deadline.taking(asked.lock):
            if asked.left_alone_since is not None:
                deadline.wait(asked.left_alone_since + max(self._delay_s, delay_s) - time.monotonic())
            try:
                yield
            finally:
                asked.left_alone_since = time.monotonic()

    @contextmanager
    def errand(self, host: str, deadline: Deadline) -> Iterator[None]:
        """Hold ``host`` for a request that is part of another visit: neither this one nor the next waits for it."""
        with deadline.taking(self._host(host).lock):
            yield

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(host, _Host())
