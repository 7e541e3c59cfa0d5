from __future__ import annotations

import pytest

from assistant.ellipsis import complete, replace_part
from assistant.subjects import find_subjects

BILL = "Did the Senate reject the harbour bill?"
VOTE = "Senators Paul Brandt, Anna Kent and Tom Burke voted against the bill."
FLOODS = "How many people died in the floods in Norland?"
MAYOR = "Who won the election in Skelby?"
TOPIC = find_subjects(MAYOR)[1]


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        (BILL, "why?", "Why did the Senate reject the harbour bill?"),
        (BILL, "When was that?", "When did the Senate reject the harbour bill?"),
        (BILL, "And how?", "How did the Senate reject the harbour bill?"),
        (MAYOR, "why?", "Who won the election in Skelby, and why?"),
        (MAYOR, "Who else?", "Who else won the election in Skelby?"),
        (BILL, "Is that true?", "Did the Senate reject the harbour bill?"),
        (BILL, "How many?", "Did the Senate reject the harbour bill, and how many?"),
        (FLOODS, "and in Ostmark?", "How many people died in the floods in Ostmark?"),
        (FLOODS, "What about Texas?", "How many people died in the floods in Texas?"),
        (BILL, "and the House?", "Did the House reject the harbour bill?"),
        (BILL, "the second one?", "Tell me more about Anna Kent."),
        (BILL, "Was the second one arrested?", "Was Anna Kent arrested?"),
        (MAYOR, "tell me more about that", "Tell me more about the election in Skelby."),
        ("Tell me about the election.", "why?", "What was the reason for the election in Skelby?"),
    ],
)
def test_a_fragment_is_completed_from_the_last_question(last: str, question: str, expected: str) -> None:
    found = complete(question, last, VOTE, TOPIC)

    assert found is not None
    assert (found.text, found.words) == (expected, question)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Skelby regatta?",
        "What about why the bank of Ostmark failed?",
        "and who pays for it?",
        "Was the ninth one arrested?",
        "",
    ],
)
def test_what_is_no_fragment_is_left_alone(question: str) -> None:
    assert complete(question, BILL, VOTE, TOPIC) is None


def test_of_names_too_few_no_second_one_is_taken() -> None:
    assert complete("the second one?", BILL, "Anna Kent voted against it.", TOPIC) is None


def test_a_request_for_more_needs_a_topic() -> None:
    assert complete("tell me more", BILL, VOTE, None) is None


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("Ostmark", "How many people died in the floods in Ostmark?"),
        ("in Ostmark", "How many people died in the floods in Ostmark?"),
        ("on Sunday", "How many people died in the floods in Norland on Sunday?"),
        ("Anna Kent", None),
        ("where they lived", None),
    ],
)
def test_a_part_is_replaced_by_one_of_its_kind(what: str, expected: str | None) -> None:
    assert replace_part(FLOODS, what) == expected
