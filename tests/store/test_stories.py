from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.catalog import Catalog, create_catalog, open_catalog
from store.readers import read_sources
from store.records import Draft
from store.schema import FILE_NAME, SCHEMA_VERSION, STORIES_PENDING
from store.stories import CROWD, WINDOW_DAYS
from tests.benchmarks.prints import (
    BOILERPLATE,
    REWRITES,
    Printed,
    blocked_page,
    follow_up,
    market_report,
    reprint,
    roundup,
    short_notes,
    write_story,
)
from tests.earlier_formats import make_earlier

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"
DAY = date(2017, 6, 7)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        yield catalog


def as_draft(article: Printed, article_id: str, **fields: object) -> Draft:
    draft = Draft(
        headline=article.headline,
        body=article.body,
        source="-",
        id=article_id,
        outlet=article.outlet,
        published=article.published,
    )
    return replace(draft, **fields)  # type: ignore[arg-type]


def put(catalog: Catalog, *drafts: Draft) -> None:
    catalog.begin_run()
    with catalog.transaction():
        for draft in drafts:
            catalog.put(draft)


def remove(catalog: Catalog, *article_ids: str) -> None:
    with catalog.transaction():
        for article_id in article_ids:
            assert catalog.remove(article_id)


def groups(catalog: Catalog) -> set[tuple[str, ...]]:
    """Return the ids of each story with several prints, the leading one first, the others by name."""
    ids = dict(catalog._db.execute("SELECT key, id FROM articles"))
    found = defaultdict(list)
    for key, story in catalog.stories.members(ids).items():
        found[story].append(key)
    for story, keys in found.items():
        assert sorted(catalog.stories.prints_of(story)) == sorted(keys)
    return {
        (ids[story], *sorted(ids[key] for key in keys if key != story))
        for story, keys in found.items()
        if len(keys) > 1
    }


def sketched(catalog: Catalog) -> set[int]:
    return {key for (key,) in catalog._db.execute("SELECT DISTINCT article FROM sketches")}


@pytest.fixture(scope="module")
def stories() -> list[Draft]:
    """Give three stories with prints of each, and look-alikes."""
    drafts: list[Draft] = []
    originals = [write_story(number, day=DAY) for number in range(3)]
    for number, original in enumerate(originals):
        drafts.append(as_draft(original, f"{number}"))
        kinds = list(REWRITES)[number * 4 : number * 4 + 4]
        drafts += [as_draft(reprint(original, kind, i), f"{number}{kind}") for i, kind in enumerate(kinds)]
        drafts.append(as_draft(follow_up(original, number), f"{number} follow-up"))
    drafts.append(as_draft(roundup(originals, 0), "roundup"))
    drafts += [as_draft(market_report(number, DAY), f"market {number}") for number in range(3)]
    return drafts


# -- groups ------------------------------------------------------------------------------------------------------------


def test_the_sample_archive_has_one_story_with_three_prints(catalog: Catalog) -> None:
    put(catalog, *(draft for draft in read_sources([str(SAMPLES)]) if isinstance(draft, Draft)))

    ((leader, *others),) = groups(catalog)

    assert catalog.article(leader).ref.outlet == "Meridian Wire"
    assert {catalog.article(one).ref.outlet for one in others} == {"Northgate Courier", "Delta Evening Standardbearer"}


def test_an_article_without_other_prints_leads_its_own_story(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)

    assert catalog.stories.members([1, 99]) == {1: 1, 99: 99}
    assert catalog.stories.prints_of(1) == [1]


def test_the_earliest_print_leads_unless_an_agency_has_its_own(catalog: Catalog) -> None:
    story = write_story(1, day=DAY)
    at = datetime(2017, 6, 7, 12, tzinfo=UTC)
    put(
        catalog,
        as_draft(story, "day only", outlet="Harbour Courier"),
        as_draft(story, "noon", outlet="The Skelby Post", published=at),
        as_draft(story, "eleven", outlet="Orwick Mail", published=at - timedelta(hours=1)),
    )
    assert groups(catalog) == {("eleven", "day only", "noon")}
    assert [
        catalog._db.execute("SELECT id FROM articles WHERE key = ?", (key,)).fetchone()[0]
        for key in catalog.stories.prints_of(3)
    ] == ["eleven", "noon", "day only"]

    put(catalog, as_draft(story, "agency", outlet="Skelby News Agency", published=DAY + timedelta(days=2)))
    assert groups(catalog) == {("agency", "day only", "eleven", "noon")}


