"""JSON Lines: one article an object, as dumps and other programs write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from store.cleaning import clean_text
from store.errors import InputError
from store.readers.fields import Fields, Origin, name_kind, read_fields, unescape_entities, write_draft
from store.readers.paragraphs import join_paragraphs, split_paragraphs
from store.records import Draft, Skipped

_BODY_NAMES = ("body", "text")


def read_jsonl(lines: Iterable[tuple[int, str] | Skipped], origin: Origin) -> Iterator[Draft | Skipped]:
    """Yield the article of each numbered line in order, or why a line is skipped; blank lines are nothing."""
    is_empty = True
    for line in lines:
        if isinstance(line, Skipped):
            is_empty = False
            yield line
        elif line[1].strip():
            is_empty = False
            yield from _read_line(*line, origin)
    if is_empty:
        yield Skipped(origin.source, None, "holds no text of an article")


def _read_line(number: int, line: str, origin: Origin) -> Iterator[Draft | Skipped]:
    try:
        fields, body = _read_record(line)
    except InputError as exc:
        yield Skipped(origin.source, number, str(exc))
        return
    yield from write_draft(fields, body, origin=origin, line=number)


def _read_record(line: str) -> tuple[Fields, str]:
    try:
        # Not strict: a raw tab or line break in a string is wrong but clear, and is cleaned like any other.
        # Without its line break: where an object stops short, the column would be one of the next line.
        record = json.loads(line.rstrip("\r\n"), strict=False)
    except json.JSONDecodeError as exc:
        raise InputError(f"broken JSON at column {exc.colno}: {exc.msg}") from exc
    except ValueError as exc:
        raise InputError("a number in the JSON is too long") from exc
    except RecursionError as exc:
        raise InputError("the JSON is nested too deeply") from exc
    if not isinstance(record, dict):
        raise InputError(f"the line is {name_kind(record)}, not an object with a 'body'")
    return read_fields(record), _read_body(record)


def _read_body(record: dict[str, object]) -> str:
    for name in _BODY_NAMES:
        value = record.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise InputError(f"{name!r} is {name_kind(value)}, not text")
        if body := join_paragraphs(split_paragraphs(clean_text(unescape_entities(value)))):
            return body
    raise InputError("no text in 'body' or 'text'")
