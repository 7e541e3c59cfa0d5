"""The text of the article on a page, one paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import html

from store.cleaning import clean_text
from store.readers.page.blocks import Block, read_blocks
from store.readers.page.extraction import extract_blocks, undo_layout
from store.readers.page.headlines import fold
from store.readers.page.hidden import drop_hidden, remove_all
from store.readers.page.leftovers import Surroundings, drop_leftovers
from store.readers.page.linked_data import LinkedData, text_of
from store.readers.page.markup import parse_markup, text_within
from store.readers.page.metadata import PageFacts
from store.readers.paragraphs import split_paragraphs

# More than a headline is an unclosed one, around the whole article.
_LONGEST_HEADING_CHARS = 300
_LONGEST_LINK_CHARS = 250
_LONGEST_CAPTION_CHARS = 2_000
_SHORTEST_CAPTION_CHARS = 20
# Of less than this the page shows too little: its scripts would put the rest there.
_LEAST_SHARE = 0.5
_MOST_LABELS = 6
_LONGEST_LABEL_CHARS = 160
_TAG = re.compile(r"</?(?:p|br|div|h[1-6]|ul|li|a)\b[^<>]{0,1000}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A text of one paragraph a line, empty where the page has none.

    ``labels`` are the short lines around its headline, gathered where the page does not state its author and day.
    """

    text: str
    labels: tuple[str, ...] = ()


def read_body(root: html.HtmlElement, linked: LinkedData, facts: PageFacts) -> Body:
    """Return the article's text without headline and byline. Hidden text and navigation are taken off ``root``."""
    drop_hidden(root)
    undo_layout(root)
    headings = frozenset(fold(name) for name in facts.names if len(name) < _LONGEST_HEADING_CHARS)
    around = Surroundings(
        headings=headings,
        links=frozenset(_texts(root, "a", shortest=1, longest=_LONGEST_LINK_CHARS)),
        captions=frozenset(
            _texts(root, "figcaption", shortest=_SHORTEST_CAPTION_CHARS, longest=_LONGEST_CAPTION_CHARS)
        ),
        authors=tuple(fold(author) for author in facts.fields.authors),
        outlet=fold(facts.fields.outlet or ""),
    )
    is_described = bool(facts.fields.authors and facts.fields.published)
    labels = () if is_described else tuple(_labels_below(root, headings))
    _clear(root, headings)
    shown, declared = (_join(blocks, around) for blocks in (extract_blocks(root), _read_declared(linked)))
    return Body(declared if len(declared) * _LEAST_SHARE > len(shown) else shown, labels)


def _join(blocks: list[Block], around: Surroundings) -> str:
    return "\n".join(block.text for block in drop_leftovers(blocks, around))


def _labels_below(root: html.HtmlElement, headings: frozenset[str]) -> Iterable[str]:
    texts = [block.text for block in read_blocks(root)]
    places = [place for place, text in enumerate(texts) if fold(text) in headings]
    below = texts[places[0] + 1 : places[0] + 1 + _MOST_LABELS] if places else []
    return (text for text in below if len(text) <= _LONGEST_LABEL_CHARS)


def _read_declared(linked: LinkedData) -> list[Block]:
    """Return the text that the linked data give for scripts to show."""
    text = text_of(linked.article.get("articleBody")) or ""
    if _TAG.search(text):
        tree = parse_markup(text.encode("utf-8", "surrogatepass"))
        return [] if tree is None else read_blocks(tree)
    return [Block(paragraph.text) for paragraph in split_paragraphs(clean_text(text))]


def _texts(root: html.HtmlElement, tag: str, *, shortest: int, longest: int) -> Iterable[str]:
    texts = (fold(text_within(element, longest + 1)) for element in root.iter(tag))
    return (text for text in texts if shortest <= len(text) <= longest)


def _clear(root: html.HtmlElement, headings: frozenset[str]) -> None:
    """Take the navigation off the page, and the words out of its headings that repeat the headline.

    The headings themselves stay, empty: where the article begins is told by them.
    """
    remove_all(root.iter("nav", "footer"))
    for element in root.iter("h1", "h2"):
        if fold(text_within(element, _LONGEST_HEADING_CHARS + 1)) in headings:
            for child in list(element):
                element.remove(child)
            element.text = None
