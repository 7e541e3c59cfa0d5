"""Work for several hosts at once: one thing at a time for each of them, in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

# Threads wait for servers, and for the pause that one host is owed.
THREADS = 8


class Lanes(Generic[T]):
    """Runs work in threads, that of one lane in the order in which it was put there.

    Leaving the context drops what has not begun and waits for nothing: close first what the threads wait for.
    """

    def __init__(self, *, threads: int = THREADS) -> None:
        self._count = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lane")
        self._queued: dict[str, deque[Callable[[], T]]] = {}
        self._running: dict[Future[T], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def put(self, lane: str, work: Callable[[], T]) -> None:
        self._queued.setdefault(lane, deque()).append(work)

    def outcomes(self) -> Iterator[T]:
        """Yield what each piece of work returns, as it is done, until nothing is left; more may be put meanwhile."""
        while self._queued or self._running:
            self._start()
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                del self._running[future]
                yield future.result()

    def _start(self) -> None:
        busy = set(self._running.values())
        for lane in [lane for lane in self._queued if lane not in busy]:
            if len(self._running) == self._count:
                return
            # What is left of it goes to the end: every lane has its turn.
            queue = self._queued.pop(lane)
            self._running[self._threads.submit(queue.popleft())] = lane
            if queue:
                self._queued[lane] = queue
