"""Feeds and syncs as text and as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.feed_lists import feeds_json, feeds_text, notices, state_text, synced_json, synced_text
from assistant.rendering import Style
from store.records import AddReport, Skipped
from store.subscriptions import Feed
from store.syncing import FeedReport, SyncReport

NOON = datetime(2017, 6, 8, 12, tzinfo=UTC)
FEED = Feed(3, "https://courier.example/feed", "Harbour Courier", None, NOON)
PLAIN = Style(0, False)


def report(*feeds: FeedReport, **counts: int) -> SyncReport:
    return SyncReport(feeds, AddReport(**counts))


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (FEED, "not synced yet"),
        (replace(FEED, checked=NOON), "no news yet, checked on 2017-06-08"),
        (replace(FEED, checked=NOON, news=NOON), "last news on 2017-06-08, checked on 2017-06-08"),
        (replace(FEED, failures=1, error="no answer"), "failed: no answer"),
        (replace(FEED, failures=4, error="no answer"), "failed 4 times in a row: no answer"),
        (replace(FEED, failures=4, error="gone", is_gone=True), "closed by its publisher"),
    ],
)
def test_a_feed_says_how_it_is(feed: Feed, state: str) -> None:
    assert state_text(feed) == state


def test_feeds_are_listed_with_their_numbers() -> None:
    other = Feed(12, "https://post.example/rss", None, "The \x1b[31mPost", NOON)

    assert list(feeds_text([FEED, other], PLAIN)) == [
        "  3  Harbour Courier",
        "     https://courier.example/feed · not synced yet",
        " 12  https://post.example/rss · The [31mPost",
        "     https://post.example/rss · not synced yet",
    ]


def test_feeds_are_an_object_of_json() -> None:
    assert feeds_json([replace(FEED, checked=NOON, failures=2, error="no answer")]) == {
        "schema": "dateline.feeds/1",
        "feeds": [
            {
                "number": 3,
                "url": "https://courier.example/feed",
                "title": "Harbour Courier",
                "outlet": None,
                "added": "2017-06-08T12:00:00+00:00",
                "checked": "2017-06-08T12:00:00+00:00",
                "news": None,
                "failures": 2,
                "error": "no answer",
                "gone": False,
            }
        ],
    }


def test_a_sync_is_one_line() -> None:
    well, failed = FeedReport(FEED, "read", 2, 1), FeedReport(FEED, "failed", error="no answer", failures=1)

    assert synced_text(report(well, added=2, updated=1)) == "2 added, 1 updated from 1 feed"
    assert synced_text(report(well, failed, added=1_000)) == "1,000 added, 0 updated from 2 feeds, 1 of them failed"


def test_what_a_person_should_know_is_told() -> None:
    told = notices(
        report(
            FeedReport(FEED, "read", added=3),
            FeedReport(FEED, "unchanged"),
            FeedReport(FEED, "read", waiting=1),
            FeedReport(FEED, "read", waiting=150),
            FeedReport(FEED, "failed", error="no answer", failures=1),
            FeedReport(FEED, "failed", error="no answer", failures=5),
            FeedReport(FEED, "gone", error="gone", failures=1),
        )
    )

    assert list(told) == [
        "Harbour Courier: 1 entry left for the next sync",
        "Harbour Courier: 150 entries left for the next sync",
        "Harbour Courier: failed: no answer",
        "Harbour Courier: failed 5 times in a row: no answer; `dateline feeds remove 3` forgets it",
        "Harbour Courier: closed by its publisher; remove it with `dateline feeds remove 3`",
    ]


def test_where_every_feed_fails_none_is_called_dead() -> None:
    offline = report(FeedReport(FEED, "failed", error="no answer", failures=9))

    assert list(notices(offline)) == ["Harbour Courier: failed 9 times in a row: no answer"]


def test_a_sync_is_an_object_of_json() -> None:
    skipped = Skipped("https://courier.example/7", None, "no answer")
    one = FeedReport(FEED, "read", 2, 1, 4)

    made = synced_json(SyncReport((one,), AddReport(2, 1, 3, (skipped,), 9)))

    assert made == {
        "schema": "dateline.synced/1",
        "added": 2,
        "updated": 1,
        "unchanged": 3,
        "skipped": [{"source": "https://courier.example/7", "line": None, "reason": "no answer"}],
        "passages": 9,
        "feeds": [
            {
                "number": 3,
                "url": "https://courier.example/feed",
                "title": "Harbour Courier",
                "outcome": "read",
                "added": 2,
                "updated": 1,
                "waiting": 4,
                "failures": 0,
                "error": None,
            }
        ],
    }
