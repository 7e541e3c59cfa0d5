"""Hits → numbered sources within a budget of words → a prompt in which every article is a closed quotation."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.citations import without_markers
from assistant.conversation import Source
from assistant.errors import ConfigError
from assistant.llm import Message, Prompt
from prompts import REFUSAL, PromptError, load_prompt
from store.records import Window, day_of
from store.splitting import split_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from assistant.evidence import Candidate
    from store.records import Hit

# How many paragraphs on each side of a passage's own may be read with it. Not tuned yet: a passage is about 200 words,
# a news paragraph 40, so this at most doubles it.
WIDEN_PARAGRAPHS = 2

_WORD = re.compile(r"\S+")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def number_sources(hits: Sequence[Hit], bodies: Callable[[str], str], *, max_words: int) -> tuple[Source, ...]:
    """Return hits as sources numbered from 1 in the order of the hits, with at most ``max_words`` words in all.

    ``bodies`` gives the body of the article with an id. Passages come first, best hit first: the one that no longer
    fits ends the list; a first one that is too long alone is cut. What is left of the budget widens them in turn,
    sentence by sentence, to whole paragraphs and up to ``WIDEN_PARAGRAPHS`` beyond on each side. Stretches of one
    article that overlap or touch become one source with the better hit.
    """
    texts: dict[str, _Text] = {}
    stretches: list[_Stretch] = []
    left = max_words
    for hit in hits:
        article = hit.passage.article.id
        if article not in texts:
            texts[article] = _Text(bodies(article))
        stretch = _Stretch(hit, texts[article])
        cost = stretch.claim()
        if cost > left:
            stretch.give_back()
            break
        left -= cost
        stretches.append(stretch)
    if hits and not stretches:
        return _cut(hits[0], max_words)
    _widen(stretches, left)
    return _numbered(_merged(stretches))


def build_prompt(
    question: str,
    sources: Sequence[Source],
    *,
    today: date,
    window: Window | None,
    boundary: str,
    prompts: Path | None = None,
    candidates: tuple[Candidate, ...] = (),
) -> Prompt:
    """Return the prompt: rules, one worked example, then the sources as quotations and the question last.

    ``boundary`` must be new and unguessable for every request; it is removed from what the articles say, so that none
    can close its quotation. ``prompts`` is the folder of the user's own prompts. Raise ``ConfigError`` when one of them
    does not fit. ``candidates`` are handed on.
    """
    # Rules and example do not depend on the request: a local server reads them once and keeps them.
    try:
        system = load_prompt("answer", folder=prompts).render(refusal=REFUSAL)
        example = load_prompt("example_question", folder=prompts).render()
        example_answer = load_prompt("example_answer", folder=prompts).render()
        asked = load_prompt("question", folder=prompts).render(
            today=_format_day(today),
            window=_format_window(window),
            sources="\n\n".join(_format_source(source, boundary) for source in sources),
            question=question.replace(boundary, " "),
        )
    except PromptError as exc:
        raise ConfigError(str(exc), hint="correct or delete that file; the shipped prompt is used without it") from exc
    messages = (Message("user", example), Message("assistant", example_answer), Message("user", asked))
    return Prompt(question, tuple(sources), system, messages, candidates)


@dataclass(slots=True)
class _Text:
    """A body as sentences: their spans, their words, the line each stands in, and which of them are in the prompt."""

    body: str
    spans: list[tuple[int, int]] = field(init=False)
    words: list[int] = field(init=False)
    lines: list[int] = field(init=False)
    taken: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.spans = split_sentences(self.body)
        self.words = [len(_WORD.findall(self.body, *span)) for span in self.spans]
        breaks = [match.start() for match in re.finditer(r"\n+", self.body)]
        self.lines = [bisect_left(breaks, start) for start, _ in self.spans]


class _Stretch:
    """Consecutive sentences, from ``low`` to before ``high``, of the article of a hit."""

    def __init__(self, hit: Hit, text: _Text) -> None:
        self.hit = hit
        self.text = text
        ends = [end for _, end in text.spans]
        starts = [start for start, _ in text.spans]
        self.low = bisect_right(ends, hit.passage.start)
        self.high = max(bisect_left(starts, hit.passage.end), self.low)
        self._own = set(range(self.low, self.high)) - text.taken

    @property
    def span(self) -> tuple[int, int]:
        """The sentences' span, never less than the passage's own: it may come from another version of the splitter."""
        start, end = self.hit.passage.start, self.hit.passage.end
        if self.low < self.high:
            start, end = min(start, self.text.spans[self.low][0]), max(end, self.text.spans[self.high - 1][1])
        return start, end

    def claim(self) -> int:
        """Take the sentences of the passage; return their words, not counting those that another stretch has."""
        self.text.taken |= self._own
        return sum(self.text.words[i] for i in self._own)

    def give_back(self) -> None:
        self.text.taken -= self._own

    def goal(self) -> tuple[int, int]:
        """Return the sentences that the stretch should at most hold."""
        lines = self.text.lines
        if self.low == self.high:
            return self.low, self.high
        first, last = lines[self.low] - WIDEN_PARAGRAPHS, lines[self.high - 1] + WIDEN_PARAGRAPHS
        return bisect_left(lines, first), bisect_right(lines, last)

    def grow(self, goal: tuple[int, int], left: int) -> int:
        """Take the nearest sentence after and the nearest before that fit into ``left`` words; return their words."""
        used = 0
        if self.high < goal[1] and (cost := self._cost(self.high)) <= left:
            self.text.taken.add(self.high)
            self.high += 1
            used += cost
        if self.low > goal[0] and (cost := self._cost(self.low - 1)) <= left - used:
            self.low -= 1
            self.text.taken.add(self.low)
            used += cost
        return used

    def _cost(self, sentence: int) -> int:
        return 0 if sentence in self.text.taken else self.text.words[sentence]


def _widen(stretches: list[_Stretch], left: int) -> None:
    goals = [stretch.goal() for stretch in stretches]
    growing = True
    while growing:
        before = [stretch.span for stretch in stretches]
        for stretch, goal in zip(stretches, goals, strict=True):
            left -= stretch.grow(goal, left)
        growing = before != [stretch.span for stretch in stretches]


def _merged(stretches: list[_Stretch]) -> list[tuple[Hit, str, int, int]]:
    """Return hit, body, start and end of every source; a stretch is swallowed by the first of those it reaches."""
    merged: list[tuple[Hit, str, int, int]] = []
    for stretch in stretches:
        hit, body = stretch.hit, stretch.text.body
        start, end = stretch.span
        place = len(merged)
        for i in reversed(range(len(merged))):
            other, _, first, last = merged[i]
            same_article = other.passage.article.id == hit.passage.article.id
            if same_article and not body[min(end, last) : max(start, first)].strip():
                hit, start, end, place = other, min(start, first), max(end, last), i
                del merged[i]
        merged.insert(place, (hit, body, start, end))
    return merged


def _numbered(stretches: list[tuple[Hit, str, int, int]]) -> tuple[Source, ...]:
    return tuple(
        Source(number, hit, start, end, body[start:end]) for number, (hit, body, start, end) in enumerate(stretches, 1)
    )


def _cut(hit: Hit, max_words: int) -> tuple[Source, ...]:
    """Return the beginning of a passage that is longer than the whole budget."""
    passage = hit.passage
    words = list(_WORD.finditer(passage.text))[:max_words]
    if not words:
        return ()
    length = words[-1].end()
    return (Source(1, hit, passage.start, passage.start + length, passage.text[:length]),)


def _format_source(source: Source, boundary: str) -> str:
    article = source.hit.passage.article
    published = day_of(article.published)
    lines = (
        f"Outlet: {_one_line(article.outlet or 'unknown')}",
        f"Date: {_format_day(published) if published else 'unknown'}",
        f"Headline: {_one_line(article.headline)}",
        "",
        without_markers(source.text),
    )
    quoted = "\n".join(lines).replace(boundary, " ")  # A blank, lest its two halves meet.
    return f"<<<{boundary} source {source.number}\n{quoted}\n{boundary}>>>"


def _one_line(text: str) -> str:
    return " ".join(without_markers(text).split())


def _format_day(day: date) -> str:
    return f"{day.isoformat()} ({_DAYS[day.weekday()]})"


def _format_window(window: Window | None) -> str:
    if window is None or (window.since is None and window.until is None):
        return "all"
    since = f"from {window.since.isoformat()}" if window.since else ""
    until = f"to {window.until.isoformat()}" if window.until else ""
    return f"{since} {until}".strip()
