"""A part of run.py, which by hand does all: killed, or on a bad disk, nothing that was acknowledged is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.commands import COMMANDS, Command, CommandTrial, run_dateline, wrong_words
from tests.faults.injection import Fault, Injector, Kind, NoInjection
from tests.faults.keeping import KEEPING, Keeping, KeepingTrial
from tests.faults.processes import harm_children, read_while_writing, write_twice
from tests.faults.run import SIGNALS
from tests.faults.scenarios import INDEX, SQLITE, Trial, held_in, prepare_old, scenario
from tests.faults.victim import ARCHIVE
from tests.hash_embedder import HashEmbedder

# In about a third of these places the parts of a transaction are written, in the others what surrounds it.
KILLS = 7
KILLS_OF_BUILDING = 2


@pytest.fixture(scope="module")
def injector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Injector]:
    try:
        injector = Injector(tmp_path_factory.mktemp("faults"))
    except NoInjection as exc:
        pytest.skip(str(exc))
    with injector:
        yield injector


def spread(calls: int, count: int) -> list[int]:
    """Return the numbers of ``count`` calls, one in the middle of each of as many equal parts."""
    return [1 + (2 * i + 1) * calls // (2 * count) for i in range(count)]


@pytest.mark.parametrize("name", [one.name for one in SQLITE])
def test_killed_while_it_writes_the_archive_holds_what_was_acknowledged(
    injector: Injector, tmp_path: Path, name: str
) -> None:
    trial = Trial(injector, scenario(name), tmp_path)
    count = KILLS if "migrate" not in name else KILLS_OF_BUILDING

    outcomes = [trial.attempt(Fault("kill half done", at)) for at in spread(trial.calls, count)]

    assert [outcome.wrong for outcome in outcomes] == [()] * count
    assert all(outcome.ended.call for outcome in outcomes)


@pytest.mark.parametrize("name", [one.name for one in INDEX])
def test_killed_while_an_index_is_built_exact_search_answers(injector: Injector, tmp_path: Path, name: str) -> None:
    trial = Trial(injector, scenario(name), tmp_path)

    outcomes = [trial.attempt(Fault("kill before", at)) for at in spread(trial.calls, KILLS_OF_BUILDING)]

    assert [outcome.wrong for outcome in outcomes] == [()] * KILLS_OF_BUILDING


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.arguments[0] != "rebuild"], ids=lambda one: one.name
)
def test_on_a_full_or_broken_disk_it_says_so_and_loses_nothing(
    injector: Injector, tmp_path: Path, command: Command
) -> None:
    trial = CommandTrial(injector, command, tmp_path)
    at = spread(trial.calls, 8 if command.asks else 2)

    outcomes = [
        *(trial.attempt(Fault("disk full from", one)) for one in at),
        *(trial.attempt(Fault("fail once", one)) for one in at),
        trial.attempt(Fault(), file_bytes=trial.largest + 4_096),
    ]

    assert [outcome.wrong for outcome in outcomes] == [()] * len(outcomes)


@pytest.mark.parametrize("keeping", [one for one in KEEPING if not one.builds], ids=lambda one: one.name)
def test_what_is_kept_elsewhere_is_whole_or_not_there(injector: Injector, tmp_path: Path, keeping: Keeping) -> None:
    trial = KeepingTrial(injector, keeping, tmp_path)
    kinds: tuple[Kind, ...] = ("kill half done", "disk full from", "fail once")

    outcomes = [trial.attempt(Fault(kind, at)) for at in spread(trial.calls, 4) for kind in kinds]

    assert [outcome.wrong for outcome in outcomes] == [()] * 12


def test_what_may_only_be_read_is_searched_and_not_written(injector: Injector, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    prepare_old(place, HashEmbedder(injector.scratch / "weights-1"))
    before = held_in(place)
    for path in (*place.rglob("*"), place):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        searched = run_dateline(injector, place, ["search", "crate3x1"], is_bound=True)
        removed = run_dateline(injector, place, ["remove", "log-00001", "--yes"], is_bound=True)
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)

    assert (searched.code, "Harbour log 3" in searched.out) == (0, True), searched
    assert (removed.code, wrong_words(removed, place)) == (3, [])
    assert held_in(place) == before
    assert (place / ARCHIVE).is_dir()


@pytest.mark.parametrize("signals", SIGNALS, ids=lambda signals: "-".join(one.name for one in signals))
def test_what_is_told_to_stop_stops_soon_and_loses_nothing(
    injector: Injector, tmp_path: Path, signals: tuple[signal.Signals, ...]
) -> None:
    trial = CommandTrial(injector, COMMANDS[1], tmp_path)

    outcomes = [trial.interrupt(signals, at) for at in spread(trial.calls, 2)]

    assert [outcome.wrong for outcome in outcomes] == [(), ()]
    assert all(outcome.ended.stopping_s is not None for outcome in outcomes)


def test_where_its_builder_is_killed_orphaned_or_stopped_exact_search_answers(
    injector: Injector, tmp_path: Path
) -> None:
    tried = list(harm_children(injector, tmp_path, 10_000, ["first index"]))

    assert [one.wrong for one in tried] == [()] * 3


def test_of_two_writers_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    assert [one.wrong for one in write_twice(tmp_path, 1)] == [()]


def test_readers_find_what_a_writer_has_acknowledged(tmp_path: Path) -> None:
    seen, built = read_while_writing(tmp_path, 2.0)

    assert [one.wrong for one in seen] == [[]] * len(seen)
    assert built > 0
    assert all(one.searches for one in seen)
