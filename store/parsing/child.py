"""The child process that parses (``python -m store.parsing.child``): limits itself, then reads what it is given.

Requests come on standard input: a JSON line, then the content. Answers go to standard output: a length of four bytes,
then a JSON object of one name.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import resource
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from store.parsing.jobs import read_request, write_piece
from store.parsing.process import EXIT_MEMORY

if TYPE_CHECKING:
    from store.readers.fields import Origin
    from store.records import Draft, Skipped

Reader = Callable[[bytes, "Origin"], "Iterable[Draft | Skipped]"]

# Parsers of pages keep caches and leave holes in the heap: beyond this a fresh process is cheaper. One that has read
# pages for a while holds about 120 MB.
_RETIRE_BYTES = 300_000_000
_MOST_FILES = 64
_LONGEST_FAILURE_CHARS = 200


def main(memory_bytes: int, cpu_s: float) -> None:
    """Answer requests until the parent closes the pipe."""
    requests, answers = _take_pipes()
    _die_with_parent(requests)
    _limit(memory_bytes)
    readers: dict[str, Reader] = {}
    with os.fdopen(requests, "rb") as requests_stream, os.fdopen(answers, "wb") as stream:
        while line := requests_stream.readline():
            name, size, origin = read_request(line)
            try:
                _answer(stream, name, readers, requests_stream.read(size), origin, cpu_s)
            except MemoryError:
                os._exit(EXIT_MEMORY)
            leaving = _resident_bytes() > _RETIRE_BYTES
            _write(stream, {"done": leaving})
            if leaving:
                return


def _answer(
    stream: BinaryIO, name: str, readers: dict[str, Reader], content: bytes, origin: Origin, cpu_s: float
) -> None:
    try:
        reader = readers.get(name) or readers.setdefault(name, _import(name))
        _write(stream, {"began": True})
        _limit_time(cpu_s)
        for piece in reader(content, origin):
            _write_frame(stream, write_piece(piece))
    except ImportError as exc:
        _write(stream, {"missing": (exc.name or "").partition(".")[0]})
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001 - whatever a parser raises is about this one input
        _write(stream, {"failed": f"{type(exc).__name__}: {exc}"[:_LONGEST_FAILURE_CHARS]})


def _import(name: str) -> Reader:
    module, _, function = name.partition(":")
    reader: Reader = getattr(importlib.import_module(module), function)
    return reader


def _take_pipes() -> tuple[int, int]:
    """Move the pipes away from where a parser could read or print, and return them."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def _die_with_parent(requests: int) -> None:
    def wait() -> None:
        poll = select.poll()
        poll.register(requests, 0)  # for the other end's closing alone, which is always told
        poll.poll()
        os._exit(0)

    threading.stack_size(256 * 1024)  # counts against the limit of memory
    threading.Thread(target=wait, daemon=True).start()
    threading.stack_size(0)


def _limit(memory_bytes: int) -> None:
    try:
        _set_limit(resource.RLIMIT_AS, memory_bytes)
    except (OSError, ValueError):  # where the system knows no limit of addresses
        _set_limit(resource.RLIMIT_DATA, memory_bytes)
    _set_limit(resource.RLIMIT_FSIZE, 0)
    _set_limit(resource.RLIMIT_CORE, 0)
    _set_limit(resource.RLIMIT_NOFILE, _MOST_FILES)


def _set_limit(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (limit, limit))


def _limit_time(cpu_s: float) -> None:
    # A signal ends the process at the soft limit, which may be raised again for the next input.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(time.process_time() + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _resident_bytes() -> int:
    with suppress(OSError, ValueError, IndexError), open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - each job
        return int(file.read().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, where there is no /proc


def _write(stream: BinaryIO, answer: dict[str, Any]) -> None:
    _write_frame(stream, json.dumps(answer).encode())


def _write_frame(stream: BinaryIO, frame: bytes) -> None:
    stream.write(len(frame).to_bytes(4, "big") + frame)
    stream.flush()  # What was found before a crash is kept.


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
