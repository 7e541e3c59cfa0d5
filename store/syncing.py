"""Feeds → articles: what is new in them is fetched as whole pages and put into the archive, one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from store.entries import best_of, filled, is_later, mark_of, moment_of, own_draft, told_apart
from store.errors import ArchiveLocked, FetchError, InputError
from store.lanes import Lanes
from store.readers.fields import Origin
from store.readers.web import read_fetched
from store.records import AddReport, Draft, Skipped
from store.subscribing import parse_fetched
from store.subscriptions import Feed, KnownEntry, Subscriptions

if TYPE_CHECKING:
    from store.archive import Archive
    from store.fetching import Fetched, Fetcher
    from store.parsing import ParserPool
    from store.readers.feeds import FeedDocument, FeedEntry

T = TypeVar("T")

# Entries of one feed that are looked at in one sync, the newest first; the rest follow with the next ones.
MOST_ENTRIES_AT_ONCE = 100

# How often a page is asked for that cannot be had for a reason that may pass, once in each sync.
MOST_TRIES = 3

# A host that lets us down so many times in a row is left alone until the next sync: each time may take 30 s.
MOST_FAILURES_OF_HOST = 3

# Another sync or `add` writes for a moment only, or for as long as it takes to embed.
_PATIENCE_S = 10.0

_GONE = 410
_NOT_MODIFIED = 304

Outcome = Literal["read", "unchanged", "failed", "gone"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What a sync did for one feed. ``waiting`` entries are left for the next one.

    ``error`` says why the feed could not be had, ``failures`` how often in a row that was.
    """

    feed: Feed
    outcome: Outcome
    added: int = 0
    updated: int = 0
    waiting: int = 0
    error: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, in articles; ``feeds`` in the order of their numbers."""

    feeds: tuple[FeedReport, ...]
    articles: AddReport

    @property
    def has_news(self) -> bool:
        return bool(self.articles.added or self.articles.updated)

    @property
    def has_failed(self) -> bool:
        """Whether no feed could be had at all."""
        return bool(self.feeds) and all(feed.outcome in {"failed", "gone"} for feed in self.feeds)


@dataclass(slots=True)
class _Reading:
    """A feed that answered with entries, until each of those that are looked at is settled."""

    feed: Feed
    fetched: Fetched
    document: FeedDocument
    known: dict[str, KnownEntry]
    open: int = 0
    waiting: int = 0
    added: int = 0
    updated: int = 0


@dataclass(frozen=True, slots=True)
class _FeedAnswer:
    feed: Feed
    fetched: Fetched | None = None
    document: FeedDocument | None = None
    error: str | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class _EntryAnswer:
    """What became of an entry: an article, or why there is none. ``may_pass`` says that it is worth another try."""

    reading: _Reading
    entry: FeedEntry
    draft: Draft | None = None
    reason: str | None = None
    may_pass: bool = False
    is_postponed: bool = False


_Work = tuple[str, "Callable[[], _FeedAnswer | _EntryAnswer]"]


def sync_feeds(
    archive: Archive,
    feeds: Sequence[Feed],
    fetcher: Fetcher,
    parsers: ParserPool,
    *,
    limit: int = MOST_ENTRIES_AT_ONCE,
    progress: Progress | None = None,
) -> SyncReport:
    """Put into the archive what is new or changed in ``feeds``, and return what that was.

    Hosts are asked at once, each one thing after the other. Every article is written as soon as it is there, and the
    lock is held for no longer than that: stopped at any moment, the next sync goes on. A feed or a page that cannot be
    had is reported, and nothing else suffers from it. Raises ArchiveError.
    """
    sync = _Sync(archive, fetcher, parsers, limit)
    done = total = 0
    with Lanes[_FeedAnswer | _EntryAnswer]() as lanes:
        for feed in feeds:
            lanes.put(_host(feed.url), partial(sync.fetch_feed, feed))
            total += 1
        for answer in lanes.outcomes():
            for lane, work in sync.take(answer):
                lanes.put(lane, work)
                total += 1
            done += 1
            if progress:
                progress(done, total)
    return sync.report()


@dataclass(slots=True)
class _Sync:
    """One run over feeds. ``fetch_feed`` and ``fetch_entry`` run in threads; all that touches the archive does not."""

    archive: Archive
    fetcher: Fetcher
    parsers: ParserPool
    limit: int
    reports: list[FeedReport] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "updated": 0, "unchanged": 0, "passages": 0})
    skipped: list[Skipped] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    # Of each address that is being fetched, the entries of other feeds that lead there too.
    claims: dict[str, list[tuple[_Reading, FeedEntry]]] = field(default_factory=dict)
    # The articles of this run by their own addresses: a page that is reached in two ways is one.
    written: set[str] = field(default_factory=set)
    host_failures: dict[str, int] = field(default_factory=dict)

    @property
    def subscriptions(self) -> Subscriptions:
        return self.archive.subscriptions()

    def take(self, answer: _FeedAnswer | _EntryAnswer) -> Iterator[_Work]:
        """Write down what an answer means, and yield what is to be fetched because of it."""
        if isinstance(answer, _EntryAnswer):
            self._take_entry(answer)
        elif answer.fetched is None:
            self._take_failure(answer)
        elif answer.document is None:
            self._patiently(lambda: self.subscriptions.note_answer(answer.feed))
            self.reports.append(FeedReport(answer.feed, "unchanged"))
        else:
            yield from self._take_document(answer, answer.fetched, answer.document)

    def report(self) -> SyncReport:
        articles = AddReport(
            added=self.counts["added"],
            updated=self.counts["updated"],
            unchanged=self.counts["unchanged"],
            skipped=tuple(sorted(self.skipped, key=str)),
            passages=self.counts["passages"],
            notices=tuple(dict.fromkeys(self.notices)),
        )
        return SyncReport(tuple(sorted(self.reports, key=lambda report: report.feed.number)), articles)

    # -- feeds ---------------------------------------------------------------------------------------------------------

    def fetch_feed(self, feed: Feed) -> _FeedAnswer:
        """Return the feed as it is now; a failure is an answer too."""
        try:
            fetched = self.fetcher.fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified, expect="feed")
            document = None if fetched.status == _NOT_MODIFIED else parse_fetched(fetched, self.parsers)
        except FetchError as exc:
            return _FeedAnswer(feed, error=exc.reason, is_gone=exc.status == _GONE)
        except InputError as exc:
            return _FeedAnswer(feed, error=f"what is there {exc}")
        return _FeedAnswer(feed, fetched, document)

    def _take_failure(self, answer: _FeedAnswer) -> None:
        error = answer.error or ""
        failures = self._patiently(lambda: self.subscriptions.note_failure(answer.feed, error, is_gone=answer.is_gone))
        outcome: Outcome = "gone" if answer.is_gone else "failed"
        self.reports.append(FeedReport(answer.feed, outcome, error=error, failures=failures))

    def _take_document(self, answer: _FeedAnswer, fetched: Fetched, document: FeedDocument) -> Iterator[_Work]:
        feed = answer.feed
        self._patiently(lambda: self.subscriptions.note_answer(feed, title=document.title, url=fetched.moved))
        reading = _Reading(feed, fetched, document, self.subscriptions.entries(feed))
        entries = sorted(self._news(reading), key=moment_of, reverse=True)
        reading.waiting = max(0, len(entries) - self.limit)
        reading.open = len(entries) - reading.waiting
        for entry in entries[: self.limit]:
            if entry.url is not None and entry.url in self.claims:
                self.claims[entry.url].append((reading, entry))
                continue
            if entry.url is not None:
                self.claims[entry.url] = []
            yield _host(entry.url or feed.url), partial(self.fetch_entry, reading, entry)
        if not reading.open:
            self._finish(reading)

    def _news(self, reading: _Reading) -> Iterator[FeedEntry]:
        """Yield the entries that are new or changed; what another feed has brought already is only noted."""
        elsewhere: list[KnownEntry] = []
        seen: set[str] = set()
        for entry in told_apart(reading.document.entries):
            known = reading.known.get(entry.guid)
            if entry.guid in seen or (known and known.mark == mark_of(entry) and not known.tries):
                continue
            seen.add(entry.guid)
            brought = self.subscriptions.seen_elsewhere(entry.url, reading.feed) if entry.url and not known else None
            if brought is not None and not is_later(entry.updated, brought[1]):
                elsewhere.append(KnownEntry(entry.guid, entry.url, mark_of(entry), brought[0]))
            else:
                yield entry
        if elsewhere:
            self._patiently(lambda: self.subscriptions.note_entries(reading.feed, elsewhere, has_news=False))

    def _finish(self, reading: _Reading) -> None:
        feed, headers = reading.feed, reading.fetched.headers
        if not reading.waiting:
            # Only now: a feed that says "unchanged" says nothing of the entries that were not reached.
            self._patiently(
                lambda: self.subscriptions.note_done(
                    feed,
                    etag=headers.get("etag"),
                    last_modified=headers.get("last-modified"),
                    listed=[entry.guid for entry in told_apart(reading.document.entries)],
                )
            )
        self.reports.append(FeedReport(feed, "read", reading.added, reading.updated, reading.waiting))

    # -- entries -------------------------------------------------------------------------------------------------------

    def fetch_entry(self, reading: _Reading, entry: FeedEntry) -> _EntryAnswer:
        """Return the article of an entry: its page, else what the feed itself has of it."""
        own = own_draft(entry, reading.feed, reading.document, reading.fetched)
        if entry.url is None:
            reason = None if own else "the feed gives neither an address nor enough text"
            return _EntryAnswer(reading, entry, own, reason)
        host = _host(entry.url)
        if self.host_failures.get(host, 0) >= MOST_FAILURES_OF_HOST:
            return _EntryAnswer(reading, entry, is_postponed=True)
        try:
            fetched = self.fetcher.fetch(entry.url)
        except FetchError as exc:
            self.host_failures[host] = self.host_failures.get(host, 0) + 1 if exc.may_pass else 0
            known = reading.known.get(entry.guid)
            tries_left = MOST_TRIES - 1 - (known.tries if known and known.mark == mark_of(entry) else 0)
            if exc.may_pass and tries_left > 0:
                return _EntryAnswer(reading, entry, reason=exc.reason, may_pass=True)
            return _EntryAnswer(reading, entry, own, exc.reason)
        self.host_failures[host] = 0
        page, reason = self._read_page(fetched, entry.url)
        draft = best_of(page and filled(page, entry, reading.feed), own)
        return _EntryAnswer(reading, entry, draft, reason)

    def _read_page(self, fetched: Fetched, url: str) -> tuple[Draft | None, str | None]:
        """Return the article on a page, or why there is none."""
        reason = "holds no article"
        for piece in self.parsers.read(read_fetched(fetched, Origin(url))):
            if isinstance(piece, Draft):
                return piece, None
            if isinstance(piece, Skipped):
                reason = piece.reason
        return None, reason

    def _take_entry(self, answer: _EntryAnswer) -> None:
        entry, draft = answer.entry, answer.draft
        article: str | None = None
        outcome: str | None = None
        if draft is not None:
            article, outcome = self._write(draft, answer.reading.known.get(entry.guid))
        elif answer.reason is not None:
            rest = "; it will be tried again" if answer.may_pass else ""
            self.skipped.append(Skipped(entry.url or answer.reading.feed.url, None, answer.reason + rest))
        claimants = self.claims.pop(entry.url, []) if entry.url else []
        for reading, claimed in [(answer.reading, entry), *claimants]:
            self._settle(reading, claimed, answer, article, outcome)
            outcome = None  # One article, counted once.

    def _settle(
        self, reading: _Reading, entry: FeedEntry, answer: _EntryAnswer, article: str | None, outcome: str | None
    ) -> None:
        """Note what became of an entry, and finish its feed with the last of them."""
        known = reading.known.get(entry.guid)
        reading.open -= 1
        reading.added += outcome == "added"
        reading.updated += outcome == "updated"
        if answer.is_postponed or answer.may_pass:
            reading.waiting += 1
        if not answer.is_postponed:
            tries = 0
            if answer.may_pass:
                tries = 1 + (known.tries if known and known.mark == mark_of(entry) else 0)
            noted = KnownEntry(
                entry.guid, entry.url, mark_of(entry), article or (known.article if known else None), tries
            )
            has_news = outcome in {"added", "updated"}
            self._patiently(lambda: self.subscriptions.note_entries(reading.feed, [noted], has_news=has_news))
        if not reading.open:
            self._finish(reading)

    def _write(self, draft: Draft, known: KnownEntry | None) -> tuple[str | None, str | None]:
        """Add an article, and return its id and what became of it."""
        subscriptions = self.subscriptions
        if draft.url is not None and draft.url in self.written:
            return subscriptions.article_at(draft.url), None
        at_address = subscriptions.article_at(draft.url) if draft.url else None
        if at_address is None and known and known.article and subscriptions.has_article(known.article):
            draft = replace(draft, id=known.article)  # The same entry under another address is the same article.
        draft = self._unless_only_dated(draft, draft.id or at_address)
        report = self._patiently(lambda: self.archive.add([draft]))
        self.counts["passages"] += report.passages
        self.skipped += report.skipped
        self.notices += report.notices
        outcome = next((name for name in ("added", "updated", "unchanged") if getattr(report, name)), None)
        if outcome is not None:
            self.counts[outcome] += 1
        if draft.url is not None:
            self.written.add(draft.url)
        return draft.id or (subscriptions.article_at(draft.url) if draft.url else None), outcome

    def _unless_only_dated(self, draft: Draft, article_id: str | None) -> Draft:
        """Return a draft whose text is the one that is stored with the dates of that: a new date is no revision."""
        if article_id is None or not self.subscriptions.has_article(article_id):
            return draft
        stored = self.archive.article(article_id)
        is_same = (stored.ref.headline, stored.body) == (draft.headline, draft.body)
        if not is_same:
            return draft
        return replace(draft, published=stored.ref.published or draft.published, modified=stored.ref.modified)

    def _patiently(self, write: Callable[[], T]) -> T:
        """Write, and wait for another process that writes for a moment."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return write()
            except ArchiveLocked:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
