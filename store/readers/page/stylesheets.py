"""Which classes and ids a page's own style sheets hide. Sheets of other files are not known: nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

_LONGEST_SHEETS_CHARS = 1_000_000

_BRACE = re.compile(r"([{}])")
_NAME = re.compile(r"[.#][\w-]+")
_SHOWING = re.compile(r"(?:display|visibility|opacity|clip|height|font-size|color|left|text-indent)\s*:", re.IGNORECASE)


def find_hidden_names(root: html.HtmlElement, hiding: re.Pattern[str]) -> frozenset[str]:
    """Return the selectors such as '.promo' and '#note' whose declarations match ``hiding`` wherever they stand.

    What another rule may show again, as for an open tab, is not among them, nor what only some screens hide.
    """
    rules = list(_rules(_sheets(root)))
    hidden = {
        selector.strip()
        for selectors, declarations in rules
        if hiding.search(declarations)
        for selector in selectors.split(",")
        if _NAME.fullmatch(selector.strip())
    }
    if not hidden:
        return frozenset()
    shown = {
        name
        for selectors, declarations in rules
        if _SHOWING.search(declarations) and not hiding.search(declarations)
        for name in _NAME.findall(selectors)
    }
    return frozenset(hidden - shown)


def _sheets(root: html.HtmlElement) -> str:
    sheets = (style.text or "" for style in root.iter("style") if (style.get("media") or "all") in {"all", "screen"})
    return "".join(_without_comments("\n".join(sheets)[:_LONGEST_SHEETS_CHARS]))


def _without_comments(sheet: str) -> Iterator[str]:
    end = 0
    while (start := sheet.find("/*", end)) >= 0:
        yield sheet[end:start]
        end = sheet.find("*/", start + 2) + 2
        if end == 1:  # It is never closed.
            return
    yield sheet[end:]


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and declarations of the rules that stand in no other, as those for one medium do."""
    depth, selectors = 0, ""
    pieces = _BRACE.split(sheet)
    for text, brace in zip(pieces[::2], pieces[1::2], strict=False):  # Behind the last brace stands no rule.
        if brace == "{":
            selectors = text.rpartition(";")[2] if depth == 0 else ""
            depth += 1
            continue
        if depth == 1 and selectors.strip() and not selectors.lstrip().startswith("@"):
            yield selectors, text
        depth, selectors = max(0, depth - 1), ""
