from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.reranking.blending import MOST, blend, contenders

SCORES = st.lists(st.floats(-50, 50), min_size=1, max_size=12).map(lambda scores: sorted(scores, reverse=True))
LOGITS = st.lists(st.one_of(st.none(), st.floats(-1e300, 1e300)), max_size=12)


def order(first: list[float], logits: list[float | None], weight: float = 2.0) -> list[int]:
    return [position for position, _ in blend(first, logits, weight=weight)]


def test_a_better_reading_decides_between_neighbours() -> None:
    assert order([3.0, 2.5, 1.0], [-4.0, 8.0, -6.0]) == [1, 0, 2]


def test_a_logit_adds_between_nothing_and_the_weight() -> None:
    assert blend([3.0, 2.0, 1.0, 0.0], [0.0, 300.0, -300.0, None], weight=2.0) == [
        (0, pytest.approx(4.0)),
        (1, pytest.approx(4.0)),
        (2, pytest.approx(1.0)),
        (3, 0.0),
    ]


def test_what_time_decided_stays_where_it_leads_by_more_than_the_weight() -> None:
    last_week, years_ago = 5.1, 3.0

    assert order([last_week, years_ago], [-11.0, 11.0]) == [0, 1]


def test_what_was_not_read_keeps_its_order() -> None:
    assert order([3.0, 2.0, 1.5, 1.5], [None, None]) == [0, 1, 2, 3]


def test_without_logits_nothing_changes() -> None:
    assert blend([3.0, 2.0], []) == [(0, 3.0), (1, 2.0)]


def test_logits_of_everything_do_not_reach_past_the_end() -> None:
    assert blend([], []) == []


@given(first=SCORES, logits=LOGITS)
def test_no_one_passes_a_lead_of_more_than_the_weight(first: list[float], logits: list[float | None]) -> None:
    logits = logits[: len(first)]

    ranked = blend(first, logits, weight=2.0)

    places = {position: place for place, (position, _) in enumerate(ranked)}
    assert sorted(places) == list(range(len(first)))
    for one in range(len(first)):
        for other in range(len(first)):
            if first[one] > first[other] + 2.0:
                assert places[one] < places[other]


@given(first=SCORES, logits=LOGITS, k=st.integers(1, 12))
def test_reading_contenders_alone_gives_the_same_first_k(
    first: list[float], logits: list[float | None], k: int
) -> None:
    logits = logits[: len(first)]
    count = contenders(first, k, weight=2.0)
    ranked = blend(first, logits, weight=2.0)

    if count:
        assert blend(first, logits[:count], weight=2.0)[:k] == ranked[:k]
    else:
        assert ranked[0][0] == 0


def test_a_decisive_lead_needs_no_reading() -> None:
    assert contenders([9.0, 6.9, 6.8], 10, weight=2.0) == 0
    assert contenders([9.0], 10, weight=2.0) == 0
    assert contenders([], 10, weight=2.0) == 0


def test_those_too_far_behind_are_not_read() -> None:
    assert contenders([5.0, 4.0, 3.5, 2.0, 1.9], 2, weight=2.0) == 4


def test_no_more_are_read_than_are_worth_the_time() -> None:
    assert contenders([1.0] * 100, 10) == MOST


def test_blended_scores_are_finite() -> None:
    assert all(math.isfinite(score) for _, score in blend([1.0, 0.0], [1e308, -1e308]))
