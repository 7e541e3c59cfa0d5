from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.readers.fields import Origin
from store.readers.markdown import read_markdown
from store.records import Draft, Skipped

ORIGIN = Origin("ferry.md")
LEAD = "The night ferry to Port Ellen ran aground on Tuesday with 212 people aboard, the coast guard said."


def read(text: str) -> list[Draft | Skipped]:
    return list(read_markdown(text, ORIGIN))


def body_of(text: str) -> str:
    (draft,) = read(text)
    assert isinstance(draft, Draft)
    return draft.body


def test_front_matter_describes_the_article() -> None:
    text = f"""---
id: post-1
title: "Ferry aground: 212 safe"
site: Example Post
authors: [Jane Doe, John Roe]
date: 2020-01-02
modified: 2020-01-03
url: https://post.example/ferry
language: no
section: Islands
tags: [a, b]
---

{LEAD}
"""

    assert read(text) == [
        Draft(
            headline="Ferry aground: 212 safe",
            body=LEAD,
            source="ferry.md",
            line=14,
            id="post-1",
            outlet="Example Post",
            authors=("Jane Doe", "John Roe"),
            published=date(2020, 1, 2),
            modified=date(2020, 1, 3),
            url="https://post.example/ferry",
            language="no",
            section="Islands",
        )
    ]


def test_the_first_heading_is_the_headline_and_others_stay() -> None:
    head = "# Ferry *aground*\n\n**By Jane Doe**\n\n*January 2, 2020*"
    text = f"{head}\n\n{LEAD}\n\n## Who was aboard?\n\n# Nobody hurt\n\nAll safe."

    assert read(text) == [
        Draft(
            headline="Ferry aground",
            body=f"{LEAD}\nWho was aboard?\nNobody hurt\nAll safe.",
            source="ferry.md",
            line=3,
            authors=("Jane Doe",),
            published=date(2020, 1, 2),
        )
    ]


def test_a_heading_that_differs_from_the_front_matter_stays() -> None:
    assert body_of(f"---\ntitle: Ferry aground\n---\n# ferry aground\n\n{LEAD}") == LEAD
    assert body_of(f"---\ntitle: Ferry aground\n---\n# All safe\n\n{LEAD}") == f"All safe\n{LEAD}"


@pytest.mark.parametrize(
    ("markdown", "body"),
    [
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("[a link](https://a.example) and <https://b.example>", "a link and https://b.example"),
        ("**bold** _emphasis_ `code` ~", "bold emphasis code ~"),
        ("![a ferry](ferry.jpg)\n\nsank", "sank"),
        ("- one\n- two\n  - three\n\n1. four", "one\ntwo\nthree\nfour"),
        ("> quoted\n> twice", "quoted twice"),
        ("```\nx = 1\n\ny = 2\n```", "x = 1\ny = 2"),
        ("| ship | seats |\n|---|---|\n| Aurora | 212 |", "ship | seats\nAurora | 212"),
        ("one<br>two <b>three</b> <!-- four -->", "one\ntwo three"),
        ("<div>one <i>two</i></div>\n<script>alert(1)</script>", "one two"),
        ("Fish &amp; chips &#x202e;", "Fish & chips"),
        ("one\n\n---\n\ntwo\n\nShare this", "one\ntwo"),
    ],
)
def test_markup_is_reduced_to_what_a_reader_sees(markdown: str, body: str) -> None:
    assert body_of(f"# Ferry aground\n\n{markdown}") == body


def test_front_matter_that_is_no_yaml_is_reported_with_its_line() -> None:
    text = f"---\ntitle: Ferry: aground\n---\n{LEAD}"

    assert read(text) == [
        Skipped("ferry.md", 1, "front matter is not valid YAML at line 2; put values that hold a colon in quotes")
    ]


@pytest.mark.parametrize("yaml", ["[" * 5000, "a: &a [*a]\ntitle: *a", "? [a]\n: b", "title: \t@"])
def test_hostile_front_matter_is_a_reason_and_never_an_exception(yaml: str) -> None:
    assert [type(taken) for taken in read(f"---\n{yaml}\n---\n{LEAD}")] == [Skipped]


def test_a_tag_in_front_matter_makes_no_object() -> None:
    assert body_of(f"---\ntitle: !!python/object/apply:os.getcwd []\n---\n{LEAD}") == LEAD


def test_text_between_two_rules_is_no_front_matter() -> None:
    assert body_of(f"---\n\n{LEAD}\n\n---\n\nAll safe.") == f"{LEAD}\nAll safe."


@pytest.mark.parametrize("text", ["", "---\ntitle: Ferry\n---\n", "![a](b.jpg)", "<!-- nothing -->"])
def test_a_file_without_text_is_skipped(text: str) -> None:
    assert read(text) == [Skipped("ferry.md", None, "holds no text of an article")]


@given(st.text(st.sampled_from("#*_`[]()<>!-|&;: \nab1"), max_size=200))
def test_any_markdown_is_read_without_an_exception(text: str) -> None:
    for taken in read(text):
        if isinstance(taken, Draft):
            assert all(line and line == line.strip() for line in taken.body.split("\n"))
