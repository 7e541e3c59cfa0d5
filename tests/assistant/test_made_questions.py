"""Questions made of sentences by rule: which ones, and what no question is made of."""

from __future__ import annotations

import pytest

from assistant.made_questions import (
    is_well_formed,
    make_fallbacks,
    make_from_headline,
    make_questions,
    make_quoting,
)
from assistant.phrases import Case

TEXT = """The harbour board met on Tuesday, and Skelby was quiet. Governor Ida Holm and the Skelby Port Authority, as
well as Holm Lines and the Almery Dam, were named by reporters. In Almery nobody spoke of it."""


def questions(sentence: str, *, text: str = TEXT, headline: str = "News from Skelby") -> list[str]:
    return [made.text for made in make_questions(sentence, Case(headline, f"{text}\n{sentence}"))]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "Governor Ida Holm opened the Almery Dam on Tuesday, after years of delay.",
            "Who opened the Almery Dam?",
        ),
        ("Captain Bo Lund was appointed to lead Holm Lines.", "Who was appointed to lead Holm Lines?"),
        (
            "Governor Ida Holm appointed Bo Lund to head the Skelby Port Authority.",
            "Who was appointed to head the Skelby Port Authority?",
        ),
        ("Holm Lines sold 14 ferries to Almery last year.", "How many ferries did Holm Lines sell to Almery?"),
        (
            "At least 41 people were killed and 12 injured in the earthquake near Skelby on Sunday, officials said.",
            "How many people were killed in the earthquake near Skelby?",
        ),
        ("Holm Lines paid $3 million for the Almery Dam.", "How much did Holm Lines pay for the Almery Dam?"),
        ("The Almery Dam was built in 1974 by a firm from Skelby.", "When was the Almery Dam built?"),
        ("Governor Ida Holm resigned over the failed inspection.", "Why did Governor Ida Holm resign?"),
        ("Governor Ida Holm was arrested at Skelby airport.", "Where was Governor Ida Holm arrested?"),
        ("Governor Ida Holm was charged with fraud, prosecutors said.", "What was Governor Ida Holm charged with?"),
        (
            "Governor Ida Holm urged Holm Lines to lower its fares.",
            "What did Governor Ida Holm urge Holm Lines to do?",
        ),
        (
            "Governor Ida Holm said on Tuesday that the Almery Dam was safe.",
            "What did Governor Ida Holm say about the Almery Dam?",
        ),
        ("Another storm hit Skelby harbour on Friday.", "What hit Skelby harbour?"),
    ],
)
def test_a_plain_sentence_gives_a_question(sentence: str, question: str) -> None:
    assert question in questions(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "She opened the Almery Dam on Tuesday.",
        "The company sold 14 ferries to Almery.",
        "We sold 14 ferries to Almery last year.",
        "Governor Ida Holm did not open the Almery Dam.",
        "Governor Ida Holm allegedly sold the Almery Dam.",
        "Prosecutors charged the captain of the ferry.",
        "Governor Ida Holm praised his work on it.",
        "Holm said.",
        "Der Hafen von Skelby wurde am Dienstag wieder geöffnet.",
        "",
    ],
)
def test_what_does_not_stand_by_itself_gives_none(sentence: str) -> None:
    assert questions(sentence) == []


def test_a_last_name_is_given_in_full_where_the_text_has_it() -> None:
    text = "Peter Holm runs the ferries. Everyone in Skelby knows him."

    assert "Who bought the Almery Dam?" in questions("Peter Holm bought the Almery Dam.", text=text)
    assert questions("Holm resigned over the inspection.", text=text) == ["Why did Peter Holm resign?"]


def test_half_of_a_list_is_no_end_of_a_question() -> None:
    assert questions("Governor Ida Holm visited the harbours of Skelby, Almery and Corran.") == []


def test_a_day_is_left_out_of_questions_that_do_not_ask_for_it() -> None:
    made = questions("Holm Lines sold 14 ferries to Almery on 3 May 2019.")

    assert "How many ferries did Holm Lines sell to Almery?" in made
    assert not any("May" in question for question in made)


def test_a_headline_in_the_present_is_asked_about_in_the_past() -> None:
    headline = "Peter Holm vows to rebuild the Almery Dam"
    case = Case(headline, "On Tuesday the owner, Peter Holm, spoke in Skelby.")

    assert [made.text for made in make_from_headline(headline, case)] == ["What did Peter Holm vow to do?"]


def test_a_headline_without_its_articles_gives_no_question() -> None:
    case = Case("Court bans trawling off Skelby", "On Tuesday the Court spoke.")

    assert list(make_from_headline("Court bans trawling off Skelby", case)) == []


def test_what_the_headline_names_can_always_be_asked_about() -> None:
    headline, text = "Peter Holm and the Skelby harbour fire", "A man, Peter Holm, saw the fire in Skelby with others."

    made = [one.text for one in make_fallbacks(headline, text, Case(headline, text))]

    assert made == ["What happened in the fire in Skelby?", "What was reported about Peter Holm?"]


def test_a_headline_of_another_language_is_quoted() -> None:
    assert [made.text for made in make_quoting("Fähre vor „Skelby“ gesunken")] == [
        "What was reported under “Fähre vor Skelby gesunken”?"
    ]
    assert list(make_quoting("Half of a headline that goes on ...")) == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who opened the Almery Dam?", True),
        ("who opened the Almery Dam?", False),
        ("Who opened the Almery Dam", False),
        ("Opened the Almery Dam who?", False),
        ("Who opened the the Almery Dam?", False),
        (f"Who opened the {'Almery ' * 14}Dam?", False),
        ("Who opened [@click=bell]the Dam[/]?", False),
    ],
)
def test_the_outward_signs_of_a_question(question: str, expected: bool) -> None:
    assert is_well_formed(question) is expected
