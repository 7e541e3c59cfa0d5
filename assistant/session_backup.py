"""The sessions of one archive, laid into its backup and taken out again; those of others stay where they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from assistant.errors import SessionsError
from assistant.session_file import open_file
from store.backup import FACTS_TABLE, has_table

# A table of the file of sessions → the table of a backup with its rows, which keys are as they were there.
_TABLES = {
    "sessions": "key, id, name, archive, started_utc",
    "turns": "key, session, asked_utc, asked, scope, record",
    "pieces": "key, turn, text",
    "endings": "turn, ended_utc, state, error, record",
    "full_text": "rowid AS key, text",
}
_OF_ITS_TURNS = "(SELECT t.key FROM kept.turns t JOIN kept.sessions s ON s.key = t.session WHERE s.archive = :archive)"
_OF_ARCHIVE = {
    "sessions": "archive = :archive",
    "turns": "session IN (SELECT key FROM kept.sessions WHERE archive = :archive)",
    "pieces": f"turn IN {_OF_ITS_TURNS}",
    "endings": f"turn IN {_OF_ITS_TURNS}",
    "full_text": f"rowid IN {_OF_ITS_TURNS}",
}
# By what the rows of a table are looked for.
_LOOKED_FOR = {"turns": "session", "pieces": "turn", "endings": "turn", "full_text": "key"}


def put_sessions(backup: sqlite3.Connection, file: Path, archive: Path) -> int:
    """Lay the sessions of ``archive``, kept in ``file``, into an open backup as they are now; return how many.

    Raises SessionsError where they cannot be read.
    """
    if not file.is_file():
        return 0
    open_file(file).close()  # It is one of ours, and can be read.
    try:
        backup.execute("ATTACH ? AS kept", (str(file.absolute()),))
        try:
            backup.execute("BEGIN")
            for table, columns in _TABLES.items():
                backup.execute(
                    f"CREATE TABLE {_name(table)} AS SELECT {columns} FROM kept.{table} WHERE {_OF_ARCHIVE[table]}",
                    {"archive": str(archive)},
                )
            for table, column in _LOOKED_FOR.items():
                backup.execute(f"CREATE INDEX {_name(table)}_by_{column} ON {_name(table)}({column})")
            backup.execute("COMMIT")
        finally:
            if backup.in_transaction:
                backup.execute("ROLLBACK")
            backup.execute("DETACH kept")
        return count_sessions(backup)
    except sqlite3.Error as exc:
        raise SessionsError(f"cannot read the sessions in {str(file)!r}: {exc}") from exc


def count_sessions(backup: sqlite3.Connection) -> int:
    """Return how many sessions an open backup holds."""
    if not has_table(backup, _name("sessions")):
        return 0
    return int(backup.execute(f"SELECT count(*) FROM {_name('sessions')}").fetchone()[0])


def take_sessions(backup: sqlite3.Connection, file: Path, archive: Path) -> int:
    """Add the sessions of an open backup to those in ``file``, as of ``archive``, and return how many were added.

    One that is there already is left as it is; a name that another one has is not given twice.
    """
    if not count_sessions(backup):
        return 0
    with closing(open_file(file)) as db, _written_together(db, file):
        added = 0
        for key, id_, name, _, started in backup.execute(f"SELECT * FROM {_name('sessions')} ORDER BY key"):
            if db.execute("SELECT 1 FROM sessions WHERE id = ?", (id_,)).fetchone():
                continue
            free = None if db.execute("SELECT 1 FROM sessions WHERE name = ?", (name,)).fetchone() else name
            new = db.execute(
                "INSERT INTO sessions(id, name, archive, started_utc) VALUES (?, ?, ?, ?)",
                (id_, free, str(archive), started),
            ).lastrowid
            _take_turns(backup, db, key, new)
            added += 1
        return added


def _take_turns(backup: sqlite3.Connection, db: sqlite3.Connection, session: int, new: int | None) -> None:
    turns = backup.execute(f"SELECT * FROM {_name('turns')} WHERE session = ? ORDER BY key", (session,))
    for key, _, *values in turns.fetchall():
        turn = db.execute(
            "INSERT INTO turns(session, asked_utc, asked, scope, record) VALUES (?, ?, ?, ?, ?)", (new, *values)
        ).lastrowid
        pieces = backup.execute(f"SELECT text FROM {_name('pieces')} WHERE turn = ? ORDER BY key", (key,))
        db.executemany("INSERT INTO pieces(turn, text) VALUES (?, ?)", [(turn, text) for (text,) in pieces])
        endings = backup.execute(
            f"SELECT ended_utc, state, error, record FROM {_name('endings')} WHERE turn = ?", (key,)
        )
        db.executemany("INSERT INTO endings VALUES (?, ?, ?, ?, ?)", [(turn, *ending) for ending in endings])
        words = backup.execute(f"SELECT text FROM {_name('full_text')} WHERE key = ?", (key,))
        db.executemany("INSERT INTO full_text(rowid, text) VALUES (?, ?)", [(turn, text) for (text,) in words])


@contextmanager
def _written_together(db: sqlite3.Connection, file: Path) -> Iterator[None]:
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    except sqlite3.Error as exc:
        raise SessionsError(f"cannot write to {str(file)!r}: {exc}") from exc
    finally:
        if db.in_transaction:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")


def _name(table: str) -> str:
    return f"{FACTS_TABLE}_{table}"
