"""Which text of a page is its article: trafilatura's judgement, checked against where the page keeps its prose."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy

from lxml import etree, html

from store.cleaning import clean_line
from store.readers.page.blocks import Block, read_blocks
from store.readers.page.headlines import fold
from store.readers.page.markup import text_within

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code del dfn em font i ins kbd label mark q s samp small span strike strong "
    "sub sup time tt u var wbr".split()
)
_SHORTEST_PROSE_CHARS = 60
_OPENING_CHARS = 50

# Tried in this order until the page's prose is found: strict and fast, strict, balanced. Of 384 saved news pages 366
# need only the first, 14 the second, 3 the third, and one the text of its frame alone.
_WAYS = ((True, True), (True, False), (False, False))
# A short one is looked at twice, a shorter one thrice.
_SHORT_CHARS, _SHORTEST_CHARS = 500, 250
_CLEARLY_LONGER = 1.5
_SHORTEST_FRAME_CHARS = 400
_LEAST_SHARE = 0.5
_LONG_ENOUGH = 0.7

# Readers' comments are often longer than the article.
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|disqus|replies|reply|respond|forum|related|recommend\w*|newsletter|cookies?|"
    r"consent|privacy|modal|popup|overlay)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOST_FRAMES = 10
# A value of a table is shorter than this, a column of a layout longer.
_LONGEST_CELL_CHARS = 400

_WRAPPER = b"<html><body><article></article></body></html>"


def extract_blocks(root: html.HtmlElement) -> list[Block]:
    """Return the blocks of the page's main text, empty where it has none. ``root`` is left as it is."""
    frame, prose = _find_frame(root)
    best: list[Block] = []
    for is_strict, is_fast in _WAYS:
        blocks = _extract(root, is_strict=is_strict, is_fast=is_fast)
        if _length(blocks) > _CLEARLY_LONGER * _length(best):
            best = blocks
        enough = _SHORT_CHARS if is_fast else _SHORTEST_CHARS
        if _length(best) >= enough and _holds(best, prose):
            return best
    if frame is None or _holds(best, prose):
        return best
    page = etree.fromstring(_WRAPPER, html.HTMLParser())
    page[0][0].append(deepcopy(frame))
    return max(best, _extract(page, is_strict=False, is_fast=False), key=_length)


def _extract(root: html.HtmlElement, *, is_strict: bool, is_fast: bool) -> list[Block]:
    import trafilatura  # 0.1 s with what it loads

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # It reports every page without text.
    try:
        found = trafilatura.bare_extraction(
            root, favor_precision=is_strict, fast=is_fast, include_comments=False, with_metadata=False
        )
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return []  # Markup that it did not expect.
    return [] if found is None or isinstance(found, dict) or found.body is None else read_blocks(found.body)


def undo_layout(root: html.HtmlElement) -> None:
    """Turn the tables that old pages are laid out with into plain divisions."""
    layouts = {
        next(cell.iterancestors("table"), None)
        for cell in root.iter("td", "th")
        if cell.find(".//h1") is not None or len(text_within(cell, _LONGEST_CELL_CHARS + 1)) > _LONGEST_CELL_CHARS
    }
    if not layouts:
        return
    parts = list(root.iter("td", "th", "tr", "tbody", "thead", "tfoot", "caption", "table"))
    for element in reversed(parts):  # A table is known by its name until its cells are done.
        if element in layouts or next(element.iterancestors("table"), None) in layouts:
            element.tag = "div"


def _find_frame(root: html.HtmlElement) -> tuple[html.HtmlElement | None, list[str]]:
    """Return the element right around most of the page's running text, and that text."""
    prose: dict[html.HtmlElement, list[str]] = {}
    for block, text in _running_text(root):
        parent = block.getparent()
        frame = parent if block.tag == "p" and parent is not None else block
        prose.setdefault(frame, []).append(text)
    frames = sorted(prose.items(), key=lambda item: -sum(map(len, item[1])))
    return next(((frame, texts) for frame, texts in frames[:_MOST_FRAMES] if not _is_aside(frame)), (None, []))


def _is_aside(frame: html.HtmlElement) -> bool:
    return any(
        element.tag == "aside" or _ASIDE.search(f"{element.get('id', '')} {element.get('class', '')}")
        for element in (frame, *frame.iterancestors())
        if element.tag not in {"html", "body", "main", "article"}
    )


def _running_text(root: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, str]]:
    """Yield the longer pieces of text that are no links, with the block each stands in."""
    for element in root.iter():
        if element.tag != "a" and (text := _prose(element.text)):
            yield _block_of(element), text
        parent = element.getparent()
        if parent is not None and parent.tag != "a" and (text := _prose(element.tail)):
            yield _block_of(parent), text


def _prose(text: str | None) -> str | None:
    if not text or len(text) < _SHORTEST_PROSE_CHARS:
        return None
    line = clean_line(text)
    return line if len(line) >= _SHORTEST_PROSE_CHARS else None


def _block_of(element: html.HtmlElement) -> html.HtmlElement:
    while element.tag in _INLINE and (parent := element.getparent()) is not None:
        element = parent
    return element


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _holds(blocks: Sequence[Block], prose: Sequence[str]) -> bool:
    """Say whether ``blocks`` are the text that ``prose`` belongs to.

    A long text that has little of it is another article of the page, the one on top.
    """
    total = sum(map(len, prose))
    if total < _SHORTEST_FRAME_CHARS or _length(blocks) >= _LONG_ENOUGH * total:
        return True
    found = fold("\n".join(block.text for block in blocks))
    held = sum(len(text) for text in prose if fold(text)[:_OPENING_CHARS] in found)
    return held >= _LEAST_SHARE * total
