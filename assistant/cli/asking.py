"""One question or many from a shell: the events of an answer, printed as they come."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assistant.answering import Answerer
from assistant.cli.options import style_of
from assistant.cli.saving import Thread
from assistant.cli.waiting import Waiting
from assistant.conversation import Answered, Delta, Planned, Searched
from assistant.coverage import coverage_of
from assistant.errors import LLMAuthenticationError, LLMUnreachable, exit_code_of, told
from assistant.llm import open_llm
from assistant.rendering import (
    answer_json,
    answer_text,
    below_text,
    coverage_json,
    coverage_text,
    failure_json,
    format_day,
    hits_text,
    plan_texts,
    sources_text,
    support_mark,
    support_text,
    to_json,
)
from store.cleaning import plain
from store.errors import DatelineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from assistant.conversation import AnswerEvent, Turn, Usage
    from assistant.llm import Prompt
    from assistant.planning import Scope
    from store.archive import Archive

_NO_ANSWER = 1

# Of a question in a notice.
_SHOWN_CHARS = 80

# A server that could not be reached for so many questions in a row is not waited for again.
_PATIENCE = 3


def answerer_of(archive: Archive, config: Config, *, today: date) -> Answerer:
    """Return what answers from an archive as the settings say. Raise ConfigError or LLMAuthenticationError."""
    return Answerer(
        archive,
        open_llm(config.model, config),
        k=config.k,
        rerank=config.rerank,
        confident=config.confidence,
        prompts=config.prompts,
        today=today,
    )


def ask_once(
    answerer: Answerer,
    question: str,
    scope: Scope,
    terminal: Terminal,
    *,
    stream: bool,
    json_: bool,
    thread: Thread | None = None,
) -> int:
    """Print the answer to one question, with its sources, and return the exit code."""
    code, streamed = 0, ""
    planned: Planned | None = None
    with _waited_for(answerer, question, scope, thread or Thread(), terminal) as (events, waiting):
        for event in events:
            match event:
                case Planned():
                    waiting.end()
                    planned = event
                    for line in plan_texts(event):
                        terminal.note(line)
                case Searched(hits=hits, notices=notices):
                    for notice in notices:
                        terminal.note(notice)
                    waiting.begin(f"reads {len(hits)} passage{'s' if len(hits) != 1 else ''}")
                case Delta(text=text, support=support):
                    if stream and not json_:
                        waiting.end()
                        terminal.flow(plain(text) + support_mark(support))
                        terminal.flush()
                        streamed += text
                case Answered(turn=turn):
                    waiting.end()
                    assert planned is not None  # always the first event
                    if json_:
                        terminal.say(_json(turn, planned, answerer.archive, scope.as_of))
                    else:
                        _print_turn(turn, answerer.archive, terminal, streamed=streamed, as_of=scope.as_of)
                    terminal.flush()
                    code = 0 if turn.answer.answered else _NO_ANSWER
    return code


@contextmanager
def _waited_for(
    answerer: Answerer, question: str, scope: Scope, thread: Thread, terminal: Terminal
) -> Iterator[tuple[Iterator[AnswerEvent], Waiting]]:
    """Give the events of an answer, and the sign that the model is at work: to be ended before anything is printed."""
    waiting = Waiting(terminal, answerer.llm.name)
    with _events(answerer, question, scope, thread, terminal, waiting.note_piece) as events, waiting:
        if thread.conversation is not None and thread.conversation.turns:
            waiting.begin("reads the conversation")
        yield events, waiting


@contextmanager
def _events(
    answerer: Answerer,
    question: str,
    scope: Scope,
    thread: Thread,
    terminal: Terminal,
    on_piece: Callable[[str], None],
) -> Iterator[Iterator[AnswerEvent]]:
    """Give the events of an answer, saved as they pass where that is wanted; a notice says when they could not be."""
    events = answerer.answer(question, scope, thread.conversation, on_piece=on_piece)
    recording = thread.recording
    if recording is None:
        yield events
        return
    saved = recording.save(events, scope, answerer.llm.name)
    try:
        yield saved
    finally:
        saved.close()
        recording.close()
        if recording.trouble is not None:
            terminal.note(f"this answer is not saved: {told(recording.trouble)}")
        if recording.notice is not None:
            terminal.note(recording.notice)


def ask_then_and_now(answerer: Answerer, question: str, scope: Scope, terminal: Terminal, *, json_: bool) -> int:
    """Print the answers as of a day and now, and what changed; exit as the answer of now would."""
    from assistant.claims.changes import changes_between
    from assistant.claims.telling import changes_json, changes_text
    from assistant.claims.topics import compare_topic

    assert scope.as_of is not None  # asked for with --then-now
    scopes = {scope.as_of: scope, answerer.today: replace(scope, as_of=None)}
    told = [(day, *_finished(answerer, question, one, terminal)) for day, one in scopes.items()]
    (_, planned_then, then), (_, planned_now, now) = told[0], told[-1]
    compared = compare_topic(answerer.archive, now.query, planned_now.filter).comparisons
    changes = changes_between(then, now, compared, scope.as_of)
    if json_:
        records = {
            "then": _record(then, planned_then, answerer.archive, scope.as_of),
            "now": _record(now, planned_now, answerer.archive, None),
        }
        terminal.say(to_json({"schema": "dateline.then_now/1", **records, "changes": changes_json(changes)}))
    else:
        style = style_of(terminal)
        for day, _, turn in told:
            terminal.say(style.strong(f"As of {format_day(day)}:"))
            _print_turn(turn, answerer.archive, terminal, streamed="", as_of=scope.as_of if turn is then else None)
            terminal.say("")
        terminal.say(changes_text(changes, style))
    terminal.flush()
    return 0 if now.answer.answered else _NO_ANSWER


def _finished(answerer: Answerer, question: str, scope: Scope, terminal: Terminal) -> tuple[Planned, Turn]:
    """Return what was understood of a question and its finished turn."""
    planned: Planned | None = None
    turn: Turn | None = None
    for event in answerer.answer(question, scope):
        match event:
            case Planned():
                planned = event
                for line in plan_texts(event):
                    terminal.note(line)
            case Searched(notices=notices):
                for notice in notices:
                    terminal.note(notice)
            case Answered(turn=finished):
                turn = finished
            case _:
                pass
    assert planned is not None  # always the first event
    assert turn is not None  # always the last one
    return planned, turn


def ask_batch(answerer: Answerer, questions: Iterable[str], scope: Scope, terminal: Terminal) -> int:
    """Print one JSON object a line for every question as soon as it is known; one that fails stops nothing.

    A question that fails has its error in its place, and on stderr. A model that refuses the key, or cannot be reached
    again and again, is asked no more. Returns 0 where each question got an answer or was told that there is none, else
    the exit code of the first error.
    """
    batch = _Batch(answerer, scope, terminal)
    for line in questions:
        question = line.strip()
        if question:
            batch.ask(question)
    return batch.code


class _Batch:
    """Questions asked one after the other; ``code`` is the exit code so far."""

    def __init__(self, answerer: Answerer, scope: Scope, terminal: Terminal) -> None:
        self.code = 0
        self._answerer = answerer
        self._scope = scope
        self._terminal = terminal
        self._noted: set[str] = set()
        self._unreachable = 0

    def ask(self, question: str) -> None:
        """Print what became of one question."""
        is_shown = False
        try:
            for shown in self._lines(question):
                self._terminal.say(shown)
                is_shown = True
        except DatelineError as exc:
            if not is_shown:
                failure = failure_json(question, told(exc), exit_code_of(exc))
                self._terminal.say(to_json(failure, indent=None))
            self._terminal.fail(f"{question[:_SHOWN_CHARS]!r}: {told(exc)}")
            self.code = self.code or exit_code_of(exc)
            self._learn(exc)
        self._terminal.flush()

    def _lines(self, question: str) -> Iterator[str]:
        """Yield the JSON of the answer: the one object there is."""
        planned: Planned | None = None
        for event in self._answerer.answer(question, self._scope):
            match event:
                case Planned():
                    planned = event
                case Searched(notices=notices):
                    for notice in sorted(set(notices) - self._noted):  # What is so for all is said once.
                        self._terminal.note(f"{question[:_SHOWN_CHARS]!r}: {notice}")
                    self._noted.update(notices)
                case Answered(turn=turn):
                    assert planned is not None  # always the first event
                    yield _json(turn, planned, self._answerer.archive, self._scope.as_of, indent=None)
                    if turn.answer.answered:
                        self._unreachable = 0

    def _learn(self, error: DatelineError) -> None:
        """Spare the other questions a model that is not going to answer."""
        if isinstance(error, LLMUnreachable):
            self._unreachable += 1
        if isinstance(error, LLMAuthenticationError) or self._unreachable >= _PATIENCE:
            llm = self._answerer.llm
            self._answerer = replace(self._answerer, llm=_Refused(llm.name, llm.context_tokens, error))


@dataclass(frozen=True, slots=True)
class _Refused:
    """Stands for a model that is asked no more."""

    name: str
    context_tokens: int | None
    error: DatelineError

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        del prompt
        raise self.error


def lines_of_stdin() -> Iterator[str]:
    """Yield the lines of stdin as they come. Bytes that are no text are shown as such and stop nothing."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    yield from sys.stdin


