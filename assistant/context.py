"""Hits → numbered sources within a budget of words → a prompt in which every article is a closed quotation."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.citations import without_markers
from assistant.conversation import Source
from assistant.errors import ConfigError
from assistant.injections import holds_instructions
from assistant.llm import Message, Prompt
from assistant.llm.stopping import Stop
from prompts import REFUSAL, PromptError, load_prompt
from store.cleaning import clean_text
from store.records import Window, day_of
from store.splitting import split_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from assistant.sentences import Candidate
    from store.records import Hit, Passage

# How many paragraphs on each side of a passage's own may be read with it. Not tuned yet: a passage is about 200 words,
# a news paragraph 40, so this at most doubles it.
WIDEN_PARAGRAPHS = 2

# Tokens per character, so that a text is hardly ever taken for shorter than it is. On 60 stretches of 160 words of
# RealTimeQA articles the estimate is 1.11 to 1.45 times what SmolLM2 makes of them (it has a token for every digit) and
# 1.14 to 1.42 times bge's word pieces; of a few lines each in Japanese, Russian, Arabic and emoji it is 1.0 to 1.3
# times SmolLM2's, but only .78 in German and .91 of rows of figures, which the margin does not cover wholly.
_TOKENS_PER_LETTER = 0.245
_TOKENS_PER_SIGN = 1.0
_TOKENS_PER_WIDE = 2.2
_TOKENS_PER_ASTRAL = 4.0
_LETTERS = re.compile(r"[A-Za-z \n]")
_WIDE = re.compile("[\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")

# Stands in a prompt for what an article tells language models.
ORDER_LEFT_OUT = "(a sentence is left out here)"

# What a window of tokens is not filled beyond: the count is an estimate, and a chat template adds some.
MARGIN = 0.1
# Tokens around a source in a prompt: its delimiters, outlet, date and headline; and those of a message.
_SOURCE_TOKENS = 60
_MESSAGE_TOKENS = 8

# '<' and '[INST]' are what the control tokens of chat templates are made of, which many servers read in any text; '<<<'
# is our own delimiter. Words in brackets and round ones say the same to a reader.
_ANGLES = str.maketrans("<>＜＞≪≫⋘⋙⟪⟫《》｜|", "‹›‹›‹›‹›‹›‹›¦¦")
_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_CONTROL = re.compile(r"\[(/?[A-Z][A-Z_]{2,30})\]")

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
            body = bodies(article)
            texts[article] = _Text(body, *_reach(body, [h.passage for h in hits if h.passage.article.id == article]))
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
    stop: Stop | None = None,
) -> Prompt:
    """Return the prompt: rules, one worked example, then the sources as quotations and the question last.

    ``boundary`` must be new and unguessable for every request; it is removed from what the articles say, so that none
    can close its quotation. ``prompts`` is the folder of the user's own prompts. Raise ``ConfigError`` when one of them
    does not fit. ``candidates`` and ``stop`` are handed on.
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
            question=_without_boundary(_CONTROL.sub(r"(\1)", clean_text(question).translate(_ANGLES)), boundary),
        )
    except PromptError as exc:
        raise ConfigError(str(exc), hint="correct or delete that file; the shipped prompt is used without it") from exc
    messages = (Message("user", example), Message("assistant", example_answer), Message("user", asked))
    return Prompt(question, tuple(sources), system, messages, candidates, stop or Stop())


def estimate_tokens(text: str) -> int:
    """Return how many tokens a model makes of ``text``, without its tokenizer: rather too many than too few."""
    letters = len(_LETTERS.findall(text))
    wide = len(_WIDE.findall(text))
    astral = len(_ASTRAL.findall(text))
    signs = len(text) - letters - wide - astral
    return math.ceil(
        letters * _TOKENS_PER_LETTER + signs * _TOKENS_PER_SIGN + wide * _TOKENS_PER_WIDE + astral * _TOKENS_PER_ASTRAL
    )


def prompt_tokens(prompt: Prompt) -> int:
    """Return the estimated tokens of everything that an LLM gets."""
    texts = (prompt.system, *(message.text for message in prompt.messages))
    return sum(estimate_tokens(text) + _MESSAGE_TOKENS for text in texts)


def room_for_sources(empty: Prompt, *, context_tokens: int, answer_tokens: int) -> int:
    """Return the tokens that sources may have in a window of ``context_tokens``, answer and a margin taken off.

    ``empty`` is the prompt without any: rules, example and question are never cut.
    """
    return max(0, math.floor(context_tokens * (1 - MARGIN)) - answer_tokens - prompt_tokens(empty))


