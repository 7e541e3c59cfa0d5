"""A file of an earlier format is upgraded with a backup beside it; killed at any moment, both are good."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import store
from store.archive import Archive, create_archive, open_archive
from store.errors import ArchiveLocked, ArchiveNewer, DiskFull
from store.locking import writer_lock
from store.records import Draft
from store.schema import FILE_NAME, SCHEMA_VERSION, file_version
from store.upgrading import upgrade_file
from tests.earlier_formats import make_earlier


@pytest.fixture(params=[1, 2, 3])
def version(request: pytest.FixtureRequest) -> int:
    """Give the number of each earlier format."""
    return int(request.param)


@pytest.fixture
def older(archive: Archive, ferry: Draft, version: int) -> Path:
    """Give the file of an archive as an earlier version left it."""
    archive.add([ferry])
    archive.close()
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db:
        make_earlier(db, version)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return archive.path / FILE_NAME


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{FILE_NAME}.format*"))


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_what_was_there_is_backed_up_and_told(older: Path, version: int) -> None:
    before = content(older)

    with open_archive(older.parent, writable=True) as archive:
        (notice,) = archive.notices

    (backup,) = backups(older)
    assert notice == (
        f"upgraded the archive from format {version} to {SCHEMA_VERSION}; {str(backup)!r} holds it as it was: "
        "delete that when all is well"
    )
    assert content(backup) == before
    assert (file_version(older), file_version(backup)) == (SCHEMA_VERSION, version)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert backup.name.startswith(f"{FILE_NAME}.format{version}-20")


def test_an_archive_is_upgraded_once(older: Path) -> None:
    for _ in range(2):
        open_archive(older.parent, writable=True).close()

    with create_archive(older.parent, embedder=None) as archive:
        assert archive.notices == ()
    assert len(backups(older)) == 1


def test_what_stands_in_the_log_alone_is_in_the_backup(older: Path, version: int) -> None:
    """As after a kill: the log was not written back."""
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA journal_mode = WAL'); "
        "db.execute(\"INSERT INTO manifest(name, value) VALUES ('late', 'yes')\"); db.commit(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, older], check=False)

    upgrade_file(older)

    (backup,) = backups(older)
    assert file_version(backup) == version
    for path in (older, backup):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT value FROM manifest WHERE name = 'late'").fetchall() == [("yes",)]


def test_reading_changes_nothing(older: Path, version: int) -> None:
    before = older.read_bytes()

    with open_archive(older.parent) as archive:
        assert archive.search("ferry", 1).hits != ()
        assert archive.move_under_way() is None

    assert older.read_bytes() == before
    assert (file_version(older), backups(older)) == (version, [])


def test_no_upgrade_begins_while_another_process_writes(older: Path, version: int) -> None:
    with writer_lock(older.parent), pytest.raises(ArchiveLocked):
        open_archive(older.parent, writable=True)

    assert (file_version(older), backups(older)) == (version, [])


def test_without_room_for_the_backup_nothing_is_changed(
    older: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.disk.free_bytes", lambda _: 1_000)

    with pytest.raises(DiskFull, match=f"the backup of .* before it is upgraded from format {version} needs about"):
        open_archive(older.parent, writable=True)

    assert (file_version(older), backups(older)) == (version, [])


STOPPED = """
import sys
from pathlib import Path
import store.upgrading, store.schema
import os
step = sys.argv[2]
def stop(*_, **__): os._exit(9)
if step == "copying": store.upgrading.sync = stop
if step == "upgrading": store.upgrading.upgrade = stop
if step == "committing":
    real = store.schema._change
    def change(db, steps):
        db.set_authorizer(lambda action, name, value, *_: stop() if (action, name) == (22, "COMMIT") else 0)
        real(db, steps)
    store.schema._change = change
store.upgrading.upgrade_file(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("step", ["copying", "upgrading", "committing"])
def test_stopped_anywhere_it_is_finished_by_the_next_with_one_backup(older: Path, version: int, step: str) -> None:
    before = content(older)
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}

    stopped = subprocess.run([sys.executable, "-c", STOPPED, older, step], check=False, env=environment)
    left = content(older)
    upgrade_file(older)

    assert stopped.returncode == 9
    assert left == before
    (backup,) = backups(older)
    assert content(backup) == before
    assert (file_version(older), file_version(backup)) == (SCHEMA_VERSION, version)


def test_a_newer_archive_is_refused_untouched_with_the_version_to_install(archive: Archive) -> None:
    archive.close()
    path = archive.path / FILE_NAME
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES ('program', '7.1.0')")
        db.commit()
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()

    for writable in (False, True):
        with pytest.raises(ArchiveNewer) as raised:
            open_archive(archive.path, writable=writable)

    assert str(raised.value) == (
        f"{str(path)!r} has format {SCHEMA_VERSION + 1} of dateline 7.1.0, "
        f"this version of dateline reads up to {SCHEMA_VERSION}"
    )
    assert raised.value.hint == "upgrade with `pip install --upgrade 'dateline>=7.1.0'`"
    assert path.read_bytes() == before


def test_what_a_newer_archive_says_of_its_program_is_no_command(archive: Archive) -> None:
    archive.close()
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db:
        db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES ('program', '1; rm -rf ~')")
        db.commit()
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(ArchiveNewer) as raised:
        open_archive(archive.path)

    assert raised.value.hint == "upgrade with `pip install --upgrade dateline`"
