"""What sentences hold responsible, and what they rule out."""

from __future__ import annotations

import pytest

from assistant.claims.causes import agree, differ, find_causes
from assistant.claims.claim import Cause


@pytest.mark.parametrize(
    ("sentence", "measure", "text"),
    [
        ("Officials blamed a technical fault.", "cause", "a technical fault"),
        ("The explosion was caused by a gas leak, the owner said.", "cause", "gas"),
        ("Faulty wiring caused the fire that destroyed the mill.", "cause", "an electrical fault"),
        ("Mechanics put the crash down to engine failure.", "cause", "a technical fault"),
        ("The army had shot down an airliner by mistake.", "cause", "a missile"),
        ("The convoy had been attacked by U.S. helicopters.", "cause", "helicopters"),
        ("The Northern Front claimed responsibility for the bombing.", "blame", "Northern Front"),
        ("The minister blamed the Red Dawn movement for the bombing.", "blame", "Red Dawn movement"),
        ("Police named the suspect in the stabbing as Davit Orlan, 34.", "identity", "Davit Orlan"),
    ],
)
def test_who_or_what_is_held_responsible_is_told(sentence: str, measure: str, text: str) -> None:
    (blame,) = find_causes(sentence)

    assert (blame.measure, blame.cause.text, blame.is_ruled_out) == (measure, text, False)


@pytest.mark.parametrize(
    "sentence", ["Officials ruled out a missile.", "He said a missile strike was scientifically impossible."]
)
def test_what_is_ruled_out_is_told_as_that(sentence: str) -> None:
    (blame,) = find_causes(sentence)

    assert (blame.cause.key, blame.is_ruled_out) == ("a missile", True)


@pytest.mark.parametrize(
    "sentence",
    [
        "No American was killed by the missiles.",
        "At least 80 were killed by 15 missiles.",
        "The mayor opened the fair.",
    ],
)
def test_a_sentence_that_holds_nothing_responsible_tells_nothing(sentence: str) -> None:
    assert find_causes(sentence) == []


def test_causes_that_may_both_be_so_do_not_differ() -> None:
    missile, error, fault = Cause("", "a missile"), Cause("", "human error"), Cause("", "a technical fault")

    assert (differ(missile, error), differ(missile, fault), agree(missile, missile)) == (False, True, True)


def test_names_that_share_a_word_may_be_one_actor() -> None:
    state, group = Cause("", names=frozenset({"islamic", "state"})), Cause("", names=frozenset({"islamic"}))

    assert (differ(state, group), agree(state, group)) == (False, True)
