"""What was understood of a question, as fields that can be changed: the question, its days, its outlets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from assistant.days import read_day
from assistant.planning import filter_of
from assistant.tui.plain_text import shown, told
from store.cleaning import clean_line
from store.errors import DatelineError

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.planning import Scope
    from assistant.tui.turn_record import TurnRecord
    from store.records import Window


@dataclass(frozen=True, slots=True)
class Replanned:
    """A question as a person wants it understood."""

    question: str
    scope: Scope


class PlanEditor(ModalScreen[Replanned | None]):
    """Asks for the parts of a plan; Enter in any field asks the question with them, Esc leaves everything as it was.

    Days that were left empty are not kept to, whatever the question says.
    """

    DEFAULT_CSS = """
    PlanEditor { align: center middle; }
    PlanEditor > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
        border: round $panel-lighten-2;
    }
    PlanEditor Label { color: $text-muted; }
    PlanEditor Input { border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $foreground 8%; }
    PlanEditor Input:focus { border: none; background: $foreground 8%; text-style: bold; }
    PlanEditor #plan-trouble { color: $text-error; height: auto; }
    PlanEditor #plan-keys { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Leave it")]

    def __init__(self, record: TurnRecord) -> None:
        super().__init__()
        self._record = record

    def compose(self) -> ComposeResult:
        question, since, until, outlets = _understood(self._record)
        with Vertical():
            yield Label("Question, standing by itself")
            yield Input(clean_line(question), id="plan-question")
            yield Label("Published on this day or after (empty: any)")
            yield Input(since.isoformat() if since else "", placeholder="2020-01-31, 2020-01 or 2020", id="plan-since")
            yield Label("Published on this day or before (empty: any)")
            yield Input(until.isoformat() if until else "", placeholder="2020-01-31, 2020-01 or 2020", id="plan-until")
            yield Label("Outlets, with commas between them (empty: all)")
            yield Input(clean_line(", ".join(outlets)), id="plan-outlets")
            yield Static(id="plan-trouble")
            yield Static("Enter asks again · Tab to the next field · Esc leaves it", id="plan-keys")

    @on(Input.Submitted)
    def _ask(self) -> None:
        try:
            replanned = self._replanned()
        except DatelineError as exc:
            self.query_one("#plan-trouble", Static).update(shown(told(exc)))
            return
        self.dismiss(replanned)

    def _replanned(self) -> Replanned:
        outlets = tuple(filter(None, map(clean_line, self._typed("outlets").split(","))))
        scope = replace(
            self._record.scope, since=self._day("since"), until=self._day("until"), outlets=outlets, any_day=True
        )
        filter_of(scope)  # Says where the days contradict each other.
        return Replanned(self._typed("question") or self._record.asked, scope)

    def _typed(self, name: str) -> str:
        return clean_line(self.query_one(f"#plan-{name}", Input).value)

    def _day(self, name: str) -> date | None:
        typed = self._typed(name)
        return read_day(typed, last=name == "until") if typed else None


def _understood(record: TurnRecord) -> tuple[str, date | None, date | None, tuple[str, ...]]:
    """Return the question, the first and last day and the outlets that a turn was searched with, or preferred."""
    planned, turn, scope = record.planned, record.turn, record.scope
    if planned is not None:
        outlets = planned.filter.outlets or planned.preference.outlets
        return planned.question, *_ends(planned.window or planned.preferred_window), outlets
    if turn is not None:
        return turn.question, *_ends(turn.window), turn.outlets
    return record.asked, scope.since, scope.until, scope.outlets


def _ends(window: Window | None) -> tuple[date | None, date | None]:
    return (window.since, window.until) if window else (None, None)
