"""Rows of a damaged SQLite file, read from its pages without SQLite, which gives up at the first page it cannot follow.

After the file format as described at https://www.sqlite.org/fileformat2.html; as its `.recover` does, pages that no
table leads to any more are read as well.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

Value = None | int | float | str | bytes

_PAGE_BYTES = 4_096  # Of every file of ours, where its header does not say.
_HEADER_BYTES = 100
_INTERIOR_INDEX, _INTERIOR_TABLE, _LEAF_INDEX, _LEAF_TABLE = 0x02, 0x05, 0x0A, 0x0D
_LARGEST_PAYLOAD = 1 << 30


class Unreadable(Exception):
    """Bytes that are no page, cell or record."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was found. ``key`` is its rowid, None in tables that have none.

    ``is_reached`` says that the table it belongs to leads to it; of another only its shape tells where it belongs, and
    it may be one that was deleted.
    """

    key: int | None
    values: tuple[Value, ...]
    is_reached: bool


class PageFile:
    """The pages of a file and, over them, those that its write-ahead log has made durable."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        header = self._file.read(_HEADER_BYTES)
        self._size = _page_size(header)
        self._usable = self._size - (header[20] if header[:6] == b"SQLite" and len(header) > 20 else 0)
        length = path.stat().st_size
        self._count = -(-length // self._size)
        log = path.with_name(path.name + "-wal")
        self._log = log.open("rb") if log.is_file() else None
        self._logged = _logged_pages(self._log.read(), self._size) if self._log else {}
        if self._logged:
            self._count = max(self._count, *self._logged)

    def close(self) -> None:
        self._file.close()
        if self._log is not None:
            self._log.close()

    def rows(self, tables: Sequence[str], shapes: Callable[[Row], str | None]) -> Iterator[tuple[str, Row]]:
        """Yield the rows of ``tables``, indexes among them, first those that they lead to.

        ``shapes`` tells the table of a row that nothing leads to, None where it is of no interest.
        """
        seen: set[int] = set()
        roots = self._roots()
        for name, root in roots.items():
            for row in self._walk(root, seen, is_reached=True):
                if name in tables:
                    yield name, row
        self._walk_free(seen)
        for number in range(1, self._count + 1):
            if number in seen:
                continue
            for row in self._cells(number):
                name_of = shapes(row)
                if name_of is not None:
                    yield name_of, row

    def _roots(self) -> dict[str, int]:
        roots: dict[str, int] = {}
        for row in self._walk(1, set(), is_reached=True):
            if len(row.values) == 5 and row.values[0] in ("table", "index") and isinstance(row.values[3], int):
                roots[str(row.values[1])] = row.values[3]
        return roots

    def _walk(self, root: int, seen: set[int], *, is_reached: bool) -> Iterator[Row]:
        """Yield the rows below a page, in no order; what cannot be read is left out."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in seen or not 1 <= number <= self._count:
                continue
            seen.add(number)
            page = self._page(number)
            try:
                waiting += self._children(page, number)
            except (Unreadable, struct.error, IndexError):
                continue
            yield from self._cells(number, is_reached=is_reached)

    def _children(self, page: bytes, number: int) -> list[int]:
        base = _HEADER_BYTES if number == 1 else 0
        if page[base] not in (_INTERIOR_INDEX, _INTERIOR_TABLE):
            return []
        pointers = self._pointers(page, base)
        children = [struct.unpack_from(">I", page, pointer)[0] for pointer in pointers]
        return [*children, struct.unpack_from(">I", page, base + 8)[0]]

    def _cells(self, number: int, *, is_reached: bool = False) -> Iterator[Row]:
        """Yield the rows that lie on a page."""
        page = self._page(number)
        base = _HEADER_BYTES if number == 1 else 0
        if len(page) < self._size or page[base] not in (_INTERIOR_INDEX, _LEAF_INDEX, _LEAF_TABLE):
            return
        try:
            pointers = self._pointers(page, base)
        except (Unreadable, struct.error):
            return
        for pointer in pointers:
            try:
                yield self._cell(page, page[base], pointer, is_reached=is_reached)
            except (Unreadable, struct.error, IndexError, UnicodeDecodeError):
                continue

    def _pointers(self, page: bytes, base: int) -> list[int]:
        (count,) = struct.unpack_from(">H", page, base + 3)
        start = base + (12 if page[base] in (_INTERIOR_INDEX, _INTERIOR_TABLE) else 8)
        if start + 2 * count > len(page):
            raise Unreadable
        return list(struct.unpack_from(f">{count}H", page, start))

    def _cell(self, page: bytes, kind: int, at: int, *, is_reached: bool) -> Row:
        at += 4 if kind == _INTERIOR_INDEX else 0
        length, at = _varint(page, at)
        key: int | None = None
        if kind == _LEAF_TABLE:
            key, at = _varint(page, at)
        if not 0 < length < _LARGEST_PAYLOAD:
            raise Unreadable
        return Row(key, _record(self._payload(page, at, length, is_table=kind == _LEAF_TABLE)), is_reached)

    def _payload(self, page: bytes, at: int, length: int, *, is_table: bool) -> bytes:
        """Return the bytes of a record, those included that did not fit on its page."""
        usable = self._usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (usable - 4)
        here = here if here <= most else least
        parts, missing = [page[at : at + here]], length - here
        (following,) = struct.unpack_from(">I", page, at + here)
        while missing > 0:
            if not 1 <= following <= self._count:
                raise Unreadable
            overflow = self._page(following)
            parts.append(overflow[4 : 4 + min(missing, usable - 4)])
            missing -= usable - 4
            (following,) = struct.unpack_from(">I", overflow, 0)
        return b"".join(parts)

    def _walk_free(self, seen: set[int]) -> None:
        """Count the pages that hold nothing any more as seen: what was deleted is not to come back."""
        header = self._page(1)
        if len(header) < _HEADER_BYTES or header[:6] != b"SQLite":
            return
        (trunk,) = struct.unpack_from(">I", header, 32)
        while 1 <= trunk <= self._count and trunk not in seen:
            seen.add(trunk)
            page = self._page(trunk)
            if len(page) < self._size:
                return
            trunk, count = struct.unpack_from(">II", page)
            seen.update(struct.unpack_from(f">{min(count, self._size // 4 - 2)}I", page, 8))

    def _page(self, number: int) -> bytes:
        file, offset = self._file, (number - 1) * self._size
        if number in self._logged and self._log is not None:
            file, offset = self._log, self._logged[number]
        file.seek(offset)
        return file.read(self._size)


def _page_size(header: bytes) -> int:
    if header[:6] == b"SQLite" and len(header) >= 18:
        (size,) = struct.unpack_from(">H", header, 16)
        size = 65_536 if size == 1 else size
        if 512 <= size <= 65_536 and size & (size - 1) == 0:
            return int(size)
    return _PAGE_BYTES


def _logged_pages(log: bytes, size: int) -> dict[int, int]:
    """Return where in a write-ahead log the last durable version of each page begins."""
    if len(log) < 32:
        return {}
    magic, _, log_size, _, *salts = struct.unpack_from(">6I", log)
    if magic not in (0x377F0682, 0x377F0683) or log_size != size:
        return {}
    order = ">" if magic & 1 else "<"
    sums = _checksums(log[:24], (0, 0), order)
    if sums != struct.unpack_from(">II", log, 24):
        return {}
    durable: dict[int, int] = {}
    since: dict[int, int] = {}
    for at in range(32, len(log) - size - 23, size + 24):
        number, committed, *frame_salts = struct.unpack_from(">4I", log, at)
        sums = _checksums(log[at + 24 : at + 24 + size], _checksums(log[at : at + 8], sums, order), order)
        if frame_salts != salts or sums != struct.unpack_from(">II", log, at + 16):
            break
        since[number] = at + 24
        if committed:
            durable |= since
            since = {}
    return durable


def _checksums(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for i in range(0, len(words), 2):
        first = (first + words[i] + second) & 0xFFFFFFFF
        second = (second + words[i + 1] + first) & 0xFFFFFFFF
    return first, second


def _record(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    if not at <= header <= len(payload):
        raise Unreadable
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    at = header
    for kind in kinds:
        value, at = _value(payload, kind, at)
        values.append(value)
    if at != len(payload):
        raise Unreadable
    return tuple(values)


_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    length = _INTEGER_BYTES.get(kind, 8 if kind == 7 else (kind - 12) // 2)
    piece = payload[at : at + length]
    if kind in (10, 11) or len(piece) != length:
        raise Unreadable
    if kind in _INTEGER_BYTES:
        return int.from_bytes(piece, "big", signed=True), at + length
    if kind == 7:
        return struct.unpack(">d", piece)[0], at + length
    return (piece.decode("utf-8") if kind % 2 else piece), at + length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = 0
    for i in range(9):
        byte = content[at + i]
        if i == 8:
            number = number << 8 | byte
            break
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return (number - (1 << 64) if number >= 1 << 63 else number), at + i + 1
