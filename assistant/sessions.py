"""Saved conversations, shared by ``ask`` and the chat: one SQLite file, written by any number of processes at once."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError, SessionMissing, SessionsError
from assistant.planning import Scope
from assistant.saved_turns import (
    SavedTurn,
    State,
    Stood,
    asked_json,
    read_plan,
    read_scope,
    read_stood,
    read_turn,
)
from assistant.session_file import open_file
from store.cleaning import clean_line, plain
from store.words import words

_LONGEST_NAME = 100

# Without those that look alike: an id is typed by hand.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Session:
    """A saved conversation with one archive. ``first_asked`` is its first question, to know it by without a name.

    ``asked_utc`` is when the last question was asked.
    """

    id: str
    name: str | None
    archive: Path
    started_utc: datetime
    asked_utc: datetime
    turns: int
    first_asked: str

    @property
    def label(self) -> str:
        """What a person calls it by: its name, or its id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Found:
    """A session in which a text was found, with the questions of the turns that hold it, oldest first."""

    session: Session
    asked: tuple[str, ...]


class Sessions:
    """The sessions in one file. Every method either happens wholly or not at all, and raises SessionsError.

    The file is opened by the first call that needs it, and made by the first that writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    # -- reading -------------------------------------------------------------------------------------------------------

    def all(self, archive: Path | None = None, *, most: int | None = None, skip: int = 0) -> list[Session]:
        """Return the sessions, of one archive where it is named, the one that was asked last first.

        With ``most`` only so many, after the first ``skip``.
        """
        if archive is None:
            return self._select("1", most=most, skip=skip)
        return self._select("archive = ?", str(archive), most=most, skip=skip)

    def count(self, archive: Path | None = None) -> int:
        """Return how many sessions ``all`` returns."""
        condition, values = ("1", ()) if archive is None else ("archive = ?", (str(archive),))
        ((counted,),) = self._read(f"SELECT count(*) FROM sessions WHERE {condition}", *values) or ((0,),)
        return int(counted)

    def last(self, archive: Path) -> Session | None:
        """Return the session of an archive in which the last question was asked."""
        return next(iter(self.all(archive, most=1)), None)

    def find(self, name: str) -> Session | None:
        """Return the session with this name, or else with this id."""
        found = self._select("name = ?", name) or self._select("id = ?", name)
        return found[0] if found else None

    def get(self, name: str) -> Session:
        """Return the session with this name or id; raise SessionMissing."""
        found = self.find(name)
        if found is None:
            raise SessionMissing(f"there is no session {name!r}", hint="`dateline sessions` lists them")
        return found

    def turns(self, session: Session, *, most: int | None = None) -> list[SavedTurn]:
        """Return the turns of a session, oldest first; with ``most`` the last so many."""
        rows = self._read(
            "SELECT t.asked_utc, t.scope, t.record, e.state, e.error, e.record, "
            "(SELECT group_concat(text, '') FROM (SELECT text FROM pieces WHERE turn = t.key ORDER BY key)) "
            "FROM turns t JOIN sessions s ON s.key = t.session LEFT JOIN endings e ON e.turn = t.key "
            "WHERE s.id = ? ORDER BY t.key DESC LIMIT ?",
            session.id,
            -1 if most is None else most,
        )
        try:
            return [_saved_turn(*row) for row in reversed(rows)]
        except (KeyError, TypeError, ValueError) as exc:
            raise SessionsError(f"session {session.label!r} in {str(self.path)!r} is damaged: {exc}") from exc

    def search(self, text: str, archive: Path | None = None) -> list[Found]:
        """Return the sessions with a turn that holds all words of ``text``, or words that begin with them."""
        wanted = words(text)
        if not wanted:
            return []
        expression = " ".join(f'"{word}"*' for word in wanted)
        rows = self._read(
            "SELECT s.id, t.asked FROM full_text f JOIN turns t ON t.key = f.rowid "
            "JOIN sessions s ON s.key = t.session WHERE full_text MATCH ? ORDER BY t.key",
            expression,
        )
        asked: dict[str, list[str]] = {}
        for session, question in rows:
            asked.setdefault(session, []).append(question)
        return [Found(session, tuple(asked[session.id])) for session in self.all(archive) if session.id in asked]

    # -- writing -------------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Make what is written inside outlive a kill together, or, after any exception, not at all.

        Only what is ``durable`` outlives a power cut at once, for the price of waiting for the disk; the rest does with
        the next that is. Inside another one this adds nothing.
        """
        try:
            db = self._open()
            is_inside_another = db.in_transaction
            if is_inside_another:
                yield db
                return
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        except sqlite3.Error as exc:
            raise SessionsError(f"cannot write to {str(self.path)!r}: {exc}") from exc

    def start(self, archive: Path, name: str | None = None) -> Session:
        """Return a new session with an archive, or the one that has this name already."""
        with self.writing() as db:
            existing = None if name is None else self.find(name)
            if existing is not None:
                return existing
            new = _new_id()
            db.execute(
                "INSERT INTO sessions(id, name, archive, started_utc) VALUES (?, ?, ?, ?)",
                (new, None if name is None else checked_name(name), str(archive), _now()),
            )
            return self.get(new)

    def begin(
        self,
        session: Session,
        asked: str,
        scope: Scope,
        record: Mapping[str, Any],
        *,
        plan: Sequence[str] | None = None,
        stood: Stood | None = None,
        asked_utc: datetime | None = None,
    ) -> int:
        """Add a turn to a session, as it is asked, and return its key. Raise SessionMissing where there is no such one.

        ``plan`` is what was understood, in words, ``stood`` what held for every question, ``asked_utc`` the moment when
        it is not now.
        """
        with self.writing() as db:
            moment = asked_utc.isoformat(timespec="seconds") if asked_utc else _now()
            row = (moment, plain(asked), _dumps(asked_json(scope, plan, stood)), _dumps(record), session.id)
            (key,) = db.execute(
                "INSERT INTO turns(session, asked_utc, asked, scope, record) "
                "SELECT key, ?, ?, ?, ? FROM sessions WHERE id = ? RETURNING key",
                row,
            ).fetchone() or (None,)
            if key is None:
                raise SessionMissing(f"session {session.label!r} was deleted meanwhile")
            db.execute("INSERT INTO full_text(rowid, text) VALUES (?, ?)", (key, _searchable(asked, record)))
            return int(key)

    def append(self, turn: int, text: str, *, durable: bool = False) -> None:
        """Add a piece to the answer of a turn; raise SessionMissing where its session was deleted."""
        with self.writing(durable=durable) as db:
            _asked_of(db, turn)
            db.execute("INSERT INTO pieces(turn, text) VALUES (?, ?)", (turn, plain(text)))
            # Searchable as it stands: the process may be killed the next moment.
            (known,) = db.execute("SELECT text FROM full_text WHERE rowid = ?", (turn,)).fetchone()
            db.execute("UPDATE full_text SET text = ? WHERE rowid = ?", (f"{known} {plain(text)}", turn))

    def end(
        self, turn: int, state: State, *, record: Mapping[str, Any] | None = None, error: str | None = None
    ) -> None:
        """Say how a turn ended; ``record`` is that of its answer, where it has one.

        Raise SessionMissing where its session was deleted.
        """
        with self.writing() as db:
            asked = _asked_of(db, turn)
            written = None if record is None else _dumps(record)
            db.execute(
                "INSERT INTO endings(turn, ended_utc, state, error, record) VALUES (?, ?, ?, ?, ?)",
                (turn, _now(), state, error, written),
            )
            if record is not None:
                db.execute("UPDATE full_text SET text = ? WHERE rowid = ?", (_searchable(asked, record), turn))

    def rename(self, session: Session, name: str) -> Session:
        """Give a session another name, which no other may have."""
        with self.writing() as db:
            other = self.find(name)
            if other is not None and other.id != session.id:
                raise ConfigError(f"there is a session {name!r} already", hint="choose another name")
            db.execute("UPDATE sessions SET name = ? WHERE id = ?", (checked_name(name), session.id))
            return self.get(session.id)

    def delete(self, session: Session) -> None:
        """Delete a session and all that was said in it, from the file as well."""
        with self.writing() as db:
            of_it = "(SELECT t.key FROM turns t JOIN sessions s ON s.key = t.session WHERE s.id = ?)"
            db.execute(f"DELETE FROM full_text WHERE rowid IN {of_it}", (session.id,))
            db.execute("INSERT INTO full_text(full_text) VALUES ('optimize')")  # Drops the words of what is deleted.
            db.execute("DELETE FROM sessions WHERE id = ?", (session.id,))
        self._read("PRAGMA wal_checkpoint(TRUNCATE)")  # What was deleted still stands in the log.

    # ------------------------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = open_file(self.path)
        return self._db

    def _read(self, statement: str, *values: str | int) -> Sequence[Any]:
        if self._db is None and not self.path.exists():
            return ()
        try:
            return self._open().execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise SessionsError(f"cannot read {str(self.path)!r}: {exc}") from exc

    def _select(self, condition: str, *values: str, most: int | None = None, skip: int = 0) -> list[Session]:
        # What is listed is chosen by keys alone, which are in an index: the turns are long, and lie all over the file.
        rows = self._read(
            "SELECT s.id, s.name, s.archive, s.started_utc, "
            "coalesce((SELECT asked_utc FROM turns WHERE key = s.latest), s.started_utc), "
            "(SELECT count(*) FROM turns WHERE session = s.key), "
            "coalesce((SELECT asked FROM turns WHERE session = s.key ORDER BY key LIMIT 1), '') "
            "FROM (SELECT *, (SELECT max(key) FROM turns WHERE session = sessions.key) AS latest FROM sessions "
            f"WHERE {condition} ORDER BY latest DESC, key DESC LIMIT ? OFFSET ?) AS s "
            "ORDER BY s.latest DESC, s.key DESC",
            *values,
            -1 if most is None else most,
            skip,
        )
        try:
            return [
                Session(id_, name, Path(archive), _moment(started), _moment(asked), turns, first)
                for id_, name, archive, started, asked, turns, first in rows
            ]
        except (TypeError, ValueError) as exc:
            raise SessionsError(f"the sessions in {str(self.path)!r} are damaged: {exc}") from exc


