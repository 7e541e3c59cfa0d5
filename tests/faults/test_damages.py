"""A part of damages.py, which by hand does all: damaged files give no wrong answer, are found, and are mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.archive import open_archive
from tests.faults.damages import NAMED, build, damage_at_random, hits_of, try_file_damage, try_index_damage

# Each takes two checks in full, in each of which a process opens Chroma.
IN_SHORT = ("CURRENT garbled", "vectors flipped", "keys cut", "Chroma's graph flipped")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("damages"))


@pytest.mark.parametrize("kind", IN_SHORT)
def test_a_damaged_index_is_found_and_mended_and_nothing_is_lost(path: Path, kind: str) -> None:
    outcome = try_index_damage(path, hits_of(path), kind, NAMED[kind], kind)

    assert (outcome.was_found, outcome.articles, outcome.faults) == (True, articles_in(path), ())


@pytest.mark.parametrize("seed", ["index 0", "index 1"])
def test_an_index_damaged_anywhere_gives_no_wrong_answer(path: Path, seed: str) -> None:
    outcome = try_index_damage(path, hits_of(path), "", damage_at_random, seed)

    assert (outcome.articles, outcome.faults) == (articles_in(path), ())


@pytest.mark.parametrize("seed", [f"file {i}" for i in range(5)])
def test_a_damaged_file_is_found_and_what_can_be_read_of_it_is_kept(path: Path, seed: str) -> None:
    outcome = try_file_damage(path, seed)

    assert (outcome.was_found, outcome.faults) == (True, ())


def articles_in(path: Path) -> int:
    with open_archive(path) as archive:
        return archive.counts().articles
