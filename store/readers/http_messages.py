"""Responses of web servers as crawls keep them, headers and all → the page in them, unpacked within bounds."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping

from store.errors import InputError

LARGEST_PAGE_BYTES = 10_000_000
LONGEST_HEAD_BYTES = 1 << 16

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (?P<status>\d{3})\b")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]{0,16}(?P<size>[0-9a-fA-F]{1,8})[ \t]{0,16}(?:;[^\r\n]{0,1024})?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*(?P<name>[\w.:-]{1,40})", re.IGNORECASE)
_HTML_OPENING = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))


def split_head(content: bytes) -> tuple[bytes, bytes] | None:
    """Return the lines before the first empty one, and what follows it; None where there is none within 64 KB."""
    end = _HEAD_END.search(content, 0, LONGEST_HEAD_BYTES)
    return (content[: end.start()], content[end.end() :]) if end else None


def parse_headers(head: bytes) -> tuple[str, dict[str, str]]:
    """Return the first line, and the headers below it by their names in lower case; of several the last holds."""
    first, *lines = head.decode("utf-8", "replace").splitlines() or [""]
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        if line[:1] in {" ", "\t"} and name:  # folded
            headers[name] += " " + line.strip()
            continue
        name, _, value = line.partition(":")
        name = name.strip().casefold()
        headers[name] = value.strip()
    return first, headers


def read_page_response(content: bytes) -> bytes | None:
    """Return the HTML of a response with status 200; None where it is another.

    Raises InputError where the response is broken, or its page larger than 10 MB. What the headers say of the encoding
    is put into the page as a byte order mark, which outweighs what the page says itself.
    """
    parts = split_head(content)
    if parts is None:
        raise InputError("the response has no end of its headers")
    line, headers = parse_headers(parts[0])
    status = _STATUS.match(line.encode())
    if status is None:
        raise InputError("the response begins with no status")
    if status["status"] != b"200" or not _may_be_html(headers):
        return None
    page = _decode_content(_join_chunks(parts[1]) if _is_chunked(headers) else parts[1], headers)
    if "content-type" not in headers and not _HTML_OPENING.match(page):
        return None
    return _mark_encoding(page, headers)


def _may_be_html(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type")
    return kind is None or kind.partition(";")[0].strip().casefold() in _HTML_TYPES


def _is_chunked(headers: Mapping[str, str]) -> bool:
    return "chunked" in headers.get("transfer-encoding", "").casefold()


def _join_chunks(content: bytes) -> bytes:
    """Return what the chunks hold. Where the first is none the crawler has joined them already."""
    chunks: list[bytes] = []
    at = 0
    while (found := _CHUNK.match(content, at)) and (size := int(found["size"], 16)):
        chunks.append(content[found.end() : found.end() + size])
        at = found.end() + size
        at += 2 if content[at : at + 2] == b"\r\n" else 1
    return b"".join(chunks) if found or chunks else content


def _decode_content(content: bytes, headers: Mapping[str, str]) -> bytes:
    coding = headers.get("content-encoding", "").casefold().strip()
    if coding in {"", "identity", "utf-8", "none"}:
        page = content
    elif coding in {"gzip", "x-gzip"}:
        # Crawlers that unpack pages leave this header as it was.
        page = _inflate(content, 16 + zlib.MAX_WBITS) if content.startswith(b"\x1f\x8b") else content
    elif coding == "deflate":
        page = _inflate_deflate(content)
    else:
        raise InputError(f"the page is packed as {coding[:20]!r}, which is not read")
    if len(page) > LARGEST_PAGE_BYTES:
        raise InputError("the page is larger than 10 MB")
    return page


def _inflate_deflate(content: bytes) -> bytes:
    # Some servers send it with zlib's header, as they should, others without.
    if len(content) > 1 and content[0] & 0x0F == 8 and (content[0] << 8 | content[1]) % 31 == 0:
        return _inflate(content, zlib.MAX_WBITS)
    return content if _HTML_OPENING.match(content) else _inflate(content, -zlib.MAX_WBITS)


def _inflate(content: bytes, wbits: int) -> bytes:
    try:
        return zlib.decompressobj(wbits).decompress(content, LARGEST_PAGE_BYTES + 1)
    except zlib.error as exc:
        raise InputError("the page does not unpack") from exc


def _mark_encoding(page: bytes, headers: Mapping[str, str]) -> bytes:
    charset = _CHARSET.search(headers.get("content-type", ""))
    if charset is None or page.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return page
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return page  # A server's default says Latin-1 of every page.
    try:
        return codecs.BOM_UTF8 + page.decode(charset["name"], "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):  # no encoding that we know, or none of text
        return page
