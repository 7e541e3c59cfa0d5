from __future__ import annotations

import pytest

from store.entities.recognition import Mention, find_mentions, recognise


def named(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.kind) for one in find_mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry left for Norway.", [("Norway", "place")]),
        ("Yesterday Maria Keld spoke in Oslo.", [("Maria Keld", "person"), ("Oslo", "place")]),
        ("He met Gen. Torvald Brekke there.", [("Torvald Brekke", "person")]),
        ("Texas Gov. Ada Brandt agreed.", [("Texas", "place"), ("Ada Brandt", "person")]),
        ("It was the Ministry of Health and Fisheries.", [("Ministry of Health and Fisheries", "organisation")]),
        ("Talks between Brandt and Keld: so said Ada Brandt and Maria Keld.",
         [("Ada Brandt", "person"), ("Maria Keld", "person")] * 2),
        ("The Harbour Agency (HA) denied it. Later the HA agreed.", [("Harbour Agency", "organisation")] * 3),
        ("SKELBY, Norway — It rained.", [("Norway", "place")]),
        ("OSLO — It rained.", [("Oslo", "place")]),
        ("A bridge at Quell, Ohio, fell.", [("Quell", "place"), ("Ohio", "place")]),
        ("The spokesman Olav van der Berg left.", [("Olav van der Berg", "person")]),
        ("It killed Omar al-Hadid, 45, at home.", [("Omar al-Hadid", "person")]),
        ("А потом сказала Нина Соколова: in Kyiv said Nina Sokolova.", [("Нина Соколова", "person"), ("Kyiv", "place"),
                                                                 ("Nina Sokolova", "person")]),
        ("On Monday the American Christmas was cold. What a Day.", []),
        ("北京市長は語った。", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_found_with_their_kind(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


def test_a_mention_says_where_it_stands_and_whom_it_means() -> None:
    text = "Ada Brandt resigned. Brandt’s deputy stays."

    assert find_mentions(text) == [Mention(0, 10, "Ada Brandt", "person"), Mention(21, 27, "Ada Brandt", "person")]


def test_mentions_are_counted_and_the_headline_too() -> None:
    body = "Ada Brandt left Oslo. Brandt will not say why."

    found = recognise("Brandt leaves", body)

    assert [(one.name, one.kind, one.count, one.first, one.in_headline) for one in found] == [
        ("Ada Brandt", "person", 3, 0, True),
        ("Oslo", "place", 1, 16, False),
    ]


def test_a_headline_in_capitals_names_only_what_is_known() -> None:
    assert [one.name for one in recognise("Big Storm Over Norway Kills Ten", "It was a storm.")] == ["Norway"]


def test_an_acronym_that_the_article_gives_is_kept() -> None:
    (found,) = recognise("", "The Northern Fisheries Agency (NFA) agreed. The NFA did.")

    assert (found.name, found.short, found.count) == ("Northern Fisheries Agency", "NFA", 3)
