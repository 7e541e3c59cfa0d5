"""What XML may be given to a parser: not too large, not too deep, and without entities of its own."""

from __future__ import annotations

import re

from store.errors import InputError

LARGEST_XML_BYTES = 10_000_000

# Feeds and outlines are a dozen deep. feedparser takes quadratic time for depth (200,000 deep: 5 s); where HTML stands
# unescaped in a broken feed, its unclosed paragraphs count as depth too.
DEEPEST = 1_000

_MARK = re.compile(rb"<(?:!\[CDATA\[|!--|(/?)[A-Za-z_][^\s<>/]{0,100})")
_NEVER_CLOSED = frozenset({b"<br", b"<hr", b"<img", b"<wbr", b"<input"})


def check_xml(content: bytes) -> None:
    """Raise InputError where ``content`` could make a parser of XML run out of time or memory, or reach outside."""
    if len(content) > LARGEST_XML_BYTES:
        raise InputError(f"is larger than {LARGEST_XML_BYTES // 1_000_000} MB")
    # Without its zero bytes UTF-16 and UTF-32 read like ASCII, as far as markup goes.
    markup = content.translate(None, b"\0")
    if b"<!entity" in markup.lower():
        raise InputError("declares entities of its own, which can grow without end or name local files")
    if _is_too_deep(markup):
        raise InputError(f"is nested more than {DEEPEST:,} deep")


def _is_too_deep(markup: bytes) -> bool:
    """Say whether more than DEEPEST elements are ever open at once, in one pass, however broken the markup is."""
    depth = at = 0
    while found := _MARK.search(markup, at):
        at = found.end()
        mark = found[0]
        if mark in {b"<![CDATA[", b"<!--"}:
            at = _end_after(markup, b"]]>" if mark == b"<![CDATA[" else b"-->", at)
        elif found[1]:
            depth = max(0, depth - 1)
        elif mark not in _NEVER_CLOSED:
            depth += not _closes_itself(markup, at)
            if depth > DEEPEST:
                return True
    return False


def _end_after(markup: bytes, end: bytes, at: int) -> int:
    found = markup.find(end, at)
    return len(markup) if found < 0 else found + len(end)


def _closes_itself(markup: bytes, at: int) -> bool:
    # The end is looked for not far away: an attribute of a kilobyte counts as depth, and one mark costs one look.
    end = markup.find(b">", at, at + 2_000)
    return end > 0 and markup[end - 1 : end] == b"/"
