"""The page of help: the keys as they are set, the commands, what the marks mean, and how text is copied."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from assistant.keys import ACTIONS, ARCHIVE_ACTIONS, READER_ACTIONS, TIMELINE_ACTIONS, key_name, keys_of
from assistant.tui.commands import COMMANDS
from assistant.tui.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.keys import Context

_Row = tuple[str, str]

# Of the names of keys and commands.
_COLUMN = 24

_TYPING: tuple[_Row, ...] = (
    ("↑  ↓", "earlier questions, and back to what was being typed"),
    ("Tab", "take the completion that is marked"),
    ("Esc", "close the completions"),
    ("Ctrl+C", "copy what is selected; else clear the box, and ↑ brings it back"),
    ("Ctrl+A  Ctrl+E", "to the beginning and the end of the line"),
    ("Alt+B  Alt+F", "a word back, a word on"),
    ("Ctrl+W  Alt+D", "delete the word before, the word behind"),
    ("Ctrl+U  Ctrl+K", "delete to the beginning, to the end of the line"),
    ("Ctrl+Z", "undo"),
)
_MARKS: tuple[_Row, ...] = (
    ("[1]", "a citation: the place in an article that the sentence stands on"),
    ("no mark", "the cited place says it"),
    ("(~)", "the cited place bears it out only in part: read it"),
    ("(?)", "nothing that was cited bears it out: do not use it unchecked"),
)
_COPYING: tuple[_Row, ...] = (
    ("drag", "selects text of the chat, and Ctrl+C copies it where the terminal lets programs write to the clipboard"),
    ("Shift+drag", "selects as in any other program of the terminal; in iTerm2 Option+drag, in macOS Terminal Fn+drag"),
    ("in tmux", "`set -g set-clipboard on` lets the chat write to the clipboard"),
)
_SETTINGS: tuple[_Row, ...] = (
    ("[keys]", 'in the config file gives actions other keys: read = "f2"'),
    ("", f"the actions are {', '.join(action.id for action in ACTIONS)}"),
    ("Theme", "in the palette changes the looks, and is remembered"),
    ("theme", 'in the config file says them once and for all: theme = "nord"'),
)

_HEADINGS: Mapping[Context, str] = {
    "reader": "In an article",
    "archive": "In the archive",
    "timeline": "In a timeline",
}


class HelpView(ModalScreen[None]):
    """Shows what can be done, first in the place ``about`` which it is; ``keys`` are those of the settings.

    Esc closes it.
    """

    DEFAULT_CSS = """
    HelpView { align: center middle; }
    HelpView > Vertical {
        width: 96; max-width: 100%; height: 100%; padding: 0 0 0 2; background: $surface;
        border: round $panel-lighten-2;
        & > VerticalScroll { height: 1fr; overflow-y: scroll; scrollbar-size-vertical: 1; padding: 0 1 0 0; }
        & > .manners { height: 1; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss", "Close"),
        ("down,j", "scroll(1)"),
        ("up,k", "scroll(-1)"),
        ("pagedown,space", "page(1)"),
        ("pageup,b", "page(-1)"),
        ("home,g", "end(-1)"),
        ("end,G", "end(1)"),
    ]

    def __init__(self, keys: Mapping[str, str], *, about: Context = "chat") -> None:
        super().__init__()
        self._keys = keys
        self._about = _HEADINGS.get(about, "Keys")

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static()
            yield Static("↑ ↓ PgUp PgDn to read on · Esc to go back", classes="manners")

    def on_resize(self) -> None:
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        page = self._page
        page.query_one(Static).update(_written(self._sections(), page.scrollable_content_region.width))

    def _sections(self) -> Iterable[tuple[str, Iterable[_Row]]]:
        # Sorting keeps the order of what is equal.
        return sorted(self._all_sections(), key=lambda section: section[0] != self._about)

    def _all_sections(self) -> Iterable[tuple[str, Iterable[_Row]]]:
        yield "Keys", [("  ".join(map(key_name, keys_of(action, self._keys))), action.help) for action in ACTIONS]
        yield "Commands", [(command.form, command.help) for command in COMMANDS]
        yield "While typing", _TYPING
        yield "Marks", _MARKS
        yield _HEADINGS["reader"], [("  ".join(map(key_name, keys_of(a, {}))), a.help) for a in READER_ACTIONS]
        yield _HEADINGS["archive"], [("  ".join(map(key_name, keys_of(a, {}))), a.help) for a in ARCHIVE_ACTIONS]
        yield _HEADINGS["timeline"], [("  ".join(map(key_name, keys_of(a, {}))), a.help) for a in TIMELINE_ACTIONS]
        yield "Copying with the mouse", _COPYING
        yield "Settings", _SETTINGS

    @property
    def _page(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_scroll(self, lines: int) -> None:
        self._page.scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        self._page.scroll_relative(y=pages * max(1, self._page.size.height - 1), animate=False)

    def action_end(self, side: int) -> None:
        self._page.scroll_to(y=0 if side < 0 else self._page.max_scroll_y, animate=False)


def _written(sections: Iterable[tuple[str, Iterable[_Row]]], width: int) -> Content:
    """Return the sections in two columns. One widget: one for every cell would take a third of a second to show."""
    lines: list[Content] = []
    for heading, rows in sections:
        lines += [Content(""), shown(heading).stylize("bold")]
        for name, what in rows:
            wrapped = wrap(what, max(20, width - _COLUMN))
            lines += [
                shown(f"{name:<{_COLUMN - 1}} ").stylize("bold").append(shown(line))
                for name, line in zip_longest([name], wrapped, fillvalue="")
            ]
    return Content("\n").join(lines[1:])