def test_prints_appear_within_two_weeks(catalog: Catalog) -> None:
    story = write_story(1, day=DAY)
    late = DAY + timedelta(days=WINDOW_DAYS)
    put(
        catalog,
        as_draft(story, "first"),
        as_draft(story, "just so", outlet="Orwick Mail", published=late),
        as_draft(story, "too late", outlet="Fenby Star", published=late + timedelta(days=1)),
    )

    assert groups(catalog) == {("first", "just so")}


def test_articles_without_a_day_are_compared_with_each_other_only(catalog: Catalog) -> None:
    story = write_story(1, day=DAY)
    put(
        catalog,
        as_draft(story, "dated"),
        as_draft(story, "a", outlet="Orwick Mail", published=None),
        as_draft(story, "b", outlet="Fenby Star", published=None),
    )

    assert groups(catalog) == {("a", "b")}


def test_a_roundup_does_not_bring_its_stories_together(catalog: Catalog) -> None:
    parts = [write_story(number, day=DAY, paragraphs=5) for number in range(2)]
    both = replace(parts[0], paragraphs=parts[0].paragraphs + parts[1].paragraphs, outlet="Orwick Mail")
    put(catalog, as_draft(both, "roundup", published=DAY - timedelta(days=1)), *map(as_draft, parts, "01"))

    assert not any({"0", "1"} <= set(group) for group in groups(catalog))


def test_one_headline_over_other_texts_is_no_story(catalog: Catalog) -> None:
    roundups = [replace(write_story(number, day=DAY), headline="Editorial Roundup") for number in range(4)]
    put(catalog, *(as_draft(one, str(number)) for number, one in enumerate(roundups)))

    assert groups(catalog) == set()


def test_what_stands_in_place_of_articles_makes_no_story(catalog: Catalog) -> None:
    put(catalog, *(as_draft(blocked_page(number, DAY), str(number)) for number in range(10)))

    assert groups(catalog) == set()


def test_short_notes_are_grouped_only_when_equal(catalog: Catalog) -> None:
    notes = list(short_notes(10, DAY))
    again = replace(notes[0], outlet="Orwick Mail")
    put(catalog, *(as_draft(one, str(number)) for number, one in enumerate([*notes, again])))

    (group,) = groups(catalog)

    assert set(group) == {"0", "10"}


def test_boilerplate_in_every_article_hides_no_print(catalog: Catalog) -> None:
    flood = [write_story(number, day=DAY, paragraphs=4) for number in range(CROWD + 20)]
    flood = [replace(one, paragraphs=(*one.paragraphs, *BOILERPLATE)) for one in flood]
    late = replace(flood[-1], outlet="Orwick Mail", paragraphs=flood[-1].paragraphs[1:])
    put(catalog, *(as_draft(one, f"{number:03}") for number, one in enumerate([*flood, late])))

    assert groups(catalog) == {(f"{CROWD + 19:03}", f"{CROWD + 20:03}")}


# -- any order ---------------------------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_adding_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, stories: list[Draft], seed: int
) -> None:
    shuffled = Random(seed).sample(stories, len(stories))  # noqa: S311 - an order, no secret
    with closing(create_catalog(tmp_path_factory.mktemp("any") / FILE_NAME)) as catalog:
        put(catalog, *shuffled)
        found = groups(catalog)

    assert {group[0] for group in found} == {"0", "1", "2"}
    assert sorted(len(group) for group in found) == [5, 5, 5]


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000))
def test_what_was_removed_or_revised_leaves_the_others_as_if_it_had_never_been(
    tmp_path_factory: pytest.TempPathFactory, stories: list[Draft], seed: int
) -> None:
    order = Random(seed)  # noqa: S311 - an order, no secret
    gone, changed = order.sample(stories, 3), order.sample(stories, 3)
    revised = [replace(draft, body=order.choice(stories).body) for draft in changed]
    left = {draft.id: draft for draft in [*stories, *revised] if draft not in gone}
    for draft in gone:
        left.pop(draft.id, None)
    with (
        closing(create_catalog(tmp_path_factory.mktemp("lived") / FILE_NAME)) as lived,
        closing(create_catalog(tmp_path_factory.mktemp("fresh") / FILE_NAME)) as fresh,
    ):
        put(lived, *order.sample(stories, len(stories)))
        put(lived, *revised)
        remove(lived, *(str(draft.id) for draft in gone))
        put(fresh, *left.values())

        assert groups(lived) == groups(fresh)
        assert len(sketched(lived)) == len(left)


