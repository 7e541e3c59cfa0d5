"""Lines of JSON, cut anywhere and ended in every way."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.ndjson import LineParser
from assistant.llm.sse import MAX_EVENT_BYTES, EventTooLong


def lines(*pieces: bytes) -> list[str]:
    parser = LineParser()
    return [line for piece in pieces for line in parser.feed(piece)] + list(parser.finish())


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'{"a": 1}\n{"b": 2}\n', ['{"a": 1}', '{"b": 2}']),
        (b'{"a": 1}\r\n\r\n\n{"b": 2}\r\n', ['{"a": 1}', '{"b": 2}']),
        (b'{"a": 1}\n{"b": 2}', ['{"a": 1}', '{"b": 2}']),
        (b"\xef\xbb\xbf{}\n", ["{}"]),
        (b'{"a": "caf\xc3\xa9 \xff"}\n', ['{"a": "café \ufffd"}']),
        ('{"a": "\u2028\x85"}\n'.encode(), ['{"a": "\u2028\x85"}']),
        (b" \n\t\n", []),
        (b"", []),
    ],
)
def test_a_stream_gives_its_lines(stream: bytes, expected: list[str]) -> None:
    assert lines(stream) == expected
    assert lines(*(stream[i : i + 1] for i in range(len(stream)))) == expected
    assert all(lines(stream[:i], stream[i:]) == expected for i in range(len(stream)))


@given(st.lists(st.sampled_from([b"{", b"x", b"\r", b"\n", b"\r\n", b" ", b"\xc3", b"\xa9", b"\xef\xbb\xbf"])))
def test_where_a_stream_is_cut_makes_no_difference(pieces: list[bytes]) -> None:
    assert lines(*pieces) == lines(b"".join(pieces))


def test_a_giant_line_is_refused_before_it_fills_the_memory() -> None:
    parser = LineParser()

    with pytest.raises(EventTooLong):
        list(chain.from_iterable(parser.feed(b"x" * 1000) for _ in range(MAX_EVENT_BYTES)))
