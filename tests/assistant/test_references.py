from __future__ import annotations

import pytest

from assistant.references import Said, candidates_of, choose, resolve, topic_of


def said(question: str, answer: str = "") -> Said:
    return Said(question, answer, question)


FERRY = said(
    "Why did the ferry Morning Star run aground off Skelby in June?",
    "A sailor told the Harbour Courier that the steering had failed. Ida Holm, a spokeswoman, agreed.",
)
FLOODS = said("How many people died in the floods in Norland?", "At least 18 people died, the interior ministry said.")
BILL = said(
    "Did the Senate reject the harbour bill?", "Senators Paul Brandt, Anna Kent and Tom Burke voted against the bill."
)
MAYOR = said("Who won the election in Skelby?", "Karl Lindqvist won the election by 200 votes.")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (MAYOR, "How old is he?", "How old is Karl Lindqvist?"),
        (MAYOR, "What is his party?", "What is Karl Lindqvist's party?"),
        (MAYOR, "Did Lindqvist speak afterwards?", "Did Karl Lindqvist speak afterwards?"),
        (FERRY, "Was she arrested?", "Was Ida Holm arrested?"),
        (FLOODS, "Who lives there?", "Who lives in Norland?"),
        (FLOODS, "Did they destroy houses?", "Did the floods in Norland destroy houses?"),
        (said("Tell me about Skelby Shipping."), "Who owns it?", "Who owns Skelby Shipping?"),
        (said("What is the Ostmark Treaty?"), "Who signed the treaty?", "Who signed the Ostmark Treaty?"),
        (said("Why is Norland at war?"), "Who leads the country?", "Who leads Norland?"),
        (
            said("What happened at the Harbour Festival?", "A singer of the Northern Lights Tour fell from the stage."),
            "Who was hurt there?",
            "Who was hurt in the Harbour Festival?",
        ),
        (said("What is a lighthouse?"), "What are its parts?", "What are a lighthouse's parts?"),
        (said("What is a lighthouse?"), "It's how old?", "A lighthouse is how old?"),
    ],
)
def test_what_points_back_is_written_out(before: Said, question: str, expected: str) -> None:
    assert resolve(question, candidates_of([before])).text == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was it passed?", "When was the harbour bill passed?"),
        ("Why was that?", "Why was the harbour bill?"),
        ("What did it say?", "What did the Senate say?"),
        ("What did they say?", "What did the Senate say?"),
        ("Why did it do so?", "Why did the Senate do so?"),
        ("What did they say about it?", "What did the Senate say about the harbour bill?"),
        ("Who are its members?", "Who are the Senate's members?"),
    ],
)
def test_it_is_rather_what_was_acted_on_than_the_institution_that_acts(question: str, expected: str) -> None:
    assert resolve(question, candidates_of([BILL])).text == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Skelby regatta?",
        "Is it true that the bank of Ostmark failed?",
        "How long does it take to build a lighthouse?",
        "Why did Anna Kent say that she would resign?",
        "Why did the minister resign, and who took his place?",
        "What time is it?",
        "",
    ],
)
@pytest.mark.parametrize("before", [FLOODS, MAYOR])
def test_what_points_nowhere_stays(before: Said, question: str) -> None:
    assert resolve(question, candidates_of([before])).text == question


def test_the_topic_is_what_was_asked_about_not_what_an_answer_names() -> None:
    topic = topic_of(candidates_of([FERRY]))

    assert topic is not None
    assert topic.text == "the ferry Morning Star"
    assert topic_of([]) is None


def test_the_topic_is_what_an_institution_acted_on() -> None:
    topic = topic_of(candidates_of([BILL]))

    assert topic is not None
    assert topic.text == "the harbour bill"


def test_a_subject_fades_with_each_question_and_gains_by_each_mention() -> None:
    once = {one.subject.text: one.weight for one in candidates_of([FLOODS, MAYOR])}
    again = {one.subject.text: one.weight for one in candidates_of([FLOODS, FLOODS, MAYOR])}
    fresh = {one.subject.text: one.weight for one in candidates_of([FLOODS])}

    assert once["Norland"] < again["Norland"] < fresh["Norland"]


def test_only_what_fits_is_chosen() -> None:
    candidates = candidates_of([MAYOR])

    chosen = {wanted: choose(wanted, candidates) for wanted in ("he", "it", "there")}

    assert {wanted: subject and subject.text for wanted, subject in chosen.items()} == {
        "he": "Karl Lindqvist",
        "it": "the election in Skelby",
        "there": "Skelby",
    }


VOLK = said("Who resigned?", "Ksenia Volk, the minister of ports, and Zuzu Ahlin, her deputy, resigned on Monday.")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (VOLK, "Who replaced her?", "Who replaced Ksenia Volk or Zuzu Ahlin?"),
        (
            said("Why did Anna Kent and Julia Brandt resign?"),
            "How old is she?",
            "How old is Anna Kent or Julia Brandt?",
        ),
        (said("Who replaced Anna Kent or Julia Brandt?"), "How old is she?", "How old is Anna Kent or Julia Brandt?"),
        (said("Why did Tom Burke and Anna Kent resign?"), "How old is she?", "How old is Anna Kent?"),
        (said("Did Anna Kent accuse Julia Brandt?"), "How old is she?", "How old is Anna Kent?"),
        (said("Who resigned?", "Anna Kent told Julia Brandt that she would go."), "Why did she?", "Why did Anna Kent?"),
        (
            said("Why did Anna Kent and Julia Brandt resign?"),
            "Who follows them?",
            "Who follows Anna Kent and Julia Brandt?",
        ),
    ],
)
def test_two_persons_named_in_one_breath_are_both_kept_where_both_fit(
    before: Said, question: str, expected: str
) -> None:
    assert resolve(question, candidates_of([before])).text == expected


def test_what_is_written_about_her_is_not_about_who_writes_it() -> None:
    found = resolve("What did Reuters write about her?", candidates_of([said("Who is Ksenia Volk?")]))

    assert found.text == "What did Reuters write about Ksenia Volk?"


def test_what_happened_is_spoken_of_rather_than_where() -> None:
    topic = topic_of(candidates_of([said("What happened in the shooting at the school in Skelby?")]))

    assert topic is not None
    assert topic.text == "the shooting at the school in Skelby"
