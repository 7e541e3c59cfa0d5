import pytest

from store.readers.page.markup import parse_markup
from store.readers.page.paywall import is_truncated

WORDS = "The ferry ran aground on Tuesday. "


def cut(article: dict[str, object], body: str, markup: str = "") -> bool:
    root = parse_markup(f"<html><body><p>{body}</p>{markup}</body></html>".encode())
    assert root is not None
    return is_truncated(root, article, body)


@pytest.mark.parametrize(
    ("article", "body", "markup"),
    [
        ({"isAccessibleForFree": False}, WORDS * 5, ""),
        ({"hasPart": [{"isAccessibleForFree": "False"}]}, WORDS * 5, ""),
        ({"wordCount": 900}, WORDS * 10, ""),
        ({"wordCount": "900"}, WORDS * 10, ""),
        ({"articleBody": WORDS * 100}, WORDS * 20, ""),
        ({}, WORDS * 5, "<h3>Subscribe to continue reading</h3>"),
        ({}, WORDS * 5, "<p>To <b>continue reading</b>, log in</p>"),
        ({}, WORDS * 5, "<div class=paywall-box><p>Become a subscriber from 1 a week</p></div>"),
        ({}, WORDS * 5 + "The captain said that …", ""),
    ],
)
def test_a_beginning_is_known_by_what_the_page_says(article: dict[str, object], body: str, markup: str) -> None:
    assert cut(article, body, markup)


@pytest.mark.parametrize(
    ("article", "body", "markup"),
    [
        ({}, WORDS * 5, ""),
        ({"isAccessibleForFree": True}, WORDS * 5, ""),
        ({"isAccessibleForFree": False}, WORDS * 200, ""),
        ({"isAccessibleForFree": False, "wordCount": 130}, WORDS * 20, ""),
        ({"wordCount": 680}, WORDS * 20, ""),  # characters
        ({"wordCount": 40}, WORDS * 3, ""),
        ({"wordCount": True}, WORDS * 3, ""),
        ({}, WORDS * 5, "<header><a>Subscribe</a> <a>Log in</a></header>"),
        ({}, WORDS * 5, "<div class=paywall></div>"),
        ({}, WORDS * 200, "<p>Subscribe to continue reading</p>"),
    ],
)
def test_a_whole_text_raises_no_alarm(article: dict[str, object], body: str, markup: str) -> None:
    assert not cut(article, body, markup)
