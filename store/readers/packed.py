"""Packed files (gzip, bzip2, xz, Zstandard) → their bytes, in pieces of bounded size, whatever they unpack to."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zlib
from contextlib import suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, cast

from store.errors import InputError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Packing = Literal["gzip", "bzip2", "xz", "Zstandard"]

EXTENSIONS: dict[str, Packing] = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard"}

_MAGIC: dict[Packing, bytes] = {
    "gzip": b"\x1f\x8b\x08",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\0",
    "Zstandard": b"\x28\xb5\x2f\xfd",
}
LONGEST_MAGIC = 6
# A frame of Zstandard that holds something for programs, as 0x184D2A50 to 0x184D2A5F.
_SKIPPABLE = b"\x2a\x4d\x18"

_READ_BYTES = 1 << 16
_PIECE_BYTES = 1 << 18
# What unpacking may hold: the default of `zstd -d`, and more than the 65 MB of `xz -9`. Beyond, the file says so.
_ZSTD_WINDOW_LOG = 27
_XZ_MEMORY_BYTES = 128 << 20


class DamagedError(InputError):
    """A packed file ends too early or does not unpack."""


class _Decompressor(Protocol):
    """What the compression modules of Python agree on."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def find_packing(head: bytes) -> Packing | None:
    """Return how the file that begins with ``head`` is packed, if it is."""
    if head[1:4] == _SKIPPABLE and 0x50 <= head[0] <= 0x5F:
        return "Zstandard"
    return next((packing for packing, magic in _MAGIC.items() if head.startswith(magic)), None)


def strip_packing(path: PurePath) -> PurePath:
    """Return ``path`` without the extension that says how it is packed: 'dump.jsonl.gz' is a 'dump.jsonl'."""
    return path.with_suffix("") if path.suffix.lower() in EXTENSIONS else path


def open_packed(stream: io.BufferedIOBase, packing: Packing) -> io.BufferedReader:
    """Return what ``stream`` unpacks to. Reading raises DamagedError where no more can be unpacked.

    It can be sought where ``stream`` can; going back means unpacking from the beginning.
    """
    return io.BufferedReader(_Unpacked(stream, packing), _PIECE_BYTES)


def create_packed(stream: BinaryIO, packing: Packing) -> BinaryIO:
    """Return what packs into ``stream`` whatever is written to it, and must be closed before that is.

    The same bytes give the same file, whenever that is made.
    """
    if packing == "gzip":
        return cast("BinaryIO", gzip.GzipFile("", "wb", 6, stream, mtime=0))
    if packing == "bzip2":
        return cast("BinaryIO", bz2.BZ2File(stream, "wb"))
    if packing == "xz":
        return cast("BinaryIO", lzma.LZMAFile(stream, "wb"))
    return cast("BinaryIO", zstd.ZstdFile(stream, "wb"))