def test_adding_again_changes_nothing(catalog: Catalog, stories: list[Draft]) -> None:
    put(catalog, *stories)
    before = rows(catalog)

    put(catalog, *stories)

    assert rows(catalog) == before


def rows(catalog: Catalog) -> list[Sequence[object]]:
    return [*catalog._db.execute("SELECT * FROM stories"), *catalog._db.execute("SELECT * FROM sketches")]


# -- whole or not at all -----------------------------------------------------------------------------------------------


def test_an_article_that_is_rolled_back_leaves_no_trace(catalog: Catalog) -> None:
    story, other = write_story(1, day=DAY), write_story(2, day=DAY)
    put(catalog, as_draft(story, "kept"))

    def put_and_fail() -> None:
        catalog.begin_run()
        with catalog.transaction():
            catalog.put(as_draft(story, "lost", outlet="Orwick Mail"))
            raise KeyError

    with pytest.raises(KeyError):
        put_and_fail()

    put(catalog, as_draft(other, "next"))  # It gets the key that the lost one had.

    assert groups(catalog) == set()
    assert sketched(catalog) == {1, 2}


def test_the_last_article_takes_everything_with_it(catalog: Catalog, stories: list[Draft]) -> None:
    put(catalog, *stories)

    remove(catalog, *(str(draft.id) for draft in stories))

    assert rows(catalog) == []


# -- earlier formats ---------------------------------------------------------------------------------------------------


@pytest.fixture
def format_1(tmp_path: Path, stories: list[Draft]) -> Path:
    """Give a file as the first version wrote it."""
    path = tmp_path / FILE_NAME
    with closing(create_catalog(path)) as catalog:
        put(catalog, *stories)
        make_earlier(catalog._db, 1)
    return path


def test_an_earlier_format_is_read_as_it_is(format_1: Path) -> None:
    before = format_1.read_bytes()

    with closing(open_catalog(format_1, writable=False)) as catalog:
        assert catalog.stories.members([1, 2]) == {1: 1, 2: 2}
        assert catalog.stories.prints_of(1) == [1]

    assert format_1.read_bytes() == before


def test_an_earlier_format_gets_its_stories_with_the_next_run(format_1: Path) -> None:
    with closing(open_catalog(format_1, writable=True)) as catalog:
        assert groups(catalog) == set()

        catalog.begin_run()

        assert {group[0] for group in groups(catalog)} == {"0", "1", "2"}
        assert catalog.setting(STORIES_PENDING) is None
        assert catalog._db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_an_article_of_an_earlier_format_can_be_removed_and_revised_at_once(
    format_1: Path, stories: list[Draft]
) -> None:
    with closing(open_catalog(format_1, writable=True)) as catalog:
        remove(catalog, "0")
        with catalog.transaction():
            catalog._db.execute("CREATE TEMP TABLE seen(key INTEGER PRIMARY KEY)")
            assert catalog.put(replace(stories[1], body=stories[0].body)).outcome == "updated"


def test_finding_the_stories_of_an_earlier_format_goes_on_where_it_stopped(
    format_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.stories.MISSING_BATCH", 5)
    with closing(open_catalog(format_1, writable=True)) as catalog:
        catalog._db.create_function("stop", 0, stop)
        catalog._db.execute(
            "CREATE TEMP TRIGGER full AFTER INSERT ON main.stories WHEN new.article > 8 BEGIN SELECT stop(); END"
        )
        with pytest.raises(Exception, match="cannot write"):
            catalog.finish_stories()
        assert catalog._db.execute("SELECT count(*) FROM stories").fetchone() == (5,)
        catalog._db.execute("DROP TRIGGER full")

        catalog.finish_stories()

        assert {group[0] for group in groups(catalog)} == {"0", "1", "2"}


def stop() -> None:
    raise sqlite3.OperationalError
