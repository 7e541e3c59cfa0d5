"""An archive made again from a backup, beside whatever lies in its place and never over it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from itertools import count
from pathlib import Path

from store.backup import (
    FACTS_TABLE,
    SEAL_BYTES,
    Attach,
    Backup,
    Progress,
    open_backup,
    verify_backup,
)
from store.chroma_server import COLLECTION_SETTINGS
from store.disk import require_room, sync
from store.errors import ArchiveError
from store.leftovers import drop_leftovers
from store.locking import writer_lock
from store.schema import FILE_NAME

_PIECE_BYTES = 1 << 22
_OWNER = re.compile(r"\.(\d+)\.restoring$")

# Numbers of what is built from an archive, which must never come again.
_NUMBERS = ("generation", "words")


@dataclass(frozen=True, slots=True)
class Restored:
    """An archive that was restored; ``moved`` is where the one lies now that was in its place."""

    archive: Path
    backup: Backup
    moved: Path | None


def restore_backup(
    file: Path,
    archive: Path,
    *,
    replace: bool = False,
    detach: Attach | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Make an archive again from a backup that is found whole; ``detach`` takes out what ``attach`` put into it.

    What lies at ``archive`` is left alone, or, with ``replace``, moved aside: nothing is deleted. No index comes with
    it. Raises ArchiveError; killed at any moment, both the backup and what was there are whole.
    """
    archive = archive.absolute()
    if archive.exists() and not replace:
        raise ArchiveError(
            f"there is an archive at {str(archive)!r} already" if archive.is_dir() else f"{str(archive)!r} is a file",
            hint="restore beside it with --to, or over it with --replace: it is then moved aside",
        )
    backup = verify_backup(file, progress=progress)
    aside = archive.with_name(f".{archive.name}.{os.getpid()}.restoring")
    try:
        drop_leftovers(archive.parent.glob(f".{escape(archive.name)}.*.restoring"), _OWNER)
        archive.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_room(archive.parent, backup.bytes, "restoring")
        aside.mkdir(mode=0o700)
        _copy_out(backup, aside / FILE_NAME, progress)
        if detach:
            with closing(open_backup(file)) as db:
                detach(db)
        moved = _put_in_place(aside, archive) if archive.exists() else None
        if moved is None:
            aside.rename(archive)
        sync(archive.parent)
    except (OSError, sqlite3.Error) as exc:
        raise ArchiveError(
            f"cannot restore to {str(archive)!r}: {getattr(exc, 'strerror', None) or exc}",
            hint="name another place with --to",
        ) from exc
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Restored(archive, backup, moved)


def _put_in_place(aside: Path, archive: Path) -> Path:
    """Move what is at ``archive`` out of the way, ``aside`` into its place, and return where the former is."""
    moved = _free_name(archive.with_name(f"{archive.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    if not archive.is_dir():
        _exchange(aside, archive, moved)
        return moved
    with writer_lock(archive):
        _go_on_counting(aside / FILE_NAME, archive / FILE_NAME)
        _exchange(aside, archive, moved)
    return moved


def _free_name(path: Path) -> Path:
    """Return ``path``, or, where something is there, the first of ``path-2``, ``path-3``, … that is free."""
    names = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())


def _exchange(aside: Path, archive: Path, moved: Path) -> None:
    archive.rename(moved)
    try:
        aside.rename(archive)
    except BaseException:
        if not archive.exists():
            moved.rename(archive)
        raise


def _go_on_counting(restored: Path, before: Path) -> None:
    """Let the numbers of what is built go on after those of the archive that is replaced.

    Who has that one open finds a new index under a new name, and not another under a name that it knows.
    """
    numbers: dict[str, int] = {}
    with suppress(sqlite3.Error, ValueError), closing(sqlite3.connect(f"{before.as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT name, value FROM manifest").fetchall()
        numbers = {name: int(value) for name, value in rows if name in _NUMBERS}
    with closing(sqlite3.connect(restored, isolation_level=None)) as db:
        for name, number in numbers.items():
            row = db.execute("SELECT value FROM manifest WHERE name = ?", (name,)).fetchone()
            highest = max(number, int(row[0]) if row else 0)
            db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES (?, ?)", (name, str(highest)))
    sync(restored)


def _copy_out(backup: Backup, target: Path, progress: Progress | None) -> None:
    """Write the archive's own file of a backup, without what was added to it."""
    size = backup.bytes - (SEAL_BYTES if backup.is_sealed else 0)
    if backup.file.with_name(f"{backup.file.name}-wal").exists():
        _copy_with_log(backup, target)
    else:
        _copy_bytes(backup.file, target, size, progress)
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")  # What was said in sessions is not to stay in the file.
        db.execute("BEGIN")
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for name in tables:
            if name == FACTS_TABLE or name.startswith(f"{FACTS_TABLE}_"):
                db.execute(f'DROP TABLE "{name}"')
        # No index comes with it, and none is missed; a collection on a server belongs to one archive, not to a copy.
        without = [(name,) for name in ("published", *COLLECTION_SETTINGS)]
        db.executemany("DELETE FROM manifest WHERE name = ?", without)
        db.execute("COMMIT")
    sync(target)
    sync(target.parent)


def _copy_bytes(source: Path, target: Path, size: int, progress: Progress | None) -> None:
    done = 0
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with source.open("rb") as read, os.fdopen(descriptor, "wb") as written:
        while done < size and (piece := read.read(min(_PIECE_BYTES, size - done))):
            written.write(piece)
            done += len(piece)
            if progress:
                progress("restore", done, size)


def _copy_with_log(backup: Backup, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(open_backup(backup.file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
