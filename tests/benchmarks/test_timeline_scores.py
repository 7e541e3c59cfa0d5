"""The scores of timelines, against examples worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.benchmarks.timeline_scores import Score, score_days, score_texts

FIRST, SECOND, FOURTH = date(2021, 3, 1), date(2021, 3, 2), date(2021, 3, 4)


def test_days_are_counted_both_ways() -> None:
    score = score_days([FIRST, SECOND], [FIRST, SECOND, FOURTH])

    assert score == Score(precision=1, recall=2 / 3)
    assert score.f == pytest.approx(0.8)


def test_the_same_timeline_is_right_and_an_empty_one_is_worth_nothing() -> None:
    timeline = {FIRST: ["A ferry sank off Skelby."]}

    assert score_texts(timeline, timeline) == Score(1, 1)
    assert score_texts({}, timeline) == Score(0, 0)


def test_words_are_compared_by_their_stems_and_common_ones_not_at_all() -> None:
    told = {FIRST: ["The ferries were sinking"]}
    reference = {FIRST: ["A ferry sinks"]}

    assert score_texts(told, reference) == Score(1, 1)


def test_a_worked_example_of_alignment() -> None:
    told = {SECOND: ["ferry sank near Skelby"], FOURTH: ["divers raised wreck"]}
    reference = {FIRST: ["ferry sank fog"], FOURTH: ["inquiry opened"]}

    # 'near' is a stop word. Told, 2 March: to 1 March the days lie 1 apart, closeness 1/2, and of 4 and 3 tokens 2 are
    # shared, F 4/7, so the cost is 1/2 * 3/7 = .21; to 4 March 2/3 * 1. Aligned with 1 March: 2 of 3 terms at 1/2.
    # Told, 4 March: the cost to the same day is 0, whatever it says: 0 of 3 terms.
    precision = (2 * 1 / 2 + 0) / (3 + 3)
    # Reference, 1 March: to 2 March .21, to 4 March 3/4 * 1: 2 of 3 terms at 1/2. 4 March: the same day, 0 of 2.
    recall = (2 * 1 / 2 + 0) / (3 + 2)

    score = score_texts(told, reference)

    assert (score.precision, score.recall) == (pytest.approx(precision), pytest.approx(recall))
    assert score.f == pytest.approx(2 * (1 / 6) * (1 / 5) / (1 / 6 + 1 / 5))


def test_two_days_may_be_aligned_with_one() -> None:
    told = {FIRST: ["ferry sank"], SECOND: ["ferry sank"]}
    reference = {FIRST: ["ferry sank"]}

    assert score_texts(told, reference) == Score(precision=(2 + 2 / 2) / 4, recall=1)
