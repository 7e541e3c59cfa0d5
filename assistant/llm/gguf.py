"""What a GGUF file says about its model before anybody loads it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"GGUF"
# Version 1 had counts of four bytes; nobody has written it since 2023.
_VERSIONS = {2, 3}

# The sizes of the value types with a fixed one, and the two others; ggml-org/ggml, docs/gguf.md.
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_WHOLE = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_TEXT, _ARRAY = 8, 9

# No honest file has more; a forged count must not keep us reading.
_MOST_KEYS = 65_536
_LONGEST_NAME = 65_535
_LONGEST_VALUE = 1 << 40

_TOO_SHORT = "it ends too early: the download may be incomplete"

# How a model in several files names each: only the first is given to llama.cpp.
_SPLIT = re.compile(r"-\d{5}-of-(\d{5})\.gguf\Z")


class NotGGUF(ValueError):
    """The file is not one, or not all of one; the message says which."""


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """The model's own context in tokens, ``None`` where the file does not say, and the bytes of all its files."""

    context_tokens: int | None
    size: int


def read_gguf_header(path: Path) -> GGUFHeader:
    """Return what the head of the file at ``path`` says. Raise ``NotGGUF`` or ``OSError``."""
    with path.open("rb") as file:
        if _take(file, 4) != _MAGIC:
            raise NotGGUF("it does not begin as a GGUF file does")
        version, _, keys = struct.unpack("<IQQ", _take(file, 20))
        if version not in _VERSIONS:
            raise NotGGUF(f"it is of GGUF version {version}; known are 2 and 3, little-endian")
        context = _context_tokens(file, min(keys, _MOST_KEYS))
    return GGUFHeader(context, sum(part.stat().st_size for part in _parts(path)))


def _context_tokens(file: BinaryIO, keys: int) -> int | None:
    """Return the value of ARCHITECTURE.context_length. It is a model's only key of that name, so no other is read."""
    for _ in range(keys):
        key = _read_text(file)
        (kind,) = struct.unpack("<I", _take(file, 4))
        if key.endswith(b".context_length") and kind in _WHOLE:
            (value,) = struct.unpack(_WHOLE[kind], _take(file, _SIZES[kind]))
            return value if value > 0 else None
        _skip(file, kind)
    return None


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == _ARRAY:
        kind, count = struct.unpack("<IQ", _take(file, 12))
    else:
        count = 1
    if kind in _SIZES:
        _pass(file, _SIZES[kind] * count)
    elif kind == _TEXT:
        for _ in range(count):
            _pass(file, _length(file))
    else:  # Arrays of arrays are allowed, and nobody writes them.
        raise NotGGUF("its head holds a value of an unknown type")


def _read_text(file: BinaryIO) -> bytes:
    length = _length(file)
    if length > _LONGEST_NAME:
        raise NotGGUF("its head holds a name that is too long")
    return _take(file, length)


def _length(file: BinaryIO) -> int:
    (length,) = struct.unpack("<Q", _take(file, 8))
    return int(length)


def _take(file: BinaryIO, count: int) -> bytes:
    taken = file.read(count)
    if len(taken) < count:
        raise NotGGUF(_TOO_SHORT)
    return taken


def _pass(file: BinaryIO, count: int) -> None:
    # Beyond the end the next read finds nothing; a forged length may be more than a position can be.
    if count > _LONGEST_VALUE:
        raise NotGGUF(_TOO_SHORT)
    file.seek(count, 1)


def _parts(path: Path) -> list[Path]:
    split = _SPLIT.search(path.name)
    if not split:
        return [path]
    stem, end = path.name[: split.start()], f"-of-{split[1]}.gguf"
    return [part for part in path.parent.iterdir() if part.name.startswith(stem) and part.name.endswith(end)]
