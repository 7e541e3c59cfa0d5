"""The nouns of a conversation: what a prompt is built from, what an answer is made of, and what happens on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from assistant.claims.claim import Comparison
    from store.records import Hit, Preference, SearchFilter, Window

# Turns that a follow-up question may lean on. Chosen, not measured: people go back a few questions, not a day.
LEANED_ON = 20

Support = Literal["quoted", "supported", "weak", "unsupported"]


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered stretch of an article in a prompt, with ``text == body[start:end]``.

    It holds the passage of ``hit``, the best hit in it, and may be wider.
    """

    number: int
    hit: Hit
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in an answer, ``[number]``, that points to a span of an article, with ``quote == body[start:end]``."""

    number: int
    hit: Hit
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, ``text == answer[start:end]``, with its citations' numbers and how well they bear it."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    support: Support


@dataclass(frozen=True, slots=True)
class Usage:
    """What an LLM says an answer cost; ``None`` where it does not say."""

    prompt_tokens: int | None
    completion_tokens: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. Without one (``answered`` is false) ``nearest`` holds the evidence that came closest.

    ``complete`` is false when the LLM broke off or was stopped and ``text`` is what had arrived.
    """

    text: str
    answered: bool
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...]
    model: str
    usage: Usage | None
    warnings: tuple[str, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer. ``query`` is what was searched, ``timings_ms`` maps a step to its wall time.

    ``question`` stands by itself; ``asked`` is what was typed, where that only made sense after the turns before.
    ``window`` are the days that were searched, ``outlets`` those that were kept to, ``as_of`` the day of asking.
    ``differences`` are where the reports on what the answer says differ, or were changed by later ones.
    """

    question: str
    query: str
    window: Window | None
    answer: Answer
    timings_ms: Mapping[str, float]
    asked: str | None = None
    outlets: tuple[str, ...] = ()
    as_of: date | None = None
    differences: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far, oldest first."""

    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedTime:
    """The time of a question: asked ``on`` a day, about the days ``named`` in it.

    ``near``: closeness to ``on`` speaks for a report, as far as the question tells. ``present``: it says itself that it
    is about its present.
    """

    on: date
    named: Window | None = None
    near: bool = False
    present: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The question is understood: this will be searched.

    ``question`` stands by itself; ``asked`` is what was typed, where that only made sense after the turns before, and
    ``carried`` says what was taken over from them.
    ``query`` is the question without what only cites outlets, ``queries`` are it and its parts. ``filter`` keeps to
    ``window`` and outlets; where the question named them itself and nothing is left, ``given`` and ``given_window`` are
    what was set by hand. ``preference`` comes first among the rest, with ``preferred_window`` its days and where they
    came from. ``time`` is what the question itself says of its time, whatever was set by hand. ``alone`` is the plan of
    the question as it stands, where it may well need nothing from the turns before.
    """

    question: str
    query: str
    window: Window | None
    filter: SearchFilter
    as_of: date
    queries: tuple[str, ...]
    given: SearchFilter
    given_window: Window | None
    preference: Preference
    preferred_window: Window | None
    time: AskedTime
    asked: str | None = None
    carried: str = ""
    alone: Planned | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """The search is done, in ``window``. ``notices`` are for people: a widened window, passages not embedded yet."""

    hits: tuple[Hit, ...]
    notices: tuple[str, ...]
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer as it is written: a whole sentence, cited and checked, with what leads up to it.

    ``support`` is None where the piece ends in no statement. The pieces together are the answer, unless what the LLM
    wrote later changed an earlier sentence.
    """

    text: str
    support: Support | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn is finished; always the last event."""

    turn: Turn


AnswerEvent = Planned | Searched | Delta | Answered
