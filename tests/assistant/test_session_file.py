"""The file of the sessions: private, whole from its first moment, and refused when it is not ours."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import SessionsError
from assistant.session_file import SCHEMA_VERSION, open_file, sessions_path
from tests.command_line import child_environment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sessions_path(tmp_path / "home")


def test_the_file_and_its_folder_are_for_their_owner_alone(path: Path) -> None:
    db = open_file(path)
    db.execute("INSERT INTO sessions(id, archive, started_utc) VALUES ('a', '/a', '')")  # Makes the log as well.

    assert {name.name: name.stat().st_mode & 0o777 for name in path.parent.iterdir()} == {
        "sessions.sqlite3": 0o600,
        "sessions.sqlite3-wal": 0o600,
        "sessions.sqlite3-shm": 0o600,
    }
    assert path.parent.stat().st_mode & 0o777 == 0o700
    db.close()


def test_what_is_written_is_there_when_it_is_opened_again(path: Path) -> None:
    first = open_file(path)
    first.execute("INSERT INTO sessions(id, archive, started_utc) VALUES ('a', '/a', '')")
    first.close()

    again = open_file(path)

    assert again.execute("SELECT id FROM sessions").fetchall() == [("a",)]
    assert again.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    again.close()


def test_processes_that_make_it_at_once_share_one_file(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assistant.session_file import open_file; sys.stdin.read(1); "
        "db = open_file(Path(sys.argv[1])); "
        "db.execute('INSERT INTO sessions(id, archive, started_utc) VALUES (?, 0, 0)', (sys.argv[2],))"
    )
    started = [
        subprocess.Popen([sys.executable, "-P", "-c", script, path, str(i)], stdin=-1, env=child_environment())
        for i in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"!")
        process.stdin.close()

    assert [process.wait(60) for process in started] == [0, 0, 0, 0]
    db = open_file(path)
    assert sorted(db.execute("SELECT id FROM sessions").fetchall()) == [("0",), ("1",), ("2",), ("3",)]
    assert [name.name for name in path.parent.iterdir() if name.name.endswith(".new")] == []
    db.close()


def test_a_newer_file_is_refused_with_what_to_do(path: Path) -> None:
    db = open_file(path)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()

    with pytest.raises(
        SessionsError, match=f"has format {SCHEMA_VERSION + 1}, this version of dateline reads"
    ) as caught:
        open_file(path)

    assert caught.value.hint == "upgrade with `pip install --upgrade dateline`"


def test_what_is_not_ours_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs(a)")
    db.close()
    with pytest.raises(SessionsError, match="does not hold sessions of dateline"):
        open_file(path)

    path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(SessionsError, match="file is not a database"):
        open_file(path)

    assert path.read_bytes().startswith(b"no database")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_where_no_file_can_be_that_is_said(path: Path, kind: str) -> None:
    if kind == "file":
        path.parent.write_text("in the way", encoding="utf-8")
    else:
        path.mkdir(parents=True)

    with pytest.raises(SessionsError, match="cannot open the sessions in "):
        open_file(path)
