from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.followups import Past, Standalone, standalone
from store.outlets import OutletIndex
from store.records import Window

TODAY = date(2017, 9, 1)
KNOWN = OutletIndex(("The Guardian", "Reuters", "Harbour Courier"))

FERRY = Past(
    "Why did the ferry Morning Star run aground off Skelby in June?",
    "Why did the ferry Morning Star run aground off Skelby in June?",
    "A sailor told the Harbour Courier that the steering had failed. Ida Holm, a spokeswoman, agreed.",
)
FLOODS = Past(
    "How many people died in the floods in Norland?",
    "How many people died in the floods in Norland?",
    "At least 18 people died, the interior ministry said.",
)
BILL = Past(
    "Did the Senate reject the harbour bill?",
    "Did the Senate reject the harbour bill?",
    "Senators Paul Brandt, Anna Kent and Tom Burke voted against the bill.",
)
MAYOR = Past(
    "Who won the election in Skelby?",
    "Who won the election in Skelby?",
    "Karl Lindqvist won the election by 200 votes.",
)
JANUARY = Window(date(2017, 1, 1), date(2017, 1, 14), "from 'from 1 to 7 January 2017'", inferred=True)
STRIKE = Past(
    "What happened in the port strike from 1 to 7 January 2017?",
    "What happened in the port strike from 1 to 7 January 2017?",
    "The dockers stopped work at noon.",
    JANUARY,
    ("Reuters",),
    TODAY,
)


def read(question: str, *history: Past) -> Standalone:
    return standalone(question, history, today=TODAY, known=KNOWN)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the Skelby regatta?",
        "What is the price of oil?",
        "Tell me about the drought in Ostmark.",
        "What did the Guardian report about Karl Lindqvist?",
        "Why did the minister resign, and who took his place?",
        "Is it true that the bank of Ostmark failed?",
        "How long does it take to build a lighthouse?",
        "Why did Anna Kent say that she would resign?",
    ],
)
@pytest.mark.parametrize("past", [FLOODS, MAYOR])
def test_a_question_of_its_own_stays_word_for_word(question: str, past: Past) -> None:
    assert read(question, past) == Standalone(question)


def test_without_a_history_nothing_leans_on_anything() -> None:
    assert read("  why? ") == Standalone("why?")


@pytest.mark.parametrize(
    ("past", "question", "expected"),
    [
        (MAYOR, "How old is he?", "How old is Karl Lindqvist?"),
        (MAYOR, "and his wife?", "And Karl Lindqvist's wife?"),
        (BILL, "why?", "Why did the Senate reject the harbour bill?"),
        (FLOODS, "and in Ostmark?", "How many people died in the floods in Ostmark?"),
        (FLOODS, "Was anyone rescued?", "About the floods in Norland: was anyone rescued?"),
        (FLOODS, "What were the causes?", "What were the causes of the floods in Norland?"),
        (FLOODS, "What happened next?", "About the floods in Norland: what happened next?"),
    ],
)
def test_what_is_left_out_or_points_back_is_filled_in(past: Past, question: str, expected: str) -> None:
    found = read(question, past)

    assert (found.question, found.is_follow_up) == (expected, True)


