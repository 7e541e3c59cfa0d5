"""``dateline chat``: what the Textual chat needs to begin, and how it ended."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from assistant.cli.options import open_for_reading
from assistant.cli.saving import session_named
from assistant.config import archive_path, load_config
from assistant.errors import ConfigError
from assistant.session_file import sessions_path

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from assistant.planning import Scope
    from assistant.sessions import Session
    from assistant.tui.app import Begun


def chat(
    config: Config,
    scope: Scope,
    terminal: Terminal,
    *,
    session: str | None,
    last: bool,
    saves: bool,
    config_file: Path | None,
) -> int:
    """Run the chat on this terminal and return the exit code. Raise ConfigError where it cannot be.

    ``config_file`` is the one that was named, if any.
    """
    # Textual draws on stderr.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)) or os.environ.get("TERM") == "dumb":
        raise ConfigError("the chat needs a terminal", hint='`dateline ask "…"` works everywhere')
    from assistant.planning import filter_of

    filter_of(scope)  # Says where its days contradict each other, before there is a screen.
    from assistant.tui.app import ChatApp, run_chat

    archive = archive_path(config).resolve()
    file = sessions_path(config.home)
    app = ChatApp(
        config,
        archive,
        file,
        lambda: open_for_reading(config, session=True),
        begun=_begun(file, archive, session, last=last),
        scope=scope,
        saves=saves,
        config_file=config_file,
    )
    code, complaint = run_chat(app, config.home)
    if complaint:
        terminal.fail(complaint)
    elif code == 0 and app.asker.session is not None:
        terminal.note(f"`{_again(app.asker.session, archive, config_file)}` goes on with this conversation")
    return code


def _again(session: Session, archive: Path, config_file: Path | None) -> str:
    """Return the command that goes on with a session; what is so without being said is left out."""
    import shlex

    is_usual = archive_path(load_config(config_file, os.environ)).resolve() == archive
    named = [] if is_usual else ["-a", str(archive)]
    settings = ["--config", str(config_file)] if config_file else []
    return shlex.join(["dateline", *settings, *named, "chat", "--session", session.label])


def _begun(file: Path, archive: Path, name: str | None, *, last: bool) -> Begun:
    """Return the session to go on with: the one of that name, the last one, or a new one."""
    from assistant.tui.app import Begun

    if name is None and not last:
        return Begun()
    from assistant.sessions import open_sessions  # 6 ms

    with closing(open_sessions(file)) as sessions:
        session = sessions.last(archive) if name is None else session_named(sessions, archive, name)
        if session is None:
            return Begun(name=name)
        return Begun(session, tuple(sessions.turns(session)))
