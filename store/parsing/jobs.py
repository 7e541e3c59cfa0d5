"""What is asked of a parser and what it gives: values, and their strict form on the pipe between the processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from store.cleaning import clean_line, clean_text, plain
from store.records import Draft, Skipped

if TYPE_CHECKING:
    from store.readers.fields import Origin

Piece = Draft | Skipped
T = TypeVar("T")

_LONGEST_REASON_CHARS = 300
_LONGEST_URL_CHARS = 2_000
_LONGEST_ID_CHARS = 200


class MalformedAnswer(ValueError):
    """A child wrote what no reader of ours writes: hostile input may have taken it over."""


@dataclass(frozen=True, slots=True)
class Job:
    """Bytes to be parsed. ``line`` is where they begin in their source, for drafts that do not say it themselves."""

    kind: str
    content: bytes
    origin: Origin
    line: int | None = None


def write_request(job: Job, reader: str) -> bytes:
    """Return the line that goes before the bytes of ``job``'s content."""
    origin = {field.name: _jsonable(getattr(job.origin, field.name)) for field in fields(job.origin)}
    return json.dumps({"reader": reader, "size": len(job.content), "origin": origin}).encode() + b"\n"


def read_request(line: bytes) -> tuple[str, int, Origin]:
    """Return the reader's name, the size of the content that follows and its origin."""
    from store.readers.fields import Origin  # That package starts this one.

    request = json.loads(line)
    origin = request["origin"] | {
        "published": _optional(_day)(request["origin"]["published"]),
        "fetched": _optional(_day)(request["origin"]["fetched"]),
    }
    return request["reader"], request["size"], Origin(**origin)


def write_piece(piece: Piece) -> bytes:
    if isinstance(piece, Skipped):
        return json.dumps({"skipped": {"line": piece.line, "reason": piece.reason}}).encode()
    draft = {field.name: _jsonable(getattr(piece, field.name)) for field in fields(Draft)}
    return json.dumps({"draft": draft}).encode()


def read_piece(kind: str, record: object, job: Job) -> Piece:
    """Return the piece that a child wrote about ``job``. Raises MalformedAnswer where a type is not what it must be.

    What the parent knows better is the parent's: the source, the address and the moment of fetching. Every text is
    cleaned again.
    """
    if not isinstance(record, dict):
        raise MalformedAnswer(f"{kind} is no object")
    if kind == "skipped":
        reason = _line(record.get("reason"))[:_LONGEST_REASON_CHARS]
        return Skipped(job.origin.source, _optional(_count)(record.get("line")) or job.line, reason)
    if kind != "draft" or record.keys() != _DRAFT.keys():
        raise MalformedAnswer("neither a draft nor a notice")
    return _draft(record, job)


def _draft(record: Mapping[str, object], job: Job) -> Draft:
    values: dict[str, Any] = {name: read(record[name]) for name, read in _DRAFT.items()}
    body, starts = values["body"], values["page_starts"]
    is_ascending = all(before <= after for before, after in pairwise(starts))
    if starts and not (starts[0] == 0 and is_ascending and starts[-1] <= len(body) and body == record["body"]):
        raise MalformedAnswer("pages that do not fit the text")
    values |= {"source": job.origin.source, "final_url": job.origin.url, "fetched": job.origin.fetched}
    values["line"] = values["line"] or job.line
    return Draft(**values)


def _jsonable(value: object) -> object:
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedAnswer("no text where one must be")
    return clean_text(value)


def _line(value: object) -> str:
    return clean_line(_text(value))


def _id(value: object) -> str:
    text = _text(value)
    if not 0 < len(text) <= _LONGEST_ID_CHARS or plain(text) != text or len(text.split()) != 1:
        raise MalformedAnswer("an id that cannot be typed")
    return text


def _url(value: object) -> str | None:
    url = _line(value)
    try:
        is_web = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_web = False
    return url if is_web and " " not in url and len(url) <= _LONGEST_URL_CHARS else None


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise MalformedAnswer("no number where one must be")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise MalformedAnswer("neither true nor false")
    return value


def _day(value: object) -> date | datetime:
    try:
        text = _text(value)
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as exc:
        raise MalformedAnswer("no date where one must be") from exc


def _optional(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value is None else read(value)


def _each(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    def read_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise MalformedAnswer("no list where one must be")
        return tuple(read(entry) for entry in value)

    return read_all


_DRAFT: Mapping[str, Callable[[object], object]] = {
    "headline": _line,
    "body": _text,
    "source": _text,
    "line": _optional(_count),
    "id": _optional(_id),
    "outlet": _optional(_line),
    "authors": _each(_line),
    "published": _optional(_day),
    "modified": _optional(_day),
    "url": _optional(_url),
    "language": _optional(_line),
    "section": _optional(_line),
    "place": _optional(_line),
    "final_url": _optional(_text),
    "fetched": _optional(_day),
    "is_truncated": _truth,
    "page_starts": _each(_count),
}
