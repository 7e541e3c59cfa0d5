"""The feeds of an archive, kept with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from store.archive import Archive, open_archive
from store.errors import ArchiveLocked, InputError
from store.locking import writer_lock
from store.records import Draft
from store.schema import FILE_NAME
from store.subscriptions import Feed, KnownEntry, Subscriptions

COURIER, POST = "https://courier.example/feed", "https://post.example/rss"


@pytest.fixture
def subscriptions(archive: Archive) -> Subscriptions:
    return archive.subscriptions()


@pytest.fixture
def courier(subscriptions: Subscriptions) -> Feed:
    subscriptions.add(COURIER, title="Harbour Courier")
    return subscriptions.find(COURIER)


def test_feeds_are_kept_with_the_archive_in_the_order_they_were_added(archive: Archive) -> None:
    assert archive.subscriptions().add(POST, outlet="The Skelby Post")
    assert archive.subscriptions().add(COURIER, title="Harbour Courier")

    with open_archive(archive.path) as reopened:
        first, second = reopened.subscriptions().all()

    assert (first.number, first.url, first.title, first.outlet, first.name) == (1, POST, None, "The Skelby Post", POST)
    assert (second.number, second.url, second.name) == (2, COURIER, "Harbour Courier")
    assert (first.checked, first.news, first.failures, first.error, first.is_gone) == (None, None, 0, None, False)
    assert datetime.now(UTC) - first.added < timedelta(minutes=5)


def test_a_feed_is_added_once_and_may_get_another_outlet(subscriptions: Subscriptions, courier: Feed) -> None:
    assert not subscriptions.add(COURIER)
    assert not subscriptions.add(COURIER, outlet="The Courier")

    (feed,) = subscriptions.all()
    assert (feed.number, feed.title, feed.outlet) == (courier.number, "Harbour Courier", "The Courier")


def test_a_feed_is_found_by_number_and_address(subscriptions: Subscriptions, courier: Feed) -> None:
    assert subscriptions.find("1") == subscriptions.find(COURIER) == courier


@pytest.mark.parametrize("name", ["", "2", "0", "-1", "²", "https://courier.example/", "9" * 40])
def test_a_feed_that_is_not_there_is_told(subscriptions: Subscriptions, courier: Feed, name: str) -> None:
    assert courier.number == 1
    with pytest.raises(InputError) as caught:
        subscriptions.find(name)

    assert str(caught.value) == f"no feed is {name!r}"
    assert caught.value.hint == "`dateline feeds list` shows their numbers and addresses"


def test_numbers_are_not_given_again(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.remove(courier)
    subscriptions.add(POST)

    assert [(feed.number, feed.url) for feed in subscriptions.all()] == [(2, POST)]


def test_entries_go_with_their_feed(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.note_entries(courier, [KnownEntry("a", None, "m")], has_news=False)
    subscriptions.remove(courier)
    subscriptions.add(COURIER)

    assert subscriptions.entries(subscriptions.find(COURIER)) == {}


def test_what_became_of_entries_is_remembered(subscriptions: Subscriptions, courier: Feed) -> None:
    first = [KnownEntry("a", "https://courier.example/a", "m1", "article", 0), KnownEntry("b", None, "m2", None, 2)]
    subscriptions.note_entries(courier, first, has_news=False)
    later = KnownEntry("b", "https://courier.example/b", "m3", "other", 0)
    subscriptions.note_entries(courier, [later], has_news=True)

    assert subscriptions.entries(courier) == {"a": first[0], "b": later}
    assert subscriptions.find(COURIER).news is not None


def test_an_article_of_another_feed_is_known_by_its_address(
    archive: Archive, subscriptions: Subscriptions, courier: Feed, ferry: Draft
) -> None:
    archive.add([ferry])
    subscriptions.add(POST)
    post = subscriptions.find(POST)
    url = "https://courier.example/ferry?x=1"
    subscriptions.note_entries(courier, [KnownEntry("a", url, "m", "ferry-1")], has_news=True)

    brought = subscriptions.seen_elsewhere(url, post)

    assert brought is not None
    assert brought[0] == "ferry-1"
    assert datetime.now(UTC) - brought[1] < timedelta(minutes=5)
    assert subscriptions.seen_elsewhere(url, courier) is None
    archive.remove(["ferry-1"])
    assert subscriptions.seen_elsewhere(url, post) is None


def test_an_article_is_found_by_its_address(archive: Archive, subscriptions: Subscriptions, ferry: Draft) -> None:
    archive.add([ferry])

    assert subscriptions.article_at("https://courier.example/ferry") == "ferry-1"
    assert subscriptions.article_at("https://courier.example/other") is None
    assert subscriptions.has_article("ferry-1")
    assert not subscriptions.has_article("ferry")


def test_failures_are_counted_until_the_feed_answers(subscriptions: Subscriptions, courier: Feed) -> None:
    assert [subscriptions.note_failure(courier, f"broken {i}") for i in range(3)] == [1, 2, 3]
    failing = subscriptions.find(COURIER)
    subscriptions.note_failure(courier, "closed", is_gone=True)
    gone = subscriptions.find(COURIER)
    subscriptions.note_answer(courier)
    well = subscriptions.find(COURIER)

    assert (failing.failures, failing.error, failing.is_gone, failing.checked) == (3, "broken 2", False, None)
    assert (gone.failures, gone.is_gone) == (4, True)
    assert (well.failures, well.error, well.is_gone) == (0, None, False)
    assert well.checked is not None


def test_a_feed_takes_its_new_address_and_a_name_where_it_has_none(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.add(POST)
    post = subscriptions.find(POST)
    subscriptions.note_answer(courier, title="Courier (Coast)", url="https://courier.example/new")
    subscriptions.note_answer(post, title="The Skelby Post")
    subscriptions.note_answer(post)

    assert [(feed.url, feed.title) for feed in subscriptions.all()] == [
        ("https://courier.example/new", "Harbour Courier"),
        (POST, "The Skelby Post"),
    ]


def test_an_address_that_another_feed_has_is_not_taken(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.add(POST)

    subscriptions.note_answer(courier, title="The Courier", url=POST)

    assert [(feed.url, feed.title) for feed in subscriptions.all()] == [(COURIER, "Harbour Courier"), (POST, None)]


def test_the_version_of_a_feed_is_remembered_when_it_is_done(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.note_done(courier, etag='"v1"', last_modified="Thu, 08 Jun 2017 07:30:00 GMT", listed=[])

    feed = subscriptions.find(COURIER)
    assert (feed.etag, feed.last_modified) == ('"v1"', "Thu, 08 Jun 2017 07:30:00 GMT")


def test_entries_that_are_long_gone_from_a_feed_are_forgotten(
    archive: Archive, subscriptions: Subscriptions, courier: Feed
) -> None:
    subscriptions.note_entries(courier, [KnownEntry(guid, None, "m") for guid in ("old", "kept")], has_news=False)
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db, db:
        db.execute("UPDATE entries SET seen_utc = '2017-06-08T07:30:00+00:00'")
    subscriptions.note_entries(courier, [KnownEntry("new", None, "m")], has_news=False)

    subscriptions.note_done(courier, etag=None, last_modified=None, listed=["kept"])

    assert subscriptions.entries(courier).keys() == {"kept", "new"}


def test_a_feed_that_was_removed_meanwhile_stays_so(subscriptions: Subscriptions, courier: Feed) -> None:
    subscriptions.remove(courier)

    subscriptions.note_entries(courier, [KnownEntry("a", None, "m")], has_news=True)

    assert subscriptions.note_failure(courier, "broken") == 0
    assert subscriptions.all() == []


def test_feeds_are_written_under_the_writer_s_lock(archive: Archive, courier: Feed) -> None:
    writes: list[Callable[[], object]] = [
        lambda: archive.subscriptions().add(POST),
        lambda: archive.subscriptions().remove(courier),
        lambda: archive.subscriptions().note_answer(courier),
    ]
    with writer_lock(archive.path):
        for write in writes:
            with pytest.raises(ArchiveLocked):
                write()

    assert archive.subscriptions().all() == [courier]


def test_an_archive_of_an_earlier_format_has_no_feeds(archive: Archive) -> None:
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db, db:
        db.executescript("DROP TABLE entries; DROP TABLE feeds; PRAGMA user_version = 2")

    with open_archive(archive.path) as old:
        assert old.subscriptions().all() == []
