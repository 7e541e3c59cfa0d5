"""Articles drawn by their keys: new ones, of stories with many prints, and any."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from store.archive import Archive
from store.records import Draft
from store.sampling import LEAD_CHARS
from tests.invented import invented


def ids(archive: Archive, count: int, seed: str = "a") -> list[str]:
    return [one.article.id for one in archive.sample(count, seed=seed)]


def test_a_small_archive_is_drawn_whole_in_an_order_of_the_seed(archive: Archive) -> None:
    archive.add([invented(i) for i in range(5)])

    assert sorted(ids(archive, 10)) == [f"log-{i:05}" for i in range(5)]
    assert ids(archive, 10) == ids(archive, 10)
    assert len({tuple(ids(archive, 10, str(seed))) for seed in range(20)}) > 1


def test_no_article_is_drawn_twice(archive: Archive) -> None:
    archive.add([invented(i) for i in range(100)])

    drawn = ids(archive, 30)

    assert len(set(drawn)) == len(drawn) > 20


def test_the_newest_are_among_those_drawn(archive: Archive) -> None:
    old = [replace(invented(i), published=date(2001, 1, 1)) for i in range(200)]
    new = [replace(invented(200 + i), published=date(2020, 1, 1)) for i in range(20)]
    archive.add([*new, *old])

    drawn = ids(archive, 20)

    assert sum(article >= "log-00200" for article in drawn) >= 2


def test_prints_of_one_story_are_one_draw_with_their_number(archive: Archive, ferry: Draft) -> None:
    story = replace(invented(7, sentences=20), id="first", headline="Warden7 logged", published=date(2020, 1, 1))
    archive.add([story, replace(story, id="second", outlet="Almery Gazette", source="b.txt"), ferry])

    drawn = archive.sample(10, seed="a")

    assert sorted(one.prints for one in drawn) == [1, 2]


def test_articles_without_a_day_are_drawn_too(archive: Archive) -> None:
    archive.add([replace(invented(i), published=None) for i in range(60)])

    assert len(ids(archive, 10)) > 5


def test_only_the_beginning_of_a_body_is_read(archive: Archive) -> None:
    long = invented(1, sentences=200)
    archive.add([long])

    assert archive.sample(1, seed="a")[0].lead == long.body[:LEAD_CHARS]


def test_an_empty_archive_gives_none(archive: Archive) -> None:
    assert archive.sample(5, seed="a") == []
