"""A piece of HTML, as feeds carry it in titles and contents, → plain text."""

from __future__ import annotations

import re

from store.cleaning import clean_line
from store.readers.blocks import read_blocks

LONGEST_FRAGMENT_CHARS = 2_000_000

_TAG = re.compile(r"</?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,1000})?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def is_html(text: str) -> bool:
    """Say whether ``text`` holds a tag or an entity of HTML."""
    return bool(_TAG.search(text) or _ENTITY.search(text))


def fragment_text(html: str) -> str:
    """Return the visible text of a piece of HTML, cleaned, one paragraph a line; empty where there is none."""
    return "\n".join(_lines(html[:LONGEST_FRAGMENT_CHARS]))


def fragment_line(html: str) -> str:
    """Return the visible text of a piece of HTML on one line, cleaned, as of a headline."""
    return " ".join(_lines(html))


def _lines(html: str) -> list[str]:
    # In an element of our own, so that text alone, without any tag, is content too.
    content = f"<div>{html.replace(chr(0), '')}</div>".encode("utf-8", "replace")
    return [line for block in read_blocks(content, encoding="utf-8") if (line := clean_line(block.text))]
