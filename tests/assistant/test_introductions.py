from __future__ import annotations

import pytest

from assistant.introductions import asked_about, introduction


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who is Esmail Ghaani?", "Esmail Ghaani"),
        ("who was qasem soleimani", "qasem soleimani"),
        ("What is the Harbour Guard?", "Harbour Guard"),
        ("Tell me who Ada Brandt is.", "Ada Brandt"),
        ("Who is the president of Norway?", None),
        ("Who is responsible?", None),
        ("Who killed Ada Brandt?", None),
        ("", None),
    ],
)
def test_questions_that_ask_only_who_it_is_are_known(question: str, expected: str | None) -> None:
    assert asked_about(question) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ada Brandt, the deputy mayor, resigned.", 1.0),
        ("The council named Ada Brandt to lead it.", 1.0),
        ("Ada Brandt was elected mayor.", 1.0),
        ("The harbour company's director, Ada Brandt, resigned.", 0.8),
        ("Norway's Minister Ada Brandt resigned.", 0.8),
        ("CDC Director Dr. Ada Brandt resigned.", 0.8),
        ("Minister Brandt resigned.", 0.5),
        ("Mrs. Brandt resigned.", 0.0),
        ("Ada Brandt resigned.", 0.0),
        ("Karl Brandt, a painter, resigned.", 0.0),
        ("It rained.", 0.0),
    ],
)
def test_a_sentence_that_says_the_role_introduces(sentence: str, expected: float) -> None:
    assert introduction("Ada Brandt", sentence) == expected
