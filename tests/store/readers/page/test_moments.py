from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from store.readers.page.markup import parse_markup
from store.readers.page.moments import first_moment, is_after, is_to_come, read_moment, search_day

DAY = date(2020, 1, 2)
MOMENT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-02", DAY),
        ("2020-01-02T03:04:05Z", MOMENT),
        ("2020-01-02T03:04:05.678+00:00", MOMENT),
        ("2020-01-02 03:04:05 UTC", MOMENT),
        ("2020-01-02T03:04:05+0200", datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))),
        ("2020-01-02 3:04", datetime(2020, 1, 2, 3, 4)),  # noqa: DTZ001 - no zone is written
        ("2020-01-02T03:04:05Z[Europe/Paris]", MOMENT),
        ("January 2, 2020", DAY),
        ("2020-13-45", None),
        ("yesterday", None),
        ("2020-01-02 " * 50, None),
    ],
)
def test_moments_are_read_as_pages_write_them(text: str, moment: date | datetime | None) -> None:
    assert read_moment(text) == moment


def test_the_first_that_can_be_read_counts() -> None:
    assert first_moment([None, "soon", "2020-01-02"]) == DAY
    assert first_moment([]) is None


def test_a_day_is_found_in_the_address_of_a_page_that_states_none() -> None:
    root = parse_markup(b"<html><body><p>The ferry ran aground.</p></body></html>")
    assert root is not None

    assert search_day(root, "https://example.com/2020/01/02/ferry") == DAY


@pytest.mark.parametrize(
    ("later", "earlier", "wanted"),
    [
        (MOMENT, MOMENT, False),
        (MOMENT + timedelta(minutes=1), MOMENT, True),
        (datetime(2020, 1, 2, 4, 0), MOMENT, True),  # noqa: DTZ001 - no zone is written
        (MOMENT, DAY, False),
        (date(2020, 1, 3), MOMENT, True),
    ],
)
def test_moments_with_and_without_zone_and_clock_are_compared(
    later: date | datetime, earlier: date | datetime, wanted: bool
) -> None:
    assert is_after(later, earlier) is wanted


def test_what_is_more_than_a_day_ahead_is_to_come() -> None:
    assert is_to_come(date(2020, 1, 5), MOMENT)
    assert not is_to_come(date(2020, 1, 3), MOMENT)
    assert not is_to_come(date(2999, 1, 1), None)
