"""``dateline feeds`` against a site of this machine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.cli.feeds import keep_syncing
from assistant.cli.terminal import Terminal
from store.archive import open_archive
from store.errors import ArchiveLocked
from store.locking import writer_lock
from tests.command_line import Ran
from tests.newsroom import FERRY, PIER, Item, Newsroom
from tests.web_site import STALL, WebSite, answer

ALLOWED = ("--allow-private-host", "127.0.0.1")
SYNC = ("sync", "--no-embed", *ALLOWED)

Feeds = Callable[..., Ran]
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with closing(WebSite()) as site:
        newsroom = Newsroom(site)
        newsroom.publish(Item("/ferry", "Ferry sinks off Skelby", "f1"), *FERRY)
        yield newsroom


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def feeds(dateline: Callable[..., Ran], path: Path) -> Feeds:
    """Give ``dateline feeds`` on an archive of its own."""
    return lambda *arguments: dateline("-a", path, "feeds", *arguments)


@pytest.fixture
def subscribed(feeds: Feeds, newsroom: Newsroom) -> Feeds:
    """Give ``dateline feeds`` where the newsroom is feed 1."""
    assert feeds("add", newsroom.feed_url, *ALLOWED).code == 0
    return feeds


# -- adding and removing -----------------------------------------------------------------------------------------------


def test_a_feed_is_added_to_a_new_archive_and_listed(feeds: Feeds, newsroom: Newsroom) -> None:
    added = feeds("add", newsroom.feed_url, "--outlet", "The Skelby Post", *ALLOWED)

    assert added == Ran(0, "added: 1  Harbour Courier\n", "`dateline feeds sync` fetches their articles\n")
    assert feeds("list") == Ran(
        0, f"  1  Harbour Courier · The Skelby Post\n     {newsroom.feed_url} · not synced yet\n", ""
    )
    assert json.loads(feeds("list", "--json").out)["feeds"][0]["url"] == newsroom.feed_url


def test_a_feed_is_added_once(subscribed: Feeds, newsroom: Newsroom) -> None:
    assert subscribed("add", newsroom.feed_url, *ALLOWED).out == "already there: 1  Harbour Courier\n"


def test_a_page_leads_to_its_feed(feeds: Feeds, newsroom: Newsroom) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/{}">'
    newsroom.site.pages["/"] = [answer(200, f"<!DOCTYPE html>{link.format('feed')}{link.format('b')}".encode())]

    ran = feeds("add", newsroom.site.url("/"), *ALLOWED)

    assert (ran.code, ran.out) == (0, "added: 1  Harbour Courier\n")
    assert ran.err.startswith(f"{newsroom.site.url('/')} names another feed too: {newsroom.site.url('/b')}\n")


def test_one_that_is_no_feed_does_not_keep_others_out(feeds: Feeds, newsroom: Newsroom) -> None:
    page = newsroom.site.url("/ferry")

    ran = feeds("add", page, newsroom.feed_url, *ALLOWED)

    assert (ran.code, ran.out) == (2, "added: 1  Harbour Courier\n")
    assert f"{page!r} is a web page that names no feed; look on the page for a link" in " ".join(ran.err.split())


def test_a_feed_on_the_private_network_has_to_be_allowed(feeds: Feeds, newsroom: Newsroom) -> None:
    ran = feeds("add", newsroom.feed_url)

    assert (ran.code, ran.out) == (2, "")
    assert "not on the public internet" in " ".join(ran.err.split())
    assert newsroom.site.accepted == 0


def test_feeds_are_removed_and_their_articles_stay(subscribed: Feeds, path: Path) -> None:
    subscribed(*SYNC)

    assert subscribed("remove", "1", "1") == Ran(0, "removed: 1  Harbour Courier\n", "")
    assert subscribed("list") == Ran(1, "", "no feed; subscribe to one with `dateline feeds add URL`\n")
    with open_archive(path) as archive:
        assert archive.counts().articles == 1


def test_removing_one_that_is_not_there_removes_none(subscribed: Feeds) -> None:
    ran = subscribed("remove", "1", "7")

    assert ran == Ran(2, "", "dateline: no feed is '7'; `dateline feeds list` shows their numbers and addresses\n")
    assert subscribed("list").code == 0


def test_without_an_archive_there_is_nothing_to_list(feeds: Feeds) -> None:
    assert feeds("list").code == 3
    assert feeds("sync").code == 3


# -- lists of feeds ----------------------------------------------------------------------------------------------------


def test_an_import_names_what_it_leaves_out(feeds: Feeds, tmp_path: Path) -> None:
    listed = '<outline text="Coast"/><outline text="Mail" xmlUrl="gopher://m.example/"/><outline xmlUrl="https://c.example/"/>'
    (tmp_path / "feeds.opml").write_text(f"<opml><body>{listed}</body></opml>", encoding="utf-8")

    assert feeds("import", tmp_path / "feeds.opml") == Ran(
        0, "1 added, 0 already there\n", "Mail: left out: it has no address of a feed on the web\n"
    )


def test_what_is_exported_is_imported_again(
    subscribed: Feeds, dateline: Callable[..., Ran], newsroom: Newsroom, tmp_path: Path
) -> None:
    subscribed("add", newsroom.feed_url, "--outlet", 'Fish & "Chips"', *ALLOWED)
    exported = subscribed("export")
    (tmp_path / "feeds.opml").write_text(exported.out, encoding="utf-8")

    imported = dateline("-a", tmp_path / "other", "feeds", "import", tmp_path / "feeds.opml")

    assert (exported.code, exported.err) == (0, "")
    assert imported == Ran(0, "1 added, 0 already there\n", "")
    assert dateline("-a", tmp_path / "other", "feeds", "list").out == subscribed("list").out
    assert subscribed("import", tmp_path / "feeds.opml").out == "0 added, 1 already there\n"


def test_a_list_is_read_from_stdin(dateline_process: Callable[..., Ran], path: Path) -> None:
    opml = "<opml><body><outline xmlUrl='https://courier.example/feed'/></body></opml>"

    assert dateline_process("-a", path, "feeds", "import", "-", stdin=opml).out == "1 added, 0 already there\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"<rss/>", " is XML, but no OPML\n"), (b"<opml/", " is no OPML: "), (None, ": No such file or directory\n")],
)
def test_a_file_that_is_no_list_is_told(feeds: Feeds, tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "list"
    if content is not None:
        file.write_bytes(content)

    ran = feeds("import", file)

    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


# -- syncing -----------------------------------------------------------------------------------------------------------


def test_a_sync_says_by_its_exit_code_whether_there_was_something_new(subscribed: Feeds, newsroom: Newsroom) -> None:
    assert subscribed(*SYNC) == Ran(0, "1 added, 0 updated from 1 feed\n", "")
    assert subscribed(*SYNC) == Ran(1, "0 added, 0 updated from 1 feed\n", "")
    newsroom.publish(Item("/ferry", "Ferry sinks", "f1"), *FERRY[1:])
    assert subscribed(*SYNC) == Ran(0, "0 added, 1 updated from 1 feed\n", "")


def test_what_is_synced_is_embedded_and_found(subscribed: Feeds, dateline: Callable[..., Ran], path: Path) -> None:
    subscribed("sync", *ALLOWED)

    with open_archive(path) as archive:
        counts = archive.counts()
    assert counts.vectors == counts.passages > 0
    assert "All 212 people" in dateline("-a", path, "ask", "How many people were on the ferry?").out


def test_a_sync_is_told_as_json(subscribed: Feeds, newsroom: Newsroom) -> None:
    newsroom.publish(Item("/gone", "Gone", "f2"))

    synced = json.loads(subscribed(*SYNC, "--json").out)

    assert (synced["schema"], synced["added"], synced["feeds"][0]["outcome"]) == ("dateline.synced/1", 1, "read")
    assert [skipped["source"] for skipped in synced["skipped"]] == [newsroom.site.url("/gone")]


def test_a_feed_that_fails_is_a_notice_and_the_others_decide(subscribed: Feeds, newsroom: Newsroom) -> None:
    newsroom.site.pages["/dead"] = newsroom.site.pages["/feed"]
    subscribed("add", newsroom.site.url("/dead"), *ALLOWED)
    del newsroom.site.pages["/dead"]

    first, second = subscribed(*SYNC), subscribed(*SYNC)

    assert (first.code, first.out) == (0, "1 added, 0 updated from 2 feeds, 1 of them failed\n")
    assert first.err == "Harbour Courier: failed: the server answers 404: there is nothing at this address\n"
    assert (second.code, "failed 2 times in a row" in second.err) == (1, True)
    assert "failed 2 times in a row: the server answers 404" in subscribed("list").out


def test_a_sync_in_which_every_feed_fails_is_an_error(subscribed: Feeds, newsroom: Newsroom) -> None:
    del newsroom.site.pages["/feed"]

    ran = subscribed("-q", *SYNC)

    assert (ran.code, ran.out) == (2, "0 added, 0 updated from 1 feed, 1 of them failed\n")
    assert ran.err == "dateline: Harbour Courier: failed: the server answers 404: there is nothing at this address\n"


def test_a_feed_that_is_closed_is_asked_for_only_by_name(subscribed: Feeds, newsroom: Newsroom) -> None:
    newsroom.site.pages["/feed"] = [answer(410)]

    assert "closed by its publisher; remove it with `dateline feeds remove 1`" in subscribed(*SYNC).err
    ran = subscribed(*SYNC)
    assert ran == Ran(2, "", "dateline: there is no feed to sync; subscribe to one with `dateline feeds add URL`\n")
    assert subscribed(*SYNC, "1").code == 2
    assert newsroom.fetched("/feed") == 3


def test_only_the_feeds_that_are_named_are_synced(subscribed: Feeds, newsroom: Newsroom) -> None:
    newsroom.site.pages["/other"] = newsroom.site.pages["/feed"]
    subscribed("add", newsroom.site.url("/other"), *ALLOWED)

    ran = subscribed(*SYNC, newsroom.site.url("/other"), "2")

    assert ran.out == "1 added, 0 updated from 1 feed\n"
    assert newsroom.fetched("/feed") == 1


def test_so_many_articles_are_fetched_as_wanted(subscribed: Feeds, newsroom: Newsroom) -> None:
    newsroom.publish(Item("/pier", "Council agrees to a new pier", "f2"), *PIER)

    ran = subscribed(*SYNC, "--limit", "1")

    assert (ran.out, ran.err) == (
        "1 added, 0 updated from 1 feed\n",
        "Harbour Courier: 1 entry left for the next sync\n",
    )


def test_ctrl_c_ends_a_sync_at_once_and_what_is_there_is_kept(
    subscribed: Feeds, newsroom: Newsroom, path: Path, start_dateline: Start
) -> None:
    stalled = threading.Event()

    def stall(_: str) -> Iterator[object]:
        stalled.set()
        yield STALL

    newsroom.publish(Item("/pier", "Council agrees", "f2", day="Mon, 05 Jun 2017 08:00:00 GMT"))
    newsroom.site.pages["/pier"] = stall
    assert subscribed("list").code == 0
    with start_dateline("-a", path, "feeds", *SYNC, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert stalled.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)  # The server would keep it for 30 s.

    assert (process.returncode, out, err) == (130, b"", b"")
    with open_archive(path) as archive:
        assert [ref.headline for ref in archive.articles()] == ["Ferry sinks off Skelby"]


# -- again and again ---------------------------------------------------------------------------------------------------


def test_a_watch_syncs_and_waits_until_ctrl_c(subscribed: Feeds, path: Path, start_dateline: Start) -> None:
    assert subscribed("list").code == 0
    process = start_dateline(
        "-a", path, "feeds", *SYNC, "--watch", "60", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        synced = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)

    assert (synced["added"], process.returncode, rest, err) == (1, 130, b"", b"")


def test_between_two_syncs_others_may_write(path: Path) -> None:
    path.mkdir()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        with writer_lock(path):  # It would raise ArchiveLocked.
            if len(waited) == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_syncing(lambda: 0, Terminal(), minutes=15, wait=wait)

    assert waited == [900, 900, 900]


def test_a_watch_survives_what_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = iter([ArchiveLocked("another process is writing", hint="wait"), 0])

    def once() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_syncing(once, Terminal(), minutes=1, wait=lambda _: None)

    assert capsys.readouterr().err == "dateline: another process is writing; wait\n"


def test_a_watch_of_less_than_a_minute_is_refused(subscribed: Feeds) -> None:
    ran = subscribed("sync", "--watch", "0.1")

    assert ran.code == 2
    assert re.search(r"--watch.*0\.1 is not in the range", ran.err)
