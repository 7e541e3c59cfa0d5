"""What is mended, what is lost by it, and what is said of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.archive import Archive, open_archive
from store.errors import ArchiveError, ArchiveLocked
from store.integrity import check_archive
from store.integrity.repairing import repair_archive
from store.locking import writer_lock
from store.records import Draft
from store.schema import FILE_NAME
from tests.hash_embedder import HashEmbedder
from tests.store.integrity.test_checking import change

Write = Callable[..., Draft]
ARTICLES = 60


@pytest.fixture
def path(archive: Archive, write: Write) -> Path:
    """Give the folder of an archive with vectors and without an index."""
    archive.add(write(i, sentences=12) for i in range(ARTICLES))
    for _ in archive._embed_pending(None):
        pass
    archive.close()
    return archive.path


def test_a_whole_archive_is_left_as_it_is(path: Path) -> None:
    repaired = repair_archive(path)

    assert (repaired.before.findings, repaired.after.findings, repaired.done) == ((), (), ())


@pytest.mark.parametrize(
    ("statement", "done"),
    [
        ("DELETE FROM passages WHERE key = 1", "split 1 article into passages anew"),
        (
            "UPDATE vectors SET vector = zeroblob(256) WHERE passage = 2",
            "dropped 1 vector that were not what was stored",
        ),
        ("UPDATE articles SET outlet_folded = 'x' WHERE key = 3", "set the day and outlet to search by of 1 article"),
        ("DELETE FROM full_text_docsize WHERE id = 4", "built the full text again"),
        ("DELETE FROM stories WHERE article = 5", "found anew which articles are prints of one story"),
    ],
)
def test_what_follows_from_the_articles_is_made_again(path: Path, statement: str, done: str) -> None:
    change(path, "PRAGMA foreign_keys = OFF", statement)

    repaired = repair_archive(path)

    assert done in repaired.done
    assert [str(finding) for finding in repaired.after.findings] == []
    assert repaired.after.articles == ARTICLES


def test_of_a_damaged_file_all_that_can_be_read_is_kept_and_the_rest_is_named(path: Path, tmp_path: Path) -> None:
    file = path / FILE_NAME
    content = bytearray(file.read_bytes())
    body = content.index(b"Warden31 logged crate31x0")
    page = body // 4096 * 4096
    content[page : page + 4096] = bytes(4096)
    file.write_bytes(content)

    repaired = repair_archive(path)

    assert repaired.salvaged is not None
    assert repaired.salvaged.damaged.read_bytes()[: len(content)] == bytes(content)
    lost = {id_ for id_, _ in repaired.salvaged.lost}
    assert "log-00031" in lost
    assert repaired.after.articles == ARTICLES - len(lost)
    assert repaired.after.is_sound
    with open_archive(path, writable=True, embedder=HashEmbedder(tmp_path / "weights")) as archive:
        assert {ref.id for ref in archive.articles()} == {f"log-{i:05}" for i in range(ARTICLES)} - lost


def test_what_cannot_be_read_at_all_is_left_where_it_is(path: Path) -> None:
    (path / FILE_NAME).write_bytes(b"\xff" * 8192)

    with pytest.raises(ArchiveError, match="no article can be read") as raised:
        repair_archive(path)

    assert "backup" in (raised.value.hint or "")
    assert (path / FILE_NAME).read_bytes() == b"\xff" * 8192


def test_nothing_is_mended_while_another_writes(path: Path) -> None:
    change(path, "DELETE FROM stories WHERE article = 5")

    with writer_lock(path), pytest.raises(ArchiveLocked):
        repair_archive(path)

    assert not check_archive(path).is_sound


def test_an_archive_can_be_written_after_it_was_mended(path: Path, write: Write, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    with (path / FILE_NAME).open("r+b") as file:
        file.truncate(pages * 17 // 20 * 4096)

    kept = repair_archive(path).after.articles

    with open_archive(path, writable=True, embedder=HashEmbedder(tmp_path / "weights")) as archive:
        archive.add(write(i, sentences=12) for i in range(ARTICLES))
        archive.embed()
    checked = check_archive(path, full=True)
    assert 0 < kept <= ARTICLES
    assert (checked.findings, checked.articles) == ((), ARTICLES)
