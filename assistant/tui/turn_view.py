"""One question in the transcript: what was understood, how far the answer is, the answer, and what to know of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.tui.answer_view import AnswerView
from assistant.tui.header import short_model
from assistant.tui.keys import key_for
from assistant.tui.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.conversation import Answer, Delta
    from assistant.tui.turn_record import Place, TurnRecord

_TICK_S = 0.2
_WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class PlanLine(Static, can_focus=True):
    """What was understood of a question. Enter or a click changes it."""

    DEFAULT_CSS = """
    PlanLine { height: auto; color: $text-muted; padding: 0 0 0 2; pointer: pointer; }
    PlanLine:hover { text-style: underline; }
    PlanLine:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("enter", "edit", "Change what was understood")]

    class Edit(Message):
        """The plan is to be changed, and the question asked again."""

    def on_click(self) -> None:
        self.action_edit()

    def action_edit(self) -> None:
        self.post_message(self.Edit())


class TurnView(Vertical):
    """Shows a turn as its record stands; ``point_at`` looks at one of its places."""

    DEFAULT_CSS = """
    TurnView { height: auto; margin: 0 1 0 0; max-width: 104; border-left: blank; }
    TurnView > .asked { text-style: bold; height: auto; }
    TurnView > .asked > Static { width: 1fr; height: auto; }
    TurnView > .asked > .prompt { width: 2; }
    TurnView > .state {
        height: 1; color: $text-muted; padding: 0 0 0 2; margin: 0 0 1 0; text-wrap: nowrap; text-overflow: ellipsis;
    }
    TurnView > .trouble { height: auto; padding: 0 0 0 2; color: $text-error; margin: 0 0 1 0; }
    TurnView > .differences { height: auto; padding: 0 0 0 2; margin: 0 0 1 0; }
    TurnView > .remarks { height: auto; padding: 0 0 0 2; color: $text-muted; margin: 0 0 1 0; }
    TurnView > .hint { height: auto; padding: 0 0 0 2; color: $text-muted; margin: 0 0 1 0; display: none; }
    TurnView > AnswerView { padding: 0 0 0 2; margin: 1 0 0 0; }
    TurnView.-current { border-left: wide $primary; }
    """

    class EditPlan(Message):
        """What was understood of this turn is to be changed."""

        def __init__(self, view: TurnView) -> None:
            super().__init__()
            self.view = view

    class Pointed(Message):
        """One of the turn's places is to be looked at, or the turn itself where ``index`` is None."""

        def __init__(self, view: TurnView, index: int | None) -> None:
            super().__init__()
            self.view = view
            self.index = index

    def __init__(
        self,
        record: TurnRecord,
        clock: Callable[[], float] = time.monotonic,
        *,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """``clock`` gives seconds; how long an answer takes is shown. ``keys`` are those that were given to actions."""
        super().__init__()
        self.record = record
        self._keys = keys or {}
        self._asked_model = ""
        self._rewriting_model = ""
        self.places: tuple[Place, ...] = record.places()
        # Each is written in one thread: what a model has written in the archive's, what is shown of it in this one.
        self._received_words = 0
        self._shown_words = 0
        self._clock = clock
        self._began = clock()
        self._pointed: int | None = None
        self._has_text = False

    def compose(self) -> ComposeResult:
        answer = self.record.turn.answer if self.record.turn else None
        self._has_text = answer is not None
        with Horizontal(classes="asked"):
            yield Static("❯", classes="prompt")
            yield Static(shown(self.record.asked))
        yield PlanLine(classes="plan")
        yield Static(classes="state")
        yield AnswerView(answer)
        yield Static(classes="differences")
        yield Static(classes="trouble")
        yield Static(classes="remarks")
        yield Static(classes="hint")

    def on_mount(self) -> None:
        self._ticking = self.set_interval(_TICK_S, self._tick)
        self.refresh_record()

    def refresh_record(self) -> None:
        """Show how far the record has come."""
        record = self.record
        self.places = record.places()
        plan = self.query_one(PlanLine)
        plan.display = record.stage not in {"waiting", "planning"}
        plan.update(_plan_line(record))
        self.query_one(AnswerView).display = self._has_text
        trouble = self.query_one(".trouble", Static)
        trouble.display = bool(record.trouble)
        trouble.update(Content("✗ ").append(shown(record.trouble)))
        differences = self.query_one(".differences", Static)
        differs = record.differences()
        differences.display = bool(differs)
        differences.update(shown(differs))
        remarks = self.query_one(".remarks", Static)
        told = "\n".join(record.remarks() if record.is_over else record.notices)
        remarks.display = bool(told)
        remarks.update(shown(told))
        listed = _places_text(record, self.places)
        self.query_one(".hint", Static).update(shown(f"{key_for('sources', self._keys)} shows {listed}"))
        self.set_class(bool(listed), "-has-sources")
        self._tick()

    def tell_model(self, model: str, *, is_first: bool) -> None:
        """Say from now on which model is waited for. The ``is_first`` question of a conversation needs no rewriting."""
        self._asked_model = "" if model == "extractive" else short_model(model)
        self._rewriting_model = "" if is_first else self._asked_model

    async def add(self, delta: Delta, *, literal: bool) -> None:
        """Show the next piece of the answer."""
        self._show_text()
        self._shown_words += delta.text.count(" ")
        await self.query_one(AnswerView).add(delta.text, delta.support, literal=literal)

    async def finish(self, answer: Answer) -> None:
        """Show the whole answer."""
        self._show_text()
        await self.query_one(AnswerView).finish(answer)

    def count_piece(self, piece: str) -> None:
        """Count what a model has written; called in another thread, and shown with the next tick."""
        self._received_words += piece.count(" ")

    @property
    def is_pointed_at(self) -> bool:
        """Whether one of its places is looked at."""
        return self._pointed is not None

    def point_at(self, index: int | None) -> None:
        """Mark the citation that is looked at; None marks none."""
        number = self.places[index].citation.number if index is not None and index < len(self.places) else 0
        self.query_one(AnswerView).point_at(number)
        self._pointed = index

    @on(AnswerView.Followed)
    def _follow(self, event: AnswerView.Followed) -> None:
        event.stop()
        for index, place in enumerate(self.places):
            if place.citation.number == event.number:
                self.post_message(self.Pointed(self, index))

    @on(PlanLine.Edit)
    def _edit(self, event: PlanLine.Edit) -> None:
        event.stop()
        self.post_message(self.EditPlan(self))

    def on_click(self, event: events.Click) -> None:
        if self.record.is_over and event.widget is not self.query_one(PlanLine):
            self.post_message(self.Pointed(self, None))

    def _show_text(self) -> None:
        self._has_text = True
        self.query_one(AnswerView).display = True

    def _tick(self) -> None:
        state = self.query_one(".state", Static)
        state.display = not self.record.is_over
        if self.record.is_over:
            self._ticking.stop()
        else:
            state.update(shown(self._state_line()))

    def _state_line(self) -> str:
        record, elapsed = self.record, self._clock() - self._began
        if record.stage == "waiting":
            self._began = self._clock()
            return "waits for the answer before it"
        if record.stage == "stopping":
            return "stopped; checking what is written"
        wheel = _WHEEL[int(elapsed / _TICK_S) % len(_WHEEL)]
        found = f"{len(record.hits)} passage{'s' if len(record.hits) != 1 else ''}"
        unchecked = max(0, self._received_words - self._shown_words)
        words = f" · {unchecked} words not checked yet" if unchecked else ""
        model, rewriting = self._asked_model, self._rewriting_model
        said = {
            "planning": f"understanding the question{' with ' if rewriting else ''}{rewriting}",
            "searching": "searching",
            "reading": f"{model} reads {found}" if model else f"reading {found}",
            "writing": f"{model} writes" if model else f"writing from {found}",
        }[record.stage]
        seconds = f" · {elapsed:.0f} s" if elapsed >= 1 else ""
        return f"{wheel} {said}{seconds} · {key_for('stop', self._keys)} stops{words}"


def _plan_line(record: TurnRecord) -> Content:
    told = " · ".join(record.plan) or "all days, all outlets"
    return shown(f"↳ {told} · ").append(Content.styled("change", "underline"))


def _places_text(record: TurnRecord, places: Sequence[Place]) -> str:
    """Return in words what the panel lists of a turn that is over; nothing where it lists nothing."""
    if not places or not record.is_over:
        return ""
    cited = sum(place.is_cited for place in places)
    if cited:
        return f"the {cited} sources" if cited > 1 else "the source"
    return "what was found" if record.turn is None else "the nearest passages"
