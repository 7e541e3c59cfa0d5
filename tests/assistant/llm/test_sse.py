"""Server-sent events, cut anywhere and ended in every way."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.sse import MAX_EVENT_BYTES, EventParser, EventTooLong


def events(*pieces: bytes) -> list[str]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)] + list(parser.finish())


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]),
        (b"data:a\n\ndata:  b\n\n", ["a", " b"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b": comment\nevent: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]),
        (b"\n\n: only a comment\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
        (b"data\ndata: a\n\n", ["\na"]),
        (b"data: caf\xc3\xa9 \xff\n\n", ["café \ufffd"]),
        ("data: a\x85b\u2028c\n\n".encode(), ["a\x85b\u2028c"]),
        (b"data: a\n\ndata: [DONE]", ["a", "[DONE]"]),
        (b"data: a\n\ndata: [DONE]\n", ["a", "[DONE]"]),
        (b"", []),
    ],
)
def test_a_stream_gives_the_data_of_its_events(stream: bytes, expected: list[str]) -> None:
    assert events(stream) == expected
    assert events(*(stream[i : i + 1] for i in range(len(stream)))) == expected
    assert all(events(stream[:i], stream[i:]) == expected for i in range(len(stream)))


@given(st.lists(st.sampled_from([b"data: ", b"x", b"\r", b"\n", b"\r\n", b":", b"\xc3", b"\xa9", b"\xef\xbb\xbf"])))
def test_where_a_stream_is_cut_makes_no_difference(pieces: list[bytes]) -> None:
    assert events(*pieces) == events(b"".join(pieces))


def test_a_giant_line_is_refused_before_it_fills_the_memory() -> None:
    parser = EventParser()

    with pytest.raises(EventTooLong):
        list(chain.from_iterable(parser.feed(b"x" * 1000) for _ in range(MAX_EVENT_BYTES)))


def test_a_giant_event_of_short_lines_is_refused() -> None:
    parser = EventParser()

    with pytest.raises(EventTooLong):
        list(chain.from_iterable(parser.feed(b"data: " + b"x" * 10_000 + b"\n") for _ in range(MAX_EVENT_BYTES)))
