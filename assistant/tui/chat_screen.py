"""The chat: questions and answers, their sources beside them, and a box to type in."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer

from assistant.conversation import Answered, Delta, Planned, Searched
from assistant.errors import LLMStopped
from assistant.llm.stopping import Stop
from assistant.rendering import Style, answer_text, sources_text
from assistant.tui.asker import Coverage
from assistant.tui.header import ChatHeader, unsaved_text
from assistant.tui.keys import bindings, key_for
from assistant.tui.loading import load
from assistant.tui.plain_text import TELLABLE, in_chat_words, told
from assistant.tui.question_box import QuestionBox
from assistant.tui.source_panel import SourcePanel
from assistant.tui.transcript import Transcript
from assistant.tui.turn_record import TurnRecord, plan_of
from assistant.tui.turn_view import TurnView
from assistant.tui.welcome import Welcome
from store.cleaning import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from assistant.planning import Scope
    from assistant.tui.adding import AddingLine
    from assistant.tui.archive_thread import ArchiveThread
    from assistant.tui.asker import Asker
    from assistant.tui.commands import Completion
    from assistant.tui.header import Standing


# What a newcomer needs to see; the page of help has all.
_IN_FOOTER = ("read", "sources", "archive", "sessions", "new", "help")


class ChatScreen(Screen[None]):
    """Takes what is typed: questions go to the ``asker`` one after the other, commands to ``obey``.

    ``obey`` tells what is wrong with a command, and returns whether it was done.
    """

    DEFAULT_CSS = """
    ChatScreen { layout: vertical; }
    ChatScreen > #body { height: 1fr; }
    ChatScreen #conversation { width: 2fr; height: 1fr; }
    ChatScreen.-narrow > #body { layout: vertical; }
    ChatScreen.-narrow #conversation { width: 100%; }
    ChatScreen.-narrow SourcePanel {
        width: 100%; max-width: 100%; height: 45%; padding: 0 0 0 1;
        border-left: none; border-top: solid $foreground 20%;
    }
    ChatScreen.-narrow #sources-title { margin: 0; }
    ChatScreen.-narrow.-sources-closed SourcePanel, ChatScreen.-wide.-sources-hidden SourcePanel { display: none; }
    ChatScreen.-narrow.-sources-closed TurnView.-current.-has-sources > .hint { display: block; }
    ChatScreen.-wide.-sources-hidden TurnView.-current.-has-sources > .hint { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("chat", shown=_IN_FOOTER),
        # From the box: what is typed is never as long as what is read.
        Binding("pageup", "read_up", show=False, priority=True),
        Binding("pagedown", "read_down", show=False, priority=True),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as in Textual
        (0, "-narrow"),
        (100, "-wide"),
    ]

    class Painted(Message):
        """The first screen is there: what takes time may begin."""

    def __init__(
        self,
        asker: Asker,
        reading: ArchiveThread,
        standing: Standing,
        *,
        archive: str,
        keys: Mapping[str, str],
        complete: Callable[[str], Sequence[Completion]],
        obey: Callable[[ChatScreen, str], Awaitable[bool]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(classes="-sources-closed")
        self.asker = asker
        self.reading = reading
        self.standing = standing
        self._archive = archive
        self._keys = keys
        self._complete = complete
        self._obey = obey
        self._clock = clock
        self._waiting: deque[tuple[TurnView, Standing]] = deque()
        self._stop: Stop | None = None
        self._answering: TurnView | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._current: TurnView | None = None
        # Set once it is known which conversation this is: what is typed before that waits.
        self.has_begun = asyncio.Event()
        # What is typed is taken in its order, though some of it waits.
        self.taking = asyncio.Lock()
        # A question is added to the conversation that is shown, or to the next one, but to none that is being left.
        self._changing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        yield ChatHeader()
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                yield Welcome(self._keys)
                yield Transcript(self._clock, keys=self._keys)
            yield SourcePanel()
        yield QuestionBox(self._complete)
        yield Footer()

    def on_mount(self) -> None:
        self.transcript.display = False
        self.header.archive = self._archive
        self.header.standing = self.standing
        self.box.focus()
        self.call_after_refresh(self.post_message, self.Painted())

    # -- parts ---------------------------------------------------------------------------------------------------------

    @property
    def header(self) -> ChatHeader:
        return self.query_one(ChatHeader)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def welcome(self) -> Welcome:
        return self.query_one(Welcome)

    @property
    def panel(self) -> SourcePanel:
        return self.query_one(SourcePanel)

    @property
    def box(self) -> QuestionBox:
        return self.query_one(QuestionBox)

    async def adding_line(self) -> AddingLine:
        """Return the line above the box that tells of articles being added."""
        await load("assistant.tui.adding")  # only for those who add
        from assistant.tui.adding import AddingLine

        if not self.query(AddingLine):
            await self.mount(AddingLine(key_for("stop", self._keys)), before=self.box)
        return self.query_one(AddingLine)

    @property
    def _running_line(self) -> AddingLine | None:
        lines: list[Any] = list(self.query("AddingLine"))  # By name: its module is loaded when it is needed.
        return lines[0] if lines and lines[0].is_adding else None

    @property
    def is_answering(self) -> bool:
        """Whether anything is answered, or waits for that."""
        return not self._idle.is_set()

    @property
    def is_stopping(self) -> bool:
        """Whether the last thing that is answered was told to stop, and has not ended yet."""
        return self._stop is not None and self._stop.is_set and not self._waiting

    @property
    def current(self) -> TurnView | None:
        """The turn whose sources are listed."""
        return self._current if self._current is not None and self._current.is_attached else None

    def change_standing(self, standing: Standing) -> None:
        """Let something else hold for the questions to come."""
        self.standing = self.header.standing = standing

    def say(self, text: str, *, is_trouble: bool = False) -> None:
        """Tell something beside the conversation, for a moment."""
        severity: Literal["warning", "information"] = "warning" if is_trouble else "information"
        self.notify(plain(text), severity=severity, markup=False, timeout=8 if is_trouble else 5)

    async def tell(self, text: str) -> None:
        """Tell something beside the conversation that stays to be read."""
        await (self.transcript.tell(text) if self.transcript.display else self.welcome.note(text))

    # -- asking --------------------------------------------------------------------------------------------------------

    @on(QuestionBox.Sent)
    def take(self, event: QuestionBox.Sent) -> None:
        """Take what was typed: a command, the number of an offered question, or a question."""
        text = event.text.strip()
        if text.startswith("/") and not text.startswith("//"):
            self.obey(text, is_typed=True)
        elif text:
            self._ask_next(text.removeprefix("/"))

    @on(Welcome.Asked)
    def _ask_offered(self, event: Welcome.Asked) -> None:
        self._ask_next(event.question)

    # Both in workers: while a handler waits, as for a thread of an archive, nothing is painted and no key is heard.

    @work(group="taking")
    async def obey(self, command: str, *, is_typed: bool = False) -> None:
        """Do what a command asks for, after what was taken before; one that fails comes back to be corrected."""
        await self.has_begun.wait()
        async with self.taking:
            is_done = await self._obey(self, command)
        if is_typed and not is_done and not self.box.text:  # What is typed meanwhile stays; ↑ brings the command back.
            self.box.put_back(command)

    @work(group="taking")
    async def _ask_next(self, text: str) -> None:
        await self.has_begun.wait()
        async with self.taking:
            offered = self.welcome.questions if not self.transcript.records else ()
            is_number = len(text) < 3 and text.isdecimal() and 0 < int(text) <= len(offered)
            await self.ask(offered[int(text) - 1] if is_number else text)

    async def ask(self, question: str, scope: Scope | None = None) -> None:
        """Show a question at once, and ask it when those before it are answered."""
        async with self._changing:
            self.show_conversation()
            standing = self.standing
            record = TurnRecord(question, scope or standing.scope)
            view = await self.transcript.add(record)
            self._waiting.append((view, standing))
            self.box.remember(question)
            if not self.is_answering:
                self._idle.clear()
                self._answer_waiting()

    def show_conversation(self) -> None:
        """Put the conversation in the place of the first screen."""
        self.welcome.display = False
        self.transcript.display = True

    @work(group="answers")
    async def _answer_waiting(self) -> None:
        try:
            while self._waiting:
                view, standing = self._waiting.popleft()
                self._stop, self._answering = Stop(), view
                self.refresh_bindings()
                await self._answer(view, standing, self._stop)
        finally:
            self._stop = None
            self._idle.set()
            self.refresh_bindings()

    async def _answer(self, view: TurnView, standing: Standing, stop: Stop) -> None:
        record = view.record
        record.stage = "planning"
        view.tell_model(standing.model, is_first=record is self.transcript.records[0])
        view.refresh_record()
        try:
            async for event in self.asker.ask(record.asked, record.scope, standing, stop, view.count_piece):
                await self._show_event(event, view, literal=standing.model == "extractive")
        except LLMStopped:
            record.trouble = "" if record.turn else "stopped before a word was written; ↑ brings the question back"
        except TELLABLE as exc:
            record.trouble = told(exc)
        record.stage = "over" if record.turn else "failed"
        view.refresh_record()
        self._show_sources(view)
        self._tell_session()

    async def _show_event(self, event: object, view: TurnView, *, literal: bool) -> None:
        record = view.record
        match event:
            case Planned():
                record.planned, record.plan = event, plan_of(event)
                record.reach("searching")
            case Searched(hits=hits, notices=notices):
                record.hits = hits
                record.reach("reading")
                record.notices.extend(map(in_chat_words, notices))
                view.refresh_record()
                self._show_sources(view)
            case Delta():
                record.reach("writing")
                await view.add(event, literal=literal)
            case Answered(turn=turn):
                record.turn = turn
                await view.finish(turn.answer)
            case Coverage(text=text):
                record.coverage = text
            case _:
                pass
        view.refresh_record()

    def _tell_session(self) -> None:
        session, trouble, notice = self.asker.session, self.asker.trouble, self.asker.take_notice()
        self.header.session = (session.name or "") if session else ""
        if trouble is not None and not self.header.unsaved:  # Said at length once; the header says it from then on.
            self.say(f"what is said here is not saved: {told(trouble)}", is_trouble=True)
        self.header.unsaved = unsaved_text(trouble)
        if notice is not None:
            self.say(notice, is_trouble=True)

    def on_key(self, event: events.Key) -> None:
        """Take what is typed into the box, whatever else is looked at: hardly anything here has letters for keys."""
        has_letters = self.focused is self.box or bool(self.query("AddingLine:focus"))
        if event.character and event.is_printable and not has_letters:
            event.stop()
            self.box.focus()
            self.box.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted as what is typed."""
        if self.focused is not self.box and not self.query("AddingLine:focus"):
            event.stop()
            self.box.focus()
            self.box.post_message(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to stop only what runs; leave the keys of a list that is looked at to it."""
        del parameters
        if action in {"read_up", "read_down"}:
            return self.focused is self.box
        is_running = self.is_answering or self._running_line is not None
        return action != "stop" or is_running or self.focused is not self.box

    async def action_read_up(self) -> None:
        if self.welcome.display:
            self.welcome.scroll_page_up()
        else:
            await self.transcript.action_page_up_or_earlier()

    def action_read_down(self) -> None:
        if self.welcome.display:
            self.welcome.scroll_page_down()
        else:
            self.transcript.action_page_down()

    def action_stop(self) -> None:
        """Stop the answer that is being written; without one, go back to the box, and from there stop what is added."""
        if self._stop is not None and self._answering is not None:
            self._stop.set()
            self._answering.record.stage = "stopping"
            self._answering.refresh_record()
        elif self.focused is not self.box:
            self.box.focus()
        elif (line := self._running_line) is not None:
            line.action_stop()

    def stop_all(self) -> None:
        """Stop what is being answered and forget what waits."""
        self._waiting.clear()
        if self._stop is not None:
            self._stop.set()

    async def show_turns(self, records: Sequence[TurnRecord]) -> None:
        """Show another conversation, when what is being answered has been stopped and saved."""

        async def given() -> Sequence[TurnRecord]:
            return records

        await self.show_read_turns(given)

    async def show_read_turns(self, read: Callable[[], Awaitable[Sequence[TurnRecord]]]) -> None:
        """Show the conversation that ``read`` returns, called when what is being answered has been stopped and saved.

        Where it raises an error, the one on the screen stays.
        """
        async with self._changing:
            self.stop_all()
            await self._idle.wait()
            records = await read()
            self._current = None
            await self.transcript.show(records)
            self.box.asked = [record.asked for record in records]
            self.panel.clear()
            self.welcome.display, self.transcript.display = not records, bool(records)
            if self.transcript.views:
                self.point_at(self.transcript.views[-1], None)

    # -- sources -------------------------------------------------------------------------------------------------------

    def _show_sources(self, view: TurnView) -> None:
        """List a turn's sources, unless a person is looking at those of another."""
        if self.current in {None, view} or self.focused is self.box:
            self.point_at(view, 0 if view.record.is_over else None)

    def point_at(self, view: TurnView, index: int | None) -> None:
        """Look at a turn, and at one of its places where it has any."""
        before = self.current
        if before is not None and before is not view:
            before.point_at(None)
            before.remove_class("-current")
        self._current = view
        places = view.places
        at = min(index or 0, len(places) - 1) if places else None
        self.panel.show(places, _title(view), at=at)
        view.point_at(at if index is not None else None)
        view.add_class("-current")

    @on(TurnView.Pointed)
    def _point_in_turn(self, event: TurnView.Pointed) -> None:
        event.stop()
        self.point_at(event.view, event.index or 0)
        if event.index is not None:
            self.open_sources()
            self.call_after_refresh(self.panel.focus_list)

    @on(SourcePanel.Pointed)
    def _point_in_panel(self, event: SourcePanel.Pointed) -> None:
        event.stop()
        if self.current is not None:
            self.current.point_at(event.index)

    @on(SourcePanel.Chosen)
    def _read_chosen(self, event: SourcePanel.Chosen) -> None:
        event.stop()
        self._read(event.index)

    def action_next_citation(self) -> None:
        self._move(1)

    def action_previous_citation(self) -> None:
        self._move(-1)

    def _move(self, step: int) -> None:
        """Look at the next citation, in the next turn that has one where this one has no more."""
        cited = [(view, i) for view in self.transcript.views for i, place in enumerate(view.places) if place.is_cited]
        if not cited:
            return
        self.open_sources()
        here = (self.current, self.panel.index or 0)
        if here in cited and self.current is not None and self.current.is_pointed_at:
            at = (cited.index(here) + step) % len(cited)
        else:
            at = 0 if step > 0 else len(cited) - 1
            own = [i for i, (view, _) in enumerate(cited) if view is self.current]
            at = (own[0] if step > 0 else own[-1]) if own else at
        view, index = cited[at]
        self.point_at(view, index)
        self.transcript.scroll_to_widget(view, animate=False)
        self.call_after_refresh(self.panel.focus_list)

    def open_sources(self) -> None:
        """Show the panel where it is out of sight."""
        self.remove_class("-sources-closed", "-sources-hidden")

    def action_sources(self) -> None:
        """Show or hide the panel."""
        if self.panel.has_focus_within:
            self.box.focus()
        self.toggle_class("-sources-closed" if self.has_class("-narrow") else "-sources-hidden")

    def action_read(self) -> None:
        """Open the article at the place that is looked at."""
        self._read(self.panel.index or 0)

    @work
    async def _read(self, index: int) -> None:
        view = self.current
        if view is None or not view.places:
            self.say("there is no source to read yet")
            return
        await load("assistant.tui.reader")  # only when one is read
        from assistant.tui.reader import ArticleReader

        citations = [place.citation for place in view.places]
        last = await self.app.push_screen_wait(ArticleReader(self.reading, citations, index))
        # An answer that came meanwhile has other places.
        if last is not None and view.is_attached and citations == [place.citation for place in view.places]:
            self.point_at(view, last)

    def action_copy_answer(self) -> None:
        """Copy the answer that is looked at, with its sources."""
        view = self.current
        if view is None or view.record.turn is None:
            self.say("there is no answer to copy yet")
            return
        answer, style = view.record.turn.answer, Style()
        self.app.copy_to_clipboard(plain(f"{answer_text(answer, style)}\n\n{sources_text(answer.citations, style)}"))
        self.say("the answer and its sources are in the clipboard, where the terminal lets programs write to it")

    # -- commands by key -----------------------------------------------------------------------------------------------

    def action_archive(self) -> None:
        self.obey("/archive")

    def action_sessions(self) -> None:
        self.obey("/sessions")

    def action_new(self) -> None:
        self.obey("/new")

    def action_export(self) -> None:
        self.obey("/export")

    def action_help(self) -> None:
        self.obey("/help")

    def offer_command(self, name: str, *, takes_more: bool) -> None:
        """Obey a command that was chosen by name; put it into the box where something may be written behind it."""
        if takes_more:
            self.box.focus()
            self.box.put(f"/{name} ")
        else:
            self.obey(f"/{name}")

    # -- changing what was understood ----------------------------------------------------------------------------------

    @on(TurnView.EditPlan)
    def _edit_of(self, event: TurnView.EditPlan) -> None:
        event.stop()
        self._edit(event.view)

    def action_edit_plan(self) -> None:
        view = self.current or (self.transcript.views[-1] if self.transcript.views else None)
        if view is not None:
            self._edit(view)

    @work
    async def _edit(self, view: TurnView) -> None:
        await load("assistant.tui.plan_editor")  # only when one is changed
        from assistant.tui.plan_editor import PlanEditor

        replanned = await self.app.push_screen_wait(PlanEditor(view.record))
        if replanned is not None:
            async with self.taking:
                await self.ask(replanned.question, replanned.scope)


def _title(view: TurnView) -> str:
    record, places = view.record, view.places
    if record.turn is None:
        return f"Found {len(places)} passages" if places else "Sources"
    cited = sum(place.is_cited for place in places)
    if not record.turn.answer.answered:
        return "Nearest evidence"
    more = f" · {len(places) - cited} more found" if len(places) > cited else ""
    return f"{cited} citation{'s' if cited != 1 else ''}{more}"
