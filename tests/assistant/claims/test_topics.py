"""The sample articles compared: what differs, what was wrong at first, what was corrected, and what counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from assistant.claims.claim import Comparison
from assistant.claims.topics import compare_topic
from store.archive import Archive, open_archive
from store.records import Draft, SearchFilter


@pytest.fixture(scope="module")
def samples(sample_archive: Path) -> Iterator[Archive]:
    with open_archive(sample_archive) as archive:
        yield archive


def compared(archive: Archive, topic: str, until: date | None = None) -> tuple[Comparison, ...]:
    return compare_topic(archive, topic, SearchFilter(until=until)).comparisons


def reported(comparison: Comparison) -> list[tuple[str, str, date | None]]:
    """Return each value with the outlet and the day of its first report."""
    return [(side.value, side.claims[0].outlet, side.claims[0].day) for side in comparison.sides]


def changed(comparison: Comparison) -> list[tuple[str, str]]:
    return [(update.old.value, update.new.value) for update in comparison.updates]


def test_numbers_of_dead_that_differ_stand_side_by_side_with_outlets_and_days(samples: Archive) -> None:
    (crush,) = compared(samples, "crush in Kerman")

    assert crush.kind == "number"
    assert reported(crush) == [
        ("32", "The Lantern Post", date(2020, 1, 7)),
        ("At least 35", "The Lantern Post", date(2020, 1, 7)),
        ("40", "The Quillfield Examiner", date(2020, 1, 7)),
        ("50", "The Quillfield Examiner", date(2020, 1, 7)),
        ("56", "Delta Evening Standardbearer", date(2020, 1, 8)),
    ]
    assert changed(crush) == [("32", "At least 35"), ("40", "50"), ("50", "56")]


def test_a_denial_of_any_dead_stands_against_a_report_of_80(samples: Archive) -> None:
    missiles = next(one for one in compared(samples, "missiles at Al Asad") if one.subject == "americans killed")

    assert (missiles.kind, missiles.updates) == ("number", ())
    assert reported(missiles) == [
        ("80", "Delta Evening Standardbearer", date(2020, 1, 8)),
        ("No American or Iraqi was killed", "Meridian Wire", date(2020, 1, 8)),
    ]


def test_a_wrong_attribution_and_its_correction_are_both_told(samples: Archive) -> None:
    attack = next(one for one in compared(samples, "killing of Soleimani") if one.subject == "what caused it")

    assert attack.kind == "update"
    assert reported(attack) == [
        ("helicopters", "Delta Evening Standardbearer", date(2020, 1, 3)),
        ("a drone", "Meridian Wire", date(2020, 1, 3)),
    ]
    assert changed(attack) == [("helicopters", "a drone")]


def test_an_admission_that_corrects_what_was_said_for_days_is_told(samples: Archive) -> None:
    crash = compared(samples, "Ukrainian airliner crash")[0]

    told = {value: (outlet, day) for value, outlet, day in reported(crash)}
    assert told["a technical fault"] == ("The Harbour Line", date(2020, 1, 8))
    assert told["a missile"] == ("Northgate Courier", date(2020, 1, 9))
    missile = next(side for side in crash.sides if side.value == "a missile")
    assert missile.outlets == ("Northgate Courier", "Meridian Wire")
    assert ("a technical fault", "a missile") in changed(crash)


def test_what_was_published_after_a_day_is_not_compared(samples: Archive) -> None:
    before = compared(samples, "Ukrainian airliner crash", until=date(2020, 1, 8))

    assert {claim.day for one in before for claim in one.claims} == {date(2020, 1, 8)}
    assert all(side.value != "a missile" for one in before for side in one.sides)


def test_a_count_that_is_corrected_on_the_same_day_is_an_update(samples: Archive) -> None:
    aboard = next(one for one in compared(samples, "Ukrainian airliner crash") if one.subject == "people aboard")

    assert (aboard.kind, changed(aboard)) == ("update", [("180", "176"), ("170", "176")])


def test_an_agency_story_and_its_reprints_are_one_report(samples: Archive, archive: Archive) -> None:
    """Alone they agree with nobody; beside another report they are one of two."""
    story = "About 170 members took part in the vote of the Iraqi parliament on foreign troops, an official said."
    topic = "vote of the Iraqi parliament on foreign troops"
    assert compared(samples, topic) == ()

    other = story.replace("About 170", "Only 140").replace("an official", "a lawyer")
    archive.add(
        [
            _print_of(story, "Meridian Wire", 20),
            _print_of(story, "Northgate Courier", 21),
            _print_of(story, "Delta Evening Standardbearer", 22),
            _print_of(other, "Tigris Ledger", 23),
        ]
    )
    (vote,) = compared(archive, topic)

    assert vote.outlets == ("Meridian Wire", "Tigris Ledger")
    assert [copy.outlet for copy in vote.sides[0].claims[0].copies] == [
        "Northgate Courier",
        "Delta Evening Standardbearer",
    ]


def _print_of(story: str, outlet: str, hour: int) -> Draft:
    body = f"BAGHDAD (Meridian Wire) — {story} Most of the others stayed away from the session."
    if outlet == "Tigris Ledger":
        body = f"{story} He had counted the seats from the gallery while the speaker read the resolution out."
    published = datetime.fromisoformat(f"2020-01-05T{hour}:00:00+00:00")
    return Draft(f"Iraqi parliament votes: {outlet}", body, f"{outlet}.md", outlet=outlet, published=published)
