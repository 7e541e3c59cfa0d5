"""An address that a person gives, and the feed that is meant, on a real site of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from store.errors import InputError
from store.fetching import Fetcher
from store.parsing import ParserPool
from store.subscribing import FoundFeed, find_feed
from tests.newsroom import Item, Newsroom
from tests.web_site import WebSite, answer, redirect


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with closing(WebSite()) as site:
        yield Newsroom(site, [Item("/ferry", "Ferry sinks", "f1")])


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    with ParserPool(children=1) as parsers:
        yield parsers


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(allowed_hosts=["127.0.0.1"], delay_s=0) as fetcher:
        yield fetcher


def home(*links: str) -> list[bytes]:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return [answer(200, f"<!DOCTYPE html><html><head>{named}</head><body>News</body></html>".encode())]


def test_the_address_of_a_feed_is_that_feed(newsroom: Newsroom, fetcher: Fetcher, parsers: ParserPool) -> None:
    assert find_feed(newsroom.feed_url, fetcher, parsers) == FoundFeed(newsroom.feed_url, "Harbour Courier")
    assert newsroom.site.paths == ["/feed"]


def test_other_ways_to_write_an_address_are_understood(
    newsroom: Newsroom, fetcher: Fetcher, parsers: ParserPool
) -> None:
    assert find_feed(newsroom.feed_url.replace("http:", "feed:"), fetcher, parsers).url == newsroom.feed_url
    assert find_feed(f"feed:{newsroom.feed_url}", fetcher, parsers).url == newsroom.feed_url
    with pytest.raises(InputError, match=r"'https://127\.0\.0\.1:"):
        find_feed(newsroom.feed_url.removeprefix("http://"), fetcher, parsers)


def test_the_feed_that_a_page_names_is_found(newsroom: Newsroom, fetcher: Fetcher, parsers: ParserPool) -> None:
    newsroom.site.pages["/news/"] = home("/gone", "../feed", "/atom")

    assert find_feed(newsroom.site.url("/news/"), fetcher, parsers) == FoundFeed(
        newsroom.feed_url, "Harbour Courier", (newsroom.site.url("/gone"), newsroom.site.url("/atom"))
    )


def test_a_feed_that_moved_for_good_is_known_by_its_new_address(
    newsroom: Newsroom, fetcher: Fetcher, parsers: ParserPool
) -> None:
    newsroom.site.pages |= {"/old": redirect("/feed", 301), "/now": redirect("/feed", 302)}

    assert find_feed(newsroom.site.url("/old"), fetcher, parsers).url == newsroom.feed_url
    assert find_feed(newsroom.site.url("/now"), fetcher, parsers).url == newsroom.site.url("/now")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (home(), "is a web page that names no feed"),
        (home("/gone", "javascript:alert(1)"), "is a web page that names no feed that can be read"),
        ([answer(200, b"Hello", kind="text/plain")], "is no feed of a kind that is known: RSS, Atom or JSON Feed"),
        ([answer(200, b"<rss><channel>", kind=None)], None),
        ([answer(200, b"", kind="text/xml")], "is empty"),
    ],
)
def test_what_leads_to_no_feed_is_told(
    newsroom: Newsroom, fetcher: Fetcher, parsers: ParserPool, page: list[bytes], reason: str | None
) -> None:
    newsroom.site.pages["/x"] = page
    url = newsroom.site.url("/x")
    if reason is None:
        assert find_feed(url, fetcher, parsers) == FoundFeed(url, None)
        return

    with pytest.raises(InputError) as caught:
        find_feed(url, fetcher, parsers)

    assert str(caught.value) == f"{url!r} {reason}"
