"""Publishing: readers find the old generation or the new one, whole, whatever a killed builder left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store.catalog import Catalog, create_catalog
from store.errors import ArchiveError
from store.generations import Generation, current_generation, drop_generations, publish_generation
from store.index import CHROMA_FOLDER, KEYS_FILE, VECTORS_FILE, chroma_version
from store.records import Draft
from store.schema import FILE_NAME
from store.vectors import to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder


@pytest.fixture
def catalog(tmp_path: Path, embedder: HashEmbedder, ferry: Draft, council: Draft) -> Iterator[Catalog]:
    """Give the catalog of two embedded articles."""
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        catalog.begin_run()
        with catalog.transaction():
            for draft in (ferry, council):
                catalog.put(draft)
        pending = catalog.pending(leads=True, after=0, limit=10)
        vectors = to_bytes(embedder.embed_passages([passage.text for passage in pending]))
        catalog.put_vectors(zip((passage.key for passage in pending), vectors, strict=True))
        yield catalog


def facts(number: int, **changed: object) -> dict[str, object]:
    return {"sequence": number, "rows": 2, "dimension": 64, "embedder": "digest", "chromadb": "1.0", **changed}


def lay(index: Path, name: str, content: object) -> None:
    """Write a generation's facts as if it had been built."""
    (index / name).mkdir(parents=True)
    (index / name / "generation.json").write_text(json.dumps(content), encoding="utf-8")


def test_a_generation_is_built_and_older_ones_and_leftovers_go(catalog: Catalog, tmp_path: Path) -> None:
    index = tmp_path / "index"
    lay(index, "g000041", facts(1))
    lay(index, "g000042", facts(1))
    (index / "g000043.4242.tmp").mkdir()
    (index / "g000043.4242.tmp" / "half").touch()
    (index / "g000043").mkdir()
    (index / "g000043" / "half").touch()
    (index / "CURRENT").write_text("g000041\n")

    published = publish_generation(index, catalog.path, number=43, rows=2, dimension=DIMENSION, embedder="digest")

    assert replace(published, files=()) == Generation(index / "g000043", 2, 2, DIMENSION, "digest", chroma_version())
    assert current_generation(index) == published
    assert (published.is_whole(), published.is_current()) == (True, True)
    assert sorted(path.name for path in index.iterdir()) == ["CURRENT", "g000043"]


def test_a_build_that_fails_leaves_the_old_generation_current(catalog: Catalog, tmp_path: Path) -> None:
    index = tmp_path / "index"
    lay(index, "g000001", facts(1))
    (index / "CURRENT").write_text("g000001\n")
    before = current_generation(index)

    with pytest.raises(ArchiveError, match="cannot build the vector index"):
        publish_generation(index, catalog.path, number=2, rows=2, dimension=DIMENSION + 1, embedder="digest")

    assert before is not None
    assert current_generation(index) == before
    assert sorted(path.name for path in index.glob("g*")) == ["g000001"]


@pytest.mark.parametrize(
    ("current", "content"),
    [
        (None, facts(1)),
        ("", facts(1)),
        ("g000002\n", facts(1)),
        ("..\n", facts(1)),
        ("caf\u00e9\n", facts(1)),
        ("g000001\n", []),
        ("g000001\n", {"sequence": 1}),
        ("g000001\n", facts(1, colour="red")),
    ],
)
def test_a_generation_that_cannot_be_read_is_none(tmp_path: Path, current: str | None, content: object) -> None:
    lay(tmp_path, "g000001", content)
    if current is not None:
        (tmp_path / "CURRENT").write_text(current, encoding="utf-8")

    assert current_generation(tmp_path) is None


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("damage", [Path.unlink, cut, lengthen])
@pytest.mark.parametrize("name", [KEYS_FILE, VECTORS_FILE])
def test_a_generation_is_whole_with_tables_of_its_size(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    generation = lay_whole(tmp_path)
    assert generation.is_whole()

    damage(tmp_path / name)

    assert not generation.is_whole()


def test_a_generation_without_its_collection_is_not_whole(tmp_path: Path) -> None:
    generation = lay_whole(tmp_path)

    (tmp_path / CHROMA_FOLDER / "chroma.sqlite3").unlink()

    assert not generation.is_whole()


def lay_whole(folder: Path) -> Generation:
    """Write files of the sizes that two vectors of three dimensions have."""
    (folder / KEYS_FILE).write_bytes(b"\0" * 16)
    (folder / VECTORS_FILE).write_bytes(b"\0" * 24)
    (folder / CHROMA_FOLDER).mkdir()
    (folder / CHROMA_FOLDER / "chroma.sqlite3").touch()
    return Generation(folder, 2, 2, 3, "digest", "0.1")


def test_a_generation_is_current_where_this_chroma_made_it(tmp_path: Path) -> None:
    assert Generation(tmp_path, 2, 2, 3, "digest", chroma_version()).is_current()
    assert not Generation(tmp_path, 2, 2, 3, "digest", "0.1").is_current()


@pytest.fixture
def ours(catalog: Catalog, tmp_path: Path) -> Generation:
    """Give a generation of the archive of ``catalog``, as it says of itself."""
    folder = tmp_path / "g000001"
    folder.mkdir()
    with catalog.transaction():
        catalog.set_setting("digest", "digest")
        catalog.set_setting("generation", "1")
    return replace(lay_whole(folder), archive=catalog.setting("archive"))


def test_a_generation_of_this_archive_can_be_searched(catalog: Catalog, ours: Generation) -> None:
    assert ours.flaw(catalog) is None
    assert replace(ours, archive=None).flaw(catalog) is None  # of an earlier version, which did not note it


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({"rows": 3}, "damaged"),
        ({"embedder": "another"}, "from another embedding model"),
        ({"sequence": 3}, "newer than the archive"),
        ({"folder": Path("g000002")}, "newer than the archive"),
        ({"archive": "0" * 32}, "of another archive"),
    ],
)
def test_a_generation_that_cannot_be_searched_says_why(
    catalog: Catalog, ours: Generation, changed: dict[str, Any], flaw: str
) -> None:
    assert replace(ours, **changed).flaw(catalog) == flaw


def test_every_changed_byte_of_a_generation_is_found(catalog: Catalog, tmp_path: Path) -> None:
    index = tmp_path / "index"
    publish_generation(index, catalog.path, number=1, rows=2, dimension=DIMENSION, embedder="digest", archive="a")
    generation = current_generation(index)
    assert generation is not None
    assert (generation.archive, generation.changed_files()) == ("a", [])

    for file in generation.files:
        path = generation.folder / file.name
        content = path.read_bytes()
        if file.sha256 is None or not content:
            continue
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert generation.changed_files() == [file.name]
        assert generation.is_whole()
        path.write_bytes(content)


def test_an_index_that_was_dropped_is_gone(tmp_path: Path) -> None:
    lay(tmp_path, "g000001", facts(1))
    (tmp_path / "CURRENT").write_text("g000001\n")

    drop_generations(tmp_path)
    drop_generations(tmp_path)
    drop_generations(tmp_path / "nowhere")

    assert list(tmp_path.iterdir()) == []
