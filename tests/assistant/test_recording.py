"""A turn is saved while it happens, and an answer never waits for, or fails with, what saves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.conversation import Answered, AnswerEvent, Delta, Planned, Searched, Turn
from assistant.errors import LLMFailed, LLMStopped, LLMUnreachable
from assistant.llm.stopping import STOPPED_EARLY
from assistant.planning import Scope
from assistant.recording import Recording
from assistant.saved_turns import opening_record
from assistant.session_file import sessions_path
from assistant.sessions import Sessions, open_sessions
from tests.assistant.turns import abstained, answered, planned

NEWS = Path("/archives/news")


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    sessions = open_sessions(sessions_path(tmp_path / "home"))
    yield sessions
    sessions.close()


def recording(sessions: Sessions, *, name: str | None = None, as_it_happens: bool = True) -> Recording:
    return Recording(sessions.path, NEWS, session=None, name=name, as_it_happens=as_it_happens)


def events(turn: Turn, understood: Planned | None = None) -> Iterator[AnswerEvent]:
    yield understood or planned()
    yield Searched((), ())
    for piece in ("All 212 were saved [1].", " They were glad."):
        yield Delta(piece, None)
    yield Answered(turn)


def states(sessions: Sessions) -> list[tuple[str, str]]:
    """Return how each turn of the only session stands, and what is kept of its answer."""
    return [(saved.state, saved.turn.answer.text) for session in sessions.all() for saved in sessions.turns(session)]


def test_the_events_pass_unchanged(sessions: Sessions) -> None:
    turn = answered(planned())

    passed = list(recording(sessions).save(events(turn), Scope(), "openai:m"))

    assert passed == list(events(turn))
    assert [saved.turn for saved in sessions.turns(sessions.all()[0])] == [turn]


def test_with_a_model_each_sentence_is_saved_before_it_is_shown(sessions: Sessions) -> None:
    seen = [
        (type(event).__name__, states(sessions))
        for event in recording(sessions).save(events(answered(planned())), Scope(), "openai:m")
    ]

    first, both = "All 212 were saved [1].", "All 212 were saved [1]. They were glad."
    assert seen == [
        ("Planned", [("unfinished", "")]),
        ("Searched", [("unfinished", "")]),
        ("Delta", [("unfinished", first)]),
        ("Delta", [("unfinished", both)]),
        ("Answered", [("unfinished", both)]),
    ]
    assert states(sessions) == [("finished", both)]


def test_without_a_model_all_is_saved_after_the_answer(sessions: Sessions) -> None:
    passing = recording(sessions, as_it_happens=False).save(events(abstained(planned())), Scope(), "extractive")
    for _ in range(5):
        next(passing)
    before = sessions.path.exists()

    assert next(passing, None) is None

    assert not before
    assert states(sessions) == [("abstained", "The archive does not say.")]


def test_one_recording_is_one_session(sessions: Sessions) -> None:
    recorded = recording(sessions, name="ferry")
    for question in ("Who sank?", "Who was saved?"):
        understood = planned(question)
        list(recorded.save(events(answered(understood), understood), Scope(), "openai:m"))

    assert recorded.session is not None
    assert [saved.turn.question for saved in sessions.turns(sessions.get("ferry"))] == ["Who sank?", "Who was saved?"]


def test_a_model_that_breaks_off_leaves_an_incomplete_turn(sessions: Sessions) -> None:
    def broken() -> Iterator[AnswerEvent]:
        yield from events(answered(planned(), complete=False))
        raise LLMFailed("the connection broke")

    with pytest.raises(LLMFailed):
        list(recording(sessions).save(broken(), Scope(), "openai:m"))

    assert states(sessions) == [("incomplete", "All 212 were saved [1]. They were glad.")]


@pytest.mark.parametrize("as_it_happens", [True, False])
def test_a_question_that_fails_is_not_lost(sessions: Sessions, *, as_it_happens: bool) -> None:
    def failing() -> Iterator[AnswerEvent]:
        yield planned()
        yield Searched((), ())
        raise LLMUnreachable("nobody answers")

    with pytest.raises(LLMUnreachable):
        list(recording(sessions, as_it_happens=as_it_happens).save(failing(), Scope(), "openai:m"))

    (saved,) = sessions.turns(sessions.all()[0])
    assert (saved.state, saved.error, saved.turn.question) == ("failed", "nobody answers", planned().question)


@pytest.mark.parametrize(("as_it_happens", "kept"), [(True, [("incomplete", "All 212 were saved [1].")]), (False, [])])
def test_an_answer_that_nobody_waits_for_any_more_is_kept_as_far_as_it_was_shown(
    sessions: Sessions, *, as_it_happens: bool, kept: list[tuple[str, str]]
) -> None:
    passing = recording(sessions, as_it_happens=as_it_happens).save(events(answered(planned())), Scope(), "openai:m")
    for _ in range(3):
        next(passing)
    passing.close()

    assert states(sessions) == kept


@pytest.mark.parametrize("as_it_happens", [True, False])
def test_an_answer_that_is_stopped_is_kept_as_far_as_it_goes(sessions: Sessions, *, as_it_happens: bool) -> None:
    turn = answered(planned(), complete=False)
    turn = replace(turn, answer=replace(turn.answer, warnings=(STOPPED_EARLY,)))

    def stopped() -> Iterator[AnswerEvent]:
        yield from events(turn)
        raise LLMStopped("stopped")

    with pytest.raises(LLMStopped):
        list(recording(sessions, as_it_happens=as_it_happens).save(stopped(), Scope(), "openai:m"))

    (saved,) = sessions.turns(sessions.all()[0])
    assert (saved.state, saved.error, saved.turn.answer) == ("incomplete", "stopped", turn.answer)


@pytest.mark.parametrize(("as_it_happens", "kept"), [(True, [("incomplete", "stopped")]), (False, [])])
def test_a_question_that_is_stopped_before_its_answer_is_kept_if_it_was_begun(
    sessions: Sessions, *, as_it_happens: bool, kept: list[tuple[str, str]]
) -> None:
    def stopped() -> Iterator[AnswerEvent]:
        yield planned()
        yield Searched((), ())
        raise LLMStopped("stopped")

    with pytest.raises(LLMStopped):
        list(recording(sessions, as_it_happens=as_it_happens).save(stopped(), Scope(), "openai:m"))

    turns = [saved for session in sessions.all() for saved in sessions.turns(session)]
    assert [(saved.state, saved.error) for saved in turns] == kept


def test_a_question_that_was_not_understood_is_not_saved(sessions: Sessions) -> None:
    def failing() -> Iterator[AnswerEvent]:
        raise LLMFailed("no question")
        yield

    with pytest.raises(LLMFailed):
        list(recording(sessions).save(failing(), Scope(), "openai:m"))

    assert not sessions.path.exists()


@pytest.mark.parametrize("as_it_happens", [True, False])
def test_a_disk_that_takes_nothing_costs_the_record_and_not_the_answer(
    sessions: Sessions, *, as_it_happens: bool
) -> None:
    sessions.path.parent.write_text("a file where the folder should be", encoding="utf-8")
    recorded = recording(sessions, as_it_happens=as_it_happens)
    turn = answered(planned())

    assert list(recorded.save(events(turn), Scope(), "openai:m")) == list(events(turn))
    assert "cannot open the sessions in " in str(recorded.trouble)


def test_a_disk_that_fills_up_meanwhile_costs_no_answer(sessions: Sessions) -> None:
    recorded = recording(sessions)
    long = [
        planned(),
        Searched((), ()),
        Delta("Yes.", None),
        Delta("No. " * 10_000, None),
        Answered(answered(planned())),
    ]
    passed: list[AnswerEvent] = []
    for event in recorded.save(iter(long), Scope(), "openai:m"):
        passed.append(event)
        if isinstance(event, Delta):
            recorded._sessions._open().execute("PRAGMA max_page_count = 1")

    assert passed == long
    assert states(sessions) == [("unfinished", "Yes.")]
    assert "disk is full" in str(recorded.trouble)


def test_a_turn_that_could_not_be_saved_is_saved_with_the_next_one(sessions: Sessions) -> None:
    folder = sessions.path.parent
    folder.write_text("a file where the folder should be", encoding="utf-8")
    recorded = recording(sessions)
    turn = answered(planned())
    list(recorded.save(events(turn), Scope(), "openai:m"))
    folder.unlink()

    other = planned("Who sank?")
    list(recorded.save(events(answered(other), other), Scope(), "openai:m"))

    assert recorded.trouble is None
    (session,) = sessions.all()
    assert [(saved.state, saved.turn) for saved in sessions.turns(session)] == [
        ("finished", turn),
        ("finished", answered(other)),
    ]


def test_the_end_of_a_turn_that_could_not_be_saved_is_saved_with_the_next_one(sessions: Sessions) -> None:
    recorded = recording(sessions)
    turn = answered(planned())
    for event in recorded.save(events(turn), Scope(), "openai:m"):
        if isinstance(event, Delta):
            recorded._sessions._open().execute("PRAGMA query_only = 1")
    assert states(sessions) == [("unfinished", "All 212 were saved [1].")]
    recorded.close()

    list(recorded.save(events(turn), Scope(), "openai:m"))

    assert [state for state, _ in states(sessions)] == ["finished", "finished"]


def test_a_question_that_is_not_understood_ends_no_trouble(sessions: Sessions) -> None:
    """What was said before it is still not saved."""

    def failing() -> Iterator[AnswerEvent]:
        yield from ()
        raise LLMFailed("no question")

    sessions.path.parent.write_text("a file where the folder should be", encoding="utf-8")
    recorded = recording(sessions)
    list(recorded.save(events(answered(planned())), Scope(), "openai:m"))

    with pytest.raises(LLMFailed):
        list(recorded.save(failing(), Scope(), "openai:m"))

    assert recorded.trouble is not None


# -- deleted by somebody else ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_it_happens", [True, False])
def test_a_session_that_is_deleted_between_two_turns_is_begun_anew(sessions: Sessions, *, as_it_happens: bool) -> None:
    recorded = recording(sessions, name="ferry", as_it_happens=as_it_happens)
    turn, other = answered(planned()), planned("Who sank?")
    scope = Scope(outlets=("The Post",))
    list(recorded.save(events(turn), scope, "openai:m"))
    before = sessions.turns(sessions.get("ferry"))
    sessions.delete(sessions.get("ferry"))

    list(recorded.save(events(answered(other), other), Scope(), "openai:m"))

    assert recorded.trouble is None
    assert recorded.notice == (
        "session 'ferry' was deleted meanwhile; it is begun anew with the 2 questions that are known here"
    )
    kept = sessions.turns(sessions.get("ferry"))
    assert [replace(saved, asked_utc=before[0].asked_utc) for saved in kept[:1]] == before
    assert [(saved.state, saved.turn) for saved in kept[1:]] == [("finished", answered(other))]


def test_a_session_that_is_deleted_while_it_is_answered_is_begun_anew(sessions: Sessions) -> None:
    recorded = recording(sessions)
    turn = answered(planned())
    seen: list[list[tuple[str, str]]] = []
    for event in recorded.save(events(turn), Scope(), "openai:m"):
        if isinstance(event, Delta):
            seen.append(states(sessions))
            sessions.delete(sessions.all()[0])

    assert seen == [
        [("unfinished", "All 212 were saved [1].")],
        [("unfinished", "All 212 were saved [1]. They were glad.")],
    ]
    assert recorded.trouble is None
    assert [saved.turn for saved in sessions.turns(sessions.all()[0])] == [turn]


def test_what_was_read_of_a_session_is_in_the_one_begun_anew(sessions: Sessions) -> None:
    """Of whatever end: one without an ending has what was shown of it."""

    def failing() -> Iterator[AnswerEvent]:
        yield planned("Who owned it?")
        raise LLMUnreachable("nobody answers", hint="start it")

    first = recording(sessions)
    list(first.save(events(answered(planned())), Scope(), "openai:m"))
    with pytest.raises(LLMUnreachable):
        list(first.save(failing(), Scope(), "openai:m"))
    assert first.session is not None
    key = sessions.begin(first.session, "Who sank?", Scope(), opening_record(planned("Who sank?"), "openai:m"))
    sessions.append(key, "The ferry ")
    session = first.session
    turns = sessions.turns(session)
    sessions.delete(session)

    again = Recording(sessions.path, NEWS, session=session, name=None, as_it_happens=True, turns=turns)
    list(again.save(events(answered(planned())), Scope(), "openai:m"))

    kept = sessions.turns(sessions.all()[0])
    assert [saved.state for saved in kept] == ["finished", "failed", "unfinished", "finished"]
    assert kept[1].error == "nobody answers; start it"
    assert [replace(saved, record={}) for saved in kept[:3]] == [replace(saved, record={}) for saved in turns]


def test_a_name_that_somebody_has_taken_since_is_left_to_them(sessions: Sessions) -> None:
    recorded = recording(sessions, name="ferry")
    list(recorded.save(events(answered(planned())), Scope(), "openai:m"))
    sessions.delete(sessions.get("ferry"))
    sessions.start(Path("/archives/other"), "ferry")

    list(recorded.save(events(answered(planned())), Scope(), "openai:m"))

    assert sessions.get("ferry").turns == 0
    assert recorded.session is not None
    assert (recorded.session.name, sessions.get(recorded.session.id).turns) == (None, 2)
