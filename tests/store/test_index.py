"""Chroma, alone and shielded: what stands around the process does not reach it."""

from __future__ import annotations

import os
import select
import signal
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
from store.index import ChromaIndex, build_in_child, chroma_version
from store.records import Draft
from store.schema import FILE_NAME
from store.vectors import open_table, to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder

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

# Bytes of memory and of one file, and seconds of the processor.
LIMITS = ("4000000000", "1000000000", "100")


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

    sequence = build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION).sequence
    table = open_table(folder, DIMENSION)
    with closing(opened(folder)) as index:
        ranked = [index.nearest(vector, 3) for vector in table.vectors]

    assert sequence == 3
    assert [keys[0] for keys, _ in ranked] == table.keys.tolist()
    assert [scores[0] for _, scores in ranked] == pytest.approx([1.0] * 3, abs=1e-5)
    assert (Path.cwd(), dict(os.environ)) == (hostile, environment)
    assert sorted(path.name for path in hostile.iterdir()) == [".env", "chromadb.py"]


def opened(folder: Path) -> ChromaIndex:
    """Return the collection when it can be asked."""
    index = ChromaIndex(folder, open_table(folder, DIMENSION))
    select.select([index._answers], [], [])
    assert index.is_open()
    return index


def test_the_nearest_come_best_first_and_no_more_than_there_are(catalog: Catalog, folder: Path) -> None:
    build_in_child(catalog.path, folder, rows=3, dimension=DIMENSION)
    table = open_table(folder, DIMENSION)
    cosines = table.vectors @ table.vectors[1]
    order = np.argsort(-cosines)

    with closing(opened(folder)) as index:
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

    assert str(raised.value).startswith(f"cannot build the vector index in {str(folder.parent)!r}: ")
    assert raised.value.hint == "searching works without it; `dateline rebuild` tries again"


# A builder whose twin says that it has begun, and then hangs.
HANGING = """
import os, signal, sys, store.collection
def hang(catalog, folder):
    print("begun", flush=True)
    signal.pause()
store.collection.build = hang
store.collection._main("build", *sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a stopped process does not end")
def test_a_builder_and_its_twin_end_with_the_process_that_started_them(catalog: Catalog, folder: Path) -> None:
    """The end of their input kills them, whatever they are doing."""
    command = [sys.executable, "-c", HANGING, *LIMITS, str(catalog.path), str(folder), str(DIMENSION)]
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"begun\n"
        os.kill(child.pid, signal.SIGSTOP)

        child.stdin.close()

        assert child.stdout.read() == b""  # Nobody holds it open any more.
    assert child.returncode == -signal.SIGKILL


def test_a_builder_that_comes_too_late_does_not_begin(catalog: Catalog, folder: Path) -> None:
    command = [sys.executable, "-m", "store.collection", "build", *LIMITS, str(catalog.path), str(folder), "64"]
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}
    leash, held = os.pipe()
    os.close(held)

    child = subprocess.run(
        command, stdin=leash, capture_output=True, check=False, env=environment, start_new_session=True
    )

    os.close(leash)
    assert (child.returncode, child.stdout, child.stderr) == (1, b"", b"the parent is gone\n")
    assert list(folder.iterdir()) == []


def test_the_version_is_told_without_importing_the_library() -> None:
    code = "import sys, store.index; print(store.index.chroma_version(), 'chromadb' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told == f"{chroma_version()} False\n"
