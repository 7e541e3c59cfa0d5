"""What a plan finds in an archive: kept to, preferred, widened, and with every part of the question."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.conversation import Planned
from assistant.planning import Scope
from assistant.searching import Retrieved, plan_for, retrieve
from store.archive import Archive, open_archive
from store.records import Draft, SearchFilter, Window

TODAY = date(2017, 6, 14)  # A Wednesday.
WORDS_ALONE = "searched by words alone: nothing is embedded yet; `dateline embed` does it"

AGENCY = "Coastline News Agency"
WIRE_STORY = """SKELBY (Coastline) - The coastguard ended its search for the trawler Blue Heron after nine days.
The captain of the rescue cutter said that two of the crew had been found on Gannet Rock, cold but unharmed.
They had lived on rainwater and on a crate of tinned peaches that was washed ashore with them.
The owner of the trawler promised to pay for the search and thanked the fishermen who had joined it.
An inquiry will hear the crew next month in the town hall, the harbour master told reporters."""


def article(article_id: str, headline: str, body: str, day: str | None, outlet: str = "Harbour Courier") -> Draft:
    published = date.fromisoformat(day) if day else None
    return Draft(headline, body, f"{article_id}.txt", id=article_id, outlet=outlet, published=published)


def print_of(article_id: str, outlet: str, day: str, body: str = WIRE_STORY) -> Draft:
    return article(article_id, "Search for the Blue Heron ends", body, day, outlet)


FERRY = article("ferry", "Ferry sinks off Skelby", "The ferry sank off Skelby with 212 people on board.", "2017-06-07")
PIER = article("pier", "A new pier", "Skelby's council agreed to pay for a new pier of oak.", "2017-06-09", "The Post")
LIFTED = article("lifted", "The wreck", "Divers lifted the ferry that sank off Skelby.", "2017-06-13", "The Post")
STORM = article(
    "storm", "Storm floods Skelby", "A storm flooded the old fish market on Lantern Lane up to its eaves.", "2009-11-02"
)
GULLS = article("gulls", "Gulls eat indoors", "Gulls have learned to open lunch boxes at the school.", None)
PRINTS = (
    print_of("wire", AGENCY, "2017-06-08"),
    print_of("courier", "Harbour Courier", "2017-06-08"),
    print_of("late", "The Post", "2017-06-12", WIRE_STORY.rpartition("\n")[0]),
)


@pytest.fixture
def coast(archive: Archive) -> Archive:
    """Give an archive of a few articles, not embedded: what is not there in words is not found."""
    archive.add([FERRY, PIER, LIFTED, STORM, GULLS, *PRINTS])
    return archive


def look_for(archive: Archive, question: str, k: int = 5, **scope: Any) -> Retrieved:
    """Return what a question finds, without the notice that nothing is embedded."""
    found = retrieve(archive, plan_for(archive, question, Scope(**scope), today=TODAY), k)
    assert found.notices[-1] == WORDS_ALONE
    return replace(found, notices=found.notices[:-1])


def ids(found: Retrieved) -> list[str]:
    return [hit.passage.article.id for hit in found.hits]


# -- the plan for an archive -------------------------------------------------------------------------------------------


def test_a_plan_knows_the_outlets_of_the_archive(coast: Archive) -> None:
    planned = plan_for(coast, "What did the Coastline News Agency write about the trawler?", Scope(), today=TODAY)

    assert planned.filter == SearchFilter(outlets=(AGENCY,))


def test_a_question_without_days_or_outlets_is_searched_once_and_everywhere(coast: Archive) -> None:
    found = look_for(coast, "fish market")

    assert (ids(found), found.window, found.notices) == (["storm"], None, ())


# -- days --------------------------------------------------------------------------------------------------------------


def test_only_articles_of_the_days_that_the_question_names_are_found(coast: Archive) -> None:
    found = look_for(coast, "What was published on 7 June 2017 about the ferry?")

    assert ids(found) == ["ferry"]
    assert found.window == Window(date(2017, 6, 7), date(2017, 6, 7), "from '7 June 2017'", inferred=True)
    assert found.notices == ()


def test_days_of_a_question_that_hold_nothing_are_widened_with_a_notice(coast: Archive) -> None:
    found = look_for(coast, "Which ferry sank in March 2016?")

    assert ids(found) == ["ferry", "lifted"]
    assert found.window is None
    assert found.notices == (
        "no hit in articles published 2016-03-01 to 2016-04-14 (from 'March 2016'); searched the others",
    )


def test_widened_days_end_where_as_of_says(coast: Archive) -> None:
    found = look_for(coast, "Which ferry sank in March 2016?", as_of=date(2017, 6, 10))

    assert ids(found) == ["ferry"]
    assert found.window == Window(None, date(2017, 6, 10), "--as-of")
    assert [notice.endswith("(from 'March 2016', --as-of); searched the others") for notice in found.notices] == [True]


@pytest.mark.parametrize("day", ["on 28 January 2013", "on 20 January 2013", "on 10 March 2013"])
def test_where_days_are_widened_what_was_reported_around_them_comes_first(archive: Archive, day: str) -> None:
    archive.add([replace(FERRY, id=f"ferry-{year}", published=date(year, 2, 20)) for year in (2009, 2013, 2017)])

    found = look_for(archive, f"Who drowned on the ferry that sank {day}?", as_of=date(2017, 5, 1))

    assert ids(found)[0] == "ferry-2013"
    assert len(found.notices) == 1


@pytest.mark.parametrize(
    "scope",
    [
        {"since": date(2016, 1, 1), "until": date(2016, 12, 31)},
        {"until": date(2016, 12, 31), "as_of": date(2017, 6, 10)},
        {"since": date(2017, 6, 10), "until": date(2017, 6, 11)},
    ],
)
def test_days_set_by_hand_are_never_widened(coast: Archive, scope: dict[str, Any]) -> None:
    found = look_for(coast, "Which ferry sank last week?", **scope)

    assert (found.hits, found.notices) == ((), ())
    assert found.window is not None
    assert not found.window.inferred


def test_a_search_that_finds_nothing_anywhere_says_what_was_tried(coast: Archive) -> None:
    found = look_for(coast, "Which zeppelins landed in March 2016?")

    assert (found.hits, found.window, len(found.notices)) == ((), None, 1)


# -- outlets -----------------------------------------------------------------------------------------------------------


def test_an_outlet_whose_own_words_are_asked_for_is_kept_to(coast: Archive) -> None:
    found = look_for(coast, "What did The Post write about the ferry off Skelby?")

    assert ids(found)[0] == "lifted"
    assert {hit.passage.article.outlet for hit in found.hits} == {"The Post"}
    assert found.notices == ()


def test_an_outlet_of_a_question_that_holds_nothing_is_widened_with_a_notice(coast: Archive) -> None:
    found = look_for(coast, "What did the Coastline News Agency write about the fish market?")

    assert ids(found) == ["storm"]
    assert found.notices == (f"no hit in articles of {AGENCY}; searched the others",)


def test_an_outlet_and_days_of_a_question_that_hold_nothing_are_told_together(coast: Archive) -> None:
    found = look_for(coast, "What did The Post write about the ferry on 2 June 2017?")

    assert set(ids(found)) >= {"ferry", "lifted"}
    assert found.window is None
    assert found.notices == (
        "no hit in articles of The Post published 2017-06-02 (from '2 June 2017'); searched the others",
    )


def test_where_an_outlet_is_widened_days_set_by_hand_are_not(coast: Archive) -> None:
    found = look_for(coast, "What did The Post write about the ferry?", until=date(2017, 6, 8))

    assert ids(found) == ["ferry"]
    assert found.window == Window(None, date(2017, 6, 8), "--until")
    assert found.notices == ("no hit in articles of The Post; searched the others",)


def test_an_outlet_set_by_hand_is_never_widened(coast: Archive) -> None:
    found = look_for(coast, "What did The Post write about the fish market?", outlets=(AGENCY,))

    assert (found.hits, found.notices) == ((), ())


def test_where_an_outlet_is_widened_closeness_counts_as_before(coast: Archive) -> None:
    """The end of --as-of is no day that the question asks about."""
    asked = "What did the Coastline News Agency write about the fish market of the 2009 flood?"
    planned = plan_for(coast, asked, Scope(as_of=TODAY), today=TODAY)

    found = retrieve(coast, planned, 5)

    assert (planned.preference.near, ids(found)[0]) == (None, "storm")
    assert found.hits[0].why is not None
    assert found.hits[0].why.preference == 0


# -- copies ------------------------------------------------------------------------------------------------------------


def test_the_prints_of_a_wire_story_are_one_hit_by_the_agency(coast: Archive) -> None:
    found = look_for(coast, "Who was found on Gannet Rock?")

    assert ids(found) == ["wire"]
    assert {copy.id for copy in found.hits[0].copies} == {"courier", "late"}


def test_the_print_of_the_outlet_that_a_question_goes_by_is_shown(coast: Archive) -> None:
    # What an article is worth is told by comparison with others.
    coast.add(
        [article(f"rock-{i}", "Notes", f"Seal {i} was found on a rock.", f"2017-06-{1 + i:02}") for i in range(10)]
    )

    found = look_for(coast, "According to the Harbour Courier, who was found on Gannet Rock?")

    assert ids(found)[0] == "courier"
    assert {copy.id for copy in found.hits[0].copies} == {"wire", "late"}


def test_the_print_of_the_only_outlet_asked_for_is_shown(coast: Archive) -> None:
    asked = look_for(coast, "What did The Post write about the trawler on Gannet Rock?")
    by_hand = look_for(coast, "Who was found on Gannet Rock?", outlets=("the post",))

    assert ids(asked)[0] == ids(by_hand)[0] == "late"
    assert {hit.passage.article.outlet for hit in asked.hits} == {"The Post"}


def test_as_of_a_day_a_later_print_is_not_known(coast: Archive) -> None:
    found = look_for(coast, "Who was found on Gannet Rock?", as_of=date(2017, 6, 10))

    assert ids(found) == ["wire"]
    assert [copy.id for copy in found.hits[0].copies] == ["courier"]


def test_as_of_a_day_a_later_print_is_not_known_where_days_were_widened_either(coast: Archive) -> None:
    found = look_for(coast, "Who was found on Gannet Rock in May 2016?", as_of=date(2017, 6, 10))

    assert ids(found) == ["wire"]
    assert [copy.id for copy in found.hits[0].copies] == ["courier"]


# -- time --------------------------------------------------------------------------------------------------------------


def test_the_latest_comes_first_where_it_is_asked_for(archive: Archive) -> None:
    archive.add([replace(FERRY, id=f"ferry-{day}", published=date(2016, day, 1)) for day in (3, 11, 7)])
    asked = "ferry that sank off Skelby"

    latest = look_for(archive, f"What is the latest on the {asked}?", as_of=date(2017, 1, 1))
    until = look_for(archive, f"What is the latest on the {asked}?", until=date(2016, 10, 1))

    assert ids(latest)[0] == "ferry-11"
    assert ids(until)[0] == "ferry-7"


def crowded(archive: Archive) -> Archive:
    """Add the weeks before TODAY: many articles that share words with the storm of 2009."""
    recent = (
        article(
            f"recent-{i}",
            f"Skelby notes {i}",
            f"Skelby's fish market {('sold', 'weighed', 'showed')[i % 3]} crate {i} on stall {i}.",
            f"2017-06-{1 + i % 13:02}",
        )
        for i in range(40)
    )
    archive.add([FERRY, PIER, STORM, *recent])
    return archive


@pytest.mark.parametrize(
    "question",
    [
        "Which storm flooded the old fish market on Lantern Lane?",
        "How was the old fish market on Lantern Lane flooded up to its eaves?",
        "What flooded the fish market in November 2009?",
        "What happened to the fish market on Lantern Lane in the 2009 storm?",
    ],
)
def test_an_old_event_is_not_buried_by_last_week(archive: Archive, question: str) -> None:
    assert ids(look_for(crowded(archive), question))[0] == "storm"


# -- parts -------------------------------------------------------------------------------------------------------------


def test_every_part_of_a_question_is_found(archive: Archive) -> None:
    question = "Which ferry sank off Skelby, and how was the fish market on Lantern Lane flooded?"

    planned = plan_for(crowded(archive), question, Scope(), today=TODAY)

    assert len(planned.queries) == 3
    assert {"ferry", "storm"} <= set(ids(retrieve(archive, planned, 5)))


# -- notices -----------------------------------------------------------------------------------------------------------


def test_what_the_archive_says_is_passed_on_behind_what_was_widened(coast: Archive, tmp_path: Path) -> None:
    for _ in coast._embed_pending(None):
        pass

    with open_archive(tmp_path / "archive") as without_model:
        planned = plan_for(without_model, "Which ferry sank in March 2016?", Scope(), today=TODAY)
        found = retrieve(without_model, planned, 5)

    widened, without = found.notices
    assert widened.startswith("no hit in articles published 2016-03-01 to 2016-04-14 ")
    assert without.startswith("searched by words alone: the embedding model 'hash-64' is not on this machine")
    assert ids(found)[0] in {"ferry", "lifted"}


def test_a_plan_is_all_that_a_search_is_told(coast: Archive) -> None:
    planned: Planned = plan_for(coast, "Who lifted the ferry?", Scope(), today=TODAY)

    assert retrieve(coast, replace(planned, queries=("gulls",)), 5).hits[0].passage.article.id == "gulls"