@pytest.mark.parametrize(
    ("question", "expected", "days"),
    [
        (
            "and the week after?",
            "What happened in the port strike from 8 to 14 January 2017?",
            "2017-01-08/2017-01-14",
        ),
        (
            "the day before?",
            "What happened in the port strike on 31 December 2016?",
            "2016-12-31/2017-01-01",
        ),
        (
            "before that?",
            "About the port strike: what happened from 25 to 31 December 2016?",
            "2016-12-25/2016-12-31",
        ),
        (
            "And then?",
            "About the port strike: what happened from 8 to 14 January 2017?",
            "2017-01-08/2017-01-14",
        ),
        (
            "since then?",
            "What happened in the port strike since 7 January 2017?",
            "2017-01-07/2017-09-01",
        ),
        (
            "Was anyone arrested two weeks later?",
            "About the port strike: was anyone arrested from 13 to 23 January 2017?",
            "2017-01-13/2017-01-23",
        ),
    ],
)
def test_time_words_count_from_the_days_of_the_last_question(question: str, expected: str, days: str) -> None:
    found = read(question, STRIKE)

    assert found.question == expected
    assert found.window is not None
    assert f"{found.window.since}/{found.window.until}" == days
    assert found.outlets == ("Reuters",)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("and in July?", "What happened in the port strike in July 2017?"),
        ("and in 2016?", "What happened in the port strike in 2016?"),
        ("and last week?", "What happened in the port strike last week?"),
        ("what about October?", "What happened in the port strike in October 2016?"),
    ],
)
def test_other_days_replace_the_last_ones_and_are_read_from_the_question(question: str, expected: str) -> None:
    found = read(question, STRIKE)

    assert (found.question, found.window, found.outlets) == (expected, None, ("Reuters",))


def test_without_days_to_count_from_the_question_keeps_its_words() -> None:
    found = read("and the week after?", FLOODS)

    assert found == Standalone(
        "How many people died in the floods in Norland the week after?", True, "the last question"
    )


def test_days_that_lie_ahead_are_no_window() -> None:
    past = Past("What happened on 31 August 2017?", "What happened on 31 August 2017?", as_of=TODAY)

    assert read("and the month after?", past).window == Window(
        date(2017, 9, 1), TODAY, "in September 2017", inferred=True
    )
    assert standalone("and the month after?", [past], today=date(2017, 8, 31)).window is None


@pytest.mark.parametrize(
    "question", ["Did the dockers of the port strike win?", "why?", "How many dockers took part in the port strike?"]
)
def test_on_the_same_subject_days_and_outlets_stay(question: str) -> None:
    found = read(question, STRIKE)

    assert (found.window, found.outlets, found.is_follow_up) == (JANUARY, ("Reuters",), True)


def test_a_new_subject_drops_days_and_outlets() -> None:
    assert read("Who won the Skelby regatta?", STRIKE) == Standalone("Who won the Skelby regatta?")


def test_days_of_its_own_are_left_to_the_question() -> None:
    found = read("Did it end in March 2017?", STRIKE)

    assert (found.question, found.window) == ("Did the port strike end in March 2017?", None)


@pytest.mark.parametrize(
    "question", ["What did the Guardian say?", "and the Guardian?", "the Guardian?", "according to the Guardian?"]
)
def test_an_outlet_is_asked_the_last_question(question: str) -> None:
    found = read(question, STRIKE)

    assert found == Standalone(
        "What happened in the port strike from 1 to 7 January 2017, according to the Guardian?",
        is_follow_up=True,
        basis="the last question, of The Guardian; the same days",
        window=JANUARY,
        outlets=("The Guardian",),
    )


def test_an_outlet_takes_the_place_of_the_one_that_was_cited() -> None:
    past = Past("…", "What did the Guardian report about the strike?", outlets=("The Guardian",))

    found = read("and Reuters?", past)

    assert (found.question, found.outlets) == ("What did Reuters report about the strike?", ("Reuters",))


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("Who owns Reuters?", "and the Guardian?", "Who owns the Guardian?"),
        ("Did the Senate reject the harbour bill?", "and the Observer?", "Did the Observer reject the harbour bill?"),
        ("Did the Senate reject the harbour bill?", "and the House?", "Did the House reject the harbour bill?"),
    ],
)
def test_a_name_is_part_of_the_question_where_that_is_about_an_outlet_or_the_archive_has_none_of_that_name(
    last: str, question: str, expected: str
) -> None:
    found = read(question, Past(last, last))

    assert (found.question, found.outlets) == (expected, ())


@pytest.mark.parametrize("question", ["and other outlets?", "What do the others say?", "according to other sources?"])
def test_other_outlets_are_all_of_them(question: str) -> None:
    past = Past("…", "Who won the election, according to Reuters?", window=JANUARY, outlets=("Reuters",))

    found = read(question, past)

    assert (found.question, found.window, found.outlets) == ("Who won the election?", JANUARY, ())


