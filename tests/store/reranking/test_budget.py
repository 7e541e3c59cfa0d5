from __future__ import annotations

from collections.abc import Sequence

import pytest

from store.errors import RerankerError
from store.reranking import Reranker
from store.reranking.budget import Readings, read_windows


class SlowReranker:
    """A real Reranker for a clock that only it moves: every character takes ``pace_s``, side by side ``at_once``.

    The score of a window is its length. ``batches`` keeps how many were scored together.
    """

    def __init__(self, *, pace_s: float, at_once: int = 1) -> None:
        self.name = "slow"
        self.at_once = at_once
        self.pace_s = pace_s
        self.now_s = 100.0
        self.batches: list[int] = []

    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        self.now_s += self.pace_s * (len(query) + max(map(len, windows)))
        self.batches.append(len(windows))
        return [float(len(window)) for window in windows]

    def clock(self) -> float:
        return self.now_s


def read(reranker: SlowReranker, windows: Sequence[str], *, budget_s: float) -> Readings:
    checked: Reranker = reranker
    return read_windows(checked, "q" * 10, windows, budget_s=budget_s, clock=reranker.clock)


def test_with_time_enough_every_window_is_read() -> None:
    readings = read(SlowReranker(pace_s=0.001), ["a" * 90, "b" * 40], budget_s=1.0)

    assert readings == Readings((90.0, 40.0), pytest.approx(0.15), 1.0)
    assert not readings.budget_blown


def test_reading_stops_before_the_window_that_would_end_too_late() -> None:
    reranker = SlowReranker(pace_s=0.001)  # 0.1 s a window

    readings = read(reranker, ["a" * 90] * 10, budget_s=0.45)

    assert readings.logits == (90.0,) * 4 + (None,) * 6
    assert readings.took_s == pytest.approx(0.4)
    assert not readings.budget_blown


def test_a_long_window_is_known_to_take_longer() -> None:
    readings = read(SlowReranker(pace_s=0.001), ["a" * 90, "b" * 490, "c" * 90], budget_s=0.5)

    assert readings.logits == (90.0, None, None)


def test_windows_are_read_side_by_side_after_a_first_one_alone() -> None:
    reranker = SlowReranker(pace_s=0.001, at_once=4)

    readings = read(reranker, ["a" * 90] * 10, budget_s=0.35)

    assert reranker.batches == [1, 4, 4]
    assert readings.count == 9


def test_a_machine_that_is_too_slow_blows_the_budget() -> None:
    readings = read(SlowReranker(pace_s=0.002), ["a" * 90] * 10, budget_s=0.5)

    assert readings.count == 2
    assert readings.budget_blown


def test_a_first_window_that_takes_all_the_time_blows_the_budget() -> None:
    readings = read(SlowReranker(pace_s=0.02), ["a" * 90], budget_s=0.5)

    assert (readings.count, readings.took_s) == (1, pytest.approx(2.0))
    assert readings.budget_blown


def test_a_budget_that_is_spent_already_reads_nothing() -> None:
    reranker = SlowReranker(pace_s=0.001)

    readings = read(reranker, ["a" * 90] * 3, budget_s=-0.1)

    assert readings.logits == (None, None, None)
    assert reranker.batches == []
    assert readings.budget_blown


def test_two_windows_are_enough_where_there_are_only_two() -> None:
    assert not read(SlowReranker(pace_s=0.001), ["a", "b"], budget_s=1.0).budget_blown


def test_no_windows_take_no_time() -> None:
    readings = read(SlowReranker(pace_s=0.001), [], budget_s=1.0)

    assert readings == Readings((), 0.0, 1.0)
    assert not readings.budget_blown


def test_empty_windows_are_read_too() -> None:
    assert read(SlowReranker(pace_s=0.001), ["", ""], budget_s=1.0).logits == (0.0, 0.0)


class BrokenReranker(SlowReranker):
    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        raise RerankerError(f"cannot read {len(windows)} windows for {query!r}")


def test_an_error_of_the_reranker_is_the_callers() -> None:
    with pytest.raises(RerankerError, match="cannot read 1 windows"):
        read(BrokenReranker(pace_s=0.001), ["a"], budget_s=1.0)
