"""Files of earlier formats are brought up to date where they are to be written to, after a backup was made beside them.

Killed at any moment, the file and whatever backup has its whole name are good.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from store.disk import require_room, sync
from store.errors import ArchiveError
from store.locking import writer_lock
from store.schema import SCHEMA_VERSION, connect, file_version, upgrade


def upgrade_file(path: Path) -> str | None:
    """Bring the file at ``path`` up to date where it is not, and return what a person should know of it.

    Raises ArchiveLocked while another process writes, and ArchiveError, with the file untouched, where there is no room
    for the backup.
    """
    if file_version(path) == SCHEMA_VERSION:
        return None
    with writer_lock(path.parent):
        version = file_version(path)
        if version == SCHEMA_VERSION:  # Another process was faster.
            return None
        try:
            backup = _find_backup(path, version) or _back_up(path, version)
            with closing(connect(path, writable=True)) as db:
                upgrade(db, version)
        except (OSError, sqlite3.Error) as exc:
            raise ArchiveError(
                f"cannot upgrade {str(path)!r} from format {version}: {exc}",
                hint="it is as it was, and can be asked and searched as it is",
            ) from exc
    return (
        f"upgraded the archive from format {version} to {SCHEMA_VERSION}; {str(backup)!r} holds it as it was: "
        "delete that when all is well"
    )


def _back_up(path: Path, version: int) -> Path:
    """Copy the file, with what stands in its log, and return where to. Only a whole copy gets its name."""
    size = sum(one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists())
    require_room(path, size, f"the backup of {str(path)!r} before it is upgraded from format {version}")
    aside = path.with_name(f"{path.name}.format{version}.partial")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    with closing(connect(path, writable=False)) as source, closing(sqlite3.connect(aside)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # Synced below, once.
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # One file, without a log.
    sync(aside)
    backup = path.with_name(f"{path.name}.format{version}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    aside.rename(backup)
    sync(path.parent)
    return backup


def _find_backup(path: Path, version: int) -> Path | None:
    """Return the backup that an upgrade made which was stopped before it changed anything."""
    log = path.with_name(path.name + "-wal")
    # An empty log is made by whoever looks at the file.
    written = max(one.stat().st_mtime_ns for one in (path, log) if one.exists() and one.stat().st_size)
    whole = (one for one in path.parent.glob(f"{path.name}.format{version}-*") if not one.name.endswith("-journal"))
    return max((one for one in whole if one.stat().st_mtime_ns > written), default=None)
