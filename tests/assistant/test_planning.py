"""What is searched for a question."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation import AskedTime, Planned
from assistant.errors import ConfigError
from assistant.planning import Scope, filter_of, plan, window_of
from store.records import Preference, SearchFilter, Window

TODAY = date(2020, 2, 1)  # A Saturday.
FIRST, SECOND, THIRD = date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 3)
OUTLETS = ("Harbour Courier", "The Skelby Post", "Wire of the Coast")


def asked(question: str, scope: Scope | None = None) -> Planned:
    return plan(question, scope or Scope(), today=TODAY, outlets=OUTLETS)


def test_a_question_alone_is_searched_everywhere_as_of_today() -> None:
    assert asked("  Who \n did it? ") == Planned(
        question="Who did it?",
        query="Who did it?",
        window=None,
        filter=SearchFilter(),
        as_of=TODAY,
        queries=("Who did it?",),
        given=SearchFilter(),
        given_window=None,
        preference=Preference(near=TODAY),
        preferred_window=None,
        time=AskedTime(TODAY, near=True),
    )


def test_days_and_outlets_set_by_hand_become_a_filter_and_nothing_is_inferred() -> None:
    planned = asked("What did they report last week?", Scope(since=FIRST, until=SECOND, outlets=("Post",)))

    window = Window(FIRST, SECOND, "--since, --until", inferred=False)
    assert planned.filter == planned.given == SearchFilter(FIRST, SECOND, ("Post",))
    assert planned.window == planned.given_window == window
    assert (planned.as_of, planned.preference, planned.preferred_window) == (TODAY, Preference(), None)


@pytest.mark.parametrize(
    ("scope", "window"),
    [
        (Scope(), None),
        (Scope(outlets=("Post",)), None),
        (Scope(since=FIRST), Window(FIRST, None, "--since")),
        (Scope(as_of=SECOND), Window(None, SECOND, "--as-of")),
        (Scope(until=SECOND, as_of=FIRST), Window(None, FIRST, "--until, --as-of")),
        (Scope(until=FIRST, as_of=SECOND), Window(None, FIRST, "--until, --as-of")),
        (Scope(since=FIRST, until=FIRST), Window(FIRST, FIRST, "--since, --until")),
    ],
)
def test_nothing_after_the_earlier_of_until_and_as_of_is_seen(scope: Scope, window: Window | None) -> None:
    assert window_of(scope) == window
    assert filter_of(scope) == SearchFilter(
        window.since if window else None, window.until if window else None, scope.outlets
    )


@pytest.mark.parametrize("scope", [Scope(since=THIRD, until=SECOND), Scope(since=THIRD, as_of=SECOND)])
def test_a_window_without_a_day_is_an_error(scope: Scope) -> None:
    with pytest.raises(ConfigError, match="the window is empty: 2020-01-03 is after 2020-01-02"):
        window_of(scope)
    with pytest.raises(ConfigError, match="the window is empty"):
        asked("Who sank?", scope)


@pytest.mark.parametrize("question", ["", "  \n", "\u200b\x00", "\udcff"])
def test_a_question_without_a_word_is_an_error(question: str) -> None:
    with pytest.raises(ConfigError, match="the question is empty"):
        asked(question)


def test_what_no_text_holds_is_taken_out_of_a_question() -> None:
    assert asked("Who\udcff did\x1b[31m it\u202e?").query == "Who did it?"


# -- days --------------------------------------------------------------------------------------------------------------


def test_days_that_a_question_names_become_a_filter_that_says_where_it_is_from() -> None:
    planned = asked("Which ferry sank last week?")

    window = Window(date(2020, 1, 20), TODAY, "from 'last week'", inferred=True)
    assert planned.window == window
    assert planned.filter == SearchFilter(window.since, window.until)
    assert (planned.given, planned.given_window) == (SearchFilter(), None)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(since=FIRST),
        Scope(until=SECOND),
        Scope(since=FIRST, until=SECOND),
        Scope(since=FIRST, as_of=SECOND),
        Scope(until=SECOND, as_of=THIRD),
    ],
)
@pytest.mark.parametrize("question", ["Which ferry sank last week?", "What did the May 2018 storm change in 2019?"])
def test_days_set_by_hand_override_those_of_the_question(question: str, scope: Scope) -> None:
    planned = asked(question, scope)

    assert planned.window == planned.given_window == window_of(scope)
    assert planned.filter == planned.given == filter_of(scope)
    assert (planned.preference, planned.preferred_window) == (Preference(), None)


def test_as_of_a_day_the_question_is_read_on_that_day_and_nothing_later_is_seen() -> None:
    planned = asked("Which ferry sank last week?", Scope(as_of=date(2019, 7, 3)))

    assert planned.window == Window(date(2019, 6, 24), date(2019, 7, 3), "from 'last week', --as-of", inferred=True)
    assert planned.filter == SearchFilter(date(2019, 6, 24), date(2019, 7, 3))
    assert planned.given == SearchFilter(None, date(2019, 7, 3))
    assert planned.given_window == Window(None, date(2019, 7, 3), "--as-of")
    assert planned.as_of == date(2019, 7, 3)


def test_as_of_a_day_closeness_counts_to_that_day() -> None:
    assert asked("Who is the mayor?", Scope(as_of=SECOND)).preference == Preference(near=SECOND, present=True)


def test_days_that_are_only_preferred_filter_nothing() -> None:
    planned = asked("How did the council change in 2017?")

    days = (date(2017, 1, 1), date(2018, 3, 31))
    assert (planned.window, planned.filter) == (None, SearchFilter())
    assert planned.preferred_window == Window(*days, "from '2017'", inferred=True)
    assert planned.preference == Preference(since=days[0], until=days[1])


@pytest.mark.parametrize(
    ("question", "preference"),
    [
        ("Who sank the ferry?", Preference(near=TODAY)),
        ("Who is the mayor of Skelby?", Preference(near=TODAY, present=True)),
        ("Will the pier be built?", Preference(near=TODAY, present=True)),
        ("Which ferries sank this week?", Preference(near=TODAY, present=True)),
        ("What is the latest on the ferry?", Preference(near=TODAY, present=True, newest_first=True)),
        ("Who drowned in March 2016?", Preference()),
        ("Who sank the Morning Star in the 2016 regatta?", Preference()),
    ],
)
def test_closeness_to_today_counts_in_questions_about_the_present(question: str, preference: Preference) -> None:
    assert asked(question).preference == preference


def test_the_newest_may_be_asked_for_among_days_set_by_hand() -> None:
    planned = asked("What is the latest on the ferry?", Scope(until=THIRD))

    assert planned.preference == Preference(newest_first=True)


# -- outlets -----------------------------------------------------------------------------------------------------------


def test_an_outlet_that_a_question_goes_by_is_preferred() -> None:
    planned = asked("According to the Skelby Post, who sank the ferry?")

    assert planned.preference.outlets == ("The Skelby Post",)
    assert planned.filter == planned.given == SearchFilter()
    assert (planned.question, planned.query) == (
        "According to the Skelby Post, who sank the ferry?",
        "Who sank the ferry?",
    )
    assert planned.queries == ("Who sank the ferry?",)


def test_an_outlet_whose_own_words_are_asked_for_is_kept_to() -> None:
    planned = asked("What did the Skelby Post write about the ferry?")

    assert planned.filter == SearchFilter(outlets=("The Skelby Post",))
    assert planned.given == SearchFilter()
    assert planned.preference.outlets == ()


@pytest.mark.parametrize(
    "question", ["According to the Skelby Post, who sank?", "What did the Skelby Post write about the ferry?"]
)
def test_an_outlet_set_by_hand_switches_off_those_of_the_question(question: str) -> None:
    planned = asked(question, Scope(outlets=("Harbour Courier",)))

    assert planned.filter == planned.given == SearchFilter(outlets=("Harbour Courier",))
    assert planned.preference.outlets == ()
    assert planned.query == question


def test_an_outlet_that_the_archive_does_not_know_is_no_outlet() -> None:
    planned = plan("According to the Skelby Post, who sank?", Scope(), today=TODAY)

    assert (planned.filter, planned.preference.outlets) == (SearchFilter(), ())


def test_an_outlet_is_understood_beside_days_set_by_hand() -> None:
    planned = asked("What did the Skelby Post write about the ferry?", Scope(since=FIRST))

    assert planned.filter == SearchFilter(FIRST, None, ("The Skelby Post",))
    assert planned.given == SearchFilter(FIRST)
    assert planned.window == planned.given_window == Window(FIRST, None, "--since")


# -- parts -------------------------------------------------------------------------------------------------------------


def test_a_question_of_several_parts_is_searched_as_a_whole_and_by_its_parts() -> None:
    planned = asked("Who sank the ferry, and how many people were on board?")

    assert planned.queries == (
        "Who sank the ferry, and how many people were on board?",
        "Who sank the ferry?",
        "How many people were on board? (the ferry)",
    )


def test_the_parts_of_a_question_do_not_cite_its_outlets() -> None:
    planned = asked("According to the Harbour Courier, who sank the ferry, and when was the pier built?")

    assert not any("Courier" in query for query in planned.queries)
    assert len(planned.queries) == 3


# -- any question ------------------------------------------------------------------------------------------------------

_WORDS = """Who what did the Skelby Post Harbour Courier report write according to , ? and in since before last week
yesterday latest May 2019 3 January 1987 9999 only from sank ferry is now""".split()


@given(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=14).map(" ".join) | st.text(min_size=1, max_size=60),
    st.none() | st.dates(min_value=date(1900, 1, 1)),
    st.none() | st.dates(min_value=date(1900, 1, 1)),
)
def test_a_plan_never_leaves_what_was_set_by_hand(question: str, until: date | None, as_of: date | None) -> None:
    try:
        planned = asked(question, Scope(until=until, as_of=as_of))
    except ConfigError:
        return

    last = min((day for day in (until, as_of) if day), default=None)
    assert planned.given == SearchFilter(None, last)
    assert last is None or (planned.filter.until is not None and planned.filter.until <= last)
    assert planned.queries[0] == planned.query
    assert planned.filter.since is None or planned.filter.since <= (planned.filter.until or TODAY)
    assert planned.window is None or (planned.window.since, planned.window.until) == (
        planned.filter.since,
        planned.filter.until,
    )
