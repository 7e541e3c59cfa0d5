from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from store.records import SearchFilter, Skipped, day_of


@pytest.mark.parametrize(
    ("skipped", "line"),
    [
        (Skipped("wire.jsonl", 7, "no body"), "wire.jsonl:7: no body"),
        (Skipped("wire.zip", None, "not text"), "wire.zip: not text"),
    ],
)
def test_what_was_skipped_is_told_with_its_place(skipped: Skipped, line: str) -> None:
    assert str(skipped) == line


def test_a_moment_keeps_the_day_its_publisher_wrote() -> None:
    late = datetime(2017, 6, 7, 23, 30, tzinfo=timezone(-timedelta(hours=8)))

    assert [day_of(late), day_of(date(2017, 6, 8)), day_of(None)] == [date(2017, 6, 7), date(2017, 6, 8), None]


def test_a_filter_is_empty_when_it_restricts_nothing() -> None:
    assert SearchFilter().is_empty
    assert not SearchFilter(since=date.min).is_empty
    assert not SearchFilter(until=date.max).is_empty
    assert not SearchFilter(outlets=("The Skelby Post",)).is_empty
