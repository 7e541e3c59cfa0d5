"""The box that questions and commands are typed into: several lines, earlier ones by key, commands completed."""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual import on, work
from textual.actions import SkipAction
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, TextArea

from assistant.tui.keys import bindings
from assistant.tui.plain_text import shown_line
from assistant.tui.recall import Recall
from store.cleaning import clean_text
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.document._document import Selection

    from assistant.tui.commands import Completion

    Complete: TypeAlias = Callable[[str], Sequence[Completion] | Awaitable[Sequence[Completion]]]

# Of one question: two long articles. What is pasted by mistake may be a hundred times that.
LONGEST_QUESTION = 20_000

_WIDEST_LABEL = 32


class CompletionList(OptionList, can_focus=False):
    """What a command may become, above the box that it belongs to."""

    DEFAULT_CSS = """
    CompletionList {
        overlay: screen; constrain: none inside; offset: 0 -100%; display: none;
        width: 100%; height: auto; max-height: 10; margin: 0; padding: 0 1;
        border: none; border-top: solid $panel-lighten-2; background: $panel;
        text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
    }
    """

    def __init__(self, take: Callable[[], None]) -> None:
        """``take`` is called when a completion is clicked; it is highlighted then."""
        super().__init__()
        self._take = take
        self._offered: tuple[Completion, ...] = ()
        self.offered_for = ""
        self.is_chosen = False

    @property
    def is_open(self) -> bool:
        return bool(self.display)

    @property
    def completion(self) -> Completion | None:
        """The one that is highlighted."""
        return self._offered[self.highlighted] if self.is_open and self.highlighted is not None else None

    def offer(self, completions: Sequence[Completion], text: str) -> None:
        """Show the completions of a text, the first of them highlighted; none closes the list."""
        self._offered = tuple(completions)
        self.offered_for = text
        self.is_chosen = False
        self.display = bool(completions)
        if completions:
            width = min(max(len(completion.label) for completion in completions), _WIDEST_LABEL)
            self.set_options(_entry(completion, width) for completion in completions)
            self.highlighted = 0

    def close(self) -> None:
        self.offer((), "")

    def move(self, step: int) -> None:
        """Highlight another one, the first after the last."""
        self.is_chosen = True
        self.highlighted = ((self.highlighted or 0) + step) % len(self._offered)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.highlighted = event.option_index
        self._take()


