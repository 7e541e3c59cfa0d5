"""Text that a page holds and no person sees: hidden by attributes or styles, or repeated for screen readers."""

from __future__ import annotations

import re

from lxml import html

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
    r"|clip\s*:\s*rect\(\s*(?:0|1px)[^)]*\)"
    r"|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)"
    r"|color\s*:\s*transparent"
    r")",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|;)\s*(?P<what>color|background(?:-color)?)\s*:\s*(?P<value>[^;]+)", re.IGNORECASE)
_WHITES = frozenset({"#fff", "#ffffff", "white", "rgb(255,255,255)", "rgba(255,255,255,1)"})
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
    doomed = [element for element in root.iter() if element.tag in _UNSEEN or is_hidden(element)]
    frames = _frames(root) if any(element.tag not in _UNSEEN for element in doomed) else set()
    for element in doomed:
        if element.tag not in {"html", "body"} and element not in frames:
            remove(element)


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


def is_hidden(element: html.HtmlElement) -> bool:
    """Say whether ``element`` itself hides what is in it."""
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
    return bool(names and _SCREEN_READER.search(names))


def remove(element: html.HtmlElement) -> None:
    """Take ``element`` out of its tree and leave the text behind it where it was."""
    parent = element.getparent()
    if parent is None:
        return
    if (element.tail or "").strip():
        element.clear(keep_tail=True)  # Joining the tails of thousands of siblings would take their square.
        element.tag = "span"
    else:
        parent.remove(element)


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
