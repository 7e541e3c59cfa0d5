"""Whom sentences cite, how sure they are, and what they tell as said before."""

from __future__ import annotations

import pytest

from assistant.claims.speakers import is_denied, is_hedged, speaker_of, tells_correction, tells_earlier


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("At least 31 people drowned, the coast guard said.", "coast guard"),
        ("Police said 31 people drowned.", "Police"),
        ("Thirty-one people drowned, according to the ministry.", "ministry"),
        ("Boris Lorn, the mayor, said 31 people drowned.", "Boris Lorn"),
        ("Thirty-one people drowned.", ""),
        ("He said 31 people drowned.", ""),
        (", contradicting the ministry, which had reported 80 dead.", "ministry"),
    ],
)
def test_the_one_who_is_cited_is_named(sentence: str, speaker: str) -> None:
    assert speaker_of(sentence, 0) == speaker


def test_each_clause_has_its_own_speaker() -> None:
    sentence = "State television first said 180, while an airport official spoke of 170."

    assert speaker_of(sentence, sentence.index("180")) == "State television"
    assert speaker_of(sentence, sentence.index("170")) == "an airport official"


@pytest.mark.parametrize(
    "clause", ["31 reportedly drowned", "31 were feared drowned", "the toll could not be verified"]
)
def test_a_clause_may_be_unsure(clause: str) -> None:
    assert is_hedged(clause, "")


def test_a_claim_is_unsure_where_the_next_sentence_says_that_nobody_confirmed_it() -> None:
    assert is_hedged("80 died", "It offered no evidence.")
    assert not is_hedged("80 died", "It was a Monday.")


def test_denials_earlier_reports_and_corrections_are_known_by_their_words() -> None:
    assert is_denied("Iran rejected that")
    assert tells_earlier("an official had earlier spoken of seven")
    assert tells_correction("correcting earlier counts of 170 and 180")
    assert not tells_correction("the mayor said 31 drowned")
