"""Work in lanes: in turn within one, at once in several."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from store.lanes import Lanes

LONGEST_S = 60


def test_a_lane_is_worked_off_in_order_one_after_the_other() -> None:
    running: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        running.append(number)
        most.append(len(running))
        running.remove(number)
        return number

    with Lanes[int]() as lanes:
        for number in range(20):
            lanes.put("a", partial(work, number))

        assert list(lanes.outcomes()) == list(range(20))
    assert set(most) == {1}


def test_lanes_are_worked_off_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=LONGEST_S)

    with Lanes[int]() as lanes:
        for lane in "abc":
            lanes.put(lane, meeting.wait)

        assert sorted(lanes.outcomes()) == [0, 1, 2]


def test_a_long_lane_does_not_keep_others_from_their_turn() -> None:
    with Lanes[str](threads=1) as lanes:
        for number in range(3):
            lanes.put("long", partial(str, f"long {number}"))
        lanes.put("short", partial(str, "short"))

        assert list(lanes.outcomes()) == ["long 0", "short", "long 1", "long 2"]


def test_more_may_be_put_while_outcomes_are_read() -> None:
    found = []

    with Lanes[int]() as lanes:
        lanes.put("a", partial(int, 3))
        for outcome in lanes.outcomes():
            found.append(outcome)
            if outcome:
                lanes.put("ab"[outcome % 2], partial(int, outcome - 1))

    assert found == [3, 2, 1, 0]


def test_what_goes_wrong_is_raised_where_the_outcome_is_read() -> None:
    with Lanes[int]() as lanes:
        lanes.put("a", partial(int, "x"))

        with pytest.raises(ValueError, match="invalid literal"):
            list(lanes.outcomes())


def test_without_work_there_is_no_outcome() -> None:
    with Lanes[int]() as lanes:
        assert list(lanes.outcomes()) == []