def fit_sources(sources: Sequence[Source], *, max_tokens: int) -> tuple[Source, ...]:
    """Return the first sources, the best, that ``max_tokens`` hold with all that a prompt says of them.

    The first one that no longer fits ends them. Of a first one that is too long alone its passage is kept, and of a
    passage that is too long its beginning, a sentence at least.
    """
    kept: list[Source] = []
    left = max_tokens
    for source in sources:
        left -= _tokens_of(source)
        if left < 0:
            break
        kept.append(source)
    return tuple(kept) if kept else tuple(_shortened(source, max_tokens) for source in sources[:1])


def halve_sources(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the better half of the sources, of a single one about half of it; for when a server says 'too long'.

    A single sentence comes back as it is: there is nothing left to try.
    """
    if len(sources) > 1:
        return tuple(sources[: len(sources) // 2])
    return tuple(_shortened(source, _tokens_of(source) - estimate_tokens(source.text) // 2) for source in sources)


def _tokens_of(source: Source) -> int:
    article = source.hit.passage.article
    return _SOURCE_TOKENS + estimate_tokens(f"{article.headline}{article.outlet or ''}{source.text}")


def _shortened(source: Source, max_tokens: int) -> Source:
    passage = source.hit.passage
    # It may be a beginning already.
    if source.start <= passage.start and passage.end <= source.end:
        source = replace(source, start=passage.start, end=passage.end, text=passage.text)
    spans = split_sentences(source.text) or [(0, len(source.text))]
    for i in range(len(spans) - 1, -1, -1):
        shorter = replace(source, end=source.start + spans[i][1], text=source.text[: spans[i][1]])
        if i == 0 or _tokens_of(shorter) <= max_tokens:
            return shorter
    return source


def _reach(body: str, passages: Sequence[Passage]) -> tuple[int, int]:
    """Return the whole lines that passages may be widened to: splitting the rest would cost more than all else here."""
    start, end = min(passage.start for passage in passages), max(passage.end for passage in passages)
    breaks = [match.span() for match in re.finditer(r"\n+", body)]
    before = [line for _, line in breaks if line <= start][-WIDEN_PARAGRAPHS - 1 :]
    after = [line for line, _ in breaks if line >= end][: WIDEN_PARAGRAPHS + 1]
    return (
        before[0] if len(before) > WIDEN_PARAGRAPHS else 0,
        after[-1] if len(after) > WIDEN_PARAGRAPHS else len(body),
    )


@dataclass(slots=True)
class _Text:
    """The sentences of a body from ``start`` to ``end``: spans, words, lines, and which of them are in the prompt."""

    body: str
    start: int
    end: int
    spans: list[tuple[int, int]] = field(init=False)
    words: list[int] = field(init=False)
    lines: list[int] = field(init=False)
    taken: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        within = split_sentences(self.body[self.start : self.end])
        self.spans = [(self.start + start, self.start + end) for start, end in within]
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
        _harmless(_without_orders(_COMMENT.sub(" ", source.text))),
    )
    quoted = _without_boundary("\n".join(lines), boundary)
    return f"<<<{boundary} source {source.number}\n{quoted}\n{boundary}>>>"


def _without_orders(text: str) -> str:
    """Return an article's text without the sentences that speak to a language model; they tell a reader nothing.

    Measured on a small model: asked with a grammar it carried such an order out and cited it.
    """
    if not holds_instructions(text):
        return text
    pieces, position = list[str](), 0
    for start, end in split_sentences(text):
        if holds_instructions(text[start:end]):
            pieces += (text[position:start], ORDER_LEFT_OUT)
            position = end
    return "".join((*pieces, text[position:]))


def _one_line(text: str) -> str:
    return " ".join(_harmless(text).split())


def _harmless(text: str) -> str:
    """Return an article's text without what may pass for more than words: citations, control tokens, delimiters.

    What a page would not show, a comment of its markup, is left out. It was cleaned when it was read; an archive may be
    older than the rules, so it is cleaned again.
    """
    return _CONTROL.sub(r"(\1)", without_markers(_COMMENT.sub(" ", clean_text(text))).translate(_ANGLES))


def _without_boundary(text: str, boundary: str) -> str:
    # A blank, lest its two halves meet.
    return re.sub(re.escape(boundary), " ", text, flags=re.IGNORECASE) if boundary else text


def _format_day(day: date) -> str:
    return f"{day.isoformat()} ({_DAYS[day.weekday()]})"


def _format_window(window: Window | None) -> str:
    if window is None or (window.since is None and window.until is None):
        return "all"
    since = f"from {window.since.isoformat()}" if window.since else ""
    until = f"to {window.until.isoformat()}" if window.until else ""
    return f"{since} {until}".strip()
