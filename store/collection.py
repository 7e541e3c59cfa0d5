"""A sealed Chroma collection, within the child processes that alone touch Chroma: built and verified, or asked.

Run as ``python -m store.collection``; the parent's end is ``store.index``. Chroma's HNSW files do not survive a kill
while they are written, its writes hold the interpreter lock, and damaged files crash or hang the process that reads
them: so a collection is built beside the published one, closed, verified by a process that has not seen it before, and
never written after; and nobody who has anything to lose opens it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

# chromadb takes 0.8-2 s to import; this module is imported by nobody who has not come for it.
import chromadb
import numpy as np
from chromadb.config import Settings

from store.catalog import Catalog, open_catalog
from store.index import CHROMA_FOLDER, CHROMA_SQLITE, KEYS_FILE, VECTORS_FILE
from store.vectors import VectorTable, open_table

COLLECTION = "passages"

# Chroma's services take at most 300 records a write, and a local one gains nothing from more.
WRITE_BATCH = 300

# Set when the collection is made, since Chroma applies a changed value only after opening it again. With 200, recall@10
# against exact search was 1.000 on sentence vectors.
EF_SEARCH = 200

# Chroma writes its graph each time so many vectors more are there; its default. Until then the graph's files hold
# whatever was in memory, something else after each opening, and what it knows stands in its own SQLite file.
GRAPH_ROWS = 1_000

_SELF_QUERIES = 64

# Among thousands of nearly equal texts a sound index misses one self-query in a hundred; damaged ones missed half.
MOST_MISSED = 0.1

# Processor time that one query may take; it took 5 ms.
_QUERY_CPU_S = 30


class _Unsound(Exception):
    """The collection is not what it was built from."""


class Collection:
    """A sealed collection, open for queries."""

    def __init__(self, folder: Path) -> None:
        self._client = _client(folder)
        self._collection = self._client.get_collection(COLLECTION, embedding_function=None)

    def count(self) -> int:
        return int(self._collection.count())

    def held(self, keys: Sequence[int]) -> int:
        """Return how many of these passages it knows."""
        return len(self._collection.get(ids=[str(key) for key in keys], include=[])["ids"])

    def nearest(self, query: Any, k: int) -> tuple[Any, Any]:
        """Return up to ``k`` passage keys and their cosines by approximate search, best first."""
        found = self._collection.query(query_embeddings=[query], n_results=k, include=["distances"])
        distances = found["distances"]
        assert distances is not None  # asked for
        keys = np.array([int(key) for key in found["ids"][0]], dtype="<i8")
        return keys, (1 - np.array(distances[0])).astype("<f4")

    def close(self) -> None:
        self._client.close()


# -- building ----------------------------------------------------------------------------------------------------------


def build(catalog: Catalog, folder: Path) -> int:
    """Build the table and the collection of all stored vectors in ``folder``; return the last sequence inside."""
    sequence = 0
    client = _client(folder)
    collection = client.create_collection(
        COLLECTION,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "sync_threshold": GRAPH_ROWS}},
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
    return sequence


def _insert(collection: Any, batch: Sequence[tuple[Any, ...]]) -> None:
    collection.upsert(
        ids=[str(row[1]) for row in batch],
        embeddings=[np.frombuffer(row[2], dtype="<f4") for row in batch],
        metadatas=[_metadata(*row[3:]) for row in batch],
    )


def _metadata(article: str, day: int | None, outlet: str | None, language: str | None) -> dict[str, str | int]:
    fields = {"article": article, "day": day, "outlet": outlet, "language": language}
    return {name: value for name, value in fields.items() if value is not None}


def verify(folder: Path, table: VectorTable) -> None:
    """Ask a closed collection for what it must hold; ``count`` alone does not see lost vectors. Raises _Unsound."""
    asked = range(0, len(table), max(1, len(table) // _SELF_QUERIES))
    missed = 0
    with closing(Collection(folder)) as collection:
        if collection.count() != len(table):
            raise _Unsound(f"the new index holds {collection.count():,} of {len(table):,} passages")
        if collection.held([int(table.keys[row]) for row in asked]) != len(asked):
            raise _Unsound("the new index does not know all its passages")
        for row in asked:
            _, scores = collection.nearest(table.vectors[row], 5)
            missed += not len(scores) or scores[0] < 0.999
    if missed > MOST_MISSED * len(asked):
        raise _Unsound(f"the new index does not find {missed} of {len(asked)} passages")


def _batches(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, WRITE_BATCH)):
        yield batch


def _client(folder: Path) -> Any:
    return chromadb.PersistentClient(path=str(folder / CHROMA_FOLDER), settings=Settings(anonymized_telemetry=False))


# -- as a process ------------------------------------------------------------------------------------------------------


def _build_and_verify(catalog_path: str, folder: str, dimension: str) -> None:
    """Let a twin of this process build, look at what it left with fresh eyes, and print what was built, in JSON."""
    told, tell = os.pipe()
    # Forked before Chroma has begun anything: the library need not be imported twice, which takes longer than to build
    # a small index.
    twin = os.fork()
    if not twin:
        os.close(told)
        _run_twin(Path(catalog_path), Path(folder), tell)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(twin, 0)
    if os.WIFSIGNALED(status):
        raise _Unsound(f"Chroma crashed ({signal.Signals(os.WTERMSIG(status)).name})")
    if status:
        raise _Unsound(answer.decode(errors="replace"))
    table = open_table(Path(folder), int(dimension))
    verify(Path(folder), table)
    built = {"sequence": int(answer), "files": list(_describe_files(Path(folder), rows=len(table)))}
    sys.stdout.write(json.dumps(built))


def _run_twin(catalog_path: Path, folder: Path, tell: int) -> None:
    """Build, tell the sequence or what went wrong, and end."""
    code = 0
    try:
        with closing(open_catalog(catalog_path, writable=False)) as catalog:
            answer = str(build(catalog, folder))
    except Exception as exc:  # noqa: BLE001 - whatever Chroma raises ends here, told
        answer, code = getattr(exc, "strerror", None) or f"{type(exc).__name__}: {exc}", 1
    os.write(tell, answer.encode(errors="replace")[:1000])
    os._exit(code)


def _describe_files(folder: Path, *, rows: int) -> Iterator[tuple[str, int, str | None]]:
    """Yield name, size and SHA-256 of every file, None for those that opening a collection of ``rows`` changes."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        # It moves a counter in its own SQLite file.
        is_changing = path.name == CHROMA_SQLITE or (rows < GRAPH_ROWS and name.parts[0] == CHROMA_FOLDER)
        digest = None
        if not is_changing:
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
        yield name.as_posix(), path.stat().st_size, digest


