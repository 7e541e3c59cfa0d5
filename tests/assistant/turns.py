"""Turns of a conversation about a ferry, invented, for what keeps and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from assistant.conversation import Answer, Citation, Planned, Statement, Turn, Usage
from assistant.planning import Scope, plan
from store.records import ArticleRef, Hit, Passage, Window

BODY = "The ferry Morning Star sank off Skelby on Wednesday. All 212 people were brought ashore."
REF = ArticleRef(
    "ferry-1",
    "Ferry sinks",
    outlet="Harbour Courier",
    authors=("Ida Holm",),
    published=datetime(2017, 6, 7, 23, 30, tzinfo=UTC),
    url="https://courier.example/ferry",
)
COPY = ArticleRef("ferry-2", "", outlet="The Post", published=date(2017, 6, 8))


def planned(
    question: str = "Who was brought ashore?", scope: Scope | None = None, *, asked: str | None = None
) -> Planned:
    understood = plan(question, scope or Scope(), today=date(2020, 2, 1), outlets=("The Post",))
    return replace(understood, asked=asked)


def cited() -> Citation:
    """Return the second sentence, as it is cited and as it is kept: with no more of its passage."""
    passage = Passage("ferry-1:0-88", REF, 0, 53, 88, BODY[53:])
    return Citation(1, Hit(passage, 1, 0.0, "fused", (COPY,)), 53, 88, BODY[53:])


def answered(understood: Planned, *, model: str = "openai:m", complete: bool = True) -> Turn:
    text = "All 212 were saved [1]. They were glad."
    statements = (
        Statement("All 212 were saved [1].", 0, 23, (1,), "supported"),
        Statement("They were glad.", 24, 39, (), "unsupported"),
    )
    answer = Answer(text, True, statements, (cited(),), (), model, Usage(12, None), ("careful",), complete)
    return _turn(understood, answer)


def abstained(understood: Planned) -> Turn:
    near = Hit(Passage("ferry-1:0-52", REF, 0, 0, 52, BODY[:52]), 1, 0.5, "fused")
    return _turn(understood, Answer("The archive does not say.", False, (), (), (near,), "extractive", None, ()))


def _turn(understood: Planned, answer: Answer) -> Turn:
    window = Window(date(2017, 1, 1), None, "from '2017'", inferred=True)
    return Turn(
        understood.question,
        understood.query,
        window,
        answer,
        {"search": 1.5},
        asked=understood.asked,
        outlets=understood.filter.outlets,
        as_of=understood.as_of,
    )
