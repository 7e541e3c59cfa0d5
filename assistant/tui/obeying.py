"""What the chat does at a command, and at the keys that open its other screens."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.config import LARGEST_K
from assistant.errors import ConfigError
from assistant.llm import open_llm
from assistant.planning import Scope, filter_of
from assistant.tui.commands import (
    AddSources,
    BrowseArchive,
    CompareReports,
    EmbedRest,
    Export,
    ListSessions,
    NewSession,
    Quit,
    ReadPassages,
    RenameSession,
    SearchEverything,
    SetAbout,
    SetAsOf,
    SetOutlets,
    SetSince,
    SetUntil,
    ShowBrief,
    ShowHelp,
    ShowTimeline,
    ToggleSources,
    UseModel,
    complete,
    list_paths,
    read_command,
)
from assistant.tui.restoring import restored
from assistant.tui.turn_record import saved_record
from store.outlets import OutletIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.saved_turns import SavedTurn
    from assistant.sessions import Session
    from assistant.tui.app import ChatApp
    from assistant.tui.commands import Completion, Given
    from assistant.tui.header import Standing
    from assistant.tui.turn_record import TurnRecord
    from store.archive import Archive


async def obey(app: ChatApp, text: str) -> None:
    """Do what a command asks for; raise DatelineError where that cannot be."""
    given = read_command(text, today=app.today())
    if given is None:
        return
    standing = await _changed(app, given)
    if standing is not None:
        app.chat.change_standing(standing)
        if isinstance(given, ReadPassages):  # The header says the rest.
            app.chat.say(f"{_passages(standing.k)} read for an answer from now on")
        return
    match given:
        case Export(file=file, form=form):
            await export(app, file, form)
        case RenameSession(name=str(name)):
            await rename(app, name)
        case NewSession(name=name):
            await begin(app, name)
        case CompareReports(topic=topic):
            await compare(app, topic)
        case _:
            _show(app, given)


def _show(app: ChatApp, given: Given) -> None:
    """Do what a command asks for that only opens something, or closes it."""
    match given:
        case ToggleSources():
            app.chat.action_sources()
        case AddSources(sources=sources):
            app.add_sources(sources)
        case EmbedRest():
            app.embed_rest()
        case ListSessions(words=words):
            app.show_sessions(words)
        case BrowseArchive(words=words):
            app.show_archive(words)
        case ShowTimeline(topic=topic):
            app.show_timeline(topic)
        case ShowBrief(topic=topic):
            app.show_brief(topic)
        case ShowHelp():
            app.show_help()
        case Quit():
            app.leave(0)
        case _:
            _say_what_stands(app, given)


def _say_what_stands(app: ChatApp, given: Given) -> None:
    """Answer a command that was given nothing to change, and say how it changes something."""
    standing = app.chat.standing
    match given:
        case UseModel():
            app.chat.say(f"{standing.model} answers; /model NAME lets another one, and a space after /model lists them")
        case ReadPassages():
            said = f"{_passages(standing.k)} read for an answer"
            app.chat.say(f"{said}; /k N changes that, N from 1 to {LARGEST_K}")
        case RenameSession():
            _check_saves(app)
            name = app.chat.header.session
            named = f"this conversation is called {name!r}" if name else "this conversation has no name"
            app.chat.say(f"{named}; /rename NAME gives it {'another' if name else 'one'}")
        case _:
            pass


def _passages(k: int) -> str:
    return f"{k} passages are" if k != 1 else "1 passage is"


async def _changed(app: ChatApp, given: Given) -> Standing | None:
    """Return what holds from now on, None for a command that changes nothing of it."""
    standing = app.chat.standing
    match given:
        case UseModel(name=str(name)):
            await asyncio.to_thread(open_llm, name, replace(app.config, model=name))  # Says what is wrong with it.
            return replace(standing, model=name)
        case ReadPassages(k=int(k)):
            return replace(standing, k=k)
    scope = await _scope(app, given, standing.scope)
    if scope is None:
        return None
    filter_of(scope)  # Says where its days contradict each other.
    return replace(standing, scope=scope)


async def _scope(app: ChatApp, given: Given, scope: Scope) -> Scope | None:
    match given:
        case SetSince(day=day):
            return replace(scope, since=day)
        case SetUntil(day=day):
            return replace(scope, until=day)
        case SetAsOf(day=day):
            return replace(scope, as_of=day)
        case SetOutlets(names=names):
            return replace(scope, outlets=await _known_outlets(app, names))
        case SetAbout(names=names):
            return replace(scope, about=await _known_names(app, names))
    return Scope() if isinstance(given, SearchEverything) else None


async def _known_names(app: ChatApp, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return people, places and organisations by the names that most articles have for them; raise NameUnknown."""

    def told(archive: Archive) -> tuple[str, ...]:
        return tuple(dict.fromkeys(archive.roster().told(name) for name in names))

    return await app.reading.run(told)


