"""The parent's end of the processes that touch Chroma: one builds a sealed collection, one answers from it.

Whatever becomes of them, a crash, a hang or an answer that cannot be, is an ArchiveError here, in time.
"""

from __future__ import annotations

import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import ArchiveError

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.vectors import Keys, VectorTable

CHROMA_FOLDER = "chroma"
CHROMA_SQLITE = "chroma.sqlite3"
VECTORS_FILE = "vectors.f32"
KEYS_FILE = "vectors.i64"

# How long an answer is waited for; it takes 5 ms, and exact search of 300,000 vectors 60 ms.
QUERY_DEADLINE_S = 2.0

# Opening a collection of 300,000 vectors takes 3 s; on a cold disk, longer. Nobody waits for it.
_OPEN_DEADLINE_S = 120.0

# How long building may take besides what its rows take: libraries are loaded, on a machine that may be busy.
BUILD_PATIENCE_S = 120.0

# Cosines of one pair by Chroma and by us differ by rounding.
_AGREEMENT = 1e-3

# Address space of a process, without its vectors: 350 MB were seen, most of it libraries.
_MEMORY_BYTES = 2_000_000_000

# What a child keeps of the environment. Chroma reads settings from un-prefixed variables and from `.env` in its folder.
_KEPT_VARIABLES = frozenset(
    ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
)

REBUILD_HINT = "searching works without it; `dateline rebuild` tries again"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of a generation as it was built. ``sha256`` is None where Chroma changes it when it looks at it."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Built:
    """What a builder made: every vector up to ``sequence`` is in ``files``."""

    sequence: int
    files: tuple[SealedFile, ...]


def chroma_version() -> str:
    """Return the installed version without importing the library."""
    from importlib.metadata import version  # 30 ms, not on a question's way

    return version("chromadb")


# -- building ----------------------------------------------------------------------------------------------------------


def build_in_child(catalog_path: Path, folder: Path, *, rows: int, dimension: int) -> Built:
    """Build the vector table and the collection of all stored vectors in ``folder``, verified by a second process.

    Raises ArchiveError when it fails, dies, takes more than it may or does not find again what it holds.
    """
    # About 1,000 rows a second were measured on two cores; five times that, and the import, before it counts as hung.
    deadline_s = BUILD_PATIENCE_S + rows // 200
    table_bytes = 4 * rows * dimension
    # Damaged, the links of the graph grew without end; sound, the largest file is a little larger than the table.
    command = _command("build", table_bytes, file_bytes=256_000_000 + 4 * table_bytes, cpu_s=int(4 * deadline_s))
    with ExitStack() as pipes:
        leash, _ = _open_pipe(pipes)
        try:
            child = subprocess.run(
                [*command, str(catalog_path), str(folder), str(dimension)],
                cwd=folder,
                env=_environment(),
                stdin=leash,
                capture_output=True,
                text=True,
                timeout=deadline_s,
                check=False,
                start_new_session=True,  # Ctrl-C at the terminal is this process's.
            )
        except subprocess.TimeoutExpired as exc:
            raise ArchiveError(f"building the vector index took over {deadline_s:.0f} s", hint=REBUILD_HINT) from exc
    if child.returncode != 0:
        told = child.stderr.strip().splitlines() or [_describe_end(child.returncode)]
        raise ArchiveError(
            f"cannot build the vector index in {str(folder.parent)!r}: {told[-1][:300]}", hint=REBUILD_HINT
        )
    built = json.loads(child.stdout)
    return Built(int(built["sequence"]), tuple(SealedFile(*file) for file in built["files"]))


# -- asking ------------------------------------------------------------------------------------------------------------


