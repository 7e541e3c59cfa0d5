"""A writing process is killed at several moments of its run: nothing is lost, doubled or left half-made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.archive import create_archive
from tests.faults.kills import kill_adding, kill_rebuilding
from tests.hash_embedder import HashEmbedder
from tests.invented import invented

# By hand, kills.py tries more.
MOMENTS = 4
MOMENTS_WITH_ORPHAN = 3


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an archive with vectors and without an index; copy it."""
    folder = tmp_path_factory.mktemp("filled")
    with create_archive(folder / "archive", embedder=HashEmbedder(folder / "archive-weights")) as archive:
        archive.add(invented(i) for i in range(1_000))
        for _ in archive._embed_pending(None):
            pass
    return folder


@pytest.fixture
def unindexed(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return tmp_path / "archive"


def test_adding_and_embedding_survives_kills(tmp_path: Path) -> None:
    outcomes = list(kill_adding(tmp_path / "adding", "300", "hash", MOMENTS, seed=2))

    assert [faults for _, faults in outcomes] == [[]] * MOMENTS
    assert sum(outcome.was_killed for outcome, _ in outcomes) >= MOMENTS - 2


def test_building_and_publishing_the_index_survives_kills(unindexed: Path) -> None:
    outcomes = list(kill_rebuilding(unindexed, "hash", MOMENTS, seed=2))

    assert [faults for _, faults in outcomes] == [[]] * MOMENTS
    assert sum(outcome.was_killed for outcome, _ in outcomes) >= MOMENTS - 2


def test_a_builder_that_a_kill_leaves_alive_does_not_disturb_the_next(unindexed: Path) -> None:
    outcomes = list(kill_rebuilding(unindexed, "hash", MOMENTS_WITH_ORPHAN, seed=2, orphan=True))

    assert [faults for _, faults in outcomes] == [[]] * MOMENTS_WITH_ORPHAN
