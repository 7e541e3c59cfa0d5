"""What an answer means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.fetching.answers import Fetched, Redirect, Response, read_answer
from store.fetching.failures import Failed
from store.fetching.urls import read_url

URL = read_url("https://harbour.example/a/b")


def test_content_comes_with_its_address_headers_and_moment() -> None:
    headers = {"content-type": "text/html"}

    fetched = read_answer(URL, Response(200, headers, iter([b"a", b"b"])), expect="page")

    assert isinstance(fetched, Fetched)
    assert fetched == Fetched("https://harbour.example/a/b", 200, headers, b"ab", fetched.fetched)
    assert datetime.now(UTC) - fetched.fetched < timedelta(minutes=1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_says_where_to_look(status: int) -> None:
    answer = read_answer(URL, Response(status, {"location": "c"}, iter([])), expect="page")

    assert answer == Redirect(read_url("https://harbour.example/a/c"), is_permanent=status in {301, 308})


def test_a_redirect_in_utf_8_is_understood() -> None:
    location = "/Fähre".encode().decode("latin-1")

    answer = read_answer(URL, Response(302, {"location": location}, iter([])), expect="page")

    assert answer == Redirect(read_url("https://harbour.example/F%C3%A4hre"))


def test_a_robots_txt_may_have_any_type_and_is_cut() -> None:
    response = Response(200, {"content-type": "video/mp4"}, iter([bytes(600_000)]))

    fetched = read_answer(URL, response, expect=None)

    assert isinstance(fetched, Fetched)
    assert len(fetched.content) == 512_000


@pytest.mark.parametrize(
    ("status", "reason", "is_gone"),
    [
        (204, "the server answers 204: no content", False),
        (206, "the server answers 206: which is no content", False),
        (304, "the server answers 304: which is no content", False),
        (400, "the server answers 400: which is no content", False),
        (401, "the server answers 401: it wants a login", False),
        (403, "the server answers 403: access is forbidden", False),
        (404, "the server answers 404: there is nothing at this address", True),
        (410, "the server answers 410: what was there is gone for good", True),
        (429, "the server answers 429: it is asked too often", False),
        (451, "the server answers 451: it is kept back for legal reasons", False),
        (500, "the server answers 500: something is wrong with it", False),
        (503, "the server answers 503: it is out of service at the moment", False),
        (999, "the server answers 999: something is wrong with it", False),
    ],
)
def test_no_content_has_a_reason_that_a_person_understands(status: int, reason: str, is_gone: bool) -> None:
    with pytest.raises(Failed) as caught:
        read_answer(URL, Response(status, {}, iter([])), expect="page")

    assert (str(caught.value), caught.value.status) == (reason, status)
    assert (caught.value.status in {404, 410}) == is_gone


def test_a_redirect_to_nowhere_is_no_redirect() -> None:
    with pytest.raises(Failed, match=r"^the server answers 302, but not where else to look$"):
        read_answer(URL, Response(302, {"location": " "}, iter([])), expect="page")


def test_an_answer_says_for_how_long_the_server_wants_to_be_left_alone() -> None:
    with pytest.raises(Failed) as caught:
        read_answer(URL, Response(429, {"retry-after": "3600"}, iter([])), expect="page")

    assert str(caught.value) == "the server answers 429: it is asked too often, and wants 3,600 seconds of rest"
    assert caught.value.retry_after_s == 3600


@pytest.mark.parametrize(
    ("header", "retry_after_s"),
    [
        ("0", 0.0),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("9999999999", None),
        ("²", None),
        ("Feb 99 99:99:99 Tue +99999999999 - Tue", None),
        ("Mon, 01 Jan 2020 00:00:00 +9999999999999", None),
    ],
)
def test_when_to_come_back_is_a_number_or_a_date(header: str, retry_after_s: float | None) -> None:
    with pytest.raises(Failed) as caught:
        read_answer(URL, Response(503, {"retry-after": header}, iter([])), expect="page")

    assert caught.value.retry_after_s == retry_after_s
