"""A backup holds an archive as it was at one moment, and what is wrong with one is told before it is needed."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.archive import create_archive, open_archive
from store.backup import SEAL_BYTES, Backup, default_file, list_backups, read_backup, verify_backup, write_backup
from store.errors import ArchiveDamaged, ArchiveError, ArchiveMissing, ArchiveNewer, DiskFull
from store.records import Draft
from store.schema import FILE_NAME
from tests.command_line import child_environment
from tests.earlier_formats import make_earlier
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

Write = Callable[..., Draft]

COUNTS = {"articles": 2, "passages": 2, "vectors": 2, "revisions": 1}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of two articles, one of them changed once, embedded; it is copied, never written to."""
    folder = tmp_path_factory.mktemp("filled")
    with create_archive(folder / "archive", embedder=HashEmbedder(folder / "weights")) as archive:
        archive.add([invented(1), invented(2)])
        archive.add([invented(3, id=invented(1).id)])
        archive.embed()
    return folder / "archive"


@pytest.fixture
def catalog(filled: Path, tmp_path: Path) -> Path:
    """Give the file of an archive of its own, which nobody has open."""
    return Path(shutil.copytree(filled, tmp_path / "home" / "archive")) / FILE_NAME


def test_a_backup_says_what_it_holds(catalog: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.dateline"

    made = write_backup(catalog, target)

    assert made == verify_backup(target)
    assert (made.file, made.bytes, made.counts) == (target, target.stat().st_size, COUNTS)
    assert (made.archive, made.is_sealed) == (catalog.parent, True)
    assert made.made is not None
    assert abs((datetime.now(UTC) - made.made).total_seconds()) < 600
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".*")) == []


