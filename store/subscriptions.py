"""The feeds that an archive is subscribed to, and what is known of their entries."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from store.errors import InputError
from store.rows import now

# Entries that a feed no longer lists are forgotten after as many days: one that comes back later is looked at again,
# and its article found unchanged.
_REMEMBERED_DAYS = 90

_FEED_COLUMNS = (
    "key, url, title, outlet, added_utc, etag, last_modified, checked_utc, news_utc, failures, error, is_gone"
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription. ``number`` is its own for ever; ``outlet`` is what its articles are said to be from.

    ``checked`` is when it was last asked for and answered, ``news`` when it last had something new (UTC). ``failures``
    counts those in a row since, ``error`` says what the last one was. ``is_gone`` that the publisher has closed it.
    """

    number: int
    url: str
    title: str | None
    outlet: str | None
    added: datetime
    etag: str | None = None
    last_modified: str | None = None
    checked: datetime | None = None
    news: datetime | None = None
    failures: int = 0
    error: str | None = None
    is_gone: bool = False

    @property
    def name(self) -> str:
        return self.title or self.url


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What became of an entry of a feed. ``mark`` stands for what the feed said of it, to see when that changes.

    ``article`` is the id of its article; ``None`` where there is none. ``tries`` counts how often its page could not be
    had for a reason that may pass: such an entry is looked at again; 0 says that it is settled.
    """

    guid: str
    url: str | None
    mark: str
    article: str | None = None
    tries: int = 0


class Subscriptions:
    """The feeds, over an archive's open connection. ``writing`` gives the writer's lock and a transaction."""

    def __init__(self, connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = connection
        self._writing = writing

    # -- reading -------------------------------------------------------------------------------------------------------

    def all(self) -> list[Feed]:
        """Return the feeds in the order in which they were added."""
        if not self._is_known():
            return []
        return [_feed_of(*row) for row in self._db.execute(f"SELECT {_FEED_COLUMNS} FROM feeds ORDER BY key")]

    def find(self, name: str) -> Feed:
        """Return the feed with that address or number; raise InputError where there is none."""
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 10 else None
        for feed in self.all():
            if feed.url == name or feed.number == number:
                return feed
        raise InputError(f"no feed is {name!r}", hint="`dateline feeds list` shows their numbers and addresses")

    def entries(self, feed: Feed) -> dict[str, KnownEntry]:
        """Return what is known of a feed's entries, by guid."""
        rows = self._db.execute("SELECT guid, url, mark, article, tries FROM entries WHERE feed = ?", (feed.number,))
        return {row[0]: KnownEntry(*row) for row in rows}

    def seen_elsewhere(self, url: str, feed: Feed) -> tuple[str, datetime] | None:
        """Return the article that another feed's entry with this address led to, and when that was."""
        row = self._db.execute(
            "SELECT e.article, e.seen_utc FROM entries e JOIN articles a ON a.id = e.article "
            "WHERE e.url = ? AND e.feed <> ? AND e.tries = 0 ORDER BY e.seen_utc DESC LIMIT 1",
            (url, feed.number),
        ).fetchone()
        return (row[0], datetime.fromisoformat(row[1])) if row else None

    def article_at(self, url: str) -> str | None:
        """Return the id of the article with this address."""
        row = self._db.execute("SELECT id FROM articles WHERE url = ? ORDER BY key LIMIT 1", (url,)).fetchone()
        return None if row is None else str(row[0])

    def has_article(self, article_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None

    # -- writing -------------------------------------------------------------------------------------------------------

    def add(self, url: str, *, title: str | None = None, outlet: str | None = None) -> bool:
        """Subscribe to a feed; return False where that was so already, with a new outlet where one is given."""
        with self._writing():
            row = self._db.execute("SELECT key FROM feeds WHERE url = ?", (url,)).fetchone()
            if row is None:
                values = (url, title, outlet, now())
                self._db.execute("INSERT INTO feeds(url, title, outlet, added_utc) VALUES (?, ?, ?, ?)", values)
            elif outlet is not None:
                self._db.execute("UPDATE feeds SET outlet = ? WHERE key = ?", (outlet, row[0]))
            return row is None

    def remove(self, feed: Feed) -> None:
        """Forget a feed and what is known of its entries; their articles stay."""
        with self._writing():
            self._db.execute("DELETE FROM feeds WHERE key = ?", (feed.number,))

    def note_entries(self, feed: Feed, entries: Iterable[KnownEntry], *, has_news: bool) -> None:
        """Remember what became of entries; ``has_news`` says that an article was added or changed."""
        with self._writing():
            self._db.executemany(
                "INSERT OR REPLACE INTO entries(feed, guid, url, mark, article, tries, seen_utc) "
                "SELECT key, ?, ?, ?, ?, ?, ? FROM feeds WHERE key = ?",
                [(e.guid, e.url, e.mark, e.article, e.tries, now(), feed.number) for e in entries],
            )
            if has_news:
                self._db.execute("UPDATE feeds SET news_utc = ? WHERE key = ?", (now(), feed.number))

    def note_answer(self, feed: Feed, *, title: str | None = None, url: str | None = None) -> None:
        """Remember that a feed answered, what it calls itself, and where it is to be asked for from now on.

        A name that it has here already stays; an address that another feed has already is not taken.
        """
        with self._writing():
            self._db.execute(
                "UPDATE feeds SET checked_utc = ?, failures = 0, error = NULL, is_gone = 0, title = coalesce(title, ?) "
                "WHERE key = ?",
                (now(), title, feed.number),
            )
            if url is not None:
                self._db.execute("UPDATE OR IGNORE feeds SET url = ? WHERE key = ?", (url, feed.number))

    def note_done(self, feed: Feed, *, etag: str | None, last_modified: str | None, listed: Iterable[str]) -> None:
        """Remember by what a feed's next answer is known to be the same, once all entries it ``listed`` are settled."""
        before = datetime.now(UTC) - timedelta(days=_REMEMBERED_DAYS)
        kept = set(listed)
        with self._writing():
            self._db.execute(
                "UPDATE feeds SET etag = ?, last_modified = ? WHERE key = ?", (etag, last_modified, feed.number)
            )
            old = self._db.execute(
                "SELECT guid FROM entries WHERE feed = ? AND seen_utc < ?",
                (feed.number, before.isoformat(timespec="seconds")),
            ).fetchall()
            self._db.executemany(
                "DELETE FROM entries WHERE feed = ? AND guid = ?",
                [(feed.number, guid) for (guid,) in old if guid not in kept],
            )

    def note_failure(self, feed: Feed, error: str, *, is_gone: bool = False) -> int:
        """Remember that a feed could not be had; return how often in a row that was."""
        with self._writing():
            self._db.execute(
                "UPDATE feeds SET failures = failures + 1, error = ?, is_gone = ? WHERE key = ?",
                (error, int(is_gone), feed.number),
            )
            row = self._db.execute("SELECT failures FROM feeds WHERE key = ?", (feed.number,)).fetchone()
            return int(row[0]) if row else 0

    def _is_known(self) -> bool:
        # An archive of an earlier format, opened for reading, knows no feeds.
        return self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'feeds'").fetchone() is not None


def _feed_of(
    number: int,
    url: str,
    title: str | None,
    outlet: str | None,
    added: str,
    etag: str | None,
    last_modified: str | None,
    checked: str | None,
    news: str | None,
    failures: int,
    error: str | None,
    is_gone: int,
) -> Feed:
    return Feed(
        number,
        url,
        title,
        outlet,
        datetime.fromisoformat(added),
        etag,
        last_modified,
        datetime.fromisoformat(checked) if checked else None,
        datetime.fromisoformat(news) if news else None,
        failures,
        error,
        bool(is_gone),
    )
