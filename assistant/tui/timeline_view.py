"""The timeline of a topic to look through: its days with their sentences, each a key away from its article."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from assistant.days import read_day
from assistant.timeline.citing import cite
from assistant.timeline.exporting import default_file_name
from assistant.timeline.phrasing import days_text, legend, marks_of, outlets_text
from assistant.timeline.rendering import bar
from assistant.tui.keys import help_binding
from assistant.tui.plain_text import TELLABLE, shown_line, told
from store.cleaning import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.conversation import Citation
    from assistant.timeline.events import Event
    from assistant.tui.archive_thread import ArchiveThread
    from assistant.tui.told_events import ToldEvents
    from store.archive import Archive

TellEvents: TypeAlias = "Callable[[Archive, date | None, date | None], ToldEvents]"

_NOTHING = "The archive tells of no such day."


class EventList(OptionList):
    """Lists events; the one that is chosen is told as an OptionList tells it."""

    DEFAULT_CSS = """
    EventList {
        height: 1fr; border: none; background: $background; padding: 0 1; scrollbar-size-vertical: 1;
        &:focus { border: none; background-tint: $foreground 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted { background: $boost; text-style: none; }
    }
    EventList:focus > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: none;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Read", key_display="Enter")]

    def show(self, events: Sequence[Event]) -> None:
        """List other events."""
        self.set_options(Option(_entry(event)) for event in events)
        if events:
            self.highlighted = 0


class TimelineView(Screen[None]):
    """Shows what ``tell`` gives of an archive for a first and a last day on which things happened, both optional.

    ``read`` makes the screen that shows one of some citations in its article, and gives the one that was seen last.
    Without ``narrows`` the days cannot be changed. ``today`` is the day on the asker's calendar.
    """

    DEFAULT_CSS = """
    TimelineView {
        background: $background; layout: vertical;
        & > #timeline-title { height: auto; max-height: 2; padding: 0 1; background: $panel; text-style: bold; }
        & > #timeline-fields { height: 1; padding: 0 1; }
        & > #timeline-fields > Label { color: $text-muted; padding: 0 1 0 0; }
        & > #timeline-fields > Input {
            border: none; height: 1; width: 16; padding: 0; margin: 0 2 0 0; background: $foreground 8%;
        }
        & > #timeline-fields > Input:focus { border: none; background: $foreground 8%; text-style: bold; }
        & > #timeline-told { height: auto; max-height: 3; padding: 0 1; }
        & > #timeline-legend { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
        &.-low > #timeline-legend { display: none; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-usual")]  # noqa: RUF012 - as in Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export", "Export"),
        Binding("f", "go_to_days", "Days"),
        Binding("z", "widen", "Widen"),
        Binding("escape", "back", "Back", key_display="Esc"),
        help_binding("timeline"),
    ]

    def __init__(
        self,
        reading: ArchiveThread,
        tell: TellEvents,
        *,
        read: Callable[[Sequence[Citation], int], Screen[int | None]],
        today: Callable[[], date],
        since: date | None = None,
        until: date | None = None,
        narrows: bool = True,
    ) -> None:
        super().__init__()
        self._reading = reading
        self._tell_events = tell
        self._read = read
        self._today = today
        self._first = (since, until)
        self._narrows = narrows
        self._shown: ToldEvents | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="timeline-title")
        with Horizontal(id="timeline-fields"):
            for name, day in zip(("since", "until"), self._first, strict=True):
                yield Label("Since" if name == "since" else "Until")
                yield Input(day.isoformat() if day else "", id=f"timeline-{name}", placeholder="any day")
        yield Static(id="timeline-told")
        yield EventList()
        yield Static(id="timeline-legend")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#timeline-fields").display = self._narrows
        self._list.focus()
        self._load()

    @property
    def _list(self) -> EventList:
        return self.query_one(EventList)

    # -- what is shown -------------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def _narrow(self, event: Input.Submitted) -> None:
        event.stop()
        self._load()

    @work(exclusive=True, group="telling")
    async def _load(self) -> None:
        """Show the events of the days that are typed."""
        self._tell("looking …")
        try:
            since, until = self._days()
            shown = await self._reading.run(lambda archive: self._tell_events(archive, since, until))
        except TELLABLE as exc:
            self._tell(told(exc), is_trouble=True)
            return
        self._shown = shown
        self.query_one("#timeline-title", Static).update(shown_line(shown.facts))
        self._tell(" · ".join(shown.notices) if shown.events else _NOTHING)
        self._list.show(shown.events)
        self.query_one("#timeline-legend", Static).update(Content("\n").join(map(shown_line, legend(shown.events))))
        if shown.events:
            self._list.focus()

    def _days(self) -> tuple[date | None, date | None]:
        """Return the days that are typed; raise ConfigError for what is none."""
        since, until = (clean_line(self.query_one(f"#timeline-{name}", Input).value) for name in ("since", "until"))
        return (
            read_day(since, last=False, today=self._today()) if since else None,
            read_day(until, last=True, today=self._today()) if until else None,
        )

    # -- what is done --------------------------------------------------------------------------------------------------

    @on(EventList.OptionSelected)
    def _open(self, event: EventList.OptionSelected) -> None:
        event.stop()
        if self._shown is None:
            return
        cited = cite(self._shown.events)
        number = cited.number(self._shown.events[event.option_index].quote)
        self.app.push_screen(self._read(cited.told, number - 1), self._go_to_citation)

    def _go_to_citation(self, index: int | None) -> None:
        """Mark the event whose citation was seen last."""
        if self._shown is not None and index is not None and index < len(self._shown.events):
            self._list.highlighted = index

    @work(group="exporting")
    async def action_export(self) -> None:
        """Write what is shown to a file, and say where."""
        if self._shown is None or not self._shown.events:
            return
        from assistant.exports import write_export  # only for those who export

        shown = self._shown
        path = Path.cwd() / default_file_name(shown.topic)
        try:
            await asyncio.to_thread(lambda: write_export(path, shown.to_markdown()))
        except TELLABLE as exc:
            self._tell(told(exc), is_trouble=True)
        else:
            self._tell(f"written to {path}")

    def action_go_to_days(self) -> None:
        self.query_one("#timeline-since", Input).focus()

    def action_widen(self) -> None:
        """Show all days again."""
        for field in self.query(Input):
            field.value = ""
        self._load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return self._narrows or action not in {"go_to_days", "widen"}

    def action_back(self) -> None:
        """Leave the fields, then the screen."""
        if isinstance(self.focused, Input):
            self._list.focus()
        else:
            self.dismiss(None)

    def _tell(self, text: str, *, is_trouble: bool = False) -> None:
        line = self.query_one("#timeline-told", Static)
        line.display = bool(text)
        line.update(Content("✗ " if is_trouble else "").append(shown_line(text)))


def _entry(event: Event) -> Content:
    notes = " · ".join(filter(None, (outlets_text(event), *marks_of(event))))
    head = (
        shown_line(f"{days_text(event.days):<18} ")
        .stylize("bold")
        .append(shown_line(f"{bar(event.importance)} {notes}"))
    )
    others = [
        shown_line(f"{dating.quote.article.outlet or 'no outlet'}: {days_text(dating.days)}")
        for dating in event.disputing
    ]
    return Content("\n").join([head, shown_line(event.quote.text), *others, Content(" ")])
