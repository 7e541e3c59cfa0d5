"""A turn outlives its process without the archive."""

from __future__ import annotations

import json
from datetime import date

import pytest

from assistant.conversation import Answer, Turn
from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import opening_record, read_scope, read_turn, scope_json, state_of
from tests.assistant.turns import abstained, answered, planned


@pytest.mark.parametrize(
    "turn",
    [
        answered(planned()),
        answered(planned("Why was the ferry lost, what did The Post write?", asked="What did The Post write?")),
        answered(planned(), complete=False),
        abstained(planned()),
    ],
)
def test_what_is_read_is_what_was_kept(turn: Turn) -> None:
    kept = json.dumps(answer_json(turn, planned(turn.question, asked=turn.asked)))

    assert read_turn(json.loads(kept)) == turn


def test_of_a_turn_that_has_only_begun_what_was_understood_is_kept() -> None:
    understood = planned("What did The Post write about the ferry in 2017?", asked="What did The Post write then?")

    turn = read_turn(opening_record(understood, "openai:m"))

    assert (turn.question, turn.asked, turn.query) == (understood.question, understood.asked, understood.query)
    assert (turn.window, turn.outlets, turn.as_of) == (understood.window, ("The Post",), date(2020, 2, 1))
    assert turn.answer == Answer("", False, (), (), (), "openai:m", None, (), complete=False)


@pytest.mark.parametrize(
    "scope", [Scope(), Scope(date(2020, 1, 2), date(2020, 2, 3), date(2020, 3, 4), ("The Post", "Harbour Courier"))]
)
def test_what_was_set_by_hand_is_kept(scope: Scope) -> None:
    assert read_scope(json.loads(json.dumps(scope_json(scope)))) == scope


def test_how_a_turn_ended_is_said_by_its_answer() -> None:
    ends = [answered(planned()), answered(planned(), complete=False), abstained(planned())]

    assert [state_of(turn.answer) for turn in ends] == ["finished", "incomplete", "abstained"]
