"""Feeds: RSS, Atom and JSON Feed → what they say of themselves and of their entries, as plain text."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from time import struct_time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from store.cleaning import clean_line, clean_text, plain
from store.errors import InputError
from store.fetching.failures import Failed
from store.fetching.urls import read_url
from store.readers.contents import HEAD_BYTES, recognise_format
from store.readers.dates import parse_published
from store.readers.fields import Origin, unescape_entities
from store.readers.fragments import LONGEST_FRAGMENT_CHARS, fragment_line, fragment_text, is_html
from store.readers.paragraphs import join_paragraphs, split_paragraphs
from store.readers.xml_bounds import check_xml
from store.records import Draft, Skipped

# Feeds have ten to some hundred entries; archives of whole weblogs are not read as feeds.
MOST_ENTRIES = 2_000

_LONGEST_LINE_CHARS = 300
_LONGEST_ID_CHARS = 200
_MOST_AUTHORS = 50

# A description that is no mere summary: feeds without a field for the whole text put it there.
_WHOLE_WORDS = 150

_LINK_TAG = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]{1,20})\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
_HEAD_BYTES = 300_000

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.)\s*$")
_READ_MORE = re.compile(
    r"(?:read (?:more|on|the (?:full|rest|whole))|continue reading|full (?:story|article)|weiterlesen|mehr lesen|"
    r"lire la suite|leer más|seguir leyendo|leggi tutto|lees meer)\b.{0,200}",
    re.IGNORECASE,
)
# WordPress ends every entry so.
_APPEARED = re.compile(r"The post .{1,400} (?:appeared first|first appeared) on .{1,200}")

_MAIL_AND_NAME = re.compile(r"[^\s@()]{1,100}@[^\s@()]{1,200}\s*\((?P<name>[^()]{1,200})\)")
_NAME_AND_MAIL = re.compile(r"(?P<name>[^<>()@]{1,200}?)\s*[<(][^\s@<>()]{1,100}@[^\s@<>()]{1,200}[>)]")
_TRACKING = re.compile(r"utm_.*|at_(?:medium|campaign|link.*|bbc.*)|fbclid|gclid|mc_[ce]id|cmpid|ocid", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What a feed says of one article. ``text`` has one paragraph a line; it may be empty, and be only a summary.

    ``guid`` tells the entry from others of its feed; ``url`` is absolute, http or https, without what only counts
    readers.
    """

    guid: str
    url: str | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    updated: date | datetime | None = None
    text: str = ""
    is_summary: bool = False
    language: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed as it was fetched once, its entries in its own order."""

    title: str | None
    home_url: str | None
    entries: tuple[FeedEntry, ...]


def read_feed(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the feed itself as a draft without a body, then each entry as one, in a form that any reader has.

    ``feed_document`` makes a document of them again. A feed that cannot be read is one ``Skipped``.
    """
    try:
        document = parse_feed(content, origin.url or origin.source)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
        return
    yield Draft(document.title or "", "", origin.source, url=document.home_url)
    for entry in document.entries:
        yield Draft(
            headline=entry.title,
            body=entry.text,
            source=origin.source,
            id=entry.guid,
            authors=entry.authors,
            published=entry.published,
            modified=entry.updated,
            url=entry.url,
            language=entry.language,
            section=entry.section,
            is_truncated=entry.is_summary,
        )


def feed_document(pieces: Iterable[object]) -> FeedDocument:
    """Return the document that the pieces of ``read_feed`` are of; raise InputError where they say that it is none."""
    drafts: list[Draft] = []
    for piece in pieces:
        if isinstance(piece, Draft):
            drafts.append(piece)
        elif not drafts and isinstance(piece, Skipped):
            raise InputError(piece.reason)
    if not drafts:
        raise InputError("holds no feed")
    feed, *entries = drafts
    return FeedDocument(feed.headline or None, feed.url, tuple(_entry_of(draft) for draft in entries if draft.id))


def _entry_of(draft: Draft) -> FeedEntry:
    return FeedEntry(
        guid=draft.id or "",
        url=draft.url,
        title=draft.headline,
        authors=draft.authors,
        published=draft.published,
        updated=draft.modified,
        text=draft.body,
        is_summary=draft.is_truncated,
        language=draft.language,
        section=draft.section,
    )


