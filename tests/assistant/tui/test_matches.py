from __future__ import annotations

import pytest

from assistant.tui.matches import MOST_MATCHES, matches_in


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ferry", [(4, 9), (22, 27)]),
        ("FERRY", [(4, 9), (22, 27)]),
        ("sank the", [(10, 19)]),
        ("isn't", [(28, 33)]),
        (".", [(37, 38)]),
        ("[a-z]", []),
        ("", []),
        ("   ", []),
    ],
)
def test_words_are_found_as_they_were_typed(words: str, found: list[tuple[int, int]]) -> None:
    assert matches_in("The ferry sank\n the … Ferry isn’t new.", words) == found


def test_a_letter_of_a_long_article_is_not_counted_to_the_end() -> None:
    assert len(matches_in("e" * 3 * MOST_MATCHES, "e")) == MOST_MATCHES + 1
