"""JSON Feed, versions 1 and 1.1 (jsonfeed.org): the same as RSS and Atom, written as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime

from store.errors import InputError
from store.readers.dates import parse_published
from store.readers.feeds import (
    MOST_ENTRIES,
    FeedDocument,
    FeedEntry,
    authors_of,
    body_of,
    cut_off,
    entry_guid,
    language_of,
    line_of,
    web_address,
)
from store.readers.xml_bounds import LARGEST_XML_BYTES

_Record = dict[str, object]


def parse_json_feed(content: bytes, url: str) -> FeedDocument:
    """Return the feed that was fetched from ``url``; raise InputError where ``content`` is none."""
    if len(content) > LARGEST_XML_BYTES:
        raise InputError(f"is larger than {LARGEST_XML_BYTES // 1_000_000} MB")
    try:
        feed = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as exc:
        raise InputError("begins like a JSON feed, but is no JSON") from exc
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org" not in _text(feed, "version"):
        raise InputError("is JSON, but no JSON feed")
    entries = (_read_item(item, feed, url) for item in items[:MOST_ENTRIES] if isinstance(item, dict))
    return FeedDocument(
        line_of(_text(feed, "title"), html=False) or None,
        web_address(_text(feed, "home_page_url"), url),
        tuple(entries),
    )


def _read_item(item: _Record, feed: _Record, url: str) -> FeedEntry:
    address = web_address(_text(item, "url"), url) or web_address(_text(item, "external_url"), url)
    title = line_of(_text(item, "title"))
    text, is_summary = _read_text(item)
    return FeedEntry(
        guid=entry_guid(_id(item), address, title, text),
        url=address,
        title=title,
        authors=authors_of(_names(item)) or authors_of(_names(feed)),
        published=_moment(item, "date_published"),
        updated=_moment(item, "date_modified"),
        text=text,
        is_summary=is_summary,
        language=language_of(item.get("language")) or language_of(feed.get("language")),
        section=next((line for tag in _list(item, "tags") if isinstance(tag, str) and (line := line_of(tag))), None),
    )


def _read_text(item: _Record) -> tuple[str, bool]:
    for name, is_markup in (("content_html", True), ("content_text", False)):
        text, is_cut = cut_off(body_of(_text(item, name), html=is_markup))
        if text:
            return text, is_cut
    summary = body_of(_text(item, "summary"), html=False)
    return summary, bool(summary)


def _id(item: _Record) -> str:
    # Version 1 had them as text; many publishers write numbers.
    value = item.get("id")
    return str(value) if isinstance(value, (str, int, float)) else ""


def _names(record: _Record) -> Iterator[str]:
    for author in [*_list(record, "authors"), record.get("author")]:
        name = author.get("name") if isinstance(author, dict) else None
        if isinstance(name, str):
            yield name


def _moment(item: _Record, name: str) -> date | datetime | None:
    return parse_published(_text(item, name))


def _list(record: _Record, name: str) -> list[object]:
    value = record.get(name)
    return value if isinstance(value, list) else []


def _text(record: _Record, name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
