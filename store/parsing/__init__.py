"""Parsers of foreign bytes run in child processes, with bounds on time and memory: nothing they do hurts the parent.

A page or document that hangs, crashes or eats memory costs its own child, and becomes a ``Skipped`` like any other.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from store.parsing.jobs import Job, Piece
from store.parsing.process import DEADLINE_S, MEMORY_BYTES, ParserProcess
from store.records import Draft, Skipped

__all__ = ["READERS", "Job", "ParserPool", "Piece"]

# Each kind, and the function that reads it: (content, origin) → drafts and what is skipped. Imported by children only.
READERS: Mapping[str, str] = {
    "page": "store.readers.page:read_page",
    "pdf": "store.readers.pdf:read_pdf",
    "epub": "store.readers.epub:read_epub",
    "docx": "store.readers.docx:read_docx",
    "mail": "store.readers.mail:read_mail",
    "feed": "store.readers.feeds:read_feed",
}

# How far reading runs ahead of the first unfinished job: far enough that one slow page leaves no other child idle,
# and within a memory that does not depend on how many there are.
_JOBS_AHEAD = 16
_BYTES_AHEAD = 32_000_000

T = TypeVar("T")
# What a job will give, or what is passed through, with the bytes that it holds.
_Waiting = tuple[Future[list[Piece]] | T, int]


class ParserPool:
    """Child processes that parse, one for each core, started when there is something for them to do.

    Safe to use from several threads. Close it, or use it as a context manager: that ends the children at once.
    """

    def __init__(
        self,
        readers: Mapping[str, str] = READERS,
        *,
        children: int | None = None,
        deadline_s: float = DEADLINE_S,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._readers = readers
        self._deadline_s = deadline_s
        self._memory_bytes = memory_bytes
        # A thread for each child: it feeds its child while the caller is busy with what came before.
        self._threads = ThreadPoolExecutor(children or _cores(), thread_name_prefix="parsing")
        self._lock = threading.Lock()
        self._children: set[ParserProcess] = set()
        self._idle: list[ParserProcess] = []
        self._closed = False

    def read(self, jobs: Iterable[Job | T]) -> Iterator[Draft | Skipped | T]:
        """Yield what the readers make of ``jobs``, in their order; what is no job passes through in its place.

        ``jobs`` is taken from in the caller's thread, and only as far ahead as the children need.
        """
        waiting: deque[_Waiting[T]] = deque()
        try:
            for job in jobs:
                if isinstance(job, Job):
                    waiting.append((self._threads.submit(self._read, job, self._readers[job.kind]), len(job.content)))
                else:
                    waiting.append((job, 0))
                while waiting and (_is_done(waiting[0][0]) or _is_far_ahead(waiting)):
                    yield from _outcome(waiting.popleft()[0])
            while waiting:
                yield from _outcome(waiting.popleft()[0])
        finally:
            for outcome, _ in waiting:
                if isinstance(outcome, Future):
                    outcome.cancel()

    def close(self) -> None:
        """End the children, whatever they are doing."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, job: Job, reader: str) -> list[Piece]:
        try:
            child = self._take_child()
        except OSError as exc:
            return [Skipped(job.origin.source, job.line, f"the parser could not be started: {exc.strerror}")]
        if child is None:
            return []
        pieces = child.read(job, reader)
        with self._lock:
            if child.is_alive():
                self._idle.append(child)
            else:
                self._children.discard(child)
        if not child.is_alive():
            child.close()
        return pieces

    def _take_child(self) -> ParserProcess | None:
        """Return an idle child, or a new one, or None where the pool was closed meanwhile."""
        with self._lock:
            if self._closed:
                return None
            while self._idle:
                # The one that worked last: its libraries are loaded, and the others may stay asleep.
                child = self._idle.pop()
                if child.is_alive():
                    return child
                self._children.discard(child)
                child.close()
            child = ParserProcess(deadline_s=self._deadline_s, memory_bytes=self._memory_bytes)
            self._children.add(child)
            return child


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _is_done(outcome: Future[list[Piece]] | object) -> bool:
    return not isinstance(outcome, Future) or outcome.done()


def _is_far_ahead(waiting: deque[_Waiting[T]]) -> bool:
    return len(waiting) > _JOBS_AHEAD or sum(size for _, size in waiting) > _BYTES_AHEAD


def _outcome(outcome: Future[list[Piece]] | T) -> Iterator[Draft | Skipped | T]:
    if isinstance(outcome, Future):
        yield from outcome.result()
    else:
        yield outcome
