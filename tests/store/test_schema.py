"""A file of any earlier format has, upgraded or only read, what one of today's has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.errors import ArchiveError
from store.schema import FILE_NAME, SCHEMA_VERSION, connect, create_file, file_version, open_file, upgrade
from tests.earlier_formats import make_earlier

EARLIER = range(1, SCHEMA_VERSION)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_file(tmp_path / FILE_NAME)
    return tmp_path / FILE_NAME


def turn_into(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        make_earlier(db, version)


def columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the columns of every table, as queries find them."""
    names = {str(name) for (name,) in db.execute("SELECT name FROM pragma_table_list WHERE type IN ('table', 'view')")}
    return {name: {str(row[1]) for row in db.execute(f"PRAGMA table_info({name})")} for name in names}


def indexes(db: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}


@pytest.mark.parametrize("version", EARLIER)
def test_an_upgraded_file_has_what_a_new_one_has(path: Path, version: int) -> None:
    with closing(connect(path, writable=False)) as new:
        expected = columns(new), indexes(new)
    turn_into(path, version)
    assert file_version(path) == version

    with closing(connect(path, writable=True)) as db:
        upgrade(db, version)

        assert (columns(db), indexes(db)) == expected
        assert db.execute("SELECT length(value) FROM manifest WHERE name = 'archive'").fetchone() == (32,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert file_version(path) == SCHEMA_VERSION


@pytest.mark.parametrize("version", EARLIER)
def test_a_file_that_is_only_read_seems_to_have_what_came_later(path: Path, version: int) -> None:
    with closing(connect(path, writable=False)) as new:
        expected = columns(new)
    turn_into(path, version)
    before = path.read_bytes()

    with closing(open_file(path, writable=False)) as db:
        missing = {name for name in expected if not columns(db).get(name, set()) >= expected[name]}
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("DELETE FROM manifest")

    # Whoever asks for these asks first whether there are any.
    of_3 = {"reached", "feeds", "entries"} if version < 3 else set()
    assert missing == of_3 | ({"stories", "sketches"} if version < 2 else set())
    assert path.read_bytes() == before


def test_two_archives_are_told_apart(tmp_path: Path) -> None:
    told = set()
    for name in ("one", "two"):
        create_file(tmp_path / name)
        with closing(open_file(tmp_path / name, writable=False)) as db:
            told.add(db.execute("SELECT value FROM manifest WHERE name = 'archive'").fetchone())

    assert len(told) == 2


def test_a_file_that_cannot_be_made_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.schema._SCHEMA", "CREATE TABLE articles(key); CREATE TABLE nonsense(;")

    with pytest.raises(ArchiveError, match="cannot write to"):
        create_file(tmp_path / FILE_NAME)

    assert not (tmp_path / FILE_NAME).exists()
