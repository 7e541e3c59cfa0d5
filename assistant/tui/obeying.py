"""What the chat does at a command, and at the keys that open its other screens."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import ConfigError
from assistant.llm import open_llm
from assistant.planning import Scope, filter_of
from assistant.tui.commands import (
    AddSources,
    BrowseArchive,
    Export,
    ListSessions,
    NewSession,
    Quit,
    ReadPassages,
    RenameSession,
    SearchEverything,
    SetAsOf,
    SetOutlets,
    SetSince,
    SetUntil,
    ShowHelp,
    ToggleSources,
    UseModel,
    complete,
    list_paths,
    read_command,
)
from assistant.tui.turn_record import saved_record
from store.outlets import OutletIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.saved_turns import SavedTurn
    from assistant.sessions import Session
    from assistant.tui.app import ChatApp
    from assistant.tui.commands import Completion, Given
    from assistant.tui.header import Standing


async def obey(app: ChatApp, text: str) -> None:
    """Do what a command asks for; raise DatelineError where that cannot be."""
    given = read_command(text, today=app.today())
    if given is None:
        return
    standing = await _changed(app, given)
    if standing is not None:
        app.chat.change_standing(standing)
        return
    match given:
        case Export(file=file, form=form):
            await export(app, file, form)
        case RenameSession(name=name):
            await rename(app, name)
        case NewSession(name=name):
            await begin(app, name)
        case _:
            _show(app, given)


def _show(app: ChatApp, given: Given) -> None:
    """Do what a command asks for that only opens something, or closes it."""
    match given:
        case ToggleSources():
            app.chat.action_sources()
        case AddSources(sources=sources):
            app.add_sources(sources)
        case ListSessions(words=words):
            app.show_sessions(words)
        case BrowseArchive(words=words):
            app.show_archive(words)
        case ShowHelp():
            app.show_help()
        case Quit():
            app.leave(0)
        case _:
            pass


async def _changed(app: ChatApp, given: Given) -> Standing | None:
    """Return what holds from now on, None for a command that changes nothing of it."""
    standing = app.chat.standing
    match given:
        case UseModel(name=name):
            name = name or app.config.model
            await asyncio.to_thread(open_llm, name, replace(app.config, model=name))  # Says what is wrong with it.
            return replace(standing, model=name)
        case ReadPassages(k=k):
            return replace(standing, k=k or app.config.k)
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
        case SearchEverything():
            return Scope()
    return None


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
        # Asks the servers of this machine: for those who type a model only.
        models=app.model_names() if text.startswith("/model") else (),
        paths=list_paths,
        covered=app.covered,
        today=app.today(),
    )


async def export(app: ChatApp, file: Path | None, form: Literal["md", "json"]) -> None:
    """Write the conversation to a file, and say where."""
    from assistant.exports import default_file_name, export_session, write_export

    _check_saves(app)
    session = app.asker.session
    if session is None:
        raise ConfigError("there is nothing to export yet", hint="ask something first")

    def write() -> Path:
        from assistant.sessions import open_sessions

        with closing(open_sessions(app.sessions_file)) as sessions:
            kept = sessions.get(session.id)
            turns = sessions.turns(kept)
        path = Path.cwd() / (file or default_file_name(kept, form))
        write_export(path, export_session(kept, turns, form, exported_utc=datetime.now(UTC)))
        return path

    app.chat.say(f"written to {await asyncio.to_thread(write)}")


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
        raise ConfigError("nothing of this chat is saved", hint="begin one without --no-save")


async def _check_unused(app: ChatApp, name: str) -> None:
    """Raise ConfigError where a conversation has the name: what is asked next would be saved to that one."""

    def find() -> Session | None:
        from assistant.sessions import open_sessions

        with closing(open_sessions(app.sessions_file)) as sessions:
            return sessions.find(name)

    if await asyncio.to_thread(find) is not None:
        raise ConfigError(f"there is a session {name!r} already", hint="/sessions goes back to it")


async def resume(app: ChatApp, session: Session) -> None:
    """Go on with a saved conversation."""
    from assistant.sessions import open_sessions

    def read() -> tuple[SavedTurn, ...]:
        with closing(open_sessions(app.sessions_file)) as sessions:
            return tuple(sessions.turns(session))

    turns = await asyncio.to_thread(read)
    await app.chat.show_turns([saved_record(saved) for saved in turns])
    app.asker.begin(session, turns=turns)
    app.chat.header.session = session.name or ""
