"""What a question asks for."""

from __future__ import annotations

import pytest

from assistant.questions import Wanted, holds_wanted, read_question
from store.words import stem


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Who sank the ferry?", "person"),
        ("Which minister resigned?", "person"),
        ("When did the ferry sink?", "time"),
        ("In which year was the pier built?", "time"),
        ("Where did the ferry sink?", "place"),
        ("Which city was hit?", "place"),
        ("How many people were aboard?", "number"),
        ("What percentage voted?", "number"),
        ("Why did the ferry sink?", "thing"),
        ("What did the operator say about when it sank?", "time"),
        ("", "thing"),
    ],
)
def test_the_first_question_word_says_what_is_wanted(text: str, wanted: Wanted) -> None:
    assert read_question(text).wanted == wanted


def test_stems_are_the_distinct_telling_words_in_order() -> None:
    question = read_question("What did the divers say of the sunken ferry, and which ferry did divers lift?")

    assert question.stems[:3] == ("diver", "sunken", "ferri")
    assert len(set(question.stems)) == len(question.stems)
    assert not {"what", "did", "the", "of"} & set(question.stems)


def test_names_and_numbers_are_told_from_other_words() -> None:
    question = read_question("Did Captain Holm leave berth 12 of Skelby?")

    assert question.names == {"captain", "holm", "12", "skelbi"}
    assert question.names <= set(question.stems)


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    assert read_question("Ferries sank. Pilots swam.").names == frozenset()


@pytest.mark.parametrize("date", ["on 3 January 2020", "on January 3, 2020", "on 2020-01-03", "in January 2020"])
def test_words_of_a_date_need_not_be_found(date: str) -> None:
    assert read_question(f"Which ferry sank {date}?").stems == read_question("Which ferry sank?").stems


@pytest.mark.parametrize(
    ("question", "holding", "lacking"),
    [
        ("Who sank the ferry?", "It was sunk by Ida Holm.", "It was sunk by a storm."),
        ("Who met Ida Holm?", "There Ida Holm met Jon Vale.", "There Ida Holm met a man."),
        ("When did it sink?", "It sank on Tuesday.", "It sank off Skelby."),
        ("Where did it sink?", "It sank off Skelby.", "It sank slowly."),
        ("How many were aboard?", "There were 212 aboard.", "There were people aboard."),
        ("How many were aboard?", "There were twelve aboard.", "There were men aboard."),
        ("How many of the twelve swam?", "Of the twelve, three swam.", "The twelve swam."),
    ],
)
def test_a_sentence_holds_what_is_wanted_or_not(question: str, holding: str, lacking: str) -> None:
    asked = read_question(question)

    assert holds_wanted(asked, holding)
    assert not holds_wanted(asked, lacking)


def test_anything_may_be_the_thing_that_is_wanted() -> None:
    assert holds_wanted(read_question("Why did it sink?"), "It did.")


@pytest.mark.parametrize(
    "when",
    [
        "on 3 January 2020",
        "on Wednesday",
        "since Friday",
        "yesterday",
        "tonight",
        "this month",
        "last summer",
        "in the past few days",
        "recently",
        "currently",
    ],
)
def test_words_that_say_when_need_not_be_found(when: str) -> None:
    assert read_question(f"Which ferry sank {when}?").stems == read_question("Which ferry sank?").stems


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("What is the latest on the ferry?", "What is it on the ferry?"),
        ("Which is the newest ferry?", "Which is the ferry?"),
        ("What is the most recent toll?", "What is the toll?"),
        ("Has anyone found anything of the ferry?", "Has it found of the ferry?"),
    ],
)
def test_words_that_say_which_of_several_need_not_be_found(question: str, plain: str) -> None:
    assert read_question(question).stems == read_question(plain).stems


def test_a_name_that_only_looks_like_a_day_is_kept() -> None:
    assert "tuesday" not in read_question("Who sank on Tuesday?").stems
    assert read_question("Who leads Last Resort?").names == {stem("last"), stem("resort")}
