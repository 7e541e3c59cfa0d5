"""The text of the article on a page, one paragraph a line."""

from __future__ import annotations

import re

from lxml import html

from store.cleaning import clean_text
from store.readers.page.blocks import Block, read_blocks
from store.readers.page.extraction import extract_blocks
from store.readers.page.headlines import fold
from store.readers.page.hidden import drop_hidden, remove
from store.readers.page.leftovers import Surroundings, drop_leftovers
from store.readers.page.linked_data import LinkedData, text_of
from store.readers.page.markup import parse_markup, text_within
from store.readers.page.metadata import PageFacts
from store.readers.paragraphs import split_paragraphs

# More than a headline is an unclosed one, around the whole article.
_LONGEST_HEADING_CHARS = 300
# Of less than this the page shows too little: its scripts would put the rest there.
_LEAST_SHARE = 0.5
_TAG = re.compile(r"</?(?:p|br|div|h[1-6]|ul|li|a)\b[^<>]{0,1000}>", re.IGNORECASE)
_LONGEST_LINK_CHARS = 250
_SHORTEST_CAPTION_CHARS = 20


def read_body(root: html.HtmlElement, linked: LinkedData, facts: PageFacts) -> str:
    """Return the article's text without headline and byline, empty where the page has none. ``root`` is changed."""
    drop_hidden(root)
    headings = frozenset(fold(name) for name in facts.names if len(name) < _LONGEST_HEADING_CHARS)
    around = Surroundings(
        headings=headings,
        links=_texts(root, "a", longest=_LONGEST_LINK_CHARS),
        captions=_texts(root, "figcaption", shortest=_SHORTEST_CAPTION_CHARS),
        authors=tuple(fold(author) for author in facts.fields.authors),
        outlet=fold(facts.fields.outlet or ""),
    )
    _clear(root, headings)
    body = "\n".join(block.text for block in drop_leftovers(extract_blocks(root), around))
    declared = _read_declared(linked, around)
    return declared if len(declared) * _LEAST_SHARE > len(body) else body


def _read_declared(linked: LinkedData, around: Surroundings) -> str:
    """Return the text that the linked data give for scripts to show, empty where they give none."""
    text = text_of(linked.article.get("articleBody")) or ""
    if not text.strip():
        return ""
    if _TAG.search(text):
        tree = parse_markup(text.encode("utf-8", "surrogatepass"))
        blocks = [] if tree is None else read_blocks(tree)
    else:
        blocks = [Block(paragraph.text) for paragraph in split_paragraphs(clean_text(text))]
    return "\n".join(block.text for block in drop_leftovers(blocks, around))


def _texts(root: html.HtmlElement, tag: str, *, shortest: int = 1, longest: int = 2_000) -> frozenset[str]:
    texts = (fold(text_within(element, longest + 1)) for element in root.iter(tag))
    return frozenset(text for text in texts if shortest <= len(text) <= longest)


def _clear(root: html.HtmlElement, headings: frozenset[str]) -> None:
    """Take the navigation off the page, and the words out of its headings that repeat the headline.

    The headings themselves stay, empty: where the article begins is told by them.
    """
    for element in list(root.iter("nav", "footer", "h1", "h2")):
        if element.tag in {"nav", "footer"}:
            remove(element)
        elif fold(text_within(element, _LONGEST_HEADING_CHARS + 1)) in headings:
            for child in list(element):
                element.remove(child)
            element.text = None
