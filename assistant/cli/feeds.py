"""``dateline feeds``: subscribe, list, remove, exchange lists, and put what is new into the archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.options import (
    as_json,
    common,
    load,
    open_for_reading,
    open_for_writing,
    private_hosts,
    server_of,
    style_of,
    terminal_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from store.archive import Archive
    from store.subscriptions import Feed
    from store.syncing import SyncReport

_NOTHING_NEW = 1
_FAILED = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@common
def feeds() -> None:
    """Subscribe to feeds (RSS, Atom, JSON Feed), and keep the archive up to date with them.

    \b
    dateline feeds add URL               subscribe to a feed, or to the one of a web page
    dateline feeds sync                  put what is new into the archive
    """


@feeds.command("add")
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option("--outlet", metavar="NAME", help="What articles of these feeds are said to be from.")
@private_hosts
@common
@click.pass_context
def add(ctx: click.Context, urls: tuple[str, ...], outlet: str | None, private_hosts: tuple[str, ...]) -> int:
    """Subscribe to feeds, or to those that pages name."""
    from assistant.errors import told
    from store.errors import InputError
    from store.fetching import Fetcher
    from store.parsing import ParserPool
    from store.subscribing import find_feed

    terminal = terminal_of(ctx)
    failed = 0
    with _create(load(ctx)) as archive, ParserPool() as parsers, Fetcher(allowed_hosts=private_hosts) as fetcher:
        for url in urls:
            try:
                found = find_feed(url, fetcher, parsers)
            except InputError as exc:
                terminal.fail(told(exc))
                failed += 1
                continue
            is_new = archive.subscriptions().add(found.url, title=found.title, outlet=outlet)
            feed = archive.subscriptions().find(found.url)
            terminal.say(f"{'added' if is_new else 'already there'}: {feed.number}  {feed.name}")
            for other in found.others:
                terminal.note(f"{url} names another feed too: {other}")
    if failed < len(urls):
        terminal.note("`dateline feeds sync` fetches their articles")
    return _FAILED if failed else 0


@feeds.command("list")
@as_json
@common
@click.pass_context
def list_(ctx: click.Context, json_: bool) -> int:
    """List the feeds with their numbers, and how they are."""
    from assistant.feed_lists import feeds_json, feeds_text
    from assistant.rendering import to_json

    terminal = terminal_of(ctx)
    with open_for_reading(load(ctx)) as archive:
        found = archive.subscriptions().all()
    if json_:
        terminal.say(to_json(feeds_json(found)))
        return 0 if found else _NOTHING_NEW
    for line in feeds_text(found, style_of(terminal)):
        terminal.say(line)
    if not found:
        terminal.note("no feed; subscribe to one with `dateline feeds add URL`")
    return 0 if found else _NOTHING_NEW


@feeds.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="URL|NUMBER…")
@common
@click.pass_context
def remove(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Unsubscribe from feeds; their articles stay."""
    terminal = terminal_of(ctx)
    with open_for_writing(load(ctx)) as archive:
        for feed in _chosen(archive, names):
            archive.subscriptions().remove(feed)
            terminal.say(f"removed: {feed.number}  {feed.name}")


@feeds.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@common
@click.pass_context
def import_(ctx: click.Context, file: Path) -> int:
    """Subscribe to the feeds of an OPML file, or of stdin (-).

    They are not looked at before the first sync.
    """
    from store.errors import InputError
    from store.readers.opml import read_opml
    from store.readers.xml_bounds import LARGEST_XML_BYTES

    terminal = terminal_of(ctx)
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(LARGEST_XML_BYTES + 1)
        else:
            with file.open("rb") as stream:
                content = stream.read(LARGEST_XML_BYTES + 1)
        outlines, ignored = read_opml(content)
    except OSError as exc:
        raise InputError(f"cannot read {str(file)!r}: {exc.strerror}") from exc
    except InputError as exc:
        raise InputError(f"{str(file)!r} {exc}") from exc
    added = 0
    with _create(load(ctx)) as archive:
        for outline in outlines:
            added += archive.subscriptions().add(outline.url, title=outline.title, outlet=outline.outlet)
    for name in ignored:
        terminal.note(f"{name}: left out: it has no address of a feed on the web")
    terminal.say(f"{added:,} added, {len(outlines) - added:,} already there")
    return 0 if outlines else _NOTHING_NEW


@feeds.command("export")
@common
@click.pass_context
def export(ctx: click.Context) -> None:
    """Print the feeds as OPML, for any feed reader."""
    from store.readers.opml import Outline, write_opml

    with open_for_reading(load(ctx)) as archive:
        found = archive.subscriptions().all()
    outlines = [Outline(feed.url, feed.title, outlet=feed.outlet) for feed in found]
    terminal_of(ctx).say(write_opml(outlines, title="Feeds of dateline"), end="")


