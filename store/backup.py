"""Backups: one file that holds an archive as it was at one moment, with whatever its owner lays beside it.

A backup is the archive's SQLite file, which any program that knows SQLite opens, with a table of facts added and a line
behind its end that seals it: the sha256 of all before. SQLite reads no further than its own last page.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from store.disk import require_room, sync
from store.errors import ArchiveDamaged, ArchiveError
from store.leftovers import drop_leftovers
from store.schema import checked_version, connect

EXTENSION = ".dateline"
FACTS_TABLE = "backup"

# How far a copy is, in bytes: copying, then checking what was copied.
Progress = Callable[[str, int, int | None], None]
# Puts more into the file, or takes it out, over an open connection.
Attach = Callable[[sqlite3.Connection], None]

_SEAL = b"\ndateline backup, sha256 of what is before: %s\n"
SEAL_BYTES = len(_SEAL % (b"0" * 64))

_OWNER = re.compile(r"\.(\d+)\.part")

# 0.4 MB between two looks at the keyboard; in larger steps it is no faster.
_PAGES_A_STEP = 100
_PIECE_BYTES = 1 << 20
# SQLite's instructions between two such looks: some milliseconds.
_INSTRUCTIONS = 100_000

_COUNTED = ("articles", "passages", "vectors", "revisions")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was found whole, and what is in it.

    ``identity`` is the same for copies of one archive, None for one of an early format. ``archive`` is where it lay and
    ``made`` when that was (UTC); both are None in a bare copy of an archive's file, which has no checksum either.
    """

    file: Path
    bytes: int
    counts: dict[str, int]
    identity: str | None
    archive: Path | None
    made: datetime | None
    digest: str | None

    @property
    def is_sealed(self) -> bool:
        return self.digest is not None


def write_backup(
    catalog: Path, target: Path, *, attach: Attach | None = None, more_bytes: int = 0, progress: Progress | None = None
) -> Backup:
    """Copy the archive whose SQLite file is ``catalog`` to a new file, check the copy, and return what is in it.

    It holds what the archive held at the beginning, whoever writes meanwhile, and no writer waits for it. ``attach``
    may add tables, of about ``more_bytes``. Raises ArchiveError, and whatever happens nothing half-made has the name
    ``target``.
    """
    if target.exists():
        raise ArchiveError(f"there is a file {str(target)!r} already", hint="name another file")
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    drop_leftovers(target.parent.glob(f".*{EXTENSION}.*.part*"), _OWNER)
    try:
        with _told_if_unwritable(target), closing(connect(catalog, writable=False)) as source:
            checked_version(source, catalog)
            source.execute("BEGIN")
            counts = _counts(source)  # The first look fixes what is seen until the end.
            size = _pragma(source, "page_count") * _pragma(source, "page_size")
            require_room(target.parent, size + more_bytes, "the backup")
            os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _copy(source, aside, progress)
            _add_facts(aside, catalog, counts, attach)
            if wrong := _wrong(aside, counts, progress):
                raise ArchiveDamaged(
                    f"the archive at {str(catalog.parent)!r} is damaged, and so would be its backup: {wrong}",
                    hint="`dateline check` says more; backups made before are kept",
                )
            _seal(aside)
            aside.rename(target)
            sync(target.parent)
    finally:
        for log in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):  # Whatever went wrong before is what is told.
                aside.with_name(aside.name + log).unlink(missing_ok=True)
    return read_backup(target)


def verify_backup(file: Path, *, progress: Progress | None = None) -> Backup:
    """Return what is in a backup, or in a bare copy of an archive's file, once it was found whole.

    Raises ArchiveDamaged where it is not, ArchiveNewer where it is from a newer version of this program.
    """
    backup = read_backup(file)
    if backup.is_sealed and _digest(file, backup.bytes - SEAL_BYTES, progress) != backup.digest:
        raise ArchiveDamaged(f"the backup {str(file)!r} is damaged: its checksum is another", hint=_ANOTHER)
    if wrong := _wrong(file, backup.counts, progress):
        raise ArchiveDamaged(f"the backup {str(file)!r} is damaged: {wrong}", hint=_ANOTHER)
    return backup


def read_backup(file: Path) -> Backup:
    """Return what a backup says of itself, unchecked. Raises ArchiveDamaged where it is none, and ArchiveNewer."""
    try:
        digest = _sealed_digest(file)
        with closing(open_backup(file)) as db:
            facts = dict(db.execute(f"SELECT name, value FROM {FACTS_TABLE}")) if has_table(db, FACTS_TABLE) else {}
            identity = db.execute("SELECT value FROM manifest WHERE name = 'archive'").fetchone()
            counts = {name: int(facts[name]) for name in _COUNTED} if facts else _counts(db)
    except (OSError, sqlite3.Error, KeyError, ValueError) as exc:
        raise ArchiveDamaged(f"{str(file)!r} cannot be read as a backup: {_reason(exc)}", hint=_ANOTHER) from exc
    if facts and digest is None:
        raise ArchiveDamaged(f"the end of the backup {str(file)!r} is missing", hint=_ANOTHER)
    return Backup(
        file,
        file.stat().st_size,
        counts,
        identity and str(identity[0]),
        Path(facts["archive"]) if "archive" in facts else None,
        datetime.fromisoformat(facts["made_utc"]) if "made_utc" in facts else None,
        digest,
    )


