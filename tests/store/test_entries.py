"""What a feed says of an article, beside its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from store.entries import SHORTEST_WORDS, best_of, filled, is_later, mark_of, moment_of, own_draft, told_apart
from store.fetching import Fetched
from store.readers.feeds import FeedDocument, FeedEntry
from store.records import Draft
from store.subscriptions import Feed

NOON = datetime(2017, 6, 8, 12, tzinfo=UTC)
FEED = Feed(3, "https://courier.example/feed", "Harbour Courier", None, NOON)
DOCUMENT = FeedDocument("Harbour Courier", None, ())
FETCHED = Fetched("https://courier.example/feed.xml", 200, {}, b"", NOON)
TEXT = "The ferry Morning Star sank off Skelby on Wednesday night. " * 3
ENTRY = FeedEntry("7", "https://courier.example/7", "Ferry sinks", text=TEXT.strip(), published=date(2017, 6, 8))
PAGE = Draft("Ferry sinks off Skelby", "All were saved.", "https://courier.example/7", outlet="courier.example")


def test_entries_with_one_guid_are_told_apart_by_their_addresses() -> None:
    entries = [FeedEntry("x", "https://a.example/1"), FeedEntry("x", "https://a.example/2"), FeedEntry("y", None)]

    assert [entry.guid for entry in told_apart(entries)] == ["https://a.example/1", "https://a.example/2", "y"]
    assert told_apart([entries[0], entries[0]]) == [entries[0], entries[0]]


def test_a_mark_changes_with_the_date_where_there_is_one_else_with_the_text() -> None:
    dated = replace(ENTRY, updated=NOON)

    assert mark_of(ENTRY) == mark_of(replace(ENTRY, section="Coast", url="https://courier.example/8"))
    assert mark_of(ENTRY) != mark_of(replace(ENTRY, text="Another."))
    assert mark_of(ENTRY) != mark_of(replace(ENTRY, title="Another"))
    assert mark_of(dated) == mark_of(replace(dated, text="Advertisement 17"))
    assert mark_of(dated) != mark_of(replace(dated, updated=NOON + timedelta(hours=1)))


def test_moments_and_days_are_compared() -> None:
    entries = [
        FeedEntry("undated"),
        FeedEntry("day", published=date(2017, 6, 8)),
        FeedEntry("early", published=datetime(2017, 6, 8, 1, tzinfo=timezone(timedelta(hours=3)))),
        FeedEntry("naive", updated=datetime(2017, 6, 8, 9)),  # noqa: DTZ001 - as feeds have it
    ]

    assert [entry.guid for entry in sorted(entries, key=moment_of)] == ["undated", "early", "day", "naive"]
    assert is_later(date(2017, 6, 9), NOON)
    assert not is_later(date(2017, 6, 8), NOON)
    assert not is_later(None, NOON)


def test_the_text_of_a_feed_is_a_draft_of_its_own() -> None:
    entry = replace(ENTRY, authors=("Ida Holm",), updated=NOON, is_summary=True, language="en", section="Coast")

    assert own_draft(entry, FEED, DOCUMENT, FETCHED) == Draft(
        headline="Ferry sinks",
        body=TEXT.strip(),
        source="https://courier.example/7",
        outlet="Harbour Courier",
        authors=("Ida Holm",),
        published=date(2017, 6, 8),
        modified=NOON,
        url="https://courier.example/7",
        language="en",
        section="Coast",
        final_url="https://courier.example/feed.xml",
        fetched=NOON,
        is_truncated=True,
    )


def test_a_few_words_are_no_draft() -> None:
    assert own_draft(replace(ENTRY, text="word " * (SHORTEST_WORDS - 1)), FEED, DOCUMENT, FETCHED) is None
    assert own_draft(replace(ENTRY, text="word " * SHORTEST_WORDS), FEED, DOCUMENT, FETCHED) is not None


def test_a_draft_without_an_address_has_an_id_and_the_feed_s_name() -> None:
    first = own_draft(replace(ENTRY, url=None), FEED, DOCUMENT, FETCHED)
    changed = own_draft(replace(ENTRY, url=None, text=TEXT * 2), FEED, DOCUMENT, FETCHED)

    assert first is not None
    assert changed is not None
    assert (first.id, first.outlet, first.url) == (changed.id, "Harbour Courier", None)
    assert len(first.id or "") == 10


def test_what_a_page_does_not_say_is_filled_in() -> None:
    entry = replace(ENTRY, authors=("Ida Holm",), updated=NOON, language="en", section="Coast")

    assert filled(PAGE, entry, FEED) == replace(
        PAGE, authors=("Ida Holm",), published=date(2017, 6, 8), modified=NOON, language="en", section="Coast"
    )


def test_what_a_page_says_holds() -> None:
    page = replace(PAGE, authors=("Jon Vale",), published=date(2017, 6, 7), language="de", section="Ships")

    assert filled(page, replace(ENTRY, authors=("Ida Holm",), language="en", section="Coast"), FEED) == page


@pytest.mark.parametrize(
    ("on_page", "in_feed", "published"),
    [
        (date(2017, 6, 8), NOON, NOON),
        (date(2017, 6, 7), NOON, date(2017, 6, 7)),
        (datetime(2017, 6, 8, 9, tzinfo=UTC), NOON, datetime(2017, 6, 8, 9, tzinfo=UTC)),
        (None, NOON, NOON),
        (None, None, None),
    ],
)
def test_the_hour_of_the_feed_is_added_to_the_day_of_the_page(
    on_page: date | None, in_feed: date | None, published: date | None
) -> None:
    assert filled(replace(PAGE, published=on_page), replace(ENTRY, published=in_feed), FEED).published == published


def test_a_headline_made_of_the_text_gives_way_to_that_of_the_feed() -> None:
    made = replace(PAGE, headline="All were…", body="All were saved.")

    assert filled(made, ENTRY, FEED).headline == "Ferry sinks"
    assert filled(made, replace(ENTRY, title=""), FEED).headline == "All were…"


def test_an_entry_on_another_site_has_that_site_for_its_outlet() -> None:
    elsewhere = own_draft(replace(ENTRY, url="https://www.post.example/9"), FEED, DOCUMENT, FETCHED)

    assert elsewhere is not None
    assert elsewhere.outlet == "post.example"


def test_the_outlet_that_a_person_gave_holds() -> None:
    assert filled(PAGE, ENTRY, replace(FEED, outlet="The Post")).outlet == "The Post"


def test_the_longer_whole_text_is_the_better_one() -> None:
    own = replace(PAGE, body="All were saved. The ferry sank. It was.", section="Feed")
    whole = replace(PAGE, body="All were saved. The ferry sank.", section="Page")
    cut = replace(PAGE, is_truncated=True, section="Page")

    assert best_of(None, None) is None
    assert best_of(None, own) == own
    assert best_of(whole, own) == whole
    assert best_of(cut, None) == cut
    assert best_of(cut, own) == replace(cut, body=own.body, is_truncated=False)
    assert best_of(cut, replace(own, is_truncated=True)) == cut
    assert best_of(replace(PAGE, body="Turn on scripts."), own) == replace(PAGE, body=own.body)
