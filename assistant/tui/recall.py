"""What was typed before, one after the other, with what is being typed at the end."""

from __future__ import annotations

from collections.abc import Iterable


class Recall:
    """Walks through earlier questions. What was changed on the way, or not sent, stays until something is sent."""

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self.asked = list(asked)
        self._changed: dict[int, str] = {}
        self._at = len(self.asked)

    def remember(self, text: str) -> None:
        """Put a text at the end, after the one that was left unsent, and begin from there again."""
        draft = self._changed.get(len(self.asked), "")
        for kept in (draft, text):
            if kept.strip() and self.asked[-1:] != [kept]:
                self.asked.append(kept)
        self._changed = {}
        self._at = len(self.asked)

    def older(self, current: str) -> str | None:
        """Return the text before this one, None at the first."""
        return self._move(current, -1)

    def newer(self, current: str) -> str | None:
        """Return the text after this one, None at the end."""
        return self._move(current, 1)

    def _move(self, current: str, step: int) -> str | None:
        at = self._at + step
        if not 0 <= at <= len(self.asked):
            return None
        self._changed[self._at] = current
        self._at = at
        return self._changed.get(at, self.asked[at] if at < len(self.asked) else "")
