"""Server-sent events: bytes as they arrive → the data of events, as in the WHATWG HTML standard, section 9.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# An event is a few hundred bytes; what is a thousand times larger is no answer.
MAX_EVENT_BYTES = 1_000_000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLong(Exception):
    """A line or an event is longer than ``MAX_EVENT_BYTES``."""


class EventParser:
    """Takes bytes cut anywhere and gives the data of the events that are complete.

    Lines end with LF, CRLF or CR. Comments and all fields but ``data`` are dropped; data over several lines is joined
    by line breaks; invalid UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._data: list[bytes] = []
        self._at_start = True
        self._after_cr = False

    def feed(self, received: bytes) -> Iterator[str]:
        """Yield the data of each event that ``received`` completes. Raise ``EventTooLong``."""
        # Only what is new can hold a line's end: a long line that drips in is not searched again from its beginning.
        for piece in received.splitlines(keepends=True):
            if self._after_cr and piece == b"\n":
                self._after_cr = False
                continue
            self._after_cr = piece.endswith(b"\r")
            self._buffer += piece.rstrip(b"\r\n")
            self._check_length()
            if piece.endswith((b"\r", b"\n")):
                yield from self._end_line()

    def finish(self) -> Iterator[str]:
        """Yield the last event of a stream that ends without the blank line that should close it."""
        yield from self._end_line()
        yield from self._end_line()

    def _end_line(self) -> Iterator[str]:
        line = bytes(self._buffer)
        self._buffer.clear()
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        if not line:
            if self._data:
                yield b"\n".join(self._data).decode("utf-8", errors="replace")
            self._data.clear()
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))

    def _check_length(self) -> None:
        if len(self._buffer) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise EventTooLong
