"""Markdown: one article a file, described by YAML front matter, its markup reduced to the text that a reader sees."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from store.cleaning import clean_line, clean_text
from store.errors import InputError
from store.readers.fields import Origin, select_fields
from store.readers.paragraphs import Paragraph
from store.readers.text import drop_furniture, read_story
from store.records import Draft, Skipped

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.{0,5000}\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)

# A block as markdown-it sees it: its level as a heading, 0 for anything else, and its lines.
_Block = tuple[int, list[Paragraph]]


def read_markdown(text: str, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article of ``text``: front matter, then the first '# Heading' as headline, the rest as in plain text.

    Links and emphasis keep their words, images go; list items, table rows and lines of code are a line each. Other
    headings stay in the body as lines.
    """
    text = clean_text(text).lstrip("\n")
    try:
        known, length = _read_front_matter(text)
    except InputError as exc:
        yield Skipped(origin.source, 1, str(exc))
        return
    blocks = _read_blocks(text[length:], first_line=text.count("\n", 0, length) + 1)
    paragraphs = drop_furniture(_take_headline(blocks, known))
    if not paragraphs:
        yield Skipped(origin.source, None, "holds no text of an article")
        return
    yield from read_story(paragraphs, known, origin=origin, usual=1)


def _read_front_matter(text: str) -> tuple[dict[str, object], int]:
    """Return the fields in the front matter of ``text`` and the number of characters that it takes."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, 0
    import yaml  # 30 ms

    try:
        # The base loader makes strings of all scalars: no dates or booleans to turn back ('language: no').
        record = yaml.BaseLoader(found["yaml"]).get_single_data()
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f" at line {mark.line + 2}" if mark else ""
        raise InputError(f"front matter is not valid YAML{place}; put values that hold a colon in quotes") from exc
    # Text between two rules is YAML as well, but says nothing about the article.
    return (select_fields(record), found.end()) if isinstance(record, dict) else ({}, 0)


def _take_headline(blocks: Sequence[_Block], known: dict[str, object]) -> list[Paragraph]:
    """Return the lines of ``blocks`` without the first heading of level 1, which is the headline if none is ``known``.

    One that differs from the known headline stays.
    """
    first = next((i for i, (level, _) in enumerate(blocks) if level == 1), None)
    if first is not None:
        heading = " ".join(line.text for line in blocks[first][1])
        headline = str(known.setdefault("headline", heading))
        if clean_line(headline).casefold() != heading.casefold():
            first = None
    return [line for i, (_, lines) in enumerate(blocks) if i != first for line in lines]


def _read_blocks(markdown: str, *, first_line: int) -> list[_Block]:
    from markdown_it import MarkdownIt  # 60 ms

    blocks: list[_Block] = []
    level = 0
    cells: list[str] | None = None
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        line = first_line + token.map[0] if token.map else first_line
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells:
            blocks.append((0, _as_paragraphs(" | ".join(cells), line)))
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(clean_line(_render_inline(token)))
        elif written := _render_block(token):
            blocks.append((level, _as_paragraphs(written, line)))
            level = 0
    return [(level, lines) for level, lines in blocks if lines]


def _render_block(token: Token) -> str:
    if token.type == "inline":
        return _render_inline(token)
    if token.type in {"fence", "code_block"}:
        return token.content
    if token.type == "html_block":
        return html.unescape(_TAG.sub("", _BREAK_TAG.sub("\n", _UNSEEN.sub("", token.content))))
    return ""


def _render_inline(token: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    pieces: list[str] = []
    for child in token.children or ():
        if child.type == "html_inline":
            pieces.append("\n" if _BREAK_TAG.fullmatch(child.content) else "")
        elif child.type != "image":
            pieces.append(breaks.get(child.type, child.content))
    return "".join(pieces)


def _as_paragraphs(written: str, line: int) -> list[Paragraph]:
    # Cleaned again: '&#27;' became a character only now.
    lines = [cleaned for piece in written.split("\n") if (cleaned := clean_line(piece))]
    return [Paragraph(text, line, gap=0 if i else 1) for i, text in enumerate(lines)]
