"""E-mail messages: newsletters and alerts, as a mail program saves them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from store.cleaning import clean_line, clean_text
from store.errors import InputError
from store.readers.blocks import Block, read_blocks
from store.readers.decoding import decode
from store.readers.documents import write_document
from store.readers.fields import Origin
from store.readers.paragraphs import split_paragraphs
from store.records import Draft, Skipped

# A message forwarded as an attachment is read too, so many deep.
_DEEPEST = 3
_MOST_PARTS = 200
_TELLING = ("From", "Subject", "Date")
_FORWARDED = re.compile(r"(?:(?:fwd?|wg|tr|rv|re|aw)\s*:\s*)+", re.IGNORECASE)
_NO_REPLY = re.compile(r"\b(?:no-?reply|do-?not-?reply|notifications?|newsletters?|mailer|info)\b", re.IGNORECASE)
# The lines a newsletter wraps around its text. They stand alone and are short; a sentence that says such a thing stays.
_WRAPPING = re.compile(
    r"(?:(?:click here to |tap to )?(?:view|read|open|see)\b.{0,40}\b(?:browser|online|web ?page|web version)\b.{0,30}"
    r"|having trouble (?:viewing|reading)\b.{0,80}|trouble viewing\b.{0,80}"
    r"|.{0,60}\bunsubscribe\b.{0,80}|(?:manage|update|change)\b.{0,40}\b(?:preferences|subscriptions?|profile)\b.{0,60}"
    r"|you(?:'|’)?(?: a)?re? (?:are )?receiving this\b.{0,150}|you received this\b.{0,150}"
    r"|this (?:e-?mail|message|newsletter) was sent\b.{0,150}|forward(?:ed)? this (?:e-?mail|to a friend)\b.{0,60}"
    r"|(?:forward|share) to a friend\W*|add us to your address book\W*|was this (?:e-?mail )?forwarded to you\b.{0,60}"
    r"|privacy policy(?:\W.{0,60})?|terms (?:of|and)\b.{0,40}|sponsored(?: by\b.{0,60})?|advertisement"
    r"|(?:©|copyright\b).{0,120}|all rights reserved\W*)",
    re.IGNORECASE,
)
# What links a teaser to the whole report, at the end of its paragraph.
_POINTER = re.compile(
    r"(?<=[.!?…\"”’»)])\s+(?:read|see|learn|find out|continue)\b(?: reading| the (?:full|whole|rest of the))?"
    r"(?: more| on| story| article| report)?(?: here)?[\s.…»›>→]*$",
    re.IGNORECASE,
)
_QUOTE_HEADER = re.compile(r"(?:on .{5,120} wrote:|-{2,}\s*(?:original|forwarded) message\s*-{2,})", re.IGNORECASE)
_ADDRESS_LINE = re.compile(r"(?:<?https?://\S+>?\s*)+|\[(?:image|cid):[^\]]*\]", re.IGNORECASE)
# A text part with so much less than the HTML part only says that one should look at that.
_STUB_SHARE = 0.3


def read_mail(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article that a message is, and those forwarded in it as attachments. Never raises for what it reads."""
    try:
        message = message_from_bytes(content, policy=policy.default)
        if not any(_header(message, name) for name in _TELLING):
            yield Skipped(origin.source, None, "is no e-mail message: it has no sender, subject or date")
            return
        yield from _read_message(message, origin, 1)
    except (MessageError, ValueError, LookupError, AttributeError, IndexError, TypeError, RecursionError) as exc:
        # The standard library's parser of headers raises many things on headers that break the rules.
        yield Skipped(origin.source, None, f"is no e-mail message that can be read ({type(exc).__name__})")


def _read_message(message: EmailMessage, origin: Origin, depth: int) -> Iterator[Draft | Skipped]:
    parts = [part for _, part in zip(range(_MOST_PARTS), message.walk(), strict=False)]
    forwarded = [inner for part in parts if (inner := _forwarded(part)) is not None]
    inside = {id(part) for inner in forwarded for part in inner.walk()}
    texts = _texts([part for part in parts if id(part) not in inside])
    if texts or not forwarded:
        yield from write_document(texts, _headers(message), origin=origin)
    if depth < _DEEPEST:
        for inner in forwarded:
            yield from _read_message(inner, origin, depth + 1)


def _forwarded(part: EmailMessage) -> EmailMessage | None:
    if part.get_content_type() != "message/rfc822":
        return None
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner if isinstance(inner, EmailMessage) else None


def _headers(message: EmailMessage) -> dict[str, object]:
    name, author = _sender(_header(message, "From"))
    known: dict[str, object] = {
        "headline": _FORWARDED.sub("", _header(message, "Subject")),
        "outlet": name,
        "authors": [author] if author else [],
        "published": _sent(_header(message, "Date")),
        "url": _header(message, "Archived-At").strip("<>"),
        "language": _header(message, "Content-Language"),
    }
    return {field: value for field, value in known.items() if value}


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message.get(name)
    except (ValueError, LookupError, AttributeError, IndexError, TypeError, MessageError):
        return ""
    return clean_line(str(value or ""))


def _sender(sent_by: str) -> tuple[str | None, str | None]:
    """Return the outlet and the author that a From header names: 'Ann Lee from The Tally <ann@tally.example>'."""
    name = clean_line(sent_by.partition("<")[0].strip(" \"'"))
    if not name or "@" in name:
        host = sent_by.rpartition("@")[2].strip("<> ")
        return host or None, None
    for joint in (" from ", " at ", " @ ", " | ", ", "):
        author, found, outlet = name.partition(joint)
        if found and outlet and len(author.split()) in {2, 3}:
            return outlet, author
    return _NO_REPLY.sub("", name).strip(" -–|") or name, None


def _sent(text: str) -> str | None:
    try:
        sent: datetime = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return sent.isoformat()


# -- body --------------------------------------------------------------------------------------------------------------


def _texts(parts: list[EmailMessage]) -> list[str]:
    """Return the paragraphs of a message without what newsletters wrap around them and what a reply quotes."""
    plain, rich = [], []
    for part in parts:
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain":
            plain += [paragraph.text for paragraph in split_paragraphs(clean_text(_content(part)))]
        elif part.get_content_type() == "text/html":
            rich += _lines(read_blocks(_content(part).encode("utf-8", "replace"), encoding="utf-8"))
    # The text part of a newsletter is made from the HTML by a program and full of addresses; often it is a stub.
    chosen = rich if sum(map(len, rich)) >= _STUB_SHARE * sum(map(len, plain)) else plain
    return [_POINTER.sub("", text) for text in _without_quote(chosen) if not _is_wrapping(text)]


def _lines(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if block.linked < len(block.text) or len(block.text.split()) > 3]


def _content(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset() or "utf-8")
    except (LookupError, UnicodeDecodeError):
        try:
            return decode(content)
        except InputError:
            return content.decode("utf-8", "replace")


def _without_quote(texts: list[str]) -> list[str]:
    kept: list[str] = []
    for text in texts:
        if _QUOTE_HEADER.fullmatch(text) and kept:
            return kept
        if not text.startswith(">"):
            kept.append(text)
    return kept


def _is_wrapping(text: str) -> bool:
    if len(text) > 200:
        return False
    return bool(_WRAPPING.fullmatch(text) or _ADDRESS_LINE.fullmatch(text))
