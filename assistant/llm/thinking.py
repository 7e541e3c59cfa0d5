"""What a model thinks aloud, between tags in its answer, is no part of the answer."""

from __future__ import annotations

import re

# DeepSeek, Qwen and their kin write <think>, Magistral [THINK]; the others were seen in smaller models.
_OPENING = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "[THINK]": "[/THINK]",
}
_CLOSING = frozenset(_OPENING.values())
_TAG = re.compile("|".join(map(re.escape, [*_OPENING, *_CLOSING])))
_LONGEST = max(map(len, _CLOSING))


class ThoughtUnopened(Exception):
    """A thought ends that never began: its beginning was taken for the answer."""


class ThoughtFilter:
    """Takes an answer in pieces cut anywhere and gives it without its thoughts.

    What may be the beginning of a tag is held back until it is one or is not.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing: str | None = None

    def feed(self, piece: str) -> str:
        """Return what is certain to be answer so far. Raise ``ThoughtUnopened``."""
        self._held += piece
        shown = ""
        while self._closing is not None or (tag := _TAG.search(self._held)):
            if self._closing is None:
                assert tag
                shown += self._held[: tag.start()]
                self._held = self._held[tag.end() :]
                if tag[0] in _CLOSING:
                    raise ThoughtUnopened
                self._closing = _OPENING[tag[0]]
            _, ending, rest = self._held.partition(self._closing)
            if not ending:
                break
            self._held, self._closing = rest, None
        certain = len(self._held) - _possible_tag(self._held)
        if self._closing is None:
            shown += self._held[:certain]
        self._held = self._held[certain:]
        return shown

    def finish(self) -> str:
        """Return what was held back and turned out to be no tag; a thought that never ended is dropped."""
        held, self._held = self._held, ""
        return held if self._closing is None else ""


def _possible_tag(text: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of a tag."""
    for length in range(min(_LONGEST - 1, len(text)), 0, -1):
        if any(tag.startswith(text[-length:]) for tag in (*_OPENING, *_CLOSING)):
            return length
    return 0
