"""Bodies: their types, their codings and their sizes."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fetching.content import Expected, check_type, read_body
from store.fetching.failures import Failed

TEXT = b"The ferry sank off Skelby. " * 40


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


CODED = [
    (TEXT, ""),
    (TEXT, "identity"),
    (gzip.compress(TEXT, mtime=0), "gzip"),
    (gzip.compress(TEXT, mtime=0), "GZIP "),
    (gzip.compress(TEXT, mtime=0), "x-gzip, identity"),
    (gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0), "gzip"),
    (gzip.compress(TEXT, mtime=0) + b"\x00" * 8, "gzip"),
    (zlib.compress(TEXT), "deflate"),
    (deflated(TEXT), "deflate"),
]


@pytest.mark.parametrize(("coded", "coding"), CODED)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_body_is_decoded_however_it_arrives(coded: bytes, coding: str, step: int) -> None:
    pieces = [coded[i : i + step] for i in range(0, len(coded), step)]

    assert read_body(pieces, {"content-encoding": coding}, max_bytes=10_000) == TEXT


@given(content=st.binary(max_size=300_000), level=st.integers(0, 9))
def test_what_was_compressed_comes_back(content: bytes, level: int) -> None:
    coded = gzip.compress(content, level)

    assert read_body([coded], {"content-encoding": "gzip"}, max_bytes=300_000) == content


def test_an_empty_body_is_empty_whatever_its_coding() -> None:
    assert read_body([], {"content-encoding": "gzip"}, max_bytes=10) == b""


@pytest.mark.parametrize(
    ("coded", "coding", "reason"),
    [
        (TEXT, "br", "its content coding 'br' was not asked for"),
        (TEXT, "\x1b[31mzstd", "its content coding 'zstd' was not asked for"),
        (
            gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0),
            "gzip, gzip",
            "its content is coded 2 times over (gzip, gzip)",
        ),
        (TEXT, "gzip", "its content is not what its coding 'gzip' says"),
        (gzip.compress(TEXT, mtime=0)[:-20], "gzip", "its compressed content breaks off"),
        (
            gzip.compress(TEXT, mtime=0)[:-4] + b"\x00\x00\x00\x00",
            "gzip",
            "its content is not what its coding 'gzip' says",
        ),
        (zlib.compress(TEXT)[:1], "deflate", "its compressed content breaks off"),
        (gzip.compress(b"") * 1_001, "gzip", "its content was compressed in more than 1,000 parts"),
    ],
)
def test_a_coding_that_is_wrong_says_so(coded: bytes, coding: str, reason: str) -> None:
    with pytest.raises(Failed) as caught:
        read_body([coded], {"content-encoding": coding}, max_bytes=1_000_000)

    assert str(caught.value) == reason


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_a_body_may_be_as_large_as_allowed_and_no_larger(coding: str) -> None:
    pack = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[coding]
    headers = {"content-encoding": coding}

    assert len(read_body([pack(bytes(1_000_000))], headers, max_bytes=1_000_000)) == 1_000_000
    with pytest.raises(Failed, match=r"^it is larger than 1 MB$"):
        read_body([pack(bytes(1_000_001))], headers, max_bytes=1_000_000)


def test_a_body_that_declares_to_be_too_large_is_not_read() -> None:
    def received() -> Iterator[bytes]:
        pytest.fail("it was read")
        yield b""

    with pytest.raises(Failed, match=r"^it is larger than 0\.01 MB$"):
        read_body(received(), {"content-length": "10001"}, max_bytes=10_000)


def test_a_bomb_is_not_expanded_beyond_what_is_allowed() -> None:
    taken = 0

    def bomb() -> Iterator[bytes]:
        nonlocal taken
        packer = zlib.compressobj(wbits=31)
        for _ in range(1_000):
            piece = packer.compress(bytes(1_000_000))
            taken += 1
            yield piece

    with pytest.raises(Failed, match="larger than 1 MB"):
        read_body(bomb(), {"content-encoding": "gzip"}, max_bytes=1_000_000)

    assert taken < 100  # zlib gives nothing out for the first few megabytes of zeros


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_body_may_be_cut_instead(coding: str) -> None:
    pack = {"": bytes, "gzip": gzip.compress}[coding]
    headers = {"content-encoding": coding, "content-length": "99999999"}

    assert read_body([pack(TEXT), b"more"], headers, max_bytes=100, is_cut=True) == TEXT[:100]


@pytest.mark.parametrize(
    ("kind", "expect"),
    [
        ("text/html; charset=utf-8", "page"),
        ("TEXT/HTML", "page"),
        ("application/xhtml+xml", "page"),
        ("application/pdf", "page"),
        ("text/plain", "page"),
        ("", "page"),
        ("application/rss+xml", "feed"),
        ("application/atom+xml;type=feed", "feed"),
        ("application/feed+json", "feed"),
        ("application/json", "feed"),
        ("application/xml", "feed"),
        ("text/xml", "feed"),
        ("text/html", "feed"),
        ("", "feed"),
    ],
)
def test_types_that_can_be_read_are_taken(kind: str, expect: Expected) -> None:
    check_type({"content-type": kind}, expect)


@pytest.mark.parametrize(
    ("kind", "expect", "reason"),
    [
        ("image/png", "page", "it is 'image/png', no page"),
        ("application/rss+xml", "page", "it is 'application/rss+xml', no page"),
        ("video/mp4; codecs=x", "page", "it is 'video/mp4', no page"),
        ("image/svg+xml", "feed", "it is 'image/svg+xml', no feed"),
        ("application/pdf", "feed", "it is 'application/pdf', no feed"),
        ("\x1b[31mevil", "feed", "it is 'evil', no feed"),
    ],
)
def test_types_that_cannot_be_read_are_named(kind: str, expect: Expected, reason: str) -> None:
    with pytest.raises(Failed) as caught:
        check_type({"content-type": kind}, expect)

    assert str(caught.value) == reason
