from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from store.index import KEYS_FILE, VECTORS_FILE
from store.vectors import GATHERED, Comparison, VectorTable, keys_of, open_table, table_of, to_bytes

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


# -- comparing ---------------------------------------------------------------------------------------------------------


def compared(comparison: Comparison, keys: Sequence[int]) -> list[float]:
    return comparison.similarities(np.array(keys, dtype=np.int64)).tolist()


@pytest.mark.parametrize("k", [0, 1, 10, 299, 300, 1_000])
def test_the_nearest_are_those_of_sorting_all(table: VectorTable, k: int) -> None:
    query = table.vectors[17]
    order = np.argsort(-(table.vectors @ query), kind="stable")[:k]

    assert Comparison([table], query).nearest(k).tolist() == table.keys[order].tolist()


@pytest.mark.parametrize("step", [1, 7, 150])
def test_the_nearest_among_some_are_those_of_sorting_these(table: VectorTable, step: int) -> None:
    query = table.vectors[17]
    order = sorted(range(0, 300, step), key=lambda row: -float(table.vectors[row] @ query))

    assert Comparison([table], query).nearest(10, table.keys[::step]).tolist() == table.keys[order[:10]].tolist()


def test_passages_of_several_tables_are_compared_as_if_of_one(table: VectorTable) -> None:
    query = table.vectors[17]
    parts = [VectorTable(table.keys[rows], table.vectors[rows]) for rows in (slice(0, 200), slice(200, 300))]
    whole, parted = Comparison([table], query), Comparison([parts[0], table_of([], DIMENSION), parts[1]], query)

    assert parted.nearest(50).tolist() == whole.nearest(50).tolist()
    assert parted.nearest(50, table.keys[::3]).tolist() == whole.nearest(50, table.keys[::3]).tolist()
    assert compared(parted, table.keys.tolist()) == pytest.approx(compared(whole, table.keys.tolist()), abs=1e-6)


def test_gathered_rows_and_the_whole_table_give_the_same_scores(table: VectorTable) -> None:
    query = table.vectors[17]
    few = table.keys[5 : 5 + int(GATHERED * len(table))].tolist()
    gathering, whole = Comparison([table], query), Comparison([table], query)

    gathered = compared(gathering, few)
    every = compared(whole, table.keys.tolist())

    assert not gathering._every
    assert list(whole._every) == [0]
    assert gathered == pytest.approx(every[5 : 5 + len(few)], abs=1e-6)
    assert compared(whole, few) == pytest.approx(gathered, abs=1e-6)
    assert gathering.nearest(5, np.array(few)).tolist() == whole.nearest(5, np.array(few)).tolist()


def test_a_passage_without_a_vector_has_no_similarity(table: VectorTable) -> None:
    missing = sorted({*range(-5, 1_005)} - set(table.keys.tolist()))
    first, last = int(table.keys[0]), int(table.keys[-1])
    comparison = Comparison([table], table.vectors[0])

    scores = compared(comparison, [missing[0], last, missing[-1], first])

    assert np.isnan(scores).tolist() == [True, False, True, False]
    assert scores[3] == pytest.approx(1.0, abs=1e-6)
    assert comparison.nearest(10, np.array(missing)).tolist() == []
    assert comparison.nearest(10, np.array([*missing[:5], first])).tolist() == [first]
    assert comparison.nearest(10, np.zeros(0, dtype=np.int64)).tolist() == []
    assert compared(comparison, []) == []


def test_equal_scores_are_ordered_by_key() -> None:
    vector = np.full(4, 0.5, dtype=np.float32)
    tables = [table_of([(key, vector.tobytes()) for key in keys], 4) for keys in ((9, 5), (7, 2))]
    comparison = Comparison(tables, vector)

    assert comparison.nearest(4).tolist() == [2, 5, 7, 9]
    assert compared(comparison, [9, 2, 5, 7]) == [1.0] * 4


def test_removed_passages_that_a_table_still_holds_are_not_among_the_nearest(table: VectorTable) -> None:
    query = table.vectors[17]
    ranked = Comparison([table], query).nearest(300)
    living = ranked[200:]

    comparison = Comparison([table], query, living=living)

    assert comparison.nearest(10).tolist() == living[:10].tolist()
    assert comparison.nearest(10, living[50:]).tolist() == living[50:60].tolist()


class OtherIndex:
    """An index that knows two passages, or breaks."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.asked = 0
        self._breaks = breaks

    def nearest(self, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002 - as the real one
        self.asked += 1
        if self._breaks:
            raise RuntimeError("the collection is gone")
        return np.array([3, 4])[:k], np.array([0.9, 0.8], dtype=np.float32)[:k]


def test_an_index_is_asked_for_the_nearest_of_all_in_the_sealed_table(table: VectorTable) -> None:
    sealed, fresh = (
        VectorTable(table.keys[:200], table.vectors[:200]),
        VectorTable(table.keys[200:], table.vectors[200:]),
    )
    query = fresh.vectors[7]
    index = OtherIndex()
    comparison = Comparison([sealed, fresh], query, index)  # type: ignore[arg-type]

    found = comparison.nearest(2).tolist()
    among = comparison.nearest(2, sealed.keys[:50]).tolist()

    assert found == [int(fresh.keys[7]), 3]
    assert among == Comparison([sealed], query).nearest(2, sealed.keys[:50]).tolist()
    assert index.asked == 1


def test_an_index_that_breaks_is_asked_once_and_exact_search_answers(table: VectorTable) -> None:
    query = table.vectors[17]
    index = OtherIndex(breaks=True)
    comparison = Comparison([table], query, index)  # type: ignore[arg-type]

    found = [comparison.nearest(20).tolist() for _ in range(2)]

    assert found == [Comparison([table], query).nearest(20).tolist()] * 2
    assert index.asked == 1


# -- tables ------------------------------------------------------------------------------------------------------------


def test_a_table_on_the_disk_is_the_one_that_was_written(table: VectorTable, tmp_path: Path) -> None:
    write(table, tmp_path)

    opened = open_table(tmp_path, DIMENSION)

    assert np.array_equal(opened.keys, table.keys)
    assert np.array_equal(opened.vectors, table.vectors)


def test_an_empty_table_finds_nothing(tmp_path: Path) -> None:
    empty = table_of([], DIMENSION)
    write(empty, tmp_path)
    query = np.ones(DIMENSION, dtype=np.float32)

    for tables in ([], [empty], [open_table(tmp_path, DIMENSION)]):
        comparison = Comparison(tables, query)
        assert comparison.nearest(5).tolist() == []
        assert comparison.nearest(5, np.array([1])).tolist() == []
        assert np.isnan(comparison.similarities(np.array([1, 2]))).all()


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


def test_a_vector_of_another_length_is_left_out() -> None:
    whole = np.full(4, 0.5, dtype=np.float32).tobytes()

    table = table_of([(1, whole[:-1]), (2, whole), (3, b""), (4, whole * 2)], 4)

    assert table.keys.tolist() == [2]
    assert table.vectors.shape == (1, 4)


def test_keys_are_found_in_their_rows(table: VectorTable) -> None:
    rows, known = table.rows_of(np.array([int(table.keys[3]), -1, int(table.keys[0]), 2_000]))

    assert rows.tolist() == [3, 0]
    assert known.tolist() == [True, False, True, False]
    assert keys_of(iter([5, 3])).tolist() == [5, 3]
