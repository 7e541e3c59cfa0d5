import bz2
import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from backports import zstd

from store.parsing.jobs import Job
from store.readers.contents import Format
from store.readers.dumps import read_dump
from store.readers.fields import Origin
from store.readers.mapping import NO_MAPPING, FieldMapping, parse_mapping
from store.readers.marks import Resume
from store.records import Draft, Reached, Skipped
from tests.invented import invented
from tests.web_archives import packed, page_of, record, response

Pieces = list[Job | Draft | Skipped | Reached]


def articles() -> list[Draft]:
    """Give 40 articles that stay over 64 KB when they are packed."""
    noise = random.Random(5)  # noqa: S311 - the same articles each time
    return [invented(n, id=None, body=f"Log {n}.\n{noise.randbytes(2_000).hex(' ', 4)}") for n in range(40)]


def as_jsonl() -> bytes:
    return b"".join(line.encode() + b"\n" for line in as_objects())


def as_objects() -> list[str]:
    return [json.dumps({"title": one.headline, "body": one.body, "date": str(one.published)}) for one in articles()]


def as_array() -> bytes:
    return f"[{', '.join(as_objects())}]".encode()


def as_csv() -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([("title", "body"), *((one.headline, one.body) for one in articles())])
    return written.getvalue().encode()


def as_warc() -> list[bytes]:
    return [record(response(page_of(one)), f"https://post.example/{n}") for n, one in enumerate(articles())]


DUMPS: dict[str, tuple[Format, Callable[[], bytes]]] = {
    "a.jsonl": ("jsonl", as_jsonl),
    "a.jsonl.gz": ("jsonl", lambda: gzip.compress(as_jsonl())),
    "a.jsonl.bz2": ("jsonl", lambda: bz2.compress(as_jsonl())),
    "a.jsonl.zst": ("jsonl", lambda: zstd.compress(as_jsonl())),
    "a.csv": ("csv", as_csv),
    "a.csv.gz": ("csv", lambda: gzip.compress(as_csv())),
    "array.json": ("json", as_array),
    "array.json.gz": ("json", lambda: gzip.compress(as_array())),
    "sequence.json": ("json", as_jsonl),
    "a.warc": ("warc", lambda: b"".join(as_warc())),
    "a.warc.gz": ("warc", lambda: packed(as_warc())),
    "a.warc.zst": ("warc", lambda: b"".join(map(zstd.compress, as_warc()))),
    "one member.warc.gz": ("warc", lambda: gzip.compress(b"".join(as_warc()))),
}
each_dump = pytest.mark.parametrize("name", DUMPS)


def read(
    path: Path,
    form: Format,
    resume: Resume | None = lambda _source, _stamp: None,
    mapping: FieldMapping = NO_MAPPING,
    every: int = 1,
) -> Pieces:
    with path.open("rb") as stream:
        origin = Origin(str(path))
        return list(read_dump(stream, origin, form, path=path, mapping=mapping, resume=resume, every=every))


def read_on(path: Path, form: Format, mark: Reached) -> Pieces:
    return read(path, form, lambda _source, stamp: mark if stamp == mark.stamp else None)


def without_marks(pieces: Iterable[Job | Draft | Skipped | Reached]) -> Pieces:
    return [piece for piece in pieces if not isinstance(piece, Reached)]


def marks_of(pieces: Pieces) -> list[Reached]:
    return [piece for piece in pieces if isinstance(piece, Reached)]


@each_dump
def test_reading_on_at_any_mark_gives_the_same_as_one_run(name: str, tmp_path: Path) -> None:
    form, write = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(write())

    whole = read(path, form)
    places = [at for at, piece in enumerate(whole) if isinstance(piece, Reached) and piece.offset is not None]

    assert len(without_marks(whole)) == 40
    assert len(places) >= 39
    for at in places:
        rest = read_on(path, form, whole[at])  # type: ignore[arg-type]
        assert rest[0] == whole[at]
        assert without_marks(whole[:at]) + without_marks(rest) == without_marks(whole)


@each_dump
def test_the_last_mark_says_that_the_dump_has_been_read(name: str, tmp_path: Path) -> None:
    form, write = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(write())

    last = read(path, form)[-1]

    assert isinstance(last, Reached)
    assert last.offset is None


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(as_jsonl())
    return path


def test_marks_come_every_so_many_records(dump: Path) -> None:
    assert [mark.line for mark in marks_of(read(dump, "jsonl", every=15))] == [15, 30, 30]


