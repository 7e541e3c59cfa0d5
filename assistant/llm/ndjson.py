"""Lines of JSON: bytes as they arrive → whole lines, as in the streams of Ollama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.llm.sse import MAX_EVENT_BYTES, EventTooLong

if TYPE_CHECKING:
    from collections.abc import Iterator

_BYTE_ORDER_MARK = "\ufeff"


class LineParser:
    """Takes bytes cut anywhere and gives the lines that are complete, without the empty ones.

    Lines end with LF or CRLF; invalid UTF-8 becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at_start = True

    def feed(self, received: bytes) -> Iterator[str]:
        """Yield each line that ``received`` completes. Raise ``EventTooLong``."""
        *ends, rest = received.split(b"\n")
        for end in ends:
            self._take(end)
            yield from self.finish()
        self._take(rest)

    def finish(self) -> Iterator[str]:
        """Yield the last line of a stream that ends without a line break."""
        line = self._buffer.decode("utf-8", errors="replace")
        self._buffer.clear()
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        line = line.strip()
        if line:
            yield line

    def _take(self, piece: bytes) -> None:
        self._buffer += piece
        if len(self._buffer) > MAX_EVENT_BYTES:
            raise EventTooLong
