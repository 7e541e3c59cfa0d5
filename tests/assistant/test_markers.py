"""Citations as models write them, and articles in which none is left."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import markers
from assistant.markers import (
    MARKER,
    numbers_in,
    with_plain_markers,
    with_raised_markers,
    without_markers,
    without_unknown,
)
from assistant.quotations import fold, locate


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        ("1", (1,)),
        ("1, 3", (1, 3)),
        ("1–3", (1, 2, 3)),
        ("1-999", (1, 999)),
        ("Source 1; ref. 2", (1, 2)),
        ("²", (2,)),
        ("１２", (12,)),
        ("^1", (1,)),
        ("3:0†L1-L9", (3,)),
        ("2017", ()),
        ("9<", (9,)),
        ("50%", ()),
        ("$5", ()),
        ("Article 5", ()),
        ("sic", ()),
        ("", ()),
        ("1 " * 100, ()),
    ],
)
def test_what_stands_in_brackets_is_a_citation_or_not(content: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(content) == numbers


@given(st.text(alphabet="1a [](){}【】［］^²\\<>/sup†-,", max_size=40))
def test_plain_markers_leave_no_bracket_that_pairs_with_none(text: str) -> None:
    plain, _ = without_unknown(with_plain_markers(with_raised_markers(text)), {1})

    assert sum(map(plain.count, "[【［")) == sum(map(plain.count, "]】］"))
    assert all(match[1] == "1" for match in MARKER.finditer(plain))


@pytest.mark.parametrize(
    ("article", "harmless"),
    [
        ("The pier [3] is closed 【3†source】.", "The pier (3) is closed (3†source)."),
        ("The pier (source 3) is [closed].", "The pier {source 3} is [closed]."),
        ("The pier \\[3] [３] [²].", "The pier  (3] (３) (²)."),
    ],
)
def test_an_article_cites_nothing_and_is_found_all_the_same(article: str, harmless: str) -> None:
    changed = without_markers(article)

    assert (changed, len(changed)) == (harmless.replace("(3]", "(3)"), len(article))
    assert "\\" in article or locate(changed, fold(article))


@pytest.mark.parametrize("number", ["99999999999999999999", "Ⅳ", "1e3", "4.5", "2022", "①"])
def test_what_looks_like_a_citation_and_is_none_gets_round_brackets(number: str) -> None:
    shown = with_plain_markers(f"It sank [{number}].")

    assert "[" not in shown or re.search(r"\[\d{1,3}\]", shown)


def test_a_row_of_blanks_before_a_citation_is_read_once() -> None:
    row = "one" + " " * 10_000 + "[1]"

    begun = [at for at in range(len(row)) if markers._WITH_BLANKS.match(row, at)]

    assert begun == [3, row.index("[")]
    assert markers.without_unknown(f"{row} two\n  [2]  three", {3}) == ("one two\nthree", [2, 1])
