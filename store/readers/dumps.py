"""The door for dumps: many articles in a file, packed or not, in constant memory and from where a kill left them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from store.errors import InputError
from store.parsing.jobs import Job
from store.readers.contents import Format
from store.readers.csv_rows import read_csv
from store.readers.decoding import peek_head
from store.readers.fields import Origin
from store.readers.json_arrays import read_json
from store.readers.jsonl import read_jsonl
from store.readers.lines import read_lines
from store.readers.mapping import NO_MAPPING, FieldMapping
from store.readers.marks import EVERY_RECORDS, HEAD_BYTES, Marks, Resume, stamp_dump
from store.readers.packed import LONGEST_MAGIC, Packing, find_packing, open_packed
from store.readers.warc import holds_record_a_member, read_warc
from store.records import Draft, Reached, Skipped

# One object, written over several lines, that comes from a pipe or has another's name.
_OBJECT_OVER_LINES = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{[ \t]*\r?\n")


def read_dump(
    stream: io.BufferedReader,
    origin: Origin,
    form: Format,
    *,
    path: Path | None = None,
    mapping: FieldMapping = NO_MAPPING,
    resume: Resume | None = None,
    every: int = EVERY_RECORDS,
) -> Iterator[Job | Draft | Skipped | Reached]:
    """Yield the articles of a dump in order, pages as jobs, what is skipped, and a mark every so many records.

    Never raises for what it reads, but OSError where it cannot be read. Whether it is packed, and how, its first bytes
    say; what can be sought is read from its beginning. What has a ``path`` and can be sought has marks where ``resume``
    is given: it is asked with the source and the stamp for the mark of an earlier run. Where reading goes on from
    there, that same mark comes first. The last mark has no offset: the dump has been read to its end.
    """
    marks = Marks(origin.source, None)
    try:
        if stream.seekable():
            stream.seek(0)
        packing = find_packing(stream.peek(LONGEST_MAGIC)[:LONGEST_MAGIC])
        if path is not None and resume is not None and stream.seekable():
            marks = _place_marks(stream, form, origin, path, mapping, resume, every)
        yield from _read_form(stream, packing, form, origin, mapping, marks)
    except InputError as exc:
        yield Skipped(origin.source, None, str(exc))
    yield from marks.end()


def _place_marks(
    stream: io.BufferedReader,
    form: Format,
    origin: Origin,
    path: Path,
    mapping: FieldMapping,
    resume: Resume,
    every: int,
) -> Marks:
    head = stream.read(HEAD_BYTES)
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    stamp = stamp_dump(path, head, origin, mapping, form)
    start = resume(origin.source, stamp) if size >= HEAD_BYTES else None
    return Marks(origin.source, stamp, start=start, every=every if size >= HEAD_BYTES else None)


def _read_form(
    stream: io.BufferedReader,
    packing: Packing | None,
    form: Format,
    origin: Origin,
    mapping: FieldMapping,
    marks: Marks,
) -> Iterator[Job | Draft | Skipped | Reached]:
    if form == "warc":
        if packing and stream.seekable():
            is_member = holds_record_a_member(stream, packing)
            stream.seek(0)
            if not is_member:
                stream, packing = open_packed(stream, packing), None
        yield from read_warc(stream, packing, origin, marks)
        return
    if packing:
        stream = open_packed(stream, packing)
    is_over_lines = _OBJECT_OVER_LINES.match(peek_head(stream))
    if form == "json" or (form == "jsonl" and is_over_lines):
        yield from read_json(stream, origin, mapping, marks)
    elif form == "jsonl":
        yield from read_jsonl(read_lines(stream, origin.source, marks), origin, mapping)
    else:
        yield from read_csv(stream, origin, mapping, marks)
