"""Where retrieval and generation meet: one question in, a stream of events out."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from assistant.citations import cite, is_refusal, past_markers
from assistant.context import build_prompt, number_sources
from assistant.conversation import Answer, Answered, AnswerEvent, Conversation, Delta, Planned, Searched, Turn, Usage
from assistant.errors import LLMError
from assistant.evidence import Evidence, join_evidence, weigh_evidence
from assistant.planning import Scope
from assistant.searching import Retrieved, plan_for, retrieve
from store.errors import ArchiveEmpty
from store.words import stem, words

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.conversation import Source, Statement
    from assistant.llm import LLM, Prompt
    from store.archive import Archive

# What a model reads at most: ten passages of 200 words, a little widened.
SOURCE_WORDS = 2_200

# Below this confidence the archive is said to hold no answer; tests/benchmarks/answers.py shows how it was set.
CONFIDENT = 0.605

_WORD = re.compile(r"\w[\w'’-]*")

NO_ANSWER = "The archive does not say."

# What the end of an unfinished answer may turn out to be: a citation, and a word whose sentence has only begun.
_UNFINISHED = re.compile(r"\s{0,9}[\[【][^\]】\n]{0,80}\Z|(?<=\s)\S{1,200}\Z")

# A small model that has written the same sentence so often will write nothing else.
GOING_ROUND = 3

# Hits shown as the nearest evidence when there is no answer.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions from one archive with one model. ``k`` is how many passages are read for an answer.

    ``rerank`` lets a cross-encoder look at the order of the hits.
    """

    archive: Archive
    llm: LLM
    k: int = 10
    rerank: bool = False
    prompts: Path | None = None
    today: date = field(default_factory=date.today)

    def answer(
        self, question: str, scope: Scope | None = None, conversation: Conversation | None = None
    ) -> Iterator[AnswerEvent]:
        """Yield Planned, Searched, the answer in pieces (Delta) and at last Answered.

        Pieces are whole sentences whose citations have been checked: nobody sees a number that names no source. When a
        model breaks off, its last event is an answer marked as incomplete, and its error is raised after it; one that
        fails before its first word has no last event.
        """
        del conversation  # Follow-up questions are answered as they stand, for now.
        if self.archive.is_empty():
            raise ArchiveEmpty("the archive holds no article", hint="add some with `dateline add FILE…`")
        clock = _Clock()
        planned = plan_for(self.archive, question, scope or Scope(), today=self.today)
        yield planned
        found = retrieve(self.archive, planned, self.k, rerank=self.rerank)
        clock.lap("search")
        yield Searched(found.hits, found.notices, found.window)
        evidence = self._weigh(planned, found)
        clock.lap("evidence")
        if not _is_enough(evidence):
            yield Answered(_turn(planned, found, _abstention(found, self.llm.name, evidence), clock))
            return
        yield from self._write(planned, found, evidence, clock)

    def _weigh(self, planned: Planned, found: Retrieved) -> Evidence:
        """Weigh the hits for the question, or for its parts where each of them is answered by itself."""
        passages = self.archive.counts().passages
        whole, *parts = (
            weigh_evidence(query, found.hits, counts=self.archive.passage_counts, passages=passages)
            for query in planned.queries
        )
        return join_evidence(whole, parts) if parts and all(map(_is_enough, parts)) else whole

    def _write(self, planned: Planned, found: Retrieved, evidence: Evidence, clock: _Clock) -> Iterator[AnswerEvent]:
        sources = number_sources(found.hits, self._body, max_words=SOURCE_WORDS)
        prompt = build_prompt(
            planned.question,
            sources,
            today=planned.as_of,
            window=found.window,
            boundary=os.urandom(8).hex(),
            prompts=self.prompts,
            candidates=evidence.candidates,
        )
        clock.lap("prompt")
        writing = _Writing(sources)
        broken: LLMError | None = None
        try:
            yield from self._stream(prompt, writing)
        except LLMError as exc:
            if writing.is_empty:
                raise
            broken = exc
        yield from writing.finish()
        clock.lap("model")
        yield Answered(_turn(planned, found, writing.answer(self.llm.name, found, broken), clock))
        if broken is not None:
            raise broken

    def _stream(self, prompt: Prompt, writing: _Writing) -> Iterator[Delta]:
        for piece in self.llm.stream(prompt):
            if isinstance(piece, Usage):
                writing.usage = piece
                continue
            yield from writing.take(piece)
            if writing.is_going_round:
                return

    def _body(self, article_id: str) -> str:
        return self.archive.article(article_id).body


class _Writing:
    """An answer as it is written: raw pieces in, checked sentences out."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._raw = ""
        self._shown = ""
        self.is_going_round = False
        self.usage: Usage | None = None

    @property
    def is_empty(self) -> bool:
        return not self._raw.strip()

    def take(self, piece: str) -> list[Delta]:
        """Add what a model wrote and return what can be shown of it now: the sentences that are finished.

        A sentence is finished when a word of the next one stands there, since its citations follow its full stop, and
        what looks like a full stop may be the first half of 'U.S.'.
        """
        self._raw += piece
        text, statements, _, _ = cite(_UNFINISHED.sub("", self._raw), self._sources)
        counted = Counter(statement.text for statement in statements[:-1])
        self.is_going_round = max(counted.values(), default=0) >= GOING_ROUND
        return self._show(text, statements[:-1])

    def finish(self) -> list[Delta]:
        """Return what was not shown yet."""
        text, statements, _, _ = cite(self._raw, self._sources)
        if is_refusal(self._raw) or not _cites(statements):
            return []
        shown = self._show(text, statements)
        if text.startswith(self._shown) and len(text) > len(self._shown):
            shown.append(Delta(text[len(self._shown) :], None))
        return shown

    def answer(self, model: str, found: Retrieved, broken: LLMError | None) -> Answer:
        text, statements, citations, warnings = cite(self._raw, self._sources)
        if self.is_going_round:
            warnings = (*warnings, "the model repeated itself and was stopped")
        if broken is not None:
            warnings = (*warnings, f"the model broke off: {broken}")
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


def _is_enough(evidence: Evidence) -> bool:
    return evidence.confidence >= CONFIDENT


def _abstention(found: Retrieved, model: str, evidence: Evidence) -> Answer:
    warnings: tuple[str, ...] = ()
    # As the person wrote them: stems are cut words.
    asked = _WORD.findall(evidence.question.text)
    missing = [word for word in asked if {stem(part) for part in words(word)} & set(evidence.missing)]
    if missing:
        warnings = ("nothing found mentions " + ", ".join(dict.fromkeys(missing)),)
    return Answer(NO_ANSWER, False, (), (), found.hits[:NEAREST], model, None, warnings)


def _turn(planned: Planned, found: Retrieved, answer: Answer, clock: _Clock) -> Turn:
    return Turn(planned.question, planned.query, found.window, answer, dict(clock.laps))
