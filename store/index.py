"""The only module that knows Chroma: builds a sealed collection in a child process, and asks one.

Chroma's HNSW files do not survive a kill while they are written and its writes hold the interpreter lock, so a
collection is built by ``python -m store.index`` beside the published one, closed, opened again, verified, and never
written after.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.catalog import Catalog, open_catalog
from store.errors import ArchiveError

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.vectors import Keys

CHROMA_FOLDER = "chroma"
VECTORS_FILE = "vectors.f32"
KEYS_FILE = "vectors.i64"
COLLECTION = "passages"

# Chroma's services take at most 300 records a write, and a local one gains nothing from more.
WRITE_BATCH = 300

# Set when the collection is made, since Chroma applies a changed value only after opening it again. With 200, recall@10
# against exact search was 1.000 on sentence vectors.
EF_SEARCH = 200

_SELF_QUERIES = 64

# Among thousands of nearly equal texts a sound index misses one self-query in a hundred; damaged ones missed half.
MOST_MISSED = 0.1

# What a child keeps of the environment. Chroma reads settings from un-prefixed variables and from `.env` in its folder.
_KEPT_VARIABLES = frozenset(
    ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
)

_IMPORT_LOCK = threading.Lock()


def chroma_version() -> str:
    """Return the installed version without importing the library."""
    from importlib.metadata import version  # 30 ms, not on a question's way

    return version("chromadb")


class ChromaIndex:
    """A sealed collection, open for queries from this process."""

    def __init__(self, folder: Path) -> None:
        with _clean_surroundings(folder):
            self._client = _client(folder / CHROMA_FOLDER)
            self._collection = self._client.get_collection(COLLECTION, embedding_function=None)

    def nearest(self, query: Vectors, k: int) -> tuple[Keys, Vectors]:
        """Return up to ``k`` passage keys and their cosines by approximate search, best first."""
        import numpy as np

        found = self._collection.query(query_embeddings=[query], n_results=k, include=["distances"])
        distances = found["distances"]
        assert distances is not None  # asked for
        keys = np.array([int(key) for key in found["ids"][0]], dtype=np.int64)
        return keys, 1 - np.array(distances[0], dtype=np.float32)

    def close(self) -> None:
        self._client.close()


def build_in_child(catalog_path: Path, folder: Path, *, rows: int, dimension: int) -> int:
    """Build the vector table and the collection of all stored vectors in ``folder``; return the last sequence inside.

    Runs in a child process with a clean environment. Raises ArchiveError when it fails, dies or outlasts its time.
    """
    # About 1,000 rows a second were measured on two cores; five times that, and the import, before it counts as hung.
    deadline_s = 120 + rows / 200
    command = [sys.executable, "-P", "-m", "store.index", str(catalog_path), str(folder), str(dimension)]
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    here = str(Path(__file__).resolve().parent.parent)  # Where the child finds this package, installed or not.
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [here, environment.get("PYTHONPATH")]))
    # The child holds the reading end: it ends itself when this process, and with it the writing end, is gone.
    leash, held = os.pipe()
    try:
        child = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=leash,
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise ArchiveError(f"building the vector index took over {deadline_s:.0f} s", hint=_REBUILD_HINT) from exc
    finally:
        os.close(leash)
        os.close(held)
    if child.returncode != 0:
        last = (child.stderr.strip().splitlines() or [f"exit {child.returncode}"])[-1]
        raise ArchiveError(f"cannot build the vector index: {last[:300]}", hint=_REBUILD_HINT)
    return int(json.loads(child.stdout)["sequence"])


_REBUILD_HINT = "searching works without it; `dateline rebuild` tries again"


def _build(catalog: Catalog, folder: Path, dimension: int) -> int:
    # numpy belongs to the child here: the parent may not need it.
    from store.vectors import open_table

    sequence = 0
    client = _client(folder / CHROMA_FOLDER)
    collection = client.create_collection(
        COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH}}
    )
    with (folder / KEYS_FILE).open("wb") as keys_file, (folder / VECTORS_FILE).open("wb") as vectors_file:
        for batch in _batches(catalog.index_rows()):
            sequence = max(sequence, *(row[0] for row in batch))
            for _, key, vector, *_ in batch:
                keys_file.write(key.to_bytes(8, "little"))
                vectors_file.write(vector)
            _insert(collection, batch)
        for file in (keys_file, vectors_file):
            file.flush()
            os.fsync(file.fileno())
    client.close()
    _verify(folder, open_table(folder, dimension))
    return sequence


def _insert(collection: Any, batch: Sequence[tuple[Any, ...]]) -> None:
    import numpy as np

    collection.upsert(
        ids=[str(row[1]) for row in batch],
        embeddings=[np.frombuffer(row[2], dtype="<f4") for row in batch],
        metadatas=[_metadata(*row[3:]) for row in batch],
    )


def _metadata(article: str, day: int | None, outlet: str | None, language: str | None) -> dict[str, str | int]:
    fields = {"article": article, "day": day, "outlet": outlet, "language": language}
    return {name: value for name, value in fields.items() if value is not None}


def _verify(folder: Path, table: Any) -> None:
    """Ask the closed and reopened collection for passages that it must hold; count() alone does not see lost ones."""
    index = ChromaIndex(folder)
    asked = range(0, len(table), max(1, len(table) // _SELF_QUERIES))
    missed = 0
    for row in asked:
        found = index.nearest(table.vectors[row], 5)
        missed += not len(found[1]) or found[1][0] < 0.999
    index.close()
    if missed > MOST_MISSED * len(asked):
        raise ArchiveError(f"the new index does not find {missed} of {len(asked)} passages", hint=_REBUILD_HINT)


def _client(folder: Path) -> Any:
    import chromadb  # 0.8-2 s
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


@contextmanager
def _clean_surroundings(folder: Path) -> Iterator[None]:
    """Stand in ``folder`` with few variables while Chroma is imported and opened: it would take settings from both."""
    with _IMPORT_LOCK:
        here, environment = _working_folder(), dict(os.environ)
        os.chdir(folder)
        for name in environment.keys() - _KEPT_VARIABLES:
            del os.environ[name]
        try:
            yield
        finally:
            os.environ.update(environment)
            if here is not None:
                os.chdir(here)


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # Somebody deleted it under us.
        return None


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, WRITE_BATCH)):
        yield batch


def _die_with_parent() -> None:
    def wait() -> None:
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _main(catalog_path: str, folder: str, dimension: str) -> None:
    _die_with_parent()
    catalog = open_catalog(Path(catalog_path), writable=False)
    sequence = _build(catalog, Path(folder), int(dimension))
    sys.stdout.write(json.dumps({"sequence": sequence}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
