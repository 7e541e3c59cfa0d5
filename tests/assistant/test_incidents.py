"""What happened, as a question speaks of it, and what asks for its details."""

from __future__ import annotations

import pytest

from assistant.incidents import asks_for_detail, incident_of, tells_of_incident


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What happened in the fire at the mill in Skelby?", "the fire at the mill in Skelby"),
        ("What caused the floods in Norland?", "the floods in Norland"),
        ("Did the fire in Skelby start at night?", "the fire in Skelby"),
        ("Where did the earthquake in Norland strike?", "the earthquake in Norland"),
        ("Who was hurt in the Skelby ferry disaster?", "the Skelby ferry disaster"),
        ("Who won the Skelby regatta?", None),
        ("", None),
    ],
)
def test_an_incident_is_told_with_its_place(question: str, expected: str | None) -> None:
    found = incident_of(question)

    assert (found.text if found else None) == expected


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("What happened at the harbour fair?", True),
        ("Who was shot in Skelby?", True),
        ("Who is the mayor of Skelby?", False),
    ],
)
def test_a_question_may_be_about_one_without_a_noun_for_it(question: str, is_one: bool) -> None:
    assert tells_of_incident(question) is is_one


@pytest.mark.parametrize(
    "question",
    [
        "How many children died?",
        "Was the suspect arrested?",
        "How did the gunman get the rifle?",
        "How many victims were treated in hospital?",
    ],
)
def test_a_short_question_about_the_hurt_leaves_out_where(question: str) -> None:
    assert asks_for_detail(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many children died in Bergen?",
        "How many children died in the storm?",
        "How many swimmers were killed by sharks?",
        "How many children die of hunger?",
        "Who won the lottery?",
        "How many fishermen, farmers, sailors and children died at sea without a doctor?",
    ],
)
def test_a_question_that_says_where_or_what_of_leaves_out_nothing(question: str) -> None:
    assert not asks_for_detail(question)
