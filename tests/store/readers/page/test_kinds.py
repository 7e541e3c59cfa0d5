from dataclasses import replace

import pytest

from store.readers.page.kinds import Signs, name_no_article, read_signs
from store.readers.page.linked_data import read_linked_data
from store.readers.page.markup import parse_markup
from store.readers.page.meta_tags import read_meta_tags

ARTICLE = Signs("Ferry aground", asks_password=False, entries=0, is_claimed=False, is_search=False, is_front=False)
TEXT = "The ferry ran aground on Tuesday, and everybody was saved by noon, the coast guard said. " * 4


def signs(markup: str, url: str | None = None) -> Signs:
    root = parse_markup(f"<html><body>{markup}</body></html>".encode())
    assert root is not None
    return read_signs(root, read_linked_data(root), read_meta_tags(root), url)


def test_signs_are_read_off_the_page() -> None:
    entry = "<h2><a href=/x>Harbour master resigns over pier</a></h2>"

    assert signs(
        f"<title>Example Post</title><input type=password>{entry * 3}<h3>Sport</h3>", "https://example.com/"
    ) == (Signs("Example Post", asks_password=True, entries=3, is_claimed=False, is_search=False, is_front=True))


@pytest.mark.parametrize(
    "markup",
    [
        '<meta property="og:type" content="article">',
        '<meta property="article:published_time" content="2020-01-02">',
        "<div itemprop=articleBody>x</div>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x"}</script>',
    ],
)
def test_a_page_may_claim_to_be_an_article(markup: str) -> None:
    assert signs(markup).is_claimed


def test_an_article_is_one_whatever_stands_beside_it() -> None:
    assert name_no_article(ARTICLE, TEXT) is None
    assert name_no_article(replace(ARTICLE, entries=60), TEXT) is None
    assert name_no_article(replace(ARTICLE, asks_password=True), TEXT) is None
    assert name_no_article(replace(ARTICLE, is_claimed=True), "Ferry aground.") is None


def test_a_front_page_is_a_list_however_long_its_texts() -> None:
    assert "list of articles" in str(name_no_article(replace(ARTICLE, entries=8, is_front=True), TEXT))


def test_short_announcements_of_many_articles_are_a_list() -> None:
    assert "list of articles" in str(name_no_article(replace(ARTICLE, entries=8), "A ferry ran aground.\n" * 8))


def test_a_claim_needs_a_text() -> None:
    assert name_no_article(replace(ARTICLE, is_claimed=True), "") == "holds no text of an article"
