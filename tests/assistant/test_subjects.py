from __future__ import annotations

import pytest

from assistant.subjects import find_names, find_subjects, is_action, is_past, is_verb, kind_of, relations


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Who owns Skelby Shipping?", ["Skelby Shipping"]),
        ("Did the Senate reject the harbour bill?", ["the Senate", "the harbour bill"]),
        ("What are the causes of inflation?", ["the causes", "the causes of inflation", "inflation"]),
        (
            "How many people died in the floods in Norland?",
            ["people", "the floods", "the floods in Norland", "Norland"],
        ),
        ("What is Ida Holm's age?", ["Ida Holm's age", "Ida Holm"]),
        ("Who leads the Bank of Ostmark?", ["the Bank of Ostmark"]),
        ("Was anyone on board brought ashore?", ["board"]),
        ("Who was elected mayor?", ["mayor"]),
        ("What happened in June 2017?", []),
        ("why?", []),
        ("", []),
    ],
)
def test_the_noun_phrases_of_a_question_are_found_in_order(question: str, texts: list[str]) -> None:
    found = find_subjects(question)

    assert [one.text for one in found] == texts
    assert all(question[one.start : one.end] == one.text for one in found)


def test_what_a_verb_acts_on_is_its_object() -> None:
    found = find_subjects("Did the Senate reject the harbour bill?")

    assert [(one.text, one.role, one.is_object) for one in found] == [
        ("the Senate", 2, False),
        ("the harbour bill", 1, True),
    ]


def test_what_a_question_is_about_weighs_most() -> None:
    assert [(one.text, one.role) for one in find_subjects("What is the price of oil?")] == [
        ("the price", 1),
        ("the price of oil", 1),
        ("oil", 3),
    ]


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("Anna Kent", "person"),
        ("President Holm", "person"),
        ("Majority Leader Brandt", "person"),
        ("the spokeswoman", "person"),
        ("Norway", "place"),
        ("the town", "place"),
        ("the ministry", "group"),
        ("Skelby Airlines", "group"),
        ("the harbour bill", "thing"),
        ("the Ostmark Treaty", "thing"),
        ("Skelby", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_phrase_is_of_a_kind(phrase: str, kind: str) -> None:
    assert kind_of(phrase) == kind


@pytest.mark.parametrize(("phrase", "is_plural"), [("the floods", True), ("the police", True), ("the news", False)])
def test_a_phrase_has_a_number(phrase: str, is_plural: bool) -> None:
    (found,) = find_subjects(f"Tell me about {phrase}")

    assert found.is_plural == is_plural


@pytest.mark.parametrize(("name", "gender"), [("Anna Kent", "she"), ("Sir Brandt", "he"), ("Kim-Lee Vale", None)])
def test_a_name_tells_a_gender_or_none(name: str, gender: str | None) -> None:
    (found,) = find_names(f"It was {name} who said so.")

    assert (found.text, found.gender) == (name, gender)


def test_the_names_of_an_answer_are_found_once_each_and_no_days_are_among_them() -> None:
    answer = "Ida Holm told the Harbour Courier on Friday 9 June that Skelby was safe. Reporters asked Ida Holm again."

    assert [one.text for one in find_names(answer)] == ["Ida Holm", "Harbour Courier", "Skelby"]


def test_a_phrase_is_bare_without_its_article() -> None:
    assert [one.bare for one in find_subjects("Did the Senate reject a bill?")] == ["Senate", "bill"]


def test_words_are_verbs_pasts_and_relations() -> None:
    assert [is_verb("reject"), is_verb("harbour"), is_past("sank"), is_past("rejected"), is_past("bed")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert is_action("rejecting")
    assert {"cause", "causes", "penalty", "penalties"} <= relations()
