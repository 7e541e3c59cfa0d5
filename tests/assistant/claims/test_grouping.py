"""What several reports say of one thing, side by side."""

from __future__ import annotations

from itertools import permutations

from assistant.claims.claim import Claim, Comparison
from assistant.claims.grouping import compare_claims
from tests.assistant.claims.invented_claims import claims_of

FIRST = claims_of("At least 31 people drowned when the ferry capsized off Sellick Island on Tuesday.")
SAME_DAY = claims_of(
    "The capsizing of the ferry off Sellick Island killed 45 people.",
    outlet="Inland Post",
    published="2021-05-04T15:00",
)
LATER = claims_of(
    "The number of people killed when the ferry capsized off Sellick Island rose to 52.",
    outlet="Inland Post",
    published="2021-05-06T15:00",
)


def told(comparison: Comparison) -> tuple[str, list[tuple[str, tuple[str, ...]]], list[tuple[str, str]]]:
    sides = [(side.value, side.outlets) for side in comparison.sides]
    return comparison.kind, sides, [(update.old.value, update.new.value) for update in comparison.updates]


def compared(*claims: list[Claim]) -> list[tuple[str, list[tuple[str, tuple[str, ...]]], list[tuple[str, str]]]]:
    return [told(one) for one in compare_claims(claim for some in claims for claim in some)]


def test_two_numbers_of_one_day_differ() -> None:
    sides = [("At least 31", ("Cape Herald",)), ("45", ("Inland Post",))]

    assert compared(FIRST, SAME_DAY) == [("number", sides, [])]


def test_a_later_number_is_an_update_and_no_disagreement() -> None:
    sides = [("At least 31", ("Cape Herald",)), ("52", ("Inland Post",))]

    assert compared(FIRST, LATER) == [("update", sides, [("At least 31", "52")])]


def test_numbers_that_differed_and_were_then_updated_show_both() -> None:
    ((kind, sides, updates),) = compared(FIRST, SAME_DAY, LATER)

    assert (kind, len(sides), updates) == ("number", 3, [("45", "52")])


def test_the_order_of_the_claims_changes_nothing() -> None:
    orders = [compared(*order) for order in permutations([FIRST, SAME_DAY, LATER])]

    assert all(order == orders[0] for order in orders)


def test_one_outlet_alone_is_compared_with_nobody() -> None:
    assert compared(FIRST) == []


def test_two_outlets_that_say_the_same_agree() -> None:
    same = claims_of("The ferry capsized off Sellick Island, killing 31 people.", outlet="Inland Post")

    ((kind, sides, _),) = compared(FIRST, same)

    assert (kind, sides) == ("agree", [("31", ("Cape Herald", "Inland Post"))])


def test_what_is_confirmed_by_one_and_not_by_the_other_is_shown_apart() -> None:
    unsure = claims_of("The ferry capsized off Sellick Island, reportedly killing 31 people.", outlet="Inland Post")

    ((kind, sides, _),) = compared(FIRST, unsure)

    assert (kind, [outlets for _, outlets in sides]) == ("confirmation", [("Cape Herald",), ("Inland Post",)])


def test_a_report_that_corrects_an_earlier_count_itself_is_an_update_on_the_same_day() -> None:
    corrected = claims_of(
        "The capsizing of the ferry off Sellick Island killed 45 people, "
        "the mayor said, correcting an earlier count of 31.",
        outlet="Inland Post",
        published="2021-05-04T15:00",
    )

    ((kind, _, updates),) = compared(FIRST, corrected)

    assert (kind, updates) == ("update", [("31", "45")])


def test_claims_without_a_day_are_left_out() -> None:
    from dataclasses import replace

    undated = [replace(claim, article=replace(claim.article, published=None)) for claim in SAME_DAY]

    assert compared(FIRST, undated) == []
