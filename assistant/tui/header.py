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


class ChatHeader(Widget):
    """One line; what does not fit is left out, the window in force last."""

    DEFAULT_CSS = """
    ChatHeader { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """
    archive: reactive[str] = reactive("")
    state: reactive[str] = reactive("opening")
    standing: reactive[Standing | None] = reactive(None)
    session: reactive[str] = reactive("")
    is_ready: reactive[bool] = reactive(False)

    def tell_counts(self, counts: Counts) -> None:
        """Say how much the archive holds, and from when."""
        days = f" · {counts.first} to {counts.last}" if counts.first and counts.last else ""
        self.state = f"{counts.articles:,} article{'s' if counts.articles != 1 else ''}{days}"

    def render(self) -> Content:
        parts = [self.archive, self.state]
        kept_to = _kept_to(self.standing.scope) if self.standing else []
        if self.standing is not None:
            parts += [_short(self.standing.model), *kept_to]
        if self.session:
            parts.append(f"session {self.session}")
        room, told = self.size.width, Content.styled("Dateline", "bold")
        for part in _fitting(parts, room - len("Dateline")):
            # Easily forgotten, and it decides over every answer.
            weight = "bold" if any(kept.startswith(part.rstrip("…")) for kept in kept_to) else ""
            told = told.append(Content.styled(_GAP, "dim")).append(shown_line(part).stylize(weight))
        return told


def _short(model: str) -> str:
    """Return a model's name, of a file the last part of its path."""
    provider, _, name = model.partition(":")
    return f"{provider}:{name.rpartition('/')[2]}" if provider == "local" else model


def _kept_to(scope: Scope) -> list[str]:
    """Return in words what every question is kept to."""
    window = window_of(scope)
    kept = [window_text(window).removesuffix(f" ({window.basis})")] if window else []
    if scope.outlets:
        kept.append(f"of {', '.join(scope.outlets)}")
    return [f"only {' '.join(kept)}"] if kept else []


def _fitting(parts: list[str], room: int) -> list[str]:
    """Return the parts that fit in a line; the least telling give way first: the session, days, archive's name."""
    kept = [part for part in parts if part]
    while kept and sum(len(part) + len(_GAP) for part in kept) > room:
        widest = max(range(len(kept)), key=lambda i: len(kept[i]))
        if len(kept[widest]) <= 12:
            kept.pop()
            continue
        over = sum(len(part) + len(_GAP) for part in kept) - room
        cut = max(11, len(kept[widest]) - over - 1)
        kept[widest] = f"{kept[widest][:cut].rstrip()}…"
    return kept