def parse_feed(content: bytes, url: str) -> FeedDocument:
    """Return the feed that was fetched from ``url``; raise InputError where ``content`` is none, or is dangerous."""
    if not content.strip():
        raise InputError("is empty")
    if recognise_format(content[:HEAD_BYTES]) == "html":
        raise InputError("is a web page, not a feed")
    if content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        from store.readers.json_feeds import parse_json_feed

        return parse_json_feed(content, url)
    check_xml(content)
    return _parse_xml(content, url)


def find_feed_links(content: bytes, url: str) -> list[str]:
    """Return the addresses of the feeds that a page names in its head, in its order, without those of comments."""
    found: list[str] = []
    for tag in _LINK_TAG.finditer(content[:_HEAD_BYTES].decode("utf-8", "replace")):
        attributes = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(tag[1])}
        is_feed = attributes.get("type", "").lower().strip() in _FEED_TYPES
        if "alternate" not in attributes.get("rel", "").lower().split() or not is_feed:
            continue
        address = web_address(unescape_entities(attributes.get("href", "")), url)
        if address is not None and "/comments/" not in address and address not in found:
            found.append(address)
    return found


def web_address(reference: str, base: str) -> str | None:
    """Return what ``reference`` in a feed at ``base`` leads to, without what only counts readers; None off the web."""
    reference = clean_line(reference[:10_000]).replace(" ", "%20")
    if not reference:
        return None
    try:
        address = str(read_url(base).join(reference))
    except Failed:
        try:
            address = str(read_url(reference))
        except Failed:
            return None
    return _without_tracking(address)


def _without_tracking(address: str) -> str:
    parts = urlsplit(address)
    if not parts.query:
        return address
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name) and value.casefold() != "rss"]
    # Only where something goes: what is written again may be escaped in another way.
    return address if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))


# -- what the texts of feeds are made of -------------------------------------------------------------------------------


def entry_guid(guid: str, url: str | None, title: str, text: str) -> str:
    """Return what tells an entry from others: what the feed says, else its address, else its words; short, printable.

    A guid that is no plain word is replaced by its digest.
    """
    guid = guid.strip() or url or ""
    if guid and len(guid) <= _LONGEST_ID_CHARS and len(guid.split()) == 1 and clean_text(plain(guid)) == guid:
        return guid
    return sha256((guid or f"{title}\n{text}").encode("utf-8", "surrogatepass")).hexdigest()


def line_of(text: str, *, html: bool | None = None) -> str:
    """Return a title or name as plain text on one line; whether it is HTML is guessed where nobody says it."""
    text = text[: 20 * _LONGEST_LINE_CHARS]
    line = fragment_line(text) if (is_html(text) if html is None else html) else clean_line(text)
    # Escaped twice, as many feeds do.
    return clean_line(unescape_entities(line))[:_LONGEST_LINE_CHARS].strip()


def body_of(text: str, *, html: bool) -> str:
    """Return a text as paragraphs, one a line."""
    text = text[:LONGEST_FRAGMENT_CHARS]
    return fragment_text(text) if html else join_paragraphs(split_paragraphs(clean_text(text)))


def cut_off(text: str) -> tuple[str, bool]:
    """Return ``text`` without what leads on to the rest, and whether there is a rest."""
    paragraphs = text.split("\n")
    is_cut = False
    while paragraphs and (_APPEARED.fullmatch(paragraphs[-1]) or _READ_MORE.fullmatch(paragraphs[-1])):
        is_cut = is_cut or not _APPEARED.fullmatch(paragraphs[-1])
        paragraphs.pop()
    if paragraphs and _ELLIPSIS.search(paragraphs[-1][-20:]):
        is_cut = True
    return "\n".join(paragraphs), is_cut


def is_whole(text: str) -> bool:
    """Say whether a description is long enough to be the article itself."""
    return text.count("\n") >= 1 and len(text.split()) >= _WHOLE_WORDS


