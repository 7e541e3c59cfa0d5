"""One thread tells another that nobody waits for its answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from assistant.errors import LLMStopped
from assistant.llm.stopping import Stop
from tests.assistant.running import LONGEST_S, Running


def test_it_stays_set() -> None:
    stop = Stop()
    before = stop.is_set

    stop.check()
    stop.set()
    stop.set()

    assert (before, stop.is_set, stop.wait(0)) == (False, True, True)
    with pytest.raises(LLMStopped, match=r"^stopped$"):
        stop.check()


def test_whoever_sleeps_is_woken() -> None:
    stop = Stop()
    sleeping = Running(stop.wait(3600) for _ in range(1))

    stop.set()
    sleeping.wait()

    assert sleeping.pieces == [True]


def test_a_sleep_that_nobody_ends_ends_by_itself() -> None:
    assert Stop().wait(0.001) is False


def test_callbacks_are_called_once_while_they_are_wanted() -> None:
    stop, called = Stop(), list[str]()

    with stop.calling(lambda: called.append("too early")):
        pass
    with stop.calling(lambda: called.append("outer")), stop.calling(lambda: called.append("inner")):
        stop.set()
        stop.set()
    with stop.calling(lambda: called.append("late")):
        at_once = called[-1]

    assert (sorted(called), at_once) == (["inner", "late", "outer"], "late")


def test_what_a_callback_raises_reaches_nobody() -> None:
    stop, called = Stop(), list[str]()

    with stop.calling(lambda: called.append("first")), stop.calling(lambda: 1 / 0):  # type: ignore[arg-type]
        stop.set()

    assert called == ["first"]


def test_a_callback_may_stop_again() -> None:
    stop = Stop()

    with stop.calling(stop.set):
        stop.set()

    assert stop.is_set


def test_after_its_block_a_callback_does_not_run_any_more() -> None:
    stop, happened = Stop(), list[str]()
    entered, leave, running, go_on = (threading.Event() for _ in range(4))

    def callback() -> None:
        running.set()
        go_on.wait(LONGEST_S)
        happened.append("called")

    def block() -> None:
        with stop.calling(callback):
            entered.set()
            leave.wait(LONGEST_S)
        happened.append("left")

    threads = [Running(_doing(block))]
    assert entered.wait(LONGEST_S)
    threads.append(Running(_doing(stop.set)))
    assert running.wait(LONGEST_S)
    leave.set()
    go_on.set()
    for thread in threads:
        thread.wait()

    assert happened == ["called", "left"]


def _doing(action: Callable[[], None]) -> Iterator[None]:
    action()
    yield
