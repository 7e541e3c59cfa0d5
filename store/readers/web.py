"""Addresses on the web → what is there, for the parsers: several hosts at once, in the order they were named."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from email.message import Message
from typing import TYPE_CHECKING

from store.errors import FetchError, InputError
from store.readers.contents import HEAD_BYTES, is_feed, recognise_format
from store.readers.decoding import decode
from store.readers.text import read_text
from store.records import Draft, Skipped

if TYPE_CHECKING:
    from concurrent.futures import Future

    from store.fetching import Fetched
    from store.parsing import Job
    from store.readers.fields import Origin

# Hosts that are asked at a time, and how many answers of up to 10 MB wait for the first.
_THREADS = 8
_PAGES_AHEAD = 8

# Python's own, which no page is in and which take long to decode.
_NO_CHARSETS = frozenset(
    (
        "",
        "idna",
        "punycode",
        "raw-unicode-escape",
        "raw_unicode_escape",
        "undefined",
        "unicode-escape",
        "unicode_escape",
    )
)

_FEED = "this is a feed; follow it with `dateline feeds add URL`"
_FEED_TYPE = re.compile(r"'(?:application|text)/(?:(?:rss|atom|rdf)\+xml|feed\+json|xml)'")


def fetch_pages(
    urls: Sequence[str], origins: Sequence[Origin], *, allowed_hosts: Collection[str] = ()
) -> Iterator[list[Job | Draft | Skipped]]:
    """Yield, for each of ``urls`` in order, what there is to be parsed, or read already, or why there is nothing.

    A person named these addresses, so robots.txt, which is for robots, is not asked. Raises InputError for a host that
    cannot be allowed.
    """
    from concurrent.futures import ThreadPoolExecutor

    from store.fetching import Fetcher

    with Fetcher(allowed_hosts=allowed_hosts) as fetcher:  # Its end is the end of what is still being fetched.
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fetching")
        waiting: deque[tuple[Future[Fetched], Origin]] = deque()
        try:
            for url, origin in zip(urls, origins, strict=True):
                waiting.append((threads.submit(fetcher.fetch, url, obey_robots=False), origin))
                if len(waiting) > _PAGES_AHEAD:
                    yield _outcome(*waiting.popleft())
            while waiting:
                yield _outcome(*waiting.popleft())
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def read_fetched(fetched: Fetched, origin: Origin) -> Iterator[Job | Draft | Skipped]:
    """Yield what was fetched as a job for the parsers, or the article of a plain text, or why it is neither."""
    from store.parsing import Job

    origin = replace(origin, url=fetched.url, fetched=fetched.fetched)
    named = fetched.headers.get("content-type", "")
    head = fetched.content[:HEAD_BYTES]
    found = recognise_format(head)
    if not head.strip():
        yield Skipped(origin.source, None, "is empty")
    elif found == "pdf":
        yield Job("pdf", fetched.content, origin)
    elif is_feed(head):
        yield Skipped(origin.source, None, _FEED)
    elif found != "html" and named.lower().startswith("text/plain"):
        yield from _read_plain(with_encoding(fetched.content, named), origin)
    elif found in {None, "html"}:
        yield Job("page", with_encoding(fetched.content, named), origin)
    else:
        yield Skipped(origin.source, None, f"neither a web page nor a PDF but {found}; save it and add the file")


def with_encoding(content: bytes, content_type: str) -> bytes:
    """Return the text ``content`` in UTF-8 with a byte order mark where its encoding is sure, else as it is.

    What is sound UTF-8 is that, whatever a server says, for servers name a default; else what ``content_type`` names
    holds, unless the text shows it wrong. Otherwise the page itself has to say it.
    """
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content
    header = Message()
    header["content-type"] = content_type
    named = header.get_content_charset() or ""
    # Plain ASCII is not sure to be UTF-8: Japanese in ISO-2022 is written so too.
    encodings = [named] if content.isascii() else ["utf-8", named]
    for encoding in encodings:
        if encoding in _NO_CHARSETS:
            continue
        try:
            return codecs.BOM_UTF8 + content.decode(encoding).encode("utf-8")
        except (UnicodeError, LookupError, ValueError):
            continue
    return content


def _outcome(fetching: Future[Fetched], origin: Origin) -> list[Job | Draft | Skipped]:
    try:
        fetched = fetching.result()
    except FetchError as exc:
        if _FEED_TYPE.search(exc.reason):
            return [Skipped(origin.source, None, _FEED)]
        return [Skipped(origin.source, None, f"{exc.reason}; {exc.hint}" if exc.hint else exc.reason)]
    return list(read_fetched(fetched, origin))


def _read_plain(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    try:
        text = decode(content)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    yield from read_text(text, origin)
