"""What ``dateline export`` wrote; it may have been in other hands since, so it is cleaned like any other input."""

from __future__ import annotations

import base64
import binascii
import io
import math
import struct
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from store.cleaning import clean_line, clean_text, plain
from store.errors import InputError
from store.readers.fields import is_url, name_kind, read_id
from store.readers.files import describe_failure, label
from store.readers.objects import EXPORT_SCHEMA, is_export_head, parse_object
from store.readers.packed import find_packing, open_packed
from store.records import (
    Article,
    ArticleRef,
    Draft,
    Exported,
    ExportedEntry,
    ExportedFeed,
    ExportHead,
    Revision,
    Skipped,
)
from store.rows import moment_of

STDIN = "-"

# An article of 20 MB with its vectors has 70; nothing of ours is longer.
LONGEST_LINE_BYTES = 1 << 28

_HEAD_BYTES = 16
_NORM_TOLERANCE = 1e-3
_LONGEST_SOURCE_CHARS = 4_096

Piece = ExportHead | Exported | Skipped


def read_export(source: str) -> Iterator[Piece]:
    """Yield the head of an export, its articles in order, and why one is left out. ``source`` is a file or ``-``.

    Raises InputError where it is no export, or cannot be read at all.
    """
    if source == STDIN:
        stdin = sys.stdin.buffer
        assert isinstance(stdin, io.BufferedReader)
        yield from read_stream(stdin, STDIN)
        return
    try:
        with Path(source).open("rb") as stream:
            yield from read_stream(stream, label(source))
    except OSError as exc:
        raise InputError(f"{label(source)!r}: {describe_failure(exc)}") from exc


def read_stream(stream: io.BufferedReader, source: str) -> Iterator[Piece]:
    packing = find_packing(stream.peek(_HEAD_BYTES)[:_HEAD_BYTES])
    lines = _lines(open_packed(stream, packing) if packing else stream)
    try:
        head = _read_head(next(lines, b""))
        yield head
        articles = 0
        for number, line in enumerate(lines, start=2):
            articles += 1
            try:
                yield _read_article(parse_object(_text(line), lambda exc: f"column {exc.colno}"), number, head)
            except InputError as exc:
                yield Skipped(source, number, str(exc))
        if articles < head.articles:
            missing = head.articles - articles
            yield Skipped(source, None, f"the export breaks off: {missing:,} of its articles are missing")
    except InputError as exc:  # Packed, it is damaged.
        raise InputError(f"{source!r} {exc}", hint=exc.hint) from exc


def _lines(stream: io.BufferedReader) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE_BYTES):
        if len(line) == LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            raise InputError("has a line that is too long for an article")
        yield line


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as exc:
        raise InputError("the line is not in UTF-8") from exc


def _read_head(line: bytes) -> ExportHead:
    hint = "`dateline add` reads other JSON Lines, and `dateline restore` backups"
    try:
        record = parse_object(_text(line), lambda exc: f"column {exc.colno}")
    except InputError as exc:
        raise InputError("is no export of dateline", hint=hint) from exc
    if not is_export_head(record) or not isinstance(record, dict):
        raise InputError("is no export of dateline", hint=hint)
    if record["schema"] != EXPORT_SCHEMA:
        raise InputError(
            f"is an export of a newer version, {clean_line(str(record['schema']))[:60]!r}",
            hint="upgrade with `pip install --upgrade dateline`",
        )
    try:
        return _head_of(record)
    except (KeyError, TypeError, ValueError) as exc:
        raise InputError(f"has a first line that is damaged: {plain(str(exc))[:200]}", hint="export it again") from exc


def _head_of(record: Mapping[str, Any]) -> ExportHead:
    embedder = record["embedder"] or {}
    return ExportHead(
        articles=int(record["articles"]),
        embedder=_line_or_none(embedder.get("name")),
        digest=_line_or_none(embedder.get("digest")),
        dimension=int(embedder.get("dimension", 0)),
        feeds=tuple(
            ExportedFeed(
                feed["url"],
                _line_or_none(feed["title"]),
                _line_or_none(feed["outlet"]),
                _utc(feed["added"]),
                feed["is_gone"] is True,
            )
            for feed in record["feeds"]
            if is_url(feed["url"])
        ),
    )