def test_any_program_that_knows_sqlite_reads_it(catalog: Path, tmp_path: Path) -> None:
    write_backup(catalog, tmp_path / "copy.dateline")

    with closing(sqlite3.connect(f"file:{tmp_path}/copy.dateline?mode=ro&immutable=1", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT id FROM articles WHERE headline = 'Harbour log 2'").fetchone() is not None


def test_it_holds_what_was_there_when_it_began_whoever_writes_meanwhile(
    catalog: Path, tmp_path: Path, write: Write
) -> None:
    with open_archive(catalog.parent, writable=True) as archive:
        archive.add([write(number, sentences=100) for number in range(10, 30)])
    is_copying, has_written = threading.Event(), threading.Event()

    def add() -> None:
        assert is_copying.wait(30)
        with open_archive(catalog.parent, writable=True) as archive:
            archive.add([write(number) for number in range(100, 120)])
        has_written.set()

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "backup" and done < (total or 0):
            is_copying.set()
            assert has_written.wait(30)  # The writer does not wait for us.

    writer = threading.Thread(target=add)
    writer.start()
    made = write_backup(catalog, tmp_path / "copy.dateline", progress=progress)
    writer.join()

    assert has_written.is_set()
    assert verify_backup(tmp_path / "copy.dateline") == made
    assert made.counts["articles"] == 22


def test_what_is_attached_is_in_it(catalog: Path, tmp_path: Path) -> None:
    def attach(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE backup_notes(text TEXT)")
        db.execute("INSERT INTO backup_notes VALUES ('kept')")

    write_backup(catalog, tmp_path / "copy.dateline", attach=attach)

    verify_backup(tmp_path / "copy.dateline")
    with closing(sqlite3.connect(tmp_path / "copy.dateline")) as db:
        assert db.execute("SELECT text FROM backup_notes").fetchone() == ("kept",)


def test_an_archive_of_an_earlier_format_is_copied_as_it_is(catalog: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(catalog)) as db:
        make_earlier(db, 1)

    made = write_backup(catalog, tmp_path / "copy.dateline")

    assert (made.counts, made.identity) == (COUNTS, None)
    with closing(sqlite3.connect(tmp_path / "copy.dateline")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_file_is_never_written_over(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("dear")

    with pytest.raises(ArchiveError, match=r"there is a file '.*mine.txt' already"):
        write_backup(catalog, tmp_path / "mine.txt")

    assert (tmp_path / "mine.txt").read_text() == "dear"


def test_without_room_nothing_is_begun(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(DiskFull, match="the backup needs about"):
        write_backup(catalog, tmp_path / "out" / "copy.dateline", more_bytes=10**18)

    assert list((tmp_path / "out").iterdir()) == []


def test_where_nothing_can_be_written_the_place_is_named(catalog: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"cannot write the backup '.*missing/copy.dateline': No such file"):
        write_backup(catalog, tmp_path / "missing" / "copy.dateline")


def test_there_is_no_backup_of_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        write_backup(tmp_path / "none" / FILE_NAME, tmp_path / "copy.dateline")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_archive_is_not_taken_for_a_backup(catalog: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(catalog)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'vectors'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with catalog.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)

    with pytest.raises(ArchiveError) as raised:
        write_backup(catalog, tmp_path / "copy.dateline")

    assert "damaged" in str(raised.value) or "malformed" in str(raised.value)
    assert not list(tmp_path.glob("*copy*"))


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_one_changed_byte_is_found(catalog: Path, tmp_path: Path, at: float) -> None:
    target = tmp_path / "copy.dateline"
    made = write_backup(catalog, target)
    with target.open("r+b") as file:
        file.seek(int((made.bytes - SEAL_BYTES) * at))
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))

    with pytest.raises(ArchiveDamaged, match="damaged: its checksum is another"):
        verify_backup(target)


@pytest.mark.parametrize("missing", [1, SEAL_BYTES, SEAL_BYTES + 5_000])
def test_one_that_breaks_off_is_found(catalog: Path, tmp_path: Path, missing: int) -> None:
    target = tmp_path / "copy.dateline"
    made = write_backup(catalog, target)
    with target.open("r+b") as file:
        file.truncate(made.bytes - missing)

    with pytest.raises(ArchiveDamaged):
        verify_backup(target)


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
def test_other_files_are_no_backups(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)

    with pytest.raises(ArchiveDamaged, match=r"(cannot be read as a|is no) backup"):
        verify_backup(tmp_path / "x")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveDamaged, match=r"'.*none' cannot be read as a backup: No such file or directory"):
        verify_backup(tmp_path / "none")


def test_a_bare_copy_of_an_archives_file_can_be_looked_through(catalog: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copied.sqlite3"
    copy.write_bytes(catalog.read_bytes())

    found = verify_backup(copy)

    assert (found.counts, found.is_sealed, found.archive) == (COUNTS, False, None)


def test_one_from_a_newer_version_is_refused(catalog: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.dateline"
    write_backup(catalog, target)
    with closing(sqlite3.connect(target)) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(ArchiveNewer):
        read_backup(target)


def test_backups_are_listed_latest_first(catalog: Path, tmp_path: Path) -> None:
    first = write_backup(catalog, default_file(tmp_path, catalog.parent, datetime(2020, 1, 1, 12, 0, tzinfo=UTC)))
    second = write_backup(catalog, default_file(tmp_path, catalog.parent, datetime(2020, 1, 2, tzinfo=UTC)))
    (tmp_path / "archive-other.dateline").write_text("no backup")
    write_backup(catalog, tmp_path / "elsewhere-20200103-000000.dateline")

    assert [one.file.name for one in (first, second)] == [
        "archive-20200101-120000.dateline",
        "archive-20200102-000000.dateline",
    ]
    assert list_backups(tmp_path, "archive") == [second, first]


KILLED = """
import os, signal, sys
from pathlib import Path
from store.backup import write_backup
left = int(sys.argv[3])
def progress(stage, done, total):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
write_backup(Path(sys.argv[1]), Path(sys.argv[2]), progress=progress)
"""


@pytest.mark.parametrize("step", [1, 2, 3])
def test_killed_it_leaves_no_backup_and_the_next_one_clears_up(catalog: Path, tmp_path: Path, step: int) -> None:
    target = tmp_path / "out" / "copy.dateline"
    target.parent.mkdir()
    arguments = [sys.executable, "-P", "-c", KILLED, str(catalog), str(target), str(step)]

    killed = subprocess.run(arguments, env=child_environment(), check=False, timeout=60)

    assert killed.returncode == -9
    assert not target.exists()
    made: Backup = write_backup(catalog, target)
    assert made.counts == COUNTS
    assert list(target.parent.iterdir()) == [target]


def test_interrupted_it_leaves_nothing(catalog: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    def progress(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(catalog, tmp_path / "out" / "copy.dateline", progress=progress)

    assert list((tmp_path / "out").iterdir()) == []
