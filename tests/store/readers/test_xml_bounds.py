"""What XML is given to a parser."""

from __future__ import annotations

import pytest

from store.errors import InputError
from store.readers.xml_bounds import DEEPEST, LARGEST_XML_BYTES, check_xml


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a><b>text</b></a>",
        b"<a/>" * 5_000,
        b"<a b='c' />" * 5_000,
        b"<a></a>" * 5_000,
        b"<a>" * DEEPEST + b"</a>" * DEEPEST,
        b"<a><![CDATA[" + b"<p>" * 5_000 + b"]]></a>",
        b"<a><!-- " + b"<p>" * 5_000 + b" --></a>",
        b"<item>" + b"line<br>" * 5_000 + b"<img src='x'>" * 5_000 + b"</item>",
        b"</a>" * 5_000 + b"<a>" * DEEPEST,
    ],
)
def test_what_is_within_bounds_passes(content: bytes) -> None:
    check_xml(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<a>" * (DEEPEST + 1), "nested"),
        (b"<a><![CDATA[x]]>" * (DEEPEST + 1), "nested"),
        (b"<a><!-- x -->" * (DEEPEST + 1), "nested"),
        (b"<a b='" + b"x" * 5_000 + b"'>" + b"<a>" * DEEPEST, "nested"),
        (("<a>" * (DEEPEST + 1)).encode("utf-16"), "nested"),
        (b" " * (LARGEST_XML_BYTES + 1), "larger than 10 MB"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "entities"),
        (b"<!DOCTYPE a [<!entity b 'c'>]><a/>", "entities"),
        (b"<!-- <a> --><!DOCTYPE a [<!ENTITY % b 'c'>]><a/>", "entities"),
    ],
)
def test_what_is_beyond_them_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        check_xml(content)


@pytest.mark.parametrize("piece", [b"<", b"<![CDATA[", b"<!--", b"<a ", b"</a>", b"<a></a>", b"&a;", b"<!x"])
def test_megabytes_of_one_mark_are_judged_in_one_pass(piece: bytes) -> None:
    try:
        check_xml(piece * (2_000_000 // len(piece)))
    except InputError as exc:
        assert "nested" in str(exc)  # noqa: PT017 - either end is right, as long as there is one
