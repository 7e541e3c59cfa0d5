"""What a model's text must not hold because a terminal or a Markdown viewer could open it: links, images, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.markers import numbers_in

if TYPE_CHECKING:
    from collections.abc import Container

_DEFINITION = re.compile(
    r"^ {0,3}\[([^\]\n]{1,200})\]:[ \t]{0,9}(?:<|/|www\.|[A-Za-z][A-Za-z0-9+.-]{0,30}:)\S.*$", re.MULTILINE
)
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^)\n]{0,2000}\)|\[[^\[\]\n]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)")
_REFERENCE = re.compile(r"\[([^\[\]\n]{1,500})\]\[([^\[\]\n]{0,200})\]")
_MARKUP = re.compile(r"\[/?(?:url|img|link|@)[^\[\]\n]{0,500}\]", re.IGNORECASE)
_TAG = re.compile(r"<[/!?]?[A-Za-z-][^<>\n]{0,1000}>")
_OPEN_TAG = re.compile(r"<(?=[/!?A-Za-z])")

_DOT = r"[.。．｡]"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP = r"(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})"
_TAIL = r"(?:[^\s<>()\[\]【】\"“”]|\([^\s()]{0,500}\)){0,2000}"
# 'Booking.com' is a company, 'booking.com' a place to go: two labels alone are an address in small letters only.
_ENDINGS = "com|net|org|info|biz|io|co|app|dev|xyz|top|site|online|shop|click|link|live|example|test|invalid|onion"
_ADDRESS = re.compile(
    rf"(?:\b[A-Za-z][A-Za-z0-9+.-]{{0,30}}|(?<!\S))?[:：][/／\\]{{2}}{_TAIL}"
    r"|(?:(?<=\s)|(?<=^)|(?<=[(\"'“‘]))(?://|\\\\)(?=\w)" + _TAIL +
    rf"|\bwww{_DOT}(?=\w){_TAIL}"
    rf"|\b(?:mailto|javascript|vbscript|data|file|tel|sms|blob|magnet|intent|about|view-source):(?=[^\s\d]){_TAIL}"
    rf"|(?<![\w])[\w.+-]{{1,64}}@(?:{_LABEL}{_DOT}){{1,8}}{_TOP}\b(?:[/?#:]{_TAIL})?"
    rf"|(?<![\w@])(?:{_LABEL}{_DOT}){{1,8}}{_TOP}(?::\d{{1,5}}|(?=[/?#]\S))(?:[/?#]{_TAIL})?"
    rf"|(?<![\w@,])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}}|(?=/))(?:[/?#]{_TAIL})?"
    rf"|(?<![\w@])(?:[^\W_][\w-]{{0,61}}[^\W_]{_DOT}){{2,8}}{_TOP}\b"
    rf"|(?<![\w@])(?-i:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.(?:{_ENDINGS}))\b",
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
_PUNCTUATION = ".,;:!?'’…"


def addresses_in(text: str) -> frozenset[str]:
    """Return the addresses that stand in ``text``, without the punctuation after them."""
    return frozenset(match[0].rstrip(_PUNCTUATION) for match in _ADDRESS.finditer(text))


def without_links(text: str, allowed: Container[str]) -> tuple[str, int]:
    """Return ``text`` without what could be opened, except an address that is ``allowed``, and how much there was.

    What a link is written on stays. One pass: what it leaves behind may join to something new.
    """

    def label(match: re.Match[str]) -> str:
        return f"[{match[1]}]" if numbers_in(match[1]) else match[1]

    def reference(match: re.Match[str]) -> str:
        # '[1][2]' are two citations. What '[here][x]' leads to may stand anywhere, or come later.
        return match[0] if numbers_in(match[2]) else label(match)

    def address(match: re.Match[str]) -> str:
        bare = match[0].rstrip(_PUNCTUATION)
        return match[0] if bare in allowed else match[0][len(bare) :]

    removed = 0
    for pattern, replacement in (
        (_IMAGE, ""),
        (_REFERENCE, reference),
        (_DEFINITION, ""),
        (_LINK, label),
        (_MARKUP, ""),
        (_TAG, ""),
        (_OPEN_TAG, ""),
        (_ADDRESS, address),
    ):
        before = text
        text, count = pattern.subn(replacement, before)
        removed += count if text != before else 0
    return text, removed