async def _known_outlets(app: ChatApp, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return outlets by the names that the archive has for them; raise ConfigError for one it does not know."""
    known = await app.reading.run(lambda archive: archive.outlet_names())
    by_name = {name.casefold(): name for name in known}
    index, found = OutletIndex(known), list[str]()
    for name in names:
        meant = (by_name[name.casefold()],) if name.casefold() in by_name else index.named(name)
        if not meant:
            raise ConfigError(f"the archive has no outlet {name!r}", hint="/outlet and a space lists them")
        found.extend(meant)
    return tuple(dict.fromkeys(found))


def completions(app: ChatApp, text: str) -> Sequence[Completion]:
    """Return what a command may become."""
    return complete(
        text,
        outlets=app.outlets,
        names=app.names() if text.startswith("/about") else (),
        # Asks the servers of this machine: for those who type a model only.
        models=app.model_names() if text.startswith("/model") else (),
        paths=list_paths,
        covered=app.covered,
        today=app.today(),
    )


async def export(app: ChatApp, file: Path | None, form: Literal["md", "json"]) -> None:
    """Write the conversation to a file, and say where."""
    _check_saves(app)
    session = app.asker.session
    if session is None:
        raise ConfigError("there is nothing to export yet", hint="ask something first")

    def write() -> Path:
        from assistant.exports import default_file_name, export_session, write_export
        from assistant.sessions import open_sessions

        with closing(open_sessions(app.sessions_file)) as sessions:
            kept = sessions.get(session.id)
            turns = sessions.turns(kept)
        path = Path.cwd() / (file or default_file_name(kept, form))
        write_export(path, export_session(kept, turns, form, exported_utc=datetime.now(UTC)))
        return path

    app.chat.say(f"written to {await asyncio.to_thread(write)}")


async def compare(app: ChatApp, topic: str) -> None:
    """Show what several outlets say of a topic, in the days and of the outlets that the chat keeps to."""
    from assistant.claims.telling import comparisons_text  # only for those who compare
    from assistant.claims.topics import compare_topic
    from assistant.rendering import Style
    from assistant.searching import plan_for

    scope = app.chat.standing.scope

    def read(archive: Archive) -> str:
        planned = plan_for(archive, topic, scope, today=app.today())
        return comparisons_text(compare_topic(archive, planned.query, planned.filter).comparisons, Style())

    told = await app.reading.run(read)
    if told:
        app.chat.show_conversation()
        await app.chat.tell(f"{topic}\n\n{told}")
    else:
        app.chat.say(f"nothing on {topic!r} is reported by several outlets")


async def rename(app: ChatApp, name: str) -> None:
    """Give the conversation a name, now or, before its first question, with it."""
    _check_saves(app)
    session = app.asker.session
    if session is None:
        await _check_unused(app, name)
        app.asker.begin(name=name)
        app.chat.header.session = name
        return

    def write() -> Session:
        from assistant.sessions import open_sessions

        with closing(open_sessions(app.sessions_file)) as sessions:
            return sessions.rename(sessions.get(session.id), name)

    app.asker.rename(await asyncio.to_thread(write))
    app.chat.header.session = name


async def begin(app: ChatApp, name: str | None) -> None:
    """Begin another conversation; what is being answered is stopped and saved first."""
    if name is not None:
        _check_saves(app)
        await _check_unused(app, name)
    await app.chat.show_turns(())
    app.asker.begin(name=name)
    app.chat.header.session = name or ""
    app.offer()


def _check_saves(app: ChatApp) -> None:
    if not app.asker.saves:
        raise ConfigError("nothing of this chat is saved", hint="leave, and begin one without --no-save")


async def _check_unused(app: ChatApp, name: str) -> None:
    """Raise ConfigError where a conversation has the name: what is asked next would be saved to that one."""

    def find() -> Session | None:
        from assistant.sessions import open_sessions

        with closing(open_sessions(app.sessions_file)) as sessions:
            return sessions.find(name)

    if await asyncio.to_thread(find) is not None:
        raise ConfigError(f"there is a session {name!r} already", hint="/sessions goes back to it")


async def resume(app: ChatApp, session: Session) -> None:
    """Go on with a saved conversation, and with what stood in it."""
    from assistant.sessions import open_sessions

    turns: tuple[SavedTurn, ...] = ()
    standing, notice = app.chat.standing, ""

    def read() -> tuple[SavedTurn, ...]:
        with closing(open_sessions(app.sessions_file)) as sessions:
            return tuple(sessions.turns(session))

    async def records() -> list[TurnRecord]:
        nonlocal turns, standing, notice
        turns = await asyncio.to_thread(read)
        standing, notice = await restored(turns, app.chat.standing, app.config)
        return [saved_record(saved) for saved in turns]

    await app.chat.show_read_turns(records)
    app.asker.begin(session, turns=turns)
    app.chat.header.session = session.name or ""
    app.chat.change_standing(standing)
    if notice:
        app.chat.say(notice, is_trouble=True)
