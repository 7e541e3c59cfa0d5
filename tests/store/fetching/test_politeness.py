"""Turns at a host."""

from __future__ import annotations

import threading
import time

import pytest

from store.fetching.deadlines import Deadline
from store.fetching.failures import Overdue
from store.fetching.politeness import Politeness
from tests.assistant.running import LONGEST_S


def deadline(seconds: float = 60) -> Deadline:
    return Deadline(seconds, threading.Event())


def test_the_first_turn_waits_for_nothing() -> None:
    with Politeness(3_600).turn("harbour.example", deadline()):
        pass


def test_there_is_a_pause_between_two_turns_at_a_host() -> None:
    politeness = Politeness(0.05)
    with politeness.turn("harbour.example", deadline()):
        pass
    left = time.monotonic()

    with politeness.turn("harbour.example", deadline()):
        assert time.monotonic() - left >= 0.045


def test_the_host_may_want_a_longer_pause_and_not_a_shorter_one() -> None:
    politeness = Politeness(30)
    with politeness.turn("harbour.example", deadline()):
        pass

    for delay_s in (0, 3_600):
        with pytest.raises(Overdue), politeness.turn("harbour.example", deadline(1), delay_s=delay_s):
            pytest.fail("it did not wait")


def test_another_host_and_an_errand_wait_for_no_pause() -> None:
    politeness = Politeness(3_600)
    with politeness.turn("harbour.example", deadline()):
        pass

    with politeness.errand("harbour.example", deadline()), politeness.turn("quay.example", deadline()):
        pass


def test_an_errand_makes_nobody_wait() -> None:
    politeness = Politeness(3_600)
    with politeness.errand("harbour.example", deadline()):
        pass

    with politeness.turn("harbour.example", deadline()):
        pass


def test_a_host_is_asked_one_thing_at_a_time_and_hosts_beside_each_other() -> None:
    politeness = Politeness(0)
    busy: list[str] = []
    most: list[int] = []
    both = threading.Barrier(2)

    def visit(host: str) -> None:
        for i in range(20):
            with politeness.turn(host, deadline()):
                busy.append(host)
                most.append(busy.count(host))
                if i == 0 and threading.current_thread().name == "first":
                    both.wait(LONGEST_S)
                busy.remove(host)

    threads = [
        threading.Thread(target=visit, args=(host,), name=name)
        for host in ("harbour.example", "quay.example")
        for name in ("first", "second")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_S)

    assert set(most) == {1}
    assert len(most) == 80
