"""WARC, the format of web archives such as Common Crawl's news: the pages in it, to be read as pages are.

Framing is our own: of the libraries neither FastWARC 2.0 nor warcio 1.8 goes on after a broken record.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from store.cleaning import clean_line
from store.errors import InputError
from store.parsing.jobs import Job
from store.readers.fields import Origin, is_url
from store.readers.http_messages import LONGEST_HEAD_BYTES, parse_headers, read_page_response
from store.readers.marks import Marks
from store.readers.packed import DamagedError, Packing, Unpacker, find_packing
from store.records import Reached, Skipped

_LARGEST_RECORD_BYTES = 10_000_000
_OPENING = b"WARC/"

_VERSION = re.compile(rb"WARC/[01]\.\d{1,2}[ \t]{0,8}\r?\n")
_NEXT_RECORD = re.compile(rb"\nWARC/[01]\.\d{1,2}[ \t]{0,8}\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BLANK = re.compile(rb"[\r\n]*+")
_LONGEST_VERSION = 24
_MOST_DIGITS = 15


def holds_record_a_member(stream: io.BufferedIOBase, packing: Packing) -> bool:
    """Say whether each record is packed by itself, as the standard wants it: then one can begin at any."""
    pieces = _Pieces(Unpacker(stream, packing), 0, is_plain=False)
    try:
        _Records(pieces, 0).read_next()
        pieces.skip_blanks()
    except InputError:
        return True
    return pieces.offset is not None or not pieces.buffer


def read_warc(
    stream: io.BufferedIOBase, packing: Packing | None, origin: Origin, marks: Marks
) -> Iterator[Job | Skipped | Reached]:
    """Yield a job for each page that the archive holds, in order; a Job's ``line`` is the number of its record.

    Records of other kinds are left out; how many is said at the end. A broken record is a Skipped, and reading goes on
    at the next. With ``packing`` each record must be a member of its own; marks are where members begin.
    """
    yield from marks.enter(stream, lambda _, behind: behind.startswith(_OPENING) or bool(find_packing(behind)))
    offset, before = marks.place
    size = _size_of(stream) if packing is None else None
    pieces = _Pieces(Unpacker(stream, packing, offset=offset), offset, is_plain=packing is None, size=size)
    records = _Records(pieces, before)
    others = 0
    while True:
        try:
            record = records.read_next()
        except InputError as exc:
            yield Skipped(origin.source, records.number, str(exc))
            if not records.find_next(is_damaged=isinstance(exc, DamagedError)):
                break
            continue
        if record is None:
            break
        yield from marks.pass_by(records.began, records.number - 1)
        if (found := _read_record(record, origin, records.number)) is None:
            others += 1
        else:
            yield found
    if others:
        yield Skipped(origin.source, None, f"{others:,} of {records.number - before:,} records hold no page")


def _size_of(stream: io.BufferedIOBase) -> int | None:
    if not stream.seekable():
        return None
    here = stream.tell()
    try:
        return stream.seek(0, io.SEEK_END)
    except io.UnsupportedOperation:  # It is being unpacked.
        return None
    finally:
        stream.seek(here)


def _read_record(record: tuple[Mapping[str, str], bytes | None], origin: Origin, number: int) -> Job | Skipped | None:
    headers, content = record
    if headers.get("warc-type") != "response" or "http" not in headers.get("content-type", "http"):
        return None
    if content is None:
        return Skipped(origin.source, number, "the record is larger than 10 MB")
    try:
        page = read_page_response(content)
    except InputError as exc:
        return Skipped(origin.source, number, str(exc))
    if page is None:
        return None
    url = clean_line(headers.get("warc-target-uri", "").strip("<>"))
    fetched = _parse_moment(headers.get("warc-date", ""))
    return Job("page", page, replace(origin, url=url if is_url(url) else None, fetched=fetched), number)


def _parse_moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Pieces:
    """What is unpacked and not yet taken, and from which offset in the archive one could come here again."""

    def __init__(self, unpacker: Unpacker, offset: int, *, is_plain: bool, size: int | None = None) -> None:
        self.buffer = bytearray()
        self._unpacker = unpacker
        self.position = offset
        self._is_plain = is_plain
        self._size = size
        self._starts: dict[int, int] = {}  # of members: position → offset in the archive

    @property
    def offset(self) -> int | None:
        """The offset in the archive of what comes next; None in the middle of a member."""
        return self.position if self._is_plain else self._starts.get(self.position)

    def fill(self) -> bool:
        """Add a piece, and say whether there was one. Raises DamagedError."""
        piece = self._unpacker.next_piece()
        if piece and self._unpacker.is_first:
            self._starts[self.position + len(self.buffer)] = self._unpacker.member
        self.buffer += piece
        return bool(piece)

    def need(self, count: int) -> None:
        """Have the next ``count`` bytes in the buffer. Raises InputError where the archive or member ends before."""
        while len(self.buffer) < count:
            self._check_between(self.position + 1, self.position + len(self.buffer))
            self._fill_on()
        self._check_between(self.position + 1, self.position + count)

    def is_followed(self, count: int) -> bool:
        """Say whether the next ``count`` bytes end as a record does: before empty lines or the end of a member."""
        try:
            while len(self.buffer) < count + _LONGEST_VERSION and self.fill():
                pass
        except DamagedError:
            return True  # That is told in its turn.
        blank = _BLANK.match(self.buffer, count)
        assert blank is not None
        end = blank.end()
        if blank[0].count(b"\n") > 1 or end == len(self.buffer) or self.buffer.startswith(_OPENING, end):
            return True
        return any(count <= start - self.position <= end for start in self._starts)

    def is_beyond_end(self, count: int) -> bool:
        """Say whether the archive is known to end before the next ``count`` bytes do."""
        return self._size is not None and self.position + count > self._size

    def skip(self, count: int) -> None:
        """Go on by ``count`` bytes, whatever they are. Raises InputError as ``need`` does."""
        while len(self.buffer) < count:
            self._check_between(self.position + 1, self.position + len(self.buffer))
            count -= len(self.buffer)
            self.drop(len(self.buffer))
            self._fill_on()
            self._check_between(self.position, self.position + 1)
        self._check_between(self.position + 1, self.position + count)
        self.drop(count)

    def drop(self, count: int) -> None:
        del self.buffer[:count]
        self.position += count
        for start in [start for start in self._starts if start < self.position]:
            del self._starts[start]

    def skip_blanks(self) -> bool:
        """Go to the next byte that is no line break, and say whether there is one."""
        while True:
            blank = _BLANK.match(self.buffer)
            assert blank is not None
            self.drop(blank.end())
            if self.buffer or not self.fill():
                return bool(self.buffer)

    def find(self, opening: re.Pattern[bytes], after: int) -> bool:
        """Go to where ``opening`` matches, or to the first member that begins ``after``; say whether there is any."""
        while True:
            found = opening.search(self.buffer)
            places = [start - self.position for start in self._starts if start > after]
            if found:
                places.append(found.start() + 1)
            if places:
                self.drop(min(places))
                return True
            self.drop(max(0, len(self.buffer) - _LONGEST_VERSION))
            if not self.fill():
                return False

    def enter_next_member(self) -> bool:
        """Leave what cannot be unpacked, and say whether there is a member to go on with."""
        self.drop(len(self.buffer))
        return self._unpacker.find_member(_OPENING)

    def _fill_on(self) -> None:
        if not self.fill():
            raise InputError("the archive breaks off in the middle of this record")

    def _check_between(self, first: int, end: int) -> None:
        """Raise InputError where a member begins there, in the middle of a record."""
        if any(first <= start < end for start in self._starts):
            raise InputError("the record is shorter than it says")


class _Records:
    """The records one after another: ``number`` is that of the latest, ``began`` where one can begin with it."""

    def __init__(self, pieces: _Pieces, number: int) -> None:
        self.number = number
        self.began: int | None = None
        self._pieces = pieces
        self._position = 0  # of the latest record, in what is unpacked

    def read_next(self) -> tuple[Mapping[str, str], bytes | None] | None:
        """Return the headers and content of the next record; None at the end, and for a content of over 10 MB."""
        pieces = self._pieces
        self.number += 1
        if not pieces.skip_blanks():
            self.number -= 1
            return None
        self.began, self._position = pieces.offset, pieces.position
        headers = parse_headers(self._take_head())[1]
        written = headers.get("content-length", "")
        if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
            raise InputError("the record does not say how long it is")
        return headers, self._take_content(int(written))

    def find_next(self, *, is_damaged: bool) -> bool:
        """Go beyond a record that could not be read, and say whether there may be another."""
        try:
            return self._pieces.enter_next_member() if is_damaged else self._pieces.find(_NEXT_RECORD, self._position)
        except DamagedError:
            return self._pieces.enter_next_member()

    def _take_content(self, length: int) -> bytes | None:
        pieces = self._pieces
        if length > _LARGEST_RECORD_BYTES:
            if pieces.is_beyond_end(length):
                raise InputError("the record is shorter than it says")
            pieces.skip(length)
            return None
        pieces.need(length)
        if not pieces.is_followed(length):
            raise InputError("the record is not as long as it says")
        content = bytes(pieces.buffer[:length])
        pieces.drop(length)
        return content

    def _take_head(self) -> bytes:
        pieces = self._pieces
        while len(pieces.buffer) < _LONGEST_VERSION and pieces.fill():
            pass
        if not _VERSION.match(pieces.buffer):
            raise InputError("no record begins where one should")
        while not (end := _HEAD_END.search(pieces.buffer, 0, LONGEST_HEAD_BYTES)):
            if len(pieces.buffer) > LONGEST_HEAD_BYTES:
                raise InputError("the record has no end of its headers")
            pieces.need(len(pieces.buffer) + 1)
        head = bytes(pieces.buffer[: end.start()])
        pieces.drop(end.end())
        return head
