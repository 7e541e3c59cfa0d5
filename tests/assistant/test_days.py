"""Days as they are typed: written out, in part, or in words."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.days import read_day
from assistant.errors import ConfigError

TODAY = date(2021, 6, 10)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020-01-02", date(2020, 1, 2), date(2020, 1, 2)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("today", TODAY, TODAY),
        ("yesterday", date(2021, 6, 9), date(2021, 6, 9)),
        ("last month", date(2021, 5, 1), date(2021, 5, 31)),
        ("3 January 2020", date(2020, 1, 3), date(2020, 1, 3)),
    ],
)
def test_a_stretch_of_time_means_its_first_or_its_last_day(text: str, first: date, last: date) -> None:
    assert read_day(text, last=False, today=TODAY) == first
    assert read_day(text, last=True, today=TODAY) == last


def test_words_need_a_day_to_count_from() -> None:
    with pytest.raises(ConfigError) as caught:
        read_day("yesterday", last=False)

    assert str(caught.value) == "'yesterday' is not a day"
    assert caught.value.hint == "write it as 2020-01-02, 2020-01 or 2020"


@pytest.mark.parametrize("text", ["", "soon", "2020-13", "before 2019", "2019 to 2020", "05/01/2020", "x" * 5_000])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a day") as caught:
        read_day(text, last=False, today=TODAY)

    assert len(str(caught.value)) < 100
