"""Which session a question continues, and where it is saved."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.config import archive_path
from assistant.conversation import LEANED_ON, Conversation
from assistant.errors import ConfigError, SessionsError, told

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from assistant.recording import Recording
    from assistant.saved_turns import SavedTurn
    from assistant.sessions import Session, Sessions


@dataclass(frozen=True, slots=True)
class Continued:
    """What ``-c`` or ``--session`` names: ``last`` one, the one with a ``name``, or, with neither, a new one."""

    last: bool = False
    name: str | None = None

    @property
    def is_named(self) -> bool:
        return self.last or self.name is not None


@dataclass(frozen=True, slots=True)
class Thread:
    """The turns before a question, and what saves it; ``None`` where there is nothing of the kind."""

    conversation: Conversation | None = None
    recording: Recording | None = None


def is_saved_by_default(continued: Continued, *, json_: bool) -> bool:
    """Whether a question is saved where nobody said: what continues a session is, and what a person asks.

    A person reads the notices on stderr, even where the answer goes into a file or a pager; a program wants JSON, or
    has no terminal at all.
    """
    return continued.is_named or (sys.stderr.isatty() and not json_)


def open_thread(config: Config, continued: Continued, terminal: Terminal, *, save: bool, model: str) -> Thread:
    """Return the turns that a question continues, and what saves it; tell which session that is.

    Without a session to continue, or where the saved ones cannot be read, the question is asked as it stands, with a
    notice. Raises ConfigError where a session belongs to another archive.
    """
    if not save and not continued.is_named:
        return Thread()
    from assistant.session_file import sessions_path

    file, archive = sessions_path(config.home), archive_path(config).resolve()
    session: Session | None = None
    turns: list[SavedTurn] = []
    if continued.is_named:
        from assistant.sessions import open_sessions  # 6 ms

        try:
            with closing(open_sessions(file)) as sessions:
                session = _continued(sessions, archive, continued, terminal)
                turns = sessions.turns(session, most=LEANED_ON) if session else []
        except SessionsError as exc:
            terminal.note(f"asked as it stands: {told(exc)}")
            return Thread()
    conversation = Conversation(tuple(saved.turn for saved in turns)) if session else None
    if not save:
        return Thread(conversation)
    from assistant.recording import Recording

    # The built-in model is done before a disk is: there is nothing to save of an answer half written.
    as_it_happens = model != "extractive"
    name = continued.name
    recording = Recording(file, archive, session=session, name=name, as_it_happens=as_it_happens, turns=turns)
    return Thread(conversation, recording)


def _continued(sessions: Sessions, archive: Path, continued: Continued, terminal: Terminal) -> Session | None:
    if continued.name is not None:
        return _named(sessions, archive, continued.name, terminal)
    session = sessions.last(archive)
    if session is None:
        terminal.note("there is no session with this archive to continue; asked as it stands")
    else:
        terminal.note(_continuing(session))
    return session


def _named(sessions: Sessions, archive: Path, name: str, terminal: Terminal) -> Session | None:
    session = session_named(sessions, archive, name)
    terminal.note(f"new session {name!r}" if session is None else _continuing(session))
    return session


def session_named(sessions: Sessions, archive: Path, name: str) -> Session | None:
    """Return the session of that name or id, None where there is none; raise ConfigError for one of another archive."""
    from assistant.sessions import checked_name

    session = sessions.find(checked_name(name))
    if session is not None and session.archive != archive:
        raise ConfigError(
            f"session {name!r} is one with the archive at {str(session.archive)!r}",
            hint="name that archive with -a, or choose another name for a new session",
        )
    return session


def _continuing(session: Session) -> str:
    turns = f"{session.turns} question{'s' if session.turns != 1 else ''}"
    return f"continuing session {session.label!r}: {turns}, begun with {session.first_asked[:80]!r}"
