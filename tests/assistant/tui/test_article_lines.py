from __future__ import annotations

import pytest
from textual.content import Content

from assistant.tui.article_lines import displayed, lay_out

BODIES = [
    "",
    "\n\n",
    "One line.",
    "The ferry sank off Skelby on Wednesday.\nAll 212 were saved.\n\n  The cause is not known. ",
    "x" * 200,
    "The coastguard said “no” — twice, at 4 o’clock; it cost €12…",
    "渡船在星期三沉没，全部212人上岸。The ferry sank.",
    "👩‍👩‍👧 ❤️ 🇬🇧 flags and hearts 👍🏽 again and again",
    "e\u0301\u0302" * 80,
    "غرقت العبارة قبالة الساحل يوم الأربعاء",
    "tab\tand\x1b[2J\u202e odd \x85 characters",
]


def texts(body: str, width: int) -> list[str]:
    lines = lay_out(body, width)
    return [body[start:end] for start, end in zip(lines.starts, lines.ends, strict=True)]


def test_lines_break_at_blanks_and_paragraphs_stand_apart() -> None:
    body = "The ferry sank off Skelby.\n\nAll were saved."

    assert texts(body, 10) == ["The ferry", "sank off", "Skelby.", "", "All were", "saved."]


def test_a_line_of_exactly_the_width_is_whole() -> None:
    assert texts("The ferry sank", 9) == ["The ferry", "sank"]
    assert texts("The ferry sank", 14) == ["The ferry sank"]


def test_a_word_that_is_too_long_is_cut() -> None:
    assert texts("see https://courier.example", 10) == ["see", "https://co", "urier.exam", "ple"]


def test_chinese_is_broken_between_any_two_and_latin_words_in_it_are_not() -> None:
    assert texts("全部人上岸", 4) == ["全部", "人上", "岸"]
    assert texts("全部ferry人", 6) == ["全部", "ferry", "人"]


def test_accents_stay_with_their_letter() -> None:
    assert texts("e\u0301e\u0301e\u0301", 2) == ["e\u0301e\u0301", "e\u0301"]


@pytest.mark.parametrize("width", [2, 7, 30, 88])
@pytest.mark.parametrize("body", BODIES)
def test_every_character_but_blanks_stands_in_one_line_that_is_no_wider(body: str, width: int) -> None:
    lines = lay_out(body, width)
    kept = [position for start, end in zip(lines.starts, lines.ends, strict=True) for position in range(start, end)]

    assert kept == sorted(set(kept))
    assert all(body[position].isspace() for position in set(range(len(body))) - set(kept))
    assert all(Content(displayed(text)).cell_length <= width for text in texts(body, width))


@pytest.mark.parametrize("body", [body for body in BODIES if body.strip()])
def test_the_line_of_a_character_is_the_one_that_shows_it(body: str) -> None:
    lines = lay_out(body, 7)

    for line, (start, end) in enumerate(zip(lines.starts, lines.ends, strict=True)):
        assert {lines.line_of(position) for position in range(start, end)} <= {line}
