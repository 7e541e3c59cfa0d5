"""Make everything go wrong that can be made to: ``python tests/faults/run.py [--only NAME] [--every N]``.

Prints a row for each task: how many calls it has that write, at how many of them something went wrong, and how often a
promise was broken. Exits with 1 where one was.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults.commands import COMMANDS, Command, CommandTrial
from tests.faults.injection import Fault, Injector, Kind, NoInjection
from tests.faults.keeping import KEEPING, Keeping, KeepingTrial
from tests.faults.processes import Tried, harm_children, read_while_writing, write_twice
from tests.faults.scenarios import INDEX, LARGE, SQLITE, Outcome, Scenario, Trial

KILLS: tuple[Kind, ...] = ("kill before", "kill half done")
# Of what builds an index every so manieth call, and of the commands on a bad disk.
EVERY_OF_INDEX = 20
EVERY_ON_DISK = 10
ERRORS = 30
# Beyond what the archive has, a file may grow by so much.
ROOMS = (0, 4_096, 65_536, 262_144)

# Ctrl-C, Ctrl-C twice, what ends a service, and what a closed terminal sends.
SIGNALS = ((signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,), (signal.SIGHUP,))
SIGNALLED = 10
STARTS = 20
READ_S = 60.0

# How many calls there are, where they are counted, and what comes of each fault.
Begun = tuple[int | None, Iterator[Outcome | Tried]]


def points(calls: int, every: int) -> range:
    return range(1, calls + 1, every)


def kills(trial: Trial | KeepingTrial, every: int) -> Iterator[Outcome]:
    for at in points(trial.calls, every):
        for kind in KILLS:
            yield trial.attempt(Fault(kind, at))


def bad_disks(trial: CommandTrial | KeepingTrial, every: int) -> Iterator[Outcome]:
    for at in points(trial.calls, every):
        yield trial.attempt(Fault("disk full from", at))
    for at in points(trial.calls, max(1, trial.calls // ERRORS)):
        yield trial.attempt(Fault("fail once", at))
    for room in ROOMS:
        if trial.largest + room:  # Without any, not even what it says can be kept.
            yield trial.attempt(Fault(), file_bytes=trial.largest + room)


def interruptions(trial: CommandTrial) -> Iterator[Outcome]:
    for at in points(trial.calls, max(1, trial.calls // SIGNALLED)):
        for signals in SIGNALS:
            yield trial.interrupt(signals, at)


def readings(folder: Path) -> Iterator[Tried]:
    """Yield what each reader saw beside a writer."""
    seen, built = read_while_writing(folder, READ_S)
    for one in seen:
        missed = [f"saw {len(one.generations)} of {built} generations"] if len(one.generations) < built - 1 else []
        yield Tried((*one.wrong, *missed))
    _say(f"  {sum(one.searches for one in seen)} rounds of {len(seen)} readers, {built} generations built meanwhile")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="only what has this in its name; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only every so manieth call")
    chosen = parser.parse_args()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="dateline-faults-", dir=place) as folder:
        try:
            injector = Injector(Path(folder) / "injector")
        except NoInjection as exc:
            _say(f"nothing can be made to go wrong here: {exc}")
            return 1
        with injector:
            _say("| task | calls that write | faults | broken promises | seconds |")
            _say("|---|---|---|---|---|")
            for number, (name, begin) in enumerate(_tasks(injector, chosen.every)):
                if not chosen.only or any(one in name for one in chosen.only):
                    wrong += _try(name, begin, Path(folder) / str(number))
    return 1 if wrong else 0


def _tasks(injector: Injector, every: int) -> Iterator[tuple[str, Callable[[Path], Begun]]]:
    for scenario in (*SQLITE, *INDEX, LARGE):
        step = every * (EVERY_OF_INDEX if scenario.is_index else 1)

        yield f"{scenario.name}, killed", partial(_begin_kills, injector, scenario, step)
    for command in COMMANDS:
        yield f"{command.name}, on a bad disk", partial(_begin_bad_disks, injector, command, every * EVERY_ON_DISK)
    for keeping in KEEPING:
        step = every * (EVERY_OF_INDEX if keeping.builds else 1)
        yield f"{keeping.name}, killed", partial(_begin_keeping, injector, keeping, kills, step)
        yield f"{keeping.name}, on a bad disk", partial(_begin_keeping, injector, keeping, bad_disks, step)
    for command in COMMANDS:
        yield f"{command.name}, signalled", partial(_begin_interruptions, injector, command)
    yield (
        "its builder killed, orphaned or stopped",
        lambda folder: (
            None,
            harm_children(injector, folder, every * EVERY_OF_INDEX),
        ),
    )
    yield "two writers", lambda folder: (None, write_twice(folder, STARTS))
    yield "a writer and eight readers", lambda folder: (None, readings(folder))


def _begin_kills(injector: Injector, scenario: Scenario, every: int, folder: Path) -> Begun:
    trial = Trial(injector, scenario, folder)
    return trial.calls, kills(trial, every)


def _begin_bad_disks(injector: Injector, command: Command, every: int, folder: Path) -> Begun:
    trial = CommandTrial(injector, command, folder)
    return trial.calls, bad_disks(trial, every)


def _begin_keeping(
    injector: Injector,
    keeping: Keeping,
    faults: Callable[[KeepingTrial, int], Iterator[Outcome]],
    every: int,
    folder: Path,
) -> Begun:
    trial = KeepingTrial(injector, keeping, folder)
    return trial.calls, faults(trial, every)


def _begin_interruptions(injector: Injector, command: Command, folder: Path) -> Begun:
    trial = CommandTrial(injector, command, folder)
    return trial.calls, interruptions(trial)


def _try(name: str, begin: Callable[[Path], Begun], folder: Path) -> int:
    began = time.monotonic()
    calls, outcomes = begin(folder)
    done = broken = 0
    for outcome in outcomes:
        done += 1
        broken += bool(outcome.wrong)
        for told in outcome.wrong:
            _say(f"  {outcome.ended.call}: {told}" if isinstance(outcome, Outcome) else f"  {told}")
    _say(f"| {name} | {calls or ''} | {done} | {broken} | {time.monotonic() - began:.0f} |")
    return broken


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - run by hand


if __name__ == "__main__":
    sys.exit(main())
