from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.readers.dates import parse_published, parse_written_day

SECOND_OF_JANUARY = date(2020, 1, 2)


@pytest.mark.parametrize(
    "written",
    [
        "Thursday, January 2, 2020",
        "January 2, 2020",
        "2 January 2020",
        "2nd of January 2020",
        "Jan. 2, 2020",
        "Thu, Jan 2, 2020",
        "Thurs. Jan 2nd 2020",
        "THURSDAY 2 JANUARY 2020",
        "2020-01-02",
        "2020/1/2",
        "January 2, 2020 at 10:02 PM",
        "January 2, 2020 10:02 p.m. EST",
        "2 January 2020 - 22:02 GMT",
        "10:02 PM ET, Thu January 2, 2020",
        "2020-01-02 10:02",
        "Thu 2 Jan 2020 14.05 GMT",
        "2 January 2020, 14:05 GMT",
        "jeudi 2 janvier 2020",
        "le 2 janvier 2020",
        "2. Januar 2020",
        "Donnerstag, den 2. Jänner 2020",
        "2 de enero de 2020",
        "2 gennaio 2020",
        "2 januari 2020",
        "2 de janeiro de 2020",
    ],
)
def test_a_written_day_is_read(written: str) -> None:
    assert parse_written_day(written) == SECOND_OF_JANUARY


@pytest.mark.parametrize(
    ("numbers", "day"),
    [
        ("31.12.2019", date(2019, 12, 31)),
        ("12/31/2019", date(2019, 12, 31)),
        ("02.02.2020", date(2020, 2, 2)),
        ("02.01.2020", None),
        ("1/2/2020", None),
        ("13.13.2020", None),
    ],
)
def test_a_day_in_numbers_is_read_only_where_it_can_mean_one_day(numbers: str, day: date | None) -> None:
    assert parse_written_day(numbers) == day


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2020-01-02", SECOND_OF_JANUARY),
        ("20200102", SECOND_OF_JANUARY),
        (20200102, SECOND_OF_JANUARY),
        ("2020-01-02T10:02:03Z", datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        ("2020-01-02 10:02:03+02:00", datetime(2020, 1, 2, 10, 2, 3, tzinfo=timezone(timedelta(hours=2)))),
        ("2020-01-02 10:02:03 +0200", datetime(2020, 1, 2, 10, 2, 3, tzinfo=timezone(timedelta(hours=2)))),
        ("2020-01-02 10:02:03 UTC", datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        ("2020-01-02T10:02:03.120", datetime(2020, 1, 2, 10, 2, 3, 120000)),  # noqa: DTZ001 - none was written
        ("Thu, 02 Jan 2020 10:02:03 GMT", datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        ("2 Jan 2020 10:02 -0500", datetime(2020, 1, 2, 10, 2, tzinfo=timezone(timedelta(hours=-5)))),
        (1577959323, datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        (1577959323.5, datetime(2020, 1, 2, 10, 2, 3, 500000, tzinfo=UTC)),
        ("1577959323", datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        (1577959323000, datetime(2020, 1, 2, 10, 2, 3, tzinfo=UTC)),
        (" January 2, 2020 ", SECOND_OF_JANUARY),
    ],
)
def test_a_date_of_a_dump_is_read(value: str | float, published: date | datetime) -> None:
    assert parse_published(value) == published


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "Thursday", "January 2020", "2020", "2020-02-30", "February 31, 2020", "0001-01-01"),
        *("2 janvembre 2020", "2. 2020", "janvier 2020"),
        *("9999-12-31", "2020-01-02T25:00:00", "January " * 50 + "2, 2020", "In January 2, 2020 he"),
    ],
)
def test_words_that_name_no_single_day_give_none(value: str) -> None:
    assert parse_published(value) is None


@pytest.mark.parametrize("value", [2020, 0, -1, 10**400, float("nan"), float("inf")])
def test_a_number_that_is_no_plausible_moment_gives_none(value: float) -> None:
    assert parse_published(value) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"\A\d{4}-\d\d-\d\d[T ]\d\d[:0-9+.Z-]{0,12}\Z")))
def test_reading_a_date_never_raises(value: str | float) -> None:
    parse_published(value)