class Unpacker:
    """The pieces of a file, one member after another; ``packing`` None gives those of a file that is not packed.

    ``member`` is the offset in ``stream`` at which the member of the latest piece begins, and ``is_first`` says that
    the piece is the first of its member.
    """

    def __init__(self, stream: io.BufferedIOBase, packing: Packing | None, *, offset: int = 0) -> None:
        self.member = offset
        self.is_first = False
        self._stream = stream
        self._packing = packing
        self._read = offset
        self._rest = b""  # read and not yet unpacked
        self._damage: DamagedError | None = None
        self._decompressor: _Decompressor | None = None

    def next_piece(self) -> bytes:
        """Return up to 256 KB, from one member only; nothing at the end.

        Raises DamagedError, and again each time until another member is found.
        """
        if self._packing is None:
            self.is_first = self._read == self.member
            return self._fetch(_PIECE_BYTES)
        if self._damage:
            raise self._damage
        try:
            return self._next_packed(self._packing)
        except DamagedError as exc:
            self._damage = exc
            raise

    def find_member(self, opening: bytes) -> bool:
        """Go to the next member after the latest one that unpacks to what begins with ``opening``; say if there is."""
        if self._packing is None or not self._stream.seekable():
            return False
        magic = _MAGIC[self._packing]
        start = self.member + 1
        self._stream.seek(start)
        window = b""
        while more := self._stream.read(_READ_BYTES):
            window += more
            at = window.find(magic)
            while at >= 0:
                if self._opens_with(opening, start + at, self._packing):
                    self._enter(start + at)
                    return True
                at = window.find(magic, at + 1)
            kept = len(magic) - 1
            start, window = start + len(window) - kept, window[-kept:]
            self._stream.seek(start + kept)
        return False

    def _next_packed(self, packing: Packing) -> bytes:
        self.is_first = False
        while True:
            if self._decompressor is None:
                if not self._skip_padding(packing):
                    return b""
                self._begin_member(packing)
            if piece := self._unpack():
                return piece

    def _opens_with(self, opening: bytes, offset: int, packing: Packing) -> bool:
        self._stream.seek(offset)
        try:
            return self._decompress(_decompressor(packing), self._stream.read(_READ_BYTES), len(opening)) == opening
        except DamagedError:
            return False

    def _enter(self, offset: int) -> None:
        self._stream.seek(offset)
        self.member = self._read = offset
        self._rest = b""
        self._damage = None
        self._decompressor = None

    def _fetch(self, most: int = _READ_BYTES) -> bytes:
        content = self._stream.read1(most)  # `read` would lose what it has where damage ends it.
        self._read += len(content)
        return content

    def _skip_padding(self, packing: Packing) -> bool:
        """Say whether there is more. Zeros after a member are padding: that of tapes, and of xz."""
        while True:
            if packing in {"gzip", "xz"}:
                self._rest = self._rest.lstrip(b"\0")
            if self._rest:
                return True
            self._rest = self._fetch()
            if not self._rest:
                return False

    def _begin_member(self, packing: Packing) -> None:
        while len(self._rest) < LONGEST_MAGIC and (more := self._fetch()):
            self._rest += more
        self.member = self._read - len(self._rest)
        if find_packing(self._rest) != packing:
            raise DamagedError(f"is no {packing} from byte {self.member:,} on")
        self._decompressor = _decompressor(packing)
        self.is_first = True

    def _unpack(self) -> bytes:
        decompressor = self._decompressor
        assert decompressor is not None
        given = b""
        if decompressor.needs_input:
            given, self._rest = self._rest or self._fetch(), b""
            if not given:
                raise DamagedError(f"breaks off at byte {self._read:,}: its end is missing")
        piece = self._decompress(decompressor, given, _PIECE_BYTES)
        if decompressor.eof:
            self._rest = decompressor.unused_data
            self._decompressor = None
        return piece

    def _decompress(self, decompressor: _Decompressor, given: bytes, most: int) -> bytes:
        try:
            return decompressor.decompress(given, most)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, zstd.ZstdError) as exc:
            raise DamagedError(_describe(exc) or f"is damaged before byte {self._read:,}") from exc


def _describe(exc: Exception) -> str | None:
    """Return why something cannot be unpacked that need not be damaged."""
    message = str(exc).casefold()
    if "memory" in message:
        return "takes more than 128 MB of memory to unpack; pack it anew with smaller settings"
    if "dictionary" in message:
        return "is packed with a dictionary of its own, and these are not read; unpack it first"
    return None


class _Unpacked(io.RawIOBase):
    """A packed file as the bytes it unpacks to."""

    def __init__(self, stream: io.BufferedIOBase, packing: Packing) -> None:
        super().__init__()
        self._stream = stream
        self._packing = packing
        self._begin()

    def _begin(self) -> None:
        self._unpacker = Unpacker(self._stream, self._packing)
        self._piece = memoryview(b"")
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if not self._piece:
            self._piece = memoryview(self._unpacker.next_piece())
        into = memoryview(buffer).cast("B")
        count = min(len(into), len(self._piece))
        into[:count] = self._piece[:count]
        self._skip(count)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            raise io.UnsupportedOperation("the length of a packed file is not known")
        if offset < self._position:
            self._stream.seek(0)
            self._begin()
        while self._position < offset:
            if not self._piece:
                # Damage is told by the reading that follows: a buffer must know where it stands.
                with suppress(DamagedError):
                    self._piece = memoryview(self._unpacker.next_piece())
                if not self._piece:
                    break
            self._skip(min(offset - self._position, len(self._piece)))
        return self._position

    def _skip(self, count: int) -> None:
        self._piece = self._piece[count:]
        self._position += count


class _Inflater:
    """zlib's decompressor of gzip members in the shape of the others."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        piece = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        # A full piece may have left something inside of zlib, even where it has taken all input.
        self.needs_input = not self._zlib.unconsumed_tail and len(piece) < max_length
        return piece


def _decompressor(packing: Packing) -> _Decompressor:
    if packing == "gzip":
        return _Inflater()
    if packing == "bzip2":
        return bz2.BZ2Decompressor()
    if packing == "xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
