"""The parent's end of one child process that parses: starts it, feeds it, waits no longer than the deadline."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from store.cleaning import clean_line
from store.parsing.jobs import Job, MalformedAnswer, Piece, read_piece, write_request
from store.records import Skipped

DEADLINE_S = 20.0
MEMORY_BYTES = 1_000_000_000

# Importing a parser's libraries from a cold disk is not the document's fault.
_START_DEADLINE_S = 120.0

# What one input may give. The largest book is a few MB of text.
_LARGEST_ANSWER_BYTES = 64_000_000
_MOST_PIECES = 50_000

# How a child ends that ran out of memory.
EXIT_MEMORY = 71

_KEPT_VARIABLES = frozenset(("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "VIRTUAL_ENV"))
_CHUNK_BYTES = 1 << 18
_LONGEST_REASON_CHARS = 200


class _Overdue(Exception):
    """The child has not answered in time."""


class _Gone(Exception):
    """The child has ended."""


class ParserProcess:
    """A child process that parses one job at a time. It ends with its parent, however that ends."""

    def __init__(self, *, deadline_s: float = DEADLINE_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._deadline_s = deadline_s
        self._memory_bytes = memory_bytes
        self._received = bytearray()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "store.parsing.child", str(memory_bytes), str(deadline_s)],
            cwd="/",
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C at the terminal is the parent's.
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests = self._process.stdin.fileno()
        self._answers = self._process.stdout.fileno()
        os.set_blocking(self._requests, False)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def read(self, job: Job, reader: str) -> list[Piece]:
        """Return what the function named ``reader`` makes of ``job``; where that fails, the last piece says why.

        The child is dead afterwards where it failed in a way that leaves it in doubt.
        """
        pieces: list[Piece] = []
        try:
            reason = self._converse(job, reader, pieces)
        except _Overdue:
            reason = self._too_long()
            self.kill()
        except _Gone:
            reason = self._describe_end()
        except MalformedAnswer:
            reason = "the parser gave an answer that cannot be read"
            self.kill()
        if reason is not None:
            rest = ", so the rest is left out" if pieces else ""
            pieces.append(Skipped(job.origin.source, job.line, reason + rest))
        return pieces

    def kill(self) -> None:
        """End the child and whatever it started."""
        if self.is_alive():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the child and give its pipes back."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _converse(self, job: Job, reader: str, pieces: list[Piece]) -> str | None:
        """Fill ``pieces``, and return why there are no more where the reader failed."""
        deadline = time.monotonic() + _START_DEADLINE_S
        self._send(write_request(job, reader), deadline)
        self._send(job.content, deadline)
        received = 0
        reason: str | None = None
        while len(pieces) < _MOST_PIECES:
            frame = self._receive(deadline, _LARGEST_ANSWER_BYTES - received)
            if frame is None:
                self.kill()
                return f"gave more than {_LARGEST_ANSWER_BYTES // 1_000_000} MB of text"
            received += len(frame)
            kind, value = _parse(frame)
            if kind == "began":
                deadline = time.monotonic() + self._deadline_s
            elif kind == "done":
                if value is True:  # It leaves, and is waited for, so that nobody gives it another job.
                    self._describe_end()
                return reason
            elif kind == "failed":
                reason = f"the parser failed: {clean_line(str(value))[:_LONGEST_REASON_CHARS]}"
            elif kind == "missing":
                reason = _describe_missing(value)
            else:
                pieces.append(read_piece(kind, value, job))
        self.kill()
        return f"gave more than {_MOST_PIECES:,} articles"

    def _send(self, content: bytes, deadline: float) -> None:
        rest = memoryview(content)
        while rest:
            try:
                rest = rest[os.write(self._requests, rest[:_CHUNK_BYTES]) :]
            except BlockingIOError:
                self._wait_for(self._requests, select.POLLOUT, deadline)
            except BrokenPipeError as exc:
                raise _Gone from exc

    def _receive(self, deadline: float, most: int) -> bytes | None:
        """Return the next frame, or None where it is longer than ``most``."""
        self._fill(4, deadline)
        length = int.from_bytes(self._received[:4], "big")
        if length > most:
            return None
        self._fill(4 + length, deadline)
        frame = bytes(self._received[4 : 4 + length])
        del self._received[: 4 + length]
        return frame

    def _fill(self, length: int, deadline: float) -> None:
        while len(self._received) < length:
            self._wait_for(self._answers, select.POLLIN, deadline)
            chunk = os.read(self._answers, _CHUNK_BYTES)
            if not chunk:
                raise _Gone
            self._received += chunk

    def _wait_for(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise _Overdue

    def _describe_end(self) -> str:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # It closed its pipe and lives on.
            self.kill()
            code = self._process.wait()
        if code == EXIT_MEMORY:
            return f"parsing needed more memory than {_format_bytes(self._memory_bytes)}"
        if code == -signal.SIGXCPU:
            return self._too_long()
        if code < 0:
            return f"the parser crashed ({signal.Signals(-code).name})"
        return f"the parser ended with code {code}"

    def _too_long(self) -> str:
        return f"parsing took more than {self._deadline_s:g} s"


def _environment() -> dict[str, str]:
    """Return what a child sees: no keys, no settings, and where to find this package, installed or not."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    here = str(Path(__file__).resolve().parent.parent.parent)
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [here, kept.get("PYTHONPATH")]))
    # Each thread's own heap would count against the limit with 64 MB, and cores are shared out by the parent.
    return kept | {"MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def _parse(frame: bytes) -> tuple[str, Any]:
    try:
        answer = json.loads(frame)
    except (ValueError, RecursionError) as exc:
        raise MalformedAnswer("no JSON") from exc
    if not isinstance(answer, dict) or len(answer) != 1:
        raise MalformedAnswer("no object of one name")
    return next(iter(answer.items()))


def _describe_missing(library: object) -> str:
    name = str(library)[:50]
    if not name.replace("_", "").replace(".", "").isalnum():
        return "cannot be read: a library of this installation is broken; install dateline anew"
    return f"cannot be read without {name}; install it with `pip install {name}`"


def _format_bytes(number: int) -> str:
    return f"{number / 1e9:g} GB" if number >= 1e9 else f"{number / 1e6:g} MB"
