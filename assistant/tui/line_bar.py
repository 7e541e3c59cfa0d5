"""A line at the bottom of a screen in which something is asked for: a name, a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from assistant.tui.plain_text import shown
from store.cleaning import clean_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class _LineInput(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", key_display="Enter"),
        Binding("escape", "leave", "Leave it", key_display="Esc"),
        Binding("tab", "other", "The other format", key_display="Tab"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return action != "other" or bool(self._bar.suffixes)

    def action_leave(self) -> None:
        self.post_message(LineBar.Left())

    def action_other(self) -> None:
        self._bar.take_other_suffix()

    @property
    def _bar(self) -> LineBar:
        bar = self.parent
        assert isinstance(bar, LineBar)
        return bar


class LineBar(Horizontal):
    """Asks with ``ask`` and says what was given, or that nothing is; Tab goes round its ``suffixes``, if any."""

    DEFAULT_CSS = """
    LineBar {
        height: 1; background: $panel; padding: 0 1; display: none;
        & > Static { width: auto; padding: 0 1 0 0; }
        & > Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        & > Input:focus { border: none; background: $panel; }
        &.-asking { display: block; }
    }
    """

    class Given(Message):
        """This was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Nothing is given."""

    def __init__(self) -> None:
        super().__init__()
        self.suffixes: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static()
        yield _LineInput(select_on_focus=False)

    @property
    def text(self) -> str:
        return clean_line(self._input.value)

    def ask(self, label: str, text: str, *, suffixes: tuple[str, ...] = ()) -> None:
        """Ask for something, with ``text`` to begin with."""
        self.suffixes = suffixes
        self.query_one(Static).update(shown(label))
        self.add_class("-asking")
        self._input.value = clean_line(text)
        self._input.cursor_position = len(self._input.value)
        self._input.focus()
        self._input.refresh_bindings()

    def close(self) -> None:
        """Ask for nothing any more."""
        self.remove_class("-asking")

    def take_other_suffix(self) -> None:
        """Let what is typed end with the next of the suffixes."""
        value = self._input.value
        known = next((suffix for suffix in self.suffixes if value.endswith(suffix)), "")
        following = self.suffixes[(self.suffixes.index(known) + 1) % len(self.suffixes)] if known else self.suffixes[0]
        self._input.value = value.removesuffix(known) + following
        self._input.cursor_position = len(self._input.value)

    @property
    def _input(self) -> Input:
        return self.query_one(_LineInput)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Given(self.text))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
