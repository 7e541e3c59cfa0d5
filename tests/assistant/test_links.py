"""What could be opened goes, what only looks like it stays."""

from __future__ import annotations

import pytest

from assistant.links import addresses_in, without_links


@pytest.mark.parametrize(
    "text",
    [
        "It cost $1.5 million, i.e. 3.2% more, at 5.30 p.m. in the U.S. and/or the U.K.",
        "Dr. No and St. John's met on 24/7 terms: “data: none”, file: closed.",
        "Booking.com and Amazon.com fell 5 < 6 > 4 [sic] (see below).",
        "He said...nothing. She left.The end.",
        "[1][2] The ferry sank [3].",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert without_links(text, frozenset()) == (text, 0)


def test_only_an_allowed_address_stays_and_only_whole() -> None:
    allowed = addresses_in("See https://ferry.example/log. Or ask@ferry.example, please.")

    assert allowed == {"https://ferry.example/log", "ask@ferry.example"}
    assert without_links("Go to https://ferry.example/log, now.", allowed) == (
        "Go to https://ferry.example/log, now.",
        0,
    )
    assert without_links("Go to https://ferry.example/log?q=s, now.", allowed) == ("Go to , now.", 1)
