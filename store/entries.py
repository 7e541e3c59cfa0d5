"""What a feed says of an article, beside what its page says: told apart, compared, and put together into one draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from store.readers.fields import Fields, Origin, write_draft
from store.records import Draft, day_of
from store.rows import short_hash

if TYPE_CHECKING:
    from store.fetching import Fetched
    from store.readers.feeds import FeedDocument, FeedEntry
    from store.subscriptions import Feed

# What a feed says of an article is kept in place of a page that cannot be had from so many words on: two sentences.
SHORTEST_WORDS = 25


def told_apart(entries: Iterable[FeedEntry]) -> list[FeedEntry]:
    """Return the entries, told apart by their addresses where a feed gives several of them one guid."""
    entries = list(entries)
    addresses: dict[str, set[str | None]] = {}
    for entry in entries:
        addresses.setdefault(entry.guid, set()).add(entry.url)
    return [
        replace(entry, guid=entry.url) if entry.url and len(addresses[entry.guid]) > 1 else entry for entry in entries
    ]


def mark_of(entry: FeedEntry) -> str:
    """Return what changes when the feed says that its article did: by the day if it gives one, else by the words."""
    told = [entry.title, entry.updated.isoformat() if entry.updated else entry.text]
    return sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def moment_of(entry: FeedEntry) -> float:
    """Return when an entry was published, in seconds, to order entries by; 0 where nobody says."""
    return _timestamp(entry.published or entry.updated)


def _timestamp(moment: date | datetime | None) -> float:
    """Return a moment in seconds, to be compared; a day begins at midnight and what has no zone is UTC."""
    if moment is None:
        return 0.0
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def is_later(moment: date | datetime | None, than: datetime) -> bool:
    """Say whether ``moment`` is known to lie behind another."""
    return moment is not None and _timestamp(moment) > than.timestamp()


def own_draft(entry: FeedEntry, feed: Feed, document: FeedDocument, fetched: Fetched) -> Draft | None:
    """Return what the feed itself has of an article, where that is enough to be of use."""
    if len(entry.text.split()) < SHORTEST_WORDS:
        return None
    fields = Fields(
        id=None if entry.url else short_hash(f"{feed.number}\0{entry.guid}"),
        headline=entry.title or None,
        outlet=feed.outlet or (document.title if _is_of(entry.url, feed.url) else None),
        authors=entry.authors,
        published=entry.published or entry.updated,
        modified=entry.updated if entry.published else None,
        url=entry.url,
        language=entry.language,
        section=entry.section,
        is_truncated=entry.is_summary,
    )
    origin = Origin(entry.url or feed.url)
    draft = next(
        piece for piece in write_draft(fields, entry.text, origin=origin, line=None) if isinstance(piece, Draft)
    )
    return replace(draft, final_url=fetched.url, fetched=fetched.fetched)


def _is_of(address: str | None, feed: str) -> bool:
    """Say whether an entry at ``address`` is of the feed's own site: feeds of links name those of others."""
    hosts = [(urlsplit(url).hostname or "").removeprefix("www.") for url in (address or feed, feed)]
    return hosts[0] == hosts[1]


def filled(page: Draft, entry: FeedEntry, feed: Feed) -> Draft:
    """Return the article of a page with what the feed knows and the page does not say."""
    has_headline = not page.body.startswith(page.headline.rstrip("…"))
    published = page.published or entry.published or entry.updated
    if published and not isinstance(published, datetime) and day_of(entry.published) == published:
        published = entry.published  # The hour as well.
    return replace(
        page,
        headline=page.headline if has_headline or not entry.title else entry.title,
        outlet=feed.outlet or page.outlet,
        authors=page.authors or entry.authors,
        published=published,
        modified=page.modified or (entry.updated if _timestamp(entry.updated) > _timestamp(published) else None),
        language=page.language or entry.language,
        section=page.section or entry.section,
    )


def best_of(page: Draft | None, own: Draft | None) -> Draft | None:
    """Return the page, or the text of the feed where that has more of the article."""
    if page is None or own is None:
        return page or own
    # A page of less than half the text is the notice of a wall, or is filled in by a script.
    least = len(page.body) * (1 if page.is_truncated else 2)
    if not own.is_truncated and len(own.body) > least:
        return replace(page, body=own.body, is_truncated=False, page_starts=())
    return page
