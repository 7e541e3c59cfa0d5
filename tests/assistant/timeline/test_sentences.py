"""Sentences and the days that they speak of."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.timeline.events import Days
from assistant.timeline.sentences import read_sentences
from tests.assistant.timeline.invented_reports import report

FRIDAY = date(2021, 3, 12)


def days_in(text: str) -> list[Days]:
    return [days for sentence in read_sentences([report(1, FRIDAY, text)], {}) for days in sentence.days]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("The ferry sank on Wednesday off Skelby.", [Days(date(2021, 3, 10), date(2021, 3, 10))]),
        ("The ferry sank on 5 March 2020.", [Days(date(2020, 3, 5), date(2020, 3, 5))]),
        ("The pier was closed from 1 to 3 March.", [Days(date(2021, 3, 1), date(2021, 3, 3))]),
        ("The pier fell last month.", [Days(date(2021, 2, 1), date(2021, 2, 28), is_approximate=True)]),
        ("The pier was built in 1911.", [Days(date(1911, 1, 1), date(1911, 12, 31), is_approximate=True)]),
        ("The crack opened around 3 March.", [Days(date(2021, 3, 3), date(2021, 3, 3), is_approximate=True)]),
        ("The hearing will begin on Monday.", [Days(date(2021, 3, 15), date(2021, 3, 15))]),
        (
            "The ferry sank on Wednesday, and the crew had left on Wednesday.",
            [Days(date(2021, 3, 10), date(2021, 3, 10))],
        ),
        # A length of time, the open and the vague, what comes again and again, what a page says of itself.
        ("The search took three days.", []),
        ("The pier has been closed since 1 March.", []),
        ("The harbour master left recently.", []),
        ("Our letter from the harbour comes every Tuesday.", []),
        ("Last updated 12 March 2021.", []),
        # A month that may be that of another year, an issue of a magazine, a weekday for which something was foretold.
        ("The harbour master was chosen in June.", []),
        ("She tells it in the February issue of a magazine.", []),
        ("Fog was likely over the pier on Tuesday and closed it.", []),
    ],
)
def test_a_sentence_speaks_of_the_days_that_it_names(text: str, days: list[Days]) -> None:
    assert days_in(text) == days


def test_a_day_to_come_in_a_sentence_that_looks_back_is_not_believed() -> None:
    looking_ahead = days_in("The hearing will begin on Monday.")

    assert looking_ahead
    assert all(days.since <= FRIDAY for days in days_in("The number of those hurt on Saturday has risen to nine."))


def test_a_sentence_is_what_stands_in_the_body_without_its_dateline() -> None:
    body = "SKELBY (Meridian Wire) — The ferry sank on Wednesday.\nAll on board were brought ashore."

    sentences = read_sentences([report(1, FRIDAY, body)], {})

    assert [sentence.text for sentence in sentences] == [
        "The ferry sank on Wednesday.",
        "All on board were brought ashore.",
    ]
    assert all(body[sentence.start : sentence.end] == sentence.text for sentence in sentences)


def test_a_bullet_or_a_picture_before_a_sentence_is_none_of_it() -> None:
    body = "• The ferry sank on Wednesday.\n⛴ All were brought ashore.\n“Nobody was hurt,” she said."

    assert [sentence.text for sentence in read_sentences([report(1, FRIDAY, body)], {})] == [
        "The ferry sank on Wednesday.",
        "All were brought ashore.",
        "“Nobody was hurt,” she said.",
    ]


def test_a_report_without_a_day_has_no_sentences() -> None:
    assert read_sentences([report(1, None, "The ferry sank on Wednesday.")], {}) == []


def test_everything_is_relevant_where_nothing_is_asked_for() -> None:
    (sentence,) = read_sentences([report(1, FRIDAY, "The ferry sank.")], {})

    assert sentence.relevance == 1


def test_of_a_roundup_only_what_stands_beside_the_words_asked_for_is_relevant() -> None:
    lines = ["Gulls open boxes.", "Rain falls.", "Bread is dear.", "The ferry sank.", "Nobody was hurt."]
    body = "\n".join([*lines, *(f"Shop {number} has closed." for number in range(20))])

    relevant = read_sentences([report(1, FRIDAY, body, headline="Ferry, gulls and bread")], {"ferri": 1.0})

    assert [(sentence.text, sentence.relevance) for sentence in relevant] == [
        ("Bread is dear.", 1),
        ("The ferry sank.", 1),
        ("Nobody was hurt.", 1),
    ]


def test_an_article_that_names_the_topic_in_its_headline_is_relevant_to_its_end() -> None:
    of_ferry = report(1, FRIDAY, "It sank.\nNobody was hurt.\nThe crew swam.", headline="Ferry sinks")

    assert [sentence.relevance for sentence in read_sentences([of_ferry], {"ferri": 1.0})] == [1, 1, 1]
