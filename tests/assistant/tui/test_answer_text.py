"""An answer as Markdown: what a model wrote is styled, what an article says is literal, and only citations lead on."""

from __future__ import annotations

import pytest

from assistant.tui.answer_text import answer_parser, escaped, piece_text


def html(text: str) -> str:
    return str(answer_parser().render(text)).strip()


def test_a_models_markdown_is_styled_and_its_citations_are_links() -> None:
    assert html("The **ferry** sank. [1] [12]") == (
        '<p>The <strong>ferry</strong> sank. <a href="cite:1">[1]</a> <a href="cite:12">[12]</a></p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "[here](https://evil.test)",
        "![seen](https://evil.test/x.png)",
        "<https://evil.test>",
        "https://evil.test",
        "<a href='https://evil.test'>here</a>",
        "[here][1]\n\n[1]: https://evil.test",
        "[x](cite:1)",
    ],
)
def test_nothing_but_a_citation_is_a_link(text: str) -> None:
    shown = html(text)

    assert "evil.test" in shown or "cite:1" in shown
    assert "<img" not in shown
    assert shown.count("<a ") == shown.count('<a href="cite:1">[1]</a>')


def test_no_entity_becomes_the_character_that_was_cleaned_away() -> None:
    assert "\x1b" not in html("&#27;]52;c;cm0=&#7; &#x1b;[31m")


def test_an_articles_own_text_is_shown_as_it_stands() -> None:
    text = "1. *Not* a list, _nor_ `code` # or <b>bold</b> [3] ~~gone~~ | a | table & more: 5 > 3 \\ [x](y)"

    shown = html(piece_text(text, None, literal=True))

    assert shown == (
        "<p>1. *Not* a list, _nor_ `code` # or &lt;b&gt;bold&lt;/b&gt; "
        '<a href="cite:3">[3]</a> ~~gone~~ | a | table &amp; more: 5 &gt; 3 \\ [x](y)</p>'
    )


@pytest.mark.parametrize("line", ["# Not a title", "- Not a list", "> Not a quotation", "    Not code", "---", "```"])
def test_no_line_of_an_article_becomes_a_block(line: str) -> None:
    assert html(escaped(line)).startswith("<p>")


def test_what_is_not_borne_out_has_its_mark() -> None:
    assert piece_text("It sank.", "unsupported", literal=False) == "It sank. (?)"
    assert piece_text("It sank.", "weak", literal=False) == "It sank. (~)"
    assert piece_text("It sank.", "quoted", literal=False) == "It sank."
