"""The prints of one story, to choose which is read: the one that is cited, and its copies in other outlets."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from assistant.rendering import describe
from assistant.tui.plain_text import shown_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from store.records import ArticleRef


class PrintList(ModalScreen[int | None]):
    """Lists prints, the cited one first; gives the index of the one to read."""

    DEFAULT_CSS = """
    PrintList {
        align: center middle;
        & > Vertical {
            width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
            border: round $foreground 30%;
        }
        & #prints-title { text-style: bold; margin: 0 0 1 0; }
        & OptionList { height: auto; max-height: 24; border: none; padding: 0; background: $surface; }
        & OptionList:focus { border: none; background-tint: $foreground 0%; }
        & #prints-keys { color: $text-muted; margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,c", "leave", "Leave")]

    def __init__(self, prints: Sequence[ArticleRef], at: int) -> None:
        super().__init__()
        self._prints = tuple(prints)
        self._at = at

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Prints of this story", id="prints-title")
            yield OptionList(*(Option(self._entry(index)) for index in range(len(self._prints))))
            yield Static("Enter Read   Esc Leave it", id="prints-keys")

    def on_mount(self) -> None:
        prints = self.query_one(OptionList)
        prints.highlighted = self._at
        prints.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _entry(self, index: int) -> Content:
        ref = self._prints[index]
        told = shown_line(describe(ref) or ref.id)
        return told.append(Content.styled(" (cited)", "bold")) if index == 0 else told
