"""The first line of the chat: which archive, how much, from when, who answers, and what is kept to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.planning import window_of
from assistant.rendering import window_text
from assistant.tui.plain_text import shown_line

if TYPE_CHECKING:
    from assistant.planning import Scope
    from store.catalog import Counts
    from store.errors import DatelineError


_GAP = " │ "


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for every question until it is changed: the model, how many passages it reads, what is kept to."""

    model: str
    k: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the line; of two, the one of less ``weight`` gives way. Before one does, each is ``short``."""

    text: str
    weight: int
    short: str = ""
    is_bold: bool = False


class ChatHeader(Widget):
    """One line; what does not fit is left out, last that nothing is saved and the window in force.

    ``unsaved`` is why what is said is not saved, and empty where it is.
    """

    DEFAULT_CSS = """
    ChatHeader { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """
    archive: reactive[str] = reactive("")
    state: reactive[str] = reactive("opening")
    days: reactive[str] = reactive("")
    standing: reactive[Standing | None] = reactive(None)
    session: reactive[str] = reactive("")
    unsaved: reactive[str] = reactive("")
    is_ready: reactive[bool] = reactive(False)

    def tell_counts(self, counts: Counts) -> None:
        """Say how much the archive holds, and from when."""
        self.state = f"{counts.articles:,} article{'s' if counts.articles != 1 else ''}"
        self.days = f"{counts.first} to {counts.last}" if counts.first and counts.last else ""

    def render(self) -> Content:
        kept_to = _kept_to(self.standing.scope) if self.standing else ""
        told = Content.styled("Dateline", "bold")
        for part in _fitting(self._parts(kept_to), self.size.width - len("Dateline")):
            text = shown_line(part.text)
            told = told.append(Content.styled(_GAP, "dim")).append(text.stylize("bold") if part.is_bold else text)
        return told

    def _parts(self, kept_to: str) -> list[_Part]:
        model = short_model(self.standing.model) if self.standing else ""
        session = f"session {self.session}" if self.session else ""
        return [
            _Part(self.archive, 3), _Part(self.state, 4), _Part(self.days, 2),
            # Easily forgotten, and it decides over every answer.
            _Part(model, 5), _Part(kept_to, 6, is_bold=True), _Part(session, 1),
            _Part(f"not saved: {self.unsaved}" if self.unsaved else "", 7, "not saved", is_bold=True),
        ]  # fmt: skip


def short_model(model: str) -> str:
    """Return a model's name, of a file the last part of its path."""
    provider, _, name = model.partition(":")
    return f"{provider}:{name.rpartition('/')[2]}" if provider == "local" else model


def _kept_to(scope: Scope) -> str:
    """Return in words what every question is kept to."""
    window = window_of(scope)
    kept = [window_text(window).removesuffix(f" ({window.basis})")] if window else []
    if scope.outlets:
        kept.append(f"of {', '.join(scope.outlets)}")
    if scope.about:
        kept.append(f"about {' and '.join(scope.about)}")
    return f"only {' '.join(kept)}" if kept else ""


def _fitting(parts: list[_Part], room: int) -> list[_Part]:
    """Return the parts that fit in a line, in their order; the most telling one is cut rather than left out."""
    kept = [part for part in parts if part.text]
    if _width(kept) > room:
        kept = [replace(part, text=part.short or part.text) for part in kept]
    while len(kept) > 1 and _width(kept) > room:
        kept.remove(min(kept, key=lambda part: part.weight))
    if len(kept) == 1 and _width(kept) > room:
        return [replace(kept[0], text=f"{kept[0].text[: max(1, room - len(_GAP) - 1)].rstrip()}…")]
    return kept


def _width(parts: list[_Part]) -> int:
    return sum(len(part.text) + len(_GAP) for part in parts)


def unsaved_text(trouble: DatelineError | None) -> str:
    """Return why nothing is saved, in the few words that there is room for; nothing without ``trouble``."""
    if trouble is None:
        return ""
    cause = trouble.__cause__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(cause or trouble)
