"""What a question's time words mean for the search, asked on a Wednesday, 15 June 2022."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.windows import TimeReading, read_window
from store.records import Window
from tests.assistant.window_questions import ASKED_ON, QUESTIONS, WindowQuestion


def days(window: Window | None) -> str | None:
    return None if window is None else f"{window.since or ''}..{window.until or ''}"


def reading(question: str) -> tuple[str | None, str | None]:
    read = read_window(question, ASKED_ON)
    return days(read.filter), days(read.preference)


def test_at_least_55_of_60_questions_are_read_as_a_reporter_would() -> None:
    wrong = []
    for question in QUESTIONS:
        read = read_window(question.text, ASKED_ON)
        got = WindowQuestion(question.text, days(read.filter), days(read.preference), read.newest_first, read.present)
        if got != question:
            wrong.append(f"{got}, expected {question}")

    assert len(QUESTIONS) == 60
    assert len(QUESTIONS) - len(wrong) >= 55, "\n".join(wrong)


def test_a_window_says_what_it_was_read_from() -> None:
    assert read_window("Who has resigned since March?", ASKED_ON) == TimeReading(
        filter=Window(date(2022, 3, 1), ASKED_ON, "from 'since March'", inferred=True),
        preference=None,
        newest_first=False,
        present=True,
    )


@pytest.mark.parametrize(
    ("question", "filtered", "preferred"),
    [
        # Things that are named by their date.
        ("What did the May 4 hearing bring?", None, None),
        ("Who won Wimbledon 2021?", None, None),
        ("Is bread dearer than a year ago?", None, None),
        # A day without a year that would be to come is last year's where the question looks back.
        ("What did ministers decide on 20 June?", "2021-06-19..2021-06-27", None),
        ("What will ministers decide on 20 June?", None, None),
        ("Which airline is cutting flights in November?", None, None),
        # Nothing is cut off by a day to come.
        ("How many trees are to be planted by 2050?", None, None),
        # Reports on a period come long after its last day.
        ("How many users were lost in the three months ending 31 March?", None, "2022-03-31..2022-05-30"),
        # An event that is named by its day is still spoken of.
        ("Who led the attack on 3 January 2020?", None, "2020-01-02..2020-01-10"),
        # What is published is not always an article.
        ("Which books were published in May 2022?", "2022-05-01..2022-06-14", None),
        ("What profit did Orrin Foods report on 3 March?", "2022-03-02..2022-03-10", None),
        ("What was published in May 2022 about the dam?", "2022-05-01..2022-05-31", None),
        # One date of a question that has several parts need not be that of all.
        ("What do both the 3 May article and the later report say?", None, "2022-05-03..2022-05-03"),
        ("Who died this week, 25 years after the crash of 1997?", None, "2022-06-08..2022-06-15"),
        ("What was said on 3 May and on 5 May 2022?", "2022-05-02..2022-05-12", None),
    ],
)
def test_in_doubt_a_window_prefers(question: str, filtered: str | None, preferred: str | None) -> None:
    assert reading(question) == (filtered, preferred)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            """Who what did the BBC report reported published articles by on in since before after as of last this
            next week month year May 3 2020 1987 9999 yesterday today recently just was between
            and Friday 's paper ?""".split()
        ),
        max_size=12,
    ).map(" ".join)
    | st.text(max_size=60),
    st.dates() | st.sampled_from([date.min, date.max]),
)
def test_any_question_on_any_day_has_at_most_one_window_that_ends_by_then(question: str, today: date) -> None:
    read = read_window(question, today)

    windows = [window for window in (read.filter, read.preference) if window]
    assert len(windows) <= 1
    assert all(window.inferred and (window.until or today) <= today for window in windows)
    assert all((window.since or date.min) <= (window.until or date.max) for window in windows)


@pytest.mark.parametrize(
    "unit", [" ", "The ", "articles ", "published The ", "on 3 May ", "the the on ", "According to A "]
)
def test_a_question_of_any_length_is_read(unit: str) -> None:
    """A pattern that backtracks would not end: there is no clock in this test."""
    assert isinstance(read_window(unit * (100_000 // len(unit)), ASKED_ON), TimeReading)
