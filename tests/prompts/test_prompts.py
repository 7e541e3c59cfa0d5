"""Prompts: loaded by name, overridden by the user's own, strict about their variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from prompts import REFUSAL, PromptError, PromptTemplate, load_prompt


@pytest.fixture
def ferry(tmp_path: Path) -> PromptTemplate:
    return PromptTemplate(tmp_path / "ferry.md", "The $ship left ${port}s for $$5.")


def test_variables_are_filled_in_and_values_are_taken_as_they_are(ferry: PromptTemplate) -> None:
    assert ferry.render(ship="$port", port="Skelby") == "The $port left Skelbys for $5."


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ship": "Star"}, "unknown variable $port"),
        ({}, "unknown variable $port, $ship"),
        ({"ship": "Star", "port": "Skelby", "crew": "9"}, "variable $crew is not used"),
    ],
)
def test_missing_and_surplus_variables_are_errors_that_name_them(
    ferry: PromptTemplate, variables: dict[str, str], message: str
) -> None:
    with pytest.raises(PromptError) as caught:
        ferry.render(**variables)

    assert str(caught.value) == f"{ferry.path}: {message}"


def test_a_lone_dollar_sign_is_an_error_that_says_how_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="write '\\$\\$' for the sign"):
        PromptTemplate(tmp_path / "price.md", "It cost $ 5.").render()


def test_every_shipped_prompt_takes_exactly_its_variables() -> None:
    names = ("answer", "example_answer", "example_question", "question", "standalone", "standalone_question")

    assert {name: load_prompt(name).variables for name in names} == {
        "answer": {"refusal"},
        "example_answer": frozenset(),
        "example_question": frozenset(),
        "question": {"today", "window", "sources", "question"},
        "standalone": frozenset(),
        "standalone_question": {"today", "boundary", "conversation", "question"},
    }


def test_the_rules_hold_the_refusal_word_for_word() -> None:
    assert REFUSAL in load_prompt("answer").render(refusal=REFUSAL)


def test_a_file_of_the_users_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "answer.md").write_text("\nSay nothing but $refusal\n", encoding="utf-8")

    assert load_prompt("answer", folder=tmp_path).text == "Say nothing but $refusal"
    assert load_prompt("question", folder=tmp_path) == load_prompt("question")
    assert load_prompt("question", folder=tmp_path / "none") == load_prompt("question")


@pytest.mark.parametrize("name", ["asnwer", "../answer", ""])
def test_an_unknown_name_is_an_error_that_lists_the_prompts(name: str) -> None:
    with pytest.raises(PromptError, match="the prompts are answer, example_answer, example_question, question"):
        load_prompt(name)


def test_a_prompt_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "answer.md").write_bytes(b"caf\xe9")

    with pytest.raises(PromptError, match="not UTF-8"):
        load_prompt("answer", folder=tmp_path)
