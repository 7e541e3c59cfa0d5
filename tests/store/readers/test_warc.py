import gzip
import io
import random
from datetime import UTC, datetime

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from store.parsing.jobs import Job
from store.readers.fields import Origin
from store.readers.marks import Marks
from store.readers.packed import Packing
from store.readers.warc import holds_record_a_member, read_warc
from store.records import Reached, Skipped
from tests.web_archives import packed, record, response

ORIGIN = Origin("crawl.warc")
FETCHED = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGES = [f"<!doctype html><p>Page {number} of the crawl.".encode() for number in range(6)]
RECORDS = [record(response(page), f"https://post.example/{number}") for number, page in enumerate(PAGES)]


def read(content: bytes, packing: Packing | None = None) -> list[Job | Skipped | Reached]:
    return list(read_warc(io.BytesIO(content), packing, ORIGIN, Marks("crawl.warc", None)))


def job(number: int, line: int | None = None) -> Job:
    origin = Origin("crawl.warc", url=f"https://post.example/{number}", fetched=FETCHED)
    return Job("page", PAGES[number], origin, number + 1 if line is None else line)


def jobs(*numbers: int) -> list[Job]:
    return [job(number) for number in numbers]


@pytest.mark.parametrize(
    ("content", "packing"),
    [
        (b"".join(RECORDS), None),
        (b"".join(one.replace(b"\r\n", b"\n", 7) for one in RECORDS), None),
        (b"".join(RECORDS).removesuffix(b"\r\n\r\n"), None),
        (packed(RECORDS), "gzip"),
        (gzip.compress(b"".join(RECORDS)), "gzip"),
        (b"".join(map(zstd.compress, RECORDS)), "Zstandard"),
    ],
)
def test_every_page_is_a_job_with_its_address_and_moment(content: bytes, packing: Packing | None) -> None:
    found = read(content, packing)

    assert [one.origin for one in found if isinstance(one, Job)] == [job(number).origin for number in range(6)]
    assert [one.line for one in found if isinstance(one, Job)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("is_packed", [False, True])
def test_records_of_every_size_are_read_whatever_pieces_they_come_in(is_packed: bool) -> None:
    sizes = [*range(0, 600_000, 61_111), 9_000_000, 12_000_000, 9_000_001, 7]
    records = [record(response(b"<p>" + b"x" * size)) for size in sizes]

    found = read(packed(records), "gzip") if is_packed else read(b"".join(records))

    assert [len(one.content) - 3 if isinstance(one, Job) else 12_000_000 for one in found] == sizes


class Trickle(io.BytesIO):
    """A file of which each reading gives a few bytes."""

    few = 1

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(min(size or 0, self.few))


@pytest.mark.parametrize("few", [1, 7, 100])
@pytest.mark.parametrize("is_packed", [False, True])
def test_records_are_read_wherever_pieces_of_them_end(few: int, is_packed: bool) -> None:
    stream = Trickle(packed(RECORDS) if is_packed else b"".join(RECORDS))
    stream.few = few

    found = list(read_warc(stream, "gzip" if is_packed else None, ORIGIN, Marks("crawl.warc", None)))

    assert found == jobs(*range(6))


def test_what_is_no_page_is_counted() -> None:
    records = [
        record(b"software: crawler\r\n", kind="warcinfo"),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        RECORDS[0],
        record(response(b"gone", status="404 Not Found")),
        record(response(b"%PDF", kind="application/pdf")),
        record(b"x" * 12_000_000, kind="resource"),
    ]

    assert read(packed(records), "gzip") == [
        job(0, line=3),
        Skipped("crawl.warc", None, "5 of 6 records hold no page"),
    ]


def test_an_address_or_moment_that_is_none_is_left_out() -> None:
    odd = record(response(PAGES[0]), "<https://post.example/0>", date="2020-01-02T03:04:05.123456789Z")
    none = record(response(PAGES[1]), "dns:post.example", date="long ago")

    first, second = read(odd + none)

    assert isinstance(first, Job)
    assert isinstance(second, Job)
    assert (first.origin.url, first.origin.fetched) == ("https://post.example/0", FETCHED.replace(microsecond=123456))
    assert (second.origin.url, second.origin.fetched) == (None, None)


def spoil(content: bytes, at: int) -> bytes:
    noise = random.Random(3).randbytes(40)  # noqa: S311 - the same damage each time
    return content[:at] + noise + content[at + 40 :]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (RECORDS[2].replace(b"WARC/1.0", b"XARC/1.0"), "no record begins where one should"),
        (RECORDS[2].replace(b"Content-Length: ", b"Content-Length: -"), "the record does not say how long it is"),
        (RECORDS[2].replace(b"Content-Length: ", b"Content-Width: "), "the record does not say how long it is"),
        (RECORDS[2].replace(b"Content-Length: ", b"Content-Length: 99999999"), "the record is shorter than it says"),
        (RECORDS[2].replace(b"WARC-Date: ", b"Filler: " + b"x" * 70_000), "the record has no end of its headers"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_reading_goes_on_after_a_broken_record(broken: bytes, reason: str, is_packed: bool) -> None:
    records = [*RECORDS[:2], broken, *RECORDS[3:]]

    found = read(packed(records), "gzip") if is_packed else read(b"".join(records))

    assert [one for one in found if isinstance(one, Job)] == jobs(0, 1, 3, 4, 5)
    assert [one for one in found if isinstance(one, Skipped)] == [Skipped("crawl.warc", 3, reason)]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (10, "the record is not as long as it says"),
        (200, "the record is not as long as it says"),
        (9_999_999, "the archive breaks off in the middle of this record"),
        (999_999_999, "the record is shorter than it says"),
    ],
)
def test_reading_goes_on_after_a_record_of_another_length(wrong: int, reason: str) -> None:
    length = len(response(PAGES[2]))
    told = RECORDS[2].replace(b"Content-Length: %d" % length, b"Content-Length: %d" % wrong)

    found = read(b"".join([*RECORDS[:2], told, *RECORDS[3:]]))

    assert found == [*jobs(0, 1), Skipped("crawl.warc", 3, reason), *jobs(3, 4, 5)]