def test_an_outlet_that_the_question_cites_itself_is_left_to_it() -> None:
    assert read("What did the Guardian report about the port strike?", STRIKE).outlets == ()


FIRE = Past("What happened in the fire at the mill in Skelby?", "What happened in the fire at the mill in Skelby?")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many children died?", "How many children died in the fire at the mill in Skelby?"),
        ("Was the night watchman hurt?", "About the fire at the mill in Skelby: was the night watchman hurt?"),
    ],
)
def test_a_detail_is_asked_of_what_happened_and_of_nothing_else(question: str, expected: str) -> None:
    """By itself it was answered from any other report of dead children."""
    found = read(question, FIRE)

    assert (found.question, found.is_follow_up, found.is_guess) == (expected, True, False)


@pytest.mark.parametrize("question", ["How many children died in the Ostmark flood?", "How many children died in May?"])
def test_a_detail_with_a_place_or_days_of_its_own_stands_alone(question: str) -> None:
    assert read(question, FIRE) == Standalone(question)


def test_after_another_question_the_same_detail_stands_alone() -> None:
    assert read("How many children died?", MAYOR) == Standalone("How many children died?")


def test_what_happened_in_other_days_is_asked_of_all_outlets() -> None:
    found = read("What happened last week?", STRIKE)

    assert (found.question, found.outlets, found.is_guess) == (
        "About the port strike: what happened last week?",
        (),
        True,
    )


def test_a_full_question_with_its_own_days_keeps_no_outlet() -> None:
    asked = "Did the dockers of the port strike win in May 2017?"

    assert read(asked, STRIKE) == Standalone(asked)


def test_who_reports_it_is_not_what_it_is_about() -> None:
    past = Past("…", "What did the Guardian report about the harbour fair?", outlets=("The Guardian",))

    assert read("What happened last week?", past).question == "About the harbour fair: what happened last week?"


def test_what_an_outlet_writes_about_it_is_not_the_last_question() -> None:
    found = read("What did Reuters write about it?", FIRE)

    assert found.question == "What did Reuters write about the fire at the mill in Skelby?"


def test_reports_tell_who_is_a_woman() -> None:
    reports = ("Toivo Aalt resigned and left his office. Ksenia Volk said that she would stay.",)
    past = Past("Who spoke?", "Why did Toivo Aalt and Ksenia Volk argue?")
    told = Past(past.question, past.standalone, reports=reports)

    assert read("How old is she?", past).question == "How old is Toivo Aalt or Ksenia Volk?"
    assert read("How old is she?", told).question == "How old is Ksenia Volk?"


def test_a_topic_is_carried_through_several_questions() -> None:
    history: list[Past] = [FERRY]
    for asked in ("Was it repaired?", "How old is it?"):
        found = standalone(asked, history, today=TODAY)
        history.append(Past(asked, found.question))

    assert [past.standalone for past in history[1:]] == [
        "Was the ferry Morning Star repaired?",
        "How old is the ferry Morning Star?",
    ]


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_read(question: str, before: str, answer: str) -> None:
    found = standalone(question, [Past(before, before, answer, JANUARY)], today=TODAY, known=KNOWN)

    assert "\n" not in found.question


def test_reading_a_follow_up_loads_nothing_heavy() -> None:
    code = "import sys, assistant.followups; print(*{'numpy', 'chromadb', 'httpx', 'assistant.llm'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_an_outlet_that_the_archive_does_not_have_is_told_and_the_subject_kept() -> None:
    past = Past("Who attacked the mayor?", "Who attacked the mayor?", "A man attacked the mayor.")

    found = standalone("what did the Guardian say?", [past], today=TODAY, known=OutletIndex(["The Skelby Post"]))

    assert found.question == "Who attacked the mayor, according to the Guardian?"
    assert found.basis.startswith("the last question; no article here is known to be by the Guardian")
    assert found.outlets == ()
