"""Readers as hostile input would make of them, for the children of a pool: they hang, crash, and eat what there is."""

# ruff: noqa: ARG001 - every reader has the shape of one

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from store.errors import InputError
from store.readers.fields import Origin
from store.records import Draft, Skipped

READERS = {
    name: f"tests.store.parsing.hostile_readers:{name}"
    for name in (
        "crash",
        "eat_memory",
        "echo",
        "end_early",
        "flood",
        "forge",
        "fork",
        "hang",
        "leave",
        "needs_library",
        "nothing",
        "open_many",
        "print_much",
        "raise_error",
        "recurse",
        "see",
        "sleep",
        "stop_halfway",
        "take_over",
        "write_file",
    )
}


def nothing(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    yield from ()


def echo(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    yield Draft(f"by {os.getpid()}", content.decode(), origin.source)


def hang(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    while True:
        pass
    yield from ()


def sleep(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Use no time of the processor."""
    while True:
        time.sleep(60)
    yield from ()


def eat_memory(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    eaten = []
    while True:
        eaten.append(bytes(10_000_000))
    yield from ()


def end_early(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    os._exit(3)
    yield from ()


def crash(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    ctypes.string_at(0)
    yield from ()


def flood(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    yield Draft("Flood", "a" * 100_000_000, origin.source)


def stop_halfway(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    yield Draft("First", "First.", origin.source)
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    raise InputError("is \x1b[31mbroken")
    yield from ()


def recurse(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    yield from recurse(content, origin)


def needs_library(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    import no_such_library  # type: ignore[import-not-found]

    yield from no_such_library.read(content)


def print_much(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    os.write(1, b"x" * 1_000_000)
    os.write(2, b"x" * 1_000_000)
    yield Draft("Read", str(os.read(0, 10)), origin.source)


def write_file(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    Path(content.decode()).write_text("written", encoding="utf-8")
    yield from ()


def open_many(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1000)]
    yield Draft("Opened", str(len(opened)), origin.source)


def fork(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Leave a process behind that hangs."""
    child = os.fork()
    if child:
        yield Draft("Forked", str(child), origin.source)
    while True:
        time.sleep(60)


def see(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Tell what a child sees of the parent."""
    seen = {
        "environment": sorted(os.environ),
        "folder": str(Path.cwd()),
        "open files": sorted(int(name) for name in os.listdir("/proc/self/fd")),  # noqa: PTH208
        "modules": sorted(sys.modules),
        "session": os.getsid(0) == os.getpid(),
    }
    yield Draft("Seen", json.dumps(seen), origin.source)


def leave(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Grow beyond what a child may hold between two jobs."""
    leave.__dict__["kept"] = bytearray(b"x" * 320_000_000)
    yield Draft(f"by {os.getpid()}", "Grown.", origin.source)


def forge(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Claim to come from elsewhere, with text that no reader lets through."""
    yield Draft(
        "A \x1b[31mred\x07 headline\nof two lines",
        "Text with\u200b hidden\u202e marks\ud800.",
        "/etc/passwd",
        line=7,
        outlet="Post\x9b31m",
        authors=("Ada\x00 Lovelace",),
        url="javascript:alert(1)",
        final_url="https://elsewhere.example/",
        fetched=datetime(1999, 1, 1, tzinfo=UTC),
    )
    yield Skipped("/etc/shadow", None, "no\x1b]52;c;aGk=\x07 reason")


def take_over(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Write the frame in ``content`` to every pipe, as code inside the child could."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, len(content).to_bytes(4, "big") + content)
        except OSError:
            continue
    yield from ()
