"""Whether the index is this archive's, of this state, and holds what is stored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from store.archive import Archive, create_archive, open_archive
from store.integrity import check_archive
from store.integrity.repairing import repair_archive
from store.records import Draft
from store.schema import FILE_NAME
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def path(archive: Archive, write: Write) -> Path:
    archive.add(write(i) for i in range(20))
    archive.embed()
    archive.close()
    return archive.path


def found(path: Path) -> list[str]:
    return [str(finding) for finding in check_archive(path, full=True).findings]


def found_articles(path: Path, query: str) -> list[str]:
    with open_archive(path, embedder=HashEmbedder(path.parent / "weights")) as archive:
        return [hit.passage.article.id for hit in archive.search(query, 30).hits]


def test_checking_again_and_again_finds_nothing_in_a_small_index(path: Path) -> None:
    """Each opening changes the files of a graph that Chroma has not written yet."""
    assert [found(path) for _ in range(3)] == [[], [], []]


def test_an_index_of_another_archive_is_known_and_not_believed(path: Path, write: Write, tmp_path: Path) -> None:
    with create_archive(tmp_path / "other", embedder=HashEmbedder(tmp_path / "weights")) as other:
        other.add(write(i) for i in range(100, 120))
        other.embed()
    shutil.rmtree(path / "index")
    shutil.copytree(tmp_path / "other" / "index", path / "index")

    assert found_articles(path, "crate7x1")[0] == "log-00007"
    assert any("not used" in told for told in found(path))
    repair_archive(path)
    assert found(path) == []


def test_an_index_newer_than_a_file_that_was_put_back_is_known(path: Path, write: Write, tmp_path: Path) -> None:
    shutil.copy(path / FILE_NAME, tmp_path / "before")
    with open_archive(path, writable=True, embedder=HashEmbedder(tmp_path / "weights")) as archive:
        archive.remove(["log-00007"])
        archive.add(write(i) for i in range(30, 40))
        archive.embed()
        archive.rebuild()
    shutil.copy(tmp_path / "before", path / FILE_NAME)

    assert found_articles(path, "crate7x1")[0] == "log-00007"
    assert any("not used" in told for told in found(path))
    with open_archive(path, writable=True, embedder=HashEmbedder(tmp_path / "weights")) as archive:
        (notice,) = archive.add([write(50)]).notices
    assert "built again from the stored vectors" in notice
    assert found(path) == []
    assert "log-00050" in found_articles(path, "crate50x1")
