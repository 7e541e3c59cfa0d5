"""What is searched for a question."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.conversation import Planned
from assistant.errors import ConfigError
from assistant.planning import Scope, plan, window_of
from store.records import SearchFilter, Window

TODAY = date(2020, 2, 1)
FIRST, SECOND, THIRD = date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 3)


def test_a_question_alone_is_searched_everywhere_as_of_today() -> None:
    assert plan("  Who \n did it? ", Scope(), today=TODAY) == Planned(
        "Who did it?", "Who did it?", None, SearchFilter(), TODAY
    )


def test_days_and_outlets_become_a_filter() -> None:
    planned = plan("Who?", Scope(since=FIRST, until=SECOND, outlets=("Post",)), today=TODAY)

    assert planned.filter == SearchFilter(FIRST, SECOND, ("Post",))
    assert planned.window == Window(FIRST, SECOND, "--since, --until", inferred=False)
    assert planned.as_of == TODAY


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


@pytest.mark.parametrize("scope", [Scope(since=THIRD, until=SECOND), Scope(since=THIRD, as_of=SECOND)])
def test_a_window_without_a_day_is_an_error(scope: Scope) -> None:
    with pytest.raises(ConfigError, match="the window is empty: 2020-01-03 is after 2020-01-02"):
        window_of(scope)


@pytest.mark.parametrize("question", ["", "  \n", "\u200b\x00", "\udcff"])
def test_a_question_without_a_word_is_an_error(question: str) -> None:
    with pytest.raises(ConfigError, match="the question is empty"):
        plan(question, Scope(), today=TODAY)


def test_what_no_text_holds_is_taken_out_of_a_question() -> None:
    assert plan("Who\udcff did\x1b[31m it\u202e?", Scope(), today=TODAY).query == "Who did it?"