def authors_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names without their mail addresses; what is only an address is no name."""
    found: list[str] = []
    for name in names:
        line = line_of(name)
        if with_mail := _MAIL_AND_NAME.fullmatch(line) or _NAME_AND_MAIL.fullmatch(line):
            line = with_mail["name"].strip()
        if line and "@" not in line and line not in found:
            found.append(line)
    return tuple(found[:_MOST_AUTHORS])


def language_of(tag: object) -> str | None:
    """Return 'en' of 'en-GB'."""
    code = re.split(r"[-_]", tag.strip(), maxsplit=1)[0].lower() if isinstance(tag, str) else ""
    return code if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else None


# -- XML ---------------------------------------------------------------------------------------------------------------

_Record = Mapping[str, Any]


def _parse_xml(content: bytes, url: str) -> FeedDocument:
    import feedparser  # 0.1 s

    # Bytes in a stream, never text: what is text and looks like a path or an address would be opened.
    parsed = feedparser.parse(
        io.BytesIO(content),
        # Without an address of its own, so that what is only a name is not taken for a part of one. HTML becomes plain
        # text here, so that nothing is left to be made harmless or absolute.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    version = parsed.get("version") or ""
    if not version and not parsed["entries"]:
        raise InputError("is no feed of a kind that is known: RSS, Atom or JSON Feed")
    feed: _Record = parsed["feed"]
    entries = tuple(_read_entry(entry, feed, url, version) for entry in parsed["entries"][:MOST_ENTRIES])
    return FeedDocument(_title(feed, version) or None, web_address(_text(feed, "link"), url), entries)


def _read_entry(entry: _Record, feed: _Record, url: str, version: str) -> FeedEntry:
    address = web_address(_link(entry), url)
    title = _title(entry, version)
    text, is_summary = _read_text(entry)
    published, updated = _moment(entry, "published"), _moment(entry, "updated")
    if published is None and not version.startswith("atom"):
        published, updated = updated, None  # RSS 1.0 has one date, that of publication.
    return FeedEntry(
        guid=entry_guid(_text(entry, "id"), address, title, text),
        url=address,
        title=title,
        authors=authors_of(_names(entry, version)),
        published=published,
        updated=updated,
        text=text,
        is_summary=is_summary,
        language=language_of(_get(entry, "language")) or language_of(_get(feed, "language")),
        section=next(iter(_sections(entry)), None),
    )


def _get(record: _Record, name: str) -> Any:
    # Not by its own `get`: that takes one date for another, with a warning.
    return dict.get(record, name) if isinstance(record, dict) else None


def _text(record: _Record, name: str) -> str:
    value = _get(record, name)
    return value if isinstance(value, str) else ""


def _link(entry: _Record) -> str:
    link = _text(entry, "link")
    # RSS says that a guid is an address unless it says otherwise; many are not.
    is_guid = link == _text(entry, "id") and not _get(entry, "links")
    return "" if is_guid and "://" not in link else link


def _title(record: _Record, version: str) -> str:
    kind = (_get(record, "title_detail") or {}).get("type", "")
    # RSS does not say what it is; in Atom a plain title with a tag in it speaks of the tag.
    is_markup = None if "html" not in kind and not version.startswith("atom") else "html" in kind
    return line_of(_text(record, "title"), html=is_markup)


def _read_text(entry: _Record) -> tuple[str, bool]:
    """Return the text of an entry, and whether it is only a summary."""
    contents = [part for part in _get(entry, "content") or [] if isinstance(part.get("value"), str)]
    if contents:
        longest = max(contents, key=lambda part: len(part["value"]))
        text, is_cut = cut_off(body_of(longest["value"], html=_is_markup(longest)))
        if text:
            return text, is_cut
    detail = {"value": _text(entry, "summary"), **(_get(entry, "summary_detail") or {})}
    text, is_cut = cut_off(body_of(detail["value"], html=_is_markup(detail)))
    return text, bool(text) and (is_cut or not is_whole(text))


def _is_markup(part: _Record) -> bool:
    return "html" in part.get("type", "") or is_html(part["value"])


def _names(entry: _Record, version: str) -> list[str]:
    if version.startswith("atom"):
        return [author.get("name") or "" for author in _get(entry, "authors") or []]
    # As one text: feedparser cuts names from beside mail addresses in the wrong place.
    written = _text(entry, "author")
    return [written] if "@" in written else re.split(r"\s*(?:,|;|\band\b|&)\s+", written)


def _sections(entry: _Record) -> Iterator[str]:
    for tag in (_get(entry, "tags") or [])[:_MOST_AUTHORS]:
        if line := line_of(tag.get("label") or tag.get("term") or ""):
            yield line


def _moment(entry: _Record, name: str) -> date | datetime | None:
    """Return a date of an entry, with the offset it was written with where that can be read."""
    if written := parse_published(_text(entry, name)):
        return written
    parsed = _get(entry, f"{name}_parsed")
    if not isinstance(parsed, struct_time):
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None
