"""Whether reports call a person 'he' or 'she'."""

from __future__ import annotations

import pytest

from assistant.genders import told_gender


@pytest.mark.parametrize(
    ("name", "report", "expected"),
    [
        ("Ksenia Volk", "Ksenia Volk resigned on Monday. She had led the port for ten years.", "she"),
        ("Ksenia Volk", "Volk said that her staff had been warned.", "she"),
        ("Toivo Aalt", "The report by Toivo Aalt cost him his office.", "he"),
        ("Volk", "Mrs Volk resigned.", "she"),
        ("Toivo Aalt", "The spokesman Toivo Aalt declined to comment.", "he"),
        ("Ksenia Volk", "Ksenia Volk and Toivo Aalt met. He was late.", None),
        ("Ksenia Volk", "Volk lost his hat. Volk lost her hat.", None),
        ("Ksenia Volk", "Ksenia Volk resigned on Monday.", None),
        ("Ksenia Volk", "", None),
        ("", "She left.", None),
    ],
)
def test_titles_and_pronouns_tell(name: str, report: str, expected: str | None) -> None:
    assert told_gender(name, report) == expected
