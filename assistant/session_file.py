"""The format of the file that keeps sessions: its tables, how it is made, and how it is opened."""

from __future__ import annotations

import os
import re
import sqlite3
from typing import TYPE_CHECKING

from assistant.errors import SessionsError

if TYPE_CHECKING:
    from pathlib import Path

_FILE_NAME = "sessions.sqlite3"
APPLICATION_ID = 0x444C5331  # 'DLS1', shown by file(1); tells our file from any other SQLite file.
SCHEMA_VERSION = 1

# Two shells write one after the other; each holds the lock for the milliseconds of a commit.
_PATIENCE_S = 5.0

# Rows are added as things happen and never changed: a turn when it is asked, pieces while it is answered, an ending
# when it is over. A turn without an ending was cut short, and its pieces are what was shown. `record` is what `--json`
# prints. full_text has a row for each turn, under the turn's key.
_SCHEMA = """
CREATE TABLE sessions(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT UNIQUE,
  archive TEXT NOT NULL,
  started_utc TEXT NOT NULL
);
CREATE INDEX sessions_by_archive ON sessions(archive);

CREATE TABLE turns(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES sessions(key) ON DELETE CASCADE,
  asked_utc TEXT NOT NULL,
  asked TEXT NOT NULL,
  scope TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX turns_by_session ON turns(session);

CREATE TABLE pieces(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  turn INTEGER NOT NULL REFERENCES turns(key) ON DELETE CASCADE,
  text TEXT NOT NULL
);
CREATE INDEX pieces_by_turn ON pieces(turn);

CREATE TABLE endings(
  turn INTEGER PRIMARY KEY REFERENCES turns(key) ON DELETE CASCADE,
  ended_utc TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT,
  record TEXT
);

CREATE VIRTUAL TABLE full_text USING fts5(text, tokenize='unicode61 remove_diacritics 2');
"""


def sessions_path(home: Path) -> Path:
    """Return where the sessions of a data folder are kept; nothing need be there."""
    return home / _FILE_NAME


def open_file(path: Path) -> sqlite3.Connection:
    """Open the file at ``path``, made now if there is none; raise SessionsError where that cannot be.

    One that may only be read is opened for reading.
    """
    try:
        if not path.exists():
            _create(path)
        if left := list(path.parent.glob(f"{path.name}.*.new*")):
            from store.leftovers import drop_leftovers  # only after a kill

            drop_leftovers(left, re.compile(r"\.(\d+)-[0-9a-f]+\.new"))
        return _connect(path)
    except (OSError, sqlite3.Error) as exc:
        raise SessionsError(f"cannot open the sessions in {str(path)!r}: {exc}") from exc


def _create(path: Path) -> None:
    """Make an empty file at ``path``, whole or not at all; another process may be doing the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}.new")
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # private from its first moment
    try:
        db = sqlite3.connect(aside, isolation_level=None)
        try:
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            # Last: what stands in a log comes into the file when it is closed, and where the disk is full SQLite does
            # not say that it did not.
            if db.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                raise sqlite3.OperationalError("it cannot be given a log")
        finally:
            db.close()
        _publish(aside, path)
    finally:
        for name in (aside.name, f"{aside.name}-wal", f"{aside.name}-shm"):
            aside.with_name(name).unlink(missing_ok=True)


def _publish(aside: Path, path: Path) -> None:
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        return  # Another process was first: its file is the one.
    except OSError:
        aside.replace(path)  # a file system without hard links


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_S)
    try:
        try:
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            # In a folder where nothing may be written SQLite cannot make the index of its log. With no log there is
            # nothing to miss: the file alone is everything.
            if path.with_name(path.name + "-wal").exists():
                raise
            db.close()
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")  # What a person deletes is gone from the file.
        _check_identity(db, path)
    except (sqlite3.Error, SessionsError):
        db.close()
        raise
    return db


def _check_identity(db: sqlite3.Connection, path: Path) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise SessionsError(f"{str(path)!r} does not hold sessions of dateline", hint="move it away; a new one is made")
    if version > SCHEMA_VERSION:
        raise SessionsError(
            f"{str(path)!r} has format {version}, this version of dateline reads up to {SCHEMA_VERSION}",
            hint="upgrade with `pip install --upgrade dateline`",
        )
