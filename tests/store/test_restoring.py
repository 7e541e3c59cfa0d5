"""An archive comes back from a backup as it was, and what was in its place is never lost."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.archive import Archive, open_archive
from store.backup import SEAL_BYTES, write_backup
from store.errors import ArchiveDamaged, ArchiveError, ArchiveLocked
from store.locking import writer_lock
from store.records import Draft
from store.restoring import restore_backup
from store.schema import FILE_NAME
from tests.command_line import child_environment
from tests.earlier_formats import make_earlier
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def backup(archive: Archive, ferry: Draft, council: Draft, tmp_path: Path) -> Path:
    """Give a backup of an archive of two articles, which is still there and not embedded."""
    archive.add([ferry, council])
    return write_backup(archive.path / FILE_NAME, tmp_path / "copy.dateline").file


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(f"file:{path / FILE_NAME}?mode=ro", uri=True)) as db:
        tables = ("articles", "revisions", "passages", "vectors", "stories", "feeds", "manifest")
        content = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    # Which index was published last is not part of it: none comes with a backup.
    return content | {"manifest": [row for row in content["manifest"] if row[0] != "published"]}


def test_a_restored_archive_is_the_one_that_was_backed_up(
    archive: Archive, ferry: Draft, council: Draft, tmp_path: Path, embedder: HashEmbedder
) -> None:
    archive.add([ferry, council])
    archive.embed()
    backup = write_backup(archive.path / FILE_NAME, tmp_path / "copy.dateline").file

    done = restore_backup(backup, tmp_path / "again")

    assert (done.archive, done.moved, done.backup.counts["articles"]) == (tmp_path / "again", None, 2)
    assert content_of(tmp_path / "again") == content_of(archive.path)
    assert [path.name for path in (tmp_path / "again").iterdir()] == [FILE_NAME]
    assert stat.S_IMODE((tmp_path / "again").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "again" / FILE_NAME).stat().st_mode) == 0o600
    embedder.embedded.clear()
    with open_archive(tmp_path / "again", writable=True, embedder=embedder) as restored:
        restored.rebuild()
        assert [hit.passage.article.id for hit in restored.search("ferry", 1).hits] == ["ferry-1"]
        assert restored.problems() == []
    assert embedder.embedded == []


def test_a_collection_on_a_server_stays_with_the_archive_that_was_backed_up(archive: Archive, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db, db:
        names = [("server", "{}"), ("server_coming", "{}"), ("server_number", "4")]
        db.executemany("INSERT INTO manifest(name, value) VALUES (?, ?)", names)
    backup = write_backup(archive.path / FILE_NAME, tmp_path / "copy.dateline").file

    restore_backup(backup, tmp_path / "again")

    with closing(sqlite3.connect(tmp_path / "again" / FILE_NAME)) as db:
        assert db.execute("SELECT name FROM manifest WHERE name LIKE 'server%'").fetchall() == [("server_number",)]


def test_an_archive_that_is_there_is_left_alone(archive: Archive, backup: Path) -> None:
    before = content_of(archive.path)

    with pytest.raises(ArchiveError, match=r"there is an archive at '.*archive' already") as raised:
        restore_backup(backup, archive.path)

    assert raised.value.hint == "restore beside it with --to, or over it with --replace: it is then moved aside"
    assert content_of(archive.path) == before


def test_what_is_replaced_is_moved_aside_whole(archive: Archive, backup: Path, write: Write) -> None:
    archive.add([write(1), write(2)])
    before = content_of(archive.path)
    archive.close()

    done = restore_backup(backup, archive.path, replace=True)

    assert done.moved is not None
    assert done.moved.name.startswith("archive.before-")
    assert content_of(done.moved) == before
    assert len(content_of(archive.path)["articles"]) == 2


def test_what_was_replaced_twice_in_a_second_is_kept_twice(archive: Archive, backup: Path) -> None:
    moved = [restore_backup(backup, archive.path, replace=True).moved for _ in range(3)]

    assert len(set(moved)) == 3
    assert all(folder is not None and (folder / FILE_NAME).is_file() for folder in moved)


def test_numbers_of_indexes_go_on_after_those_of_what_was_replaced(archive: Archive, backup: Path) -> None:
    archive.embed()
    archive.rebuild()
    before = dict(content_of(archive.path)["manifest"])

    restore_backup(backup, archive.path, replace=True)

    after = dict(content_of(archive.path)["manifest"])
    assert (after["generation"], after["words"]) == (before["generation"], before["words"])


def test_what_is_being_written_to_is_not_replaced(archive: Archive, backup: Path) -> None:
    with writer_lock(archive.path), pytest.raises(ArchiveLocked):
        restore_backup(backup, archive.path, replace=True)

    assert len(content_of(archive.path)["articles"]) == 2
    assert not list(archive.path.parent.glob(".*restoring"))


def test_even_a_file_in_its_place_is_kept(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "again").write_text("dear")

    done = restore_backup(backup, tmp_path / "again", replace=True)

    assert done.moved is not None
    assert done.moved.read_text() == "dear"


def test_a_damaged_backup_changes_nothing(archive: Archive, backup: Path) -> None:
    before = content_of(archive.path)
    with backup.open("r+b") as file:
        file.seek(-SEAL_BYTES - 10, 2)
        file.write(b"0123456789")

    with pytest.raises(ArchiveDamaged):
        restore_backup(backup, archive.path, replace=True)

    assert content_of(archive.path) == before


@pytest.mark.usefixtures("backup")
def test_what_was_attached_is_given_back_and_not_left_in_the_archive(archive: Archive, tmp_path: Path) -> None:
    def attach(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE backup_notes(text TEXT)")
        db.execute("INSERT INTO backup_notes VALUES ('a secret question')")

    said: list[tuple[str]] = []
    second = write_backup(archive.path / FILE_NAME, tmp_path / "second.dateline", attach=attach).file

    restore_backup(
        second, tmp_path / "again", detach=lambda db: said.extend(db.execute("SELECT text FROM backup_notes"))
    )

    assert said == [("a secret question",)]
    assert b"a secret question" in second.read_bytes()
    assert b"a secret question" not in (tmp_path / "again" / FILE_NAME).read_bytes()


def test_a_bare_copy_with_its_log_is_restored_with_what_stands_there(
    archive: Archive, council: Draft, tmp_path: Path
) -> None:
    archive.add([council])
    for ending in ("", "-wal"):
        copied = (archive.path / f"{FILE_NAME}{ending}").read_bytes()
        (tmp_path / f"bare{ending}").write_bytes(copied)

    restore_backup(tmp_path / "bare", tmp_path / "again")

    assert content_of(tmp_path / "again") == content_of(archive.path)


def test_one_of_an_earlier_format_is_restored_and_then_brought_up_to_date(archive: Archive, backup: Path) -> None:
    archive.close()
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db:
        make_earlier(db, 2)
    early = write_backup(archive.path / FILE_NAME, backup.with_name("early.dateline")).file

    restore_backup(early, backup.with_name("again"))

    with open_archive(backup.with_name("again"), writable=True) as restored:
        assert restored.counts().articles == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from store.restoring import restore_backup
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "rename":
    rename, Path.rename = Path.rename, lambda path, target: (rename(path, target), die())
restore_backup(Path(sys.argv[1]), Path(sys.argv[2]), replace=True, detach=die if sys.argv[3] == "detach" else None,
    progress=die if sys.argv[3] == "verify" else lambda stage, *_: die() if stage == sys.argv[3] else None)
"""


@pytest.mark.parametrize("moment", ["verify", "restore", "detach", "rename"])
def test_killed_at_any_moment_both_are_whole_and_the_same_command_completes_it(
    archive: Archive, backup: Path, write: Write, moment: str
) -> None:
    archive.add([write(1)])
    archive.close()
    command = [sys.executable, "-P", "-c", KILLED, str(backup), str(archive.path), moment]

    assert subprocess.run(command, env=child_environment(), check=False, timeout=60).returncode == -9

    (before,) = [folder for folder in archive.path.parent.glob("archive*") if folder.is_dir()]
    assert len(content_of(before)["articles"]) == 3
    restore_backup(backup, archive.path, replace=True)
    assert len(content_of(archive.path)["articles"]) == 2
    assert not list(archive.path.parent.glob(".*"))
