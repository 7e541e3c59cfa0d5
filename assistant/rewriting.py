"""A follow-up question rewritten by an LLM: the prompt for it, and what of the reply may be used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.llm import Message, Prompt
from assistant.llm.stopping import Stop
from prompts import load_prompt
from store.cleaning import clean_line
from store.words import content_words

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from assistant.followups import Past

# Turns that are shown, and of each answer so many characters: what a question points back to is rarely further.
_TURNS, _ANSWER_CHARS, _QUESTION_CHARS = 4, 400, 600

LONGEST_REWRITE = 300

# Words of a rewritten question that stood nowhere before: more of them, and it is about something else.
_NEW_WORDS = 3

_EXAMPLE = Message(
    "user",
    """Today is 2017-06-20 (Tuesday).

<<<EXAMPLE conversation
Question: Why did the ferry Morning Star run aground off Skelby?
Answer: A sailor told the Skelby Post that the steering had failed.
EXAMPLE>>>

Last question: has the operator confirmed it?

The last question, rewritten:""",
)
_EXAMPLE_REPLY = Message(
    "assistant", "Has the operator of the ferry Morning Star confirmed that the steering had failed?"
)

_ASKS = re.compile(
    r"(?:(?:in|on|at|from|to|of|for|by|with|about|under|since|according to|as of|after|before|during|between)\b"
    r"[^?]{1,80},?\s+)?"
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|should|shall|may|might|must)\b[^?]*\?|(?:tell|describe|explain|list|show|give|compare|summari[sz]e|find)\b[^?]*[.?]?",
    re.IGNORECASE,
)
# Links, markers of sources, markup, and the delimiters of the prompt.
_FOREIGN = re.compile(r"https?:|www\.|\]\(|[<>{}\[\]【】`|*#\\]|\w\.(?:com|org|net|io)\b", re.IGNORECASE)
# Days may be new: they are counted from those that were said.
_DATE = re.compile(
    r"\b(?:\d{1,4}|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_LABEL = re.compile(r"(?:rewritten|standalone|last)?\s*question(?:,? rewritten)?\s*:\s*", re.IGNORECASE)


def standalone_prompt(
    question: str,
    history: Sequence[Past],
    *,
    today: date,
    boundary: str,
    prompts: Path | None = None,
    stop: Stop | None = None,
) -> Prompt:
    """Return the prompt that asks for ``question`` as one that stands alone after ``history``.

    ``boundary`` is random and new; what was said before is quoted between lines that bear it, and loses any of its own.
    ``stop`` is handed on.
    """
    asked = clean_line(question)[:_QUESTION_CHARS]
    said = "\n".join(_quoted(past, boundary) for past in history[-_TURNS:])
    text = load_prompt("standalone_question", folder=prompts).render(
        today=f"{today} ({today:%A})", boundary=boundary, conversation=said, question=_plain(asked, boundary)
    )
    system = load_prompt("standalone", folder=prompts).render()
    return Prompt(asked, (), system, (_EXAMPLE, _EXAMPLE_REPLY, Message("user", text)), stop=stop or Stop())


def read_standalone(reply: str, *, question: str = "", history: Sequence[Past] = ()) -> str | None:
    """Return the question that a model replied with; None where it is no question that can be shown and searched.

    Refused are several lines, more than ``LONGEST_REWRITE`` characters, statements, links, citations, markup and
    control characters, and, where ``question`` and ``history`` are given, names and words that were not said before.
    """
    text = reply.strip()
    if "\n" in text or "\r" in text or len(text) > LONGEST_REWRITE:
        return None
    text = _LABEL.sub("", text, count=1).strip("\"“”' ")
    if not text or clean_line(text) != text or _FOREIGN.search(text) or not _ASKS.fullmatch(text):
        return None
    return text if not question or _is_told(text, question, history) else None


def _is_told(text: str, question: str, history: Sequence[Past]) -> bool:
    """Whether a rewritten question keeps what was asked and hardly adds to what was said."""
    said = set(content_words(" ".join([question, *(f"{past.standalone} {past.answer}" for past in history)])))
    new = [word for word in content_words(_DATE.sub(" ", text)) if word not in said]
    kept = set(content_words(question)) & set(content_words(text))
    asked = set(content_words(question))
    return len(new) <= _NEW_WORDS and 2 * len(kept) >= len(asked)


def _quoted(past: Past, boundary: str) -> str:
    days = f"\nDays searched: {past.window.since or ''} to {past.window.until or ''}" if past.window else ""
    answer = _plain(clean_line(past.answer), boundary)[:_ANSWER_CHARS]
    return f"Question: {_plain(clean_line(past.standalone), boundary)[:_QUESTION_CHARS]}\nAnswer: {answer}{days}"


def _plain(text: str, boundary: str) -> str:
    """Return foreign text on one line that cannot end its quotation."""
    return text.replace(boundary, "").replace("<<<", "").replace(">>>", "")
