import codecs
import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import InputError
from store.readers.http_messages import LARGEST_PAGE_BYTES, read_page_response
from tests.web_archives import response

PAGE = "<!doctype html><title>Fähre</title><p>The ferry ran aground.".encode()


def chunks(content: bytes, size: int, extension: bytes = b"") -> bytes:
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n\r\n"


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    "content",
    [
        response(PAGE),
        response(PAGE, kind=None),
        response(PAGE, kind="application/xhtml+xml"),
        response(PAGE).replace(b"\r\n", b"\n"),
        response(PAGE, "X-Folded: a", "  b"),
        response(chunks(PAGE, 7), "Transfer-Encoding: chunked"),
        response(chunks(PAGE, 16, b";name=value"), "transfer-encoding:Chunked"),
        response(PAGE, "Transfer-Encoding: chunked"),
        response(gzip.compress(PAGE), "Content-Encoding: gzip"),
        response(chunks(gzip.compress(PAGE), 9), "Content-Encoding: gzip", "Transfer-Encoding: chunked"),
        response(PAGE, "Content-Encoding: gzip"),
        response(zlib.compress(PAGE), "Content-Encoding: deflate"),
        response(raw_deflate(PAGE), "Content-Encoding: deflate"),
    ],
)
def test_the_page_is_found_however_it_was_sent(content: bytes) -> None:
    assert read_page_response(content) == PAGE


@pytest.mark.parametrize(
    "content",
    [
        response(PAGE, status="404 Not Found"),
        response(PAGE, status="301 Moved"),
        response(b"%PDF-1.7", kind="application/pdf"),
        response(b'{"body": "The ferry."}', kind="application/json"),
        response(b"The ferry ran aground.", kind=None),
    ],
)
def test_other_responses_are_no_pages(content: bytes) -> None:
    assert read_page_response(content) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the response has no end of its headers"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", "the response has no end of its headers"),
        (b"SPDY 200\r\n\r\n", "the response begins with no status"),
        (response(PAGE, "Content-Encoding: br"), "the page is packed as 'br', which is not read"),
        (response(b"\x1f\x8b\x08junk junk junk", "Content-Encoding: gzip"), "the page does not unpack"),
        (
            response(gzip.compress(bytes(LARGEST_PAGE_BYTES + 1)), "Content-Encoding: gzip"),
            "the page is larger than 10 MB",
        ),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        read_page_response(content)

    assert str(refused.value) == reason


def test_chunks_that_break_off_give_what_came() -> None:
    assert read_page_response(response(chunks(PAGE, 20)[:45], "Transfer-Encoding: chunked")) == PAGE[:35]


@pytest.mark.parametrize(
    ("page", "charset", "marked"),
    [
        ("Fähre".encode("latin-1"), "iso-8859-1", codecs.BOM_UTF8 + "Fähre".encode()),
        ("Паром".encode("cp1251"), "'windows-1251'", codecs.BOM_UTF8 + "Паром".encode()),
        ("Fähre".encode(), "iso-8859-1", "Fähre".encode()),
        (codecs.BOM_UTF8 + b"\xff", "cp1251", codecs.BOM_UTF8 + b"\xff"),
        (b"F\xe4hre", "none-such", b"F\xe4hre"),
        (b"F\xe4hre", "base64", b"F\xe4hre"),
    ],
)
def test_the_encoding_of_the_headers_goes_into_the_page(page: bytes, charset: str, marked: bytes) -> None:
    assert read_page_response(response(page, kind=f"text/html; charset={charset}")) == marked


@given(st.binary(max_size=200), st.sampled_from(["Transfer-Encoding: chunked", "Content-Encoding: gzip", "X: y"]))
def test_any_response_is_read_without_another_exception(content: bytes, header: str) -> None:
    for one in (content, b"HTTP/1.1 200 " + content, response(content, header)):
        with suppress(InputError):
            read_page_response(one)
