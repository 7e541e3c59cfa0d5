"""The index is published when it is due, and again when it is lost, with a notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import store.publishing
from store.catalog import Catalog, create_catalog
from store.generations import current_generation
from store.publishing import Publishing
from store.records import Draft
from store.schema import FILE_NAME
from store.vectors import to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        yield catalog


@pytest.fixture
def embed(catalog: Catalog, embedder: HashEmbedder, write: Write) -> Callable[[int, int], None]:
    """Give a function that adds articles of some numbers, with their vectors."""

    def embed(first: int, last: int) -> None:
        catalog.begin_run()
        with catalog.transaction():
            for number in range(first, last):
                catalog.put(write(number, sentences=1))
            pending = catalog.pending(leads=True, after=0, limit=last - first)
            vectors = to_bytes(embedder.embed_passages([passage.text for passage in pending]))
            catalog.put_vectors(zip((passage.key for passage in pending), vectors, strict=True))
            catalog.set_setting("digest", embedder.weights.digest())
            catalog.set_setting("dimension", str(DIMENSION))

    return embed


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten rows be many, twenty while embedding."""
    monkeypatch.setattr(store.publishing, "DELTA_ROWS", 10)
    monkeypatch.setattr(store.publishing, "DELTA_ROWS_WHILE_EMBEDDING", 20)


def rows(index: Path) -> int | None:
    generation = current_generation(index)
    return None if generation is None else generation.rows


def test_without_vectors_there_is_nothing_to_publish(catalog: Catalog, index: Path) -> None:
    assert Publishing(catalog, index).publish_if_due() == ()
    assert rows(index) is None


def test_the_first_vectors_are_published_when_embedding_ends(
    catalog: Catalog, index: Path, embed: Callable[[int, int], None]
) -> None:
    embed(0, 5)
    publishing = Publishing(catalog, index)

    assert publishing.note_made(5) == ()
    assert rows(index) is None
    assert publishing.publish_if_due() == ()
    assert rows(index) == 5


def test_while_embedding_a_generation_is_published_on_the_way(
    catalog: Catalog, index: Path, embed: Callable[[int, int], None]
) -> None:
    publishing = Publishing(catalog, index)
    published = []
    for first in range(0, 100, 15):
        embed(first, first + 15)
        assert publishing.note_made(15) == ()
        published.append(rows(index))

    assert published == [None, 30, 30, 60, 60, 90, 90]


def test_what_is_gone_counts_as_what_is_new(
    catalog: Catalog, index: Path, embed: Callable[[int, int], None], write: Write
) -> None:
    embed(0, 30)
    Publishing(catalog, index).publish()
    with catalog.transaction():
        for number in range(5):
            catalog.remove(write(number).id or "")
    embed(30, 35)

    assert Publishing(catalog, index).publish_if_due() == ()
    assert rows(index) == 30
    embed(35, 36)
    assert Publishing(catalog, index).publish_if_due() == ()
    assert rows(index) == 31


def test_an_index_of_an_archive_that_was_put_back_is_built_again(
    catalog: Catalog, index: Path, embed: Callable[[int, int], None]
) -> None:
    """The file is that of a backup, the index beside it is of later."""
    embed(0, 5)
    for _ in range(3):
        Publishing(catalog, index).publish()
    with catalog.transaction():
        catalog.set_setting("generation", "2")

    notices = Publishing(catalog, index).publish_if_due()

    assert notices == ("the vector index was newer than the archive; it was built again from the stored vectors",)
    assert Publishing(catalog, index).publish_if_due() == ()


def test_an_index_that_cannot_be_built_is_a_notice_once(
    catalog: Catalog, index: Path, embed: Callable[[int, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    embed(0, 30)
    monkeypatch.setattr("store.disk.free_bytes", lambda _: 1_000)
    publishing = Publishing(catalog, index)

    (notice,) = publishing.note_made(0)

    assert notice.startswith("the vector index needs about 20 MB of the disk")
    assert publishing.publish_if_due() == ()
    assert rows(index) is None