def _json(turn: Turn, planned: Planned, archive: Archive, as_of: date | None, *, indent: int | None = 2) -> str:
    return to_json(_record(turn, planned, archive, as_of), indent=indent)


def _record(turn: Turn, planned: Planned, archive: Archive, as_of: date | None) -> dict[str, Any]:
    coverage = None if turn.answer.answered else coverage_json(*coverage_of(archive, as_of))
    return answer_json(turn, planned, coverage=coverage)


def _print_turn(turn: Turn, archive: Archive, terminal: Terminal, *, streamed: str, as_of: date | None = None) -> None:
    answer, style = turn.answer, style_of(terminal)
    if streamed:
        terminal.end_flow()
    if streamed and streamed != answer.text:
        terminal.note("what the model wrote later changed the answer; in full it is:")
    if streamed != answer.text:
        terminal.say(answer_text(answer, style))
    for warning in answer.warnings:
        terminal.note(warning)
    if answer.answered:
        _print_below(style.wrap(support_text(answer)), terminal)
        _print_below(below_text(turn, style), terminal)
        _print_below(sources_text(answer.citations, style), terminal)
        return
    terminal.flush()  # What the archive covers is counted first.
    terminal.say(style.wrap(f"As far as it goes: {coverage_text(*coverage_of(archive, as_of))}."))
    if answer.nearest:
        _print_below("Nearest:\n" + hits_text(turn.query, answer.nearest, style), terminal)


def _print_below(paragraph: str, terminal: Terminal) -> None:
    if paragraph:
        terminal.say(f"\n{paragraph}")
