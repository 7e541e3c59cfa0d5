"""JSON Feed, versions 1 and 1.1."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from store.errors import InputError
from store.readers.feeds import FeedDocument, FeedEntry
from store.readers.json_feeds import parse_json_feed

URL = "https://courier.example/feed.json"


def parsed(**fields: Any) -> FeedDocument:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Courier", "items": []} | fields
    return parse_json_feed(json.dumps(feed).encode(), URL)


def entry_of(**fields: Any) -> FeedEntry:
    (entry,) = parsed(items=[fields]).entries
    return entry


def test_a_feed_is_read() -> None:
    item = {
        "id": "7",
        "url": "/7?utm_source=x",
        "title": "Ferry <b>sinks</b>",
        "content_html": "<p>The ferry sank.</p><p>All were saved.</p>",
        "content_text": "Not this one.",
        "summary": "Nor this.",
        "date_published": "2017-06-08T07:30:00Z",
        "date_modified": "2017-06-08T09:00:00Z",
        "authors": [{"name": "Ida Holm"}, {"name": "Jon Vale"}, {"url": "https://x.example"}],
        "tags": ["Coast", "Ships"],
        "language": "en-US",
    }

    assert parsed(home_page_url="https://courier.example", items=[item]) == FeedDocument(
        "Harbour Courier",
        "https://courier.example/",
        (
            FeedEntry(
                guid="7",
                url="https://courier.example/7",
                title="Ferry sinks",
                authors=("Ida Holm", "Jon Vale"),
                published=datetime(2017, 6, 8, 7, 30, tzinfo=UTC),
                updated=datetime(2017, 6, 8, 9, tzinfo=UTC),
                text="The ferry sank.\nAll were saved.",
                language="en",
                section="Coast",
            ),
        ),
    )


def test_version_1_names_one_author() -> None:
    assert entry_of(id=1, author={"name": "Ida Holm"}).authors == ("Ida Holm",)


def test_the_authors_of_the_feed_are_those_of_its_items() -> None:
    (entry,) = parsed(authors=[{"name": "Ida Holm"}], items=[{"id": "1"}]).entries

    assert entry.authors == ("Ida Holm",)


def test_a_number_is_an_id_too() -> None:
    assert entry_of(id=17).guid == "17"


def test_a_summary_alone_is_only_that() -> None:
    entry = entry_of(id="1", summary="All were saved.")

    assert (entry.text, entry.is_summary) == ("All were saved.", True)


def test_plain_text_is_not_read_as_markup() -> None:
    entry = entry_of(id="1", content_text="Waves < 3 m\n\nWind > 9 & rain")

    assert (entry.text, entry.is_summary) == ("Waves < 3 m\nWind > 9 & rain", False)


def test_an_item_about_another_page_without_one_of_its_own_leads_there() -> None:
    assert entry_of(id="1", external_url="https://other.example/a").url == "https://other.example/a"


def test_addresses_off_the_web_are_dropped() -> None:
    assert entry_of(id="1", url="javascript:alert(1)").url is None


def test_values_of_the_wrong_kind_are_left_out() -> None:
    entry = entry_of(id=["x"], url=7, title={"a": 1}, content_html=None, authors="Ida", tags={"a": 1}, date_published=5)

    assert (entry.url, entry.title, entry.authors, entry.section, entry.published) == (None, "", (), None, None)
    assert parsed(items=["x", None, {"id": "1"}]).entries[0].guid == "1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "begins like a JSON feed, but is no JSON"),
        (b'{"a":' * 200_000, "begins like a JSON feed, but is no JSON"),
        (b'{"items": [' + b"9" * 5_000 + b"]}", "begins like a JSON feed, but is no JSON"),
        (b'{"items": []}', "is JSON, but no JSON feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 5}', "is JSON, but no JSON feed"),
        (b"{" + b" " * 10_000_000, "is larger than 10 MB"),
    ],
)
def test_what_is_no_feed_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json_feed(content, URL)

    assert str(caught.value) == reason
