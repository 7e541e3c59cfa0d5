"""Worked examples of the arithmetic: each can be checked by eye."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fusion import (
    AHEAD_DAYS,
    NEAR_DAYS,
    NEAR_POOL_DAYS,
    NEARNESS,
    NEWEST,
    NEWEST_DAYS,
    PAST_LEAD,
    PREFERRED,
    PRESENT_LEAD,
    Scale,
    best_by_article,
    fuse,
    in_pool,
    in_window,
    nearness,
    newest,
    preferred,
    presence,
    scale_of,
)
from store.records import Preference

TODAY = date(2017, 6, 9)


def ranking(scores: Sequence[float], articles: Sequence[int]) -> tuple[Scale | None, np.ndarray]:
    """Return scores of passages, NaN where they have none, with the scale of those that have one."""
    column = np.array(scores, dtype=float)
    known = ~np.isnan(column)
    return scale_of(column[known], np.array(articles)[known]), column


def fused(rankings: Sequence[Sequence[float]], articles: Sequence[int]) -> tuple[list[float], dict[int, float]]:
    """Return what passages are worth by themselves, and articles."""
    own, sums = fuse([ranking(scores, articles) for scores in rankings], np.array(articles))
    return own.tolist(), dict(sums)


def days(*numbers: int | None) -> np.ndarray:
    """Return days counted from ``TODAY`` on as ordinals; None is unknown."""
    return np.array([0 if number is None else TODAY.toordinal() + number for number in numbers], dtype=np.int32)


# -- words and vectors -------------------------------------------------------------------------------------------------


def test_scores_are_summed_in_deviations_from_the_mean() -> None:
    words = [3.0, 1.0, nan]  # mean 2, deviation 1: z = 1 and -1
    vectors = [nan, 90.0, 50.0]  # mean 70, deviation 20: z = 1 and -1

    own, sums = fused([words, vectors], [70, 80, 90])

    # What a ranking does not hold gets its lowest, here -1.
    assert own == [1 - 1, -1 + 1, -1 - 1]
    assert sums == {70: 0.0, 80: 0.0, 90: -2.0}


def test_an_article_has_the_sum_of_its_best_in_each_ranking() -> None:
    articles = [10, 10, 20]
    words = [5.0, 3.0, 1.0]  # the articles' best are 5 and 1: mean 3, deviation 2, so z = 1, 0 and -1
    vectors = [nan, 4.0, 2.0]  # the articles' best are 4 and 2: mean 3, deviation 1, so z = 1 and -1

    own, sums = fused([words, vectors], articles)

    assert own == [1 - 1, 0 + 1, -1 - 1]
    assert sums == {10: 1.0 + 1.0, 20: -2.0}


def test_many_passages_of_one_article_do_not_lift_the_mean() -> None:
    # The articles' best are 5 and 3: mean 4, deviation 1, whatever else article 10 has.
    assert fused([[5.0, 5.0, 4.0, 3.0]], [10, 10, 10, 20]) == ([1.0, 1.0, 0.0, -1.0], {10: 1.0, 20: -1.0})


def test_the_scale_of_some_passages_measures_others_too_and_has_a_floor() -> None:
    scale = scale_of(np.array([3.0, 1.0]), np.array([70, 80]))

    assert scale == Scale(mean=2.0, deviation=1.0, floor=-1.0)
    assert scale.standardised(np.array([5.0, 1.5, 0.0, nan])).tolist() == [3.0, -0.5, -1.0, -1.0]


@pytest.mark.parametrize(
    ("rankings", "own"),
    [
        ([], [0.0, 0.0]),
        ([[nan, nan]], [0.0, 0.0]),
        ([[5.0, 3.0]], [1.0, -1.0]),
        ([[5.0, 3.0], [nan, nan]], [1.0, -1.0]),
        ([[5.0, 3.0], [3.0, 5.0]], [0.0, 0.0]),
        ([[7.0, 7.0]], [0.0, 0.0]),  # no deviation
        ([[7.0, nan]], [0.0, 0.0]),  # of one passage there is no lower one
        ([[7.0, nan], [nan, 1.0]], [0.0, 0.0]),
    ],
)
def test_a_ranking_that_tells_nothing_adds_nothing(rankings: list[list[float]], own: list[float]) -> None:
    assert fused(rankings, [10, 20])[0] == own


def test_passages_of_a_single_article_differ_by_their_own_scores() -> None:
    # Of the passages' scores the deviation is 1; the mean is that of the article's best.
    assert fused([[5.0, 3.0]], [10, 10]) == ([0.0, -2.0], {10: 0.0})


def test_the_best_of_an_article_is_found_among_negative_scores_too() -> None:
    assert best_by_article(np.array([-3.0, -1.0, 2.0]), np.array([10, 10, 20])) == {10: -1.0, 20: 2.0}


_SCORES = st.lists(st.integers(-50, 50).map(float) | st.just(nan), min_size=12, max_size=12)


@given(_SCORES, _SCORES)
def test_no_passage_is_worth_more_than_its_article(one: list[float], other: list[float]) -> None:
    articles = [place // 3 for place in range(12)]

    own, sums = fused([one, other], articles)

    assert all(worth <= sums[article] + 1e-9 for worth, article in zip(own, articles, strict=True))


@given(_SCORES, _SCORES)
def test_the_unit_of_a_score_does_not_matter(one: list[float], other: list[float]) -> None:
    articles = [place // 3 for place in range(12)]

    own, sums = fused([one, [4 * score + 8 for score in other]], articles)

    expected, expected_sums = fused([one, other], articles)
    assert own == pytest.approx(expected, abs=1e-9)
    assert sums == pytest.approx(expected_sums, abs=1e-9)


# -- time and outlets --------------------------------------------------------------------------------------------------


def test_closeness_decays_with_the_days_between() -> None:
    found = nearness(days(0, -1, -20, -40, -3_650), TODAY)

    assert found == pytest.approx(
        [NEARNESS, NEARNESS * exp(-1 / NEAR_DAYS), NEARNESS / exp(1), NEARNESS / exp(2), 0], abs=1e-9
    )


def test_what_lies_ahead_gains_nothing_but_the_papers_of_the_next_morning() -> None:
    ahead = AHEAD_DAYS

    found = nearness(days(1, ahead, ahead + 1, 400, None), TODAY)

    assert found == pytest.approx([NEARNESS * exp(-1 / NEAR_DAYS), NEARNESS * exp(-ahead / NEAR_DAYS), 0, 0, 0])


def test_candidates_near_a_day_are_those_of_the_weeks_before_it() -> None:
    ahead, weeks = AHEAD_DAYS, NEAR_POOL_DAYS

    found = in_pool(days(0, ahead, ahead + 1, -weeks, -weeks - 1, None), TODAY)

    assert found.tolist() == [True, True, False, True, False, False]


def test_what_comes_near_the_best_may_wholly_gain_by_being_recent_and_what_is_far_below_may_not() -> None:
    middle = (PRESENT_LEAD + PAST_LEAD) / 2
    leads = np.array([0, PRESENT_LEAD, middle, PAST_LEAD, 99])

    assert presence(5 - leads).tolist() == pytest.approx([1, 1, 0.5, 0, 0])


def test_closeness_counts_as_far_as_the_article_may_be_meant() -> None:
    sums, when = np.array([5.0, 5 - (PRESENT_LEAD + PAST_LEAD) / 2, -50.0]), days(-20, 0, 0)

    found = preferred(sums, when, None, Preference(near=TODAY))

    # The last may be of today: the best one says that the question is about what it tells of.
    assert found == pytest.approx([NEARNESS / exp(1), NEARNESS / 2, 0])


def test_closeness_counts_wholly_where_the_question_says_that_it_is_about_the_present() -> None:
    found = preferred(np.array([5.0, -50.0]), days(-20, 0), None, Preference(near=TODAY, present=True))

    assert found == pytest.approx([NEARNESS / exp(1), NEARNESS])


@pytest.mark.parametrize(
    ("since", "until", "inside"),
    [
        (None, None, [True, True, True, True, False]),
        (-1, 1, [False, True, True, True, False]),
        (0, 0, [False, False, True, False, False]),
        (0, None, [False, False, True, True, False]),
        (None, 0, [True, True, True, False, False]),
        (1, -1, [False, False, False, False, False]),
    ],
)
def test_a_window_has_both_its_ends_and_nothing_undated(
    since: int | None, until: int | None, inside: list[bool]
) -> None:
    first = None if since is None else TODAY + timedelta(days=since)
    last = None if until is None else TODAY + timedelta(days=until)

    assert in_window(days(-2, -1, 0, 1, None), Preference(since=first, until=last)).tolist() == inside


def test_the_first_and_the_last_day_there_is_are_days() -> None:
    ends = np.array([date.min.toordinal(), date.max.toordinal(), 0])

    assert in_window(ends, Preference(since=date.min, until=date.max)).tolist() == [True, True, False]
    assert nearness(ends, date.min) == pytest.approx([NEARNESS, 0, 0])
    assert nearness(ends, date.max) == pytest.approx([0, NEARNESS, 0])


def test_a_preferred_window_and_a_preferred_outlet_add_up() -> None:
    preference = Preference(since=TODAY, outlets=("Post",))

    found = preferred(np.zeros(4), days(0, 0, -1, None), np.array([True, False, True, False]), preference)

    assert found.tolist() == [2 * PREFERRED, PREFERRED, PREFERRED, 0]


def test_without_a_preference_nothing_is_added() -> None:
    assert preferred(np.array([5.0, 1.0]), days(0, None), None, Preference()).tolist() == [0, 0]
    assert preferred(np.zeros(0), days(), None, Preference(near=TODAY)).tolist() == []


def test_newness_counts_back_from_the_newest_that_was_found() -> None:
    equal = np.array([2.0, 2.0, 2.0])

    found = newest(equal, days(-100, -100 - int(NEWEST_DAYS), None))

    assert found == pytest.approx([NEWEST, NEWEST / exp(1), 0])
    assert newest(equal[:1], days(None)).tolist() == [0]
    assert newest(equal[:0], days()).tolist() == []


def test_what_hardly_fits_is_not_the_newest() -> None:
    worth = np.array([9.0, 9.0 - PAST_LEAD])

    assert newest(worth, days(-20, -1)).tolist() == [NEWEST, 0]
