"""Numbers in digits and words, how exact they are and what they are measured in."""

from __future__ import annotations

import pytest

from assistant.claims.numbers import find_numbers


@pytest.mark.parametrize(
    ("text", "value", "bound", "unit"),
    [
        ("56 people", 56, "exact", ""),
        ("thirty-one people", 31, "exact", ""),
        ("Twelve hundred jobs", 1200, "exact", ""),
        ("at least 1,200 people", 1200, "least", ""),
        ("more than a dozen people", 12, "least", ""),
        ("up to 20,000 people", 20000, "most", ""),
        ("about 3.5 million dollars", 3_500_000, "about", "$"),
        ("$2.1 billion", 2_100_000_000, "exact", "$"),
        ("€40m", 40_000_000, "exact", "€"),
        ("12 percent", 12, "exact", "%"),
    ],
)
def test_a_number_is_read_with_its_bound_and_unit(text: str, value: float, bound: str, unit: str) -> None:
    (number,) = find_numbers(text)

    assert (number.value, number.bound, number.unit) == (value, bound, unit)


@pytest.mark.parametrize("text", ["at 10:30", "the A320 jet", "a ship", "version 1.2.3"])
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert list(find_numbers(text)) == []
