"""JSON Lines: one article an object, as dumps and other programs write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store.errors import InputError
from store.readers.fields import Origin
from store.readers.mapping import NO_MAPPING, FieldMapping
from store.readers.objects import ObjectReader, is_export_head, parse_object
from store.records import Draft, Reached, Skipped


def read_jsonl(
    lines: Iterable[tuple[int, str] | Skipped | Reached], origin: Origin, mapping: FieldMapping = NO_MAPPING
) -> Iterator[Draft | Skipped | Reached]:
    """Yield the article of each numbered line in order, or why a line is skipped; blank lines are nothing."""
    objects = ObjectReader(origin, mapping)
    is_empty, is_whole = True, True
    for line in lines:
        if isinstance(line, Reached):
            # Where reading goes on after a kill, it has not seen what the lines before had.
            is_whole = is_whole and not is_empty
            is_empty = False
            yield line
        elif isinstance(line, Skipped):
            is_empty = False
            yield line
        elif line[1].strip():
            is_empty = False
            yield from _read_line(*line, objects, origin)
    if is_empty:
        yield Skipped(origin.source, None, "holds no text of an article")
    if is_whole:
        yield from objects.describe_unseen()


def _read_line(number: int, line: str, objects: ObjectReader, origin: Origin) -> Iterator[Draft | Skipped]:
    try:
        # Without its line break: where an object stops short, the column would be one of the next line.
        record = parse_object(line.rstrip("\r\n"), lambda exc: f"column {exc.colno}")
    except InputError as exc:
        yield Skipped(origin.source, number, str(exc))
        return
    if number == 1 and is_export_head(record):
        yield Skipped(origin.source, 1, "begins an export; `dateline import` takes what `add` leaves out, as its feeds")
        return
    yield from objects.read(record, number)
