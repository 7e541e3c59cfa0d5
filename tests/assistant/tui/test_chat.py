"""The chat as a person uses it: ask, watch, stop, correct, go through the citations, leave and come back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList, Static

from assistant.sessions import open_sessions
from assistant.tui.answer_view import AnswerView
from assistant.tui.app import Begun
from assistant.tui.archive_view import ArchiveView
from assistant.tui.help_view import HelpView
from assistant.tui.plan_editor import PlanEditor
from assistant.tui.question_box import QuestionBox
from assistant.tui.reader import ArticleReader
from assistant.tui.turn_view import PlanLine
from tests.assistant.tui.driving import (
    CITED,
    DATED,
    NOT_HELD,
    OTHER,
    QUESTION,
    MakeChat,
    ask,
    listed,
    running,
    send,
    text_of,
)
from tests.assistant.tui.waiting import until
from tests.model_server import WAIT, Model

pytestmark = pytest.mark.anyio


async def test_an_answer_comes_with_its_sources_in_their_order(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, QUESTION)

        assert view.record.turn is not None
        citations = view.record.turn.answer.citations
        assert [line.split()[0] for line in listed(app)][: len(citations)] == [
            f"[{citation.number}]" for citation in citations
        ]
        assert "MQ-9 Reaper" in text_of(view)
        assert all("quoted" in line for line in listed(app)[: len(citations)])
        assert listed(app)[-1].startswith("· ")
        assert any(line == "Found as well, not cited" for line in listed(app))


async def test_the_first_screen_says_what_there_is_and_asks_what_it_offers(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await until(pilot, lambda: app.chat.welcome.questions)
        assert "22 articles" in str(app.chat.welcome.query_one(".holds", Static).content)
        first = app.chat.welcome.questions[0]

        view = await ask(pilot, "1")

        assert view.record.asked == first
        assert view.record.turn is not None
        assert view.record.turn.answer.answered
        assert not app.chat.welcome.display


async def test_sources_are_there_before_the_first_word(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT, CITED, " [1]"]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(app))
        view = app.chat.transcript.views[0]

        assert view.record.stage == "reading"
        assert QUESTION in text_of(view)
        assert "Esc stops" in text_of(view)

        model.go_on.set()
        await until(pilot, lambda: not app.chat.is_answering)
        assert CITED in text_of(view)


async def test_escape_stops_and_keeps_what_was_written(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [CITED, " [1] It was flown", " from far", " away. [1] And so", WAIT, " on."]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: app.chat.transcript.views and app.chat.transcript.views[0].record.stage == "writing")
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.is_answering)
        view = app.chat.transcript.views[0]

        assert CITED in text_of(view)
        assert "stopped" in text_of(view)
        assert view.record.turn is not None
        assert not view.record.turn.answer.complete


async def test_escape_before_the_first_word_loses_no_question(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT, CITED]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.is_answering)

        assert "stopped before a word was written" in text_of(app.chat.transcript.views[0])
        await pilot.press("up")
        assert app.chat.box.text == QUESTION


async def test_a_second_question_waits_for_the_first(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT, CITED, " [1]"]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: listed(app))
        await send(pilot, OTHER)
        await until(pilot, lambda: len(app.chat.transcript.views) == 2)
        await until(pilot, lambda: "waits for the answer before it" in text_of(app.chat.transcript.views[1]))

        model.go_on.set()
        await until(pilot, lambda: not app.chat.is_answering)
        assert [view.record.is_over for view in app.chat.transcript.views] == [True, True]
        assert CITED in text_of(app.chat.transcript.views[0])


async def test_a_server_that_is_not_there_is_a_line_with_the_remedy(
    chat_app: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-value")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: app.chat.transcript.views and app.chat.transcript.views[0].record.is_over)
        shown = text_of(app.chat.transcript.views[0])

        assert "✗ no connection to http://127.0.0.1:9/v1" in shown
        assert "; " in shown
        assert "sk-secret-value" not in shown
        assert listed(app)  # what was found is there all the same
        await pilot.press("up")
        assert app.chat.box.text == QUESTION


async def test_what_no_source_bears_out_is_marked(chat_app: MakeChat, model: Model) -> None:
    model.pieces = ["The drone was an MQ-9 Reaper. [1] ", "It cost 900 million euros and was built in Norway. [1]"]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        view = await ask(pilot, QUESTION)

        assert "(?)" in text_of(view)
        assert "not supported by a source (?)" in text_of(view)


async def test_the_days_of_a_question_are_shown_and_can_be_changed(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, DATED)
        assert "2020-01-01 to 2020-01-31 (from" in str(view.query_one(PlanLine).content)

        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, PlanEditor))
        app.screen.query_one("#plan-since", Input).value = "2020-01-05"
        app.screen.query_one("#plan-until", Input).value = "2020-01"
        await pilot.press("enter")
        await until(pilot, lambda: len(app.chat.transcript.views) == 2 and not app.chat.is_answering)

        changed = app.chat.transcript.views[1]
        assert "2020-01-05 to 2020-01-31" in str(changed.query_one(PlanLine).content)


async def test_days_that_are_taken_out_are_not_kept_to(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, DATED)
        await pilot.click(view.query_one(PlanLine))
        await until(pilot, lambda: isinstance(app.screen, PlanEditor))
        app.screen.query_one("#plan-since", Input).value = ""
        app.screen.query_one("#plan-until", Input).value = ""
        await pilot.press("enter")
        await until(pilot, lambda: len(app.chat.transcript.views) == 2 and not app.chat.is_answering)

        plan = str(app.chat.transcript.views[1].query_one(PlanLine).content)
        assert plan == "↳ searching articles of The Lantern Post (set by hand) · change"


async def test_an_outlet_that_stays_when_the_question_is_changed_is_shown(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, DATED)
        assert view.record.planned is not None
        assert view.record.planned.filter.outlets == ("The Lantern Post",)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, PlanEditor))
        app.screen.query_one("#plan-question", Input).value = OTHER
        await pilot.press("enter")
        await until(pilot, lambda: len(app.chat.transcript.views) == 2 and not app.chat.is_answering)

        changed = app.chat.transcript.views[1]
        assert changed.record.planned is not None
        assert changed.record.planned.filter.outlets == ("The Lantern Post",)
        told = str(changed.query_one(PlanLine).content)
        assert "searching articles of The Lantern Post (set by hand)" in told


async def test_a_day_that_is_none_is_told_in_the_field_of_the_plan(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, PlanEditor))
        app.screen.query_one("#plan-since", Input).value = "the day before"
        await pilot.press("enter")
        await pilot.pause()

        assert isinstance(app.screen, PlanEditor)
        assert "the day before" in str(app.screen.query_one("#plan-trouble", Static).content)
        await pilot.press("escape")
        assert len(app.chat.transcript.views) == 1


async def test_keys_go_through_the_citations_of_all_answers(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        first = await ask(pilot, QUESTION)
        second = await ask(pilot, OTHER)
        assert app.chat.current is second
        cited = sum(place.is_cited for place in second.places)

        for _ in range(cited):
            await pilot.press("ctrl+down")
        assert app.chat.current is first
        assert app.chat.panel.index == 0

        await pilot.press("ctrl+up")
        assert app.chat.current is second
        assert app.chat.panel.index == cited - 1


async def test_a_click_on_a_citation_moves_the_panel(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, OTHER)
        last = max(place.citation.number for place in view.places)

        view.query_one(AnswerView).post_message(AnswerView.Followed(last))
        await pilot.pause()

        assert app.chat.panel.index == last - 1


@pytest.mark.parametrize("way", ["click", "key"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_enter_opens_the_article_at_the_citation_that_was_gone_to(
    chat_app: MakeChat, way: str, size: tuple[int, int]
) -> None:
    app = chat_app()
    async with running(app, size) as pilot:
        view = await ask(pilot, QUESTION)
        if way == "click":
            view.query_one(AnswerView).post_message(AnswerView.Followed(2))
        else:
            await pilot.press("ctrl+down", "ctrl+down")
        await until(pilot, lambda: app.chat.panel.has_focus_within)
        at = app.chat.panel.index
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader))

        reader = app.screen
        assert isinstance(reader, ArticleReader)
        assert (reader._at, reader._citation) == (at, view.places[at or 0].citation)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        await pilot.press("W")
        assert (app.chat.box.text, app.focused) == ("W", app.chat.box)


async def test_what_is_pasted_goes_into_the_box_too(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        app.chat.panel.query_one(OptionList).focus()
        app.post_message(Paste("Who wrote it?"))
        await until(pilot, lambda: app.chat.box.text == "Who wrote it?")

        assert app.focused is app.chat.box


async def test_the_key_that_hides_the_sources_leaves_them(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        app.chat.panel.query_one(OptionList).focus()
        await pilot.press("ctrl+g")

        assert app.focused is app.chat.box


@pytest.mark.parametrize(("place", "heading"), [("reader", "In an article"), ("archive", "In the archive")])
async def test_help_from_another_screen_begins_with_what_can_be_done_there(
    chat_app: MakeChat, place: str, heading: str
) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("ctrl+o" if place == "reader" else "ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader | ArchiveView))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpView) and app.screen.query(Static))
        await until(pilot, lambda: str(app.screen.query(Static).first().content).startswith(heading))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader | ArchiveView))


async def test_enter_in_the_panel_opens_the_article_at_the_place(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        app.chat.panel.query_one(OptionList).focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ArticleReader))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_what_is_typed_goes_into_the_box_wherever_one_looks(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, QUESTION)
        for elsewhere in (view.query_one(PlanLine), app.chat.panel.query_one(OptionList)):
            app.chat.box.clear()
            elsewhere.focus()
            await pilot.press("W", "h", "o", "question_mark")

            assert (app.chat.box.text, app.focused) == ("Who?", app.chat.box)


async def test_a_narrow_window_shows_the_sources_at_a_key(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app, (80, 24)) as pilot:
        await ask(pilot, QUESTION)
        assert not app.chat.panel.display

        await pilot.press("ctrl+g")
        assert app.chat.panel.display
        assert app.chat.panel.region.width == 80

        await pilot.press("ctrl+g")
        assert not app.chat.panel.display


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_where_the_sources_are_hidden_a_line_says_how_to_see_them(
    chat_app: MakeChat, home: Path, size: tuple[int, int]
) -> None:
    folder = home / "config" / "dateline"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[keys]\nsources = "f6"\n', encoding="utf-8")
    app = chat_app()
    async with running(app, size) as pilot:
        view = await ask(pilot, QUESTION)
        hint = view.query_one(".hint", Static)
        cited = sum(place.is_cited for place in view.places)
        assert str(hint.content) == ("F6 shows the source" if cited == 1 else f"F6 shows the {cited} sources")
        assert bool(hint.display) == (size[0] == 80)

        await pilot.press("f6")
        assert bool(hint.display) == (size[0] == 120)

        await ask(pilot, NOT_HELD)
        assert not hint.display  # below the last answer alone
        last = app.chat.transcript.views[-1].query_one(".hint", Static)
        assert str(last.content) == "F6 shows the nearest passages"


async def test_a_long_question_is_indented_as_a_whole(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app, (80, 24)) as pilot:
        view = await ask(pilot, f"{QUESTION} And {OTHER}")
        asked = view.query(".asked Static").last()

        assert asked.region.height > 1
        assert asked.region.x == view.query_one(PlanLine).region.x + 2


async def test_the_model_that_is_waited_for_is_named(chat_app: MakeChat, model: Model) -> None:
    app = chat_app(model="openai:m")
    model.pieces = [CITED, " [1]"]
    async with running(app) as pilot:
        await ask(pilot, "Who was appointed to lead the Quds Force?")
        model.pieces = [WAIT, CITED, " [1]"]
        model.is_asked.clear()
        await send(pilot, "When was he appointed?")
        await until(pilot, lambda: len(app.chat.transcript.views) == 2)
        view = app.chat.transcript.views[1]
        await until(pilot, lambda: "understanding the question with openai:m" in text_of(view))
        await until(pilot, model.is_asked.is_set)
        assert "understanding the question with openai:m" in text_of(view)

        model.go_on.set()
        await until(pilot, lambda: not app.chat.is_answering)


async def test_what_is_typed_before_the_conversation_is_known_belongs_to_it(chat_app: MakeChat) -> None:
    first = chat_app(begun=Begun(name="drones"))
    async with running(first) as pilot:
        await ask(pilot, QUESTION)
    with closing(open_sessions(first.sessions_file)) as sessions:
        session = sessions.get("drones")
        turns = tuple(sessions.turns(session))
    app = chat_app(begun=Begun(session, turns))
    async with app.run_test(size=(120, 40)) as pilot:
        app.chat.take(QuestionBox.Sent(OTHER))
        app.chat.take(QuestionBox.Sent("/k 3"))
        await until(pilot, lambda: len(app.chat.transcript.records) == 2 and app.chat.transcript.records[1].is_over)

        assert [record.asked for record in app.chat.transcript.records] == [QUESTION, OTHER]
        assert app.asker.session is not None
        assert app.asker.session.id == session.id
    with closing(open_sessions(first.sessions_file)) as sessions:
        assert sessions.get("drones").turns == 2


async def test_two_questions_at_once_are_answered_one_after_the_other(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT, CITED, " [1]"]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        app.chat.take(QuestionBox.Sent(QUESTION))
        app.chat.take(QuestionBox.Sent(OTHER))
        await until(pilot, lambda: len(app.chat.transcript.views) == 2)
        await until(pilot, model.is_asked.is_set)
        assert [record.stage for record in app.chat.transcript.records] == ["reading", "waiting"]

        model.go_on.set()
        await until(pilot, lambda: not app.chat.is_answering)
        assert all(record.is_over for record in app.chat.transcript.records)


async def test_an_answer_that_was_never_ended_is_not_blamed_on_the_model(chat_app: MakeChat) -> None:
    app = chat_app(begun=Begun(name="killed"))
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
    with closing(open_sessions(app.sessions_file)) as sessions:
        session = sessions.get("killed")
        with sessions.writing() as db:
            db.execute("DELETE FROM endings")
        turns = tuple(sessions.turns(session))
    assert [turn.state for turn in turns] == ["unfinished"]

    again = chat_app(begun=Begun(session, turns))
    async with running(again):
        shown = text_of(again.chat.transcript.views[0])
        assert "cut short: the program was ended before the answer was whole" in shown
        assert "model" not in shown


async def test_a_wide_window_hides_the_sources_at_the_same_key(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        assert app.chat.panel.display

        await pilot.press("ctrl+g")
        assert not app.chat.panel.display


async def test_what_the_archive_does_not_hold_is_told_with_what_it_holds(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, NOT_HELD)

        assert "The archive does not say." in text_of(view)
        assert "As far as the archive goes: it holds 22 articles" in text_of(view)
        assert listed(app)[0].startswith("· ")
        assert "Nearest evidence" in str(app.chat.panel.query_one("#sources-title", Static).content)


async def test_a_follow_up_leans_on_the_turn_before(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, "Who was appointed to lead the Quds Force?")
        view = await ask(pilot, "When was he appointed?")

        assert "understood as: " in str(view.query_one(PlanLine).content)


async def test_a_question_that_was_stopped_can_be_followed_up(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [WAIT, CITED]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, "Who was appointed to lead the Quds Force?")
        await until(pilot, lambda: listed(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.chat.is_answering)
        model.go_on.set()
        await send(pilot, "/model extractive")
        view = await ask(pilot, "When was he appointed?")

        assert "understood as: " in str(view.query_one(PlanLine).content)


async def test_what_is_said_is_saved_and_resumed(chat_app: MakeChat) -> None:
    app = chat_app(begun=Begun(name="drones"))
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        await ask(pilot, NOT_HELD)

    with closing(open_sessions(app.sessions_file)) as sessions:
        session = sessions.get("drones")
        turns = tuple(sessions.turns(session))
    assert [turn.state for turn in turns] == ["finished", "abstained"]

    again = chat_app(begun=Begun(session, turns))
    async with running(again):
        views = again.chat.transcript.views
        assert [view.record.asked for view in views] == [QUESTION, NOT_HELD]
        assert "MQ-9 Reaper" in text_of(views[0])
        assert not again.chat.welcome.display


async def test_leaving_in_the_middle_keeps_what_was_written(chat_app: MakeChat, model: Model) -> None:
    model.pieces = [CITED, " [1] It was flown", " from far", " away. [1] And so", WAIT, " on."]
    app = chat_app(model="openai:m", begun=Begun(name="left"))
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, lambda: app.chat.transcript.views and app.chat.transcript.views[0].record.stage == "writing")
        await pilot.press("ctrl+q")
    app.close_threads()

    with closing(open_sessions(app.sessions_file)) as sessions:
        (turn,) = sessions.turns(sessions.get("left"))
    assert turn.state == "incomplete"
    assert turn.turn.answer.text.startswith(CITED)


async def test_a_missing_archive_says_how_to_make_one(chat_app: MakeChat, tmp_path: Path) -> None:
    app = chat_app(tmp_path / "nowhere")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.chat.header.state == "no archive yet")

        assert "/add" in str(app.chat.welcome.query_one(".holds", Static).content)
        view = await ask(pilot, QUESTION)
        assert "there is no archive" in text_of(view)


async def test_a_long_session_shows_its_end_and_more_at_a_key(chat_app: MakeChat) -> None:
    app = chat_app(begun=Begun(name="long"))
    async with running(app) as pilot:
        for number in range(30):
            await ask(pilot, f"Who confirmed it, number {number}?")
        shown = len(app.chat.transcript.views)
        assert shown < 30
        assert f"{30 - shown} earlier questions" in str(app.chat.transcript.query("_Earlier").first(Static).content)

        while app.chat.transcript.scroll_y > 0:
            await pilot.press("pageup")
            await pilot.wait_for_animation()
        await pilot.press("pageup")
        await until(pilot, lambda: len(app.chat.transcript.views) > shown)
        assert [view.record.asked for view in app.chat.transcript.views][-1] == "Who confirmed it, number 29?"
