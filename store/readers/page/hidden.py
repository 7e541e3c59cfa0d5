"""Text that a page holds and no person sees: hidden by attributes or styles, or repeated for screen readers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from lxml import html

from store.readers.page.stylesheets import find_hidden_names

_UNSEEN = frozenset(
    "script style noscript template svg math iframe object embed canvas audio video map select datalist dialog input "
    "textarea button progress meter noembed noframes head".split()
)
_ZERO = r"0*(?:\.0+)?(?:px|r?em|%|pt|vh|vw)?\s*(?:!important\s*)?(?:;|$)"
_FAR = r"-\d{3,}(?:\.\d+)?(?:px|r?em|%|pt|vh|vw)"
_HIDING = re.compile(
    r"(?:^|;)\s*(?:"
    r"display\s*:\s*none"
    r"|visibility\s*:\s*(?:hidden|collapse)"
    r"|content-visibility\s*:\s*hidden"
    rf"|(?:opacity|font-size|max-height|max-width|height|width|line-height)\s*:\s*0{_ZERO}"
    r"|opacity\s*:\s*0?\.0\d*"
    r"|font-size\s*:\s*0?\.\d+(?:px|pt|em)?\s*(?:;|$)|font-size\s*:\s*1(?:px|pt)"
    r"|mso-hide\s*:\s*all"
    rf"|(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*{_FAR}"
    rf"|transform\s*:[^;]*(?:scale(?:[xy])?\(\s*0\s*[,)]|translate(?:[xy])?\(\s*{_FAR})"
    r"|clip\s*:\s*rect\(\s*(?:0|1px)[^);]*\)"
    r"|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)"
    r"|color\s*:\s*transparent"
    r")",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|;)\s*(?P<what>color|background(?:-color)?)\s*:\s*(?P<value>[^;]+)", re.IGNORECASE)
_WHITES = frozenset({"#fff", "#ffffff", "white", "rgb(255,255,255)", "rgba(255,255,255,1)"})
# The extractor joins the texts behind these when it drops them, one by one.
_EMPTY = ("b", "em", "i", "img", "p", "q", "span", "strong", "a", "div", "li")
# Names under which the style sheets of the common frameworks show a text to screen readers alone.
_SCREEN_READER = re.compile(
    r"(?:^|[\s_-])(?:sr-only|screen-?reader(?:-text|-only)?|visually-?hidden|visuallyhidden|assistive-text|"
    r"element-invisible|u-hidden-visually|a11y-hidden|show-for-sr|invisible-text|offscreen)(?:$|[\s_-])",
    re.IGNORECASE,
)
# What hides less is a text among others, however long.
_SHORTEST_PARAGRAPH_CHARS = 40
_FEWEST_PARAGRAPHS = 4
_INLINE = frozenset("a abbr b big cite em font i mark q s small span strong sub sup u".split())


def drop_hidden(root: html.HtmlElement) -> None:
    """Remove from the tree what a reader of the page does not see, and what is no text.

    What holds most of the page's paragraphs stays: a script reveals it, or everybody would see an empty page.
    """
    names = find_hidden_names(root, _HIDING)
    doomed = [element for element in root.iter() if element.tag in _UNSEEN or is_hidden(element, names)]
    frames = _frames(root) if any(element.tag not in _UNSEEN for element in doomed) else set()
    remove_all(element for element in doomed if element.tag not in {"html", "body"} and element not in frames)
    remove_all(element for element in root.iter(*_EMPTY) if len(element) == 0 and not element.text)


def _frames(root: html.HtmlElement) -> set[html.HtmlElement]:
    """Return the elements that hold at least two thirds of the text of the page's paragraphs."""
    lengths: dict[html.HtmlElement, int] = {}
    counts: dict[html.HtmlElement, int] = {}
    total = 0
    for paragraph in root.iter("p"):
        length = len(paragraph.text_content())
        if length < _SHORTEST_PARAGRAPH_CHARS:
            continue
        total += length
        for element in paragraph.iterancestors():
            lengths[element] = lengths.get(element, 0) + length
            counts[element] = counts.get(element, 0) + 1
    return {
        element
        for element, length in lengths.items()
        if 3 * length >= 2 * total and counts[element] >= _FEWEST_PARAGRAPHS
    }


def is_hidden(element: html.HtmlElement, hidden_names: Collection[str] = ()) -> bool:
    """Say whether ``element`` itself hides what is in it; ``hidden_names`` are selectors such as '.promo'."""
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return True
    if attributes.get("aria-hidden", "").lower() == "true" and not _is_within_line(element):
        return True
    style = attributes.get("style")
    if style and (_HIDING.search(style) or _is_unicoloured(style)):
        return True
    names = attributes.get("class")
    if names and _is_for_screen_readers(names):
        return True
    selectors = [*(f".{name}" for name in (names or "").split()), f"#{attributes.get('id')}"] if hidden_names else []
    return any(selector in hidden_names for selector in selectors)


def remove_all(elements: Iterable[html.HtmlElement]) -> None:
    """Take ``elements`` out of their tree and leave the texts behind them where they were.

    All of one parent at once: joining the texts one by one takes the square of their length.
    """
    doomed = set(elements)
    for parent in dict.fromkeys(element.getparent() for element in doomed):
        if parent is not None:
            _remove_children(parent, doomed)


def _remove_children(parent: html.HtmlElement, doomed: set[html.HtmlElement]) -> None:
    last: html.HtmlElement | None = None
    pieces = [parent.text or ""]
    for child in list(parent):
        if child in doomed:
            pieces.append(child.tail or "")
            parent.remove(child)
            continue
        _put_text(parent, last, pieces)
        last, pieces = child, [child.tail or ""]
    _put_text(parent, last, pieces)


def _put_text(parent: html.HtmlElement, last: html.HtmlElement | None, pieces: list[str]) -> None:
    if len(pieces) == 1:
        return
    if last is None:
        parent.text = "".join(pieces)
    else:
        last.tail = "".join(pieces)


@lru_cache(maxsize=4_096)
def _is_for_screen_readers(names: str) -> bool:
    return bool(_SCREEN_READER.search(names))


def _is_within_line(element: html.HtmlElement) -> bool:
    # A dropped capital is hidden from screen readers alone, who are told the whole word elsewhere.
    return element.tag in _INLINE and len(element) == 0 and 0 < len((element.text or "").strip()) <= 3


def _is_unicoloured(style: str) -> bool:
    colours = {
        found["what"].lower()[:5]: re.sub(r"\s|!important", "", found["value"]).lower()
        for found in _COLOUR.finditer(style)
    }
    ink, ground = colours.get("color"), colours.get("backg")
    return ink is not None and (ink == ground or (ink in _WHITES and (ground is None or ground in _WHITES)))
