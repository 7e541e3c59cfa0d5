"""The archive's thread: jobs in order, their errors where they are waited for, and nothing that blocks the screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.tui.archive_thread import ArchiveThread
from store.archive import Archive, open_archive
from store.errors import ArchiveMissing

pytestmark = pytest.mark.anyio


async def test_a_job_gets_the_archive_in_another_thread(reading: ArchiveThread) -> None:
    articles, thread = await reading.run(lambda archive: (archive.counts().articles, threading.current_thread()))

    assert articles == 22
    assert thread is not threading.current_thread()


async def test_pieces_come_in_their_order(reading: ArchiveThread) -> None:
    assert [piece async for piece in reading.each(lambda _: iter("abc"))] == ["a", "b", "c"]


async def test_an_error_is_raised_where_it_is_waited_for(reading: ArchiveThread) -> None:
    def fail(_: Archive) -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    pieces = reading.each(fail)
    assert await anext(pieces) == 1
    with pytest.raises(ValueError, match="broken"):
        await anext(pieces)

    assert await reading.run(lambda archive: archive.counts().articles) == 22


async def test_an_iterator_that_nobody_reads_on_is_closed(reading: ArchiveThread) -> None:
    closed = threading.Event()

    def count(_: Archive) -> Iterator[int]:
        try:
            number = 0
            while True:
                yield (number := number + 1)
        finally:
            closed.set()

    pieces = reading.each(count)
    assert await anext(pieces) == 1
    await pieces.aclose()  # type: ignore[attr-defined]

    await reading.run(lambda archive: archive.counts())
    assert closed.is_set()


async def test_an_archive_that_is_missing_is_tried_again(tmp_path: Path, sample_archive: Path) -> None:
    thread = ArchiveThread(lambda: open_archive(tmp_path / "archive"), "late")
    with pytest.raises(ArchiveMissing):
        await thread.run(lambda archive: archive.counts())

    (tmp_path / "archive").symlink_to(sample_archive)

    assert (await thread.run(lambda archive: archive.counts())).articles == 22
    thread.close()
    thread.wait(10)


async def test_a_renewed_archive_is_opened_again(sample_archive: Path) -> None:
    opened: list[Archive] = []

    def open_one() -> Archive:
        opened.append(open_archive(sample_archive))
        return opened[-1]

    thread = ArchiveThread(open_one, "renewed")
    await thread.run(lambda archive: archive.counts())
    await thread.renew()
    await thread.run(lambda archive: archive.counts())
    thread.close()
    thread.wait(10)

    assert len(opened) == 2
