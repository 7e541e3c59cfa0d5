"""What the chat does at a key: the actions, the keys that they have, and those that a person gives them instead.

Without Textual, for ``[keys]`` of the config file is checked wherever settings are read; the names of keys are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.errors import ConfigError

# Where an action is heard: in the box that is typed into, on the screen around it, everywhere; in the article reader,
# in the view of the archive, in that of a timeline.
Context = Literal["box", "chat", "app", "reader", "archive", "timeline"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done by key. ``keys`` are separated by commas; ``title`` is for the footer, ``help`` a line."""

    id: str
    context: Context
    keys: str
    title: str
    help: str

    @property
    def is_in_palette(self) -> bool:
        """Whether it can be chosen by name: what the box and the program do by themselves is not offered."""
        return self.context == "chat" and self.id != "stop"


# No key here is taken by a usual terminal or multiplexer: Ctrl+B is tmux's and Ctrl+A screen's, a terminal cannot tell
# Ctrl+H, I, M and [ from Backspace, Tab, Enter and Esc, nor Alt+B and Alt+F from Ctrl+← and Ctrl+→. Ctrl+C, D, E, K, U,
# V, W, X and Z edit what is typed, as in a shell's line or as everywhere else.
ACTIONS = (
    Action("send", "box", "enter", "Send", "ask the question, or obey the command"),
    # Ctrl+J reaches every program; Shift+Enter only where the terminal speaks the kitty protocol.
    Action("newline", "box", "ctrl+j,shift+enter", "New line", "begin another line of the question"),
    Action("stop", "chat", "escape", "Stop", "stop the answer and keep what is written of it"),
    # macOS may keep Ctrl+↓ and Ctrl+↑ for itself (Mission Control): there Alt+N and Alt+P, as n and p of the reader.
    Action("next_citation", "chat", "ctrl+down,alt+n", "Next citation", "go to the next citation"),
    Action("previous_citation", "chat", "ctrl+up,alt+p", "Previous citation", "go to the one before"),
    Action("read", "chat", "ctrl+o", "Read", "open the article at the citation"),
    # A shell yanks with Ctrl+Y and a text field redoes; neither has a use in a box of a few lines.
    Action("copy_answer", "chat", "ctrl+y", "Copy", "copy the answer with its sources"),
    Action("sources", "chat", "ctrl+g", "Sources", "show or hide the sources"),
    # 'Time': most of what is corrected is a day. A shell swaps two letters with it, which few know.
    Action("edit_plan", "chat", "ctrl+t", "Change", "change what was understood of the question"),
    Action("archive", "chat", "ctrl+l", "Archive", "look through the archive"),
    # A shell looks through what was typed before with Ctrl+R; this looks through what was asked before.
    Action("sessions", "chat", "ctrl+r", "Sessions", "go back to an earlier conversation"),
    Action("new", "chat", "ctrl+n", "New", "begin another conversation"),
    # 'Save'. That it once held up a terminal is history: no program that draws a screen leaves flow control on.
    Action("export", "chat", "ctrl+s", "Export", "save the conversation to a file"),
    # Some terminals keep F1 for their own help. Ctrl+/ arrives as Ctrl+_ unless the kitty protocol tells them apart.
    Action("help", "chat", "f1,ctrl+underscore,ctrl+slash", "Help", "show this page"),
    Action("palette", "app", "ctrl+p", "Palette", "look for anything that can be done"),
    Action("quit", "app", "ctrl+q", "Quit", "leave; the conversation is saved"),
)

# What the article reader hears, for the page of help: nobody types there, so plain letters do.
READER_ACTIONS = (
    Action("next", "reader", "n", "Next", "go to the next citation"),
    Action("previous", "reader", "p", "Previous", "go to the one before"),
    Action("copy", "reader", "y", "Copy", "copy what is selected, else the quotation, with its source"),
    Action("write", "reader", "w", "Write", "write the same to a file"),
    Action("open", "reader", "o", "Open", "show the address of the article, and open it"),
    Action("prints", "reader", "c", "Prints", "show who else printed it"),
    Action("search", "reader", "slash", "Find", "look for words in the article"),
    Action("close", "reader", "escape,q", "Close", "go back"),
)

# What the view of the archive hears, for the same page.
ARCHIVE_ACTIONS = (
    Action("open", "archive", "enter", "Read", "read the article; on a bar of the plot, keep to its days"),
    Action("search", "archive", "slash", "Search", "search in the texts of the articles"),
    Action("since", "archive", "f", "Filter", "type days, outlets or a headline to keep to"),
    Action("outlets", "archive", "o", "Outlet", "type the outlets to keep to"),
    Action("headline", "archive", "h", "Headline", "type words of the headline"),
    Action("histogram", "archive", "t", "Time", "go through the plot"),
    Action("turn", "archive", "r", "Order", "oldest or newest first"),
    Action("widen", "archive", "z", "Widen", "take the last narrowing back"),
    Action("back", "archive", "escape", "Back", "leave the search, the field, then the archive"),
)