def open_sessions(path: Path) -> Sessions:
    """Return the sessions kept in the file at ``path``, which need not exist."""
    return Sessions(path)


def checked_name(name: str) -> str:
    """Return a name that a session may have; raise ConfigError for any other."""
    if not name or name != clean_line(name) or len(name) > _LONGEST_NAME:
        raise ConfigError(
            f"{name[:_LONGEST_NAME]!r} cannot be a session's name", hint=f"give one of 1 to {_LONGEST_NAME} characters"
        )
    return name


def _asked_of(db: sqlite3.Connection, turn: int) -> str:
    (asked,) = db.execute("SELECT asked FROM turns WHERE key = ?", (turn,)).fetchone() or (None,)
    if asked is None:
        raise SessionMissing("the session was deleted meanwhile")
    return str(asked)


def _saved_turn(
    asked_utc: str, scope: str, opening: str, state: State | None, error: str | None, record: str | None, shown: str
) -> SavedTurn:
    if record is None:
        begun = json.loads(opening)
        warning = ["the answer was cut short"] if shown else []
        known = {**begun, "answer": shown or "", "answered": bool(shown), "warnings": warning}
    else:
        known = json.loads(record)
    by_hand = json.loads(scope)
    return SavedTurn(
        read_turn(known), state or "unfinished", _moment(asked_utc), read_scope(by_hand), error, known,
        plan=read_plan(by_hand), stood=read_stood(by_hand),
    )  # fmt: skip


def _searchable(asked: str, record: Mapping[str, Any]) -> str:
    headlines = (citation["headline"] for citation in record["citations"])
    return plain("\n".join(dict.fromkeys((asked, record["question"], record["answer"], *headlines))))


def _dumps(record: Mapping[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))


def _new_id() -> str:
    return "".join(_ALPHABET[byte % 32] for byte in os.urandom(7))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
