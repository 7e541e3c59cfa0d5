"""``dateline check``: what it says, its exit codes, and what ``--repair`` tells."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.schema import FILE_NAME
from tests.command_line import Ran

Dateline = Callable[..., Ran]


@pytest.fixture
def path(weblog_archive: Path, tmp_path: Path) -> Path:
    """Give an archive of one's own."""
    return Path(shutil.copytree(weblog_archive, tmp_path / "own"))


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as db, db:
        db.execute(statement)


def test_what_is_broken_is_told_with_what_mends_it(dateline: Dateline, path: Path) -> None:
    change(path, "DELETE FROM stories")

    told = dateline("-a", path, "check")

    assert (told.code, told.err) == (3, "")
    assert "broken:\n  stories: 2 articles without a story → dateline check --repair\n" in told.out
    assert told.out.splitlines()[-1].endswith("broken")


def test_it_is_mended_and_found_whole_afterwards(dateline: Dateline, path: Path) -> None:
    change(path, "DELETE FROM stories")

    mended = dateline("-a", path, "check", "--repair")

    assert mended.code == 0
    assert "done:\n  found anew which articles are prints of one story\n" in mended.out
    assert dateline("-a", path, "check", "--full").out == "no problem found in 2 articles, 2 passages, 2 vectors\n"


def test_in_json_every_key_is_there(dateline: Dateline, path: Path) -> None:
    change(path, "UPDATE articles SET body = body || '!' WHERE key = 1")

    told = dateline("-a", path, "check", "--full", "--json")

    record = json.loads(told.out)
    assert told.code == 3
    assert (record["schema"], record["sound"], record["articles"]) == ("dateline.check/1", False, 2)
    assert [list(finding) for finding in record["findings"]] == [["where", "what", "severity", "remedy"]] * len(
        record["findings"]
    )
    assert [record[key] for key in ("found_before", "done", "damaged", "lost")] == [[], [], None, []]


def test_a_destroyed_file_is_refused_in_words_everywhere(dateline: Dateline, path: Path) -> None:
    (path / FILE_NAME).write_bytes(b"\xff" * 9_000)

    for arguments in (["ask", "Who?"], ["status"], ["check", "--repair"], ["add", str(path)]):
        told = dateline("-a", path, *arguments)
        assert told.code in {2, 3}, arguments
        assert "dateline: " in told.err
        assert "Traceback" not in told.err
    assert dateline("-a", path, "check").code == 3


def test_a_share_is_read_only_where_everything_would_be(dateline: Dateline, path: Path) -> None:
    assert dateline("-a", path, "check", "--sample", "10").code == 2
    assert dateline("-a", path, "check", "--full", "--sample", "10").code == 0


def test_without_an_archive_that_is_said(dateline: Dateline, tmp_path: Path) -> None:
    told = dateline("-a", tmp_path / "none", "check")

    assert told.code == 3
    assert "there is no archive" in told.err
