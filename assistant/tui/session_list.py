"""The list of the sessions screen: an entry for each session, and the keys for what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from assistant.transcripts import minute
from assistant.tui.plain_text import shown_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual import events
    from textual.binding import BindingType

    from assistant.sessions import Found, Session

# Questions of one session that are shown as what was found in it.
_SHOWN_QUESTIONS = 3


class SessionList(OptionList):
    """Lists sessions. Enter, or a click on the one that is marked, chooses it; a click on another one marks that.

    What its other keys do is done by the screen.
    """

    DEFAULT_CSS = """
    SessionList {
        height: 1fr; border: none; background: $background; padding: 0; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; background-tint: transparent; }
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { background: $boost; text-style: none; }
        &:focus > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: none;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Resume", key_display="Enter"),
        Binding("r", "screen.rename", "Rename"),
        Binding("d,delete", "screen.delete", "Delete"),
        Binding("x", "screen.export", "Export"),
        Binding("a", "screen.archives", "All archives"),
        Binding("slash", "screen.search", "Search", key_display="/"),
    ]

    class Left(Message):
        """The box above is wanted."""

    class NearEnd(Message):
        """What is listed ends soon below what is seen."""

    def __init__(self, current: str | None, archive: Path) -> None:
        """``current`` is the id of the session that is open, ``archive`` that of the sessions that may be resumed."""
        super().__init__(id="sessions-list")
        self._current = current
        self._archive = archive
        self._listed: list[Found] = []

    @property
    def session(self) -> Session | None:
        """The session that is marked."""
        at = self.highlighted
        return self._listed[at].session if at is not None and at < len(self._listed) else None

    @property
    def listed(self) -> int:
        """How many sessions are listed."""
        return len(self._listed)

    def show(self, found: Sequence[Found], *, at: int = 0) -> None:
        """List these sessions and no other, and mark one."""
        self._listed = list(found)
        self.set_options(map(self._option, found))
        self.highlighted = min(at, len(found) - 1) if found else None

    def show_more(self, found: Sequence[Found]) -> None:
        """List these as well, but for those that are listed: one may have moved down meanwhile."""
        known = {one.session.id for one in self._listed}
        new = [one for one in found if one.session.id not in known]
        self._listed += new
        self.add_options(map(self._option, new))

    def action_cursor_up(self) -> None:
        if self.highlighted:
            super().action_cursor_up()
        else:
            self.post_message(self.Left())

    def action_cursor_down(self) -> None:
        if self.highlighted != len(self._listed) - 1:  # From the last the first is not the next.
            super().action_cursor_down()

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        if new > old and new >= self.max_scroll_y - self.size.height:
            self.post_message(self.NearEnd())

    async def _on_click(self, event: events.Click) -> None:
        clicked = event.style.meta.get("option")
        event.prevent_default()
        if clicked == self.highlighted and clicked is not None:
            self.action_select()
        elif clicked is not None:
            self.highlighted = clicked

    def _option(self, found: Found) -> Option:
        session = found.session
        facts = [minute(session.asked_utc), f"{session.turns:,} question{'s' if session.turns != 1 else ''}"]
        if session.id == self._current:
            facts.append("this conversation")
        if session.archive != self._archive:
            facts.append(f"with archive {session.archive.name}, read only")
        # Of an unnamed one its first question says more than its id.
        facts.append(session.first_asked if session.name else session.id)
        head = shown_line(session.name or session.first_asked or session.id).stylize("bold")
        lines = [head, shown_line(" · ".join(facts)).stylize("dim")]
        others = [asked for asked in found.asked if asked != session.first_asked]
        lines += [Content("found in: ").append(shown_line(asked)) for asked in others[:_SHOWN_QUESTIONS]]
        if len(others) > _SHOWN_QUESTIONS:
            lines.append(Content(f"and {len(others) - _SHOWN_QUESTIONS:,} more of its questions"))
        return Option(Content("\n").join([_indented(line, i) for i, line in enumerate(lines)]))


def _indented(line: Content, place: int) -> Content:
    return Content("  ").append(line) if place else line
