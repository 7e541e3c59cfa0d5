"""Feeds of a real site on this machine, synced into an archive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from store.archive import Archive
from store.fetching import Fetcher
from store.locking import writer_lock
from store.parsing import ParserPool
from store.subscriptions import Feed
from store.syncing import MOST_FAILURES_OF_HOST, SyncReport, sync_feeds
from tests.newsroom import FERRY, GULLS, PIER, Item, Newsroom, page
from tests.web_site import WebSite, answer, redirect

LOCAL = "127.0.0.1"
# The same machine under another name: another host for whoever asks.
OTHER = "localhost"

Sync = Callable[..., SyncReport]
Open = Callable[..., Newsroom]


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    with ParserPool() as parsers:
        yield parsers


@pytest.fixture
def open_newsroom() -> Iterator[Open]:
    """Give a function that opens the site of an outlet; all close with the test."""
    with ExitStack() as sites:
        yield lambda **fields: Newsroom(sites.enter_context(closing(WebSite())), **fields)


@pytest.fixture
def newsroom(open_newsroom: Open) -> Newsroom:
    return open_newsroom()


@pytest.fixture
def subscribe(archive: Archive) -> Callable[..., Feed]:
    def subscribe(url: str, **fields: Any) -> Feed:
        archive.subscriptions().add(url, **fields)
        return archive.subscriptions().find(url)

    return subscribe


@pytest.fixture
def sync(archive: Archive, parsers: ParserPool) -> Sync:
    """Give a function that syncs all feeds of the archive, without pauses between requests."""

    def sync(**options: Any) -> SyncReport:
        with Fetcher(allowed_hosts=[LOCAL, OTHER], delay_s=0) as fetcher:
            return sync_feeds(archive, archive.subscriptions().all(), fetcher, parsers, **options)

    return sync


def counts(report: SyncReport) -> tuple[int, int, int]:
    return report.articles.added, report.articles.updated, report.articles.unchanged


def headlines(archive: Archive) -> list[str]:
    return sorted(ref.headline for ref in archive.articles())


def reasons(report: SyncReport) -> list[str]:
    return [skipped.reason for skipped in report.articles.skipped]


# -- what is new -------------------------------------------------------------------------------------------------------


def test_the_pages_of_new_entries_become_articles(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", author="Ida Holm", summary="In short."), *FERRY)
    newsroom.publish(Item("/pier", "Council agrees to a new pier", "f2"), *PIER)
    subscribe(newsroom.feed_url)

    report = sync()

    assert counts(report) == (2, 0, 0)
    assert (report.feeds[0].outcome, report.feeds[0].added, report.has_news) == ("read", 2, True)
    (ferry,) = [archive.article(ref.id) for ref in archive.articles() if ref.headline == "Ferry sinks off Skelby"]
    assert ferry.body == "\n".join(FERRY)
    assert (ferry.ref.authors, ferry.ref.language, ferry.ref.is_truncated) == (("Ida Holm",), "en", False)
    assert ferry.ref.published == datetime(2017, 6, 8, 7, 30, tzinfo=timezone(timedelta(hours=2)))
    assert ferry.ref.url == ferry.ref.final_url == newsroom.site.url("/ferry")
    assert ferry.ref.fetched is not None


def test_an_unchanged_feed_is_not_read_again(newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url)
    sync()

    report = sync()

    assert counts(report) == (0, 0, 0)
    assert (report.feeds[0].outcome, report.has_news, report.has_failed) == ("unchanged", False, False)
    assert "if-none-match" in newsroom.site.requests[-1].lower()
    assert newsroom.fetched("/ferry") == 1


def test_only_what_is_new_in_a_feed_is_fetched(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url)
    sync()
    newsroom.publish(Item("/pier", "Council agrees to a new pier", "f2"), *PIER)

    report = sync()

    assert counts(report) == (1, 0, 0)
    assert (newsroom.fetched("/ferry"), newsroom.fetched("/pier")) == (1, 1)
    assert headlines(archive) == ["Council agrees to a new pier", "Ferry sinks off Skelby"]


def test_a_changed_entry_is_fetched_again_and_the_earlier_text_kept(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary="212 saved."), *FERRY)
    subscribe(newsroom.feed_url)
    sync()
    changed = (FERRY[0], FERRY[1].replace("eleven", "fourteen"), FERRY[2])
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary="212 saved, 14 hurt."), *changed)

    report = sync()

    assert counts(report) == (0, 1, 0)
    (ref,) = archive.articles()
    assert archive.article(ref.id).body == "\n".join(changed)
    assert [revision.article.body for revision in archive.history(ref.id)] == ["\n".join(FERRY)]


def test_an_entry_that_only_has_a_new_date_is_no_revision(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    def atom(updated: str) -> list[bytes]:
        entry = f'<id>e1</id><title>Ferry sinks</title><link href="/ferry"/><updated>{updated}</updated>'
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>H</title><entry>{entry}</entry></feed>'
        return [answer(200, feed.encode(), kind="application/atom+xml")]

    newsroom.site.pages |= {"/ferry": [answer(200, page("Ferry sinks", FERRY))], "/a": atom("2017-06-08T07:00:00Z")}
    subscribe(newsroom.site.url("/a"))
    sync()
    newsroom.site.pages["/a"] = atom("2017-06-09T07:00:00Z")

    report = sync()

    assert counts(report) == (0, 0, 1)
    assert newsroom.fetched("/ferry") == 2
    assert [archive.history(ref.id) for ref in archive.articles()] == [[]]


def test_an_entry_that_moved_to_another_address_is_the_same_article(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url)
    sync()
    (before,) = archive.articles()
    newsroom.publish(Item("/ferry-saved", "All saved from ferry", "f1"), *FERRY)

    report = sync()

    assert counts(report) == (0, 1, 0)
    (after,) = archive.articles()
    assert (after.id, after.headline, after.url) == (
        before.id,
        "All saved from ferry",
        newsroom.site.url("/ferry-saved"),
    )


def test_a_removed_article_does_not_come_back(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url)
    sync()
    archive.remove([ref.id for ref in archive.articles()])
    newsroom.publish(Item("/pier", "Council agrees to a new pier", "f2"), *PIER)

    sync()

    assert headlines(archive) == ["Council agrees to a new pier"]


def test_the_same_article_in_two_feeds_is_one(newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync) -> None:
    newsroom.publish(Item("/ferry?utm_source=feed", "Ferry sinks off Skelby", "f1"))
    newsroom.site.pages["/ferry"] = [answer(200, page("Ferry sinks off Skelby", FERRY))]
    newsroom.site.pages["/coast"] = [answer(200, newsroom.rss().replace(b"f1", b"coast-7"), kind="text/xml")]
    subscribe(newsroom.feed_url)
    subscribe(newsroom.site.url("/coast"))

    report = sync()

    assert counts(report) == (1, 0, 0)
    assert sum(feed.added for feed in report.feeds) == 1
    assert newsroom.fetched("/ferry") == 1
    assert counts(sync()) == (0, 0, 0)
    assert newsroom.fetched("/ferry") == 1


def test_an_article_that_another_feed_has_brought_before_is_not_fetched_again(
    newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url)
    sync()
    newsroom.site.pages["/coast"] = [answer(200, newsroom.rss().replace(b"f1", b"coast-7"), kind="text/xml")]
    subscribe(newsroom.site.url("/coast"))

    report = sync()

    assert counts(report) == (0, 0, 0)
    assert newsroom.fetched("/ferry") == 1


def test_two_addresses_that_lead_to_one_page_are_one_article(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    newsroom.publish(Item("/short/1", "Ferry sinks off Skelby", "f2"))
    newsroom.site.pages["/short/1"] = redirect("/ferry")
    subscribe(newsroom.feed_url)

    assert counts(sync()) == (1, 0, 0)
    assert headlines(archive) == ["Ferry sinks off Skelby"]


def test_the_outlet_that_a_person_gave_holds(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    subscribe(newsroom.feed_url, outlet="The Skelby Post")

    sync()

    assert [ref.outlet for ref in archive.articles()] == ["The Skelby Post"]


# -- pages that cannot be had ------------------------------------------------------------------------------------------


def test_where_robots_txt_forbids_the_page_the_text_of_the_feed_is_taken(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    whole = "".join(f"<p>{paragraph}</p>" for paragraph in FERRY)
    newsroom.publish(Item("/ferry", "Ferry <b>sinks</b> off Skelby", "f1", content=whole), "Not for robots.")
    newsroom.site.pages["/robots.txt"] = [answer(200, b"User-agent: *\nDisallow: /", kind="text/plain")]
    subscribe(newsroom.feed_url)

    report = sync()

    assert counts(report) == (1, 0, 0)
    assert newsroom.fetched("/ferry") == 0
    (ref,) = archive.articles()
    assert (ref.headline, ref.is_truncated, ref.url) == (
        "Ferry sinks off Skelby",
        False,
        newsroom.site.url("/ferry"),
    )
    assert ref.final_url == newsroom.feed_url
    assert archive.article(ref.id).body == "\n".join(FERRY)


def test_a_summary_in_place_of_a_page_is_marked_as_the_beginning(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary=f"{FERRY[0]} {FERRY[1]}"))
    newsroom.site.pages["/ferry"] = [answer(403)]
    subscribe(newsroom.feed_url)

    sync()

    (ref,) = archive.articles()
    assert ref.is_truncated
    assert archive.article(ref.id).body == f"{FERRY[0]} {FERRY[1]}"


def test_a_page_that_is_gone_and_a_summary_of_a_few_words_are_skipped_once(
    newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary="In short."))
    subscribe(newsroom.feed_url)

    first, second = sync(), sync()

    assert (counts(first), reasons(first)) == (
        (0, 0, 0),
        ["the server answers 404: there is nothing at this address"],
    )
    assert (second.feeds[0].outcome, reasons(second)) == ("unchanged", [])


def test_a_page_that_fails_for_now_is_tried_again_and_then_the_feed_has_to_do(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary=f"{FERRY[0]} {FERRY[1]}"))
    newsroom.site.pages["/ferry"] = [answer(500)]
    subscribe(newsroom.feed_url)

    first, second = sync(), sync()

    assert (
        reasons(first)
        == reasons(second)
        == ["the server answers 500: something is wrong with it; it will be tried again"]
    )
    assert (first.feeds[0].waiting, headlines(archive)) == (1, [])
    assert counts(sync()) == (1, 0, 0)
    assert sync().feeds[0].outcome == "unchanged"


def test_a_page_that_works_again_is_taken(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1", summary=f"{FERRY[0]} {FERRY[1]}"))
    newsroom.site.pages["/ferry"] = [answer(503)]
    subscribe(newsroom.feed_url)
    sync()
    newsroom.site.pages["/ferry"] = [answer(200, page("Ferry sinks off Skelby", FERRY))]

    assert counts(sync()) == (1, 0, 0)
    assert [archive.article(ref.id).body for ref in archive.articles()] == ["\n".join(FERRY)]


def test_a_host_that_fails_again_and_again_is_left_alone_until_the_next_sync(
    newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    for i in range(MOST_FAILURES_OF_HOST + 2):
        newsroom.publish(Item(f"/{i}", f"Ferry sinks off Skelby {i}", f"f{i}"))
        newsroom.site.pages[f"/{i}"] = [answer(500)]
    subscribe(newsroom.feed_url)

    report = sync()

    assert len(reasons(report)) == MOST_FAILURES_OF_HOST
    assert report.feeds[0].waiting == MOST_FAILURES_OF_HOST + 2
    assert sum(newsroom.fetched(f"/{i}") for i in range(MOST_FAILURES_OF_HOST + 2)) == MOST_FAILURES_OF_HOST


def test_an_entry_without_an_address_is_an_article_of_its_own(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item(None, "Ferry sinks off Skelby", "f1", content=f"<p>{FERRY[0]}</p><p>{FERRY[1]}</p>"))
    subscribe(newsroom.feed_url)
    sync()
    newsroom.publish(Item(None, "Ferry sinks off Skelby", "f1", content="".join(f"<p>{one}</p>" for one in FERRY)))

    report = sync()

    assert counts(report) == (0, 1, 0)
    (ref,) = archive.articles()
    assert (ref.url, ref.outlet, archive.article(ref.id).body) == (None, "Harbour Courier", "\n".join(FERRY))


def test_links_that_lead_off_the_web_are_not_followed(
    newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    feed = newsroom.rss().replace(
        b"</channel>",
        b"<item><title>A</title><link>file:///etc/passwd</link></item>"
        b"<item><title>B</title><link>javascript:alert(1)</link></item></channel>",
    )
    newsroom.site.pages["/feed"] = [answer(200, feed, kind="text/xml")]
    subscribe(newsroom.feed_url)

    report = sync()

    assert reasons(report) == ["the feed gives neither an address nor enough text"] * 2
    assert newsroom.site.paths == ["/feed"]


# -- feeds that cannot be had ------------------------------------------------------------------------------------------


def test_a_feed_that_fails_is_counted_and_the_others_are_read(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    dead = subscribe(newsroom.site.url("/dead"))
    subscribe(newsroom.feed_url)

    first, second = sync(), sync()

    assert counts(first) == (1, 0, 0)
    assert [(one.outcome, one.failures) for one in second.feeds] == [("failed", 2), ("unchanged", 0)]
    known = archive.subscriptions().find(dead.url)
    assert (known.failures, known.error) == (2, "the server answers 404: there is nothing at this address")
    assert not second.has_failed


def test_a_feed_that_answers_again_is_no_failure_any_more(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    feed = newsroom.site.pages.pop("/feed")
    subscribe(newsroom.feed_url)
    assert sync().has_failed
    newsroom.site.pages["/feed"] = feed

    sync()

    known = archive.subscriptions().find(newsroom.feed_url)
    assert (known.failures, known.error, known.title) == (0, None, "Harbour Courier")


def test_a_feed_that_its_publisher_has_closed_is_gone(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.site.pages["/feed"] = [answer(410)]
    subscribe(newsroom.feed_url)

    report = sync()

    assert [one.outcome for one in report.feeds] == ["gone"]
    assert archive.subscriptions().find("1").is_gone


def test_a_page_in_place_of_a_feed_is_a_failure(newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync) -> None:
    newsroom.site.pages["/feed"] = [answer(200, page("Sign in", ["We have a new site."]))]
    subscribe(newsroom.feed_url)

    assert [one.error for one in sync().feeds] == ["what is there is a web page, not a feed"]


def test_a_feed_that_moved_for_good_is_asked_for_there(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    newsroom.site.pages |= {"/old": redirect("/older", 301), "/older": redirect("/feed", 308)}
    newsroom.site.pages |= {"/now": redirect("/feed", 302)}
    subscribe(newsroom.site.url("/old"))
    sync()
    archive.subscriptions().remove(archive.subscriptions().find(newsroom.feed_url))
    subscribe(newsroom.site.url("/now"))

    sync()

    assert [feed.url for feed in archive.subscriptions().all()] == [newsroom.site.url("/now")]


def test_a_feed_is_not_found_on_the_private_network_by_a_redirect(
    newsroom: Newsroom, subscribe: Callable[..., Feed], archive: Archive, parsers: ParserPool
) -> None:
    subscribe(newsroom.feed_url)

    with Fetcher(delay_s=0) as fetcher:
        report = sync_feeds(archive, archive.subscriptions().all(), fetcher, parsers)

    assert report.has_failed
    assert newsroom.site.accepted == 0


# -- how much, how long, at once ---------------------------------------------------------------------------------------


def test_a_long_feed_is_taken_in_parts_the_newest_first(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/gulls", "Gulls", "f3", day="Sat, 10 Jun 2017 08:00:00 GMT"), *GULLS)
    newsroom.publish(Item("/pier", "Pier", "f2", day="Fri, 09 Jun 2017 08:00:00 GMT"), *PIER)
    newsroom.publish(Item("/ferry", "Ferry", "f1", day="Thu, 08 Jun 2017 08:00:00 GMT"), *FERRY)
    subscribe(newsroom.feed_url)

    first = sync(limit=2)

    assert (first.feeds[0].added, first.feeds[0].waiting, headlines(archive)) == (2, 1, ["Gulls", "Pier"])
    second = sync(limit=2)
    assert (second.feeds[0].added, second.feeds[0].waiting) == (1, 0)
    assert sync(limit=2).feeds[0].outcome == "unchanged"


def test_an_article_is_kept_as_soon_as_it_is_there(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/pier", "Pier", "f2", day="Fri, 09 Jun 2017 08:00:00 GMT"), *PIER)
    newsroom.publish(Item("/ferry", "Ferry", "f1", day="Thu, 08 Jun 2017 08:00:00 GMT"), *FERRY)
    subscribe(newsroom.feed_url)

    def stop(done: int, _: int) -> None:
        if done == 2:  # The feed and the first page.
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(progress=stop)

    assert headlines(archive) == ["Pier"]
    assert archive.subscriptions().find("1").etag is None
    assert counts(sync()) == (1, 0, 0)
    assert newsroom.fetched("/pier") == 1


def test_the_lock_is_not_held_while_servers_are_waited_for(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    def page_while_another_writes(_: str) -> list[bytes]:
        with writer_lock(archive.path):
            return [answer(200, page("Pier", PIER))]

    newsroom.publish(Item("/pier", "Pier", "f2"))
    newsroom.site.pages["/pier"] = page_while_another_writes
    subscribe(newsroom.feed_url)

    assert counts(sync()) == (1, 0, 0)


def test_a_sync_waits_for_another_that_writes_for_a_moment(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/pier", "Pier", "f2"))
    subscribe(newsroom.feed_url)
    lock = ExitStack()
    timer = threading.Timer(0.3, lock.close)

    def lock_then_answer(_: str) -> list[bytes]:
        lock.enter_context(writer_lock(archive.path))
        timer.start()
        return [answer(200, page("Pier", PIER))]

    newsroom.site.pages["/pier"] = lock_then_answer

    assert counts(sync()) == (1, 0, 0)
    timer.join()


def test_hosts_are_asked_at_the_same_time(open_newsroom: Open, subscribe: Callable[..., Feed], sync: Sync) -> None:
    both = threading.Barrier(2, timeout=30)
    rooms = [open_newsroom(), open_newsroom(title="Skelby Post")]
    for i, (room, host) in enumerate(zip(rooms, (LOCAL, OTHER), strict=True)):

        def wait_for_the_other(_: str, room: Newsroom = room) -> list[bytes]:
            both.wait()
            return [answer(200, room.rss(), kind="text/xml")]

        room.publish(Item(f"/{i}", f"Ferry {i}", f"f{i}"), *FERRY)
        room.site.pages["/feed"] = wait_for_the_other
        subscribe(room.site.url("/feed", host=host))

    assert counts(sync())[0] == 2


def test_the_report_is_in_the_order_of_the_feeds(
    newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    numbers = [subscribe(newsroom.site.url(path)).number for path in ("/c", "/a", "/feed", "/b")]

    assert [one.feed.number for one in sync().feeds] == numbers


def test_the_moments_of_a_feed_are_known(
    archive: Archive, newsroom: Newsroom, subscribe: Callable[..., Feed], sync: Sync
) -> None:
    newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
    before = datetime.now(UTC).replace(microsecond=0)
    subscribe(newsroom.feed_url)
    sync()

    feed = archive.subscriptions().find(newsroom.feed_url)

    assert feed.checked is not None
    assert feed.news is not None
    assert before <= feed.checked <= feed.news <= datetime.now(UTC)
