"""Kill a writing process at moments spread over its run, and look at what is left.

By hand, with the real embedder: ``python tests/faults/kills.py --moments 20 --articles FILE.jsonl``.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from store.archive import open_archive
from store.catalog import Counts
from store.embedding import DEFAULT_EMBEDDER
from store.errors import ArchiveMissing
from tests.faults.writer import embedder_of

WRITER = Path(__file__).with_name("writer.py")

PROBES = ("crate7x1", "Who logged the crates on quay 3?", "harbour log 11")


@dataclass(frozen=True)
class Outcome:
    """What was there after a kill at ``moment_s`` and after the same command ran again to its end."""

    moment_s: float
    was_killed: bool
    problems: tuple[str, ...]
    counts: Counts | None
    completed: Counts
    hits: tuple[tuple[str, ...], ...]
    problems_after: tuple[str, ...]


def run(command: Sequence[str], *, kill_after_s: float | None = None, orphan: bool = False) -> tuple[float, bool]:
    """Run the writer; return how long it worked, and whether it was killed before its end.

    The process that builds its index is killed with it, as when a machine stops, or, with ``orphan``, left behind, as
    when a person or the kernel kills one process.
    """
    with subprocess.Popen(
        [sys.executable, str(WRITER), *command], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "started\n"
        began = time.monotonic()
        try:
            code = child.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            if orphan:
                child.kill()
            else:
                os.killpg(child.pid, signal.SIGKILL)
            return time.monotonic() - began, True
        assert code == 0
        return time.monotonic() - began, False


def moments(length_s: float, count: int, *, seed: int) -> list[float]:
    """Return moments spread over a run, one somewhere in each of ``count`` equal parts of it."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    return [length_s * (i + chance.random()) / count for i in range(count)]


def look(folder: Path, embedder: str) -> tuple[Counts, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the counts, problems and hits of an archive. Raises where it cannot be opened or searched."""
    with open_archive(folder, writable=True, embedder=embedder_of(embedder, folder)) as archive:
        hits = tuple(tuple(hit.passage.id for hit in archive.search(probe, 5).hits) for probe in PROBES)
        return archive.counts(), tuple(archive.problems()), hits


def kill_and_complete(command: Sequence[str], folder: Path, embedder: str, moment_s: float, *, orphan: bool) -> Outcome:
    """Run ``command``, kill it, look, run it again, look again."""
    _, was_killed = run(command, kill_after_s=moment_s, orphan=orphan)
    try:
        counts, problems, _ = look(folder, embedder)
    except ArchiveMissing:  # Killed before there was one.
        counts, problems = None, ()
    run(command)
    completed, problems_after, hits = look(folder, embedder)
    return Outcome(moment_s, was_killed, problems, counts, completed, hits, problems_after)


def faults_of(outcome: Outcome, counts: Counts, hits: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return what is wrong with an outcome, given the counts and hits of an undisturbed run."""
    found = [f"after the kill: {problem}" for problem in outcome.problems]
    found += [f"after completing: {problem}" for problem in outcome.problems_after]
    if outcome.completed != counts:
        found.append(f"{outcome.completed} instead of {counts}")
    if outcome.hits != hits:
        found.append(f"found {outcome.hits} instead of {hits}")
    return found


def kill_adding(
    folder: Path, articles: str, embedder: str, count: int, *, seed: int, orphan: bool = False
) -> Iterator[tuple[Outcome, list[str]]]:
    """Kill adding and embedding ``count`` times, each time into a new archive."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "whole"
    length_s, _ = run(["add", str(whole), articles, embedder])
    counts, _, hits = look(whole, embedder)
    for i, moment_s in enumerate(moments(length_s, count, seed=seed)):
        place = folder / f"killed-{i}"
        outcome = kill_and_complete(["add", str(place), articles, embedder], place, embedder, moment_s, orphan=orphan)
        yield outcome, faults_of(outcome, counts, hits)


def kill_rebuilding(
    folder: Path, embedder: str, count: int, *, seed: int, orphan: bool = False
) -> Iterator[tuple[Outcome, list[str]]]:
    """Kill the building and publishing of the index of the archive at ``folder`` ``count`` times."""
    length_s, _ = run(["rebuild", str(folder)])
    counts, _, hits = look(folder, embedder)
    # A builder that was left behind when it had hardly begun meets the next one at every step.
    for moment_s in moments(length_s / 4 if orphan else length_s, count, seed=seed):
        outcome = kill_and_complete(["rebuild", str(folder)], folder, embedder, moment_s, orphan=orphan)
        yield outcome, faults_of(outcome, counts, hits)


def _print(what: str, outcomes: Iterator[tuple[Outcome, list[str]]]) -> int:
    wrong = 0
    print(f"{what}\n{'killed at':>10}  {'articles':>8}  {'vectors':>8}  state")  # noqa: T201
    for outcome, faults in outcomes:
        at = f"{outcome.moment_s:.2f} s" if outcome.was_killed else "finished"
        counts = outcome.counts
        articles, vectors = (counts.articles, counts.vectors) if counts else (0, 0)
        state = "; ".join(faults) or "whole"
        print(f"{at:>10}  {articles:>8,}  {vectors:>8,}  {state}", flush=True)  # noqa: T201
        wrong += bool(faults)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--articles", default="300", help="a file, or how many invented articles")
    parser.add_argument("--embedder", default=DEFAULT_EMBEDDER)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orphan", action="store_true", help="leave the process that builds the index alive")
    given = parser.parse_args()
    how = {"seed": given.seed, "orphan": given.orphan}
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    try:
        wrong = _print(
            "adding and embedding",
            kill_adding(folder / "adding", given.articles, given.embedder, given.moments, **how),
        )
        wrong += _print(
            "building and publishing the index",
            kill_rebuilding(folder / "adding" / "whole", given.embedder, given.moments, **how),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{wrong} of {2 * given.moments} left something wrong")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
