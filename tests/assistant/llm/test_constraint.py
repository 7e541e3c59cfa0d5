"""What holds an answer to its sources: a grammar, and JSON that is read as it comes."""

from __future__ import annotations

import json
import re

import pytest

from assistant.llm.constraint import PlainReader, SentencesReader, constraint_for, grammar_of, reader_for, schema_of
from tests.assistant.llm.wires import CITING, PROMPT

REFUSAL = "Not in the sources."


def read(*pieces: str) -> str:
    reader = SentencesReader(REFUSAL)
    return "".join(map(reader.feed, pieces)) + reader.finish()


def answer(*sentences: tuple[object, object]) -> str:
    return json.dumps({"sentences": [{"text": text, "sources": sources} for text, sources in sentences]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (answer(("It was.", [1]), ("So she said.", [2, 3])), "It was. [1] So she said. [2][3]"),
        (json.dumps({"sentences": [{"sources": [2], "text": "It was."}]}, indent=2), "It was. [2]"),
        (answer(('A "b" \\ / \n\t é 😀.', [1])), 'A "b" \\ / \n\t é 😀. [1]'),
        ('{"sentences":[{"text":"\\u00e9\\ud83d\\ude00\\ud83d \\/.","sources":[1]}]}', "é😀 /. [1]"),
        (answer(("It was", [1]), ('"So," she said', [2])), 'It was. [1] "So," she said. [2]'),
        (answer(("It was [1].", [1]), ("So [2, 3] she said. [4]", [])), "It was. [1] So she said. [2][3][4]"),
        (answer((" It [was [1 or so. ", [1, 1])), "It [was [1 or so. [1]"),
        (answer(("It was.", ["2", "[3]"])), "It was. [2][3]"),
        (answer(("", [1]), ("It was.", [2])), "It was. [2]"),
        (answer((REFUSAL, [1])), REFUSAL),
        (answer(), REFUSAL),
        ("{}", ""),
        ('{"thoughts": "no", "n": 1, "sentences": [{"text": "It was.", "sources": [1], "sure": true}]}', "It was. [1]"),
        (f"```json\n{answer(('It was.', [1]))}\n```", "It was. [1]"),
        (f"{answer(('It was.', [1]))} and so on", "It was. [1]"),
        ("It was. [1]", "It was. [1]"),
        ("``It`` was. [1]", "``It`` was. [1]"),
        ("", ""),
    ],
)
def test_json_becomes_an_answer_however_it_is_cut(text: str, expected: str) -> None:
    assert read(text) == expected
    assert read(*text) == expected
    assert all(read(text[:i], text[i:]) == expected for i in range(len(text)))


def test_text_is_shown_as_it_comes_and_citations_when_they_are_known() -> None:
    reader = SentencesReader(REFUSAL)

    pieces = ['{"sentences": [{"text": "It ', "was", " [1", "].", '", "sources": [', "1, 2", "]}", "]}"]

    assert [reader.feed(piece) for piece in pieces] == ["It", " was", "", ".", "", "", " [1][2]", ""]


def test_an_answer_that_breaks_off_anywhere_has_only_begun() -> None:
    text = answer(("It was.", [1]), ("So she said.", [2, 3]))
    whole = read(text)

    for end in range(len(text)):
        reader = SentencesReader(REFUSAL)
        assert whole.startswith(reader.feed(text[:end]))


def test_a_constraint_is_for_prompts_with_sources() -> None:
    assert constraint_for("grammar", CITING) == "grammar"
    assert constraint_for("grammar", PROMPT) is None
    assert isinstance(reader_for("schema"), SentencesReader)
    assert isinstance(reader_for("grammar"), PlainReader)


def test_the_schema_knows_the_sources() -> None:
    sentence = schema_of(3)["properties"]["sentences"]["items"]  # type: ignore[index]

    assert sentence["properties"]["sources"]["items"] == {"type": "integer", "enum": [1, 2, 3]}


@pytest.mark.parametrize("numbers", [1, 2, 9, 10, 12, 19, 20, 34, 99, 100, 123])
def test_the_grammar_allows_exactly_the_numbers_of_the_sources(numbers: int) -> None:
    rule = re.search(r"^number ::= (.+)$", grammar_of(numbers, REFUSAL), re.MULTILINE)
    assert rule
    pattern = re.compile(rule[1].replace('"', "").replace(" | ", "|").replace(" ", ""))

    assert [n for n in range(400) if pattern.fullmatch(str(n))] == list(range(1, numbers + 1))


def as_pattern(grammar: str) -> re.Pattern[str]:
    """Return a grammar without recursion as the regular expression that it is."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())

    def expression(rule: str) -> str:
        tokens = re.findall(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[\d,]+\}|[a-z]+|[()|?*+]', rule)
        return "".join(map(translated, tokens))

    def translated(token: str) -> str:
        if token[0] == '"':
            return f"(?:{re.escape(json.loads(token))})"
        return f"(?:{expression(rules[token])})" if token.isalpha() else token

    return re.compile(expression(rules["root"]))


@pytest.mark.parametrize(
    "text",
    [
        REFUSAL,
        "The ferry sank at noon. [1]",
        'At 9.30 p.m. on Jan. 3 Mr. J. K. Vale of the U.S. Post paid $1,200.50. [1][2] "Safe," he said. [2]',
        'She said: "We won." [1]',
        '"We won!" she said, and left the U.S.-led group. [12]',
        "Die Fähre sank um 12.30 Uhr in Zürich. [3] El «barco» ya no está. [1]",
    ],
)
def test_the_grammar_allows_what_news_answers_look_like(text: str) -> None:
    assert as_pattern(grammar_of(12, REFUSAL)).fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "The ferry sank at noon.",
        "The ferry sank. It was noon. [1]",
        "The ferry sank.It was noon. [1]",
        "The ferry sank [13].",
        "The ferry sank [1]",
        "The ferry sank. [1]\n\nSo. [2]",
        "<think>Well. [1]",
        "See [x](http://evil). [1]",
        f"{REFUSAL} The ferry sank. [1]",
        " ".join(["word"] * 61) + ". [1]",
        " ".join(["So. [1]"] * 9),
        "",
    ],
)
def test_the_grammar_allows_no_sentence_without_its_source(text: str) -> None:
    assert not as_pattern(grammar_of(12, REFUSAL)).fullmatch(text)
