"""What days are worth."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.timeline.events import Days, Report
from assistant.timeline.importance import (
    APPROXIMATE,
    IN_LEDE,
    LOOKS_AHEAD,
    LOOKS_BACK,
    PUBLISHED,
    REPEATED,
    REPORTS,
    weigh_days,
)
from assistant.timeline.sentences import read_sentences
from tests.assistant.timeline.invented_reports import report

LATE = "\n".join(["Nothing new is known."] * 5)


def weigh(*reports: Report) -> dict[Days, float]:
    return weigh_days(reports, read_sentences(reports, {}))


def day(number: int) -> Days:
    return Days(date(2021, 3, number), date(2021, 3, number))


@pytest.mark.parametrize(
    ("published", "body", "worth"),
    [
        (11, "The ferry sank on 10 March.", REPORTS + IN_LEDE),
        (11, f"{LATE}\nThe ferry sank on 10 March.", REPORTS),
        (20, f"{LATE}\nThe ferry sank on 10 March.", LOOKS_BACK),
        (8, f"{LATE}\nThe hearing will begin on 10 March.", LOOKS_AHEAD),
        (11, "The ferry sank on 10 March.\nOn 10 March it was foggy.", REPORTS + IN_LEDE),
    ],
)
def test_an_article_speaks_for_a_day_by_how_it_names_it(published: int, body: str, worth: float) -> None:
    assert weigh(report(1, date(2021, 3, published), body))[day(10)] == pytest.approx(worth**REPEATED)


def test_publication_is_worth_a_little_to_its_day() -> None:
    assert weigh(report(1, date(2021, 3, 11), "The ferry sank.")) == {day(11): pytest.approx(PUBLISHED**REPEATED)}


def test_two_outlets_are_worth_more_than_one_that_says_it_twice() -> None:
    said = [report(number, date(2021, 3, 11), "The ferry sank on 10 March.") for number in (1, 2)]
    other = report(3, date(2021, 3, 11), "The ferry sank on 10 March.", outlet="Harbour Courier")

    assert weigh(said[0], other)[day(10)] > weigh(*said)[day(10)] > weigh(said[0])[day(10)]


def test_days_named_in_sentences_that_are_off_the_topic_are_not_weighed() -> None:
    roundup = report(1, date(2021, 3, 11), "The ferry sank on 10 March.\nRain fell.\nBread was dear on 9 March.")

    worth = weigh_days([roundup], read_sentences([roundup], {"gull": 1.0}))

    assert set(worth) == {day(11)}


def test_a_span_gives_way_to_a_day_within_it() -> None:
    vague = report(1, date(2021, 4, 11), "The ferry sank last month.")
    exact = report(2, date(2021, 4, 11), "The ferry sank on 10 March.")
    march = Days(date(2021, 3, 1), date(2021, 3, 31), is_approximate=True)

    assert weigh(vague)[march] == pytest.approx(((LOOKS_BACK + IN_LEDE) * APPROXIMATE) ** REPEATED)
    assert march not in weigh(vague, exact)
