"""``dateline rebuild``, as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.archive import create_archive, open_archive
from store.embedding import DEFAULT_EMBEDDER
from store.errors import EmbedderError
from store.records import Draft
from tests.command_line import Ran
from tests.hash_embedder import HashEmbedder

Rebuild = Callable[..., Ran]


@pytest.fixture
def path(tmp_path: Path, ferry: Draft) -> Path:
    """Give an archive whose vectors are from another model than the built-in one."""
    with create_archive(tmp_path / "archive", embedder=HashEmbedder(tmp_path / "weights")) as archive:
        archive.add([ferry])
        for _ in archive._embed_pending(None):
            pass
    return tmp_path / "archive"


@pytest.fixture
def rebuild(dateline: Callable[..., Ran], path: Path) -> Rebuild:
    return lambda *arguments: dateline("-a", path, "rebuild", *arguments)


def test_the_index_is_built(rebuild: Rebuild) -> None:
    assert rebuild() == Ran(0, "1 vectors indexed\n", "")


def test_an_archive_is_moved_to_another_model(rebuild: Rebuild, path: Path) -> None:
    assert rebuild("--embedder", DEFAULT_EMBEDDER) == Ran(0, f"1 of 1 passages embedded with {DEFAULT_EMBEDDER}\n", "")

    with open_archive(path) as archive:
        assert archive.search("Did the ship sink?", 1).notices == ()


def test_a_move_that_was_stopped_is_told_and_can_be_given_up(rebuild: Rebuild, path: Path, tmp_path: Path) -> None:
    other = HashEmbedder(tmp_path / "other", seed="2", dimension=32)
    other.fails_after = 0
    with open_archive(path, writable=True) as archive, pytest.raises(EmbedderError):
        archive.move(other)

    told = rebuild()
    elsewhere = rebuild("--embedder", DEFAULT_EMBEDDER)
    given_up = [rebuild("--abandon").out for _ in range(2)]

    assert told.err == (
        "the move to 'hash-32' is not finished, 0 of 1 passages; `dateline rebuild --embedder hash-32` goes on\n"
    )
    assert (elsewhere.code, elsewhere.out) == (3, "")
    assert elsewhere.err.startswith("dateline: the archive is being moved to 'hash-32', 0 of 1 passages are done")
    assert given_up == [
        "the move to hash-32 was given up, with 0 new vectors\n",
        "no move to another model is under way\n",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--embedder", "e5", "--abandon"), "give --embedder or --abandon, not both"),
        (("--download",), "--download is for --embedder"),
    ],
)
def test_what_does_not_go_together_is_refused(rebuild: Rebuild, arguments: tuple[str, ...], message: str) -> None:
    refused = rebuild(*arguments)

    assert refused.code == 2
    assert message in refused.err


def test_a_model_that_is_not_here_changes_nothing(rebuild: Rebuild, path: Path) -> None:
    refused = rebuild("--embedder", "nobody/nothing")

    assert refused.code != 0
    assert "'nobody/nothing'" in refused.err
    with open_archive(path) as archive:
        assert (archive.status().embedder, archive.move_under_way()) == ("hash-64", None)
