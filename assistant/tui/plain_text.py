"""Foreign text on the screen: no markup, no escape sequences, whatever an article, a model or a server says."""

from __future__ import annotations

import sqlite3

from textual.content import Content

from store.cleaning import plain


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
    hint = getattr(error, "hint", None)
    return f"{error}; {hint}" if hint else str(error)
