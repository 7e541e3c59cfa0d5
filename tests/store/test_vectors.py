from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from store.index import KEYS_FILE, VECTORS_FILE
from store.vectors import (
    GATHERED,
    Comparison,
    StoredTable,
    VectorTable,
    joined_table,
    keys_of,
    open_table,
    rows_of,
    table_of,
    to_bytes,
)

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


@pytest.mark.parametrize("garbled", [np.nan, np.inf, -np.inf, 3e38])
def test_a_vector_that_the_disk_garbled_is_like_nothing(table: VectorTable, garbled: float) -> None:
    query = table.vectors[5].copy()
    table.vectors[3, 2] = garbled
    rows = np.arange(6)

    scores, some = table.similarities(query), table.similarities_at(rows, query)

    assert some is not None
    assert (scores[3], some[3]) == (-1, -1)
    assert scores.argmax() == some.argmax() == 5


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


class Asked:
    """Approximate search that knows the first passages of a table only, and counts how often it is asked."""

    def __init__(self, table: VectorTable, known: int) -> None:
        self.times = 0
        self._keys, self._vectors = table.keys[:known], table.vectors[:known]

    def __call__(self, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray] | None:
        self.times += 1
        if not len(self._keys):
            return None
        scores = self._vectors @ query
        best = np.argsort(-scores)[:k]
        return self._keys[best], scores[best]


def test_approximate_search_is_asked_for_the_nearest_of_all_in_the_first_table(table: VectorTable) -> None:
    sealed, fresh = (
        VectorTable(table.keys[:200], table.vectors[:200]),
        VectorTable(table.keys[200:], table.vectors[200:]),
    )
    query = fresh.vectors[7]
    ask = Asked(sealed, 10)
    comparison = Comparison([sealed, fresh], query, ask)

    found = comparison.nearest(2).tolist()
    among = comparison.nearest(2, sealed.keys[:50]).tolist()

    known = VectorTable(
        np.concatenate([sealed.keys[:10], fresh.keys]), np.concatenate([sealed.vectors[:10], fresh.vectors])
    )
    assert found == Comparison([known], query).nearest(2).tolist()
    assert among == Comparison([sealed], query).nearest(2, sealed.keys[:50]).tolist()
    assert ask.times == 1


def test_where_approximate_search_cannot_be_had_exact_search_answers(table: VectorTable) -> None:
    query = table.vectors[17]

    found = Comparison([table], query, Asked(table, 0)).nearest(20).tolist()

    assert found == Comparison([table], query).nearest(20).tolist()


@pytest.mark.parametrize("gone", [5, 50, 60])
def test_removed_passages_that_approximate_search_knows_are_made_up_for(table: VectorTable, gone: int) -> None:
    """More of it is asked for than is wanted; where still too little is left, exact search answers."""
    query = table.vectors[17]
    ranked = Comparison([table], query).nearest(300)
    living = np.sort(ranked[gone:])
    few = Asked(VectorTable(ranked, table.vectors[rows_of(table.keys, ranked)[0]]), 100)

    found = Comparison([table], query, few, living=living).nearest(45)

    assert found.tolist() == ranked[gone : gone + 45].tolist()
    assert few.times == 1


# -- vectors that are only stored --------------------------------------------------------------------------------------


def test_vectors_that_are_only_stored_are_compared_as_those_in_memory(table: VectorTable) -> None:
    query = table.vectors[17]
    rows = list(zip(table.keys.tolist(), to_bytes(table.vectors), strict=True))[::-1]
    stored = StoredTable(table.keys, DIMENSION, lambda: iter(rows))
    few = table.keys[5:9]

    comparison, expected = Comparison([stored], query), Comparison([table], query)

    assert comparison.nearest(20).tolist() == expected.nearest(20).tolist()
    assert comparison.nearest(2, few).tolist() == expected.nearest(2, few).tolist()
    assert compared(comparison, few.tolist()) == pytest.approx(compared(expected, few.tolist()), abs=1e-6)


def test_a_stored_vector_that_is_gone_is_like_nothing(table: VectorTable) -> None:
    rows = list(zip(table.keys.tolist(), to_bytes(table.vectors), strict=True))
    stored = StoredTable(table.keys, DIMENSION, lambda: iter(rows[1:]))

    comparison = Comparison([stored], table.vectors[0])

    assert compared(comparison, [int(table.keys[0])]) == [-1]


def test_of_two_vectors_of_a_passage_the_newer_counts() -> None:
    old, new = (np.full(4, sign * 0.5, dtype=np.float32).tobytes() for sign in (1, -1))

    joined = joined_table(table_of([(3, old), (1, old)], 4), table_of([(2, new), (3, new)], 4))

    assert joined.keys.tolist() == [1, 2, 3]
    assert joined.vectors[:, 0].tolist() == [0.5, -0.5, -0.5]


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
    rows, known = rows_of(table.keys, np.array([int(table.keys[3]), -1, int(table.keys[0]), 2_000]))

    assert rows.tolist() == [3, 0]
    assert known.tolist() == [True, False, True, False]
    assert keys_of(iter([5, 3])).tolist() == [5, 3]