class QuestionBox(TextArea):
    """Takes questions and commands.

    ``complete`` returns what a text may become; it may take its time, or be a coroutine function. ``asked`` is
    what was sent before, oldest first.
    """

    DEFAULT_CSS = """
    QuestionBox {
        height: auto; max-height: 6; padding: 0 1; scrollbar-size-vertical: 1;
        border: none; border-left: thick $panel-lighten-2; background: $surface;
        &:focus { border: none; border-left: thick $primary; }
    }
    """
    # For an open list, and readline's Alt+D, which Textual's text area does not have.
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("box"),
        Binding("escape", "close_completions", show=False),
        Binding("tab", "accept_completion", show=False),
        Binding("alt+d", "delete_word_right", show=False),
    ]

    class Sent(Message):
        """A question or a command is to be taken."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, complete: Complete, *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(
            id=id, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False,
            placeholder="Ask the archive, or / for commands",
        )  # fmt: skip
        self._complete = complete
        self._recall = Recall()
        self._list = CompletionList(self._accept)
        self._wanted: str | None = None
        self._is_completing = False
        self._accepts_for: str | None = None
        self._placed: tuple[str, Selection] | None = None

    def on_mount(self) -> None:
        if isinstance(self.parent, Widget):
            self.parent.mount(self._list, before=self)

    def on_unmount(self) -> None:
        if self._list.is_attached:
            self._list.remove()

    @property
    def asked(self) -> Sequence[str]:
        return tuple(self._recall.asked)

    @asked.setter
    def asked(self, asked: Iterable[str]) -> None:
        self._recall = Recall(asked)

    def remember(self, text: str) -> None:
        """Let a question that was asked in another way be recalled."""
        self._recall.remember(text)

    def put(self, text: str) -> None:
        """Place a text for editing, in the place of what is there."""
        self.load_text(self._bounded(clean_text(text)))
        self.move_cursor(self.document.end)

    def put_back(self, text: str) -> None:
        """Place what was sent to be corrected: typing replaces it."""
        self.put(text)
        self.select_all()
        self._placed = (self.text, self.selection)

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key does here.

        Textual lets a key go up to the program first, which comes back with what is bound to it; meanwhile the keys
        behind it would be typed, and of keys that arrive together, as over a slow line, Enter would overtake letters.
        """
        bound = None if event.is_printable else self.screen.active_bindings.get(event.key)
        if (
            bound is not None
            and bound.node is self
            and bound.enabled
            and await self.app.run_action(bound.binding.action, self)
        ):
            event.stop()
            event.prevent_default()

    # -- sending -------------------------------------------------------------------------------------------------------

    def action_send(self) -> None:
        """Send what is typed; where a completion was chosen, take that first and send what is complete."""
        if self._list.is_chosen and self._list.offered_for == self.text:
            self._accept()
            if self.text.endswith((" ", "/")):
                return
        text = self.text.strip()
        if text:
            self._recall.remember(text)
            self.clear()
            self._list.close()
            self.post_message(self.Sent(text))

    def action_newline(self) -> None:
        self._type("\n")

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._type(event.text, is_pasted=True)

    def action_paste(self) -> None:
        self._type(self.app.clipboard, is_pasted=True)

    def _type(self, text: str, *, is_pasted: bool = False) -> None:
        if is_pasted:
            # Half of what is cut off may be control characters: no more is looked at than could be kept.
            text = self._bounded(text, taken=len(self.text) - len(self.selected_text))
            text = clean_text(text).rstrip("\n")
        if text and (result := self._replace_via_keyboard(text, *self.selection)):
            self.move_cursor(result.end_location)

    def _bounded(self, text: str, *, taken: int = 0) -> str:
        room = max(0, LONGEST_QUESTION - taken)
        if len(text) > room:
            said = f"only {room:,} of {len(text):,} characters were taken: a question has at most {LONGEST_QUESTION:,}"
            self.notify(said, severity="warning", markup=False)
        return text[:room]

    # -- earlier questions ---------------------------------------------------------------------------------------------

    def action_cursor_up(self, select: bool = False) -> None:
        if self._list.is_open and not select:
            self._list.move(-1)
        elif select or not (self._is_as_placed or self.navigator.is_first_wrapped_line(self.cursor_location)):
            super().action_cursor_up(select)
        else:
            self._place(self._recall.older(self.text))

    def action_cursor_down(self, select: bool = False) -> None:
        if self._list.is_open and not select:
            self._list.move(1)
        elif select or not (self._is_as_placed or self.navigator.is_last_wrapped_line(self.cursor_location)):
            super().action_cursor_down(select)
        else:
            self._place(self._recall.newer(self.text))

    @property
    def _is_as_placed(self) -> bool:
        """Whether a recalled text was neither changed nor moved in: then the arrows go on to the next."""
        return self._placed == (self.text, self.selection)

    def _place(self, text: str | None) -> None:
        if text is not None:
            self.put(text)
            self._placed = (self.text, self.selection)

    def action_copy(self) -> None:
        """Copy what is selected, here or on the screen; else clear the box, whose text can be recalled."""
        if self.selected_text and not self._is_as_placed:  # What came back to be corrected nobody has selected.
            self.app.copy_to_clipboard(self.selected_text)
        elif self.screen.get_selected_text() or not self.text:
            raise SkipAction
        else:
            self._recall.remember(self.text)
            self.clear()

    # -- completions ---------------------------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _follow_text(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._placed is not None and self._placed[0] == self.text:
            self._list.close()  # What was recalled is looked at, not typed.
        else:
            self._placed = None
            self._look_for_completions()

    @on(TextArea.SelectionChanged)
    def _follow_cursor(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        if self._list.is_open and not self._is_command:
            self._list.close()

    def _look_for_completions(self) -> None:
        if not self._is_command:
            self._list.close()
            return
        self._wanted = self.text
        if not self._is_completing:
            self._find_completions()

    @property
    def _is_command(self) -> bool:
        """Whether a command is typed at its end: only there is something completed."""
        return self.text.startswith("/") and self.cursor_location == self.document.end

    @work
    async def _find_completions(self) -> None:
        """Offer completions of the latest text, one search at a time however fast it is typed."""
        self._is_completing = True
        try:
            while self._wanted is not None:
                text, self._wanted = self._wanted, None
                found = await self._completions_of(text)
                if text == self.text and self._is_command:
                    self._offer(found, text)
        finally:
            self._is_completing = False

    async def _completions_of(self, text: str) -> Sequence[Completion]:
        try:
            found = await asyncio.to_thread(self._complete, text)
            return (await found) if isawaitable(found) else found
        except (DatelineError, OSError):
            return ()

    def _offer(self, found: Sequence[Completion], text: str) -> None:
        self._list.offer(found, text)
        if self._accepts_for == text:
            self._accept()
        self._accepts_for = None

    def action_accept_completion(self) -> None:
        """Take the completion that is highlighted; where those of the text are not here yet, the first that comes."""
        if self._list.is_open and self._list.offered_for == self.text:
            self._accept()
        elif self._is_command:
            self._accepts_for = self.text
            self._look_for_completions()
        else:
            raise SkipAction

    def action_close_completions(self) -> None:
        if not self._list.is_open:
            raise SkipAction
        self._list.close()

    def _accept(self) -> None:
        completion = self._list.completion
        if completion is not None:
            self._list.close()
            self.put(completion.text)


def _entry(completion: Completion, width: int) -> Content:
    label = shown_line(completion.label).truncate(width, ellipsis=True, pad=True)
    return Content.assemble(label, "  ", shown_line(completion.help).stylize("dim"))
