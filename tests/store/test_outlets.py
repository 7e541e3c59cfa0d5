from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.outlets import OutletIndex, OutletMention, outlet_key

ARCHIVE = (
    "AP",
    "BBC News - Technology",
    "Barron's",
    "Cnbc | World Business News Leader",
    "Delta Standardbearer",
    "Fortune",
    "Reuters",
    "Sport | The Guardian",
    "The Age",
    "The Independent - Life and Style",
    "The Independent - Travel",
    "The Times",
    "Time",
    "Lantern.Post",
    "bbc.co.uk",
    "edition.cnn.com",
    "nytimes.com",
    "theverge.com",
    "Æther Wöchentlich",
)


@pytest.fixture(scope="module")
def known() -> OutletIndex:
    return OutletIndex(ARCHIVE)


def cited(known: OutletIndex, text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(mention.text, mention.outlets) for mention in known.named_in(text) if mention.cited]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Harbour Line", "harbourline"),
        ("The Harbour Line", "harbourline"),
        ("HARBOUR-LINE", "harbourline"),
        ("harbourline.com", "harbourline"),
        ("https://www.the-harbour-line.co.uk/news?x=1", "harbourline"),
        ("edition.harbourline.co.nz", "harbourline"),
        ("Mail & Guardian", "mailandguardian"),
        ("El País", "elpais"),
        ("skelby.gov.uk", "skelby.gov.uk"),
        ("norland.edu", "norland.edu"),
        ("", ""),
        (".", ""),
        ("新华网", "新华网"),
    ],
)
def test_names_that_differ_in_dress_only_have_one_key(name: str, key: str) -> None:
    assert outlet_key(name) == key


@pytest.mark.parametrize(
    ("name", "outlets"),
    [
        ("Delta Standardbearer", ("Delta Standardbearer",)),
        ("the delta standardbearer", ("Delta Standardbearer",)),
        ("BBC", ("BBC News - Technology", "bbc.co.uk")),
        ("www.bbc.co.uk", ("BBC News - Technology", "bbc.co.uk")),
        ("BBC News - Technology", ("BBC News - Technology", "bbc.co.uk")),
        ("The Independent", ("The Independent - Life and Style", "The Independent - Travel")),
        ("NYT", ("nytimes.com",)),
        ("The New York Times", ("nytimes.com",)),
        ("CNN", ("edition.cnn.com",)),
        ("Associated Press", ("AP",)),
        ("CNBC", ("Cnbc | World Business News Leader",)),
        ("Guardian", ("Sport | The Guardian",)),
        ("Quillfield Examiner", ()),
        ("", ()),
    ],
)
def test_an_outlet_is_known_by_all_its_names(known: OutletIndex, name: str, outlets: tuple[str, ...]) -> None:
    assert known.named(name) == outlets


@pytest.mark.parametrize(
    ("text", "name", "outlet"),
    [
        ("Who sank it, according to Reuters?", "Reuters", "Reuters"),
        ("who sank it, according to reuters?", "reuters", "Reuters"),
        ("Who sank it, as reported by the Delta Standardbearer?", "Delta Standardbearer", "Delta Standardbearer"),
        ("What does the New York Times say about it?", "New York Times", "nytimes.com"),
        ("What did theverge.com write?", "theverge.com", "theverge.com"),
        ("Whom did the AP report blame?", "AP", "AP"),
        ("Whom does ‘The Age’ article blame?", "The Age", "The Age"),
        ("Which firm, described as the best of the year by Fortune, failed?", "Fortune", "Fortune"),
        ("Whom did Time’s cover story praise?", "Time", "Time"),
        ("What is Barron's coverage of it?", "Barron's", "Barron's"),
        ("What did the minister tell CNN?", "CNN", "edition.cnn.com"),
        ("Who, per Bloomberg and Reuters, sank it?", "Reuters", "Reuters"),
        ("What does Æther Wöchentlich report?", "Æther Wöchentlich", "Æther Wöchentlich"),
    ],
)
def test_an_outlet_is_cited(known: OutletIndex, text: str, name: str, outlet: str) -> None:
    assert cited(known, text) == [(name, (outlet,))]


def test_a_list_is_cited_as_a_whole(known: OutletIndex) -> None:
    text = "Who fell, as reported by both Fortune, The Age, and 'Time'?"

    assert [name for name, _ in cited(known, text)] == ["Fortune", "The Age", "Time"]


def test_a_second_source_is_cited_like_the_first(known: OutletIndex) -> None:
    text = "Which firm, covered by Reuters for its debts, and by Fortune for its parties, failed?"

    assert [name for name, _ in cited(known, text)] == ["Reuters", "Fortune"]


def test_a_section_is_only_itself_and_the_longest_name_counts(known: OutletIndex) -> None:
    text = "the report by The Independent - Travel on ferries"

    assert known.named_in(text) == [
        OutletMention(14, 38, "The Independent - Travel", ("The Independent - Travel",), cited=True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Why did the BBC suspend its presenter?",
        "Did CNN fire its chief executive?",
        "Who works in the Reuters building?",
        "Who is Time magazine's person of the year?",
        "What did Holm say about the New York Times?",
    ],
)
def test_an_outlet_that_is_spoken_of_is_named_but_not_cited(known: OutletIndex, text: str) -> None:
    assert [mention.cited for mention in known.named_in(text)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "What did she say this time?",
        "according to time",
        "Time was short.",
        "Which firms of the Fortune 500 reported a loss?",
        "What did the Irish Times report?",
        "the Financial Times article",
        "the Age of Sail article",
        "What did Time Warner report?",
        "a Reuters-sponsored report",
        "the @Reuters report",
        "What did the Quillfield Examiner report?",
        "",
    ],
)
def test_an_ordinary_word_or_a_part_of_another_name_is_no_outlet(known: OutletIndex, text: str) -> None:
    assert known.named_in(text) == []


def test_an_archive_without_outlets_knows_none() -> None:
    assert OutletIndex([]).named_in("according to Reuters") == []


@given(
    st.lists(
        st.sampled_from([*ARCHIVE, "the", "by", "according to", "article", "says", ",", "and", "'", "’s", ".", "Ａ"])
    ),
    st.text(),
)
def test_mentions_are_spans_in_order(parts: list[str], tail: str) -> None:
    text = " ".join(parts) + tail

    mentions = OutletIndex(ARCHIVE).named_in(text)

    assert [text[mention.start : mention.end] for mention in mentions] == [mention.text for mention in mentions]
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert all(set(mention.outlets) <= set(ARCHIVE) and mention.outlets for mention in mentions)


@given(st.lists(st.text(), max_size=5))
def test_any_name_can_be_filed(names: list[str]) -> None:
    known = OutletIndex(names)

    assert all(set(known.named(name)) <= set(names) for name in names)
