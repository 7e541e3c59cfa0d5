"""A web page, fetched or saved → the article on it, without what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from store.readers.fields import Origin, write_draft
from store.readers.page.body import read_body
from store.readers.page.kinds import name_no_article, read_signs
from store.readers.page.linked_data import read_linked_data
from store.readers.page.markup import LARGEST_PAGE_BYTES, parse_markup
from store.readers.page.meta_tags import read_meta_tags
from store.readers.page.metadata import read_facts
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
    if reason := name_no_article(signs, body):
        yield Skipped(origin.source, None, reason)
        return
    fields = replace(facts.fields, is_truncated=is_truncated(root, linked.article, body))
    yield from write_draft(fields, body, origin=origin, line=None)
