"""An address that a person gives → the feed there, or the one that the page there names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.errors import InputError
from store.parsing import Job
from store.readers.contents import HEAD_BYTES, recognise_format
from store.readers.feeds import FeedDocument, feed_document, find_feed_links
from store.readers.fields import Origin
from store.readers.web import with_encoding

if TYPE_CHECKING:
    from store.fetching import Fetched, Fetcher
    from store.parsing import ParserPool

# Feeds that a page names and that are tried, in its order: the first is nearly always that of its articles.
_MOST_TRIED = 3


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that answers. ``others`` are those that the same page names besides."""

    url: str
    title: str | None
    others: tuple[str, ...] = ()


def find_feed(url: str, fetcher: Fetcher, parsers: ParserPool) -> FoundFeed:
    """Return the feed at ``url``, or the first one that the page at ``url`` names; raise InputError where none is."""
    url = _completed(url.strip())
    fetched = fetcher.fetch(url, expect="feed")
    if recognise_format(fetched.content[:HEAD_BYTES]) != "html":
        return _found(fetched, url, parsers)
    links = find_feed_links(fetched.content, fetched.url)
    for link in links[:_MOST_TRIED]:
        try:
            found = _found(fetcher.fetch(link, expect="feed"), link, parsers)
        except InputError:
            continue
        return FoundFeed(found.url, found.title, tuple(other for other in links if other != link))
    raise InputError(
        f"{url!r} is a web page that names no feed{' that can be read' if links else ''}",
        hint="look on the page for a link to RSS or Atom, and give its address",
    )


def parse_fetched(fetched: Fetched, parsers: ParserPool) -> FeedDocument:
    """Return the feed that was fetched, parsed in a child process; raise InputError where it is none."""
    content = fetched.content
    if b"encoding=" not in content[:200]:  # What XML says itself is right more often than what its server says.
        content = with_encoding(content, fetched.headers.get("content-type", ""))
    origin = Origin(fetched.url, url=fetched.url, fetched=fetched.fetched)
    return feed_document(parsers.read([Job("feed", content, origin)]))


def _completed(url: str) -> str:
    """Return an address as it is typed, or copied from a button to subscribe, with its scheme."""
    if url.startswith("feed:"):
        rest = url.removeprefix("feed:")
        return rest if "://" in rest else f"http://{rest.removeprefix('//')}"
    return url if "://" in url else f"https://{url}"


def _found(fetched: Fetched, url: str, parsers: ParserPool) -> FoundFeed:
    try:
        document = parse_fetched(fetched, parsers)
    except InputError as exc:
        raise InputError(f"{url!r} {exc}") from exc
    return FoundFeed(fetched.moved or url, document.title)
