"""Chroma, alone and shielded: what stands around the process does not reach it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import store
from store.catalog import Catalog, create_catalog
from store.errors import ArchiveError
from store.index import ChromaIndex, _verify, build_in_child, chroma_version
from store.records import Draft
from store.schema import FILE_NAME
from store.vectors import VectorTable, open_table, to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder
from tests.invented import invented

HOSTILE = {
    "ALLOW_RESET": "maybe",
    "CHROMA_API_IMPL": "no.such.module",
    "CHROMA_SERVER_HTTP_PORT": "not a port",
    "CHROMA_SYSDB_IMPL": "no.such.module",
    "IS_PERSISTENT": "perhaps",
    "PERSIST_DIRECTORY": "/nowhere",
    "PYTHONSTARTUP": "/nowhere.py",
    "ANONYMIZED_TELEMETRY": "perhaps",
}


@pytest.fixture
def catalog(tmp_path: Path, embedder: HashEmbedder, ferry: Draft, council: Draft, gulls: Draft) -> Iterator[Catalog]:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        embed(catalog, embedder, [ferry, council, gulls])
        yield catalog


def embed(catalog: Catalog, embedder: HashEmbedder, drafts: list[Draft]) -> None:
    """Store articles of one passage with their vectors."""
    catalog.begin_run()
    with catalog.transaction():
        for draft in drafts:
            catalog.put(draft)
        pending = catalog.pending(leads=True, after=0, limit=len(drafts))
        vectors = to_bytes(embedder.embed_passages([passage.text for passage in pending]))
        catalog.put_vectors(zip((passage.key for passage in pending), vectors, strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "g000001.tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder whose `.env` would change Chroma's settings, with an environment that would as well."""
    place = tmp_path / "cloned-repository"
    place.mkdir()
    (place / ".env").write_text("\n".join(f"{name}={value}" for name, value in HOSTILE.items()))
    (place / "chromadb.py").write_text("raise SystemExit('imported from the current folder')")
    monkeypatch.chdir(place)
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    return place


def test_settings_lying_about_reach_neither_building_nor_asking(catalog: Catalog, folder: Path, hostile: Path) -> None:
    environment = dict(os.environ)

    sequence = build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)
    with closing(ChromaIndex(folder)) as index:
        table = open_table(folder, DIMENSION)
        ranked = [index.nearest(vector, 3) for vector in table.vectors]

    assert sequence == 3
    assert [keys[0] for keys, _ in ranked] == table.keys.tolist()
    assert [scores[0] for _, scores in ranked] == pytest.approx([1.0] * 3, abs=1e-5)
    assert (Path.cwd(), dict(os.environ)) == (hostile, environment)
    assert sorted(path.name for path in hostile.iterdir()) == [".env", "chromadb.py"]


OPEN = """
import sys
from pathlib import Path
from store.index import ChromaIndex
from store.vectors import open_table
folder = Path(sys.argv[1])
index = ChromaIndex(folder)
print([int(index.nearest(vector, 1)[0][0]) for vector in open_table(folder, int(sys.argv[2])).vectors])
"""


def test_a_fresh_process_imports_chroma_unharmed(catalog: Catalog, folder: Path, hostile: Path) -> None:
    build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)

    command = [sys.executable, "-P", "-c", OPEN, str(folder), str(DIMENSION)]
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}
    child = subprocess.run(command, capture_output=True, text=True, check=False, cwd=hostile, env=environment)

    assert (child.returncode, child.stdout) == (0, f"{open_table(folder, DIMENSION).keys.tolist()}\n"), child.stderr


def test_the_nearest_come_best_first_and_no_more_than_there_are(catalog: Catalog, folder: Path) -> None:
    build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)
    table = open_table(folder, DIMENSION)
    cosines = table.vectors @ table.vectors[1]
    order = np.argsort(-cosines)

    with closing(ChromaIndex(folder)) as index:
        found = [index.nearest(table.vectors[1], k) for k in (1, 2, 3, 150)]

    assert [keys.tolist() for keys, _ in found] == [table.keys[order[:k]].tolist() for k in (1, 2, 3, 3)]
    assert found[3][1].tolist() == pytest.approx(cosines[order].tolist(), abs=1e-5)


def test_the_table_beside_the_collection_holds_the_stored_vectors(catalog: Catalog, folder: Path) -> None:
    build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)
    table = open_table(folder, DIMENSION)

    stored = {key: np.frombuffer(vector, dtype="<f4") for _, key, vector in catalog.vectors()}
    assert table.keys.tolist() == sorted(stored)
    assert all(np.array_equal(stored[int(key)], vector) for key, vector in zip(table.keys, table.vectors, strict=True))


def test_vectors_of_two_lengths_cannot_be_built(catalog: Catalog, folder: Path) -> None:
    key = next(catalog.vectors())[1]
    catalog.put_vectors([(key, b"\0" * 8)])

    with pytest.raises(ArchiveError) as raised:
        build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)

    assert str(raised.value).startswith("cannot build the vector index: ")
    assert raised.value.hint == "searching works without it; `dateline rebuild` tries again"


def test_a_few_passages_that_approximate_search_misses_are_no_damage(
    tmp_path: Path, embedder: HashEmbedder, folder: Path
) -> None:
    """Among nearly equal texts a sound index misses one in a hundred; damaged ones missed half."""
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        embed(catalog, embedder, [invented(i) for i in range(40)])
        build_in_child(catalog.path, folder, rows=40, dimension=DIMENSION)
    table = open_table(folder, DIMENSION)

    _verify(folder, with_other_vectors(table, 4))
    with pytest.raises(ArchiveError) as raised:
        _verify(folder, with_other_vectors(table, 5))

    assert str(raised.value) == "the new index does not find 5 of 40 passages"
    assert raised.value.hint == "searching works without it; `dateline rebuild` tries again"


def with_other_vectors(table: VectorTable, count: int) -> VectorTable:
    """Return a table of which ``count`` vectors are not in the index."""
    vectors = np.array(table.vectors)
    vectors[:count] *= -1
    return VectorTable(table.keys, vectors)


def test_a_builder_ends_with_the_process_that_started_it(catalog: Catalog, folder: Path) -> None:
    """The end of its input tells it."""
    command = [sys.executable, "-m", "store.index", str(catalog.path), str(folder), str(DIMENSION)]
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}

    child = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment)

    assert (child.returncode, child.stdout) == (1, b"")


def test_the_version_is_told_without_importing_the_library() -> None:
    code = "import sys, store.index; print(store.index.chroma_version(), 'chromadb' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told == f"{chroma_version()} False\n"