class ChromaIndex:
    """A sealed collection, asked in a process of its own, which ends with this one.

    ``table`` holds the same vectors: what the process answers is believed only where it agrees.
    """

    def __init__(self, folder: Path, table: VectorTable, *, deadline_s: float = QUERY_DEADLINE_S) -> None:
        self._table = table
        self._deadline_s = deadline_s
        self._opened = False
        self._begun = time.monotonic()
        dimension = table.vectors.shape[1]
        # An hour of processor time to open it; each query then sets its own limit.
        command = _command("ask", table.vectors.nbytes, file_bytes=1_000_000, cpu_s=3_600)
        with ExitStack() as pipes:
            leash, _ = _open_pipe(pipes)
            queries, self._queries = _open_pipe(pipes)
            self._process = subprocess.Popen(
                [*command, str(folder), str(dimension), str(queries)],
                cwd=folder,
                env=_environment(),
                stdin=leash,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[queries],
                bufsize=0,
                start_new_session=True,  # Ctrl-C at the terminal is this process's.
            )
            assert self._process.stdout is not None  # a pipe was asked for
            self._answers = pipes.enter_context(self._process.stdout).fileno()
            self._pipes = pipes.pop_all()

    def is_open(self) -> bool:
        """Return whether it can be asked; until then, exact search is faster than to wait. Raises ArchiveError."""
        if not self._opened:
            if not _is_readable(self._answers, 0):
                if time.monotonic() - self._begun > _OPEN_DEADLINE_S:
                    raise ArchiveError(f"the vector index did not open within {_OPEN_DEADLINE_S:g} s")
                return False
            if self._receive(4, self._deadline()) != b"\0\0\0\0":
                raise ArchiveError("the vector index gave an answer that cannot be")
            self._opened = True
        return True

    def nearest(self, query: Vectors, k: int) -> tuple[Keys, Vectors]:
        """Return up to ``k`` passage keys and their cosines by approximate search, best first.

        Raises ArchiveError where it crashed, does not answer in time, or its answer cannot be.
        """
        deadline = self._deadline()
        os.write(self._queries, struct.pack("<I", k) + query.astype("<f4").tobytes())
        (count,) = struct.unpack("<I", self._receive(4, deadline))
        if count != min(k, len(self._table)):
            raise ArchiveError("the vector index gave an answer that cannot be")
        return self._checked(self._receive(12 * count, deadline), query, count)

    def close(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._pipes.close()

    def _checked(self, answer: bytes, query: Vectors, count: int) -> tuple[Keys, Vectors]:
        import numpy as np

        from store.vectors import rows_of

        keys, told = np.frombuffer(answer, "<i8", count), np.frombuffer(answer, "<f4", count, offset=8 * count)
        rows, known = rows_of(self._table.keys, keys)
        if known.all() and len(set(rows.tolist())) == count:
            scores: Vectors = self._table.vectors[rows] @ query
            if np.allclose(scores, told, rtol=0, atol=_AGREEMENT):
                return keys, scores
        raise ArchiveError("the vector index gave an answer that cannot be")

    def _deadline(self) -> float:
        return time.monotonic() + self._deadline_s

    def _receive(self, length: int, deadline: float) -> bytes:
        received = b""
        while len(received) < length:
            if not _is_readable(self._answers, deadline - time.monotonic()):
                raise ArchiveError(f"the vector index did not answer within {self._deadline_s:g} s")
            part = os.read(self._answers, length - len(received))
            if not part:
                raise ArchiveError(f"the vector index is gone: {self._ended()}")
            received += part
        return received

    def _ended(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            return _describe_end(self._process.wait(timeout=0.5))
        return "it answers no more"


def _is_readable(descriptor: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, timeout_s) * 1000))


def _open_pipe(pipes: ExitStack) -> tuple[int, int]:
    """Return the reading and the writing end of a pipe that is closed with ``pipes``."""
    ends = os.pipe()
    for end in ends:
        pipes.callback(os.close, end)
    return ends


# -- processes ---------------------------------------------------------------------------------------------------------


def _command(task: str, table_bytes: int, *, file_bytes: int, cpu_s: int) -> list[str]:
    # The collection holds its vectors once, and a moment longer while it grows.
    memory_bytes = _MEMORY_BYTES + 4 * table_bytes
    limits = (memory_bytes, file_bytes, cpu_s)
    return [sys.executable, "-P", "-m", "store.collection", task, *map(str, limits)]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    here = str(Path(__file__).resolve().parent.parent)  # Where the child finds this package, installed or not.
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [here, kept.get("PYTHONPATH")]))
    # Each thread's own heap would count against the limit with 64 MB; numpy has little to do there.
    return kept | {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}


def _describe_end(code: int) -> str:
    return f"it crashed ({signal.Signals(-code).name})" if code < 0 else f"it ended with code {code}"
