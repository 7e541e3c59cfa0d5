"""Sentences compared by their words."""

from __future__ import annotations

import pytest

from assistant.timeline.vectors import Weights, centroid, cosine, normalised


def test_a_vector_has_norm_one_and_a_rare_word_weighs_more() -> None:
    weights = Weights([["ferri", "sank"], ["ferri", "left"], ["ferri", "came"]])

    vector = weights.vector(["ferri", "sank"])

    assert sum(weight * weight for weight in vector.values()) == pytest.approx(1)
    assert vector["sank"] > vector["ferri"] > 0


def test_no_words_make_an_empty_vector_that_is_like_nothing() -> None:
    empty = Weights([]).vector([])

    assert empty == {}
    assert cosine(empty, {"ferri": 1.0}) == 0


def test_cosine_is_one_for_the_same_and_zero_for_nothing_shared() -> None:
    one = normalised({"ferri": 3.0, "sank": 4.0})

    assert cosine(one, one) == pytest.approx(1)
    assert cosine(one, {"gull": 1.0}) == 0


def test_a_centroid_lies_between() -> None:
    middle = centroid([{"ferri": 1.0}, {"sank": 1.0}])

    assert middle == {"ferri": pytest.approx(0.5**0.5), "sank": pytest.approx(0.5**0.5)}
