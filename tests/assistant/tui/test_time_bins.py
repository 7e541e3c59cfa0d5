"""Days in bins: none is lost, none is empty by mistake, and what is written below has room."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.tui.time_bins import Bin, bin_days


@given(
    st.dictionaries(st.dates(), st.integers(1, 50), min_size=1, max_size=20),
    st.integers(1, 200),
)
def test_every_article_is_in_the_bin_of_its_day(counts: dict[date, int], most: int) -> None:
    days = sorted(counts.items())

    gathered = bin_days(days, most=most)

    bins = gathered.bins
    assert 1 <= len(bins) <= max(most, 10)  # ten thousand years are never more
    assert sum(found.count for found in bins) == sum(counts.values())
    assert all(one.last + timedelta(1) == other.first for one, other in pairwise(bins))
    for day, count in days:
        at = gathered.at(day)
        assert at is not None
        assert bins[at].first <= day <= bins[at].last
        assert bins[at].count >= count


@pytest.mark.parametrize(
    ("first", "last", "length", "name"),
    [
        (date(2020, 1, 3), date(2020, 1, 3), "day", "3 Jan 2020"),
        (date(2020, 1, 1), date(2020, 2, 29), "day", "1 Jan 2020"),
        (date(2020, 1, 1), date(2020, 12, 31), "week", "week of 30 Dec 2019"),
        (date(2018, 1, 1), date(2020, 12, 31), "month", "Jan 2018"),
        (date(2010, 5, 1), date(2020, 12, 31), "quarter", "Apr to Jun 2010"),
        (date(1990, 5, 1), date(2020, 12, 31), "year", "1990"),
        (date(1851, 9, 18), date(2020, 12, 31), "5 years", "1850 to 1854"),
        (date(1, 1, 1), date(9999, 12, 31), "1,000 years", "1 to 1000"),
    ],
)
def test_bins_are_as_short_as_sixty_of_them_allow(first: date, last: date, length: str, name: str) -> None:
    gathered = bin_days(sorted({first: 1, last: 1}.items()), most=60)

    assert (gathered.length, gathered.bins[0].name) == (length, name)
    assert gathered.bins[-1].first <= last <= gathered.bins[-1].last


def test_a_quarter_without_articles_has_its_place() -> None:
    days = [(date(2020, 1, 31), 2), (date(2020, 3, 1), 1), (date(2020, 8, 5), 4)]

    assert bin_days(days, most=4).bins == (
        Bin(date(2020, 1, 1), date(2020, 3, 31), "Jan to Mar 2020", 3),
        Bin(date(2020, 4, 1), date(2020, 6, 30), "Apr to Jun 2020", 0),
        Bin(date(2020, 7, 1), date(2020, 9, 30), "Jul to Sep 2020", 4),
    )


def test_no_day_gives_no_bin() -> None:
    gathered = bin_days([], most=60)

    assert (gathered.bins, gathered.length, gathered.labels(cells_per_bin=1)) == ((), "", [])


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(0, 60_000),
    st.integers(20, 200),
)
def test_labels_never_run_into_each_other(first: date, span: int, columns: int) -> None:
    gathered = bin_days(sorted({first: 1, first + timedelta(span): 1}.items()), most=columns)
    cells = columns // len(gathered.bins)

    labels = gathered.labels(cells_per_bin=cells)

    assert labels
    spans = [((i + 0.5) * cells - len(text) / 2, (i + 0.5) * cells + len(text) / 2) for i, text in labels]
    assert all(right + 2 <= left for (_, right), (left, _) in pairwise(spans))


def test_months_are_labelled_as_densely_as_they_fit() -> None:
    gathered = bin_days([(date(2018, 11, 1), 1), (date(2020, 3, 1), 1)], most=20)

    wide = gathered.labels(cells_per_bin=4)
    narrow = gathered.labels(cells_per_bin=1)

    assert [text for _, text in wide] == ["Jan 2019", "Apr", "Jul", "Oct", "Jan 2020"]
    assert narrow == [(2, "2019"), (14, "2020")]
