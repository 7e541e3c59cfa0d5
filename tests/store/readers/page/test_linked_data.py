import pytest

from store.readers.page.linked_data import is_false, read_linked_data, text_of, types_of
from store.readers.page.markup import parse_markup


def article(*scripts: str) -> object:
    markup = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    root = parse_markup(markup.encode())
    assert root is not None
    return read_linked_data(root).article.get("headline")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Ferry sinks"}',
        '[{"@type": "WebSite"}, {"@type": ["Thing", "NewsArticle"], "headline": "Ferry sinks"}]',
        '{"@graph": [{"@type": "BlogPosting", "headline": "Ferry sinks"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "schema:Article", "headline": "Ferry sinks"}}',
        '{"@type": "https://schema.org/ReportageNewsArticle", "headline": "Ferry sinks"}',
        '<!-- {"@type": "NewsArticle", "headline": "Ferry sinks"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Ferry sinks"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "Ferry sinks",}',
        '{"@type": "NewsArticle", "headline": "Ferry sinks", "description": "two\nlines"};',
    ],
)
def test_the_article_is_found_where_publishers_put_it(script: str) -> None:
    assert article(script) == "Ferry sinks"


@pytest.mark.parametrize("script", ["", "{", '"text"', "[" * 5_000, '{"@type": "JobPosting", "headline": "x"}', "null"])
def test_what_holds_no_article_counts_as_absent(script: str) -> None:
    assert article(script) is None


def test_the_node_that_says_most_is_the_article() -> None:
    stub = '{"@type": "NewsArticle", "headline": "Other"}'
    whole = '{"@type": "NewsArticle", "headline": "Ferry sinks", "datePublished": "2020-01-02", "author": "Jane Doe"}'

    assert article(stub, whole) == "Ferry sinks"


def test_articles_in_a_list_are_others() -> None:
    assert article('{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "x"}]}') is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Doe &amp;amp; Roe", "Doe & Roe"),
        (["", "Jane Doe"], "Jane Doe"),
        ({"name": "Jane Doe"}, "Jane Doe"),
        ({"@value": "Jane Doe"}, "Jane Doe"),
        (3, None),
        (None, None),
    ],
)
def test_a_text_is_found_in_whatever_holds_it(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_types_lose_their_namespace() -> None:
    assert types_of({"@type": ["http://schema.org/NewsArticle", "schema:Thing", 3]}) == ["NewsArticle", "Thing"]


@pytest.mark.parametrize(("value", "wanted"), [(False, True), ("False", True), ("http://schema.org/False", True)])
def test_false_is_written_in_many_ways(value: object, wanted: bool) -> None:
    assert is_false(value) is wanted
    assert not is_false(None)
    assert not is_false("true")
