"""One object of a dump, a row of a table among them → the draft of an article."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from store.cleaning import clean_line, clean_text
from store.errors import InputError
from store.readers.fields import Fields, Origin, name_kind, read_fields, unescape_entities, write_draft
from store.readers.mapping import BODY_NAMES, NO_MAPPING, FieldMapping, find_value
from store.readers.paragraphs import join_paragraphs, split_paragraphs
from store.records import Draft, Skipped

# JSON takes up to 30 times its length in memory, in lists of nothing. No article has that many values, and few as
# many commas.
_MOST_VALUES = 1_000_000
_COUNTED_CHARS = 1_000_000

# What the first line of an export of dateline says that it is.
EXPORT_SCHEMA = "dateline.export/1"

_MOST_NAMES_TOLD = 12
_LONGEST_NAME_CHARS = 40


def parse_object(text: str, where: Callable[[json.JSONDecodeError], str]) -> object:
    """Return the value that ``text`` is in JSON. Raises InputError, in which ``where`` says where it is broken."""
    if len(text) > _COUNTED_CHARS and sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise InputError("holds more than a million values")
    try:
        # Not strict: a raw tab or line break in a string is wrong but clear, and is cleaned like any other.
        return json.loads(text, strict=False)
    except json.JSONDecodeError as exc:
        raise InputError(f"broken JSON at {where(exc)}: {exc.msg}") from exc
    except ValueError as exc:
        raise InputError("a number in the JSON is too long") from exc
    except RecursionError as exc:
        raise InputError("the JSON is nested too deeply") from exc


def is_export_head(record: object) -> bool:
    """Say whether an object is the first line of an export of dateline, of this form or a later one."""
    return isinstance(record, dict) and str(record.get("schema")).startswith(EXPORT_SCHEMA.rstrip("0123456789"))


class ObjectReader:
    """Reads the objects of one dump, and notices which names of the mapping never occur in them."""

    def __init__(self, origin: Origin, mapping: FieldMapping = NO_MAPPING, *, noun: str = "line") -> None:
        self._origin = origin
        self._mapping = mapping
        self._noun = noun
        self._unseen = set(mapping.sources)
        self._names: dict[str, None] = {}

    def read(self, record: object, line: int) -> Iterator[Draft | Skipped]:
        """Yield the article that ``record`` is, or why it is none."""
        try:
            fields, body = self._read(record)
        except InputError as exc:
            yield Skipped(self._origin.source, line, str(exc))
            return
        yield from write_draft(fields, body, origin=self._origin, line=line)

    def describe_unseen(self) -> Iterator[Skipped]:
        """Yield what the mapping names and no record had, once a whole dump has been read."""
        if self._unseen and self._names:
            missing = " or ".join(repr(name) for name in self._mapping.sources if name in self._unseen)
            yield Skipped(self._origin.source, None, f"no record had {missing}; they have: {list_names(self._names)}")

    def _read(self, record: object) -> tuple[Fields, str]:
        if not isinstance(record, dict):
            raise InputError(f"the {self._noun} is {name_kind(record)}, not an object with a 'body'")
        if self._unseen:
            self._look_at(record)
        mapped = self._mapping.apply(record)
        return read_fields(mapped), self._read_body(mapped)

    def _look_at(self, record: Mapping[str, object]) -> None:
        self._unseen = {name for name in self._unseen if find_value(record, name) is None and name not in record}
        for name in record:
            if len(self._names) <= _MOST_NAMES_TOLD:
                self._names.setdefault(name)

    def _read_body(self, record: Mapping[str, object]) -> str:
        for name in BODY_NAMES:
            value = record.get(name)
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                raise InputError(f"{name!r} is {name_kind(value)}, not text")
            if body := join_paragraphs(split_paragraphs(clean_text(unescape_entities(value)))):
                return body
        names = self._mapping.names_of_body()
        if names == BODY_NAMES:
            raise InputError("no text in 'body' or 'text'; name the field that holds it with --map body=NAME")
        raise InputError(f"no text in {' or '.join(map(repr, names))}")


def list_names(names: Mapping[str, None]) -> str:
    """Return the ``names`` of a record for a message."""
    shown = [repr(clean_line(name[:_LONGEST_NAME_CHARS])) for name in names]
    return ", ".join(shown[:_MOST_NAMES_TOLD]) + (" and others" if len(shown) > _MOST_NAMES_TOLD else "")
