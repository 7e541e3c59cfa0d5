"""Turns as they are kept: a turn ↔ the JSON that ``ask --json`` prints, which is all that the archive is needed for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from assistant.conversation import Answer, Citation, Statement, Turn, Usage
from assistant.planning import Scope
from assistant.rendering import answer_json
from store.records import ArticleRef, Hit, Passage, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant.claims.claim import Comparison
    from assistant.conversation import Planned

# ``unfinished`` has no ending: it is being answered, or its process was killed.
State = Literal["finished", "abstained", "incomplete", "failed", "unfinished"]


@dataclass(frozen=True, slots=True)
class Stood:
    """What held for every question of a chat: what was kept to, who answered and from how many passages.

    ``usual_model`` and ``usual_k`` are those of the settings then.
    """

    scope: Scope
    model: str
    k: int
    usual_model: str
    usual_k: int


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """A turn as it was kept, with what was set by hand for it (``scope``) and, where it failed, the error in words.

    ``plan`` is what was understood, in words; None where an older version kept it. ``stood`` is what held for every
    question where it was asked in the chat.
    """

    turn: Turn
    state: State
    asked_utc: datetime
    scope: Scope
    error: str | None
    record: Mapping[str, Any]
    plan: tuple[str, ...] | None = None
    stood: Stood | None = None


def last_stood(turns: Sequence[SavedTurn]) -> Stood | None:
    """Return what held last in a session; None where nothing is known of it.

    A question from the shell changes nothing of it. Of an older version's turns what was set by hand for the last one
    is what held, unless its plan had been changed.
    """
    stood = next((saved.stood for saved in reversed(turns) if saved.stood is not None), None)
    if stood is None and turns and turns[-1].plan is None and not turns[-1].scope.any_day:
        return Stood(turns[-1].scope, "", 0, "", 0)
    return stood


def state_of(answer: Answer) -> State:
    """Return how a turn ended that has this answer."""
    if not answer.complete:
        return "incomplete"
    return "finished" if answer.answered else "abstained"


def opening_record(planned: Planned, model: str) -> dict[str, Any]:
    """Return the record of a turn of which nothing is known yet but what was understood."""
    answer = Answer("", False, (), (), (), model, None, (), complete=False)
    turn = Turn(planned.question, planned.query, planned.window, answer, {}, asked=planned.asked)
    return answer_json(turn, planned)


def read_turn(record: Mapping[str, Any]) -> Turn:
    """Return the turn that a record was made from.

    The passage of a citation is its quotation: what stands around it is the archive's to give. Raises KeyError,
    TypeError or ValueError for what is no record.
    """
    question, asked = record["question"], record.get("asked")
    return Turn(
        question,
        record["query"],
        _window(record["window"]),
        _answer(record),
        dict(record["timings_ms"]),
        asked=asked if asked != question else None,
        outlets=tuple(record["plan"]["outlets"]),
        as_of=date.fromisoformat(record["as_of"]),
        differences=_differences(record),
    )


def _differences(record: Mapping[str, Any]) -> tuple[Comparison, ...]:
    told = record.get("disagreements")
    if not told:
        return ()
    from assistant.claims.kept import read_comparisons  # only where reports differ

    return read_comparisons(told)


def _answer(record: Mapping[str, Any]) -> Answer:
    usage = record["usage"]
    return Answer(
        text=record["answer"],
        answered=record["answered"],
        statements=tuple(
            Statement(one["text"], one["start"], one["end"], tuple(one["citations"]), one["support"])
            for one in record["statements"]
        ),
        citations=tuple(map(_citation, record["citations"])),
        nearest=tuple(map(_hit, record["nearest"])),
        model=record["model"],
        usage=None if usage is None else Usage(usage["prompt_tokens"], usage["completion_tokens"]),
        warnings=tuple(record["warnings"]),
        complete=record["complete"],
    )


def _citation(record: Mapping[str, Any]) -> Citation:
    number, start, end, quote = record["n"], record["start"], record["end"], record["quote"]
    # Where the other pages begin is not kept: that this one begins before the quotation is all that its number needs.
    starts = (0,) * (record.get("page") or 0)
    ref = replace(_ref({**record, "id": record["article_id"]}), page_starts=starts)
    passage = Passage(record["passage_id"], ref, 0, start, end, quote)
    hit = Hit(passage, number, 0.0, "fused", tuple(map(_copy, record["copies"])))
    return Citation(number, hit, start, end, quote)


def _hit(record: Mapping[str, Any]) -> Hit:
    ref = _ref(record["article"])
    passage = Passage(record["passage_id"], ref, 0, record["start"], record["end"], record["text"])
    return Hit(passage, record["rank"], record["score"], record["scorer"], tuple(map(_copy, record["copies"])))


def _copy(record: Mapping[str, Any]) -> ArticleRef:
    # Of a copy no headline is kept: it is the headline of the story, or nearly.
    return _ref({"headline": "", "authors": (), **record, "id": record["article_id"]})


def _ref(record: Mapping[str, Any]) -> ArticleRef:
    return ArticleRef(
        record["id"],
        record["headline"],
        outlet=record["outlet"],
        authors=tuple(record["authors"]),
        published=_moment(record["published"]),
        url=record["url"],
    )


def _window(record: Mapping[str, Any] | None) -> Window | None:
    if record is None:
        return None
    since, until = record["since"], record["until"]
    return Window(
        date.fromisoformat(since) if since else None,
        date.fromisoformat(until) if until else None,
        record["basis"],
        inferred=record["inferred"],
    )


def _moment(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def scope_json(scope: Scope) -> dict[str, Any]:
    """Return what was set by hand."""
    days = {"since": scope.since, "until": scope.until, "as_of": scope.as_of}
    more = {**({"any_day": True} if scope.any_day else {}), **({"about": list(scope.about)} if scope.about else {})}
    return {**{name: day and day.isoformat() for name, day in days.items()}, "outlets": list(scope.outlets), **more}


def read_scope(record: Mapping[str, Any]) -> Scope:
    since, until, as_of = (
        date.fromisoformat(record[name]) if record[name] else None for name in ("since", "until", "as_of")
    )
    about = tuple(map(str, record.get("about", ())))
    return Scope(since, until, as_of, tuple(record["outlets"]), any_day=record.get("any_day", False), about=about)


def asked_json(scope: Scope, plan: Sequence[str] | None, stood: Stood | None) -> dict[str, Any]:
    """Return what was set by hand for a turn, with what was understood, in words, and what held for every question."""
    understood = {} if plan is None else {"understood": list(plan)}
    return {**scope_json(scope), **understood, **({} if stood is None else {"stood": _stood_json(stood)})}


def read_plan(record: Mapping[str, Any]) -> tuple[str, ...] | None:
    understood = record.get("understood")
    return None if understood is None else tuple(map(str, understood))


def read_stood(record: Mapping[str, Any]) -> Stood | None:
    stood = record.get("stood")
    if stood is None:
        return None
    return Stood(read_scope(stood), stood["model"], stood["k"], stood["usual_model"], stood["usual_k"])


def _stood_json(stood: Stood) -> dict[str, Any]:
    told = {"model": stood.model, "k": stood.k, "usual_model": stood.usual_model, "usual_k": stood.usual_k}
    return {**scope_json(stood.scope), **told}
