from store.readers.fields import Origin
from store.readers.page.body import Body, read_body
from store.readers.page.linked_data import read_linked_data
from store.readers.page.markup import parse_markup
from store.readers.page.meta_tags import read_meta_tags
from store.readers.page.metadata import read_facts

SENTENCE = "The ferry to Port Ellen ran aground on Tuesday with 212 people aboard, and all of them were saved by noon."


def body(markup: str) -> Body:
    root = parse_markup(f"<html><head><title>Ferry aground</title></head><body>{markup}</body></html>".encode())
    assert root is not None
    linked = read_linked_data(root)
    return read_body(root, linked, read_facts(root, linked, read_meta_tags(root), Origin("x")))


def test_headline_and_byline_are_no_text_and_the_byline_is_told() -> None:
    found = body(f"<h1>Ferry aground</h1><p>By Jane Doe</p><p>{SENTENCE}</p>")

    assert found == Body(SENTENCE, ("By Jane Doe", SENTENCE))


def test_a_headline_that_is_never_closed_keeps_the_article() -> None:
    assert SENTENCE in body(f"<h1>Ferry aground<p>{SENTENCE}</p><p>{SENTENCE[4:]} {SENTENCE}</p>").text


def test_markup_in_linked_data_is_read() -> None:
    script = f'{{"@type": "NewsArticle", "articleBody": "<p>{SENTENCE}</p><p>Nobody was hurt.</p>"}}'

    assert body(f'<script type="application/ld+json">{script}</script>').text == f"{SENTENCE}\nNobody was hurt."
