"""The theme that was chosen in the chat, kept in the data folder: the config file is the user's own to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILE_NAME = "theme"
# A name is short; what is longer was not written here.
_LONGEST_NAME = 100


def read_theme(home: Path) -> str | None:
    """Return the name that was kept, which need not be that of a theme any more; None where there is none."""
    try:
        with (home / _FILE_NAME).open(encoding="utf-8") as file:
            return file.read(_LONGEST_NAME).strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def write_theme(home: Path, name: str) -> None:
    """Keep a theme for the chats to come; raise OSError."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / _FILE_NAME).write_text(f"{name}\n", encoding="utf-8")
