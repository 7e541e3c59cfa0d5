import pytest

from store.readers.fields import Fields, Origin
from store.readers.page.linked_data import read_linked_data
from store.readers.page.markup import parse_markup
from store.readers.page.meta_tags import read_meta_tags
from store.readers.page.metadata import PageFacts, read_facts


def facts(markup: str) -> PageFacts:
    root = parse_markup(f"<html><body><p>x</p>{markup}</body></html>".encode())
    assert root is not None
    return read_facts(root, read_linked_data(root), read_meta_tags(root), Origin("x"))


def linked(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {fields}}}</script>'


def test_a_page_that_says_nothing_leaves_all_unset() -> None:
    assert facts("").fields == Fields()


@pytest.mark.parametrize(
    ("markup", "outlet"),
    [
        ('<meta property="og:site_name" content="Example Post">', "Example Post"),
        ('<meta property="og:site_name" content="www.example.com">' + linked('"publisher": "The Post"'), "The Post"),
        (linked('"publisher": {"name": "Post GmbH"}') + '<meta name="application-name" content="Post">', "Post"),
        ('<meta property="og:site_name" content="example.com">', "example.com"),
        (f'<meta property="og:site_name" content="{"long " * 30}">', None),
    ],
)
def test_the_outlet_s_name_is_better_than_its_address_or_owner(markup: str, outlet: str | None) -> None:
    assert facts(markup).fields.outlet == outlet


@pytest.mark.parametrize(
    "markup",
    [
        linked('"author": {"name": ["Jane Doe", "John Roe"]}'),
        linked('"author": [{"name": "Jane Doe"}, "John Roe"]'),
        '<meta name="author" content="https://example.com/jane"><meta name="byl" content="By Jane Doe and John Roe">',
        '<a rel="author">Jane Doe</a><a rel="author">John Roe</a>',
        '<p class="byline">By Jane Doe and John Roe</p>',
        '<span itemprop="author"><b itemprop="name">Jane Doe, John Roe</b></span>',
    ],
)
def test_authors_are_found_where_pages_put_them(markup: str) -> None:
    assert facts(markup).fields.authors == ("Jane Doe", "John Roe")


def test_a_change_before_the_publication_is_none() -> None:
    assert facts(linked('"datePublished": "2020-01-02", "dateModified": "2020-01-01"')).fields.modified is None


@pytest.mark.parametrize(
    ("stated", "language"), [("en_us", "en-US"), ("DE", "de"), ("zh-Hans-CN", "zh-Hans-CN"), ("english language", None)]
)
def test_a_language_is_a_tag(stated: str, language: str | None) -> None:
    assert facts(linked(f'"inLanguage": "{stated}"')).fields.language == language


def test_a_section_is_a_name() -> None:
    assert facts(linked('"articleSection": ["World", "Iraq"]')).fields.section == "World"
    assert facts(linked('"articleSection": "https://example.com/world"')).fields.section is None
