"""Sessions go into the backup of their archive, and come back beside those that are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import SessionsError
from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import SavedTurn, opening_record, state_of
from assistant.session_backup import count_sessions, put_sessions, take_sessions
from assistant.session_file import sessions_path
from assistant.sessions import Sessions, open_sessions
from tests.assistant.turns import answered, planned

NEWS, OTHER, AGAIN = Path("/archives/news"), Path("/archives/other"), Path("/archives/again")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file of sessions: of one archive 'ferry' with two turns, of another 'pier' with one."""
    file = sessions_path(tmp_path)
    with closing(open_sessions(file)) as sessions:
        for archive, name, questions in ((NEWS, "ferry", ("Who sank?", "And who sailed?")), (OTHER, "pier", ("Why?",))):
            session = sessions.start(archive, name)
            for question in questions:
                understood = planned(question)
                turn = answered(understood)
                key = sessions.begin(session, question, Scope(), opening_record(understood, "openai:m"))
                sessions.append(key, turn.answer.text)
                sessions.end(key, state_of(turn.answer), record=answer_json(turn, understood))
    return file


@pytest.fixture
def backup() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        yield db


def said(sessions: Sessions, name: str) -> list[SavedTurn]:
    return sessions.turns(sessions.get(name))


def test_only_the_sessions_of_the_archive_are_put(backup: sqlite3.Connection, file: Path) -> None:
    assert put_sessions(backup, file, NEWS) == 1
    assert count_sessions(backup) == 1
    assert backup.execute("SELECT name FROM backup_sessions").fetchall() == [("ferry",)]
    assert backup.execute("SELECT asked FROM backup_turns ORDER BY key").fetchall() == [
        ("Who sank?",),
        ("And who sailed?",),
    ]


def test_they_come_back_as_they_were(backup: sqlite3.Connection, file: Path, tmp_path: Path) -> None:
    put_sessions(backup, file, NEWS)

    assert take_sessions(backup, sessions_path(tmp_path / "new"), AGAIN) == 1

    with closing(open_sessions(file)) as before, closing(open_sessions(sessions_path(tmp_path / "new"))) as after:
        assert said(after, "ferry") == said(before, "ferry")
        assert after.get("ferry").archive == AGAIN
        assert [found.session.name for found in after.search("sailed")] == ["ferry"]


def test_one_that_is_there_is_left_as_it_is(backup: sqlite3.Connection, file: Path) -> None:
    put_sessions(backup, file, NEWS)

    assert take_sessions(backup, file, NEWS) == 0


def test_a_name_is_not_given_twice(backup: sqlite3.Connection, file: Path, tmp_path: Path) -> None:
    put_sessions(backup, file, NEWS)
    new = sessions_path(tmp_path / "new")
    with closing(open_sessions(new)) as sessions:
        sessions.start(OTHER, "ferry")

    assert take_sessions(backup, new, NEWS) == 1

    with closing(open_sessions(new)) as sessions:
        assert sorted(str(session.name) for session in sessions.all()) == ["None", "ferry"]
        assert sessions.get("ferry").archive == OTHER


def test_without_a_file_of_sessions_there_is_nothing_to_put_or_take(backup: sqlite3.Connection, tmp_path: Path) -> None:
    assert put_sessions(backup, sessions_path(tmp_path), NEWS) == 0
    assert take_sessions(backup, sessions_path(tmp_path), NEWS) == 0
    assert not sessions_path(tmp_path).exists()


def test_a_file_that_is_none_of_ours_is_named(backup: sqlite3.Connection, tmp_path: Path) -> None:
    sessions_path(tmp_path).write_bytes(b"not a database" * 400)

    with pytest.raises(SessionsError, match="sessions"):
        put_sessions(backup, sessions_path(tmp_path), NEWS)
