"""A web page, fetched or saved → the article on it, without what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from store.readers.bylines import find_byline
from store.readers.dates import parse_written_day
from store.readers.fields import Origin, write_draft
from store.readers.page.body import Body, read_body
from store.readers.page.kinds import name_no_article, read_signs
from store.readers.page.linked_data import read_linked_data
from store.readers.page.markup import LARGEST_PAGE_BYTES, parse_markup
from store.readers.page.meta_tags import read_meta_tags
from store.readers.page.metadata import read_facts
from store.readers.page.moments import is_to_come, search_day
from store.readers.page.names import clean_authors
from store.readers.page.paywall import is_truncated
from store.records import Draft, Skipped

__all__ = ["LARGEST_PAGE_BYTES", "read_page"]


def read_page(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article on a web page, or why there is none. Never raises for what it reads, and fetches nothing.

    The address a page calls its own is taken where it is of the site that ``origin.url`` is of.
    """
    if len(content) > LARGEST_PAGE_BYTES:
        yield Skipped(origin.source, None, "is larger than 10 MB; no article is")
        return
    root = parse_markup(content)
    if root is None:
        yield Skipped(origin.source, None, "is an empty page")
        return
    linked, tags = read_linked_data(root), read_meta_tags(root)
    signs = read_signs(root, linked, tags, origin.url)
    facts = read_facts(root, linked, tags, origin)
    body = read_body(root, linked, facts)
    if reason := name_no_article(signs, body.text):
        yield Skipped(origin.source, None, reason)
        return
    fields = replace(
        facts.fields,
        authors=facts.fields.authors or _authors_above(body),
        published=facts.fields.published or _day_above(body) or _search_day(content, origin),
        is_truncated=is_truncated(root, linked.article, body.text),
    )
    yield from write_draft(fields, body.text, origin=origin, line=None)


def _authors_above(body: Body) -> tuple[str, ...]:
    bylines = (byline for label in body.labels if (byline := find_byline(label)))
    return next((clean_authors(byline.authors) for byline in bylines), ())


def _day_above(body: Body) -> date | None:
    return next((day for label in body.labels if (day := parse_written_day(label))), None)


def _search_day(content: bytes, origin: Origin) -> date | None:
    # The search reads scripts as well, and these are off the tree that the body was taken from.
    root = parse_markup(content)
    day = None if root is None else search_day(root, origin.url)
    return day if day and not is_to_come(day, origin.fetched) else None
