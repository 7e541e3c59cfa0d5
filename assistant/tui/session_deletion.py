"""Asks whether a session may go for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from assistant.tui.plain_text import shown
from store.cleaning import clean_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.sessions import Session


_SHOWN_CHARS = 200


class SessionDeletion(ModalScreen[bool]):
    """Gives True where the session is to be deleted; ``is_current`` where it is the one that is open."""

    DEFAULT_CSS = """
    SessionDeletion {
        align: center middle;
        & > Vertical {
            width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
            border: round $panel-lighten-2;
        }
        & Static { height: auto; margin: 0 0 1 0; }
        & Horizontal { height: 1; }
        & Button { margin: 0 2 0 0; }
        & Button:focus { text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("y,d", "dismiss(True)", "Delete"),
        ("n,escape", "dismiss(False)", "Keep"),
        ("left,up", "app.focus_previous"),
        ("right,down", "app.focus_next"),
    ]

    def __init__(self, session: Session, *, is_current: bool) -> None:
        super().__init__()
        self._session = session
        self._is_current = is_current

    def compose(self) -> ComposeResult:
        session = self._session
        questions = f"{session.turns:,} question{'s' if session.turns != 1 else ''}"
        begun = f", begun with “{_shortened(clean_line(session.first_asked))}”" if session.first_asked else ""
        told = f"Delete {session.label!r} with its {questions}{begun}, for good?"
        if self._is_current:
            told += "\n\nIt is the conversation that you are in. What you ask next begins another one."
        with Vertical():
            yield Static(shown(told))
            with Horizontal():
                yield Button("Keep (n)", id="keep", compact=True)
                yield Button("Delete (y)", id="delete", compact=True)

    def on_mount(self) -> None:
        self.query_one("#keep").focus()

    @on(Button.Pressed)
    def _answer(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "delete")


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1].rstrip()}…"
