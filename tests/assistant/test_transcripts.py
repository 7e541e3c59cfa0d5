"""Sessions as people and programs read them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.planning import Scope
from assistant.rendering import Style, answer_json
from assistant.saved_turns import SavedTurn, State
from assistant.sessions import Found, Session
from assistant.transcripts import (
    found_json,
    found_text,
    minute,
    session_json,
    sessions_json,
    sessions_text,
    transcript_text,
)
from tests.assistant.turns import abstained, answered, planned

PLAIN = Style()
AT = datetime(2020, 2, 1, 12, 30, tzinfo=UTC)
FERRY = Session("abc1234", "ferry", Path("/archives/news"), AT, AT, 2, "Who sank the ferry?")
UNNAMED = Session("x9y8z7w", None, Path("/archives/news"), AT, AT, 1, "Why " * 40)
FERRY_JSON = {
    "id": "abc1234",
    "name": "ferry",
    "archive": "/archives/news",
    "started_utc": "2020-02-01T12:30:00+00:00",
    "asked_utc": "2020-02-01T12:30:00+00:00",
    "questions": 2,
    "first_asked": "Who sank the ferry?",
}


def saved(state: State = "finished", error: str | None = None, asked: str | None = None) -> SavedTurn:
    understood = planned(asked=asked)
    turn = abstained(understood) if state == "abstained" else answered(understood, complete=state == "finished")
    return SavedTurn(turn, state, AT, Scope(), error, answer_json(turn, understood))


def test_sessions_are_a_line_each() -> None:
    at = minute(AT)

    assert list(sessions_text([FERRY, UNNAMED], PLAIN)) == [
        f"ferry    {at}   2 questions  Who sank the ferry?",
        f"x9y8z7w  {at}   1 question   {'Why ' * 17}Wh …",
    ]


def test_a_session_that_was_found_shows_where() -> None:
    shown = list(found_text(Found(FERRY, ("Who sank the ferry?", "Who owned it?")), PLAIN))

    assert shown == [*sessions_text([FERRY], PLAIN), "    Who owned it?"]


def test_a_session_is_read_from_question_to_question() -> None:
    turns = [saved(asked="Who was?"), saved("abstained")]

    assert transcript_text(turns, PLAIN) == (
        f"> Who was?\n  understood as: Who was brought ashore?\n  {minute(AT)}\n\n"
        "All 212 were saved [1]. They were glad. (?)\n\n"
        "2 statements: 1 supported, 1 not supported by a source (?).\n\n"
        "[1] Harbour Courier · Ferry sinks · 7 June 2017  ferry-1:53-88\n"
        "    also in: The Post · 8 June 2017\n\n"
        f"> Who was brought ashore?\n  {minute(AT)}\n\n"
        "The archive does not say."
    )


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (saved("failed", "nobody answers\x1b[31m"), "(not answered: nobody answers[31m)"),
        (saved("unfinished"), "(cut short)"),
        (saved("incomplete"), "Incomplete: the model broke off. 2 statements: "),
    ],
)
def test_a_turn_without_its_end_says_so(turn: SavedTurn, told: str) -> None:
    assert f"\n\n{told}" in transcript_text([turn], PLAIN)


def test_nothing_that_a_terminal_obeys_is_in_any_text() -> None:
    harmful = Session("a", "n\x1b[31m", Path("/a"), AT, AT, 1, "Who\x9b?\u202e")
    turn = saved(asked="Who\x1b]0;x\x07?")

    shown = "".join([*found_text(Found(harmful, ("\x1bWhy?",)), PLAIN), transcript_text([turn], PLAIN)])

    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_sessions_in_json() -> None:
    turn = saved("failed", "nobody answers")

    assert sessions_json([FERRY]) == {"schema": "dateline.sessions/1", "sessions": [FERRY_JSON]}
    assert found_json([Found(FERRY, ("Who?",))]) == {
        "schema": "dateline.sessions/1",
        "sessions": [{**FERRY_JSON, "found": ["Who?"]}],
    }
    assert session_json(FERRY, [turn]) == {
        "schema": "dateline.session/1",
        **FERRY_JSON,
        "turns": [
            {
                "asked_utc": "2020-02-01T12:30:00+00:00",
                "state": "failed",
                "error": "nobody answers",
                "scope": {"since": None, "until": None, "as_of": None, "outlets": []},
                "answer": turn.record,
            }
        ],
    }