def open_backup(file: Path) -> sqlite3.Connection:
    """Open a backup for reading; raise ArchiveDamaged or ArchiveNewer where it is none that can be read."""
    with file.open("rb"):  # SQLite does not tell a missing file from one that may not be read.
        pass
    # A bare copy may have a log beside it.
    is_alone = not file.with_name(f"{file.name}-wal").exists()
    options = "mode=ro&immutable=1" if is_alone else "mode=ro"
    db = sqlite3.connect(f"{file.absolute().as_uri()}?{options}", uri=True, isolation_level=None)
    try:
        checked_version(db, file)
    except ArchiveDamaged as exc:
        db.close()
        raise ArchiveDamaged(f"{str(file)!r} is no backup of dateline", hint=_ANOTHER) from exc
    except (sqlite3.Error, ArchiveError):
        db.close()
        raise
    return db


def list_backups(folder: Path, stem: str) -> list[Backup]:
    """Return the backups in ``folder`` with default names that begin with ``stem``, the latest first."""
    found = []
    for file in folder.glob(f"{stem}-*{EXTENSION}"):
        with suppress(ArchiveError):
            backup = read_backup(file)
            if backup.made is not None:
                # Of those of one second the file tells which is the later.
                found.append((backup.made, file.stat().st_mtime_ns, backup))
    return [backup for _, _, backup in sorted(found, key=lambda one: one[:2], reverse=True)]


def default_file(folder: Path, archive: Path, now: datetime) -> Path:
    """Return what a backup is called unless its owner says so: archive and moment (UTC), and a number where need be."""
    stem = f"{archive.name}-{now:%Y%m%d-%H%M%S}"
    names = (folder / f"{stem}{number}{EXTENSION}" for number in chain([""], (f"-{i}" for i in count(2))))
    return next(name for name in names if not name.exists())


def has_table(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)).fetchone() is not None


_ANOTHER = "name another backup; those without a name of their own lie in `backups` in dateline's data folder"


def _copy(source: sqlite3.Connection, aside: Path, progress: Progress | None) -> None:
    page = _pragma(source, "page_size")

    def step(_: int, remaining: int, total: int) -> None:
        if progress:
            progress("backup", (total - remaining) * page, total * page)

    with closing(sqlite3.connect(aside, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # Synced once, when it is sealed.
        source.backup(copy, pages=_PAGES_A_STEP, progress=step)
        copy.execute("PRAGMA journal_mode = DELETE")  # One file, without a log.


def _add_facts(aside: Path, catalog: Path, counts: dict[str, int], attach: Attach | None) -> None:
    facts = {
        "archive": str(catalog.parent),
        "made_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        **{name: str(count) for name, count in counts.items()},
    }
    with closing(sqlite3.connect(aside, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = OFF")
        copy.execute("BEGIN")
        copy.execute(f"DROP TABLE IF EXISTS {FACTS_TABLE}")
        copy.execute(f"CREATE TABLE {FACTS_TABLE}(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        copy.executemany(f"INSERT INTO {FACTS_TABLE}(name, value) VALUES (?, ?)", facts.items())
        copy.execute("COMMIT")
        if attach:
            attach(copy)


def _wrong(file: Path, counts: dict[str, int], progress: Progress | None) -> str | None:
    """Return what is wrong with a database, or missing in it, None where nothing is."""
    size = file.stat().st_size
    if progress:
        progress("verify", 0, size)
    try:
        with closing(open_backup(file)) as db, _interruptible(db):
            (found,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            held = _counts(db)
    except sqlite3.DatabaseError as exc:
        return str(exc)
    if progress:
        progress("verify", size, size)
    if found != "ok":
        return str(found)
    missing = [f"{held[name]:,} of {count:,} {name}" for name, count in counts.items() if held[name] != count]
    return f"it holds {', '.join(missing)}" if missing else None


def _seal(aside: Path) -> None:
    digest = _digest(aside, aside.stat().st_size, None)
    with aside.open("ab") as file:
        file.write(_SEAL % digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _sealed_digest(file: Path) -> str | None:
    """Return the checksum behind the end of a backup, None where there is none."""
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - SEAL_BYTES))
        end = opened.read(SEAL_BYTES)
    digest = end[-65:-1]
    is_seal = end == _SEAL % digest and not set(digest) - set(b"0123456789abcdef")
    return digest.decode("ascii") if is_seal else None


def _digest(file: Path, size: int, progress: Progress | None) -> str:
    """Return the sha256 of the first ``size`` bytes of a file."""
    digest, done = sha256(), 0
    with file.open("rb") as opened:
        while done < size and (piece := opened.read(min(_PIECE_BYTES, size - done))):
            digest.update(piece)
            done += len(piece)
            if progress:
                progress("verify", done, size)
    return digest.hexdigest()


def _counts(db: sqlite3.Connection) -> dict[str, int]:
    return {name: int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in _COUNTED}


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _interruptible(db: sqlite3.Connection) -> Iterator[None]:
    """Let Ctrl-C end what SQLite does inside, however long it takes."""
    # Whatever is called, Python looks for signals first; SQLite only learns that the call failed.
    db.set_progress_handler(lambda: 0, _INSTRUCTIONS)
    try:
        yield
    except sqlite3.OperationalError as exc:
        if str(exc) == "interrupted":
            raise KeyboardInterrupt from exc
        raise


@contextmanager
def _told_if_unwritable(target: Path) -> Iterator[None]:
    try:
        yield
    except ArchiveError:
        raise
    except (OSError, sqlite3.Error) as exc:
        raise ArchiveError(
            f"cannot write the backup {str(target)!r}: {_reason(exc)}",
            hint="name another file or folder: `dateline backup FOLDER`",
        ) from exc


def _reason(exc: Exception) -> str:
    return (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
