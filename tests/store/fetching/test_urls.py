"""Addresses in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fetching.failures import Failed
from store.fetching.urls import Url, read_host, read_url, shown


def test_an_address_is_scheme_host_port_and_target() -> None:
    url = read_url("https://harbour.example:8443/a/b?c=d#e")

    assert url == Url("https", "harbour.example", 8443, "/a/b?c=d")
    assert (str(url), url.authority) == ("https://harbour.example:8443/a/b?c=d", "harbour.example:8443")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://harbour.example", "https://harbour.example/"),
        ("https://harbour.example:443/", "https://harbour.example/"),
        ("http://harbour.example:80/", "http://harbour.example/"),
        (" https://harbour.example/a\n", "https://harbour.example/a"),
        ("HTTPS://Harbour.EXAMPLE/A", "https://harbour.example/A"),
        ("https://harbour.example./", "https://harbour.example/"),
        ("https://harbour.example/a b?c d", "https://harbour.example/a%20b?c%20d"),
        ("https://harbour.example/Fähre?q=ü", "https://harbour.example/F%C3%A4hre?q=%C3%BC"),
        ("https://harbour.example/a%20b%2Fc", "https://harbour.example/a%20b%2Fc"),
        ("https://harbour.example/\x00\x1b[31m", "https://harbour.example/%00%1B%5B31m"),
        ("https://harbour.example/\ud800", "https://harbour.example/%3F"),
        ("https://harbour.example?a=1", "https://harbour.example/?a=1"),
        ("https://fähre.example/", "https://xn--fhre-loa.example/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://my_host.example/", "https://my_host.example/"),
        ("http://１２７．０。0.1/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.1/"),
        ("http://0x7f.1/", "http://0x7f.1/"),
        ("http://[0:0::1]:8080/", "http://[::1]:8080/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"),
    ],
)
def test_there_is_one_spelling(written: str, read: str) -> None:
    # Python 3.13 writes the last of these in another form, so both sides are read.
    assert str(read_url(written)) == str(read_url(read))
    assert str(read_url(written)).isascii()


def test_the_one_spelling_is_the_usual_one() -> None:
    assert str(read_url("http://１２７．０。0.1/ü")) == "http://127.0.0.1/%C3%BC"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it does not begin with http:// or https://"),
        ("harbour.example/a", "it does not begin with http:// or https://"),
        ("file:///etc/passwd", "it is a 'file' address, only http and https are fetched"),
        ("javascript:alert(1)", "it is a 'javascript' address, only http and https are fetched"),
        ("http:///a", "it names no host"),
        ("http://.", "it names no host"),
        ("http://a..b/", "'a..b' is no name of a host"),
        ("http://-a.example/", "'-a.example' is no name of a host"),
        ("http://a b/", "'a b' is no name of a host"),
        ("http://%31%32%37.0.0.1/", "'%31%32%37.0.0.1' is no name of a host"),
        (f"http://{'a' * 64}.example/", f"'{'a' * 64}.example' is no name of a host"),
        ("http://\u202eexample/", "'example' is no name of a host"),
        ("http://a:b/", "it is no address of the form https://host/path"),
        ("http://a:70000/", "it is no address of the form https://host/path"),
        ("http://a:0/", "there is no port 0"),
        ("http://[::1", "it is no address of the form https://host/path"),
        ("http://[fe80::1%25eth0]/", "it names a network interface"),
        ("http://mary:s3cret@harbour.example/", "it holds a user name or a password"),
        ("http://@harbour.example/", "it holds a user name or a password"),
        ("http://harbour.example\\@127.0.0.1/", "it holds a user name or a password"),
        (f"http://a/{'b' * 8_000}", "the address is longer than 8,000 characters"),
    ],
)
def test_what_cannot_be_fetched_says_why(written: str, reason: str) -> None:
    with pytest.raises(Failed) as caught:
        read_url(written)

    assert str(caught.value) == reason


@given(st.text())
def test_any_text_is_an_address_or_a_reason(text: str) -> None:
    for written in (text, f"http://{text}", f"http://harbour.example/{text}"):
        try:
            url = read_url(written)
        except Failed:
            continue
        assert str(url).isascii()
        assert str(url).isprintable()
        assert read_url(str(url)) == url


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        ("b", "https://harbour.example/a/b"),
        ("../c?d", "https://harbour.example/c?d"),
        ("//quay.example/", "https://quay.example/"),
        ("http://quay.example/#e", "http://quay.example/"),
    ],
)
def test_a_reference_is_read_beside_the_page_it_is_on(reference: str, joined: str) -> None:
    assert str(read_url("https://harbour.example/a/x").join(reference)) == joined


@pytest.mark.parametrize("reference", ["file:///etc/passwd", "//[", "http://mary@quay.example/"])
def test_a_reference_is_as_strictly_read_as_an_address(reference: str) -> None:
    with pytest.raises(Failed):
        read_url("https://harbour.example/").join(reference)


@pytest.mark.parametrize(
    ("written", "host"), [("Harbour.example.", "harbour.example"), ("127.0.0.1", "127.0.0.1"), ("::0001", "::1")]
)
def test_a_host_is_read_as_in_an_address(written: str, host: str) -> None:
    assert read_host(written) == host


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://harbour.example/a@b", "https://harbour.example/a@b"),
        ("https://mary:s3cret@harbour.example/a", "https://harbour.example/a"),
        ("https://mary:s3@cret@harbour.example/a", "https://harbour.example/a"),
        ("https:mary:s3cret@harbour.example", "https:harbour.example"),
        ("mary:s3cret@harbour.example", "mary:harbour.example"),
        ("https://harbour.example/\x1b[31m\n", "https://harbour.example/"),
        (f"https://harbour.example/{'a' * 300}", f"https://harbour.example/{'a' * 175}…"),
    ],
)
def test_an_address_is_shown_without_passwords_and_control_characters(written: str, expected: str) -> None:
    assert shown(written) == expected
