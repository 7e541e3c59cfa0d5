"""The first line of the chat: which archive, how much, from when, who answers, and what is kept to."""

from __future__ import annotations

from dataclasses import dataclass
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


_GAP = " │ "


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for every question until it is changed: the model, how many passages it reads, what is kept to."""

    model: str
    k: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the line; of two, the one of less ``weight`` gives way."""

    text: str
    weight: int


class ChatHeader(Widget):
    """One line; what does not fit is left out, the window in force last."""

    DEFAULT_CSS = """
    ChatHeader { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """
    archive: reactive[str] = reactive("")
    state: reactive[str] = reactive("opening")
    days: reactive[str] = reactive("")
    standing: reactive[Standing | None] = reactive(None)
    session: reactive[str] = reactive("")
    is_ready: reactive[bool] = reactive(False)

    def tell_counts(self, counts: Counts) -> None:
        """Say how much the archive holds, and from when."""
        self.state = f"{counts.articles:,} article{'s' if counts.articles != 1 else ''}"
        self.days = f"{counts.first} to {counts.last}" if counts.first and counts.last else ""

    def render(self) -> Content:
        kept_to = _kept_to(self.standing.scope) if self.standing else ""
        told = Content.styled("Dateline", "bold")
        for part in _fitting(self._parts(kept_to), self.size.width - len("Dateline")):
            # Easily forgotten, and it decides over every answer.
            weight = "bold" if kept_to and kept_to.startswith(part.rstrip("…")) else ""
            told = told.append(Content.styled(_GAP, "dim")).append(shown_line(part).stylize(weight))
        return told

    def _parts(self, kept_to: str) -> list[_Part]:
        model = _short(self.standing.model) if self.standing else ""
        session = f"session {self.session}" if self.session else ""
        return [
            _Part(self.archive, 3), _Part(self.state, 4), _Part(self.days, 2),
            _Part(model, 5), _Part(kept_to, 6), _Part(session, 1),
        ]  # fmt: skip


def _short(model: str) -> str:
    """Return a model's name, of a file the last part of its path."""
    provider, _, name = model.partition(":")
    return f"{provider}:{name.rpartition('/')[2]}" if provider == "local" else model


def _kept_to(scope: Scope) -> str:
    """Return in words what every question is kept to."""
    window = window_of(scope)
    kept = [window_text(window).removesuffix(f" ({window.basis})")] if window else []
    if scope.outlets:
        kept.append(f"of {', '.join(scope.outlets)}")
    return f"only {' '.join(kept)}" if kept else ""


def _fitting(parts: list[_Part], room: int) -> list[str]:
    """Return the parts that fit in a line, in their order; the most telling one is cut rather than left out."""
    kept = [part for part in parts if part.text]
    while len(kept) > 1 and sum(len(part.text) + len(_GAP) for part in kept) > room:
        kept.remove(min(kept, key=lambda part: part.weight))
    if len(kept) == 1 and len(kept[0].text) + len(_GAP) > room:
        return [f"{kept[0].text[: max(1, room - len(_GAP) - 1)].rstrip()}…"]
    return [part.text for part in kept]
