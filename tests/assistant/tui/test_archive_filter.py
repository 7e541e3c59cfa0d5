"""What is typed to see less: days in three forms, outlets in part."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.errors import ConfigError
from assistant.tui.archive_filter import ArchiveFilter, completed
from store.records import SearchFilter

OUTLETS = ["BBC News", "BBC Sport", "Harbour Line", "Lantern Post"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (ArchiveFilter(), SearchFilter()),
        (ArchiveFilter(since="2020-01-03"), SearchFilter(since=date(2020, 1, 3))),
        (ArchiveFilter("2020", "2020-02"), SearchFilter(date(2020, 1, 1), date(2020, 2, 29))),
        (ArchiveFilter(until="2020"), SearchFilter(until=date(2020, 12, 31))),
        (ArchiveFilter(outlets="harbour line"), SearchFilter(outlets=("harbour line",))),
        (ArchiveFilter(outlets="bbc"), SearchFilter(outlets=("BBC News", "BBC Sport"))),
        (ArchiveFilter(outlets="post, , sport,"), SearchFilter(outlets=("Lantern Post", "BBC Sport"))),
        (ArchiveFilter(headline="ferry"), SearchFilter()),
    ],
)
def test_fields_mean_a_filter(typed: ArchiveFilter, meant: SearchFilter) -> None:
    assert typed.where(OUTLETS) == meant


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (ArchiveFilter(since="202"), "'202' is not a day"),
        (ArchiveFilter(until="2020-13"), "'2020-13' is not a day"),
        (ArchiveFilter("2021", "2020"), "2021"),
        (ArchiveFilter(outlets="bbc, gazette"), "the archive has no outlet 'gazette'"),
    ],
)
def test_what_cannot_be_is_told(typed: ArchiveFilter, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        typed.where(OUTLETS)


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("har", "Harbour Line"),
        ("post", "Lantern Post"),
        ("BBC N", "BBC News"),
        ("BBC News, lan", "BBC News, Lantern Post"),
        ("", None),
        ("BBC News, ", None),
        ("lantern post", None),
        ("gazette", None),
    ],
)
def test_the_last_outlet_is_completed(typed: str, better: str | None) -> None:
    assert completed(typed, OUTLETS) == better
