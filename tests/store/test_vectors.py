from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from store.index import KEYS_FILE, VECTORS_FILE
from store.vectors import VectorTable, open_table, table_of, to_bytes

DIMENSION = 16


@pytest.fixture
def table() -> VectorTable:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(300, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = np.sort(rng.choice(1_000, size=300, replace=False)).astype(np.int64)
    return VectorTable(keys, vectors)


def write(table: VectorTable, folder: Path) -> None:
    table.keys.tofile(folder / KEYS_FILE)
    table.vectors.tofile(folder / VECTORS_FILE)


@pytest.mark.parametrize("k", [1, 10, 299, 300, 1_000])
def test_the_nearest_are_those_of_sorting_all(table: VectorTable, k: int) -> None:
    query = table.vectors[17]
    order = np.argsort(-(table.vectors @ query), kind="stable")[:k]

    ranked = table.nearest(query, k)

    assert [key for key, _ in ranked] == table.keys[order].tolist()
    assert ranked[0][1] == pytest.approx(1.0, abs=1e-6)


def test_the_nearest_among_some_are_those_of_sorting_these(table: VectorTable) -> None:
    query = table.vectors[17]
    among = [int(key) for key in table.keys[::7]]
    order = sorted(range(0, 300, 7), key=lambda row: -float(table.vectors[row] @ query))

    assert [key for key, _ in table.nearest(query, 10, among)] == table.keys[order[:10]].tolist()


def test_keys_that_are_not_in_the_table_are_nowhere_near(table: VectorTable) -> None:
    missing = sorted({*range(-5, 1_005)} - set(table.keys.tolist()))

    assert table.nearest(table.vectors[0], 10, missing) == []
    assert len(table.nearest(table.vectors[0], 10, [*missing[:5], int(table.keys[0])])) == 1
    assert table.nearest(table.vectors[0], 10, []) == []


def test_equal_scores_are_ordered_by_key() -> None:
    vector = np.full(4, 0.5, dtype=np.float32)

    assert table_of([(key, vector.tobytes()) for key in (9, 2, 5)], 4).nearest(vector, 3) == [
        (2, 1.0),
        (5, 1.0),
        (9, 1.0),
    ]


def test_a_table_on_the_disk_is_the_one_that_was_written(table: VectorTable, tmp_path: Path) -> None:
    write(table, tmp_path)

    opened = open_table(tmp_path, DIMENSION)

    assert np.array_equal(opened.keys, table.keys)
    assert np.array_equal(opened.vectors, table.vectors)


def test_an_empty_table_finds_nothing(tmp_path: Path) -> None:
    empty = table_of([], DIMENSION)
    write(empty, tmp_path)
    query = np.ones(DIMENSION, dtype=np.float32)

    assert empty.nearest(query, 5) == []
    assert open_table(tmp_path, DIMENSION).nearest(query, 5) == []
    assert open_table(tmp_path, DIMENSION).nearest(query, 5, [1]) == []


def test_a_table_that_was_cut_off_is_not_opened(table: VectorTable, tmp_path: Path) -> None:
    write(table, tmp_path)
    with (tmp_path / VECTORS_FILE).open("r+b") as file:
        file.truncate(100)

    with pytest.raises(ValueError, match="mmap"):
        open_table(tmp_path, DIMENSION)


def test_a_table_that_is_missing_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_table(tmp_path, DIMENSION)


def test_vectors_survive_the_way_to_the_disk_and_back(table: VectorTable) -> None:
    rows = zip(table.keys.tolist(), to_bytes(table.vectors), strict=True)

    assert np.array_equal(table_of(list(rows)[::-1], DIMENSION).vectors, table.vectors)
