from __future__ import annotations

import pytest

from store.entities.spelling import family_of, fold, may_be_one, without_title


@pytest.mark.parametrize(
    ("name", "folded", "family"),
    [
        ("Ada Brandt", "ada brandt", "brandt"),
        ("Zoë Brandt Jr.", "zoe brandt jr", "brandt"),
        ("The Popular Mobilisation Forces", "popular mobilization forces", "forces"),
        ("Olena Zelenskyy", "olena zelenskyy", "zelensky"),
        ("Kim Jong-un", "kim jong un", "kim"),
        ("Xi", "xi", "xi"),
        ("U.S.", "united states", "states"),
        ("—", "", ""),
    ],
)
def test_names_are_folded(name: str, folded: str, family: str) -> None:
    assert (fold(name), family_of(folded)) == (folded, family)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("donald trump", "donald j trump", True),
        ("joe biden", "joseph biden", True),
        ("qassem soleimani", "qasem soleimani", True),
        ("d trump", "donald trump", True),
        ("george w bush", "george h bush", False),
        ("maria keld", "mario keld", False),
        ("jill biden", "joe biden", False),
        ("keld", "ada keld", False),
    ],
)
def test_two_spellings_may_be_one_person(one: str, other: str, expected: bool) -> None:
    assert may_be_one(one, other) is expected


def test_titles_are_left_out() -> None:
    assert without_title("gen soleimani") == "soleimani"
