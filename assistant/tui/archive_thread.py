"""An archive in a thread of its own, so that the screen never waits: SQLite's connections belong to one thread."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from store.archive import Archive

T = TypeVar("T")

_Job = Callable[[], None]


class ArchiveThread:
    """A thread with an open archive, which does what it is given, one thing after the other.

    ``open_archive`` is called in the thread by the first job; where it fails, so does the job, and the next one tries
    again. The thread is a daemon: it keeps no program from ending.
    """

    def __init__(self, open_archive: Callable[[], Archive], name: str) -> None:
        self._open = open_archive
        self._archive: Archive | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[Archive], T]) -> T:
        """Return what ``job`` returns, or raise what it raises. A cancelled wait leaves the job to end by itself."""
        return await self._do(lambda: job(self._opened()))

    async def each(self, job: Callable[[Archive], Iterator[T]]) -> AsyncIterator[T]:
        """Yield what the iterator of ``job`` yields, as it comes; raise what it raises.

        A reader that stops before the end has the iterator closed after its next piece.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[_Piece[T] | _End] = asyncio.Queue()
        is_read = threading.Event()
        is_read.set()

        def work() -> None:
            error: BaseException | None = None
            try:
                found = job(self._opened())
                for piece in found:
                    if not is_read.is_set():
                        break
                    _tell(loop, pieces.put_nowait, _Piece(piece))
                close = getattr(found, "close", None)
                if close is not None:
                    close()
            except BaseException as exc:  # noqa: BLE001 - raised where it is waited for
                error = exc
            _tell(loop, pieces.put_nowait, _End(error))

        self._jobs.put(work)
        try:
            while isinstance(piece := await pieces.get(), _Piece):
                yield piece.value
            if piece.error is not None:
                raise piece.error
        finally:
            is_read.clear()

    async def renew(self) -> None:
        """Close the archive; the next job opens it again, with what was added meanwhile."""
        await self._do(self._drop)

    def close(self) -> None:
        """Close the archive once what was begun is done; no further job is taken."""
        self._jobs.put(None)

    def wait(self, timeout_s: float) -> None:
        """Wait for the thread to end, after ``close``."""
        self._thread.join(timeout_s)

    async def _do(self, job: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                result = job()
            except BaseException as exc:  # noqa: BLE001 - raised where it is waited for
                _tell(loop, _fail, done, exc)
            else:
                _tell(loop, _succeed, done, result)

        self._jobs.put(work)
        return await done

    def _drop(self) -> None:
        archive, self._archive = self._archive, None
        if archive is not None:
            archive.close()

    def _opened(self) -> Archive:
        if self._archive is None:
            self._archive = self._open()
        return self._archive

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        self._drop()


class _Piece(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def _tell(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *values: object) -> None:
    with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
        loop.call_soon_threadsafe(function, *values)


def _succeed(done: asyncio.Future[T], result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
