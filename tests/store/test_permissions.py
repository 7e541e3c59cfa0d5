"""What is an owner's alone stays so, and what is not is found."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.archive import create_archive
from store.backup import write_backup
from store.exporting import write_export
from store.permissions import exposed, make_private
from store.records import Draft, SearchFilter
from store.restoring import restore_backup
from store.schema import FILE_NAME
from tests.hash_embedder import HashEmbedder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that others may enter, wherever the tests' own folder is."""
    before = os.umask(0o022)
    folder = tmp_path / "archive"
    (folder / "index").mkdir(parents=True)
    (folder / "archive.sqlite3").write_text("truth")
    (folder / "index" / "vectors").write_text("numbers")
    opened = [parent for parent in tmp_path.parents if parent.owner() == tmp_path.owner() and parent != Path("/")]
    modes = {parent: stat.S_IMODE(parent.stat().st_mode) for parent in (tmp_path, *opened)}
    for parent, mode in modes.items():
        parent.chmod(mode | 0o011)
    yield folder
    for parent, mode in modes.items():
        parent.chmod(mode)
    os.umask(before)


def test_all_that_others_may_read_is_named(folder: Path) -> None:
    assert exposed(folder) == [
        folder,
        folder / "archive.sqlite3",
        folder / "index",
        folder / "index" / "vectors",
    ]


def test_behind_a_private_folder_nothing_is_exposed(folder: Path) -> None:
    folder.chmod(0o700)

    assert exposed(folder) == []
    assert exposed(folder / "index") == []


def test_what_is_made_private_is_exposed_to_nobody(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")

    make_private(folder)

    assert exposed(folder) == []
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if not path.is_symlink()}
    assert modes == {"archive.sqlite3": 0o600, "index": 0o700, "vectors": 0o600}


def test_nothing_is_exposed_where_nothing_is(tmp_path: Path) -> None:
    assert exposed(tmp_path / "missing") == []


def test_all_that_an_archive_makes_is_its_owners_alone(folder: Path, ferry: Draft, tmp_path: Path) -> None:
    os.umask(0)  # put back with ``folder``
    made = folder.with_name("made")
    made.mkdir(mode=0o700)
    with create_archive(made / "archive", embedder=HashEmbedder(tmp_path / "weights")) as archive:
        archive.add([ferry])
        archive.embed()
        write_backup(archive.path / FILE_NAME, made / "copy.dateline")
        write_export(archive.path / FILE_NAME, made / "articles.jsonl.gz", SearchFilter(), vectors=True)
        restore_backup(made / "copy.dateline", made / "again" / "archive")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (made, *made.rglob("*"))}

    assert f"{FILE_NAME}-wal" in modes
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
