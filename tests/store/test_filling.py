"""Missing vectors are made a few at a time, with the one model that an archive has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import store.filling
from store.catalog import Catalog, create_catalog, open_catalog
from store.errors import DiskFull, EmbedderError
from store.filling import Filling
from store.records import Draft
from store.schema import FILE_NAME
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def catalog(tmp_path: Path, write: Write) -> Iterator[Catalog]:
    """Give five articles of one passage, none of them embedded."""
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        catalog.begin_run()
        with catalog.transaction():
            for number in range(5):
                catalog.put(write(number, sentences=1))
        yield catalog


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.filling, "VECTOR_BATCH", 2)


def test_each_batch_is_on_the_disk_and_told(catalog: Catalog, embedder: HashEmbedder) -> None:
    told = []
    seen = []
    for made in Filling(catalog, lambda *step: told.append(step)).fill(embedder):
        with closing(open_catalog(catalog.path, writable=False)) as reader:
            seen.append((made, reader.vector_count()))

    assert seen == [(2, 2), (2, 4), (1, 5)]
    assert told == [("vectors", 0, 5), ("vectors", 2, 5), ("vectors", 4, 5), ("vectors", 5, 5)]
    assert Filling(catalog).missing() == 0


def test_where_nothing_is_missing_no_model_is_needed(catalog: Catalog, embedder: HashEmbedder) -> None:
    assert list(Filling(catalog).fill(embedder)) == [2, 2, 1]

    assert list(Filling(catalog).fill(None)) == []


def test_without_a_model_nothing_is_made(catalog: Catalog) -> None:
    with pytest.raises(EmbedderError, match="no embedding model is set"):
        list(Filling(catalog).fill(None))


def test_vectors_need_their_room_before_the_first_is_made(
    catalog: Catalog, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.disk.free_bytes", lambda _: 1_000)

    with pytest.raises(DiskFull, match="embedding 5 passages needs about"):
        list(Filling(catalog).fill(embedder))

    assert (catalog.vector_count(), catalog.setting("embedder")) == (0, None)


def test_a_move_counts_what_it_makes_and_ends(catalog: Catalog, embedder: HashEmbedder, tmp_path: Path) -> None:
    list(Filling(catalog).fill(embedder))
    other = HashEmbedder(tmp_path / "other", seed="2", dimension=32)

    assert Filling(catalog).move(other) == 5
    assert Filling(catalog).move(other) is None

    assert (catalog.setting("embedder"), catalog.setting("dimension")) == ("hash-32", "32")
    assert len(other.embedded) == 5
