"""``dateline compare``, and ``ask`` where reports differ, as of a day and then and now."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import assistant
from assistant.cli import run
from tests.command_line import Ran

Sampled = Callable[..., Ran]

CRASH = "What caused the crash of the Ukrainian airliner?"


@pytest.fixture
def sampled(dateline: Callable[..., Ran], sample_archive: Path) -> Sampled:
    """Give the command line over the sample articles."""
    return lambda *arguments: dateline("-a", sample_archive, *arguments)


@pytest.fixture(scope="module")
def archive_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function that makes an archive of the sample articles up to a day."""
    samples = sorted((Path(assistant.__file__).parent / "samples").iterdir())

    @cache
    def make(day: str) -> Path:
        path = tmp_path_factory.mktemp("then") / "archive"
        assert run(["-q", "-a", str(path), "add", *(str(file) for file in samples if file.name[:10] <= day)]) == 0
        return path

    return make


def record(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def values(told: dict[str, Any]) -> list[str]:
    return [side["value"] for one in told["disagreements"] for side in one["sides"]]


def test_both_sides_are_told_with_outlet_day_and_words(sampled: Sampled) -> None:
    told = sampled("compare", "helicopters or a drone that killed Soleimani")

    assert told.code == 0
    for part in (
        "what caused it: updated (2 independent outlets)\n",
        "  helicopters  Delta Evening Standardbearer, 3 January 2020, citing Iran's Revolutionary Guards [",
        "  a drone      Meridian Wire, 3 January 2020, citing U.S. officials [",
        "  helicopters (Delta Evening Standardbearer, 3 January 2020) → a drone (Meridian Wire, 3 January 2020)\n",
        "“Iran's Revolutionary Guards, confirming his death, said the convoy had been attacked by U.S. helicopters.”",
    ):
        assert part in told.out


def test_a_program_gets_places_that_can_be_checked(sampled: Sampled) -> None:
    told = record(sampled("compare", "crush in Kerman", "--json"))

    assert list(told) == ["schema", "topic", "window", "as_of", "articles", "comparisons"]
    assert (told["schema"], told["topic"]) == ("dateline.comparison/1", "crush in Kerman")
    (crush,) = told["comparisons"]
    cited = crush["sides"][0]["citations"][0]
    article = record(sampled("show", cited["article_id"], "--json"))
    assert article["body"][cited["start"] : cited["end"]] == cited["quote"]


@pytest.mark.parametrize(
    "kept_to", [("--until", "2020-01-07"), ("--outlet", "The Lantern Post", "--outlet", "The Quillfield Examiner")]
)
def test_days_and_outlets_are_kept_to(sampled: Sampled, kept_to: tuple[str, ...]) -> None:
    (crush,) = record(sampled("compare", "crush in Kerman", "--json", *kept_to))["comparisons"]

    assert [side["value"] for side in crush["sides"]] == ["32", "At least 35", "40", "50"]


def test_where_one_story_was_only_reprinted_nothing_is_told(sampled: Sampled) -> None:
    told = sampled("compare", "parliament vote on foreign troops")

    assert (told.code, told.out) == (1, "")
    assert told.err.endswith("is reported by several outlets\n")


def test_where_reports_differ_it_is_told_below_the_answer(sampled: Sampled) -> None:
    told = sampled("ask", "How many Americans were killed by the Iranian missiles?")

    assert told.code == 0
    assert (
        "Where they differ:\n"
        "- americans killed (the numbers differ): 80 — Delta Evening Standardbearer, 8 January 2020, unconfirmed; "
        "No American or Iraqi was killed — Meridian Wire, 8 January 2020\n"
    ) in told.out


def test_an_answer_on_which_nothing_differs_says_so_to_programs(sampled: Sampled) -> None:
    told = record(sampled("ask", "How many Kataib Hezbollah sites did American warplanes bomb?", "--json"))

    assert told["disagreements"] == []


def test_as_of_a_day_before_the_correction_it_is_not_known(sampled: Sampled) -> None:
    before = record(sampled("ask", CRASH, "--as-of", "2020-01-10", "--json"))
    after = record(sampled("ask", CRASH, "--json"))

    assert before["as_of"] == "2020-01-10"
    assert all(citation["published"][:10] <= "2020-01-10" for citation in before["citations"])
    assert "a technical fault" in values(before)
    assert "human error" not in values(before)
    assert "human error" in values(after)


@pytest.mark.parametrize(
    ("question", "day"), [("How many people were killed in the crush?", "2020-01-07"), (CRASH, "2020-01-10")]
)
def test_as_of_a_day_the_answer_is_that_of_the_archive_of_that_day(
    dateline: Callable[..., Ran], sampled: Sampled, archive_of: Callable[[str], Path], question: str, day: str
) -> None:
    then = dateline("-a", archive_of(day), "ask", question, "--json")
    now = sampled("ask", question, "--as-of", day, "--json")

    told = [json.loads(ran.out) for ran in (then, now)]
    assert now.code == then.code
    for key in ("answered", "answer", "disagreements"):
        assert told[1][key] == told[0][key]
    places = [[(one["article_id"], one["start"], one["quote"]) for one in record["citations"]] for record in told]
    assert places[1] == places[0]


def test_as_of_the_first_day_the_missile_is_not_known(sampled: Sampled) -> None:
    told = sampled("ask", CRASH, "--as-of", "2020-01-08")

    assert told.code == 0
    assert "missile brought down" not in told.out
    assert told.err == "searching articles published 2020-01-08 or earlier (--as-of)\n"


def test_what_the_archive_covers_is_told_as_of_the_day(sampled: Sampled) -> None:
    told = sampled("ask", "What do opera tickets in Baghdad cost?", "--as-of", "2019-12-31")

    assert told.code == 1
    assert "it holds 4 articles published 27 December 2019 to 31 December 2019" in told.out


def test_then_and_now_are_answered_and_what_changed_is_told(sampled: Sampled) -> None:
    told = sampled("ask", CRASH, "--as-of", "2020-01-08", "--then-now")

    headings = ("As of 8 January 2020:\n", "As of 2", "Since 8 January 2020:\n")
    then, now, changes = map(told.out.index, headings)
    assert then < now < changes
    assert (
        "- what caused it: a technical fault (The Harbour Line, 8 January 2020) → "
        "a missile (Northgate Courier, 9 January 2020)\n"
    ) in told.out[changes:]
    assert "+ An Iranian surface-to-air missile brought down the Ukrainian airliner" in told.out[changes:]


def test_a_program_gets_then_and_now_and_what_changed(sampled: Sampled) -> None:
    told = record(sampled("ask", CRASH, "--as-of", "2020-01-08", "--then-now", "--json"))

    assert list(told) == ["schema", "then", "now", "changes"]
    assert (told["schema"], told["then"]["as_of"]) == ("dateline.then_now/1", "2020-01-08")
    changes = told["changes"]
    assert (changes["since"], changes["changed"]) == ("2020-01-08", True)
    assert {(update["old"], update["new"]) for one in changes["updated"] for update in one["updates"]} >= {
        ("a technical fault", "a missile")
    }


@pytest.mark.parametrize("more", [(), ("--as-of", "2020-01-08", "--batch"), ("--as-of", "2020-01-08", "--continue")])
def test_then_and_now_needs_a_day_and_one_question(sampled: Sampled, more: tuple[str, ...]) -> None:
    told = sampled("ask", *([] if "--batch" in more else [CRASH]), "--then-now", *more)

    assert (told.code, told.out) == (2, "")
    assert "--then-now takes --as-of and one question, which is not saved" in told.err
