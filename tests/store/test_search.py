from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search import fuse, query_terms

Ranking = list[tuple[int, float]]


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("ferry", ("ferry",)),
        (
            "Who said that the ferry Morning Star had docked off Skelby?",
            ("ferry", "morning", "star", "docked", "skelby", "ferry morning", "morning star"),
        ),
        ("Morning Star, morning star", ("morning", "star", "morning star", "star morning")),
        ("a $1.5 million pier", ("1", "5", "million", "pier", "1 5", "5 million", "million pier")),
        ("Why sank it?", ("sank", "sink", "sunk")),
        ("the ferry sank", ("ferry", "sank", "sink", "sunk", "ferry sank")),
        ("Who is it?", ("who", "is", "it")),
        ("?", ()),
        ("", ()),
    ],
)
def test_a_question_is_looked_up_by_its_words_and_by_those_side_by_side(question: str, terms: tuple[str, ...]) -> None:
    assert query_terms(question) == terms


def test_scores_are_summed_in_deviations_from_the_mean() -> None:
    # Mean 2, deviation 1: 7 has z = 1, 8 has -1.
    words = [(7, 3.0), (8, 1.0)]
    # Mean 70, deviation 20: 8 has z = 1, 9 has -1.
    vectors = [(8, 90.0), (9, 50.0)]

    # What a ranking does not hold gets its lowest, here -1: 7 has 1 - 1, 8 has -1 + 1, 9 has -1 - 1.
    assert fuse([words, vectors], {7: 70, 8: 80, 9: 90}) == [(7, 0.0), (8, 0.0), (9, -2.0)]


def test_the_best_passage_of_an_article_has_the_sum_of_the_article() -> None:
    article_of = {1: 10, 2: 10, 3: 20}
    # The articles' best are 5 and 1: mean 3, deviation 2, so the passages have z = 1, 0 and -1.
    words = [(1, 5.0), (2, 3.0), (3, 1.0)]
    # The articles' best are 4 and 2: mean 3, deviation 1, so the passages have z = 1 and -1.
    vectors = [(2, 4.0), (3, 2.0)]

    # Alone, 1 has 1 - 1 = 0, 2 has 0 + 1 = 1 and 3 has -1 - 1. Article 10 has its best in both, 1 + 1: 2 leads it.
    assert fuse([words, vectors], article_of) == [(2, 2.0), (1, 0.0), (3, -2.0)]


def test_many_passages_of_one_article_do_not_lift_the_mean() -> None:
    article_of = {1: 10, 2: 10, 3: 10, 4: 20}

    # The articles' best are 5 and 3: mean 4, deviation 1, whatever else article 10 has.
    assert fuse([[(1, 5.0), (2, 5.0), (3, 4.0), (4, 3.0)]], article_of) == [(1, 1.0), (2, 1.0), (3, 0.0), (4, -1.0)]


@pytest.mark.parametrize(
    ("rankings", "fused"),
    [
        ([], []),
        ([[], []], []),
        ([[(1, 5.0)]], [(1, 0.0)]),
        ([[(3, 5.0), (1, 3.0)]], [(3, 1.0), (1, -1.0)]),
        ([[(3, 5.0), (1, 3.0)], []], [(3, 1.0), (1, -1.0)]),
        ([[(1, 5.0), (2, 3.0)], [(2, 5.0), (1, 3.0)]], [(1, 0.0), (2, 0.0)]),  # ties: by key
        ([[(2, 7.0), (1, 7.0)]], [(1, 0.0), (2, 0.0)]),  # no deviation
        ([[(9, 1.0)], [(1, 1.0)]], [(1, 0.0), (9, 0.0)]),
    ],
)
def test_what_is_fused_has_one_order(rankings: list[Ranking], fused: Ranking) -> None:
    assert fuse(rankings, {key: key for key in range(10)}) == fused


_RANKING = st.dictionaries(st.integers(0, 30), st.integers(-50, 50).map(float), max_size=20).map(
    lambda scores: sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
)


@settings(deadline=None)
@given(_RANKING, _RANKING)
def test_every_passage_is_there_once_and_the_best_is_first(one: Ranking, other: Ranking) -> None:
    fused = fuse([one, other], {key: key // 3 for key in range(31)})

    assert sorted(key for key, _ in fused) == sorted(dict(one) | dict(other))
    assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))


@settings(deadline=None)
@given(_RANKING, _RANKING)
def test_the_unit_of_a_score_does_not_matter(one: Ranking, other: Ranking) -> None:
    article_of = {key: key for key in range(31)}
    scaled = [(key, 4 * score + 8) for key, score in other]

    assert dict(fuse([one, scaled], article_of)) == pytest.approx(dict(fuse([one, other], article_of)), abs=1e-9)