# What the view of a timeline hears.
TIMELINE_ACTIONS = (
    Action("open", "timeline", "enter", "Read", "read the article at the sentence"),
    Action("export", "timeline", "e", "Export", "write what is shown to a Markdown file"),
    Action("days", "timeline", "f", "Days", "type the days on which things happened, and Enter"),
    Action("widen", "timeline", "z", "Widen", "show all days again"),
    Action("back", "timeline", "escape", "Back", "leave the days, then the timeline"),
)

_MODIFIERS = frozenset(("alt", "ctrl", "hyper", "meta", "shift", "super"))
_NAMED = frozenset(
    "escape enter tab backspace delete insert home end pageup pagedown up down left right space".split()
) | {f"f{number}" for number in range(1, 25)}
_PUNCTUATION = dict(
    zip(
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        """exclamation_mark quotation_mark number_sign dollar_sign percent_sign ampersand apostrophe left_parenthesis
        right_parenthesis asterisk plus comma minus full_stop slash colon semicolon less_than_sign equals_sign
        greater_than_sign question_mark at left_square_bracket backslash right_square_bracket circumflex_accent
        underscore grave_accent left_curly_bracket vertical_line right_curly_bracket tilde""".split(),
        strict=True,
    )
)
_OTHER_SPELLINGS = dict(
    pair.split(":")
    for pair in """esc:escape return:enter del:delete ins:insert pgup:pageup pgdn:pagedown control:ctrl option:alt
    cmd:super period:full_stop dot:full_stop""".split()
)

# What a terminal sends for some keys, so that no program hears the key itself.
_SENT_AS = dict(
    pair.split(":")
    for pair in """ctrl+h:backspace ctrl+i:tab ctrl+m:enter ctrl+left_square_bracket:escape alt+b:ctrl+left
    alt+f:ctrl+right alt+enter:enter alt+backspace:ctrl+w""".split()
)
# Without these nothing could be typed, recalled, completed or copied.
_NEEDED = frozenset(
    "up down left right home end backspace delete tab shift+tab shift+left shift+right space ctrl+c".split()
)
_SHOWN = {name: character for character, name in _PUNCTUATION.items()} | dict(
    pair.split(":") for pair in "escape:Esc pageup:PgUp pagedown:PgDn up:↑ down:↓ left:← right:→".split()
)


def read_keys(given: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of the actions in ``given`` as Textual spells them, without those that are the default.

    The names must be actions. Raise ConfigError for a key that there is not, that no terminal sends or that is needed
    for typing, and for a key with two actions.
    """
    read = {name: ",".join(dict.fromkeys(_read_list(name, keys))) for name, keys in given.items()}
    of_key: dict[str, str] = {}
    for action in ACTIONS:
        for key in read.get(action.id, action.keys).split(","):
            other = of_key.setdefault(key, action.id)
            if other != action.id:
                kept, moved = (other, action.id) if action.id in given else (action.id, other)
                raise ConfigError(
                    f"keys.{kept} and keys.{moved} are both {key!r}", hint=f"give keys.{moved} another key"
                )
    return {action.id: read[action.id] for action in ACTIONS if read.get(action.id, action.keys) != action.keys}


def keys_of(action: Action, given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of an action, where ``given`` is what ``read_keys`` returned."""
    return tuple(given.get(action.id, action.keys).split(","))


def key_name(key: str) -> str:
    """Return a key as people write it: 'Ctrl+↓', 'Shift+Enter', 'F1'; a letter alone as it is typed."""
    if len(key) == 1:
        return key
    return "+".join(_SHOWN.get(part) or part.title() for part in key.split("+"))


def _read_list(action: str, keys: str) -> Iterator[str]:
    for spelled in keys.split(","):
        key = _read_key(spelled.strip())
        if key is None:
            raise ConfigError(
                f"keys.{action}: there is no key {spelled.strip()!r}",
                hint="write it as 'ctrl+o', 'alt+shift+left' or 'f2'; several with commas between them",
            )
        if sent := _SENT_AS.get(key):
            raise ConfigError(f"keys.{action}: a terminal sends {key!r} as {sent!r}", hint="choose another key")
        if key in _NEEDED or _is_typed(key):
            raise ConfigError(
                f"keys.{action}: {key!r} is needed for typing", hint="choose one with ctrl or alt, or a function key"
            )
        yield key


def _read_key(spelled: str) -> str | None:
    """Return a key as Textual spells it: its modifiers in the order of the alphabet, punctuation by name."""
    *modifiers, name = re.split(r"\+(?=.)", spelled)
    modifiers = [_OTHER_SPELLINGS.get(modifier.lower(), modifier.lower()) for modifier in modifiers]
    if modifiers or len(name) > 1:
        name = name.lower()
    name = _OTHER_SPELLINGS.get(name) or _PUNCTUATION.get(name, name)
    is_key = name in _NAMED or name in _PUNCTUATION.values() or (len(name) == 1 and name.isalnum())
    if not is_key or not set(modifiers) <= _MODIFIERS:
        return None
    return "+".join([*sorted(set(modifiers)), name])


def _is_typed(key: str) -> bool:
    """Whether the key writes a character."""
    *modifiers, name = key.split("+")
    return name not in _NAMED and set(modifiers) <= {"shift"}
