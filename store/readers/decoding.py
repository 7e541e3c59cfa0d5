"""Bytes of a file or pipe → text, whatever its encoding; what is no text is refused."""

from __future__ import annotations

import codecs
import io
import re

from store.errors import InputError

LONGEST_TEXT_BYTES = 20_000_000

_HEAD_BYTES = 8_192
_GUESS_BYTES = 1_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b"))
_WEB_PAGE = re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def peek_head(stream: io.BufferedReader) -> bytes:
    """Return the beginning of ``stream`` without moving on. Raises ``InputError`` when it is empty or no text."""
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if not head:
        raise InputError("is empty")
    if head.startswith(b"%PDF"):
        raise InputError("is a PDF document, no text; leave out --format to read it as one")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not head.startswith(_UTF_16) and (b"\0" in head or controls * 50 > len(head)):
        raise InputError("is binary, not text; save it as plain text in UTF-8")
    return head


def read_whole(stream: io.BufferedReader) -> str:
    """Return the text of ``stream``. Raises ``InputError`` when it is too long, in no known encoding or a web page."""
    content = stream.read(LONGEST_TEXT_BYTES + 1)
    if len(content) > LONGEST_TEXT_BYTES:
        raise InputError("is larger than 20 MB; split it or convert it to .jsonl")
    text = decode(content)
    if _WEB_PAGE.match(text):
        raise InputError("is a web page, no text; leave out --format to read it as one")
    return text


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
    encoding = guess_encoding(content)
    if encoding is None:
        raise InputError("is in no encoding that can be recognised; convert it to UTF-8 with iconv")
    return content.decode(encoding, "replace")


def guess_encoding(content: bytes) -> str | None:
    """Return the most likely encoding of ``content``, which is not UTF-8; None where none fits."""
    import charset_normalizer  # 60 ms, and hardly any file needs it

    sample = content[:_GUESS_BYTES]
    matches = charset_normalizer.from_bytes(sample[: sample.rfind(b"\n") + 1] or sample)
    best = matches.best()
    if best is None:
        return None
    # It lists the code pages of East and West Europe as equals wherever their common letters fit; the West writes more.
    equals = {match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)}
    return "cp1252" if "cp1252" in equals else best.encoding
