"""What the numbers of a sentence count, and those that count nothing that reports could differ on."""

from __future__ import annotations

import pytest

from assistant.claims.counts import find_counts


def told(sentence: str, before: str = "") -> list[tuple[str, str, float]]:
    return [(count.measure, count.countee, count.amount.number) for count in find_counts(sentence, before)]


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("At least 56 people died in the crush.", [("dead", "", 56)]),
        ("The blast killed six and wounded more than 30.", [("dead", "", 6), ("injured", "", 30)]),
        ("At least 19 fighters were killed and 35 wounded.", [("dead", "fighter", 19), ("injured", "", 35)]),
        ("The death toll in the quake rose to 340.", [("dead", "", 340)]),
        ("All 176 people aboard the jet were killed.", [("aboard", "", 176), ("dead", "", 176)]),
        ("Seventeen miners are trapped in a shaft.", [("trapped", "", 17)]),
        ("A magnitude 6.4 earthquake struck.", [("magnitude", "", 6.4)]),
        ("The bridge will cost $2.1 billion.", [("cost", "", 2_100_000_000)]),
        ("No Americans were killed.", [("dead", "american", 0)]),
        ("Iraq's military counted 22 missiles.", [("thing:missile", "", 22)]),
        ("The house passed the bill by 212 votes to 198.", [("votes", "", 212)]),
    ],
)
def test_a_number_is_told_with_what_it_counts(sentence: str, counts: list[tuple[str, str, float]]) -> None:
    assert told(sentence) == counts


@pytest.mark.parametrize(
    "sentence",
    [
        "The dead include nine children.",
        "Another 12 people were killed on Friday.",
        "He was one of the people killed.",
        "The road has killed 40 people since 2010.",
        "Two people a day are killed there.",
        "The storm could kill 100 people.",
        "The 34-year-old was killed.",
        "On Aug. 31 people were killed.",
        "The plant will create 300 jobs.",
        "Two days after the attack killed him, they met.",
        "The five people killed there were adults, and a sixth victim is not known.",
    ],
)
def test_parts_rates_totals_of_years_and_mere_numbers_are_left_out(sentence: str) -> None:
    assert told(sentence) == []


def test_a_bare_number_counts_what_was_asked_in_the_sentence_before() -> None:
    before = "Accounts of how many people were on board differed."

    assert told("State television first said 180.", before) == [("aboard", "", 180)]


def test_a_bare_number_counts_what_the_sentence_before_counted() -> None:
    assert told("An official had earlier spoken of seven.", "Ten people died, he said.") == [("dead", "", 7)]
