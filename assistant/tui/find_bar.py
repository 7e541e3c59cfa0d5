"""The line in which words are looked for in an article, with how often they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Input, Static

from assistant.tui.matches import MOST_MATCHES, matches_in
from store.cleaning import clean_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from store.splitting import Span


class FindInput(Input):
    """What is looked for. Not every terminal tells Shift+Enter from Enter, so the arrows go through what is found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "step(1)", "Next", key_display="Enter"),
        Binding("up", "step(-1)", "Previous", key_display="↑"),
        Binding("down", "step(1)", "Next", show=False),
        Binding("shift+enter", "step(-1)", "Previous", show=False),
    ]

    def action_step(self, count: int) -> None:
        self.post_message(FindBar.Stepped(count))


class FindBar(Horizontal):
    """Says when other words are looked for, and when another place of theirs is to be shown; it keeps both."""

    DEFAULT_CSS = """
    FindBar {
        height: 1; background: $panel; padding: 0 1;
        & > Static { width: auto; padding: 0 1 0 0; }
        & > Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        & > Input:focus { border: none; background: $panel; }
        & > #find-count { padding: 0 2; color: $text-muted; }
        & > .step { padding: 0 1; pointer: pointer; }
        & > .step:hover { text-style: underline; }
    }
    """

    class Changed(Message):
        """Other words are looked for."""

    class Stepped(Message):
        """The next place is to be shown, or with -1 the one before."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self.matches: list[Span] = []
        self._at: int | None = None

    def compose(self) -> ComposeResult:
        yield Static("Find:")
        yield FindInput(id="find-words", select_on_focus=True)
        yield Static(id="find-count")
        yield Static("↑", id="find-previous", classes="step")
        yield Static("↓", id="find-next", classes="step")

    @property
    def words(self) -> str:
        return self.query_one(FindInput).value

    @property
    def found(self) -> Span | None:
        """The place that is shown."""
        return self.matches[self._at] if self._at is not None else None

    def put(self, words: str) -> None:
        """Look for other words."""
        self.query_one(FindInput).value = clean_line(words)

    def look(self, body: str, position: int) -> None:
        """Look through a body, and be at the first place from ``position`` on."""
        self.matches = matches_in(body, self.words)
        after = (index for index, (start, _) in enumerate(self.matches) if start >= position)
        self._at = next(after, 0) if self.matches else None
        self._tell()

    def step(self, count: int) -> None:
        """Go on to another place; after the last comes the first."""
        if self._at is not None:
            self._at = (self._at + count) % len(self.matches)
            self._tell()

    def _tell(self) -> None:
        total = len(self.matches)
        counted = f"{total:,}" if total <= MOST_MATCHES else f"more than {MOST_MATCHES:,}"
        told = f"{self._at + 1:,} of {counted}" if self._at is not None else "not found" if self.words.strip() else ""
        self.query_one("#find-count", Static).update(Content(told))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    @on(Click, "#find-next")
    def _step_on(self) -> None:
        self.post_message(self.Stepped(1))

    @on(Click, "#find-previous")
    def _step_back(self) -> None:
        self.post_message(self.Stepped(-1))
