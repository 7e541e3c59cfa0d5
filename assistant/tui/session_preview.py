"""The end of a session, to know it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from assistant.rendering import Style, answer_text
from assistant.transcripts import minute
from assistant.tui.plain_text import shown, shown_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from assistant.saved_turns import SavedTurn, State
    from assistant.sessions import Session

_ANSWER_CHARS = 900

_STATE_WORDS: dict[State, str] = {
    "incomplete": "incomplete",
    "failed": "not answered",
    "unfinished": "cut short",
}


class SessionPreview(VerticalScroll):
    """Shows the last turns of the session that is looked at."""

    DEFAULT_CSS = """
    SessionPreview {
        width: 1fr; height: 1fr; border-left: solid $panel-lighten-2; padding: 0 1 0 2; scrollbar-size-vertical: 1;
        & > Static { height: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static()

    def show(self, session: Session, turns: Sequence[SavedTurn]) -> None:
        """Show the last turns of a session."""
        earlier = session.turns - len(turns)
        head = [shown_line(session.label).stylize("bold"), shown(f"started {minute(session.started_utc)}")]
        head.append(shown_line(f"archive {session.archive}"))
        parts = [Content("\n").join(head)]
        if earlier > 0:
            parts.append(Content(f"… {earlier:,} earlier question{'s' if earlier != 1 else ''}").stylize("dim"))
        self.tell(Content("\n\n").join([*parts, *map(_turn, turns)]))

    def tell(self, text: Content) -> None:
        """Show a text."""
        self.query_one(Static).update(text)
        self.scroll_home(animate=False)


def _turn(saved: SavedTurn) -> Content:
    turn, answer = saved.turn, saved.turn.answer
    lines = [Content("❯ ").append(shown_line(turn.asked or turn.question)).stylize("bold")]
    text = answer_text(answer, Style())
    if text:
        lines.append(shown(text if len(text) <= _ANSWER_CHARS else f"{text[:_ANSWER_CHARS].rstrip()} …"))
    if saved.state in _STATE_WORDS:
        why = f": {saved.error}" if saved.error else ""
        lines.append(shown_line(f"({_STATE_WORDS[saved.state]}{why})"))
    if answer.citations:
        count = len(answer.citations)
        lines.append(Content(f"{count} citation{'s' if count != 1 else ''}").stylize("dim"))
    return Content("\n").join(lines)
