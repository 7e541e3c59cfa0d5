"""The chat's commands: what holds from then on, what opens, what is written, and what is told of a wrong one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from assistant.planning import Scope
from assistant.sessions import open_sessions
from assistant.tui.adding import AddingLine
from assistant.tui.app import Begun, ChatApp
from assistant.tui.archive_view import ArchiveView
from assistant.tui.commands import COMMANDS
from assistant.tui.help_view import HelpView
from assistant.tui.sessions_view import SessionsView
from assistant.tui.theme_file import read_theme, write_theme
from assistant.tui.transcript import Note
from assistant.tui.turn_view import PlanLine
from tests.assistant.tui.driving import NOT_HELD, OTHER, QUESTION, MakeChat, ask, running, send, text_of
from tests.assistant.tui.waiting import until
from tests.command_line import child_environment, dateline_command
from tests.model_server import WAIT, Model

pytestmark = pytest.mark.anyio


async def obeyed(pilot: Pilot[Any], app: ChatApp, command: str) -> None:
    """Type a command and wait until it changed what stands."""
    before = app.chat.standing
    await send(pilot, command)
    await until(pilot, lambda: app.chat.standing is not before)


def told(app: ChatApp) -> str:
    """Return what the chat has told beside the conversation."""
    return "\n".join(notification.message for notification in app._notifications)


async def filled(pilot: Pilot[Any], app: ChatApp, of: Widget) -> str:
    """Wait until the archive was filled and opened again, and return what is told of that."""
    await until(pilot, lambda: of.query(Note) and not any(worker.group == "filling" for worker in app.workers))
    return str(of.query_one(Note).content)


def set_config(home: Path, text: str) -> None:
    folder = home / "config" / "dateline"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "scope"),
    [
        ("/since 2020-01-05", Scope(since=date(2020, 1, 5))),
        ("/until 2020-01", Scope(until=date(2020, 1, 31))),
        ("/as-of 2020-01-03", Scope(as_of=date(2020, 1, 3))),
        ("/outlet the lantern post", Scope(outlets=("The Lantern Post",))),
        ("/outlet Lantern Post, Meridian Wire", Scope(outlets=("The Lantern Post", "Meridian Wire"))),
        ("/about soleimani", Scope(about=("Qasem Soleimani",))),
    ],
)
async def test_what_is_kept_to_holds_for_the_questions_to_come(chat_app: MakeChat, command: str, scope: Scope) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await obeyed(pilot, app, command)
        assert app.chat.standing.scope == scope
        assert "only " in app.chat.header.render().plain

        view = await ask(pilot, QUESTION)
        assert view.record.scope == scope

        await obeyed(pilot, app, "/everything")
        assert app.chat.standing.scope == Scope()


async def test_without_an_argument_a_day_is_not_kept_to_any_more(chat_app: MakeChat) -> None:
    app = chat_app(scope=Scope(since=date(2020, 1, 5), outlets=("Meridian Wire",)))
    async with running(app) as pilot:
        await obeyed(pilot, app, "/since")

        assert app.chat.standing.scope == Scope(outlets=("Meridian Wire",))


async def test_days_that_are_kept_to_are_searched_and_shown(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await obeyed(pilot, app, "/until 2020-01-02")
        view = await ask(pilot, QUESTION)

        assert "2020-01-02 or earlier" in str(view.query_one(PlanLine).content)
        assert all(str(place.citation.hit.passage.article.published) < "2020-01-03" for place in view.places)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/sinse 2020", "did you mean /since?"),
        ("/since never", "'never'"),
        ("/outlet The Moon Gazette", "the archive has no outlet 'The Moon Gazette'"),
        ("/about Soleymanni", "no article names 'Soleymanni'"),
        ("/k 0", "k must be a whole number from 1 to"),
        ("/model gpt", "unknown model 'gpt'"),
        ("/model openai:m", "OPENAI_API_KEY"),
        ("/export notes.txt", ".md or .json"),
        ("/export", "there is nothing to export yet"),
        ("/add", "/add needs to be told what"),
    ],
)
async def test_a_command_that_cannot_be_obeyed_says_why_and_can_be_corrected(
    chat_app: MakeChat, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    app = chat_app()
    async with running(app) as pilot:
        await send(pilot, command)
        await until(pilot, lambda: said in told(app))

        await until(pilot, lambda: app.chat.box.text == command)
        assert app.chat.box.selected_text == command
        assert app.chat.standing.scope == Scope()
        assert "--" not in told(app)


async def test_days_that_contradict_each_other_are_refused(chat_app: MakeChat) -> None:
    app = chat_app(scope=Scope(until=date(2020, 1, 1)))
    async with running(app) as pilot:
        await send(pilot, "/since 2020-01-05")
        await until(pilot, lambda: "the window is empty" in told(app))
        assert "swap /since and /until" in told(app)

        assert app.chat.standing.scope == Scope(until=date(2020, 1, 1))


async def test_a_question_may_begin_with_a_stroke(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        view = await ask(pilot, "//etc was mentioned by whom?")

        assert view.record.asked == "/etc was mentioned by whom?"


async def test_another_model_answers_and_so_many_passages_are_read(
    chat_app: MakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    app = chat_app()
    async with running(app) as pilot:
        await obeyed(pilot, app, "/model openai:m")
        await obeyed(pilot, app, "/k 3")
        assert (app.chat.standing.model, app.chat.standing.k) == ("openai:m", 3)
        assert "openai:m" in app.chat.header.render().plain

        view = await ask(pilot, QUESTION)
        assert "no connection" in text_of(view)
        assert len(view.record.hits) == 3

        await obeyed(pilot, app, "/model extractive")
        assert app.chat.standing.model == "extractive"


async def test_a_new_conversation_knows_nothing_of_the_last(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, "Who was appointed to lead the Quds Force?")
        first = app.asker.session
        await send(pilot, "/new other")
        await until(pilot, lambda: app.chat.welcome.display)
        assert app.chat.header.session == "other"

        view = await ask(pilot, "When was he appointed?")
        assert "understood as" not in str(view.query_one(PlanLine).content)
        assert app.asker.session is not None
        assert first is not None
        assert (app.asker.session.name, app.asker.session.id != first.id) == ("other", True)


@pytest.mark.parametrize("asked_first", [True, False])
async def test_a_conversation_is_given_a_name(chat_app: MakeChat, *, asked_first: bool) -> None:
    app = chat_app()
    async with running(app) as pilot:
        if asked_first:
            await ask(pilot, QUESTION)
        await send(pilot, "/rename drones")
        await until(pilot, lambda: app.chat.header.session == "drones")
        await ask(pilot, OTHER)

        assert app.asker.session is not None
        assert app.asker.session.name == "drones"
        assert len(app.chat.transcript.records) == 1 + asked_first


@pytest.mark.parametrize("asked_first", [True, False])
@pytest.mark.parametrize("command", ["/rename drones", "/new drones"])
async def test_a_name_that_is_taken_is_told(chat_app: MakeChat, command: str, *, asked_first: bool) -> None:
    """What is asked next would be saved to that conversation, which may be one with another archive."""
    app = chat_app()
    with closing(open_sessions(app.sessions_file)) as sessions:
        sessions.start(Path("/elsewhere/archive"), "drones")
    async with running(app) as pilot:
        if asked_first:
            await ask(pilot, OTHER)
        await send(pilot, command)
        await until(pilot, lambda: "there is a session 'drones' already" in told(app))

        view = await ask(pilot, QUESTION)
        assert app.chat.transcript.records[-1] is view.record
        assert len(app.chat.transcript.records) == 1 + asked_first
    with closing(open_sessions(app.sessions_file)) as sessions:
        assert sessions.get("drones").turns == 0


@pytest.mark.parametrize("command", ["/rename drones", "/new drones", "/export talk.md"])
async def test_a_chat_that_is_not_saved_says_so(chat_app: MakeChat, command: str) -> None:
    app = chat_app(saves=False)
    async with running(app) as pilot:
        await ask(pilot, "Who was appointed to lead the Quds Force?")
        await send(pilot, command)
        await until(pilot, lambda: "nothing of this chat is saved" in told(app))

        view = await ask(pilot, "When was he appointed?")
        assert "understood as" in str(view.query_one(PlanLine).content)
        assert app.chat.header.session == ""


async def test_what_is_typed_while_a_command_fails_stays(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        app.chat.box.put("Who wrote")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "there is nothing to export yet" in told(app))

        assert app.chat.box.text == "Who wrote"


async def test_a_folder_that_is_gone_is_told(
    chat_app: MakeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        (tmp_path / "gone").rmdir()
        await send(pilot, "/export talk.md")
        await until(pilot, lambda: "No such file or directory" in told(app))
    os.chdir(tmp_path)


async def test_a_question_while_another_conversation_is_begun_belongs_to_that(chat_app: MakeChat, model: Model) -> None:
    """It was put among the answers of the one that was left, and ended the chat when that was taken away."""
    model.pieces = ["The drone", WAIT]
    app = chat_app(model="openai:m")
    async with running(app) as pilot:
        await send(pilot, QUESTION)
        await until(pilot, model.is_asked.is_set)
        await send(pilot, OTHER)

        begun = asyncio.create_task(app.chat.show_turns(()))
        await asyncio.sleep(0)
        model.pieces = []
        await app.chat.ask(NOT_HELD)
        await begun
        await until(pilot, lambda: not app.chat.is_answering)

        assert [record.asked for record in app.chat.transcript.records] == [NOT_HELD]
        assert [view.record for view in app.chat.transcript.views] == app.chat.transcript.records


@pytest.mark.parametrize("name", ["talk.md", "talk.json"])
async def test_a_conversation_is_exported(
    chat_app: MakeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        await ask(pilot, NOT_HELD)
        await send(pilot, f"/export {name}")
        await until(pilot, (tmp_path / name).exists)
        await until(pilot, lambda: f"written to {tmp_path / name}" in told(app))

        await send(pilot, f"/export {name}")
        await until(pilot, lambda: "exists" in told(app) or "already" in told(app))

    written = (tmp_path / name).read_text(encoding="utf-8")
    assert "MQ-9 Reaper" in written
    if name.endswith(".json"):
        assert [turn["answer"]["question"] for turn in json.loads(written)["turns"]] == [QUESTION, NOT_HELD]
    else:
        assert written.startswith("---\n")
        assert f"\n## 1. {QUESTION}" in written


async def test_the_sources_are_shown_and_hidden(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await send(pilot, "/sources")
        await until(pilot, lambda: not app.chat.panel.display)
        await send(pilot, "/sources")
        await until(pilot, lambda: app.chat.panel.display)


@pytest.mark.parametrize("way", ["command", "key"])
async def test_help_opens_and_closes(chat_app: MakeChat, way: str) -> None:
    app = chat_app()
    async with running(app) as pilot:
        if way == "command":
            await send(pilot, "/help")
        else:
            await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpView))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_quit_leaves(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await send(pilot, "/quit")
        await until(pilot, lambda: app.return_code == 0 and not app.is_running)


async def test_commands_outlets_and_models_are_completed(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app):
        labels = [completion.label for completion in app._complete("/outlet lan")]
        years = [completion.text for completion in app._complete("/since 20")]

        assert labels == ["The Lantern Post"]
        assert years[:2] == ["/since 2020", "/since 2019"]
        assert [completion.text for completion in app._complete("/model ext")] == ["/model extractive"]


async def test_other_keys_and_a_theme_come_from_the_settings(chat_app: MakeChat, home: Path) -> None:
    set_config(home, 'theme = "textual-light"\n[keys]\nhelp = "f9"\n')
    app = chat_app()
    async with running(app) as pilot:
        assert app.theme == "textual-light"
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, HelpView))


async def test_every_action_is_in_the_palette(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app):
        titles = {command.title for command in app.get_system_commands(app.chat)}

        assert {"Read", "Sources", "Change", "Archive", "Sessions", "New", "Export", "Help", "Theme"} <= titles
        assert not {"Maximize", "Screenshot"} & titles


async def test_every_command_is_in_the_palette(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        offered = {command.title: command for command in app.get_system_commands(app.chat)}
        assert {title for title in offered if "/" in title} == {
            f"/{command.name} …" if command.argument else f"/{command.name}" for command in COMMANDS
        }

        offered["/since …"].callback()
        await until(pilot, lambda: app.chat.box.text == "/since ")
        offered["/sources"].callback()
        await until(pilot, lambda: not app.chat.panel.display)


async def test_an_earlier_conversation_is_found_and_gone_on_with(chat_app: MakeChat) -> None:
    first = chat_app(begun=Begun(name="drones"))
    async with running(first) as pilot:
        await ask(pilot, QUESTION)
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, OTHER)
        await send(pilot, "/sessions reaper")
        await until(pilot, lambda: isinstance(app.screen, SessionsView))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.chat and app.chat.header.session == "drones")

        assert [view.record.asked for view in app.chat.transcript.views] == [QUESTION]
        await pilot.press("up")
        assert app.chat.box.text == QUESTION
        await ask(pilot, OTHER)
        assert app.asker.session is not None
        assert (app.asker.session.name, len(app.chat.transcript.records)) == ("drones", 2)


async def test_a_conversation_that_is_deleted_is_saved_anew(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        deleted = app.asker.session
        assert deleted is not None
        with closing(open_sessions(app.sessions_file)) as sessions:
            sessions.delete(deleted)
        app.post_message(SessionsView.Deleted(deleted))
        await until(pilot, lambda: app.asker.session is None)

        await ask(pilot, OTHER)
        assert app.asker.session is not None
        assert told(app) == ""


async def test_articles_are_added_while_the_chat_goes_on(chat_app: MakeChat, tmp_path: Path) -> None:
    (tmp_path / "dam.txt").write_text(
        "Cracks found in the Hollin dam\n\nThursday, March 5, 2015\n\nTARROW (AP) — Wardens found three cracks in the "
        "Hollin dam on Tuesday. The dam was built in 1931 from local granite.\n",
        encoding="utf-8",
    )
    app = chat_app(tmp_path / "archive")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.chat.header.state == "no archive yet")
        await send(pilot, f"/add {tmp_path / 'dam.txt'} {tmp_path / 'missing.txt'}")
        note = await filled(pilot, app, app.chat.welcome)

        assert note.startswith(f"Articles: 1 added, 1 skipped\n  skipped {tmp_path / 'missing.txt'}: ")
        view = await ask(pilot, "When was the Hollin dam built?")
        assert "built in 1931 from local granite" in text_of(view)


async def test_what_was_added_is_told_among_the_answers(chat_app: MakeChat, tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.pdf").write_bytes(b"\0\1\2")
    app = chat_app(tmp_path / "archive")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.chat.header.state == "no archive yet")
        await ask(pilot, QUESTION)
        await send(pilot, f"/add {' '.join(str(tmp_path / f'{number}.pdf') for number in range(7))}")
        lines = (await filled(pilot, app, app.chat.transcript)).splitlines()

        assert lines[0] == "Articles: 7 skipped"
        assert lines[1].startswith(f"  skipped {tmp_path / '0.pdf'}: ")
        assert lines[6] == "  and 2 more; `dateline add --dry-run PATH …` names them all"


async def test_two_runs_that_are_begun_at_once_are_one(chat_app: MakeChat, tmp_path: Path) -> None:
    file = tmp_path / "dam.txt"
    file.write_text("Cracks found\n\nThe dam was built in 1931.", encoding="utf-8")
    app = chat_app(tmp_path / "archive")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.chat.header.state == "no archive yet")
        app.add_sources([str(file)])
        app.add_sources([str(file)])

        assert await filled(pilot, app, app.chat.welcome) == "Articles: 1 added"
        assert len(app.chat.query(AddingLine)) == 1
        assert "being filled already" in told(app)


async def test_what_is_added_is_stopped_by_the_key_that_stops_answers(
    chat_app: MakeChat, tmp_path: Path, home: Path
) -> None:
    set_config(home, '[keys]\nstop = "ctrl+underscore"\nhelp = "f1"\n')
    lines = (json.dumps({"id": str(i), "headline": f"Ferry {i}", "body": f"Ferry {i} sank."}) for i in range(20_000))
    (tmp_path / "logs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    app = chat_app(tmp_path / "archive")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.chat.header.state == "no archive yet")
        await send(pilot, f"/add {tmp_path / 'logs.jsonl'}")
        await until(pilot, lambda: app.chat.query(AddingLine))
        line = app.chat.query_one(AddingLine)
        await until(pilot, lambda: "articles · Ctrl+_ stops" in str(line.content))
        await pilot.press("ctrl+underscore")

        assert await filled(pilot, app, app.chat.welcome) == "✗ stopped; what was added before stays"


async def test_embedding_goes_on(chat_app: MakeChat, tmp_path: Path) -> None:
    (tmp_path / "dam.txt").write_text("Cracks found\n\nThe dam was built in 1931.", encoding="utf-8")
    archive = tmp_path / "archive"
    given = dateline_command("-q", "-a", archive, "add", "--no-embed", tmp_path / "dam.txt")
    subprocess.run(given, env=child_environment(), capture_output=True, timeout=60, check=True)
    app = chat_app(archive)
    async with running(app) as pilot:
        await send(pilot, "/embed")

        assert await filled(pilot, app, app.chat.welcome) == "Embedding: 1 of 1 passages embedded"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/k", "10 passages are read for an answer; /k N changes that"),
        ("/model", "extractive answers; /model NAME lets another one"),
        ("/rename", "this conversation has no name; /rename NAME gives it one"),
        ("/k 1", "1 passage is read for an answer from now on"),
    ],
)
async def test_what_stands_is_told(chat_app: MakeChat, command: str, said: str) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await send(pilot, command)
        await until(pilot, lambda: said in told(app))


async def test_a_name_that_was_given_is_told(chat_app: MakeChat) -> None:
    app = chat_app(begun=Begun(name="drones"))
    async with running(app) as pilot:
        await ask(pilot, QUESTION)
        await send(pilot, "/rename")
        await until(pilot, lambda: "this conversation is called 'drones'; /rename NAME gives it another" in told(app))


async def test_a_command_that_waits_holds_nothing_up(chat_app: MakeChat) -> None:
    """A handler waited for the archive; meanwhile nothing was painted, and no key was heard."""
    app = chat_app()
    go_on = threading.Event()
    async with running(app) as pilot:
        busy = asyncio.create_task(app.reading.run(lambda _: go_on.wait(60)))
        await send(pilot, "/outlet the lantern post")
        await send(pilot, QUESTION)
        await pilot.press("ctrl+r", *"Who?")
        assert app.chat.box.text == "Who?"
        assert app.chat.transcript.records == []

        go_on.set()
        await busy
        await until(pilot, lambda: app.chat.transcript.records and app.chat.transcript.records[0].is_over)
        assert app.chat.transcript.records[0].scope == Scope(outlets=("The Lantern Post",))
        await until(pilot, lambda: isinstance(app.screen, SessionsView))


async def test_a_screen_whose_key_is_pressed_twice_opens_once(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        app.chat.action_archive()
        app.chat.action_archive()
        await until(pilot, lambda: isinstance(app.screen, ArchiveView))
        await until(pilot, lambda: not any(worker.group == "taking" for worker in app.workers))
        await pilot.pause()

        assert len(app.screen_stack) == 2


async def test_messages_leave_the_box_free(chat_app: MakeChat) -> None:
    app = chat_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.chat.header.is_ready)
        await send(pilot, "/sinse 2020")
        await until(pilot, lambda: app.screen.query("Toast"))
        await until(pilot, lambda: app.screen.query("Toast").first().region.height)

        assert app.screen.query("Toast").first().region.bottom < app.chat.box.region.y
        assert app.screen.query("Toast").first().region.y <= 2


async def test_a_theme_that_is_chosen_is_remembered(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        assert read_theme(app.config.home) is None
        app.theme = "nord"
        await until(pilot, lambda: read_theme(app.config.home) == "nord")

    again = chat_app()
    async with running(again):
        assert again.theme == "nord"
        assert told(again) == ""


async def test_the_theme_of_the_settings_wins(chat_app: MakeChat, home: Path) -> None:
    set_config(home, 'theme = "textual-light"\n')
    app = chat_app()
    write_theme(app.config.home, "nord")
    async with running(app) as pilot:
        assert app.theme == "textual-light"
        assert told(app) == ""

        app.theme = "dracula"
        await until(pilot, lambda: "the config file says theme = 'textual-light'" in told(app))
        assert read_theme(app.config.home) == "nord"


async def test_a_theme_that_there_is_not_is_none(chat_app: MakeChat) -> None:
    app = chat_app()
    write_theme(app.config.home, "no such theme")
    async with running(app):
        assert app.theme == "textual-dark"


async def test_the_archive_is_browsed_and_an_article_read(chat_app: MakeChat) -> None:
    app = chat_app()
    async with running(app) as pilot:
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(app.screen, ArchiveView))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)
        await send(pilot, "/archive airliner")
        await until(pilot, lambda: isinstance(app.screen, ArchiveView))
        await pilot.press("escape", "escape")  # Out of what was found, then out of the archive.
        await until(pilot, lambda: app.screen is app.chat)