def _read_article(record: object, number: int, head: ExportHead) -> Exported:
    if not isinstance(record, dict):
        raise InputError(f"the line is {name_kind(record)}, not an article")
    try:
        return _exported(record, number, head)
    except KeyError as exc:
        raise InputError(f"the article has no {exc}") from exc
    except (AttributeError, TypeError, ValueError) as exc:
        raise InputError(f"the article is damaged: {plain(str(exc))[:200]}") from exc


def _exported(record: Mapping[str, Any], number: int, head: ExportHead) -> Exported:
    known = record["archive"]
    ref, body = _ref(record), clean_text(record["body"])
    if not body.strip():
        raise InputError("the article has no text")
    is_as_it_was = body == record["body"]
    spans = _spans(known["passages"], len(body)) if is_as_it_was else ()
    return Exported(
        draft=_draft(ref, body, plain(known["source"])[:_LONGEST_SOURCE_CHARS], number, keeps_pages=is_as_it_was),
        added=_utc(known["added"]),
        revisions=tuple(_revision(one, ref.id) for one in known["revisions"]),
        entries=tuple(map(_entry, known["entries"])),
        spans=spans,
        vectors=_vectors(known["vectors"], spans, head.dimension) if spans and known.get("vectors") else (),
        digest=head.digest,
    )


def _draft(ref: ArticleRef, body: str, source: str, line: int, *, keeps_pages: bool) -> Draft:
    return Draft(
        headline=ref.headline,
        body=body,
        source=source,
        line=line,
        id=ref.id,
        outlet=ref.outlet,
        authors=ref.authors,
        published=ref.published,
        modified=ref.modified,
        url=ref.url,
        language=ref.language,
        section=ref.section,
        place=ref.place,
        final_url=ref.final_url,
        fetched=ref.fetched,
        is_truncated=ref.is_truncated,
        page_starts=ref.page_starts if keeps_pages else (),
    )


def _ref(record: Mapping[str, Any]) -> ArticleRef:
    article_id = read_id(record["id"])
    if article_id is None:
        raise InputError("the article has no 'id'")
    return ArticleRef(
        article_id,
        clean_line(record["headline"]),
        _line_or_none(record["outlet"]),
        tuple(clean_line(author) for author in record["authors"]),
        moment_of(record["published"]),
        moment_of(record["modified"]),
        _url(record["url"]),
        _line_or_none(record["language"]),
        _line_or_none(record["section"]),
        _line_or_none(record["place"]),
        _url(record["final_url"]),
        _utc(record["fetched"]) if record["fetched"] is not None else None,
        record["is_truncated"] is True,
        tuple(map(_whole, record["page_starts"])),
    )


def _revision(record: Mapping[str, Any], article_id: str) -> Revision:
    ref = _ref({**record, "id": article_id})
    return Revision(Article(ref, clean_text(record["body"])), _utc(record["replaced"]))


def _entry(record: Mapping[str, Any]) -> ExportedEntry:
    url = None if record["url"] is None else _text_of(record["url"])
    return ExportedEntry(
        _text_of(record["feed"]),
        _text_of(record["guid"]),
        url if url and is_url(url) else None,
        _text_of(record["mark"]),
        _whole(record["tries"]),
        _utc(record["seen"]),
    )


def _spans(pairs: list[Any], length: int) -> tuple[tuple[int, int], ...]:
    """Return the passages, none where they are not in order within a text so long: it is then split anew."""
    spans = tuple((_whole(start), _whole(end)) for start, end in pairs)
    last = 0
    for start, end in spans:
        if not last <= start < end <= length:
            return ()
        last = end
    return spans


def _vectors(encoded: list[Any], spans: tuple[tuple[int, int], ...], dimension: int) -> tuple[bytes | None, ...]:
    if len(encoded) != len(spans):
        return ()
    return tuple(None if one is None else _vector(one, dimension) for one in encoded)


def _vector(encoded: str, dimension: int) -> bytes | None:
    """Return a vector, None where it is none of norm 1: it is made again."""
    try:
        vector = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if not dimension or len(vector) != 4 * dimension:
        return None
    norm = math.hypot(*struct.unpack(f"<{dimension}f", vector))
    return vector if abs(norm - 1) < _NORM_TOLERANCE else None


def _line_or_none(value: str | None) -> str | None:
    return None if value is None else clean_line(value)


def _text_of(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name_kind(value)} stands where a text should")
    return plain(value)


def _url(value: str | None) -> str | None:
    return value if value is not None and clean_line(value) == value and is_url(value) else None


def _utc(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise TypeError(f"{name_kind(value)} stands where a count should")
    return value
