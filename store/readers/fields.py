"""What an input says about its article, under the names that dumps, front matter and header lines use, → a draft."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from store.cleaning import clean_line, clean_text, plain
from store.errors import InputError
from store.readers.bylines import Dateline, find_dateline, split_names
from store.readers.dates import parse_published
from store.records import Draft, Skipped
from store.splitting import split_sentences

LONGEST_ID_CHARS = 200
_LONGEST_FIELD_CHARS = 300
_LONGEST_URL_CHARS = 2_000
_MOST_AUTHORS = 50
_HEADLINE_FROM_BODY_CHARS = 100

# Names of fields in JSON, CSV and front matter, the first that holds something wins: ours, then those that other
# programs and services write.
_NAMES = {
    "id": ("id",),
    "headline": ("headline", "title"),
    "outlet": ("outlet", "source", "site", "publication", "publisher", "source_domain"),
    "authors": ("authors", "author", "byline"),
    "published": (
        "published",
        "publish_date",
        "date",
        "published_at",
        "publishedAt",
        "datePublished",
        "date_published",
        "date_publish",
    ),
    "modified": ("modified", "modified_at", "dateModified", "date_modified", "date_modify"),
    "url": ("url", "link"),
    "language": ("language", "lang"),
    "section": ("section",),
}

# Names of header lines above a plain text → fields.
_HEADERS = {
    "headline": "headline",
    "title": "headline",
    "outlet": "outlet",
    "source": "outlet",
    "publication": "outlet",
    "publisher": "outlet",
    "site": "outlet",
    "date": "published",
    "published": "published",
    "published on": "published",
    "first published": "published",
    "publish date": "published",
    "publication date": "published",
    "posted": "published",
    "posted on": "published",
    "modified": "modified",
    "updated": "modified",
    "updated on": "modified",
    "last updated": "modified",
    "last modified": "modified",
    "last modified on": "modified",
    "byline": "authors",
    "by": "authors",
    "author": "authors",
    "authors": "authors",
    "author(s)": "authors",
    "url": "url",
    "link": "url",
    "section": "section",
    "language": "language",
}
_HEADER = re.compile(r"(?P<name>[A-Za-z][A-Za-z ()]{1,19}?)\s?:\s*(?P<value>\S.*)")
_DATED = re.compile(
    r"(?P<name>(?:first )?published|posted|(?:last )?updated|last modified)(?: on)? (?P<value>.+)", re.IGNORECASE
)

_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_ENTITIES_ONLY = re.compile(rf"(?:[^&]|{_ENTITY})*+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text comes from, and what to assume of articles that do not say it themselves.

    ``url`` is the address it was fetched from after redirects and ``fetched`` the moment (UTC), where it was fetched.
    """

    source: str
    outlet: str | None = None
    published: date | None = None
    url: str | None = None
    fetched: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """What an input says about its article, cleaned. ``doubts`` are sentences about dates that could not be read."""

    id: str | None = None
    headline: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    published: date | datetime | None = None
    modified: date | datetime | None = None
    url: str | None = None
    language: str | None = None
    section: str | None = None
    is_truncated: bool = False
    doubts: tuple[str, ...] = ()


def split_header(line: str) -> tuple[str, str] | None:
    """Return the field and the value of a header line such as 'Outlet: Example Post' or 'Updated 3 January 2020'."""
    if found := _HEADER.fullmatch(line):
        field = _HEADERS.get(found["name"].casefold())
        return (field, found["value"]) if field else None
    found = _DATED.fullmatch(line) if len(line) < 100 else None
    if found is None or parse_published(found["value"]) is None:
        return None
    return _HEADERS[found["name"].casefold()], found["value"]


def is_url(line: str) -> bool:
    """Say whether ``line`` is the address of a web page and nothing else."""
    return " " not in line and len(line) <= _LONGEST_URL_CHARS and _host(line) is not None


def unescape_entities(text: str) -> str:
    """Return ``text`` with HTML entities decoded, once, where every ampersand in it begins one.

    That is how text looks that an exporter escaped; one bare ampersand, as in 'AT&T', shows that none did.
    """
    return html.unescape(text) if "&" in text and _ENTITIES_ONLY.fullmatch(text) else text


def select_fields(record: Mapping[str, object]) -> dict[str, object]:
    """Return what ``record`` holds, one value a field, under the field's first name."""
    chosen = ((field, next(_values(record, field), None)) for field in _NAMES)
    return {field: found[1] for field, found in chosen if found}


def read_fields(record: Mapping[str, object]) -> Fields:
    """Return the fields that ``record`` holds under any of their names; what is missing, null or empty stays unset.

    Raises ``InputError`` where a value has the wrong type, or an id could not be typed in a terminal. A URL that is not
    http or https and an unreadable date are left out; the date is mentioned in ``doubts``.
    """
    published, published_doubt = _read_date(record, "published")
    modified, modified_doubt = _read_date(record, "modified")
    return Fields(
        id=read_id(record.get("id")),
        headline=_read_line(record, "headline"),
        outlet=_read_line(record, "outlet"),
        authors=_read_authors(record),
        published=published,
        modified=modified,
        url=_read_url(record),
        language=_read_line(record, "language"),
        section=_read_line(record, "section"),
        doubts=tuple(doubt for doubt in (published_doubt, modified_doubt) if doubt),
    )


