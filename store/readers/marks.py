"""Marks in a dump: how far it has been read, and by what it is recognised when reading goes on there."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from store.errors import InputError
from store.readers.fields import Origin
from store.readers.mapping import FieldMapping
from store.records import Reached

Resume = Callable[[str, str], Reached | None]

# A dump is told from others by its beginning. What is shorter has no marks: it may grow, and is soon read again.
HEAD_BYTES = 1 << 16
EVERY_RECORDS = 256
EVERY_BYTES = 4_000_000

_SEEN_BYTES = 8


def stamp_dump(path: Path, head: bytes, origin: Origin, mapping: FieldMapping, form: str) -> str:
    """Return what tells this dump, read with these options, from any other; it stays when the dump grows."""
    options = (str(path.absolute()), form, origin.outlet, origin.published, mapping.names)
    return hashlib.sha256(repr(options).encode("utf-8", "surrogatepass") + b"\0" + head).hexdigest()[:32]


class Marks:
    """Gives a mark now and then while a dump is read, and one for its end.

    Without a ``stamp``, as for pipes, it gives none at all, without ``every`` only that of the end. ``start`` is the
    mark from which reading goes on.
    """

    def __init__(
        self, source: str, stamp: str | None, *, start: Reached | None = None, every: int | None = EVERY_RECORDS
    ) -> None:
        self.start = start
        self._source = source
        self._stamp = stamp
        self._every = every
        self._offset, self._line = self.place

    @property
    def place(self) -> tuple[int, int]:
        """The offset at which reading begins, and the number of lines or records before it."""
        return (self.start.offset or 0, self.start.line) if self.start else (0, 0)

    def enter(self, stream: io.BufferedIOBase, fits: Callable[[bytes, bytes], bool]) -> Iterator[Reached]:
        """Go to ``start`` in ``stream`` and yield it, so that whoever asked for it knows that reading goes on there.

        ``fits`` says of the byte before it and the first ones behind whether it can be so; otherwise the dump is
        another one than it was, and is read from its beginning.
        """
        if self.start is None:
            return
        offset = max(1, self.place[0])
        try:
            stream.seek(offset - 1)
            before, behind = stream.read(1), stream.read(_SEEN_BYTES)
        except InputError:
            before = behind = b""
        if before and fits(before, behind):
            stream.seek(offset)
            yield self.start
            return
        self.start = None
        self._offset, self._line = self.place
        stream.seek(0)

    def pass_by(self, offset: int | None, line: int) -> Iterator[Reached]:
        """Yield a mark where one is due at ``offset``, before which ``line`` lines stand; None is nowhere to go on."""
        if self._stamp is None or self._every is None or offset is None:
            return
        if line - self._line >= self._every or offset - self._offset >= EVERY_BYTES:
            self._offset, self._line = offset, line
            yield Reached(self._source, self._stamp, offset, line)

    def end(self) -> Iterator[Reached]:
        """Yield the mark that says that the dump has been read."""
        if self._stamp is not None:
            yield Reached(self._source, self._stamp, None, self._line)
