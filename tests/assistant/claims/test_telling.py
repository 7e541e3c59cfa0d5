"""Comparisons as text and JSON, kept and read again."""

from __future__ import annotations

import json

from assistant.claims.grouping import compare_claims
from assistant.claims.kept import read_comparisons
from assistant.claims.telling import comparisons_text, difference_lines, differences_text, disagreements_json
from assistant.rendering import Style
from tests.assistant.claims.invented_claims import claims_of

FIRST = "At least 31 people drowned when the ferry capsized off Sellick Island on Tuesday, the coast guard said."
LATER = "The number of people killed when the ferry capsized off Sellick Island rose to 52."
COMPARED = compare_claims(
    claims_of(FIRST, id_="first") + claims_of(LATER, outlet="Inland Post", published="2021-05-06T15:00", id_="later")
)


def test_values_stand_side_by_side_with_outlets_days_and_places() -> None:
    assert comparisons_text(COMPARED, Style()) == (
        "people killed: updated (2 independent outlets)\n"
        "  At least 31  Cape Herald, 4 May 2021, citing coast guard [1]\n"
        "  52           Inland Post, 6 May 2021 [2]\n"
        "  At least 31 (Cape Herald, 4 May 2021) → 52 (Inland Post, 6 May 2021)\n\n"
        f"[1] Cape Herald, 4 May 2021: “{FIRST}”\n    first:0-{len(FIRST)}\n"
        f"[2] Inland Post, 6 May 2021: “{LATER}”\n    later:0-{len(LATER)}"
    )


def test_below_an_answer_it_is_told_shortly() -> None:
    assert differences_text(COMPARED, Style()) == (
        "Where they differ:\n"
        "- people killed (updated): At least 31 — Cape Herald, 4 May 2021; 52 — Inland Post, 6 May 2021\n"
        "  At least 31 (Cape Herald, 4 May 2021) → 52 (Inland Post, 6 May 2021)"
    )


def test_nothing_is_told_where_nothing_differs() -> None:
    assert (differences_text((), Style()), comparisons_text((), Style())) == ("", "")


def test_a_quote_that_would_change_a_terminal_is_shown_harmless() -> None:
    hostile = claims_of(LATER.replace("52", "52\x1b]0;x\x07"), outlet="In\x1b[31mland", published="2021-05-06T15:00")

    told = comparisons_text(compare_claims(claims_of(FIRST) + hostile), Style())

    assert "\x1b" not in told


def test_what_is_kept_is_told_the_same_again() -> None:
    record = json.loads(json.dumps(disagreements_json(COMPARED)))

    again = read_comparisons(record)

    assert disagreements_json(again) == record
    assert differences_text(again, Style()) == differences_text(COMPARED, Style())
    assert list(difference_lines(again)) == list(difference_lines(COMPARED))


def test_the_json_of_a_side_points_into_the_article() -> None:
    (record,) = disagreements_json(COMPARED)

    cited = record["sides"][0]["citations"][0]
    assert (record["kind"], record["sides"][0]["value"], record["sides"][0]["outlets"]) == (
        "update",
        "At least 31",
        ["Cape Herald"],
    )
    assert (cited["article_id"], FIRST[cited["start"] : cited["end"]]) == ("first", cited["quote"])
