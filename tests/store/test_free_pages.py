"""Room that removals leave in the file is given back where it is much."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.free_pages import give_back_free_pages

PAGE = 4_096


def fill(path: Path, *, auto_vacuum: str, kept: int) -> sqlite3.Connection:
    """Write four thousand pages and delete all but ``kept`` of them."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA auto_vacuum = {auto_vacuum}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE articles(key INTEGER PRIMARY KEY, body BLOB)")
    db.execute("BEGIN")
    db.executemany("INSERT INTO articles(body) VALUES (zeroblob(4000))", [()] * 4_000)
    db.execute("COMMIT")
    db.execute("DELETE FROM articles WHERE key > ?", (kept,))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return db


@pytest.mark.parametrize("auto_vacuum", ["INCREMENTAL", "NONE"])
def test_many_free_pages_are_given_back(tmp_path: Path, auto_vacuum: str) -> None:
    path = tmp_path / "file.sqlite3"
    with closing(fill(path, auto_vacuum=auto_vacuum, kept=100)) as db:
        before = path.stat().st_size

        give_back_free_pages(db, path)

        assert before > 4_000 * PAGE
        assert path.stat().st_size < 200 * PAGE
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (100,)
        assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_few_are_left_for_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite3"
    with closing(fill(path, auto_vacuum="INCREMENTAL", kept=3_500)) as db:
        before = path.stat().st_size

        give_back_free_pages(db, path)

        assert path.stat().st_size == before


def test_a_file_of_an_early_format_is_not_written_anew_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.sqlite3"
    with closing(fill(path, auto_vacuum="NONE", kept=100)) as db:
        before = path.stat().st_size
        monkeypatch.setattr("store.free_pages.free_bytes", lambda _: 1_000)

        give_back_free_pages(db, path)

        assert path.stat().st_size == before