def _answer_queries(folder: str, dimension: str, queries_end: str) -> None:
    """Answer the queries that come through the pipe of that number until it is closed.

    A query is k, 4 bytes, and a vector; an answer is n, 4 bytes, n keys of 8 bytes and n cosines of 4. The first
    answer, which is empty, says that the collection is open.
    """
    size = 4 * int(dimension)
    # What libraries print would be taken for an answer.
    queries, answers = os.fdopen(int(queries_end), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with closing(Collection(Path(folder))) as collection:
        collection.nearest(np.full(int(dimension), 0.5, dtype="<f4"), 1)  # The first query reads the files.
        _send(answers, (), ())
        while len(query := queries.read(4 + size)) == 4 + size:
            _allow_cpu(_QUERY_CPU_S)
            keys, scores = collection.nearest(np.frombuffer(query, "<f4", offset=4), *struct.unpack_from("<I", query))
            _send(answers, keys, scores)


def _send(answers: BinaryIO, keys: Any, scores: Any) -> None:
    answers.write(struct.pack("<I", len(keys)) + bytes(keys) + bytes(scores))
    answers.flush()


def _allow_cpu(seconds: int) -> None:
    """Let this process use so much more of the processor: a query that spins ends, also where nobody waits for it."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _limit(memory_bytes: int, file_bytes: int, cpu_s: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CPU, cpu_s),
    ):
        hard = resource.getrlimit(kind)[1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))


def _end_with_parent() -> None:
    """Have the kernel kill this process and its twin when the parent, which holds the other end of the input, is gone.

    Nothing within could do it: where Chroma hangs it may hold the interpreter, and a stopped process does nothing.
    """
    fcntl.fcntl(0, fcntl.F_SETOWN, -os.getpid())  # The parent gave it a session, and so a group, of its own.
    if hasattr(fcntl, "F_SETSIG"):  # Linux; elsewhere SIGIO comes, which ends a process that is not stopped.
        fcntl.fcntl(0, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(0, 0)
    if poll.poll(0):  # It was gone before.
        sys.exit("the parent is gone")


def _main(task: str, memory_bytes: str, file_bytes: str, cpu_s: str, *arguments: str) -> None:
    _end_with_parent()
    _limit(int(memory_bytes), int(file_bytes), int(cpu_s))
    if task == "ask":
        _answer_queries(*arguments)
        return
    try:
        _build_and_verify(*arguments)
    except (_Unsound, MemoryError, OSError, ValueError) as exc:
        sys.exit(str(exc) or type(exc).__name__)


if __name__ == "__main__":
    _main(*sys.argv[1:])
