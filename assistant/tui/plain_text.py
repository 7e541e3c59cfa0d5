"""Foreign text on the screen: no markup, no escape sequences, whatever an article, a model or a server says."""

from __future__ import annotations

import re
import sqlite3

from textual.content import Content

from assistant import errors
from store.cleaning import plain
from store.errors import DatelineError

# What is told in a line, for a person can do something about it. Anything else is a bug of ours.
TELLABLE = (DatelineError, OSError, sqlite3.Error)

# What the command line calls by other names than the chat.
_FLAG = re.compile(r"--(since|until|as-of|outlet|about)\b")
_COMMAND = re.compile(r"`dateline (?:(add|embed|sessions|compare)|(list))( [^`-]*)?`")


def shown(text: str) -> Content:
    """Return ``text`` as it is to be read: given to a widget as a ``str`` it would be markup, which runs actions."""
    return Content(plain(text))


def shown_line(text: str) -> Content:
    """Return ``text`` on one line."""
    return Content(" ".join(plain(text).split()))


def told(error: Exception) -> str:
    """Return what an error says, in one line: what happened and, where it is known, what helps."""
    if isinstance(error, sqlite3.Error):
        return f"the archive cannot be read: {error}; `dateline check` says more"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename!r}: {error.strerror}" if error.filename else error.strerror
    return in_chat_words(errors.told(error))


def in_chat_words(text: str) -> str:
    """Return a text of ours that names flags and commands of the command line with the chat's own in their place."""
    return _COMMAND.sub(lambda found: f"/{found[1] or 'archive'}{found[3] or ''}", _FLAG.sub(r"/\1", text))
