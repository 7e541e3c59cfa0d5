import io
from datetime import date
from pathlib import Path

import pytest

from store.readers.fields import Origin
from store.readers.mapping import NO_MAPPING, parse_mapping
from store.readers.marks import EVERY_BYTES, Marks, stamp_dump
from store.records import Reached

START = Reached("dump", "stamp", offset=4, line=1)


def test_a_mark_comes_after_so_many_records_or_bytes() -> None:
    marks = Marks("dump", "stamp", every=10)
    far = EVERY_BYTES + 100

    passed = [
        list(marks.pass_by(offset, line)) for offset, line in [(50, 9), (100, 10), (150, 19), (far, 19), (far, 20)]
    ]

    assert passed == [[], [Reached("dump", "stamp", 100, 10)], [], [Reached("dump", "stamp", far, 19)], []]


def test_no_mark_comes_where_nobody_could_go_on() -> None:
    marks = Marks("dump", "stamp", every=1)

    assert list(marks.pass_by(None, 100)) == []


def test_a_dump_without_a_stamp_has_no_marks() -> None:
    marks = Marks("-", None, every=1)

    assert [*marks.pass_by(100, 100), *marks.end()] == []


@pytest.mark.parametrize(
    ("content", "entered", "place"),
    [(b"one\ntwo\n", [START], 4), (b"ones\ntwo\n", [], 0), (b"one", [], 0), (b"", [], 0)],
)
def test_reading_goes_on_only_where_the_dump_looks_as_it_did(
    content: bytes, entered: list[Reached], place: int
) -> None:
    stream = io.BytesIO(content)
    marks = Marks("dump", "stamp", start=START)

    assert list(marks.enter(stream, lambda before, _: before == b"\n")) == entered
    assert stream.tell() == marks.place[0] == place


def test_a_stamp_tells_names_contents_and_options_apart() -> None:
    path, head, origin = Path("dump.csv"), b"one", Origin("dump.csv")
    stamps = [
        stamp_dump(path, head, origin, NO_MAPPING, "csv"),
        stamp_dump(Path("other.csv"), head, origin, NO_MAPPING, "csv"),
        stamp_dump(path, b"two", origin, NO_MAPPING, "csv"),
        stamp_dump(path, head, Origin("dump.csv", outlet="Post"), NO_MAPPING, "csv"),
        stamp_dump(path, head, Origin("dump.csv", published=date(2020, 1, 2)), NO_MAPPING, "csv"),
        stamp_dump(path, head, origin, parse_mapping(["headline=title"]), "csv"),
        stamp_dump(path, head, origin, NO_MAPPING, "jsonl"),
    ]

    assert len(set(stamps)) == len(stamps)
    assert stamp_dump(path.absolute(), head, Origin("./dump.csv"), NO_MAPPING, "csv") == stamps[0]
