"""The sources of one turn beside the transcript: which outlet, when, what it is worth, and who printed it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from assistant.rendering import format_day, pages_text
from assistant.tui.plain_text import shown_line
from store.records import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from assistant.tui.turn_record import Place
    from store.records import ArticleRef

_QUOTE_CHARS = 160
_NAMED_COPIES = 3

_NOTHING_YET = "What an answer stands on is listed here: outlet, day, headline, how well."


class SourcePanel(Vertical):
    """Lists the places of a turn. It says when another one is looked at, and when one is to be read."""

    DEFAULT_CSS = """
    SourcePanel {
        width: 1fr; min-width: 30; max-width: 64; height: 1fr;
        border-left: solid $foreground 20%; padding: 1 0 0 1;
        & > #sources-title { height: 1; text-style: bold; color: $text; margin: 0 0 1 0; }
        & > #sources-none { color: $text-muted; padding: 0 1 0 0; }
        & > OptionList {
            height: 1fr; border: none; background: $background; padding: 0; scrollbar-size-vertical: 1;
            &:focus { border: none; background-tint: transparent; }
            & > .option-list--option { padding: 0 1 0 0; }
            & > .option-list--option-highlighted { background: $panel; text-style: none; }
        }
        & > OptionList:focus > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: none;
        }
    }
    """

    class Pointed(Message):
        """Another place is looked at."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Chosen(Message):
        """A place is to be read in its article."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self._places: tuple[Place, ...] = ()
        self._marked: int | None = None
        self._cited = 0

    def compose(self) -> ComposeResult:
        yield Static("Sources", id="sources-title")
        yield Static(_NOTHING_YET, id="sources-none")
        yield OptionList(id="sources-list")

    def on_mount(self) -> None:
        self._list.display = False

    @property
    def _list(self) -> OptionList:
        return self.query_one("#sources-list", OptionList)

    @property
    def index(self) -> int | None:
        """The place that is looked at."""
        return self._list.highlighted

    def show(self, places: Sequence[Place], title: str, *, at: int | None = None) -> None:
        """List the places of a turn and look at one of them."""
        self._places = tuple(places)
        self.query_one("#sources-title", Static).update(shown_line(title))
        none, listed = self.query_one("#sources-none", Static), self._list
        none.display, listed.display = not places, bool(places)
        none.update("Nothing was found.")
        self._cited = sum(place.is_cited for place in places)
        self._marked = None
        listed.set_options(Option(self._entry_at(index)) for index in range(len(places)))
        if places:
            listed.highlighted = at or 0
            self._mark(at or 0)

    def clear(self) -> None:
        """List nothing, as before the first question."""
        self.show((), "Sources")
        self.query_one("#sources-none", Static).update(_NOTHING_YET)

    def point_at(self, index: int) -> None:
        """Look at another place of the same turn."""
        if index != self._list.highlighted and 0 <= index < len(self._places):
            self._list.highlighted = index
            self._mark(index)

    def focus_list(self) -> None:
        """Let keys go to the list: Enter reads the place that is looked at."""
        self._list.focus()

    def _mark(self, index: int) -> None:
        """Mark the place that is looked at as its citation is marked in the answer, and no other."""
        marked, self._marked = self._marked, index
        for changed in {index if marked is None else marked, index}:
            self._list.replace_option_prompt_at_index(changed, self._entry_at(changed))

    def _entry_at(self, index: int) -> Content:
        return _entry(self._places[index], heads_rest=0 < index == self._cited, is_marked=index == self._marked)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        # Ours, not a person's; or one that another has overtaken.
        if event.option_index == self._marked or event.option_index != self._list.highlighted:
            return
        self._mark(event.option_index)
        self.post_message(self.Pointed(event.option_index))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(event.option_index))


def _entry(place: Place, *, heads_rest: bool, is_marked: bool) -> Content:
    """Return a place as the panel lists it; one that ``heads_rest`` is the first that is not cited."""
    citation = place.citation
    ref = citation.hit.passage.article
    number = f"[{citation.number}]" if place.is_cited else "·"
    mark = Content(" · ").append(shown_line(place.mark)) if place.is_cited or place.differs else ""
    outlet = shown_line(ref.outlet or "no outlet").stylize("bold")
    lines = [Content.assemble((number, "bold reverse" if is_marked else "bold"), " ", outlet, mark)]
    page = pages_text(ref, citation.start, citation.end)
    lines.append(shown_line(" · ".join(part for part in (_short_day(ref), page, ref.headline) if part)))
    if place.is_cited or place.differs or place.mark == "nearest":
        lines.append(shown_line(_shortened(citation.quote)).stylize("dim"))
    if copies := citation.hit.copies:
        lines.append(shown_line(f"also printed by {_outlets(copies)}").stylize("italic"))
    if heads_rest:
        lines.insert(0, Content.styled("Found as well, not cited", "dim"))
    return Content("\n").join([*lines, Content(" ")])


def _short_day(ref: ArticleRef) -> str:
    """Return the day as 2 Jan 2020: a line of the panel is short."""
    told = format_day(day_of(ref.published)).split()
    return f"{told[0]} {told[1][:3]} {told[2]}" if told else "no date"


def _shortened(quote: str) -> str:
    text = " ".join(quote.split())
    return f"“{text}”" if len(text) <= _QUOTE_CHARS else f"“{text[:_QUOTE_CHARS].rsplit(' ', 1)[0]} …”"


def _outlets(copies: Sequence[ArticleRef]) -> str:
    names = list(dict.fromkeys(copy.outlet or "no outlet" for copy in copies))
    more = len(names) - _NAMED_COPIES
    return ", ".join(names[:_NAMED_COPIES]) + (f" and {more} more" if more > 0 else "")
