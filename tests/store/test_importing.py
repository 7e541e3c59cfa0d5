"""What an export tells is added to what an archive has, and takes nothing from it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.archive import Archive, create_archive, open_archive
from store.exporting import write_export
from store.readers.export import Piece, read_export
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.subscriptions import KnownEntry
from tests.command_line import child_environment
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Archive]:
    """Give a second archive, empty and without an embedder."""
    with create_archive(tmp_path / "other", embedder=None) as archive:
        yield archive


def export_of(archive: Archive, *, vectors: bool = False) -> Path:
    file = archive.path.with_name(f"{archive.path.name}.jsonl")
    write_export(archive.path / FILE_NAME, file, SearchFilter(), vectors=vectors, overwrite=True)
    return file


def pieces_of(archive: Archive, *, vectors: bool = False) -> Iterator[Piece]:
    return read_export(str(export_of(archive, vectors=vectors)))


def test_articles_come_beside_those_that_are_there(
    archive: Archive, other: Archive, ferry: Draft, write: Write
) -> None:
    archive.add([ferry, write(1)])
    other.add([write(1), write(2)])

    report = other.add(pieces_of(archive))

    assert (report.added, report.updated, report.unchanged) == (1, 0, 1)
    assert {ref.id for ref in other.articles()} == {"ferry-1", "log-00001", "log-00002"}


def test_another_text_replaces_the_one_that_is_there_and_keeps_it(
    archive: Archive, other: Archive, write: Write
) -> None:
    other.add([write(1)])
    archive.add([write(1)])
    archive.add([write(9, id="log-00001")])

    report = other.add(pieces_of(archive))

    assert (report.added, report.updated) == (0, 1)
    assert other.article("log-00001").body == write(9).body
    assert [revision.article.body for revision in other.history("log-00001")] == [write(1).body]


def test_an_older_text_does_not(archive: Archive, other: Archive, write: Write) -> None:
    other.add([write(1, modified=datetime(2020, 1, 2, tzinfo=UTC))])
    archive.add([write(9, id="log-00001", modified=datetime(2020, 1, 1, tzinfo=UTC))])

    assert other.add(pieces_of(archive)).unchanged == 1

    assert other.article("log-00001").body == write(1).body
    assert other.history("log-00001") == []


def test_earlier_texts_come_to_an_article_that_is_there_already(archive: Archive, other: Archive, write: Write) -> None:
    for number in (1, 2, 3):
        archive.add([write(number, id="log")])
    other.add([write(3, id="log")])

    for _ in range(2):
        other.add(pieces_of(archive))

    assert [one.article.body for one in other.history("log")] == [write(1).body, write(2).body]


def test_texts_that_came_back_are_all_kept(archive: Archive, other: Archive, write: Write) -> None:
    for number in (1, 2, 1, 2):
        archive.add([write(number, id="log")])

    other.add(pieces_of(archive))

    assert other.history("log") == archive.history("log")
    assert len(other.history("log")) == 3


def test_feeds_and_what_is_known_of_their_entries_come_along(archive: Archive, other: Archive, ferry: Draft) -> None:
    archive.add([ferry])
    subscriptions = archive.subscriptions()
    subscriptions.add("https://courier.example/feed", title="Courier")
    entry = KnownEntry("guid-1", ferry.url, "mark-1", "ferry-1")
    subscriptions.note_entries(subscriptions.all()[0], [entry], has_news=True)

    other.add(pieces_of(archive))

    (feed,) = other.subscriptions().all()
    assert (feed.url, feed.title, feed.etag, feed.checked) == ("https://courier.example/feed", "Courier", None, None)
    assert other.subscriptions().entries(feed) == {"guid-1": entry}


def test_vectors_that_are_missing_are_filled_in(archive: Archive, ferry: Draft, council: Draft, tmp_path: Path) -> None:
    archive.add([ferry, council])
    archive.embed()
    second = HashEmbedder(tmp_path / "weights")
    with create_archive(tmp_path / "second", embedder=second) as other:
        other.add([ferry, council])

        other.add(pieces_of(archive, vectors=True))

        assert other.counts().vectors == 2
        assert other.embed().vectors == 0
        assert second.embedded == []


def test_vectors_of_another_model_are_left_out_and_said_so(
    archive: Archive, ferry: Draft, tmp_path: Path, write: Write
) -> None:
    archive.add([ferry])
    archive.embed()
    with create_archive(tmp_path / "second", embedder=HashEmbedder(tmp_path / "w2", seed="2", dimension=32)) as other:
        other.add([write(1)])
        other.embed()

        report = other.add(pieces_of(archive, vectors=True))

        (notice,) = report.notices
        assert notice == (
            "its vectors are from 'hash-64' and were left out, since those here are from 'hash-32'; "
            "`dateline embed` makes them"
        )
        assert (other.counts().vectors, other.counts().passages) == (1, 2)


def test_ids_dates_of_adding_and_passages_stay(archive: Archive, other: Archive, ferry: Draft) -> None:
    archive.add([replace(ferry, id=None, url=None)])
    (ref,) = archive.articles()

    other.add(pieces_of(archive))

    assert [one.id for one in other.articles()] == [ref.id]
    assert export_of(other).read_bytes() == export_of(archive).read_bytes()


KILLED = """
import os, signal, sys
from pathlib import Path
from store import adding, archive
from store.readers.export import read_export
adding.ARTICLE_BATCH = 5
def pieces():
    for number, piece in enumerate(read_export(sys.argv[1])):
        if number == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield piece
with archive.create_archive(Path(sys.argv[2]), embedder=None) as opened:
    opened.add(pieces())
"""


@pytest.mark.parametrize("moment", [1, 7, 13, 20])
def test_killed_at_any_moment_the_same_import_completes_it(
    archive: Archive, tmp_path: Path, write: Write, moment: int
) -> None:
    archive.add([write(number) for number in range(20)])
    archive.add([write(number, headline=f"Another headline {number}") for number in range(0, 20, 3)])
    file = export_of(archive)
    arguments = [sys.executable, "-P", "-c", KILLED, str(file), str(tmp_path / "second"), str(moment)]

    assert subprocess.run(arguments, env=child_environment(), check=False, timeout=60).returncode == -signal.SIGKILL

    with open_archive(tmp_path / "second", writable=True) as second:
        assert second.problems() == []
        whole = second.counts().articles
        assert whole <= moment
        report = second.add(read_export(str(file)))
        assert (report.added, report.unchanged) == (20 - whole, whole)
        assert export_of(second).read_bytes() == file.read_bytes()


def test_memory_does_not_grow_with_the_export() -> None:
    read, written = os.pipe()
    with os.fdopen(written, "wb") as into, os.fdopen(read, "rb") as out:
        assert isinstance(out, io.BufferedReader)
        into.write(b'{"schema":"dateline.export/1","articles":3,"embedder":null,"feeds":[]}\n')
        into.flush()

        # The head is given before anything behind it is read.
        from store.readers.export import read_stream

        assert getattr(next(read_stream(out, "-")), "articles", None) == 3
