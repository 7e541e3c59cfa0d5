"""Where retrieval and generation meet: one question in, a stream of events out."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.citations import LONGEST_ANSWER_CHARS, cite, cite_so_far, is_refusal, past_markers
from assistant.config import CONFIDENT
from assistant.context import build_prompt, fit_sources, halve_sources, number_sources, room_for_sources
from assistant.continuing import plan_next
from assistant.conversation import Answer, Answered, AnswerEvent, Conversation, Delta, Planned, Searched, Turn, Usage
from assistant.errors import LLMContextExceeded, LLMError, LLMStopped
from assistant.evidence import Evidence, join_evidence, weigh_evidence
from assistant.injections import holds_instructions
from assistant.llm.stopping import STOPPED_EARLY, Stop
from assistant.planning import Scope
from assistant.searching import Retrieved, known_scope, narrowed, retrieve, stranger
from store.errors import ArchiveEmpty
from store.words import stem, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assistant.claims.claim import Comparison
    from assistant.conversation import Source, Statement
    from assistant.llm import LLM, Prompt
    from assistant.support import Similarity
    from store.archive import Archive

# What a model reads at most: ten passages of 200 words, a little widened.
SOURCE_WORDS = 2_200

# What is kept free for the answer in the window of a model.
ANSWER_TOKENS = 512

_WORD = re.compile(r"\w[\w'’-]*")

NO_ANSWER = "The archive does not say."

# A small model that has written the same sentence so often will write nothing else.
GOING_ROUND = 3

# Hits shown as the nearest evidence when there is no answer.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions from one archive with one model. ``k`` is how many passages are read for an answer.

    ``rerank`` lets a cross-encoder look at the order of the hits. Where the evidence is less sure than ``confident``, a
    share, the archive is said to hold no answer.
    """

    archive: Archive
    llm: LLM
    k: int = 10
    rerank: bool = False
    confident: float = CONFIDENT
    prompts: Path | None = None
    today: date = field(default_factory=date.today)

    def answer(
        self,
        question: str,
        scope: Scope | None = None,
        conversation: Conversation | None = None,
        *,
        stop: Stop | None = None,
        on_piece: Callable[[str], None] | None = None,
    ) -> Iterator[AnswerEvent]:
        """Yield Planned, Searched, the answer in pieces (Delta) and at last Answered.

        Pieces are whole sentences whose citations have been checked: nobody sees a number that names no source. When a
        model breaks off, its last event is an answer marked as incomplete, and its error is raised after it; one that
        fails before its first word has no last event.

        Another thread may set ``stop`` to end it at once in the same way, with LLMStopped for the error: what could be
        shown of the text so far is the answer, and without any there is none. ``on_piece`` is called, in this thread,
        with each piece that the model writes, long before its sentence is whole: foreign text, to be counted only.
        """
        stop = stop or Stop()
        if self.archive.is_empty():
            raise ArchiveEmpty("the archive holds no article", hint="add some with `dateline add FILE…`")
        clock = _Clock()
        planned = plan_next(
            self.archive,
            question,
            known_scope(self.archive, scope or Scope()),
            conversation,
            today=self.today,
            llm=self.llm,
            prompts=self.prompts,
            stop=stop,
        )
        weighed = self._answerable(planned)
        planned = weighed.planned if weighed else planned
        yield planned
        stop.check()
        found = weighed.found if weighed else retrieve(self.archive, planned, self.k, rerank=self.rerank)
        clock.lap("search")
        yield Searched(found.hits, found.notices, found.window)
        stop.check()
        evidence = weighed.evidence if weighed else self._weigh(planned, found)
        clock.lap("evidence")
        stop.check()
        unknown = stranger(self.archive, planned, found.hits)
        if unknown or not self._is_enough(evidence):
            yield Answered(_turn(planned, found, _abstention(found, self.llm.name, evidence, unknown), clock))
            return
        yield from self._write(planned, found, evidence, clock, stop=stop, on_piece=on_piece)

    def _answerable(self, planned: Planned) -> _Weighed | None:
        """Return the first way to read a question that has an answer, with what was found for it.

        Where none has one, it as it was planned; None where there is no other way.
        """
        ways = [one for one in (narrowed(self.archive, planned), planned, planned.alone) if one is not None]
        if len(ways) == 1:
            return None
        tried: list[_Weighed] = []
        for one in ways:
            found = retrieve(self.archive, one, self.k, rerank=self.rerank)
            tried.append(_Weighed(one, found, self._weigh(one, found)))
            if self._is_enough(tried[-1].evidence):
                return tried[-1]
        return next(one for one in tried if one.planned is planned)

    def _weigh(self, planned: Planned, found: Retrieved) -> Evidence:
        """Weigh the hits for the question, or for its parts where each of them is answered by itself."""
        passages = self.archive.counts().passages
        whole, *parts = (
            weigh_evidence(
                query,
                found.hits,
                counts=self.archive.passage_counts,
                passages=passages,
                rarity=self.archive.rough_counts,
                relevance=self.archive.relevance,
                asked=planned.time,
            )
            for query in planned.queries
        )
        return join_evidence(whole, parts) if parts and all(map(self._is_enough, parts)) else whole

    def _is_enough(self, evidence: Evidence) -> bool:
        return evidence.confidence >= self.confident

    def _write(
        self,
        planned: Planned,
        found: Retrieved,
        evidence: Evidence,
        clock: _Clock,
        *,
        stop: Stop,
        on_piece: Callable[[str], None] | None,
    ) -> Iterator[AnswerEvent]:
        sources = number_sources(found.hits, self._body, max_words=SOURCE_WORDS)
        prompt = self._prompt(planned, found, evidence, self._fitting(planned, found, sources), stop)
        clock.lap("prompt")
        writing = _Writing(prompt.sources, len(sources), self.archive.similarity(), on_piece)
        broken: LLMError | None = None
        try:
            try:
                yield from self._stream(prompt, writing)
            except LLMContextExceeded:
                # Before the first token: half of the sources may fit. A second refusal is the user's to hear.
                prompt = self._prompt(planned, found, evidence, halve_sources(prompt.sources), stop)
                writing = _Writing(prompt.sources, len(sources), self.archive.similarity(), on_piece)
                yield from self._stream(prompt, writing)
        except LLMError as exc:
            if writing.is_empty or (isinstance(exc, LLMStopped) and not writing.can_be_shown):
                raise
            broken = exc
        yield from writing.finish()
        clock.lap("model")
        answer = writing.answer(self.llm.name, found, broken)
        # Who stops an answer does not wait for what would stand below it.
        differences = self._differences(planned, found, answer) if broken is None else ()
        clock.lap("differences")
        yield Answered(replace(_turn(planned, found, answer, clock), differences=differences))
        if broken is not None:
            raise broken

    def _prompt(
        self, planned: Planned, found: Retrieved, evidence: Evidence, sources: Sequence[Source], stop: Stop
    ) -> Prompt:
        return build_prompt(
            planned.question,
            sources,
            today=planned.as_of,
            window=found.window,
            boundary=os.urandom(8).hex(),
            prompts=self.prompts,
            candidates=evidence.candidates,
            stop=stop,
        )

    def _fitting(self, planned: Planned, found: Retrieved, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Return the sources that the model can read, the best first."""
        if self.llm.context_tokens is None:
            return sources
        empty = build_prompt(
            planned.question, (), today=planned.as_of, window=found.window, boundary="", prompts=self.prompts
        )
        room = room_for_sources(empty, context_tokens=self.llm.context_tokens, answer_tokens=ANSWER_TOKENS)
        return fit_sources(sources, max_tokens=room)

    def _stream(self, prompt: Prompt, writing: _Writing) -> Iterator[Delta]:
        for piece in self.llm.stream(prompt):
            if isinstance(piece, Usage):
                writing.usage = piece
                continue
            yield from writing.take(piece)
            if writing.is_going_round or writing.is_too_long:
                return

    def _differences(self, planned: Planned, found: Retrieved, answer: Answer) -> tuple[Comparison, ...]:
        """Return where the reports that were found differ on something that the answer cites."""
        from assistant.claims.topics import differences_below  # its patterns take 10 ms, which no other start pays

        return differences_below(self.archive, planned.query, found.hits, answer.citations) if answer.answered else ()

    def _body(self, article_id: str) -> str:
        return self.archive.article(article_id).body


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A plan with what was found for it, and what that is worth."""

    planned: Planned
    found: Retrieved
    evidence: Evidence


class _Writing:
    """An answer as it is written: raw pieces in, checked sentences out."""

    def __init__(
        self,
        sources: Sequence[Source],
        found: int,
        similarity: Similarity | None,
        on_piece: Callable[[str], None] | None = None,
    ) -> None:
        self._sources = sources
        self._on_piece = on_piece
        self._similarity = similarity
        self._left_out = found - len(sources)
        self._raw = ""
        self._shown = ""
        self.is_going_round = False
        self.usage: Usage | None = None

    @property
    def is_empty(self) -> bool:
        return not self._raw.strip()

    @property
    def can_be_shown(self) -> bool:
        """Whether what was written so far makes an answer: something of it is cited."""
        return bool(self._shown) or _cites(cite(self._raw, self._sources, self._similarity)[1])

    def take(self, piece: str) -> list[Delta]:
        """Add what a model wrote and return what can be shown of it now: the sentences that are finished.

        Only a piece with a blank can finish one: its citations follow its full stop, and then a word of the next.
        """
        self._raw += piece
        if self._on_piece is not None:
            self._on_piece(piece)
        if not any(char.isspace() for char in piece):
            return []
        text, statements = cite_so_far(self._raw, self._sources, self._similarity)
        counted = Counter(statement.text for statement in statements)
        self.is_going_round = max(counted.values(), default=0) >= GOING_ROUND
        return self._show(text, statements)

    @property
    def is_too_long(self) -> bool:
        return len(self._raw) > LONGEST_ANSWER_CHARS

    def finish(self) -> list[Delta]:
        """Return what was not shown yet."""
        text, statements, _, _ = cite(self._raw, self._sources, self._similarity)
        if is_refusal(self._raw) or not _cites(statements):
            return []
        shown = self._show(text, statements)
        if text.startswith(self._shown) and len(text) > len(self._shown):
            shown.append(Delta(text[len(self._shown) :], None))
        return shown

    def answer(self, model: str, found: Retrieved, broken: LLMError | None) -> Answer:
        text, statements, citations, warnings = cite(self._raw, self._sources, self._similarity)
        if self._left_out:
            left = f"{self._left_out} of {self._left_out + len(self._sources)} sources were left out"
            warnings = (*warnings, f"{left}: the model cannot read more at once")
        warnings += _orders_in(self._sources)
        if self.is_going_round:
            warnings = (*warnings, "the model repeated itself and was stopped")
        if broken is not None:
            is_stopped = isinstance(broken, LLMStopped)
            warnings = (*warnings, STOPPED_EARLY if is_stopped else f"the model broke off: {broken}")
        if is_refusal(self._raw) or not _cites(statements):
            if statements and not is_refusal(self._raw):
                warnings = (
                    *warnings,
                    f"the model wrote {len(statements)} sentences without a source; none is shown",
                )
            return Answer(NO_ANSWER, False, (), (), found.hits[:NEAREST], model, self.usage, warnings, broken is None)
        return Answer(text, True, statements, citations, (), model, self.usage, warnings, broken is None)

    def _show(self, text: str, statements: Sequence[Statement]) -> list[Delta]:
        # What is shown stays: should a later piece change an earlier sentence, no more is shown, and the finished
        # answer has it right.
        new: list[Delta] = []
        if not _cites(statements):
            return new  # Held back: an answer that cites nothing is none.
        for statement in statements:
            end = past_markers(text, statement.end)
            if end > len(self._shown) and text.startswith(self._shown):
                new.append(Delta(text[len(self._shown) : end], statement.support))
                self._shown = text[:end]
        return new


def _orders_in(sources: Sequence[Source]) -> tuple[str, ...]:
    """Return a warning for each article whose text gives orders to a model: what was written may have obeyed them."""
    articles = {source.hit.passage.article.id: source for source in sources if holds_instructions(source.text)}
    return tuple(
        f"{source.hit.passage.article.outlet or 'an article'} ({article}) holds text addressed to a language model"
        for article, source in articles.items()
    )


def _cites(statements: Sequence[Statement]) -> bool:
    return any(statement.citations for statement in statements)


@dataclass(slots=True)
class _Clock:
    laps: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self.last) * 1000, 1)
        self.last = now


def _abstention(found: Retrieved, model: str, evidence: Evidence, unknown: str | None) -> Answer:
    warnings: tuple[str, ...] = (unknown,) if unknown else ()
    # As the person wrote them: stems are cut words.
    asked = _WORD.findall(evidence.question.text)
    missing = [word for word in asked if {stem(part) for part in words(word)} & set(evidence.missing)]
    if missing:
        warnings = (*warnings, "nothing found mentions " + ", ".join(dict.fromkeys(missing)))
    if evidence.doubt:
        warnings = (*warnings, evidence.doubt)
    return Answer(NO_ANSWER, False, (), (), found.hits[:NEAREST], model, None, warnings)


def _turn(planned: Planned, found: Retrieved, answer: Answer, clock: _Clock) -> Turn:
    return Turn(
        planned.question,
        planned.query,
        found.window,
        answer,
        dict(clock.laps),
        asked=planned.asked,
        outlets=planned.filter.outlets,
        as_of=planned.as_of,
    )
