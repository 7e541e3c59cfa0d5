"""Leafing through an archive: every page as if all had been sorted, and counts that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from store.archive import Archive, create_archive, open_archive
from store.records import ArticleRef, SearchFilter, day_of
from tests.invented import invented

WINDOWS = [
    SearchFilter(),
    SearchFilter(outlets=("the skelby post",)),
    SearchFilter(outlets=("The Skelby Post", "Harbour Courier")),
    SearchFilter(since=date(2017, 3, 5), until=date(2017, 9, 1)),
    SearchFilter(since=date(2017, 3, 5), outlets=("Harbour Courier",)),
    SearchFilter(outlets=("No Such Paper",)),
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of 120 articles, several a day, each seventh without one."""
    path = tmp_path_factory.mktemp("logs") / "archive"
    drafts = (invented(i, sentences=1) for i in range(120))
    with create_archive(path, embedder=None) as archive:
        archive.add(replace(draft, published=None) if i % 7 == 0 else draft for i, draft in enumerate(drafts))
    return path


@pytest.fixture
def archive(logs: Path) -> Archive:
    return open_archive(logs)


def in_order(archive: Archive, where: SearchFilter, *, newest_first: bool) -> list[ArticleRef]:
    """Return all that a listing should page through, sorted the plain way."""
    added = sorted(archive.articles(where), key=lambda ref: ref.id)  # as they were added
    dated = sorted((ref for ref in added if ref.published), key=lambda ref: day_of(ref.published) or date.max)
    return (dated[::-1] if newest_first else dated) + [ref for ref in added if not ref.published]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("headline", ["", "log"])
@pytest.mark.parametrize("where", WINDOWS)
def test_pages_put_together_are_the_sorted_articles(
    archive: Archive, where: SearchFilter, headline: str, *, newest_first: bool
) -> None:
    listing = archive.listing(where, headline)

    pages = [listing.page(start, 7, newest_first=newest_first) for start in range(0, listing.total + 7, 7)]

    assert [ref for page in pages for ref in page] == in_order(archive, where, newest_first=newest_first)
    assert all(len(page) == 7 for page in pages[:-2])


@pytest.mark.parametrize("headline", ["", "harbour"])
@pytest.mark.parametrize("where", WINDOWS)
def test_the_counts_of_the_days_add_up(archive: Archive, where: SearchFilter, headline: str) -> None:
    listing = archive.listing(where, headline)
    refs = list(archive.articles(where))

    days = [day for day, _ in listing.days]
    assert days == sorted({day for ref in refs if (day := day_of(ref.published))})
    assert listing.total == len(refs) == sum(count for _, count in listing.days) + listing.undated
    assert listing.undated == sum(ref.published is None for ref in refs)


@pytest.mark.parametrize(
    ("headline", "numbers"),
    [
        ("log 17", [17]),  # all words
        ("LOGS 17", [17]),  # stemmed, whatever the case
        ("17 harb", [17]),  # the last one not yet typed to its end
        ("harbour log 11", [11, *range(110, 120)]),
        ("17 harb log", []),  # only the last one may be a beginning
        ("crate17x0", []),  # stands in the text, not in the headline
        ("harbour AND NOT log", []),  # no syntax
        ('"17', [17]),
        ("log* 17", [17]),
        ("headline:17", []),
        ("…", []),
    ],
)
def test_words_of_headlines_are_found(archive: Archive, headline: str, numbers: list[int]) -> None:
    listing = archive.listing(headline=headline)

    found = listing.page(0, 200, newest_first=False)

    assert sorted(ref.headline for ref in found) == sorted(f"Harbour log {number}" for number in numbers)
    assert listing.total == len(numbers)


def test_blank_words_ask_for_nothing(archive: Archive) -> None:
    assert archive.listing(headline=" ").total == 120


def test_an_empty_archive_has_no_page(tmp_path: Path) -> None:
    with create_archive(tmp_path / "empty", embedder=None) as empty:
        listing = empty.listing()

        assert (listing.days, listing.undated, listing.total) == ((), 0, 0)
        assert listing.page(0, 10, newest_first=True) == []


def test_a_listing_knows_when_the_archive_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    with create_archive(path, embedder=None) as archive, open_archive(path) as reader:
        listing = reader.listing()
        before = listing.is_stale

        archive.add([invented(1)])

        assert (before, listing.is_stale) == (False, True)
        assert reader.listing().total == 1


@pytest.mark.parametrize("where", WINDOWS)
def test_whose_headlines_have_a_word_is_known_without_their_articles(archive: Archive, where: SearchFilter) -> None:
    """A row of an article has its whole text: to read half a million of them took eleven seconds."""
    db, ran = archive._catalog._db, list[str]()
    db.set_trace_callback(ran.append)
    archive.listing(where, "harb")
    db.set_trace_callback(None)

    (statement,) = (one for one in ran if one.startswith("SELECT a.key, a.day"))
    plan = [step[3] for step in db.execute(f"EXPLAIN QUERY PLAN {statement}")]

    (reading,) = (step for step in plan if step.startswith(("SCAN a ", "SEARCH a ")))
    assert "USING COVERING INDEX" in reading
