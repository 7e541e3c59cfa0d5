"""An extracted tree → its blocks of text in order, each with its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from store.cleaning import clean_line

Kind = Literal["paragraph", "heading", "item", "quote", "row", "code"]

# The extractor's own names, and those of HTML for what it passes through.
_KINDS: dict[str, Kind] = {
    "head": "heading",
    "item": "item",
    "quote": "quote",
    "code": "code",
    "row": "row",
    "li": "item",
    "dd": "item",
    "dt": "item",
    "blockquote": "quote",
    "pre": "code",
    "tr": "row",
    **{f"h{level}": "heading" for level in range(1, 7)},
}
_BLOCKS = frozenset(
    {
        *_KINDS,
        *"ab address article body center details div dl figure list main ol p section summary table tbody ul".split(),
    }
)
_CELLS = frozenset({"cell", "td", "th"})
_ROWS = frozenset({"row", "tr"})
_BREAKS = frozenset({"lb", "br", "hr"})
_INHERITED = frozenset({"p", "div", "ab", "section"})


@dataclass(frozen=True, slots=True)
class Block:
    """One line of text, cleaned."""

    text: str
    kind: Kind = "paragraph"


def read_blocks(tree: etree._Element) -> list[Block]:
    """Return the blocks of ``tree``; the cells of a row stand on one line, divided by bars."""
    return list(_Gatherer().gather(tree))


class _Gatherer:
    """Walks a tree and puts together the text between two borders of blocks; no recursion, the depth is foreign."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._rows = 0
        self._kinds: list[Kind] = ["paragraph"]

    def gather(self, tree: etree._Element) -> Iterator[Block]:
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                yield from self._open(tag)
                self._add(element.text)
            else:
                yield from self._close(tag)
                if element is not tree:
                    self._add(element.tail)
        yield from self._end_block()

    def _open(self, tag: str) -> Iterator[Block]:
        if tag in _BREAKS:
            yield from self._end_line()
        if tag in _BLOCKS:
            yield from self._end_line()
            kind = self._kinds[-1] if tag in _INHERITED else _KINDS.get(tag, "paragraph")
            self._kinds.append(kind)
            self._rows += tag in _ROWS

    def _close(self, tag: str) -> Iterator[Block]:
        if tag in _CELLS:
            self._text.append(" | ")
        if tag in _BLOCKS:
            self._rows -= tag in _ROWS
            yield from self._end_line()
            self._kinds.pop()

    def _add(self, text: str | None) -> None:
        if text:
            self._text.append(text)

    def _end_line(self) -> Iterator[Block]:
        if self._rows:  # A row is one line, whatever stands in its cells.
            self._text.append(" ")
        else:
            yield from self._end_block()

    def _end_block(self) -> Iterator[Block]:
        text = clean_line("".join(self._text))
        text = text.rstrip("| ") if text.endswith("|") else text  # the bars of the last cells
        if text:
            yield Block(text, self._kinds[-1])
        self._text = []
