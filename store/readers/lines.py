"""Lines of a dump, one in memory at a time, with the place at which each ends."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator

from store.readers.decoding import LONGEST_TEXT_BYTES, guess_encoding
from store.readers.marks import Marks
from store.records import Reached, Skipped

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Decoder:
    """Decodes the pieces of one dump: UTF-8, or the encoding guessed from the first that is not."""

    def __init__(self) -> None:
        self.fallback: str | None = None

    def decode(self, content: bytes) -> str:
        """Return the text of ``content``; a byte order mark at its beginning is left out."""
        try:
            return content.decode("utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8")
        except UnicodeDecodeError:
            # Guessed once: every line of a dump is in the encoding of its first that is not UTF-8.
            self.fallback = self.fallback or guess_encoding(content) or "utf-8"
            return content.decode(self.fallback, "replace")


class Lines:
    """The numbered lines of ``stream``, or why a line is left out.

    ``place`` is the offset at which ``stream`` stands, and how many lines are before. ``number`` is that of the latest
    line, ``offset`` where the next begins, None where nobody could go on from there: in UTF-16, and once the encoding
    had to be guessed from a line.
    """

    def __init__(self, stream: io.BufferedReader, source: str, place: tuple[int, int] = (0, 0)) -> None:
        self.offset: int | None
        self.offset, self.number = place
        self._source = source
        self._decoder = Decoder()
        self._readline: Callable[[int], bytes] = stream.readline
        if stream.peek(2).startswith(UTF_16) and not self.number:
            wrapper = io.TextIOWrapper(stream, encoding="utf-16", errors="replace", newline="\n")
            self._readline = lambda limit: wrapper.readline(limit).encode("utf-8")
            self.offset = None

    def __iter__(self) -> Iterator[tuple[int, str] | Skipped]:
        return self

    def __next__(self) -> tuple[int, str] | Skipped:
        line = self._readline(LONGEST_TEXT_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._advance(line)
        if len(line) > LONGEST_TEXT_BYTES and not line.endswith(b"\n"):
            while (rest := self._readline(LONGEST_TEXT_BYTES)) and not rest.endswith(b"\n"):
                self._advance(rest)
            self._advance(rest)
            return Skipped(self._source, self.number, "the line is longer than 20 MB")
        text = self._decoder.decode(line)
        if self._decoder.fallback:
            self.offset = None
        return self.number, text

    def _advance(self, line: bytes) -> None:
        if self.offset is not None:
            self.offset += len(line)


def read_lines(
    stream: io.BufferedReader, source: str, marks: Marks | None = None
) -> Iterator[tuple[int, str] | Skipped | Reached]:
    """Yield the numbered lines of ``stream``, or why a line is left out, and marks between them where they are due."""
    if marks:
        yield from marks.enter(stream, lambda before, _: before == b"\n")
    lines = Lines(stream, source, marks.place if marks else (0, 0))
    for line in lines:
        yield line
        if marks:
            yield from marks.pass_by(lines.offset, lines.number)
