from __future__ import annotations

from datetime import date

import pytest

from assistant.time_shifts import Days, anchor_of, only_time, placed, read_shift, with_year, without_times, words_of

TODAY = date(2017, 9, 1)
FIRST_WEEK = Days(date(2017, 1, 1), date(2017, 1, 7))


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("and the week after?", "2017-01-08/2017-01-14"),
        ("the following day?", "2017-01-08/2017-01-08"),
        ("the day before?", "2016-12-31/2016-12-31"),
        ("what about the following month?", "2017-01-08/2017-02-07"),
        ("and the previous year?", "2016-01-01/2016-12-31"),
        ("a month later?", "2017-01-25/2017-02-14"),
        ("three days earlier?", "2016-12-29/2016-12-31"),
        ("two fortnights later?", "2017-01-27/2017-02-06"),
        ("before that?", "2016-12-25/2016-12-31"),
        ("And then?", "2017-01-08/2017-01-14"),
        ("since then?", "2017-01-07/None"),
    ],
)
def test_days_are_counted_from_those_of_the_last_question(question: str, days: str) -> None:
    found = read_shift(question, FIRST_WEEK, TODAY)

    assert found is not None
    assert found.days is not None
    assert f"{found.days.since}/{found.days.until}" == days


def test_after_a_whole_month_comes_the_whole_next_one() -> None:
    june = Days(date(2017, 6, 1), date(2017, 6, 30))

    found = read_shift("the month after?", june, TODAY)

    assert found is not None
    assert found.days == Days(date(2017, 7, 1), date(2017, 7, 31))


def test_what_is_asked_besides_is_kept() -> None:
    found = read_shift("Was anyone arrested the day after?", FIRST_WEEK, TODAY)

    assert found is not None
    assert (found.words, found.rest, found.is_vague) == ("the day after", "Was anyone arrested ?", False)


@pytest.mark.parametrize(
    "question", ["Who won the regatta?", "the week after the storm?", "before the war?", "after dinner?", ""]
)
def test_what_counts_from_something_else_is_no_shift(question: str) -> None:
    assert read_shift(question, FIRST_WEEK, TODAY) is None


def test_without_days_to_count_from_there_is_a_shift_without_days() -> None:
    found = read_shift("and the week after?", None, TODAY)

    assert found is not None
    assert found.days is None


@pytest.mark.parametrize(("day", "question"), [(date.min, "the day before?"), (date.max, "the day after?")])
def test_beyond_the_calendar_nothing_is_counted(day: date, question: str) -> None:
    assert read_shift(question, Days(day, day), TODAY) is None


def test_the_days_of_a_question_are_the_last_that_it_names() -> None:
    assert anchor_of("What changed between May 2016 and June 2016, and on 3 July 2017?", TODAY) == Days(
        date(2017, 7, 3), date(2017, 7, 3)
    )
    assert anchor_of("Who won?", TODAY) is None


@pytest.mark.parametrize(
    ("text", "is_one"), [("October", True), ("in October", True), ("last week", True), ("the October storm", False)]
)
def test_a_text_may_be_a_time_alone(text: str, is_one: bool) -> None:
    assert (only_time(text, TODAY) is not None) == is_one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("October", "in October"),
        ("mid-October 2016", "in mid-October 2016"),
        ("2016", "in 2016"),
        ("the summer of 2016", "in the summer of 2016"),
        ("the 1990s", "in the 1990s"),
        ("Monday", "on Monday"),
        ("7 June", "on 7 June"),
        ("June 7, 2016", "on June 7, 2016"),
        ("in October", "in October"),
        ("last October", "last October"),
        ("last week", "last week"),
        ("yesterday", "yesterday"),
        ("the dockers", "the dockers"),
    ],
)
def test_a_time_is_put_where_a_question_has_it(text: str, expected: str) -> None:
    assert placed(text, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in March", "in March 2016"),
        ("in March 2015", "in March 2015"),
        ("last week", "last week"),
    ],
)
def test_a_month_gets_the_year_that_is_spoken_of(text: str, expected: str) -> None:
    assert with_year(text, Days(date(2016, 1, 1), date(2016, 1, 7)), TODAY) == expected


def test_a_month_that_lies_ahead_is_that_of_the_year_before() -> None:
    assert with_year("in October", FIRST_WEEK, TODAY) == "in October 2016"
    assert with_year("in October", None, TODAY) == "in October"


def test_a_question_loses_its_times_and_what_leads_up_to_them() -> None:
    assert without_times("In May 2017, who struck in the port from 1 to 7 June 2017?", TODAY) == (
        "Who struck in the port?"
    )


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (date(2020, 1, 7), date(2020, 1, 7), "on 7 January 2020"),
        (date(2020, 1, 8), date(2020, 1, 14), "from 8 to 14 January 2020"),
        (date(2020, 1, 8), date(2020, 2, 14), "from 8 January to 14 February 2020"),
        (date(2020, 2, 1), date(2020, 2, 29), "in February 2020"),
        (date(2020, 1, 1), date(2020, 12, 31), "in 2020"),
        (date(2019, 12, 30), date(2020, 1, 5), "from 30 December 2019 to 5 January 2020"),
        (date(2020, 1, 7), None, "since 7 January 2020"),
    ],
)
def test_days_are_named_as_a_question_names_them(since: date, until: date | None, words: str) -> None:
    assert words_of(Days(since, until)) == words
