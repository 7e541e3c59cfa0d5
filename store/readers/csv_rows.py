"""Tables (CSV, TSV): one article a row, below a row that names the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from store.errors import InputError
from store.readers.decoding import LONGEST_TEXT_BYTES, peek_head
from store.readers.fields import Origin, select_fields
from store.readers.lines import UTF_16, Lines
from store.readers.mapping import BODY_NAMES, FieldMapping
from store.readers.marks import Marks
from store.readers.objects import ObjectReader, list_names
from store.records import Draft, Reached, Skipped

_DELIMITERS = ",;\t|"


def read_csv(
    stream: io.BufferedReader, origin: Origin, mapping: FieldMapping, marks: Marks
) -> Iterator[Draft | Skipped | Reached]:
    """Yield the article of each row in order, or why a row is skipped; the delimiter is found by the first row.

    Raises InputError where the first row names no column with a text.
    """
    csv.field_size_limit(LONGEST_TEXT_BYTES)
    delimiter = _find_delimiter(_decode_head(peek_head(stream)), mapping)
    rows = _Rows(Lines(stream, origin.source), delimiter)
    names = _read_names(rows, mapping)
    if marks.start:
        yield from marks.enter(stream, lambda before, _: before == b"\n")
        rows = _Rows(Lines(stream, origin.source, marks.place), delimiter)
        if not marks.start:
            _read_names(rows, mapping)
    objects = ObjectReader(origin, mapping, noun="row")
    for row in rows:
        if isinstance(row, str):
            yield Skipped(origin.source, rows.began, row)
        elif row:
            yield from _read_row(row, names, objects, origin, rows.began)
        yield from marks.pass_by(rows.lines.offset, rows.lines.number)
    if not marks.start:
        yield from objects.describe_unseen()


def _read_row(
    row: Sequence[str], names: Sequence[str], objects: ObjectReader, origin: Origin, line: int
) -> Iterator[Draft | Skipped]:
    if len(row) < len(names) or any(row[len(names) :]):
        yield Skipped(origin.source, line, f"the row has {_count(len(row))}, but {len(names)} have a name")
        return
    record: dict[str, str] = {}
    for name, cell in zip(names, row, strict=False):
        record.setdefault(name, cell)  # Of columns with one name the first holds.
    yield from objects.read(record, line)


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


class _Rows:
    """The rows of a table, in their place a sentence where one cannot be read; ``began`` is the latest row's line."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self.lines = lines
        self.began = 0
        self._chars = 0
        self._is_at_end = False
        self._reader = csv.reader(self._feed(), delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str] | str]:
        return self

    def __next__(self) -> list[str] | str:
        self.began, self._chars = self.lines.number + 1, 0
        try:
            row = next(self._reader)
        except csv.Error as exc:
            return f"broken CSV: {exc}"
        except _RowError as exc:
            # The generator that raised is spent; csv begins a new row with a new one.
            self._reader = csv.reader(self._feed(), self._reader.dialect)
            return str(exc)
        # csv asks for a line beyond the end only to close a cell.
        return "a quotation mark is not closed" if self._is_at_end else row

    def _feed(self) -> Iterator[str]:
        for line in self.lines:
            if isinstance(line, Skipped):
                raise _RowError(line.reason)
            self._chars += len(line[1])
            if self._chars > LONGEST_TEXT_BYTES:
                raise _RowError("the row is longer than 20 MB; a quotation mark may not be closed")
            yield line[1]
        self._is_at_end = True


class _RowError(Exception):
    """A row that is too long."""


def _decode_head(head: bytes) -> str:
    return head.decode("utf-16" if head.startswith(UTF_16) else "utf-8-sig", "replace")


def _find_delimiter(head: str, mapping: FieldMapping) -> str:
    """Return what separates the names in the first row: what yields most names that are known, then most names."""

    def rate(delimiter: str) -> tuple[int, int]:
        names = _first_row(head, delimiter)
        return sum(_is_known(_fold(name)) or name.strip() in mapping.sources for name in names), len(names)

    return max(_DELIMITERS, key=rate)


def _first_row(head: str, delimiter: str) -> list[str]:
    try:
        return next((row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row), [])
    except csv.Error:
        return []


def _read_names(rows: _Rows, mapping: FieldMapping) -> list[str]:
    cells = next((row for row in rows if row), [])
    if isinstance(cells, str):
        raise InputError(f"the first row cannot be read: {cells}")
    names = [_name(cell.strip(), mapping) for cell in cells]
    while names and not names[-1]:
        names.pop()
    bodies = mapping.names_of_body()
    if not any(name in names for name in bodies):
        listed = list_names(dict.fromkeys(names))
        raise InputError(
            f"no column is called {' or '.join(map(repr, bodies[:2]))} in the first row, which has: {listed}; "
            "name the column of the text with --map body=NAME"
        )
    return names


def _name(cell: str, mapping: FieldMapping) -> str:
    return _fold(cell) if cell not in mapping.sources and _is_known(_fold(cell)) else cell


def _fold(cell: str) -> str:
    return "_".join(cell.casefold().split())


def _is_known(name: str) -> bool:
    return name in BODY_NAMES or bool(select_fields({name: name}))
