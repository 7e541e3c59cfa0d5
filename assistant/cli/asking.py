"""One question or many from a shell: the events of an answer, printed as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.cli.options import style_of
from assistant.cli.terminal import told
from assistant.conversation import Answered, Delta, Planned, Searched
from assistant.errors import exit_code_of
from assistant.rendering import (
    answer_json,
    answer_text,
    coverage_text,
    hits_text,
    plan_texts,
    sources_text,
    support_mark,
    to_json,
)
from store.cleaning import plain
from store.errors import DatelineError

if TYPE_CHECKING:
    from assistant.answering import Answerer
    from assistant.cli.terminal import Terminal
    from assistant.conversation import Turn
    from assistant.planning import Scope

_NO_ANSWER = 1


def ask_once(answerer: Answerer, question: str, scope: Scope, terminal: Terminal, *, stream: bool, json_: bool) -> int:
    """Print the answer to one question, with its sources, and return the exit code."""
    code, streamed = 0, ""
    planned: Planned | None = None
    for event in answerer.answer(question, scope):
        match event:
            case Planned():
                planned = event
                for line in plan_texts(event):
                    terminal.note(line)
            case Searched(notices=notices):
                for notice in notices:
                    terminal.note(notice)
            case Delta(text=text, support=support):
                if stream and not json_:
                    terminal.flow(plain(text) + support_mark(support))
                    terminal.flush()
                    streamed += text
            case Answered(turn=turn):
                assert planned is not None  # always the first event
                if json_:
                    terminal.say(to_json(answer_json(turn, planned)))
                else:
                    _print_turn(turn, answerer, terminal, streamed=streamed)
                terminal.flush()
                code = 0 if turn.answer.answered else _NO_ANSWER
    return code


def ask_batch(answerer: Answerer, questions: Iterable[str], scope: Scope, terminal: Terminal) -> int:
    """Print one JSON object a line for every question; one that fails is told in its place and stops nothing.

    Returns 0 where each question got an object, answered or not, else the exit code of the first error.
    """
    code, noted = 0, set[str]()
    for line in questions:
        question = line.strip()
        if not question:
            continue
        planned: Planned | None = None
        try:
            for event in answerer.answer(question, scope):
                match event:
                    case Planned():
                        planned = event
                    case Searched(notices=notices):
                        for notice in sorted(set(notices) - noted):  # What is so for all is said once.
                            terminal.note(f"{question[:80]!r}: {notice}")
                        noted.update(notices)
                    case Answered(turn=turn):
                        assert planned is not None  # always the first event
                        terminal.say(to_json(answer_json(turn, planned), indent=None))
        except DatelineError as exc:
            terminal.fail(f"{question[:80]!r}: {told(exc)}")
            code = code or exit_code_of(exc)
        terminal.flush()
    return code


def _print_turn(turn: Turn, answerer: Answerer, terminal: Terminal, *, streamed: str) -> None:
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
        if answer.citations:
            terminal.say()
            terminal.say(sources_text(answer.citations, style))
        return
    counts = answerer.archive.counts()
    terminal.say(f"As far as it goes: {coverage_text(counts.first, counts.last, counts.articles)}.")
    if answer.nearest:
        terminal.say()
        terminal.say("Nearest:")
        terminal.say(hits_text(turn.query, answer.nearest, style))
