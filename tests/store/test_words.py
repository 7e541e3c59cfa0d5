from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.words import STOP_WORDS, content_words, forms, index_stem, query_terms, query_words, stem, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The ferry sank.", ["the", "ferry", "sank"]),
        ("Skelby's $1.5 million pier", ["skelby", "s", "1", "5", "million", "pier"]),
        ("COVID-19", ["covid", "19"]),
        ("Ångström, façade, Đồng Nai", ["angstrom", "facade", "đong", "nai"]),
        ("cafe\u0301", ["cafe"]),
        ("snake_case __init__", ["snake", "case", "init"]),
        ("паром Затонул", ["паром", "затонул"]),
        ("⛴️ … — “”", []),
        ("", []),
    ],
)
def test_words_are_folded(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "The ferries were sinking; rescuers' boats carried 1,250 people.",
        "Façade CÔTÉ Ångström naïve Zoë Đồng",
        "cafe\u0301 re\u0301sume\u0301",
        "COVID-19 F-16 a.m. snake_case R&D",
        "паром затонул ПАРОМ",
        "“quoted” ‘words’ — dashes… 50% $1.5m",
        "conditional organization relational hopefully happiness",
        "technology assembly apology possibly ecology ideology us is as by",
        "Зеленский технологий ёж Αθήνα ガス آب ZOË Ёлка",
    ],
)
def test_words_and_stems_are_those_of_the_full_text_index(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='porter unicode61 remove_diacritics 2')")
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        db.execute("INSERT INTO t VALUES (?)", (text,))
        indexed = [term for (term,) in db.execute('SELECT term FROM v ORDER BY "offset"')]

    assert [index_stem(word) for word in words(text)] == indexed


def test_words_without_meaning_are_left_out_of_content() -> None:
    assert content_words("Who said that the ferries were sinking, and why sinking?") == ("ferri", "sink", "sink")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who confirmed that the ferry had docked?", ("confirmed", "ferry", "docked")),
        ("Ferry, ferry, FERRY: docked?", ("ferry", "docked")),
        ("Who is it?", ("who", "is", "it")),
        ("?", ()),
        ("", ()),
    ],
)
def test_a_query_is_its_distinct_telling_words_or_all_where_none_tells(question: str, asked: tuple[str, ...]) -> None:
    assert query_words(question) == asked


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("ferry", ("ferry",)),
        (
            "Who said that the ferry Morning Star had docked off Skelby?",
            ("ferry", "morning", "star", "docked", "skelby", "ferry morning", "morning star"),
        ),
        ("Morning Star, morning star", ("morning", "star", "morning star", "star morning")),
        ("a $1.5 million pier", ("1", "5", "million", "pier", "1 5", "5 million", "million pier")),
        ("Why sank it?", ("sank", "sink", "sunk")),
        ("the ferry sank", ("ferry", "sank", "sink", "sunk", "ferry sank")),
        ("Who is it?", ("who", "is", "it")),
        ("?", ()),
        ("", ()),
    ],
)
def test_a_question_is_looked_up_by_its_words_and_by_those_side_by_side(question: str, terms: tuple[str, ...]) -> None:
    assert query_terms(question) == terms


def test_stop_words_are_written_as_texts_are_folded() -> None:
    assert all(words(word) == [word] for word in STOP_WORDS)


@pytest.mark.parametrize("word", ["sink", "sank", "sunk"])
def test_an_irregular_past_is_brought_together_with_its_present(word: str) -> None:
    assert forms(word) == ("sink", "sank", "sunk")
    assert stem(word) == "sink"
    assert query_words(f"had it {word}?") == tuple(dict.fromkeys([word, "sink", "sank", "sunk"]))


def test_a_word_that_is_regular_has_no_other_forms() -> None:
    assert forms("ferry") == ()
    assert stem("ferries") == stem("ferry") == index_stem("ferry")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_text_has_words_and_folding_twice_changes_nothing(text: str) -> None:
    once = words(text)

    assert words(" ".join(once)) == once
    assert set(query_words(text)) <= {form for word in once for form in (word, *forms(word))}
