"""Foreign text in Markdown is text, and nothing else."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.markdown import address, code, indented, line, paragraphs, quotation, written
from store.cleaning import clean_line, plain

PIECES = [
    *(
        "* ** _ __ ~ ~~ ` ``` <b> <!-- --> </p> <script> [ ] [1] [2] ](http://e.x) ![x](y) # > - + | |a|b| |--|--| "
        "--- === +---+ --|-- : :-- $x$ $ ^ ^[n] {#i} \\ \\( &amp; &#27; &lt; % == www.e.x word snake_case _x_ x ' @who"
    ).split(" "),
    *("[1]: http://e.x", "1. ", "2) ", "(1) ", "a. ", "# ", "- ", "> ", " ", "    ", "\t", "\n", "\n\n"),
]
texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


def rendered(markdown: str) -> str:
    """Return Markdown as HTML, with GitHub's tables and strikethrough."""
    page: str = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    return page


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(/?\w+|!)", html))


def read(html: str) -> str:
    """Return the words that HTML shows."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@given(texts)
def test_paragraphs_show_what_they_are_given(text: str) -> None:
    html = rendered(paragraphs(text))

    assert tags(html) <= {"p", "/p", "br"}
    assert read(html) == " ".join(plain(text).split())


@given(texts)
def test_a_line_shows_what_it_is_given_in_a_list(text: str) -> None:
    html = rendered(f"- {line(text)}")

    assert tags(html) <= {"ul", "/ul", "li", "/li"}
    assert read(html) == clean_line(text)


@given(texts)
def test_a_quotation_is_a_quotation(text: str) -> None:
    html = rendered(indented(quotation(text), 1))

    assert tags(html) <= {"p", "/p", "br", "blockquote", "/blockquote"}
    assert read(html) == " ".join(plain(text).split())


@given(texts)
def test_what_a_model_wrote_makes_no_link_image_heading_or_html(text: str) -> None:
    html = rendered(written(text, {1}))

    assert not tags(html) & {"a", "img", "script", "b", "h1", "h2", "hr", "blockquote", "!"}


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Plain words, 5 km/h.", "Plain words, 5 km/h."),
        ("snake_case and a_b_c", "snake_case and a_b_c"),
        ("_so_ *so*", r"\_so\_ \*so\*"),
        ("a <b> & c &amp; d", r"a \<b> & c \&amp; d"),
        ("to --since", r"to \--since"),
        ("$5 and $6", r"\$5 and \$6"),
        ("see http://e.x or www.e.x", r"see http\://e.x or www\.e.x"),
        ("[1] [x](y)", r"\[1\] \[x\](y)"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("(ii) no list", r"(ii\) no list"),
        ("Mr. X", "Mr. X"),
        ("two\nlines", "two lines"),
        ("\x1b[31mred", "red"),
    ],
)  # fmt: skip
def test_no_more_is_escaped_than_needed(text: str, escaped: str) -> None:
    assert line(text) == escaped


def test_citations_stay_where_they_cannot_be_anything_else() -> None:
    assert paragraphs("So it was [1][2]. So? [3]", {1, 2}) == r"So it was [1][2]. So? \[3\]"
    assert paragraphs("[1]: so [1](x) [1]{y}", {1}) == r"\[1\]: so \[1\](x) \[1\]\{y}"


def test_line_breaks_and_paragraphs_stay() -> None:
    assert paragraphs("One\n  two\n\n\n three ") == "One\\\ntwo\n\nthree"
    assert quotation("One\n\n- two") == "> One\n>\n> \\- two"


def test_what_a_model_wrote_keeps_its_lists_emphasis_and_tables() -> None:
    text = "**Two** things:\n- one [1]\n  - and _more_\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n# Head\nText\n---"

    assert written(text, {1}) == (
        "**Two** things:\n\n- one [1]\n  - and _more_\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\\# Head\nText\n\\---"
    )


@pytest.mark.parametrize(
    ("text", "written_as"), [("a:1-2", "`a:1-2`"), ("a`b", "``a`b``"), ("`a``", "``` `a`` ```"), ("<b>", "`<b>`")]
)
def test_code_shows_every_character(text: str, written_as: str) -> None:
    assert code(text) == written_as
    assert read(rendered(code(text))) == text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "https://a>b", "file:///x", "https://e.x/`"])
def test_what_is_no_address_of_a_page_is_text(url: str) -> None:
    assert "<a" not in rendered(address(url))


def test_an_address_shows_where_it_leads() -> None:
    assert address("https://e.x/a_b?c=d&e") == "<https://e.x/a_b?c=d&e>"