def write_draft(
    fields: Fields, body: str, *, origin: Origin, line: int | None, page_starts: tuple[int, ...] = ()
) -> Iterator[Draft | Skipped]:
    """Yield the draft of an article with a ``body`` of one paragraph a line, then a notice for each unreadable date."""
    dateline = _find_dateline(body)
    published = fields.published or (dateline.day if dateline else None) or origin.published
    url = fields.url or origin.url
    yield Draft(
        headline=fields.headline or _headline_from(body),
        body=body,
        source=origin.source,
        line=line,
        id=fields.id,
        outlet=fields.outlet or _host(url) or (dateline.outlet if dateline else None) or origin.outlet,
        authors=fields.authors,
        published=published,
        modified=fields.modified,
        url=url,
        language=fields.language,
        section=fields.section,
        place=dateline.place if dateline else None,
        final_url=origin.url,
        fetched=origin.fetched,
        is_truncated=fields.is_truncated,
        page_starts=page_starts,
    )
    kept = "without a date" if published is None else f"with {published.isoformat()}"
    for doubt in fields.doubts:
        yield Skipped(origin.source, line, f"{doubt} not understood, article kept {kept}")


def name_kind(value: object) -> str:
    """Return what a JSON ``value`` is, for a message."""
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return kinds.get(type(value), "null")


def _values(record: Mapping[str, object], field: str) -> Iterator[tuple[str, object]]:
    """Yield the values under the field's names that hold something."""
    for name in _NAMES[field]:
        value = record.get(name)
        if value is not None and value not in ("", [], {}):
            yield name, value


def _read_line(record: Mapping[str, object], field: str) -> str | None:
    for name, value in _values(record, field):
        if line := _clean_field(_text_of(value, name)):
            return line
    return None


def _text_of(value: object, name: str) -> str:
    # Feeds and schema.org name outlets and authors in objects: {"name": "Example Post"}.
    named = value.get("name") if isinstance(value, dict) and name in {*_NAMES["outlet"], *_NAMES["authors"]} else value
    if named is None:
        return ""
    if not isinstance(named, str):
        raise InputError(f"{name!r} is {name_kind(named)}, not text")
    return named


def _clean_field(text: str) -> str:
    # A field of a megabyte is no headline; the regular expressions below see a few times what is kept.
    line = clean_line(unescape_entities(text[: 10 * _LONGEST_FIELD_CHARS]))
    return _cut(line, _LONGEST_FIELD_CHARS)


def _read_authors(record: Mapping[str, object]) -> tuple[str, ...]:
    for name, value in _values(record, "authors"):
        if isinstance(value, list):
            authors = [_clean_field(_text_of(entry, name)) for entry in value[:_MOST_AUTHORS]]
        else:
            authors = list(split_names(_clean_field(_text_of(value, name))).authors)
        if found := tuple(dict.fromkeys(author for author in authors if author)):
            return found[:_MOST_AUTHORS]
    return ()


def _read_date(record: Mapping[str, object], field: str) -> tuple[date | datetime | None, str | None]:
    for name, value in _values(record, field):
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise InputError(f"{name!r} is {name_kind(value)}, not a date")
        written = clean_line(value[:_LONGEST_FIELD_CHARS]) if isinstance(value, str) else value
        if written == "":
            continue
        parsed = parse_published(written)
        noun = "date" if field == "published" else field
        return parsed, None if parsed else f"{noun} {_cut(str(written), 40)!r}"
    return None, None


def _read_url(record: Mapping[str, object]) -> str | None:
    for name, value in _values(record, "url"):
        url = clean_line(_text_of(value, name)[: _LONGEST_URL_CHARS + 1])
        return url if len(url) <= _LONGEST_URL_CHARS and " " not in url and _host(url) else None
    return None


def _host(url: str | None) -> str | None:
    try:
        parts = urlsplit(url or "")
    except ValueError:  # 'http://[broken'
        return None
    host = parts.hostname if parts.scheme in {"http", "https"} else None
    return (host.removeprefix("www.") or None) if host else None


def read_id(value: object) -> str | None:
    """Return an id as it is kept, None where there is none; raise InputError where it could not be typed."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(f"'id' is {name_kind(value)}, not text")
    text = str(value).strip()
    if len(text) > LONGEST_ID_CHARS:
        raise InputError(f"'id' is longer than {LONGEST_ID_CHARS} characters")
    if not text or plain(text) != text or len(text.split()) != 1:
        raise InputError("'id' holds blanks, control or invisible characters")
    return clean_text(text)


def _find_dateline(body: str) -> Dateline | None:
    # A standfirst or a label may stand above the paragraph with the dateline.
    opening = body.split("\n", 3)[:3]
    return next((dateline for paragraph in opening if (dateline := find_dateline(paragraph))), None)


def _headline_from(body: str) -> str:
    first = body.split("\n", 1)[0]
    dateline = find_dateline(first)
    first = first[dateline.length if dateline else 0 :][: 10 * _HEADLINE_FROM_BODY_CHARS].strip()
    spans = split_sentences(first)
    return _cut(first[slice(*spans[0])] if spans else first, _HEADLINE_FROM_BODY_CHARS)


def _cut(text: str, longest: int) -> str:
    """Return ``text`` or, where it is longer, as many whole words of it as fit before an ellipsis."""
    if len(text) <= longest:
        return text
    words = text[:longest].rpartition(" ")[0] or text[: longest - 1]
    return words.rstrip(" ,;:–—-") + "…"
