"""Thoughts between tags, cut anywhere."""

from __future__ import annotations

import pytest

from assistant.llm.thinking import ThoughtFilter, ThoughtUnopened


def shown(*pieces: str) -> str:
    thoughts = ThoughtFilter()
    return "".join(map(thoughts.feed, pieces)) + thoughts.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was. [1]", "It was. [1]"),
        ("<think>Hm [2].</think>It was. [1]", "It was. [1]"),
        ("<think></think>It <thinking>a</thinking>was<reasoning>b</reasoning>.", "It was."),
        ("[THINK]Hm <think>.[/THINK]It was.", "It was."),
        ("<think>It never ended", ""),
        ("3 < 4, a <thin line [T", "3 < 4, a <thin line [T"),
        ("<", "<"),
        ("", ""),
    ],
)
def test_a_thought_is_not_shown_however_it_is_cut(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(*text) == expected
    assert all(shown(text[:i], text[i:]) == expected for i in range(len(text)))


def test_what_cannot_be_a_tag_is_shown_at_once() -> None:
    thoughts = ThoughtFilter()

    assert [thoughts.feed(piece) for piece in ("It <", "b> was", " <th", "e")] == ["It ", "<b> was", " ", "<the"]


@pytest.mark.parametrize("text", ["Hm.</think>It was.", "<think>a</think>b</think>c"])
def test_the_end_of_a_thought_that_never_began_is_an_error(text: str) -> None:
    with pytest.raises(ThoughtUnopened):
        shown(*text)
