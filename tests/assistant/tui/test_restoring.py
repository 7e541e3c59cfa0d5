"""A conversation that is gone on with: what stood in it stands, and what went wrong in it is told as it was."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from assistant.planning import Scope
from assistant.saved_turns import SavedTurn
from assistant.sessions import Session, Sessions, open_sessions
from assistant.tui.app import Begun, ChatApp
from assistant.tui.header import Standing
from assistant.tui.sessions_view import SessionsView
from assistant.tui.turn_view import PlanLine
from tests.assistant.tui.driving import NOT_HELD, OTHER, QUESTION, MakeChat, ask, listed, running, send, text_of
from tests.assistant.tui.waiting import until
from tests.model_server import WAIT, Model

pytestmark = pytest.mark.anyio

KEPT_TO = Scope(since=date(2020, 1, 2), as_of=date(2020, 1, 9), outlets=("The Lantern Post",))


def saved_by(app: ChatApp) -> tuple[Session, tuple[SavedTurn, ...]]:
    """Return the last session of an app's file, as it is gone on with."""
    with closing(open_sessions(app.sessions_file)) as sessions:
        session = sessions.all()[0]
        return session, tuple(sessions.turns(session))


def told(app: ChatApp) -> str:
    return "\n".join(notification.message for notification in app._notifications)


async def asked_with(make: MakeChat, standing: Standing | None = None, model: str | None = None) -> ChatApp:
    """Ask a question while this stands, and leave."""
    app = make(model=model, begun=Begun(name="drones"))
    async with running(app) as pilot:
        if standing is not None:
            app.chat.change_standing(standing)
        await ask(pilot, QUESTION)
    return app


async def test_what_stood_when_the_chat_was_left_stands_again(chat_app: MakeChat) -> None:
    left = await asked_with(chat_app, Standing("extractive", 4, KEPT_TO))

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app):
        assert app.chat.standing == Standing("extractive", 4, KEPT_TO)
        assert "only published 2020-01-02 to 2020-01-09 of The Lantern Post" in app.chat.header.render().plain


async def test_what_stood_in_a_conversation_stands_when_it_is_gone_back_to(chat_app: MakeChat) -> None:
    await asked_with(chat_app, Standing("extractive", 4, KEPT_TO))
    app = chat_app()
    async with running(app) as pilot:
        app.chat.change_standing(Standing("extractive", 7, Scope(since=date(2019, 1, 1))))
        await send(pilot, "/sessions drone")
        await until(pilot, lambda: isinstance(app.screen, SessionsView))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and app.chat.header.session == "drones")

        assert app.chat.standing == Standing("extractive", 4, KEPT_TO)


async def test_what_the_command_line_keeps_to_goes_before(chat_app: MakeChat) -> None:
    left = await asked_with(chat_app, Standing("extractive", 4, KEPT_TO))
    given = Scope(until=date(2020, 1, 31))

    app = chat_app(begun=Begun(*saved_by(left)), scope=given)
    async with running(app):
        assert app.chat.standing == Standing("extractive", 4, given)


async def test_a_model_that_was_set_by_command_answers_again(chat_app: MakeChat, model: Model) -> None:
    model.pieces = ["The drone was an MQ-9 Reaper. [1]"]
    left = await asked_with(chat_app, Standing("openai:m", 10, Scope()))

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app):
        assert app.chat.standing.model == "openai:m"


async def test_a_model_that_cannot_answer_any_more_is_told(
    chat_app: MakeChat, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.pieces = ["The drone was an MQ-9 Reaper. [1]"]
    left = await asked_with(chat_app, Standing("openai:m", 10, Scope()))
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app) as pilot:
        assert app.chat.standing.model == "extractive"
        await until(pilot, lambda: "openai:m answered here, now extractive does: " in told(app))


async def test_a_model_of_the_settings_is_that_of_the_settings_now(chat_app: MakeChat, model: Model) -> None:
    model.pieces = ["The drone was an MQ-9 Reaper. [1]"]
    left = await asked_with(chat_app, model="openai:m")

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app):
        assert app.chat.standing.model == "extractive"


async def test_a_model_that_was_chosen_since_goes_before(chat_app: MakeChat, model: Model) -> None:
    model.pieces = ["The drone was an MQ-9 Reaper. [1]"]
    left = await asked_with(chat_app, Standing("extractive", 10, Scope()), model="openai:m")

    app = chat_app(begun=Begun(*saved_by(left)), model="openai:other")
    async with running(app):
        assert app.chat.standing.model == "openai:other"


