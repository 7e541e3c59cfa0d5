"""What a check finds in an archive that is whole, and in one that something happened to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from store.archive import Archive
from store.errors import ArchiveMissing
from store.integrity import Checked, check_archive
from store.records import Draft
from store.schema import FILE_NAME

Write = Callable[..., Draft]


@pytest.fixture
def path(archive: Archive, ferry: Draft, write: Write) -> Path:
    """Give the folder of an archive with vectors, and with revisions."""
    archive.add([ferry, *(write(i) for i in range(4))])
    archive.add([write(0, sentences=5)])
    for _ in archive._embed_pending(None):
        pass
    archive.close()
    return archive.path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path / FILE_NAME)) as db, db:
        for statement in statements:
            db.execute(statement)


def broken(checked: Checked) -> list[str]:
    return [str(finding) for finding in checked.findings if finding.is_broken]


def test_nothing_is_found_in_a_whole_archive_and_nothing_is_changed(path: Path) -> None:
    before = (path / FILE_NAME).read_bytes()

    quick, full, sampled = (check_archive(path, **how) for how in ({}, {"full": True}, {"full": True, "percent": 30.0}))

    assert [one.findings for one in (quick, full, sampled)] == [(), (), ()]
    assert (full.articles, full.passages, full.vectors, full.is_sound) == (5, 5, 5, True)
    assert (path / FILE_NAME).read_bytes() == before


def test_where_there_is_no_archive_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing):
        check_archive(tmp_path)


@pytest.mark.parametrize(
    ("statement", "where", "mending"),
    [
        ("DELETE FROM articles WHERE id = 'ferry-1'", "passages", "orphans"),
        ("UPDATE passages SET end = end + 9999 WHERE key = 1", "passages", "passages"),
        ("DELETE FROM full_text_docsize WHERE id = 1", "full_text", "full text"),
        ("UPDATE vectors SET vector = x'00' WHERE passage = 1", "vectors", "vectors"),
        ("DELETE FROM manifest WHERE name = 'digest'", "manifest", None),
        ("UPDATE manifest SET value = 'many' WHERE name = 'dimension'", "manifest", None),
        ("DELETE FROM manifest WHERE name = 'archive'", "manifest", "columns"),
        ("DELETE FROM stories WHERE article = 1", "stories", "stories"),
    ],
)
def test_what_is_wrong_in_the_structure_is_found_at_a_glance(
    path: Path, statement: str, where: str, mending: str | None
) -> None:
    change(path, "PRAGMA foreign_keys = OFF", statement)

    found = [finding for finding in check_archive(path).findings if finding.is_broken]

    assert (where, mending) in {(finding.where, finding.mending) for finding in found}


@pytest.mark.parametrize(
    ("statement", "told", "mending"),
    [
        (
            "UPDATE articles SET body = replace(body, 'Morning', 'Evening') WHERE id = 'ferry-1'",
            "articles: 1 article changed on the disk: ferry-1",
            None,
        ),
        (
            "UPDATE articles SET day = day + 1 WHERE id = 'ferry-1'",
            "articles: wrong day or outlet to search by: ferry-1",
            "columns",
        ),
        (
            "UPDATE passages SET start = start + 12 WHERE key = 1",
            "passages: text that is in no passage: ferry-1",
            "passages",
        ),
        (
            "UPDATE vectors SET checksum = checksum + 1 WHERE passage = 1",
            "vectors: the vectors of 1 passage are not what was stored: 1",
            "vectors",
        ),
        (
            "UPDATE revisions SET body = body || '!'",
            "revisions: 1 earlier text changed on the disk: 1",
            None,
        ),
    ],
)
def test_what_only_reading_everything_tells_is_found_in_full(
    path: Path, statement: str, told: str, mending: str | None
) -> None:
    change(path, statement)

    assert broken(check_archive(path)) == []
    found = {str(finding): finding.mending for finding in check_archive(path, full=True).findings if finding.is_broken}
    assert found[told] == mending


def test_full_text_that_differs_from_the_articles_is_found(path: Path) -> None:
    change(path, "UPDATE full_text_data SET block = zeroblob(length(block)) WHERE id > 100")

    assert {finding.mending for finding in check_archive(path, full=True).findings} == {"full text"}


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 400])
def test_a_file_that_is_none_of_sqlites_is_a_finding(path: Path, content: bytes) -> None:
    (path / FILE_NAME).write_bytes(content)

    (finding,) = [one for one in check_archive(path).findings if one.is_broken]

    assert (finding.where, finding.mending) == (FILE_NAME, "salvage")


def test_what_others_may_read_and_what_was_left_behind_is_wasteful(path: Path) -> None:
    (path / FILE_NAME).chmod(0o644)
    (path / "index").mkdir(exist_ok=True)
    (path / "index" / "g000007.99999999.tmp").mkdir()

    found = check_archive(path).findings

    assert {finding.severity for finding in found} == {"wasteful"}
    assert {finding.mending for finding in found} == {"files"}
