"""``dateline timeline`` and ``dateline brief`` over the sample articles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran

Sampled = Callable[..., Ran]


@pytest.fixture
def sampled(dateline: Callable[..., Ran], sample_archive: Path) -> Sampled:
    return lambda *arguments: dateline("-a", sample_archive, *arguments)


def record(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_days_come_in_order_each_with_a_sentence_of_an_article(sampled: Sampled) -> None:
    told = record(sampled("timeline", "the airliner", "--json"))

    assert told["schema"] == "dateline.timeline/1"
    days = [event["since"] for event in told["events"]]
    assert days == sorted(days)
    assert days[0] == "2020-01-08"
    for event in told["events"]:
        assert event["basis"] in {"stated", "published"}
        assert event["outlets"]
        assert any(event["text"] == citation["quote"] for citation in told["citations"])


def test_days_and_their_number_may_be_limited(sampled: Sampled) -> None:
    few = record(sampled("timeline", "Soleimani", "--limit", "2", "--json"))["events"]
    late = sampled("timeline", "Soleimani", "--since", "2020-01-07")

    assert len(few) == 2
    assert "3 Jan" not in late.out


def test_it_is_written_as_markdown_and_no_file_is_replaced(sampled: Sampled, tmp_path: Path) -> None:
    assert sampled("timeline", "Soleimani", "-o", tmp_path / "t.md").code == 0
    written = (tmp_path / "t.md").read_text(encoding="utf-8")

    again = sampled("timeline", "Soleimani", "-o", tmp_path / "t.md")

    assert "Soleimani" in written
    assert again.code != 0
    assert (tmp_path / "t.md").read_text(encoding="utf-8") == written


def test_of_what_no_article_tells_there_is_no_timeline(sampled: Sampled) -> None:
    assert sampled("timeline", "volcano in Iceland").code == 1


def test_a_brief_tells_what_is_new_once(sampled: Sampled) -> None:
    first, second = sampled("brief", "airliner"), sampled("brief", "airliner")
    by_day = sampled("brief", "airliner", "--since", "2020-01-11")

    assert (first.code, second.code, by_day.code) == (0, 1, 0)
    assert "176" in first.out
    assert "8 January 2020" not in by_day.out  # Nothing published then is cited, whatever day it tells of.


def test_a_timeline_keeps_to_articles_that_name_somebody(sampled: Sampled) -> None:
    everything = record(sampled("timeline", "Soleimani", "--json"))
    some = record(sampled("timeline", "Soleimani", "--json", "--about", "mark esper"))

    assert everything["about"] == []
    assert 0 < some["articles"] < everything["articles"]


def test_a_name_that_no_article_has_is_told_as_one(sampled: Sampled) -> None:
    for command in ("timeline", "brief"):
        refused = sampled(command, "Soleimani", "--about", "Zebedee Quillfeather")
        assert refused.code != 0
        assert "Zebedee Quillfeather" in refused.err


def test_a_brief_about_somebody_is_one_of_its_own(sampled: Sampled) -> None:
    everything = sampled("brief", "Soleimani")
    some = sampled("brief", "Soleimani", "--about", "Qasem Soleimani")

    assert (everything.code, some.code) == (0, 0)
    assert sampled("brief", "Soleimani", "--about", "qasem soleimani").code == 1