async def test_a_session_of_an_older_version_is_gone_on_with(chat_app: MakeChat) -> None:
    left = await asked_with(chat_app, Standing("extractive", 10, Scope(outlets=("The Lantern Post",))))
    session, turns = saved_by(left)
    older = tuple(replace(saved, plan=None, stood=None) for saved in turns)

    app = chat_app(begun=Begun(session, older))
    async with running(app):
        assert app.chat.standing == Standing("extractive", 10, Scope(outlets=("The Lantern Post",)))
        plan = str(app.chat.transcript.views[0].query_one(PlanLine).content)
        assert "articles of The Lantern Post" in plan


# -- what went wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [QUESTION, f"{QUESTION[:-1]} in January 2020?"])
async def test_a_question_that_failed_has_its_plan_and_its_remedy(
    chat_app: MakeChat, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    left = chat_app(model="openai:m", scope=Scope(outlets=("The Lantern Post", "Meridian Wire")))
    async with running(left) as pilot:
        view = await ask(pilot, question)
        plan, trouble = view.record.plan, view.record.trouble
    assert "articles of The Lantern Post, Meridian Wire (set by hand)" in plan[0]
    assert "; " in trouble

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app):
        record = app.chat.transcript.records[0]
        assert (record.plan, record.trouble, record.stage) == (plan, trouble, "failed")


async def test_a_question_that_was_stopped_has_its_plan_and_says_so(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT]
    left = chat_app(model="openai:m", scope=Scope(since=date(2020, 1, 2)))
    async with running(left) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(left))
        await pilot.press("escape")
        await until(pilot, lambda: not left.chat.is_answering)
        before = left.chat.transcript.records[0]
    assert "set by hand" in before.plan[0]

    app = chat_app(begun=Begun(*saved_by(left)))
    async with running(app):
        record = app.chat.transcript.records[0]
        assert (record.plan, record.trouble) == (before.plan, before.trouble)


async def test_what_is_being_answered_is_in_the_session_that_is_read(chat_app: MakeChat, model: Model) -> None:
    """It was read before the answer was stopped, and came back as cut short."""
    model.pieces = [WAIT]
    app = chat_app(model="openai:m", begun=Begun(name="drones"))
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(app))
        assert app.asker.session is not None
        from assistant.tui.obeying import resume

        await resume(app, app.asker.session)

        (record,) = app.chat.transcript.records
        assert record.trouble.startswith("stopped before a word was written")


# -- what is not saved -------------------------------------------------------------------------------------------------


async def test_that_nothing_is_saved_stands_in_the_header_while_it_holds(chat_app: MakeChat) -> None:
    app = chat_app()
    folder = app.sessions_file.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way", encoding="utf-8")
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        assert "not saved: " in app.chat.header.render().plain
        await ask(pilot, OTHER)
        assert "not saved: " in app.chat.header.render().plain
        await until(pilot, lambda: "what is said here is not saved: cannot open the sessions in" in told(app))
        assert told(app).count("what is said here is not saved") == 1

        folder.unlink()
        await ask(pilot, NOT_HELD)

        assert "not saved" not in app.chat.header.render().plain
    _, turns = saved_by(app)
    assert [saved.turn.question for saved in turns] == [QUESTION, OTHER, NOT_HELD]


async def test_a_conversation_that_another_program_deletes_is_begun_anew(chat_app: MakeChat) -> None:
    app = chat_app(begun=Begun(name="drones"))
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        with closing(open_sessions(app.sessions_file)) as sessions:
            sessions.delete(sessions.get("drones"))

        await ask(pilot, OTHER)
        await ask(pilot, NOT_HELD)

        begun_anew = "session 'drones' was deleted meanwhile; it is begun anew with the 2 questions"
        await until(pilot, lambda: begun_anew in told(app))
        assert told(app).count(begun_anew) == 1
        assert "not saved" not in told(app)
        assert app.chat.header.session == "drones"
    _, turns = saved_by(app)
    assert [saved.turn.question for saved in turns] == [QUESTION, OTHER, NOT_HELD]


async def test_a_conversation_that_is_deleted_while_it_is_answered_is_begun_anew(
    chat_app: MakeChat, model: Model
) -> None:
    model.pieces = [WAIT, "The drone was an MQ-9 Reaper. [1] ", "It flew. [1]"]
    app = chat_app(model="openai:m")

    def delete(sessions: Sessions) -> None:
        with closing(sessions):
            sessions.delete(sessions.all()[0])

    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(app))
        delete(open_sessions(app.sessions_file))
        model.go_on.set()
        await until(pilot, lambda: not app.chat.is_answering)

        await until(pilot, lambda: "is begun anew with this question" in told(app))
        assert "MQ-9 Reaper" in text_of(app.chat.transcript.views[0])
        assert "FOREIGN KEY" not in told(app)
    _, (turn,) = saved_by(app)
    assert turn.state == "finished"
