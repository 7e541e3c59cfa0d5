"""The body of an answer: what it may be, and its bytes with the content coding undone, never more than allowed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from store.cleaning import clean_line
from store.fetching.failures import Failed

Expected = Literal["page", "feed"]

ACCEPTED_CODINGS = "gzip, deflate"

_PIECE_BYTES = 65_536
# Files that were compressed in parts are one member a part; a body of empty members would cost much and give nothing.
_MOST_MEMBERS = 1_000
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_BARE_DEFLATE = -zlib.MAX_WBITS

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/pdf", "text/plain"})
_FEED_TYPES = frozenset({"application/xml", "application/json", "application/rss", "application/atom"})
ACCEPT = {
    "page": "text/html, application/xhtml+xml, application/pdf;q=0.9, text/plain;q=0.8",
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/*;q=0.5",
}


def check_type(headers: Mapping[str, str], expect: Expected) -> None:
    """Raise ``Failed`` where the headers name a type that is no page, or no feed. Many feeds name none."""
    named = headers.get("content-type", "").partition(";")[0].strip().lower()
    if named and not (named in _PAGE_TYPES if expect == "page" else _is_feed(named)):
        raise Failed(f"it is {clean_line(named[:80])!r}, no {expect}")


def read_body(received: Iterable[bytes], headers: Mapping[str, str], *, max_bytes: int, is_cut: bool = False) -> bytes:
    """Return the body that is ``received``, decoded; with ``is_cut`` its first ``max_bytes`` where it is longer.

    Raises ``Failed`` where it is longer otherwise, coded more than once or otherwise than asked for, or broken
    off. Whatever it would expand to, little more than ``max_bytes`` of it is ever held.
    """
    coding = _only_coding(headers.get("content-encoding", ""))
    declared = headers.get("content-length", "")
    if not is_cut and declared.isdecimal() and len(declared) < 20 and int(declared) > max_bytes:
        raise Failed(_too_large(max_bytes))
    raw = _limited(received, max_bytes, is_cut=is_cut)
    if coding is None:
        return b"".join(raw)
    return b"".join(_limited(_inflated(raw, coding, is_cut=is_cut), max_bytes, is_cut=is_cut))


def _is_feed(named: str) -> bool:
    kind, _, form = named.partition("/")
    return kind == "text" or named in _FEED_TYPES or (kind == "application" and form.endswith(("+xml", "+json")))


def _only_coding(header: str) -> str | None:
    codings = [coding for part in header.lower().split(",") if (coding := part.strip()) not in {"", "identity"}]
    if len(codings) > 1:
        raise Failed(f"its content is coded {len(codings)} times over ({clean_line(header[:40])})")
    if not codings:
        return None
    if (only := codings[0].removeprefix("x-")) not in {"gzip", "deflate"}:
        raise Failed(f"its content coding {clean_line(header[:40])!r} was not asked for")
    return only


def _limited(pieces: Iterable[bytes], max_bytes: int, *, is_cut: bool) -> Iterator[bytes]:
    room = max_bytes
    for piece in pieces:
        if len(piece) > room and not is_cut:
            raise Failed(_too_large(max_bytes))
        yield piece[:room]
        room -= len(piece)
        if room < 0:
            return


def _too_large(max_bytes: int) -> str:
    return f"it is larger than {max_bytes / 1_000_000:g} MB"


def _inflated(received: Iterable[bytes], coding: str, *, is_cut: bool) -> Iterator[bytes]:
    """Yield what ``received`` expands to, in pieces of bounded size. What follows the end of it is left alone."""
    inflater: zlib._Decompress | None = None
    members = 0
    for chunk in _from_two_bytes(received):
        pending = chunk
        while pending:
            if inflater is None or inflater.eof:
                if inflater is not None and not (coding == "gzip" and pending.startswith(b"\x1f")):
                    return
                members += 1
                if members > _MOST_MEMBERS:
                    raise Failed(f"its content was compressed in more than {_MOST_MEMBERS:,} parts")
                inflater = _inflater(coding, pending)
            yield from _drained(inflater, pending, coding)
            pending = inflater.unused_data
    if inflater is not None and not inflater.eof and not is_cut:
        raise Failed("its compressed content breaks off")


def _drained(inflater: zlib._Decompress, pending: bytes, coding: str) -> Iterator[bytes]:
    while True:
        try:
            piece = inflater.decompress(pending, _PIECE_BYTES)
        except zlib.error as exc:
            raise Failed(f"its content is not what its coding {coding!r} says") from exc
        yield piece
        pending = inflater.unconsumed_tail
        # Without input there may still be output: what did not fit into the last piece.
        if inflater.eof or (not pending and len(piece) < _PIECE_BYTES):
            return


def _from_two_bytes(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, the first with two bytes at least: that many tell zlib from bare deflate."""
    head = b""
    is_begun = False
    for chunk in chunks:
        head += chunk
        if is_begun or len(head) > 1:
            yield head
            head, is_begun = b"", True
    if head:
        yield head


def _inflater(coding: str, start: bytes) -> zlib._Decompress:
    if coding == "gzip":
        return zlib.decompressobj(_GZIP)
    # The standard means zlib by "deflate"; some servers leave its two bytes of header out.
    is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(_ZLIB if is_zlib else _BARE_DEFLATE)
