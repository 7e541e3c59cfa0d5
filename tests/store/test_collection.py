"""A sealed collection is verified against the vectors that it was built from."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from store.catalog import create_catalog
from store.collection import Collection, _Unsound, build, verify
from store.schema import FILE_NAME
from store.vectors import VectorTable, open_table, to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder
from tests.invented import invented

ROWS = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the collection of forty passages."""
    folder = tmp_path_factory.mktemp("built")
    embedder = HashEmbedder(folder / "weights")
    with closing(create_catalog(folder / FILE_NAME)) as catalog:
        catalog.begin_run()
        with catalog.transaction():
            for i in range(ROWS):
                catalog.put(invented(i))
            pending = catalog.pending(leads=True, after=0, limit=ROWS)
            vectors = to_bytes(embedder.embed_passages([passage.text for passage in pending]))
            catalog.put_vectors(zip((passage.key for passage in pending), vectors, strict=True))
        assert build(catalog, folder) == ROWS
    return folder


def test_a_collection_holds_what_it_was_built_from(folder: Path) -> None:
    table = open_table(folder, DIMENSION)

    verify(folder, table)

    with closing(Collection(folder)) as collection:
        assert collection.count() == ROWS
        assert collection.held([int(table.keys[0]), 9_999]) == 1
        assert collection.nearest(table.vectors[3], 1)[0].tolist() == [int(table.keys[3])]


def test_a_few_passages_that_approximate_search_misses_are_no_damage(folder: Path) -> None:
    """Among nearly equal texts a sound index misses one in a hundred; damaged ones missed half."""
    table = open_table(folder, DIMENSION)

    verify(folder, with_other_vectors(table, 4))
    with pytest.raises(_Unsound, match=r"^the new index does not find 5 of 40 passages$"):
        verify(folder, with_other_vectors(table, 5))


def with_other_vectors(table: VectorTable, count: int) -> VectorTable:
    """Return a table of which ``count`` vectors are not in the index."""
    vectors = np.array(table.vectors)
    vectors[:count] *= -1
    return VectorTable(table.keys, vectors)


def test_passages_that_it_does_not_know_are_damage(folder: Path) -> None:
    table = open_table(folder, DIMENSION)

    with pytest.raises(_Unsound, match=r"^the new index holds 40 of 39 passages$"):
        verify(folder, VectorTable(table.keys[1:], table.vectors[1:]))
    with pytest.raises(_Unsound, match=r"^the new index does not know all its passages$"):
        verify(folder, VectorTable(table.keys + 1, table.vectors))
