"""The head of a GGUF file: honest ones, odd ones and what only looks like one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from assistant.llm.gguf import GGUFHeader, NotGGUF, read_gguf_header

TOO_SHORT = "it ends too early: the download may be incomplete"
U32, F32, TEXT, ARRAY, U64 = 4, 6, 8, 9, 10


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def texts(*values: str) -> bytes:
    return struct.pack("<IQ", TEXT, len(values)) + b"".join(map(text, values))


def head(*entries: bytes, version: int = 3, keys: int | None = None) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries) if keys is None else keys) + b"".join(entries)


CONTEXT = entry("llama.context_length", U32, struct.pack("<I", 8192))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], 8192),
        ([entry("general.architecture", TEXT, text("llama"))], 8192),
        ([entry("tokenizer.ggml.tokens", ARRAY, texts("a", "", "ß"))], 8192),
        ([entry("tokenizer.ggml.scores", ARRAY, struct.pack("<IQ3f", F32, 3, 1, 2, 3))], 8192),
        ([entry("general.context_length", TEXT, text("long"))], 8192),
        ([entry("qwen2.context_length", U64, struct.pack("<Q", 32768))], 32768),
        ([entry("llama.context_length", U32, struct.pack("<I", 0))], None),
    ],
)
def test_the_context_is_read_from_among_the_other_keys(
    tmp_path: Path, before: list[bytes], expected: int | None
) -> None:
    (tmp_path / "model.gguf").write_bytes(head(*before, CONTEXT))

    assert read_gguf_header(tmp_path / "model.gguf").context_tokens == expected


def test_a_file_that_does_not_say_has_no_context(tmp_path: Path) -> None:
    content = head(entry("general.name", TEXT, text("Small")))
    (tmp_path / "model.gguf").write_bytes(content)

    assert read_gguf_header(tmp_path / "model.gguf") == GGUFHeader(None, len(content))


def test_the_size_of_a_split_model_is_that_of_all_its_files(tmp_path: Path) -> None:
    first = tmp_path / "big-00001-of-00002.gguf"
    first.write_bytes(head(CONTEXT))
    (tmp_path / "big-00002-of-00002.gguf").write_bytes(bytes(1000))
    (tmp_path / "big-00002-of-00003.gguf").write_bytes(bytes(77))
    (tmp_path / "other-00002-of-00002.gguf").write_bytes(bytes(77))

    assert read_gguf_header(first).size == len(head(CONTEXT)) + 1000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", TOO_SHORT),
        (b"Hello, reader.", "it does not begin as a GGUF file does"),
        (b"GGUF\x03\x00", TOO_SHORT),
        (head(CONTEXT, version=1), "it is of GGUF version 1; known are 2 and 3, little-endian"),
        (head(CONTEXT[:-2]), TOO_SHORT),
        (head(keys=1 << 60), TOO_SHORT),
        (head(entry("x", 99, b"")), "its head holds a value of an unknown type"),
        (head(entry("x", ARRAY, struct.pack("<IQ", ARRAY, 1))), "its head holds a value of an unknown type"),
        (head(struct.pack("<Q", 1 << 40)), "its head holds a name that is too long"),
        (head(entry("x", TEXT, struct.pack("<Q", (1 << 64) - 1)), CONTEXT), TOO_SHORT),
        (
            head(entry("x", ARRAY, struct.pack("<IQ", U64, (1 << 64) - 1)), CONTEXT),
            TOO_SHORT,
        ),
        (
            head(entry("x", ARRAY, struct.pack("<IQ", TEXT, (1 << 64) - 1)), CONTEXT),
            TOO_SHORT,
        ),
    ],
)
def test_what_is_no_model_is_refused_at_once(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "model.gguf").write_bytes(content)

    with pytest.raises(NotGGUF) as raised:
        read_gguf_header(tmp_path / "model.gguf")

    assert str(raised.value) == message
