"""The gate for claims: of 40 pairs at least 34 are told right, and no unrelated pair is ever called a disagreement."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.quality.claim_pairs import SEEN, UNSEEN, ClaimPair, read_pairs

PAIRS = read_pairs(SEEN) + read_pairs(UNSEEN)
FLOOR = 34


def test_there_are_eight_pairs_of_each_relation() -> None:
    assert Counter(pair.relation for pair in PAIRS) == dict.fromkeys(
        ("agree", "number", "attribution", "update", "unrelated"), 8
    )


def test_at_least_34_of_40_pairs_are_told_right() -> None:
    assert sum(pair.told() == pair.relation for pair in PAIRS) >= FLOOR


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair.relation == "unrelated"], ids=lambda pair: pair.one.article.headline
)
def test_an_unrelated_pair_is_never_shown_as_anything_else(pair: ClaimPair) -> None:
    assert pair.told() == "unrelated"
