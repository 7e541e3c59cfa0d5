"""The first bytes of a file, pipe or answer → what they are the beginning of, where that cannot be mistaken."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Literal

# What files and pipes may hold, as ``--format`` names it.
Format = Literal[
    "text", "markdown", "jsonl", "json", "csv", "tsv", "html", "pdf", "epub", "docx", "eml", "mbox", "warc"
]  # fmt: skip

HEAD_BYTES = 8_192

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PDF = re.compile(rb"\s{0,100}%PDF-\d")
_ZIP = b"PK\x03\x04"
_EPUB = b"mimetypeapplication/epub+zip"
_DOCX = re.compile(rb"word/(?:document|styles|settings|_rels|fontTable|numbering)")
_JSON_OBJECT = re.compile(rb"\s*\{\s*[\"}]")
# Several lines to an object are no JSON Lines.
_JSON_VALUES = re.compile(rb"\s*(?:\[\s*(?:\{|\]\s*\Z)|\{[ \t]*\r?\n)")
# What may stand above the root of a page or a feed.
_PROLOGUE = rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:<!--(?:[^-]|-(?!->)){0,2000}-->\s*+){0,5}"
_WEB_PAGE = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FEED = re.compile(
    _PROLOGUE + rb"(?:<\?xml-stylesheet[^>]{0,500}>\s*+){0,5}(?:<!--(?:[^-]|-(?!->)){0,2000}-->\s*+){0,5}"
    rb"<(?:rss\b|(?:atom:)?feed\b[^>]{0,2000}Atom|rdf:RDF\b)"
)
_JSON_FEED = re.compile(rb"\s*\{\s*\"version\"\s*:\s*\"https?:(?:\\?/){2}jsonfeed\.org")
_ENVELOPE = re.compile(rb"From \S+ +\S.{0,80}\d{4}.{0,20}\r?\n")
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t\r\n]|[ \t]+\S")
# Names that texts about articles do not begin with; with the sender's, they make a message.
_MAIL_HEADERS = frozenset((b"received", b"return-path", b"delivered-to", b"mime-version", b"message-id"))
_SENDER = frozenset((b"from", b"sender"))


def recognise_format(head: bytes) -> Format | None:
    """Return the format that a content which begins with ``head`` is in; None where it could be several, as text is."""
    if head.startswith(_ZIP):
        return "epub" if _EPUB in head[:100] else "docx" if _DOCX.search(head) else None
    head = _as_utf8(head)
    return next((form for form, is_one in _RECOGNISED.items() if is_one(head)), None)


def is_feed(head: bytes) -> bool:
    """Say whether a content that begins with ``head`` is a feed: RSS, Atom or JSON Feed."""
    head = _as_utf8(head)
    return bool(_FEED.match(head) or _JSON_FEED.match(head))


def _as_utf8(head: bytes) -> bytes:
    """Return ``head`` without its byte order mark, and out of UTF-16."""
    if head.startswith(_UTF_16):
        return head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return head.removeprefix(codecs.BOM_UTF8)


def _is_mailbox(head: bytes) -> bool:
    return bool(_ENVELOPE.match(head)) and _is_message(head.partition(b"\n")[2])


def _is_message(head: bytes) -> bool:
    names: set[bytes] = set()
    for line in head.split(b"\n"):
        found = _HEADER.match(line + b"\n")
        if found is None:
            break
        names.add((found[1] or b"").lower())
    return bool(names & _MAIL_HEADERS and names & _SENDER)


_RECOGNISED: dict[Format, Callable[[bytes], object]] = {
    "warc": re.compile(rb"WARC/").match,
    "pdf": _PDF.match,
    "html": _WEB_PAGE.match,
    "mbox": _is_mailbox,
    "eml": _is_message,
    "json": _JSON_VALUES.match,
    "jsonl": _JSON_OBJECT.match,
}
