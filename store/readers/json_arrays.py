"""JSON that is no JSON Lines: an array of articles, an object around one, articles one after another, or one alone."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from json import JSONDecodeError

from store.errors import InputError
from store.readers.decoding import LONGEST_TEXT_BYTES
from store.readers.fields import Origin
from store.readers.lines import UTF_16, Decoder
from store.readers.mapping import BODY_NAMES, FieldMapping
from store.readers.marks import Marks
from store.readers.objects import ObjectReader, list_names, parse_object
from store.records import Draft, Reached, Skipped

_PIECE_BYTES = 1 << 18
_QUOTE = ord('"')
_OPENING = {ord("}"): ord("{"), ord("]"): ord("[")}

# What stands between values: blanks, what separates them, and the record separator of RFC 7464.
_BETWEEN = re.compile(rb"[\s,:\x1e]*+")
_BRACKET_OR_QUOTE = re.compile(rb'["{}\[\]]')
_REST_OF_TEXT = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_REST_OF_WORD = re.compile(rb'[^\s,:"{}\[\]]*+')


def read_json(
    stream: io.BufferedReader, origin: Origin, mapping: FieldMapping, marks: Marks
) -> Iterator[Draft | Skipped | Reached]:
    """Yield the articles in order, or why one is skipped. A Draft's ``line`` is its number among them.

    Of an object the articles are the one array of objects in it, unless it holds a text itself. Raises InputError
    where the JSON is no such thing, or so broken that its rest cannot be read.
    """
    if stream.peek(2).startswith(UTF_16):
        raise InputError("is in UTF-16; convert it to UTF-8 with iconv")
    values = _Values(stream, 0)
    opening = values.peek()
    if opening == ord("["):
        values.skip()
        yield from _Entries(stream, origin, mapping, marks, is_array=True).read(values)
    elif opening == ord("{"):
        yield from _read_objects(stream, values, origin, mapping, marks)
    else:
        raise InputError("holds neither an array of articles nor an object")


def _read_objects(
    stream: io.BufferedReader, values: _Values, origin: Origin, mapping: FieldMapping, marks: Marks
) -> Iterator[Draft | Skipped | Reached]:
    offset = values.offset
    first = values.take(or_leave=True)
    if first is None:  # Too long for an article.
        array = _find_array(stream)
        yield from _Entries(stream, origin, mapping, marks, is_array=True).read(array)
    elif values.peek() is None:
        yield from _read_whole(first, origin, mapping)
    else:
        yield from _Entries(stream, origin, mapping, marks, is_array=False).read(values, (offset, first))


def _read_whole(content: bytes, origin: Origin, mapping: FieldMapping) -> Iterator[Draft | Skipped]:
    """Yield the articles of a file that is one object."""
    value = parse_object(Decoder().decode(content), lambda exc: _position(exc, 0))
    assert isinstance(value, dict)
    mapped = mapping.apply(value)
    arrays = {name: found for name, found in value.items() if _holds_objects(found)}
    if any(isinstance(mapped.get(name), str) for name in BODY_NAMES) or not arrays:
        yield from ObjectReader(origin, mapping, noun="file").read(value, 1)
        return
    if len(arrays) > 1:
        raise InputError(f"holds several arrays: {list_names(dict.fromkeys(arrays))}; keep that of the articles alone")
    objects = ObjectReader(origin, mapping, noun="entry")
    for number, entry in enumerate(next(iter(arrays.values())), start=1):
        yield from objects.read(entry, number)
    yield from objects.describe_unseen()


def _holds_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _find_array(stream: io.BufferedReader) -> _Values:
    """Return the values of the first array of objects in the object that ``stream`` is."""
    if not stream.seekable():
        raise InputError("is larger than 20 MB and comes from a pipe; save it as a file, or convert it to .jsonl")
    stream.seek(0)
    values = _Values(stream, 0)
    values.peek()
    values.skip()
    while values.peek() == ord('"'):
        values.take()
        if values.peek() == ord("["):
            values.skip()
            if values.peek() == ord("{"):
                return values
            values.leave()
        else:
            values.take()
    raise InputError("holds no array of articles")


class _Entries:
    """Reads the articles of an array, or of a file in which they stand one after another."""

    def __init__(
        self, stream: io.BufferedReader, origin: Origin, mapping: FieldMapping, marks: Marks, *, is_array: bool
    ) -> None:
        self._stream = stream
        self._origin = origin
        self._objects = ObjectReader(origin, mapping, noun="entry")
        self._marks = marks
        self._is_array = is_array
        self._decoder = Decoder()

    def read(self, values: _Values, first: tuple[int, bytes] | None = None) -> Iterator[Draft | Skipped | Reached]:
        """Yield the articles from ``values`` on, ``first`` before them, or from where an earlier run came."""
        marks = self._marks
        if marks.start:
            begin = values.offset
            yield from marks.enter(self._stream, lambda before, _: before not in b" \t\r\n,[")
            begin = marks.place[0] or begin
            self._stream.seek(begin)
            values = _Values(self._stream, begin)
        number = marks.place[1]
        if first is not None and not marks.start:
            number = 1
            yield from self._read_entry(first[1], first[0], number)
        while self._is_at_entry(values):
            number += 1
            offset = values.offset
            yield from self._read_entry(values.take(), offset, number)
            yield from marks.pass_by(None if self._decoder.fallback else values.offset, number)
        if not marks.start:
            yield from self._objects.describe_unseen()

    def _is_at_entry(self, values: _Values) -> bool:
        opening = values.peek()
        if opening is None and self._is_array:
            raise InputError(f"broken JSON at byte {values.offset + 1:,}: the array is not closed")
        return opening is not None and not (self._is_array and opening == ord("]"))

    def _read_entry(self, content: bytes | None, offset: int, number: int) -> Iterator[Draft | Skipped]:
        if content is None:
            yield Skipped(self._origin.source, number, "the entry is longer than 20 MB")
            return
        try:
            record = parse_object(self._decoder.decode(content), lambda exc: _position(exc, offset))
        except InputError as exc:
            yield Skipped(self._origin.source, number, str(exc))
            return
        yield from self._objects.read(record, number)


def _position(exc: JSONDecodeError, offset: int) -> str:
    return f"byte {offset + len(exc.doc[: exc.pos].encode('utf-8', 'surrogatepass')) + 1:,}"


class _Values:
    """The values of JSON as they stand in ``stream`` from ``offset`` on, cut out without being parsed.

    A bracket that closes no other ends all reading: where values begin and end is unknown from there.
    """

    def __init__(self, stream: io.BufferedReader, offset: int) -> None:
        self.offset = offset
        self._stream = stream
        self._buffer = bytearray()
        if offset == 0 and stream.peek(3).startswith(codecs.BOM_UTF8):
            self._fill()
            self._drop(len(codecs.BOM_UTF8))

    def peek(self) -> int | None:
        """Go to the next value or closing bracket and return its first byte; None at the end."""
        while True:
            found = _BETWEEN.match(self._buffer)
            assert found is not None
            self._drop(found.end())
            if self._buffer:
                return self._buffer[0]
            if not self._fill():
                return None

    def skip(self) -> None:
        """Step over one byte: into an array or object."""
        self._drop(1)

    def leave(self) -> None:
        """Step over the rest of an array."""
        while self.peek() not in {ord("]"), None}:
            self.take()
        self._drop(1)

    def take(self, *, or_leave: bool = False) -> bytes | None:
        """Return the value here and go beyond it; None where it is longer than 20 MB.

        With ``or_leave`` the search for the end of so long a value is given up.
        """
        began, is_long = self.offset, False
        scan = _Scan()
        while not scan.go_on(self._buffer):
            if scan.at > LONGEST_TEXT_BYTES:
                is_long = True
                if or_leave:
                    return None
                self._drop(scan.at)
                scan.at = 0
            if not self._fill():
                if scan.is_word:
                    break
                raise InputError(f"broken JSON at byte {began + 1:,}: what begins there has no end")
        if scan.is_broken:
            raise InputError(f"broken JSON at byte {self.offset + scan.at:,}: a bracket that closes no other")
        value = None if is_long else bytes(self._buffer[: scan.at])
        self._drop(scan.at)
        return value

    def _fill(self) -> bool:
        more = self._stream.read1(_PIECE_BYTES)
        self._buffer += more
        return bool(more)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self.offset += count


class _Scan:
    """The search for the end of one value in a buffer that grows: ``at`` is how far it has come."""

    def __init__(self) -> None:
        self.at = 0
        self.is_broken = False
        self.is_word = False
        self._in_text = False
        self._opened = bytearray()

    def go_on(self, buffer: bytearray) -> bool:
        """Say whether the end has been found, at ``at``; otherwise more of the value is needed."""
        if self.is_word or (self.at == 0 and not self._opened and not self._in_text and buffer[0] not in b'"{[}]'):
            return self._pass_word(buffer)
        while self._pass_text(buffer) if self._in_text else self._pass_bracket(buffer):
            if self.is_broken or not (self._opened or self._in_text):
                return True
        return False

    def _pass_word(self, buffer: bytearray) -> bool:
        self.is_word = True
        found = _REST_OF_WORD.match(buffer, self.at)
        assert found is not None
        self.at = found.end()
        return self.at < len(buffer)

    def _pass_text(self, buffer: bytearray) -> bool:
        found = _REST_OF_TEXT.match(buffer, self.at)
        assert found is not None
        self.at = found.end()
        if self.at == len(buffer) or buffer[self.at] != _QUOTE:  # or the first half of an escape
            return False
        self.at += 1
        self._in_text = False
        return True

    def _pass_bracket(self, buffer: bytearray) -> bool:
        found = _BRACKET_OR_QUOTE.search(buffer, self.at)
        if found is None:
            self.at = len(buffer)
            return False
        self.at = found.end()
        sign = buffer[found.start()]
        if sign == _QUOTE:
            self._in_text = True
        elif sign in _OPENING:
            self.is_broken = not self._opened or self._opened.pop() != _OPENING[sign]
        else:
            self._opened.append(sign)
        return True
