"""A question in a conversation → its plan: what it leaves out is taken from the turns before."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.errors import LLMError, LLMStopped
from assistant.planning import Kept, plan
from store.errors import ArticleMissing
from store.outlets import OutletIndex
from store.records import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from assistant.conversation import Conversation, Planned, Turn
    from assistant.followups import Past
    from assistant.llm import LLM
    from assistant.llm.stopping import Stop
    from assistant.planning import Scope
    from store.archive import Archive
    from store.records import Window

_PERSON = re.compile(r"\b(?:he|him|his|himself|she|hers?|herself)\b", re.IGNORECASE)
# The turns whose articles are read for it: it is hardly said of anybody who was spoken of earlier.
_REPORTED = 3

# A reply that has become so long is no question; nobody waits for its end.
_LONGEST_REPLY = 1_000


def plan_next(
    archive: Archive,
    question: str,
    scope: Scope,
    conversation: Conversation | None,
    *,
    today: date,
    llm: LLM,
    prompts: Path | None = None,
    stop: Stop | None = None,
) -> Planned:
    """Return what to search ``archive`` for; raise ConfigError where the days contradict each other.

    Whether a question leans on the turns before, and which days and outlets it keeps, rules decide; how it reads by
    itself says ``llm``, where its reply can be used, and else the rules. Raise LLMStopped when ``stop`` is set while it
    is waited for.
    """
    outlets = archive.outlet_names()
    if conversation is None or not conversation.turns:
        return plan(question, scope, today=today, outlets=outlets)
    from assistant.followups import standalone  # 20 ms, where there is anything to follow up

    scope = _as_of_before(scope, conversation.turns[-1])
    history = _history(archive, question, conversation.turns)
    on = scope.as_of or today
    found = standalone(question, history, today=on, known=OutletIndex(outlets))
    if not found.is_follow_up:
        return plan(question, scope, today=today, outlets=outlets)
    text = _rewritten(question, history, llm, today=on, prompts=prompts, stop=stop) or found.question
    planned = plan(text, scope, today=today, outlets=outlets, kept=Kept(found.window, found.outlets))
    alone = plan(question, scope, today=today, outlets=outlets) if found.is_guess else None
    return replace(planned, asked=question.strip(), carried=found.basis, alone=alone)


def _as_of_before(scope: Scope, last: Turn) -> Scope:
    """Return a scope asked as of the day that was set by hand for the last turn, where no days are set now."""
    was_set = last.window is not None and "--as-of" in last.window.basis
    if not was_set or scope.since or scope.until or scope.as_of:
        return scope
    return replace(scope, as_of=last.as_of)


def _history(archive: Archive, question: str, turns: Sequence[Turn]) -> list[Past]:
    """Return the turns as a question sees them, the last ones with the reports that tell who is a 'she'."""
    first = len(turns) - _REPORTED if _PERSON.search(question) else len(turns)
    return [_past(turn, _reports(archive, turn) if i >= first else ()) for i, turn in enumerate(turns)]


def _reports(archive: Archive, turn: Turn) -> tuple[str, ...]:
    """Return the articles that an answer cites, as far as the archive still has them."""
    bodies = []
    for cited in dict.fromkeys(citation.hit.passage.article.id for citation in turn.answer.citations):
        try:
            bodies.append(archive.article(cited).body)
        except ArticleMissing:
            continue  # Removed since.
    return tuple(bodies)


def _past(turn: Turn, reports: tuple[str, ...]) -> Past:
    from assistant.followups import Past

    asked = turn.asked or turn.question
    if not turn.answer.answered:
        # Where nothing was found is no place to look for the next answer; days that were set by hand stay.
        by_hand = turn.window if turn.window is not None and "--" in turn.window.basis else None
        return Past(asked, turn.question, window=_kept(by_hand, turn), as_of=turn.as_of)
    cited = [day_of(citation.hit.passage.article.published) for citation in turn.answer.citations[:1]]
    told = cited[0] if cited else None
    window = _kept(turn.window, turn)
    return Past(asked, turn.question, turn.answer.text, window, turn.outlets, turn.as_of, told, reports)


def _kept(window: Window | None, turn: Turn) -> Window | None:
    if window is not None and window.since is None and window.until == turn.as_of:
        return None  # Only what had not been published yet was left out.
    return window


def _rewritten(
    question: str, history: Sequence[Past], llm: LLM, *, today: date, prompts: Path | None, stop: Stop | None
) -> str | None:
    """Return the question as ``llm`` puts it; None where it has nothing usable to say."""
    from assistant.rewriting import read_standalone, standalone_prompt

    boundary = os.urandom(8).hex()
    prompt = standalone_prompt(question, history, today=today, boundary=boundary, prompts=prompts, stop=stop)
    reply = ""
    try:
        for piece in llm.stream(prompt):
            reply += piece if isinstance(piece, str) else ""
            if len(reply) > _LONGEST_REPLY:
                return None
    except LLMStopped:
        raise
    except LLMError:
        # The rules have a question too; if the server is ill, the answer itself will say so.
        return None
    return read_standalone(reply, question=question, history=history)
