"""Who and what articles name: listed, shown, asked for, and kept to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from assistant.cli.entities import KINDS
from store.entities.shapes import Kind
from store.schema import FILE_NAME
from tests.command_line import Ran
from tests.earlier_formats import make_earlier

Dateline = Callable[..., Ran]

BODIES = {
    "a1": "The ferry company named Ada Brandt, a former harbour pilot, its director. Brandt comes from Oslo.",
    "a2": "Ada Brandt, the director of the ferry company, resigned. The International Harbour Agency (IHA) asks why.",
    "a3": "The painter Karl Brandt was honoured in Oslo on Tuesday. The IHA paid for the dinner.",
}
ARTICLES = (
    {"id": "a1", "outlet": "Harbour Courier", "published": "2018-01-02", "headline": "Ferry company names a chief"},
    {"id": "a2", "outlet": "Skelby Post", "published": "2020-02-03", "headline": "Director resigns"},
    {"id": "a3", "outlet": "Skelby Post", "published": "2020-02-04", "headline": "Painter honoured"},
)
UNREAD = "what 3 articles of an earlier version name is not known yet: `dateline rebuild` or the next `add` finds it"


@pytest.fixture
def archive(tmp_path: Path, dateline: Dateline) -> Path:
    lines = [json.dumps({**article, "body": BODIES[article["id"]]}) for article in ARTICLES]
    (tmp_path / "articles.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert dateline("-a", tmp_path / "archive", "add", "--no-embed", tmp_path / "articles.jsonl").code == 0
    return tmp_path / "archive"


@pytest.fixture
def on(dateline: Dateline, archive: Path) -> Dateline:
    return lambda *arguments: dateline("-a", archive, *arguments)


def test_the_kinds_are_those_of_the_names() -> None:
    assert get_args(Kind) == KINDS


def test_who_and_what_is_named_most_is_listed(on: Dateline) -> None:
    ran = on("entities", "-n", "3")

    assert ran == Ran(
        0,
        "      2   2 outlets  person        2018-01-02 – 2020-02-03  Ada Brandt\n"
        "      2    1 outlet  organisation  2020-02-03 – 2020-02-04  International Harbour Agency (IHA)\n"
        "      2   2 outlets  place         2018-01-02 – 2020-02-04  Oslo\n",
        "",
    )


def test_one_of_them_is_shown_with_days_and_company(on: Dateline) -> None:
    ran = on("entities", "IHA")

    assert ran.out.splitlines() == [
        "International Harbour Agency (IHA) · organisation",
        "also as IHA",
        "named in 2 articles of 1 outlet, 2020-02-03 – 2020-02-04",
        "most often with Ada Brandt (1), Karl Brandt (1), Oslo (1)",
        "2020-02-03  ██████████████████████████████ 1",
        "2020-02-04  ██████████████████████████████ 1",
    ]


def test_json_has_every_key(on: Dateline) -> None:
    told = json.loads(on("entities", "ada brandt", "--json").out)

    (one,) = told.pop("entities")
    beside = one.pop("with")
    assert told == {"schema": "dateline.entities/1"}
    assert one == {
        "name": "Ada Brandt",
        "kind": "person",
        "aliases": [],
        "acronyms": [],
        "articles": 2,
        "outlets": 2,
        "first": "2018-01-02",
        "last": "2020-02-03",
        "days": [{"day": "2018-01-02", "articles": 1}, {"day": "2020-02-03", "articles": 1}],
    }
    assert [other["name"] for other in beside] == ["International Harbour Agency", "Oslo"]


def test_lists_keep_to_kinds_days_outlets_and_names(on: Dateline) -> None:
    def names(*options: str) -> list[str]:
        return [one["name"] for one in json.loads(on("entities", "--json", *options).out)["entities"]]

    assert names("--kind", "person") == ["Ada Brandt", "Karl Brandt"]
    assert names("--since", "2020-02-04", "--kind", "person") == ["Karl Brandt"]
    assert names("--outlet", "Harbour Courier") == ["Ada Brandt", "Oslo"]
    assert names("--about", "Karl Brandt") == ["International Harbour Agency", "Oslo"]


def test_none_is_told_by_the_exit_code(on: Dateline) -> None:
    assert on("entities", "--since", "2021") == Ran(1, "", "")
    assert on("entities", "--since", "2021", "--json").code == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ada Brandd", "no article names 'Ada Brandd'; near it: Ada Brandt"),
        ("Xyzzyq", "no article names 'Xyzzyq'; `dateline entities` lists what they name"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest(on: Dateline, name: str, told: str) -> None:
    for command in (["entities", name], ["list", "--about", name], ["ask", "Who resigned?", "--about", name]):
        assert on(*command) == Ran(2, "", f"dateline: {told}\n")


def test_articles_about_somebody_are_listed_searched_and_asked(on: Dateline) -> None:
    listed = json.loads(on("list", "--json", "--about", "Ada Brandt").out)["articles"]
    hits = json.loads(on("search", "IHA", "--json", "--about", "karl brandt").out)["hits"]
    answer = json.loads(on("ask", "Who resigned?", "--json", "--about", "Karl Brandt").out)

    assert [one["id"] for one in listed] == ["a1", "a2"]
    assert [one["article"]["id"] for one in hits] == ["a3"]
    assert answer["plan"]["about"] == ["Karl Brandt"]
    assert {one["article"]["id"] for one in answer["nearest"]} <= {"a3"}


def test_whom_a_short_name_means_is_told_before_anything_is_removed(on: Dateline) -> None:
    assert on("list", "--about", "karl brandt").err == "articles that name Karl Brandt\n"
    assert on("remove", "--yes", "--about", "karl brandt") == Ran(0, "1 removed\n", "articles that name Karl Brandt\n")
    assert on("remove", "--yes", "--about", "Karl Brandt").code == 2


def test_who_somebody_is_is_said_by_the_sources_the_latest_first(on: Dateline) -> None:
    ran = on("ask", "Who is Ada Brandt?", "--json")

    answer = json.loads(ran.out)
    assert "searching articles that name Ada Brandt" in ran.err
    assert [one["article_id"] for one in answer["citations"]][:1] == ["a2"]
    assert answer["answer"].startswith("Ada Brandt, the director of the ferry company, resigned.")
    assert {one["article_id"] for one in answer["citations"]} <= {"a1", "a2"}


def test_nobody_is_taken_for_a_namesake(on: Dateline) -> None:
    ran = on("ask", "Who is Olav Brandt?", "--json")

    answer = json.loads(ran.out)
    assert (ran.code, answer["answered"]) == (1, False)
    assert answer["warnings"][0].startswith("no article names 'Olav Brandt'; near it: ")


def test_an_archive_of_an_earlier_format_is_read_without_names_and_gets_them(on: Dateline, archive: Path) -> None:
    before = on("entities")
    with closing(sqlite3.connect(archive / FILE_NAME)) as db:
        make_earlier(db, 3)

    assert on("entities") == Ran(1, "", f"{UNREAD}\n")
    assert on("list", "--about", "Ada Brandt") == Ran(2, "", f"dateline: no article names 'Ada Brandt'; {UNREAD}\n")
    assert on("ask", "Who is Ada Brandt?").code == 0

    assert on("rebuild").code == 0
    assert on("entities") == before