def test_a_dump_that_has_grown_is_read_on(dump: Path) -> None:
    mark = marks_of(read(dump, "jsonl"))[20]

    with dump.open("a", encoding="utf-8") as stream:
        stream.write('{"body": "The latest."}\n')

    assert read_on(dump, "jsonl", mark)[-3].body == "The latest."  # type: ignore[union-attr]


def test_another_dump_of_the_same_name_is_read_from_its_beginning(dump: Path) -> None:
    mark = marks_of(read(dump, "jsonl"))[20]

    dump.write_bytes(b'{"body": "The first."}\n' + as_jsonl())

    assert len(without_marks(read_on(dump, "jsonl", mark))) == 41


@pytest.mark.parametrize("name", [name for name in DUMPS if not name.endswith("bz2")])  # it is one block
def test_a_dump_that_has_shrunk_is_read_from_its_beginning(name: str, tmp_path: Path) -> None:
    form, write = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(write())
    mark = marks_of(read(path, form))[-2]

    path.write_bytes(path.read_bytes()[: len(path.read_bytes()) - 9_000])
    rest = read_on(path, form, mark)

    assert mark not in rest
    assert len([piece for piece in rest if isinstance(piece, (Job, Draft))]) >= 20


def test_other_options_read_a_dump_from_its_beginning(dump: Path) -> None:
    mark = marks_of(read(dump, "jsonl"))[20]

    def resume(_source: str, stamp: str) -> Reached | None:
        return mark if stamp == mark.stamp else None

    assert len(without_marks(read(dump, "jsonl", resume, parse_mapping(["headline=title"])))) == 40
    assert len(without_marks(read(dump, "jsonl", resume))) == 19


def test_small_dumps_have_only_the_mark_of_their_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"body": "The ferry."}\n' * 3, encoding="utf-8")

    assert [mark.offset for mark in marks_of(read(path, "jsonl"))] == [None]


def test_nobody_who_does_not_ask_gets_marks(dump: Path) -> None:
    assert marks_of(read(dump, "jsonl", None)) == []


def test_no_mark_follows_a_line_whose_encoding_was_guessed(tmp_path: Path) -> None:
    lines = as_jsonl().splitlines(keepends=True)
    lines[10] = '{"body": "Die Fähre nach Göteborg lief am Dienstag auf Grund."}\n'.encode("latin-1")
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines))

    assert [mark.line for mark in marks_of(read(path, "jsonl"))] == [*range(1, 11), 10]


def test_an_object_over_several_lines_is_no_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"body": "The ferry."}, indent=4), encoding="utf-8")

    assert read(path, "jsonl", None) == [Draft("The ferry.", "The ferry.", str(path), line=1)]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz", "array.json.gz"])
def test_what_a_truncated_archive_holds_is_kept(name: str, tmp_path: Path) -> None:
    form, write = DUMPS[name]
    path = tmp_path / name
    path.write_bytes(write()[:-20_000])

    *pieces, last, end = read(path, form)

    assert all(isinstance(piece, Draft) for piece in without_marks(pieces))
    assert 20 < len(without_marks(pieces)) < 40
    assert last == Skipped(str(path), None, f"breaks off at byte {path.stat().st_size:,}: its end is missing")
    assert isinstance(end, Reached)


def test_a_bomb_of_one_line_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(60):
            stream.write(b"0" * 1_000_000)
        stream.write(b'\n{"body": "The ferry."}\n')

    skipped, draft = read(path, "jsonl", None)

    assert skipped == Skipped(str(path), 1, "the line is longer than 20 MB")
    assert isinstance(draft, Draft)


@pytest.mark.parametrize(
    ("content", "form", "reason"),
    [
        (b"", "jsonl", "is empty"),
        (gzip.compress(b"", mtime=0), "csv", "is empty"),
        (b"\0\1\2", "json", "is binary, not text; save it as plain text in UTF-8"),
        (b"The ferry ran aground.", "json", "holds neither an array of articles nor an object"),
        (gzip.compress(b"x" * 99, mtime=0)[:-20], "csv", "breaks off at byte 4: its end is missing"),
    ],
)
def test_what_is_no_such_dump_is_skipped_with_its_reason(
    content: bytes, form: Format, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "dump"
    path.write_bytes(content)

    assert read(path, form, None) == [Skipped(str(path), None, reason)]
