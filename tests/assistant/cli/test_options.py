"""Options: days, places, and where they may stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import click
import pytest

from assistant.cli.commands import add
from assistant.cli.options import Day, read_place, scope_of
from assistant.planning import Scope
from store.readers import Format
from tests.command_line import Ran

Dateline = Callable[..., Ran]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020-01-02", date(2020, 1, 2), date(2020, 1, 2)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020-12", date(2020, 12, 1), date(2020, 12, 31)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_month_or_a_year_means_its_first_or_last_day(text: str, first: date, last: date) -> None:
    assert Day().convert(text, None, None) == first
    assert Day(last=True).convert(text, None, None) == last


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13", "2020-02-30", "20", "02/01/2020", "2020-1-2-3", "0000"])
def test_what_is_no_day_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        Day().convert(text, None, None)

    assert caught.value.message == f"{text!r} is not a day; write it as 2020-01-02, 2020-01 or 2020"


@pytest.mark.parametrize(
    ("place", "read"),
    [
        ("abc", ("abc", None)),
        ("abc:0-12", ("abc", (0, 12))),
        ("urn:news:7:3-4", ("urn:news:7", (3, 4))),
        ("abc:12", ("abc:12", None)),
        ("abc:-5-7", ("abc:-5-7", None)),
        ("abc:²-³", ("abc:²-³", None)),
        (f"abc:0-{'9' * 5000}", (f"abc:0-{'9' * 5000}", None)),
        (":0-1", (":0-1", None)),
    ],
)
def test_a_place_is_an_id_and_perhaps_a_span(place: str, read: tuple[str, tuple[int, int] | None]) -> None:
    assert read_place(place) == read


def test_the_scope_is_what_was_given() -> None:
    day = date(2020, 1, 2)

    assert scope_of(None, None, ()) == Scope()
    assert scope_of(day, None, ("A", "B"), day) == Scope(since=day, as_of=day, outlets=("A", "B"))


def test_common_options_may_stand_before_or_after_the_command(dateline: Dateline, weblog_archive: Path) -> None:
    before = dateline("-a", weblog_archive, "-q", "search", "dam", "--since", "2015")
    after = dateline("search", "dam", "--since", "2015", "-q", "--archive", weblog_archive)
    both = dateline("-a", "elsewhere", "search", "-a", weblog_archive, "dam", "--since", "2015")

    assert before.code == 0
    assert before == after == Ran(0, both.out, "")
    assert both.err == "searching articles published 2015-01-01 or later (--since)\n"


def test_the_config_file_may_be_named_on_either_side(dateline: Dateline, weblog_archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"archive = '{weblog_archive}'\nk = 1\n", encoding="utf-8")

    before, after = dateline("--config", file, "search", "dam lamp"), dateline("search", "dam lamp", "--config", file)

    assert before == after
    assert (before.code, before.out.count("\n1. "), before.out[:3]) == (0, 0, "1. ")
    assert "\n2. " not in before.out


def test_flags_beat_variables_and_variables_beat_the_file(
    dateline: Dateline, weblog_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text("archive = 'from-file'\n", encoding="utf-8")

    from_file = dateline("--config", file, "status")
    monkeypatch.setenv("DATELINE_ARCHIVE", "from-variable")
    from_variable = dateline("--config", file, "status")
    from_flag = dateline("--config", file, "-a", weblog_archive, "status")

    assert "archives/from-file'" in from_file.err
    assert "archives/from-variable'" in from_variable.err
    assert from_flag.code == 0


def test_the_formats_that_add_offers_are_those_that_are_read() -> None:
    (option,) = (parameter for parameter in add.params if parameter.name == "format_")

    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == get_args(Format)
