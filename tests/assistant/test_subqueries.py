from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.subqueries import MOST, split_question


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Who won the Skelby regatta? And when was it?",
            ("Who won the Skelby regatta?", "When was it? (the Skelby regatta)"),
        ),
        (
            "Which ship sank off Norland? Who was its captain?",
            ("Which ship sank off Norland?", "Who was its captain? (ship sank off Norland)"),
        ),
        (
            "The ferry sank on Monday. Who built the ferry? How deep is Skelby harbour at low tide?",
            ("The ferry sank on Monday. Who built the ferry?", "How deep is Skelby harbour at low tide?"),
        ),
        (
            "What did Vale say about the harbour dues, and how did Holm respond?",
            ("What did Vale say about the harbour dues?", "How did Holm respond? (the harbour dues)"),
        ),
        (
            "Which yard built the ferry, and who paid for the Skelby pier?",
            ("Which yard built the ferry?", "Who paid for the Skelby pier?"),
        ),
        (
            "Did Norland and Eastmark both sign the treaty?",
            ("Did Norland sign the treaty?", "Did Eastmark sign the treaty?"),
        ),
        (
            "Did both the Harbour Guild and Vale Shipping leave the talks?",
            ("Did the Harbour Guild leave the talks?", "Did Vale Shipping leave the talks?"),
        ),
        ("Compare the Skelby plan with the Norland plan.", ("the Skelby plan", "the Norland plan")),
        ("What is the difference between the old dues and the new dues?", ("the old dues", "the new dues")),
        ("How does the old pier differ from the new pier?", ("the old pier", "the new pier")),
        (
            "Does the Harbour Line article say she sank in fog, while the Lantern Post article blames the captain?",
            ("the Harbour Line article say she sank in fog", "the Lantern Post article blames the captain"),
        ),
        (
            "Did Harbour Line report that dues rose, whereas Lantern Post claimed dues fell, indicating a difference?",
            ("Harbour Line report that dues rose", "Lantern Post claimed dues fell"),
        ),
    ],
)
def test_each_thing_asked_becomes_a_query_that_stands_alone(question: str, parts: tuple[str, ...]) -> None:
    assert split_question(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Skelby regatta?",
        "Who sells salt and pepper in Trinidad and Tobago?",
        "Does Johnson & Johnson own the pier?",
        "When and where did the ferry sink?",
        "Did the House and Senate pass the dues bill?",
        "What is the difference between the House and Senate bills?",
        "Who is the woman who sang at the pier and who won the prize?",
        "Do you know who built the pier and when it opened?",
        "Who won and who lost?",
        "Why did the ferry sink while the crew was asleep?",
        "Was there a change between the Harbour Line report on dues and the Lantern Post report on dues?",
        "What happened before the Lantern Post reported the loss?",
        "The ferry sank. Why?",
        "Why? Why did the ferry sink?",
        "Who built the pier? How long is it? What did it cost? Who paid for it? Who owns it?",
        "ferry sank Skelby",
        "?",
        "",
    ],
)
def test_one_thing_or_a_plain_list_is_not_split(question: str) -> None:
    assert split_question(question) == (question,)


WORDS = "Who what did Vale the ferry and while both report article sank ? , compare with it how between Harbour".split()


@given(st.lists(st.sampled_from(WORDS)), st.text())
def test_any_question_can_be_split(parts: list[str], tail: str) -> None:
    question = " ".join(parts) + tail

    split = split_question(question)

    assert 1 <= len(split) <= MOST
    assert split == (question,) or all(part.strip() for part in split)


def test_a_comparison_that_never_comes_is_given_up_at_once() -> None:
    # Once the pattern of 'how did the … compare' took twice as long for every further word.
    question = "How did the islanders of the far north try to save the old whale on the wide beach below the town?"

    assert split_question(question) == (question,)
