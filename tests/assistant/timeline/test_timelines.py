"""Timelines of an archive: the sample articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import assistant
from assistant.timeline.events import Days
from assistant.timeline.timelines import read_timeline
from store.archive import Archive, create_archive
from store.readers import read_sources

SAMPLES = Path(assistant.__file__).parent / "samples"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with create_archive(tmp_path_factory.mktemp("timeline") / "archive", embedder=None) as archive:
        archive.add(read_sources([str(SAMPLES)]))
        yield archive


def day(number: int) -> Days:
    return Days(date(2020, 1, number), date(2020, 1, number))


def test_the_days_of_a_topic_are_told_with_their_outlets(samples: Archive) -> None:
    timeline = read_timeline(samples, "Soleimani", since=date(2020, 1, 1))

    told = {event.days: event for event in timeline.events}
    assert {day(3), day(5), day(7), day(8)} <= set(told)
    assert told[day(3)].importance == 1
    assert len(told[day(3)].outlets) >= 3
    assert all(
        samples.article(e.quote.article.id).body[e.quote.start : e.quote.end] == e.quote.text for e in told.values()
    )


def test_a_reprinted_agency_story_speaks_once(samples: Archive) -> None:
    timeline = read_timeline(samples, "parliament vote foreign troops")

    vote = next(event for event in timeline.events if event.days == day(5))
    assert vote.quote.article.outlet == "Meridian Wire"
    assert len(vote.quote.copies) == 2
    assert not {copy.outlet for copy in vote.quote.copies} & set(vote.outlets)


def test_as_of_a_day_nothing_counts_that_was_published_later(samples: Archive) -> None:
    now = read_timeline(samples, "Iran airliner crash")
    then = read_timeline(samples, "Iran airliner crash", as_of=date(2020, 1, 9))

    assert day(11) in {event.days for event in now.events}
    assert {event.days for event in then.events} >= {day(8), day(9)}
    assert then.articles < now.articles
    published = {quote.article.published for event in then.events for quote in (event.quote, *event.also)}
    assert max(str(one)[:10] for one in published) <= "2020-01-09"


def test_a_topic_that_nothing_is_on_has_no_events(samples: Archive) -> None:
    assert read_timeline(samples, "zeppelin races").events == ()
