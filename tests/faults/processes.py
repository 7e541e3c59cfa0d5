"""Processes in each other's way: two that write, one that writes while many read, builders killed and stopped."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from store.archive import Archive, create_archive, open_archive
from store.errors import ArchiveLocked
from store.integrity import check_archive
from store.schema import FILE_NAME
from tests.faults.injection import Ended, Fault, Injector, Kind
from tests.faults.scenarios import STOPPED, Scenario, Trial, scenario
from tests.faults.writer import embedder_of
from tests.invented import invented

WRITER = Path(__file__).with_name("writer.py")
READERS = 8
_newest: Any = None
REFUSED_WITHIN_S = 1.0

CHILD_KINDS: tuple[Kind, ...] = ("kill a child", "orphan a child")
CHILD_SCENARIOS = ("rebuild", "first index", "move")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was wrong with one attempt."""

    wrong: tuple[str, ...]


# -- children ----------------------------------------------------------------------------------------------------------


def harm_children(
    injector: Injector, folder: Path, every: int, names: Sequence[str] = CHILD_SCENARIOS
) -> Iterator[Tried]:
    """Kill the process that builds an index, orphan it, and stop it, at every so manieth of its writes."""
    for name in names:
        yield from _harm(injector, scenario(name), folder / name.replace(" ", "-"), CHILD_KINDS, every)
    yield from _harm(injector, STOPPED, folder / "stopped", ("stop a child",), every)


def _harm(injector: Injector, one: Scenario, folder: Path, kinds: tuple[Kind, ...], every: int) -> Iterator[Tried]:
    trial = Trial(injector, one, folder)
    for at in range(1, trial.calls_of_children() + 1, every):
        for kind in kinds:
            outcome = trial.attempt(Fault(kind, at))
            yield Tried((*outcome.wrong, *_wrong_words(one, kind, at, outcome.ended)))
    shutil.rmtree(folder)


def _wrong_words(one: Scenario, kind: Kind, at: int, ended: Ended) -> list[str]:
    """Return what is wrong with how the process ended whose child was harmed."""
    if ended.call is None or (kind == "orphan a child" and ended.was_killed):
        return []
    notices = [notice for what, *told in ended.told if what in ("notices", "moved") for notice in told[0]]
    if ended.code == 0 and len(notices) == 1:
        return []
    # Rebuilding, which is asked for by name, fails in words of ours.
    if one.task == "rebuild" and "store.errors.ArchiveError: " in ended.err:
        return []
    return [f"{one.name}, {kind} {at}: code {ended.code}, notices {notices}: {ended.err[-300:]}"]


# -- two writers -------------------------------------------------------------------------------------------------------


def write_twice(folder: Path, count: int) -> Iterator[Tried]:
    """Start a second writer beside one that works, then kill the first: the lock is free, and nothing is lost."""
    for number in range(count):
        yield Tried(tuple(_write_twice(folder / str(number))))
        shutil.rmtree(folder / str(number))


def _write_twice(folder: Path) -> list[str]:
    folder.mkdir(parents=True)
    archive, wrong = folder / "archive", []
    command = [sys.executable, str(WRITER), "add", str(archive), "5000", "hash"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as first:
        _wait_for_articles(archive)
        began = time.monotonic()
        try:
            with open_archive(archive, writable=True) as intruder:
                intruder.remove(["log-00000"])
            wrong.append("two write at once")
        except ArchiveLocked as exc:
            if str(first.pid) not in str(exc):
                wrong.append(f"the holder {first.pid} is not named: {exc}")
        if (took_s := time.monotonic() - began) > REFUSED_WITHIN_S:
            wrong.append(f"refused after {took_s:.1f} s only")
        os.killpg(first.pid, signal.SIGKILL)
    held = check_archive(archive, full=True, asks=False).findings
    wrong += [str(finding) for finding in held if finding.is_broken]
    with create_archive(archive, embedder=embedder_of("hash", archive)) as second:
        before = second.counts().articles
        second.add([invented(90_000)])
        if second.counts().articles != before + 1:
            wrong.append("the second did not add its article")
    return wrong


def _wait_for_articles(archive: Path) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if (archive / FILE_NAME).exists():
            with open_archive(archive) as reader:
                if reader.counts().articles:
                    return
        time.sleep(0.01)
    raise AssertionError("the first writer added nothing")


# -- a writer and readers ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    """What a reader saw: how many searches, in how many generations of the index, and what went wrong."""

    searches: int = 0
    generations: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def read_while_writing(folder: Path, seconds: float) -> tuple[list[Seen], int]:
    """Let ``READERS`` processes search while one adds, removes and builds; return what they saw, and what was built.

    What was acknowledged before a search began must be found, what was removed before must not.
    """
    archive = folder / "archive"
    embedder = embedder_of("hash", archive)
    with create_archive(archive, embedder=embedder) as writer:
        writer.add(invented(i) for i in range(400))
        writer.embed()
    context = multiprocessing.get_context("spawn")
    newest = context.Array("q", [399, -1])  # The last article that is there, and the last that is gone.
    until = time.time() + seconds + 5  # Processes take a while to start.
    with context.Pool(READERS, initializer=_take, initargs=(newest,)) as pool:
        reading = pool.starmap_async(_read, [(archive, until)] * READERS)
        built = _write(archive, newest, until)
        return reading.get(), built


def _take(newest: Any) -> None:
    global _newest  # noqa: PLW0603 - what is shared is handed to a process when it starts
    _newest = newest


def _write(archive: Path, newest: Any, until: float) -> int:
    """Add three articles, remove the oldest one, again and again; build an index now and then."""
    number, built = 400, 0
    with open_archive(archive, writable=True, embedder=embedder_of("hash", archive)) as writer:
        for turn in cycle(range(20)):
            if time.time() > until:
                return built
            writer.add(invented(i) for i in range(number, number + 3))
            number += 3
            newest[0] = number - 1
            writer.embed()
            gone = newest[1] + 1
            writer.remove([f"log-{gone:05}"])
            newest[1] = gone
            if turn == 0:
                writer.rebuild()
                built += 1
    raise AssertionError("unreachable")


def _read(archive: Path, until: float) -> Seen:
    seen = Seen()
    with open_archive(archive, embedder=embedder_of("hash", archive), session=True) as reader:
        while time.time() < until:
            present, gone = _newest[:]
            try:
                _search(reader, present, gone, seen)
                generation = reader.status().generation
                seen.generations.add(generation.number if generation else 0)
            except Exception as exc:  # noqa: BLE001 - what this counts
                seen.wrong.append(f"{type(exc).__name__}: {exc}")
            seen.searches += 1
            time.sleep(0.02)
    return seen


def _search(reader: Archive, present: int, gone: int, seen: Seen) -> None:
    for number, expected in ((present, True), (gone, False)):
        if number < 0:
            continue
        found = reader.search(f"Who logged crate{number}x1?", 5)
        # Between adding and embedding, what is newest is found by its words and said not to be embedded yet.
        seen.wrong.extend(notice for notice in found.notices if not re.search("are embedded", notice))
        ids = [hit.passage.article.id for hit in found.hits]
        if (f"log-{number:05}" in ids) != expected:
            seen.wrong.append(f"log-{number:05} {'not found' if expected else 'found, and removed'}: {ids}")
