"""English time expressions against a Wednesday, 15 June 2022."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.dates import TimeExpression, find_times

WEDNESDAY = date(2022, 6, 15)


def values(text: str, reference: date = WEDNESDAY) -> list[tuple[str, str]]:
    return [(time.text, time.value) for time in find_times(text, reference)]


def days(text: str, reference: date = WEDNESDAY) -> list[tuple[str | None, str | None]]:
    def iso(day: date | None) -> str | None:
        return day.isoformat() if day else None

    return [(iso(time.since), iso(time.until)) for time in find_times(text, reference)]


def test_an_expression_says_where_it_stands_and_what_it_covers() -> None:
    text = "The ferry sank on Monday, two weeks after 30 May 2022."

    assert find_times(text, WEDNESDAY) == [
        TimeExpression(18, 24, "Monday", "2022-06-13", date(2022, 6, 13), date(2022, 6, 13), "relative"),
        TimeExpression(42, 53, "30 May 2022", "2022-05-30", date(2022, 5, 31), None, "absolute"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It sank on 3 March 2020.", [("3 March 2020", "2020-03-03")]),
        ("It sank on March 3, 2020.", [("March 3, 2020", "2020-03-03")]),
        ("It sank on Tuesday, Oct. 13, 2020.", [("Tuesday, Oct. 13, 2020", "2020-10-13")]),
        ("It sank on the 3rd of March 2020.", [("the 3rd of March 2020", "2020-03-03")]),
        ("what sank on 3 march 2020?", [("3 march 2020", "2020-03-03")]),
        ("It sank on 2020-03-03.", [("2020-03-03", "2020-03-03")]),
        ("It sank on 31.12.2019.", [("31.12.2019", "2019-12-31")]),
        ("It sank in March 2020.", [("March 2020", "2020-03")]),
        ("It sank at the end of March 2020.", [("the end of March 2020", "2020-03")]),
        ("It sank in the third quarter of 1984.", [("the third quarter of 1984", "1984-Q3")]),
        ("Q3 2021 was quiet.", [("Q3 2021", "2021-Q3")]),
        ("The first half of 2021 was quiet.", [("The first half of 2021", "2021-H1")]),
        ("In the summer of 2019 it sank.", [("the summer of 2019", "2019-SU")]),
        ("It was built in 1987.", [("1987", "1987")]),
        ("It was built in the 1990s.", [("the 1990s", "199")]),
        ("It was built in the nineties.", [("the nineties", "199")]),
        ("It was built in the 19th century.", [("the 19th century", "18")]),
        ("It was built in '98.", [("'98", "1998")]),
    ],
)
def test_dates_with_their_year_are_read(text: str, found: list[tuple[str, str]]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He resigned yesterday.", [("yesterday", "2022-06-14")]),
        ("He resigned the day before yesterday.", [("the day before yesterday", "2022-06-13")]),
        ("He resigned this morning.", [("this morning", "2022-06-15")]),
        ("He resigned last night.", [("last night", "2022-06-14")]),
        ("He resigned on Thursday.", [("Thursday", "2022-06-09")]),
        ("He resigned on Wednesday.", [("Wednesday", "2022-06-15")]),
        ("He resigned last Wednesday.", [("last Wednesday", "2022-06-08")]),
        ("He will resign on Thursday.", [("Thursday", "2022-06-16")]),
        ("A vote is to be held Friday.", [("Friday", "2022-06-17")]),
        ("The board said Monday that it will meet.", [("Monday", "2022-06-13")]),
        ("He resigned on Friday of last week.", [("Friday of last week", "2022-06-10")]),
        ("He resigned over the weekend.", [("the weekend", "2022-W23-WE")]),
        ("He resigned last week.", [("last week", "2022-W23")]),
        ("He resigned earlier this month.", [("earlier this month", "2022-06")]),
        ("He resigned early last year.", [("early last year", "2021")]),
        ("He resigned in August last year.", [("August last year", "2021-08")]),
        ("He resigned two weeks ago.", [("two weeks ago", "2022-W22")]),
        ("He resigned three days ago.", [("three days ago", "2022-06-12")]),
        ("He resigned twenty-five years ago.", [("twenty-five years ago", "1997")]),
        ("He resigned in November.", [("November", "2021-11")]),
        ("He will resign in November.", [("November", "2022-11")]),
        ("He resigned last April.", [("last April", "2022-04")]),
        ("He resigned on 20 May.", [("20 May", "2022-05-20")]),
        ("The offer expires on 20 July.", [("20 July", "2022-07-20")]),
        ("He resigned last summer.", [("last summer", "2021-SU")]),
        ("He resigned in the first quarter.", [("the first quarter", "2022-Q1")]),
        ("This year's second quarter was quiet.", [("This year's second quarter", "2022-Q2")]),
        ("He will resign by year-end.", [("year-end", "2022-12-31")]),
        ("He resigned on 29 February.", [("29 February", "2020-02-29")]),
    ],
)
def test_relative_dates_are_read_against_the_day_of_writing(text: str, found: list[tuple[str, str]]) -> None:
    assert values(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It opened in 1988 and closed that year.", [("1988", "1988"), ("that year", "1988")]),
        ("It opened in March 2019; the following month it closed.", ["2019-03", "2019-04"]),
        ("It opened on 3 May 2019 and closed two days later.", ["2019-05-03", "2019-05-05"]),
        ("Profit fell in the first quarter from a year earlier.", ["2022-Q1", "2021-Q1"]),
        ("Profit fell in the first quarter. The year-ago period was better.", ["2022-Q1", "2021-Q1"]),
        ("It closed two days later.", []),
    ],
)
def test_some_expressions_are_told_from_what_was_said_before(text: str, found: list[object]) -> None:
    read = values(text)

    assert found in (read, [value for _, value in read])


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("between 24 February and 2 March 2022", ("2022-02-24", "2022-03-02")),
        ("between March and May 2021", ("2021-03-01", "2021-05-31")),
        ("from November to February 2021", ("2020-11-01", "2021-02-28")),
        ("March 2-5", ("2022-03-02", "2022-03-05")),
        ("1 to 3 March 2020", ("2020-03-01", "2020-03-03")),
        ("reported between October 3 and 5", ("2021-10-03", "2021-10-05")),
        ("from 1985 to 1987", ("1985-01-01", "1987-12-31")),
        ("the past three days", ("2022-06-12", "2022-06-15")),
        ("the last 24 hours", ("2022-06-14", "2022-06-15")),
        ("over the past year", ("2021-06-15", "2022-06-15")),
        ("the last few weeks", ("2022-05-11", "2022-06-15")),
        ("in recent days", ("2022-06-08", "2022-06-15")),
        ("earlier this month", ("2022-06-01", "2022-06-15")),
        ("later this month", ("2022-06-15", "2022-06-30")),
        ("the winter of 2019", ("2019-12-01", "2020-02-29")),
        ("since March", ("2022-03-01", None)),
        ("from 3 May onwards", ("2022-05-03", None)),
        ("after 3 May 2022", ("2022-05-04", None)),
        ("before 3 May 2022", (None, "2022-05-02")),
        ("prior to May 2022", (None, "2022-04-30")),
        ("as of 3 May 2022", (None, "2022-05-03")),
        ("until next Friday", (None, "2022-06-17")),
        ("after Friday's vote", ("2022-06-10", "2022-06-10")),
    ],
)
def test_ranges_and_the_words_before_a_date_say_which_days_are_covered(
    text: str, covered: tuple[str | None, str | None]
) -> None:
    assert days(text) == [covered]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He is now minister.", "PRESENT_REF"),
        ("These days he is minister.", "PRESENT_REF"),
        ("He recently resigned.", "PAST_REF"),
        ("In the past he resigned.", "PAST_REF"),
        ("Several years ago he resigned.", "PAST_REF"),
        ("He will soon resign.", "FUTURE_REF"),
        ("In the future he will resign.", "FUTURE_REF"),
    ],
)
def test_vague_expressions_have_no_days(text: str, found: str) -> None:
    assert [(time.value, time.kind, time.since) for time in find_times(text, WEDNESDAY)] == [(found, "vague", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Officers march on the palace.",
        "It may rain, and 20 may stay.",
        "Theresa May said so.",
        "May protesters gather?",
        "The March for Our Lives began.",
        "April Jones was found.",
        "The Sunday Times said so on Black Friday.",
        "They searched the rooms of Mar-a-Lago.",
        "Bloody Sunday, Super Tuesday, Cyber Monday",
        "She watched Monday Night Football.",
        "The Fourth of July parade",
        "The next Summer Olympics",
        "The fall of the city",
        "Sun Microsystems sat down.",
        "He read it in Russia Today.",
        "Resolution 2024 on the Boeing 737 and Apollo 11",
        "It costs 2019 dollars, or $1999, for 2000 people.",
        "It is 02.01.2020 somewhere.",
        "On 31 February he left.",
        "The player of the year spoke for 1,989 minutes.",
        "She is in her twenties.",
        "Leave as soon as you can.",
        "٣ ٣ ٢٠٢٠",
        "",
    ],
)
def test_what_only_looks_like_a_time_is_left_alone(text: str) -> None:
    assert values(text) == []


def test_a_time_does_not_cross_a_sentence_or_a_paragraph() -> None:
    assert values("It was sold in May. 2021 was better.") == [("May", "2022-05"), ("2021", "2021")]
    assert values("It was sold in May\n\n2021 was better.") == [("May", "2022-05"), ("2021", "2021")]
    assert values("It was sold in May\n2021.") == [("May\n2021", "2021-05")]


_WORDS = """the last next this past of in on to and between from since before after early late end ago earlier later a
    few two 31 29 30 0 1 99 1999 2000 9999 0001 '98 1990s week month year decade century quarter third half weekend day
    Monday Friday May March February summer winter yesterday tomorrow now recent , . - ' Q4 2-5 100000 years hours"""


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join) | st.text(max_size=80),
    st.dates() | st.sampled_from([date.min, date.max]),
)
@example("the next century", date.max)
@example("last winter, the past 9999 years", date.min)
@example("before yesterday", date.min)
@example("after tomorrow and the weekend", date.max)
@example("1" * 5000 + " days ago", date.max)
@example("İstanbul'da ﬁ Friday 3 Мая", date(2022, 6, 15))
def test_any_text_on_any_day_is_read_in_order_and_where_it_stands(text: str, reference: date) -> None:
    end = 0
    for time in find_times(text, reference):
        assert end <= time.start < time.end
        assert text[time.start : time.end] == time.text
        end = time.end


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "\n",
        "the ",
        "the end of ",
        "a ",
        "1",
        "1,",
        "1.",
        "- ",
        "-",
        "'",
        "a" * 50,
        "Friday ",
        "2000-",
        "May ",
        "last ",
        "20 May to ",
    ],
)
def test_long_texts_of_one_kind_are_read_in_linear_time(unit: str) -> None:
    """A pattern that backtracks would not end: there is no clock in this test."""
    text = unit * (100_000 // len(unit))

    assert all(text[time.start : time.end] == time.text for time in find_times(text, WEDNESDAY))
