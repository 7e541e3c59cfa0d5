"""What ``dateline sessions`` does: list, read, search, export, rename and delete what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.options import style_of
from assistant.errors import ConfigError
from assistant.rendering import to_json
from assistant.transcripts import (
    found_json,
    found_text,
    session_json,
    sessions_json,
    sessions_text,
    transcript_text,
)

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal
    from assistant.sessions import Sessions

_NONE_FOUND = 1

# Lines that leave a screen its prompt.
_SHOWN = 20


def list_sessions(sessions: Sessions, archive: Path | None, terminal: Terminal, *, all_: bool, json_: bool) -> int:
    """Print the sessions, the latest first."""
    found = sessions.all(archive)
    if json_:
        terminal.say(to_json(sessions_json(found)))
        return 0 if found else _NONE_FOUND
    shown = found if all_ else found[:_SHOWN]
    for line in sessions_text(shown, style_of(terminal)):
        terminal.say(line)
    if not found:
        terminal.note("no session is saved")
    elif len(shown) < len(found):
        terminal.note(f"and {len(found) - len(shown):,} earlier ones; --all lists them")
    return 0 if found else _NONE_FOUND


def search_sessions(sessions: Sessions, archive: Path | None, text: str, terminal: Terminal, *, json_: bool) -> int:
    """Print the sessions in which all words of ``text`` stand in one turn."""
    found = sessions.search(text, archive)
    if json_:
        terminal.say(to_json(found_json(found)))
        return 0 if found else _NONE_FOUND
    for one in found:
        for line in found_text(one, style_of(terminal)):
            terminal.say(line)
    if not found:
        terminal.note(f"{text!r} is in no session")
    return 0 if found else _NONE_FOUND


def show_session(sessions: Sessions, name: str, terminal: Terminal, *, json_: bool) -> None:
    """Print a session from its first question to its last."""
    session = sessions.get(name)
    turns = sessions.turns(session)
    terminal.say(to_json(session_json(session, turns)) if json_ else transcript_text(turns, style_of(terminal)))


def export_session(
    sessions: Sessions, name: str, file: str, terminal: Terminal, *, overwrite: bool, json_: bool
) -> None:
    """Write a session to a file, in the form that its name asks for, or, for ``-``, print it as Markdown or JSON.

    In a folder the file is named for the session.
    """
    from assistant import exports

    session = sessions.get(name)
    if file == "-":
        turns = sessions.turns(session)
        terminal.say(exports.export_session(session, turns, "json" if json_ else "md"), end="")
        return
    path = Path(file).expanduser()
    if path.is_dir():
        path /= exports.default_file_name(session, "json" if json_ else "md")
    form = exports.form_of(path)
    if json_ and form != "json":
        raise ConfigError(f"{path.name!r} is no name for JSON", hint="let it end with .json, or leave out --json")
    if path.is_file() and not overwrite:
        raise ConfigError(f"there is a file {str(path)!r} already", hint="choose another name, or add --overwrite")
    exports.write_export(path, exports.export_session(session, sessions.turns(session), form), overwrite=overwrite)
    terminal.say(f"written to {path}")


def rename_session(sessions: Sessions, name: str, new: str, terminal: Terminal) -> None:
    renamed = sessions.rename(sessions.get(name), new)
    terminal.say(f"{name} is now {renamed.label}")


def delete_sessions(sessions: Sessions, names: tuple[str, ...], terminal: Terminal) -> None:
    """Delete the named sessions, or, where one is missing, none."""
    chosen = {session.id: session for session in map(sessions.get, names)}
    for session in chosen.values():
        sessions.delete(session)
    terminal.say(f"{len(chosen):,} deleted")