@feeds.command("sync")
@click.argument("names", nargs=-1, metavar="[URL|NUMBER]…")
@click.option(
    "--watch", type=click.FloatRange(min=1), metavar="MINUTES", help="Sync every so many minutes, until Ctrl-C."
)
@click.option(
    "--limit", type=click.IntRange(min=1), help="Fetch so many articles of each feed, the newest first (default: 100)."
)
@click.option("--no-embed", is_flag=True, help="Leave embedding to `dateline embed`.")
@private_hosts
@as_json
@common
@click.pass_context
def sync(
    ctx: click.Context,
    names: tuple[str, ...],
    watch: float | None,
    limit: int | None,
    no_embed: bool,
    private_hosts: tuple[str, ...],
    json_: bool,
) -> int:
    """Put what is new or changed into the archive.

    Of all feeds, or of those named by address or number. Exits with 1 when there is nothing new, and with 2 when no
    feed could be had at all.
    """
    from store.syncing import MOST_ENTRIES_AT_ONCE

    terminal, config = terminal_of(ctx), load(ctx)

    def once() -> int:
        with _open(config) as archive:
            report = _sync(archive, names, terminal, private_hosts, limit or MOST_ENTRIES_AT_ONCE)
            _tell(report, terminal, json_=json_, in_line=watch is not None)
            if report.has_news and not no_embed:
                from assistant.cli.adding import embed_missing

                embed_missing(archive, config, terminal)
        return 0 if report.has_news else _FAILED if report.has_failed else _NOTHING_NEW

    if watch is None:
        return once()
    import time

    keep_syncing(once, terminal, minutes=watch, wait=time.sleep)
    return 0


def keep_syncing(once: Callable[[], int], terminal: Terminal, *, minutes: float, wait: Callable[[float], None]) -> None:
    """Call ``once`` every so many minutes until Ctrl-C; what goes wrong is told, and the next time comes all the same.

    Between two times nothing is open, so that others may write to the archive.
    """
    import sqlite3

    from assistant.errors import told
    from store.errors import DatelineError

    while True:
        try:
            once()
        except (DatelineError, sqlite3.Error) as exc:
            terminal.end_progress()
            terminal.fail(told(exc))
        terminal.flush()
        wait(minutes * 60)


def _sync(
    archive: Archive, names: tuple[str, ...], terminal: Terminal, private_hosts: tuple[str, ...], limit: int
) -> SyncReport:
    from store.errors import InputError
    from store.fetching import Fetcher
    from store.parsing import ParserPool
    from store.syncing import sync_feeds

    # A feed that its publisher has closed is asked for again only where somebody names it.
    chosen = _chosen(archive, names) if names else [one for one in archive.subscriptions().all() if not one.is_gone]
    if not chosen:
        raise InputError("there is no feed to sync", hint="subscribe to one with `dateline feeds add URL`")
    with ParserPool() as parsers, Fetcher(allowed_hosts=private_hosts) as fetcher:
        report = sync_feeds(archive, chosen, fetcher, parsers, limit=limit, progress=_progress_of(terminal))
    terminal.end_progress()
    return report


def _progress_of(terminal: Terminal) -> Callable[[int, int], None]:
    return lambda done, total: terminal.show_progress(f"fetching {done:,} of {total:,} feeds and pages")


def _tell(report: SyncReport, terminal: Terminal, *, json_: bool, in_line: bool) -> None:
    from assistant.cli.adding import skipped_lines
    from assistant.feed_lists import notices, synced_json, synced_text
    from assistant.rendering import to_json

    for notice in (*notices(report), *report.articles.notices, *skipped_lines(report.articles)):
        terminal.fail(notice) if report.has_failed else terminal.note(notice)
    if json_:
        # In a loop a line each time: whoever reads along can tell where one ends.
        terminal.say(to_json(synced_json(report), indent=None) if in_line else to_json(synced_json(report)))
    else:
        terminal.say(synced_text(report))
    terminal.flush()


def _chosen(archive: Archive, names: tuple[str, ...]) -> list[Feed]:
    """Return the feeds that are named, each once; raise InputError where one is missing."""
    return list({feed.number: feed for feed in map(archive.subscriptions().find, names)}.values())


def _create(config: Config) -> Archive:
    from assistant.config import archive_path
    from store.archive import create_archive

    return create_archive(archive_path(config), embedder=None, server=server_of(config))


def _open(config: Config) -> Archive:
    from assistant.cli.adding import embedder_of

    return open_for_writing(config, embedder=embedder_of(config))
