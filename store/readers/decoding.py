"""Bytes of a file or pipe → text, whole or line by line, whatever its encoding; what is no text is refused."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator

from store.errors import InputError
from store.records import Skipped

LONGEST_TEXT_BYTES = 20_000_000

_HEAD_BYTES = 8_192
_GUESS_BYTES = 1_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b"))
_WEB_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_JSON_OBJECT = re.compile(rb"\s*\{\s*[\"}]")


def peek_head(stream: io.BufferedReader) -> bytes:
    """Return the beginning of ``stream`` without moving on. Raises ``InputError`` when it is empty or no text."""
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if not head:
        raise InputError("is empty")
    if head.startswith(b"%PDF"):
        raise InputError("is a PDF document; save it as plain text")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not head.startswith(_UTF_16) and (b"\0" in head or controls * 50 > len(head)):
        raise InputError("is binary, not text; save it as plain text in UTF-8")
    return head


def looks_like_jsonl(head: bytes) -> bool:
    """Say whether a text that begins with ``head`` is JSON Lines: its first line opens an object."""
    if head.startswith(_UTF_16):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return bool(_JSON_OBJECT.match(head.removeprefix(codecs.BOM_UTF8)))


def read_whole(stream: io.BufferedReader) -> str:
    """Return the text of ``stream``. Raises ``InputError`` when it is too long, in no known encoding or a web page."""
    content = stream.read(LONGEST_TEXT_BYTES + 1)
    if len(content) > LONGEST_TEXT_BYTES:
        raise InputError("is larger than 20 MB; split it or convert it to .jsonl")
    text = decode(content)
    if _WEB_PAGE.match(text):
        raise InputError("is a web page, and these cannot be read yet; save the page as text")
    return text


def read_lines(stream: io.BufferedReader, source: str) -> Iterator[tuple[int, str] | Skipped]:
    """Yield the numbered lines of ``stream``, one in memory at a time, or why a line is left out."""
    readline = _line_reader(stream)
    fallback: str | None = None
    number = 0
    while line := readline(LONGEST_TEXT_BYTES + 1):
        number += 1
        if len(line) > LONGEST_TEXT_BYTES and not line.endswith(b"\n"):
            while (rest := readline(LONGEST_TEXT_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Skipped(source, number, "the line is longer than 20 MB")
            continue
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            # Guessed once: every line of a dump is in the encoding of its first that is not UTF-8.
            fallback = fallback or _guess_encoding(line)
            yield number, line.decode(fallback or "utf-8", "replace")


def _line_reader(stream: io.BufferedReader) -> Callable[[int], bytes]:
    if not stream.peek(2).startswith(_UTF_16):
        return stream.readline
    wrapper = io.TextIOWrapper(stream, encoding="utf-16", errors="replace", newline="\n")
    return lambda limit: wrapper.readline(limit).encode("utf-8")


def decode(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    text = content.decode("utf-8-sig", "replace")
    broken = text.count("\ufffd")
    others = len(text) - len(text.encode("ascii", "ignore")) - broken
    if others >= 4 * broken:  # UTF-8 with a few bytes damaged: no other encoding gives four valid sequences to one.
        return text
    encoding = _guess_encoding(content)
    if encoding is None:
        raise InputError("is in no encoding that can be recognised; convert it to UTF-8 with iconv")
    return content.decode(encoding, "replace")


def _guess_encoding(content: bytes) -> str | None:
    import charset_normalizer  # 60 ms, and hardly any file needs it

    sample = content[:_GUESS_BYTES]
    matches = charset_normalizer.from_bytes(sample[: sample.rfind(b"\n") + 1] or sample)
    best = matches.best()
    if best is None:
        return None
    # It lists the code pages of East and West Europe as equals wherever their common letters fit; the West writes more.
    equals = {match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)}
    return "cp1252" if "cp1252" in equals else best.encoding