@pytest.mark.parametrize("packing", ["gzip", "Zstandard"])
def test_reading_goes_on_after_a_member_that_does_not_unpack(packing: Packing) -> None:
    pack = gzip.compress if packing == "gzip" else zstd.compress
    members = [pack(one) for one in RECORDS]
    members[2] = spoil(members[2], 20)

    found = read(b"".join(members), packing)

    assert [one for one in found if isinstance(one, Job)][-3:] == jobs(3, 4, 5)
    assert [type(one) for one in found].count(Skipped) == 1


def test_reading_goes_on_after_bytes_that_are_nothing() -> None:
    members = [packed([one]) for one in RECORDS]
    content = b"".join([*members[:3], b"junk" * 1_000, *members[3:]])

    assert [one.line for one in read(content, "gzip")] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_archive_that_breaks_off_gives_what_was_whole(is_packed: bool) -> None:
    content = packed(RECORDS) if is_packed else b"".join(RECORDS)

    found = read(content[:-30], "gzip" if is_packed else None)

    assert found[:5] == jobs(0, 1, 2, 3, 4)
    assert [one.line for one in found[5:] if isinstance(one, Skipped)] == [6]


def test_a_page_of_more_than_10_mb_is_skipped() -> None:
    content = b"".join([RECORDS[0], record(response(b"x" * 10_000_001)), RECORDS[2]])

    assert read(content) == [
        job(0),
        Skipped("crawl.warc", 2, "the record is larger than 10 MB"),
        job(2),
    ]


def test_an_archive_packed_as_one_is_told_from_one_with_a_member_for_each_record() -> None:
    assert holds_record_a_member(io.BytesIO(packed(RECORDS)), "gzip")
    assert not holds_record_a_member(io.BytesIO(gzip.compress(b"".join(RECORDS))), "gzip")


@given(st.binary(max_size=60), st.integers(0, len(b"".join(RECORDS))), st.booleans())
def test_any_damage_is_read_without_an_exception(damage: bytes, at: int, is_packed: bool) -> None:
    content = packed(RECORDS) if is_packed else b"".join(RECORDS)
    at = min(at, len(content))

    found = read(content[:at] + damage + content[at + len(damage) // 2 :], "gzip" if is_packed else None)

    assert {type(one) for one in found} <= {Job, Skipped}
