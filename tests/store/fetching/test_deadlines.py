"""The time that one fetch may take."""

from __future__ import annotations

import threading

import pytest

from store.fetching.deadlines import Deadline
from store.fetching.failures import Overdue, Stopped


def test_time_is_left_until_it_is_over() -> None:
    assert 0 < Deadline(60, threading.Event()).left_s() <= 60
    with pytest.raises(Overdue, match=r"^no complete answer within 0 seconds$"):
        Deadline(0, threading.Event()).left_s()


def test_what_would_take_too_long_is_not_begun() -> None:
    deadline = Deadline(60, threading.Event())

    deadline.wait(-1)
    deadline.wait(0.001)
    with pytest.raises(Overdue):
        deadline.wait(3_600)


def test_nothing_is_waited_for_once_it_is_stopped() -> None:
    stopped = threading.Event()
    deadline = Deadline(3_600, stopped)
    stopped.set()

    with pytest.raises(Stopped, match=r"^stopped before it was complete$"):
        deadline.left_s()
    with pytest.raises(Stopped):
        deadline.wait(1_800)


def test_waiting_for_other_work_of_ours_does_not_count() -> None:
    lock = threading.Lock()
    deadline = Deadline(0.5, threading.Event())
    lock.acquire()
    threading.Timer(0.6, lock.release).start()

    with deadline.taking(lock):
        assert deadline.left_s() > 0

    assert not lock.locked()
