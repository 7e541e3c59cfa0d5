"""A turn outlives its process without the archive."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from assistant.conversation import Answer, Turn
from assistant.planning import Scope
from assistant.rendering import answer_json
from assistant.saved_turns import (
    SavedTurn,
    Stood,
    last_stood,
    opening_record,
    read_scope,
    read_turn,
    scope_json,
    state_of,
)
from store.records import page_at
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


def test_the_page_of_a_quotation_is_kept() -> None:
    turn = answered(planned())
    (first, *_) = turn.answer.citations
    passage = first.hit.passage
    paged = replace(passage, article=replace(passage.article, page_starts=(0, 0, first.start)))
    cited = replace(first, hit=replace(first.hit, passage=paged))
    record = answer_json(replace(turn, answer=replace(turn.answer, citations=(cited,))), planned())

    (citation,) = read_turn(json.loads(json.dumps(record))).answer.citations

    assert page_at(citation.hit.passage.article, citation.start) == 3


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


SINCE = Scope(since=date(2020, 1, 2))


def saved(stood: Stood | None, scope: Scope, plan: tuple[str, ...] | None) -> SavedTurn:
    return SavedTurn(answered(planned()), "finished", datetime.now(UTC), scope, None, {}, plan, stood)


@pytest.mark.parametrize(
    ("turns", "stood"),
    [
        ([], None),
        ([saved(Stood(SINCE, "a", 1, "b", 2), Scope(), ())], Stood(SINCE, "a", 1, "b", 2)),
        ([saved(Stood(SINCE, "a", 1, "b", 2), Scope(), ()), saved(None, Scope(), ())], Stood(SINCE, "a", 1, "b", 2)),
        ([saved(None, SINCE, ())], None),
        ([saved(None, SINCE, None)], Stood(SINCE, "", 0, "", 0)),
        ([saved(None, replace(SINCE, any_day=True), None)], None),
    ],
    ids=["none", "the chat's", "before one of the shell", "the shell's", "an older version's", "changed by hand"],
)
def test_what_stood_last_is_that_of_the_last_turn_of_the_chat(turns: list[SavedTurn], stood: Stood | None) -> None:
    assert last_stood(turns) == stood


def test_how_a_turn_ended_is_said_by_its_answer() -> None:
    ends = [answered(planned()), answered(planned(), complete=False), abstained(planned())]

    assert [state_of(turn.answer) for turn in ends] == ["finished", "incomplete", "abstained"]
