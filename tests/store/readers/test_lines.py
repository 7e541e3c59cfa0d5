import io

import pytest

from store.readers.decoding import LONGEST_TEXT_BYTES
from store.readers.lines import Lines, read_lines
from store.records import Skipped

ENGLISH = "The ferry “Aurora” sank on Tuesday, the café owner’s daughter said — all 300 were saved.\n"


def stream(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_lines_are_numbered_in_any_encoding(encoding: str) -> None:
    content = f"one\n\n{ENGLISH}last".encode(encoding)

    assert list(read_lines(stream(content), "dump")) == [(1, "one\n"), (2, "\n"), (3, ENGLISH), (4, "last")]


def test_only_a_line_break_ends_a_line() -> None:
    assert list(read_lines(stream("one\u2028\x85\r\n".encode("utf-16")), "dump")) == [(1, "one\u2028\x85\r\n")]


def test_a_line_over_20_mb_is_skipped_and_the_next_is_read() -> None:
    content = b"one\n" + b"x" * (2 * LONGEST_TEXT_BYTES + 5) + b"\nthree\n"

    assert list(read_lines(stream(content), "dump")) == [
        (1, "one\n"),
        Skipped("dump", 2, "the line is longer than 20 MB"),
        (3, "three\n"),
    ]


def test_the_place_after_each_line_is_known_in_utf_8() -> None:
    lines = Lines(stream(b"\xef\xbb\xbfone\r\n\ntwo"), "dump")

    assert [(lines.number, lines.offset) for _ in lines] == [(1, 8), (2, 9), (3, 12)]


def test_the_place_after_a_line_over_20_mb_is_known() -> None:
    lines = Lines(stream(b"x" * (2 * LONGEST_TEXT_BYTES + 5) + b"\ntwo\n"), "dump")

    assert [lines.offset for _ in lines] == [2 * LONGEST_TEXT_BYTES + 6, 2 * LONGEST_TEXT_BYTES + 10]


def test_no_place_is_known_once_the_encoding_was_guessed() -> None:
    lines = Lines(stream("one\nFähre\nthree\n".encode("cp1252")), "dump")

    assert [lines.offset for _ in lines] == [4, None, None]
