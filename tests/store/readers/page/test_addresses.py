import pytest

from store.readers.page.addresses import choose_address, site_of

FETCHED = "https://www.example-post.co.uk/a/ferry?ref=feed"


@pytest.mark.parametrize(
    ("claim", "address"),
    [
        ("https://www.example-post.co.uk/a/ferry", "https://www.example-post.co.uk/a/ferry"),
        ("https://news.example-post.co.uk/a/ferry", "https://news.example-post.co.uk/a/ferry"),
        ("/a/ferry", "https://www.example-post.co.uk/a/ferry"),
        ("https://other.co.uk/a/ferry", FETCHED),
        ("https://www.example-post.co.uk/", FETCHED),
        ("javascript:alert(1)", FETCHED),
        ("https://user@www.example-post.co.uk/a", FETCHED),
        ("http://[broken", FETCHED),
        ("https://www.example-post.co.uk/a b", FETCHED),
        ("", FETCHED),
    ],
)
def test_a_page_is_believed_about_its_own_site_alone(claim: str, address: str) -> None:
    assert choose_address([claim], FETCHED) == address


def test_a_saved_page_is_believed_whatever_it_says() -> None:
    assert choose_address([None, "/a", "https://example.com/a"], None) == "https://example.com/a"
    assert choose_address([None], None) is None


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.com/a", "example.com"),
        ("https://a.b.example.com", "example.com"),
        ("https://www.example.co.uk", "example.co.uk"),
        ("https://one.blogspot.com", "one.blogspot.com"),
        ("https://one.blogspot.co.uk", "one.blogspot.co.uk"),
        ("http://192.0.2.1/a", "192.0.2.1"),
        ("http://localhost:8000", "localhost"),
        ("mailto:x", None),
    ],
)
def test_a_site_is_what_somebody_registered(url: str, site: str | None) -> None:
    assert site_of(url) == site
