"""The articles on a topic."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.timeline.topics import find_topic
from store.archive import Archive
from store.records import Draft, SearchFilter
from tests.invented import invented


def ferry(number: int, published: date | None) -> Draft:
    body = f"The ferry Morning Star left quay {number} with {number + 3} crates of rope{number} for sail{number}."
    return invented(number, body=body, headline=f"Ferry leaves quay {number}", published=published)


def test_only_articles_that_hold_what_is_asked_for_are_found_oldest_first(archive: Archive) -> None:
    archive.add([invented(7), ferry(2, date(2020, 5, 2)), ferry(1, date(2020, 4, 1))])

    topic = find_topic(archive, "ferry Morning Star", SearchFilter())

    assert [report.article.ref.id for report in topic.reports] == ["log-00001", "log-00002"]
    assert set(topic.weights) == {"ferri", "morn", "star"}
    assert sum(topic.weights.values()) == pytest.approx(1)


def test_articles_without_a_day_are_counted_and_left_out(archive: Archive) -> None:
    archive.add([ferry(1, date(2020, 4, 1)), ferry(2, None)])

    topic = find_topic(archive, "ferry", SearchFilter())

    assert (len(topic.reports), topic.undated) == (1, 1)


def test_a_filter_holds(archive: Archive) -> None:
    archive.add([ferry(1, date(2020, 4, 1)), ferry(2, date(2020, 5, 2))])

    topic = find_topic(archive, "ferry", SearchFilter(until=date(2020, 4, 30)))

    assert [report.article.ref.id for report in topic.reports] == ["log-00001"]


def test_years_of_little_coverage_are_found_beside_a_week_of_much(archive: Archive) -> None:
    archive.add(ferry(number, date(2020, 4, 1 + number % 5)) for number in range(400))
    archive.add([ferry(500, date(2011, 2, 3))])

    found = find_topic(archive, "ferry Morning Star", SearchFilter())

    assert "log-00500" in {report.article.ref.id for report in found.reports}


def test_a_topic_of_no_words_is_no_topic(archive: Archive) -> None:
    archive.add([ferry(1, date(2020, 4, 1))])

    assert find_topic(archive, "zeppelin", SearchFilter()).reports == ()


def test_of_the_prints_of_a_story_one_speaks_and_later_ones_are_not_known_as_of_a_day(archive: Archive) -> None:
    words = " ".join(f"rope{number} sail{number} crate{number}" for number in range(30))
    body = f"The ferry Morning Star sank off Skelby on Wednesday with {words} on board, the coastguard said."
    prints = [
        Draft("Ferry sinks off Skelby", body, f"{number}.txt", id=f"print-{number}", outlet=outlet, published=day)
        for number, (outlet, day) in enumerate(
            [
                ("Meridian Wire", date(2020, 4, 1)),
                ("Harbour Courier", date(2020, 4, 2)),
                ("The Skelby Post", date(2020, 4, 4)),
            ]
        )
    ]
    archive.add(prints)

    (now,) = find_topic(archive, "ferry Morning Star", SearchFilter()).reports
    (then,) = find_topic(archive, "ferry Morning Star", SearchFilter(until=date(2020, 4, 2))).reports

    assert [copy.id for copy in now.copies] == ["print-1", "print-2"]
    assert [copy.id for copy in then.copies] == ["print-1"]
