"""Timelines told from reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.timeline.events import Days, Event, Quote
from assistant.timeline.telling import tell_timeline
from store.records import ArticleRef
from tests.assistant.timeline.invented_reports import report

ASKED = {"ferri": 1.0}
SANK = report(
    1,
    date(2021, 3, 11),
    "SKELBY (Meridian Wire) — The ferry Morning Star sank off Skelby on Wednesday after it struck a sandbank.",
    outlet="Meridian Wire",
)
AGAIN = report(
    2, date(2021, 3, 12), "The ferry Morning Star, which sank off Skelby on Wednesday, had struck a sandbank in fog."
)
INQUIRY = report(3, date(2021, 4, 20), "The inquiry into the loss of the ferry will begin in Skelby on 3 May.")
RAISED = report(4, date(2021, 4, 2), "Divers raise the ferry from the bottom of the bay with two cranes.")


def days(year: int, month: int, day: int) -> Days:
    return Days(date(year, month, day), date(year, month, day))


def quote(one: int, start: int, end: int, text: str, outlet: str, published: date) -> Quote:
    return Quote(ArticleRef(f"a{one}", "", outlet, published=published), start, end, text)


def test_what_two_outlets_report_of_a_day_is_one_event_that_names_both() -> None:
    (event,) = tell_timeline([SANK, AGAIN], ASKED, limit=1)

    assert event == Event(
        days=days(2021, 3, 10),
        basis="stated",
        is_announced=False,
        quote=quote(1, 25, 104, SANK.article.body[25:], "Meridian Wire", date(2021, 3, 11)),
        importance=1.0,
        outlets=("Meridian Wire", "The Skelby Post"),
        also=(quote(2, 0, 89, AGAIN.article.body, "The Skelby Post", date(2021, 3, 12)),),
    )


def test_every_quotation_stands_in_its_article() -> None:
    bodies = {one.article.ref.id: one.article.body for one in (SANK, AGAIN, INQUIRY, RAISED)}

    events = tell_timeline([SANK, AGAIN, INQUIRY, RAISED], ASKED)

    quotes = [quote for event in events for quote in (event.quote, *event.also)]
    assert len(quotes) == 4
    assert all(bodies[one.article.id][one.start : one.end] == one.text for one in quotes)


def test_events_come_oldest_first_and_say_what_their_day_is_based_on() -> None:
    events = tell_timeline([INQUIRY, RAISED, AGAIN, SANK], ASKED)

    assert [(event.days, event.basis, event.is_announced) for event in events] == [
        (days(2021, 3, 10), "stated", False),
        (days(2021, 4, 2), "published", False),
        (days(2021, 5, 3), "stated", True),
    ]


def test_the_order_of_the_reports_makes_no_difference() -> None:
    reports = [SANK, AGAIN, INQUIRY, RAISED]

    assert tell_timeline(reports, ASKED) == tell_timeline(reports[::-1], ASKED)


def test_a_reprint_does_not_count_as_an_outlet() -> None:
    reprint = ArticleRef("a9", "", "Harbour Courier", published=date(2021, 3, 11))

    (event,) = tell_timeline([replace(SANK, copies=(reprint,))], ASKED, limit=1)

    assert event.outlets == ("Meridian Wire",)
    assert event.quote.copies == (reprint,)


def test_only_the_most_important_days_between_those_asked_for_are_told() -> None:
    reports = [SANK, AGAIN, INQUIRY, RAISED]

    assert [event.days for event in tell_timeline(reports, ASKED, limit=1)] == [days(2021, 3, 10)]
    later = tell_timeline(reports, ASKED, since=date(2021, 3, 11), until=date(2021, 4, 30))
    assert [event.days for event in later] == [days(2021, 4, 2)]


def test_approximate_days_are_told_as_such_or_left_out() -> None:
    built = report(5, date(2021, 3, 11), "The ferry Morning Star was built by a yard in Norway in 1987.")
    about_1987 = Days(date(1987, 1, 1), date(1987, 12, 31), is_approximate=True)

    assert [event.days for event in tell_timeline([built], ASKED)] == [about_1987]
    assert tell_timeline([built], ASKED, exact_days_only=True) == ()


def test_of_nothing_nothing_is_told() -> None:
    assert tell_timeline([], ASKED) == ()
    assert tell_timeline([report(1, None, "The ferry sank on Wednesday off Skelby.")], ASKED) == ()
