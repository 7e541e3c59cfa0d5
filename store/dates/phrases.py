"""What a phrase of time words means, and what the words around it say of past and future."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from store.dates.tokens import PARAGRAPH_END, SENTENCE_END, Token
from store.dates.values import days_of

Kind = Literal["absolute", "relative", "vague"]
Direction = Literal[-1, 0, 1]

# How many tokens before and after a phrase are searched for a verb, and how far back a quarter or a day that was
# spoken of still is what 'a year earlier' starts from.
_BEFORE, _AFTER, _FOCUS = 12, 6, 70

_FUTURE = frozenset(
    """will shall would 'll expects expect expected scheduled due plans plan planned planning set upcoming expire
    expires hopes hope intends intend deadline payable going begin begins start starts to seeks aims""".split()
)
_PAST = frozenset(
    """was were had did said told been left met won fell rose began came went took made sold bought shot sent gave got
    found lost led kept held became ran saw wrote broke struck flew hit put quit shut grew drew knew brought thought
    caught paid sank built beat ate spoke stood sought showed swept spent stole threw woke wore withdrew""".split()
)
# Right before a date these speak of the future: 'by August', 'until March', 'extended to Nov. 20'.
_AHEAD = frozenset("by until till to".split())
# After 'to' these are no verb: 'amounted to more than'.
_NO_VERB = frozenset("more less about as at over the a an its their his her all some this that".split())


@dataclass(frozen=True, slots=True)
class Meaning:
    """A value with its days.

    ``loose``: the year was inferred, so that a year said elsewhere may replace it. ``derived``: told from something
    said before, so that nothing later is told from it.
    """

    value: str
    since: date | None
    until: date | None
    kind: Kind
    loose: bool = False
    derived: bool = False


def on_calendar(value: str, kind: Kind = "relative", *, loose: bool = False) -> Meaning:
    """Return the meaning of a calendar value; ValueError or OverflowError where the calendar ends before."""
    since, until = days_of(value)
    return Meaning(value, since, until, kind, loose)


@dataclass(frozen=True)
class Phrase:
    """The tokens ``first`` to ``last`` (not included) of a text, read against ``reference``.

    ``said`` holds what was understood earlier in the text, each with the token it began at, in order.
    """

    tokens: Sequence[Token]
    first: int
    last: int
    reference: date
    said: Sequence[tuple[int, Meaning]]

    def marked(self, marks: str) -> Token | None:
        """Return the first of its tokens with one of ``marks``."""
        return next((token for token in self.tokens[self.first : self.last] if token.mark in marks), None)

    def number(self, marks: str) -> int | None:
        """Return the number of the first of its tokens with one of ``marks``."""
        token = self.marked(marks)
        return token.number if token else None

    def words(self, marks: str) -> set[str]:
        """Return the words of its tokens with one of ``marks``."""
        return {token.word for token in self.tokens[self.first : self.last] if token.mark in marks}

    @property
    def before(self) -> Token | None:
        return self.tokens[self.first - 1] if self.first else None

    @property
    def after(self) -> Token | None:
        return self.tokens[self.last] if self.last < len(self.tokens) else None

    def word_before(self) -> str:
        return self.before.word if self.before else ""

    def word_after(self) -> str:
        return self.after.word if self.after else ""

    def focus(self, values: str) -> Meaning | None:
        """Return the last thing said shortly before whose value matches the pattern ``values``."""
        for index, meaning in reversed(self.said):
            if self.first - index > _FOCUS:
                return None
            if not meaning.derived and re.fullmatch(values, meaning.value):
                return meaning
        return None

    @cached_property
    def direction(self) -> Direction:
        """Return 1 where the nearest verb of the sentence speaks of the future, -1 of the past, 0 without one."""
        if self.word_before() in _AHEAD and not self._ends_range():
            return 1
        if self.word_before() == "since":
            return -1
        near: list[tuple[int, Direction]] = [
            *self._cues(range(self.first - 1, max(-1, self.first - 1 - _BEFORE), -1)),
            # Verbs stand before their time more often than after it.
            *((distance + 1, cue) for distance, cue in self._cues(range(self.last, self.last + _AFTER))),
        ]
        return min(near)[1] if near else 0

    def _ends_range(self) -> bool:
        """Return whether a time stands before the word before, as in 'Sept. 14 to Thursday'."""
        return self.first > 1 and self.tokens[self.first - 2].mark in "MDYWd"

    def _cues(self, indexes: range) -> list[tuple[int, Direction]]:
        """Return the verbs that tell past from future with their distance, up to the end of the sentence."""
        found: list[tuple[int, Direction]] = []
        for distance, index in enumerate(indexes):
            if index >= len(self.tokens) or self.tokens[index].mark in {SENTENCE_END, PARAGRAPH_END}:
                break
            word = self.tokens[index].word
            is_going_on = word in {"is", "are"} and self._next_word(index).endswith("ing")
            if is_going_on or (word in _FUTURE and (word != "to" or self._is_before_verb(index))):
                found.append((distance, 1))
            elif self._is_past(index):
                found.append((distance, -1))
        return found

    def _next_word(self, index: int) -> str:
        return self.tokens[index + 1].word if index + 1 < len(self.tokens) else ""

    def _is_past(self, index: int) -> bool:
        """Return whether a past stands at ``index``; 'be announced' and 'be held' are none."""
        word = self.tokens[index].word
        is_past = word in _PAST or (word.endswith("ed") and len(word) > 3)
        return is_past and (index == 0 or self.tokens[index - 1].word != "be")

    def _is_before_verb(self, index: int) -> bool:
        """Return whether the 'to' at ``index`` belongs to a verb, as in 'is to resume', not to a place or a day."""
        following = self.tokens[index + 1] if index + 1 < min(len(self.tokens), self.first) else None
        is_word = following is not None and following.mark == "w" and not following.capital
        return is_word and following is not None and following.word not in _NO_VERB
