"""The conversation as it scrolls by: the latest turns as widgets, the earlier ones when they are asked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from assistant.tui.plain_text import shown
from assistant.tui.turn_view import TurnView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.tui.turn_record import TurnRecord

# Turns that are widgets at once. A turn is some ten widgets, and every one costs a little whenever the screen changes.
_SHOWN = 12
_STEP = 12


class _Earlier(Static, can_focus=True):
    """Stands for the turns above the first one that is shown."""

    DEFAULT_CSS = """
    _Earlier { height: 1; color: $text-muted; text-align: center; pointer: pointer; margin: 0 0 1 0; }
    _Earlier:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("enter", "show", "Show earlier questions")]

    class Wanted(Message):
        pass

    def on_click(self) -> None:
        self.action_show()

    def action_show(self) -> None:
        self.post_message(self.Wanted())


class Note(Static):
    """Something that happened beside the conversation and may be read later, such as what was added."""

    DEFAULT_CSS = """
    Note { height: auto; max-width: 104; padding: 0 0 0 2; margin: 0 1 1 1; color: $text-muted; }
    """

    def __init__(self, text: str) -> None:
        super().__init__(shown(text))


class Transcript(VerticalScroll):
    """Holds the turns, oldest first, and keeps its end in sight for as long as nobody scrolls up."""

    DEFAULT_CSS = """
    /* No higher than what it holds: Textual lets what is anchored hang from the bottom. */
    Transcript { height: auto; max-height: 100%; width: 1fr; scrollbar-size-vertical: 1; padding: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("pageup", "page_up_or_earlier", "Page up")]

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        keys: Mapping[str, str] | None = None,
        id: str | None = None,  # noqa: A002 - as every widget
    ) -> None:
        """``keys`` are those that a person gave to actions."""
        super().__init__(id=id)
        self._clock = clock
        self._keys = keys or {}
        self.records: list[TurnRecord] = []

    def compose(self) -> ComposeResult:
        yield _Earlier()

    def on_mount(self) -> None:
        self._tell_earlier()
        self.anchor()

    @property
    def views(self) -> list[TurnView]:
        """The turns that are shown, oldest first."""
        return list(self.query(TurnView))

    async def add(self, record: TurnRecord) -> TurnView:
        """Show a new turn at the end, and as many fewer at the beginning."""
        self.records.append(record)
        view = self._view(record)
        await self.mount(view)
        for old in self.views[: -(_SHOWN + _STEP)]:
            if old.record.is_over:
                await self.remove_children(self.children[1 : self.children.index(old) + 1])
        self._tell_earlier()
        self.anchor()
        return view

    async def tell(self, text: str) -> None:
        """Show what happened beside the conversation, at its end."""
        await self.mount(Note(text))
        self.anchor()

    async def show(self, records: Sequence[TurnRecord]) -> None:
        """Show other turns: those of a session."""
        await self.remove_children(list(self.children[1:]))
        self.records = list(records)
        await self.mount_all([self._view(record) for record in self.records[-_SHOWN:]])
        self._tell_earlier()
        self.anchor()

    @on(_Earlier.Wanted)
    async def show_earlier(self) -> None:
        """Show some more of the turns before the first one, which stays where it is."""
        views = self.views
        first = self.records.index(views[0].record) if views else len(self.records)
        if not first:
            return
        height = self.virtual_size.height
        more = [self._view(record) for record in self.records[max(0, first - _STEP) : first]]
        await self.mount_all(more, after=self.query_one(_Earlier))
        self._tell_earlier()
        self.call_after_refresh(
            lambda: self.scroll_to(y=self.scroll_y + self.virtual_size.height - height, animate=False, force=True)
        )

    async def action_page_up_or_earlier(self) -> None:
        if self.scroll_y <= 0:
            await self.show_earlier()
        else:
            self.action_page_up()

    def _view(self, record: TurnRecord) -> TurnView:
        return TurnView(record, self._clock, keys=self._keys)

    def _tell_earlier(self) -> None:
        hidden = len(self.records) - len(self.views)
        earlier = self.query_one(_Earlier)
        earlier.display = hidden > 0
        earlier.update(f"↑ {hidden} earlier question{'s' if hidden != 1 else ''}")
