"""The first screen: what the archive holds, and three questions that it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.tui.keys import key_for
from assistant.tui.plain_text import shown
from assistant.tui.transcript import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class _Suggestion(Static, can_focus=True):
    """A question that is asked by Enter or a click."""

    DEFAULT_CSS = """
    _Suggestion { height: auto; padding: 0 1; pointer: pointer; }
    _Suggestion:hover { text-style: underline; }
    _Suggestion:focus { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("enter", "ask", "Ask this")]

    def __init__(self, number: int, question: str) -> None:
        super().__init__(Content.assemble((f"{number}  ", "bold"), shown(question)))
        self._question = question

    def on_click(self) -> None:
        self.action_ask()

    def action_ask(self) -> None:
        self.post_message(Welcome.Asked(self._question))


class Welcome(Vertical):
    """Fills the place of the conversation until there is one."""

    DEFAULT_CSS = """
    Welcome {
        height: auto; max-height: 100%; overflow-y: auto; scrollbar-size-vertical: 1;
        width: 100%; max-width: 92; padding: 1 1 0 1;
    }
    Welcome > .title { text-style: bold; }
    Welcome > Static { margin: 0 0 1 0; padding: 0 1; height: auto; }
    Welcome > _Suggestion { margin: 0; }
    Welcome > Note { padding: 0 1; margin: 0 0 1 0; }
    Welcome > .offered { margin: 0; color: $text-muted; }
    Welcome > .manners { margin: 1 0 0 0; padding: 0 1; color: $text-muted; }
    """

    class Asked(Message):
        """One of the offered questions is to be asked."""

        def __init__(self, question: str) -> None:
            super().__init__()
            self.question = question

    def __init__(self, keys: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002 - as every widget
        """``keys`` are those that a person gave to actions."""
        super().__init__(id=id)
        self._keys = keys
        self.questions: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static("Ask your archive", classes="title")
        yield Static("Opening it …", classes="holds")
        yield Static(classes="offered")
        yield Static(shown(_manners(self._keys)), classes="manners")

    def tell(self, holds: str) -> None:
        """Say what the archive holds, or what is wrong with it."""
        self.query_one(".holds", Static).update(shown(holds))

    async def note(self, text: str) -> None:
        """Show what happened since, such as what was added."""
        await self.remove_children(Note)
        await self.mount(Note(text), after=self.query_one(".holds"))

    def tell_none(self) -> None:
        """Say that no question is offered."""
        self.query_one(".offered", Static).display = False

    async def offer(self, questions: Sequence[str]) -> None:
        """Offer questions; each is asked by its number, by Enter or by a click."""
        await self.remove_children(_Suggestion)
        self.questions = tuple(questions)
        offered = self.query_one(".offered", Static)
        offered.display = bool(questions)
        if not questions:
            return
        offered.update("It can answer, for instance (type the number):")
        await self.mount_all([_Suggestion(i, text) for i, text in enumerate(questions, 1)], after=offered)


def _manners(keys: Mapping[str, str]) -> str:
    """Return how to go on from here; ``keys`` are those that a person gave to actions."""
    lines = [(" ".join(key_for(name, keys) for name in names), what) for names, what in _SHOWN_ACTIONS]
    lines.insert(-1, ("/", "commands"))
    widest = max(len(key) for key, _ in lines)
    return "\n".join([_CHECKED, "", *(f"{key:<{widest}}  {what}" for key, what in lines)])


_CHECKED = (
    "Every sentence of an answer cites an article, and every citation was checked: (~) is borne out weakly, (?) by "
    "nothing."
)

_SHOWN_ACTIONS = (
    (("next_citation", "previous_citation"), "go through the citations"),
    (("read",), "open the article at the place"),
    (("edit_plan",), "change what was understood of a question"),
    (("help",), "all keys"),
)
