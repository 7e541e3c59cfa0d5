"""What the chat knows of one turn: enough to show it again after its widgets are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from assistant.conversation import Citation
from assistant.rendering import Style, below_text, plan_texts, support_text, window_text
from assistant.tui.plain_text import in_chat_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from assistant.conversation import Answer, Planned, Support, Turn
    from assistant.planning import Scope
    from assistant.saved_turns import SavedTurn
    from store.records import Hit

# ``waiting`` for the turn before, then what an answer goes through, then how it ended.
Stage = Literal["waiting", "planning", "searching", "reading", "writing", "stopping", "over", "failed"]

# Nobody has typed the flags of the command line here.
_BY_HAND = re.compile(r"\(--[a-z-]+(?:, --[a-z-]+)*\)")

# Of a turn that was stopped before there was an answer.
STOPPED_UNWRITTEN = "stopped before a word was written; ↑ brings the question back"

# Of a turn that has no ending.
_ENDED = "cut short: the program was ended before the answer was whole"

_WORST_FIRST: tuple[Support, ...] = ("unsupported", "weak", "supported", "quoted")
_SUPPORT_WORDS: dict[Support, str] = {
    "quoted": "quoted",
    "supported": "supported",
    "weak": "weak (~)",
    "unsupported": "not supported (?)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an article that the panel lists. ``mark`` says in words what it is worth to the answer.

    One that is not cited has a citation with the number 0; it may be one that ``differs`` from another report.
    """

    citation: Citation
    mark: str
    differs: bool = False

    @property
    def is_cited(self) -> bool:
        return self.citation.number > 0


@dataclass(slots=True)
class TurnRecord:
    """One turn, as far as it has come. ``plan`` is what was understood, in words; ``scope`` what was set by hand.

    ``coverage`` says what the archive holds, where it does not hold the answer. ``trouble`` is why there is no answer.
    """

    asked: str
    scope: Scope
    stage: Stage = "waiting"
    plan: tuple[str, ...] = ()
    planned: Planned | None = None
    hits: tuple[Hit, ...] = ()
    notices: list[str] = field(default_factory=list)
    turn: Turn | None = None
    coverage: str = ""
    trouble: str = ""

    @property
    def is_over(self) -> bool:
        return self.stage in {"over", "failed"}

    def reach(self, stage: Stage) -> None:
        """Go on to a stage, unless the turn is being stopped."""
        if self.stage != "stopping":
            self.stage = stage

    def places(self) -> tuple[Place, ...]:
        """Return what the panel lists: the cited places in order, where reports differ, then what else was found."""
        if self.turn is None:
            return tuple(_found(hit, "found") for hit in self.hits)
        answer = self.turn.answer
        cited = [Place(citation, _mark(citation.number, self.turn)) for citation in answer.citations]
        differing = list(self._differing(answer))
        read = {place.citation.hit.passage.id for place in (*cited, *differing)}
        nearest = [_found(hit, "nearest") for hit in answer.nearest]
        read.update(hit.passage.id for hit in answer.nearest)
        others = [_found(hit, "not cited") for hit in self.hits if hit.passage.id not in read]
        return (*cited, *differing, *nearest, *others)

    def _differing(self, answer: Answer) -> Iterator[Place]:
        """Yield where it stands, among what was found and is not cited, what other reports say."""
        taken = [(one.hit.passage.article.id, one.start, one.end) for one in answer.citations]
        differences = self.turn.differences if self.turn else ()
        told = [(side.value, claim) for one in differences for side in one.sides for claim in side.claims]
        for value, claim in told:
            place = (claim.article.id, claim.start, claim.end)
            hit = next((hit for hit in self.hits if _holds(hit, *place)), None)
            if hit is not None and not any(_overlap(place, other) for other in taken):
                taken.append(place)
                yield Place(Citation(0, hit, claim.start, claim.end, claim.quote), f"says {value}", differs=True)

    def differences(self) -> str:
        """Return in words where the reports differ on what the answer says; nothing where they do not."""
        return in_chat_words(below_text(self.turn, Style())) if self.turn is not None else ""

    def remarks(self) -> Iterator[str]:
        """Yield what is to be known of the answer, a line each."""
        yield from self.notices
        if self.turn is not None:
            yield from self.turn.answer.warnings
            told = [support_text(self.turn.answer), _written_by(self.turn.answer)]
            if any(told):
                yield " ".join(filter(None, told))
        if self.coverage:
            yield f"As far as the archive goes: {self.coverage}."


def saved_record(saved: SavedTurn) -> TurnRecord:
    """Return a turn as it was saved."""
    turn, has_answer = saved.turn, bool(saved.turn.answer.text)
    plan = tuple(_plan_of(turn)) if saved.plan is None else _plan(saved.plan, saved.scope.outlets)
    record = TurnRecord(turn.asked or turn.question, saved.scope, stage="over", plan=plan)
    record.turn = turn if has_answer else None
    if saved.state == "failed":
        record.trouble = in_chat_words(saved.error or "not answered")
        record.stage = record.stage if has_answer else "failed"
    elif not has_answer:
        record.trouble, record.stage = _broken_off(saved.error), "failed"
    elif saved.state == "unfinished":
        # Said to be complete, for the model is not to be blamed.
        record.turn = replace(turn, answer=replace(turn.answer, complete=True, warnings=(_ENDED,)))
    return record


def _broken_off(error: str | None) -> str:
    """Return in words what is kept of a turn without an answer that did not fail."""
    from assistant.recording import INTERRUPTED, STOPPED  # 10 ms that the first paint need not wait for

    kept_as = {None: _ENDED, INTERRUPTED: _ENDED, STOPPED: STOPPED_UNWRITTEN}
    return kept_as.get(error) or in_chat_words(error or "")


def plan_of(planned: Planned) -> tuple[str, ...]:
    """Return what a question is kept to and what was understood of it, in words."""
    return _plan(plan_texts(planned), planned.given.outlets)


def _plan(understood: Iterable[str], given: Sequence[str]) -> tuple[str, ...]:
    """Return what was understood with what was set by hand: ``given`` are outlets, the days are understood with it."""
    by_hand = (f"searching articles of {', '.join(given)} (set by hand)",) if given else ()
    return (*by_hand, *(_BY_HAND.sub("(set by hand)", text) for text in understood))


def _plan_of(turn: Turn) -> Iterator[str]:
    """Yield what was understood of a turn, as far as an older version kept it."""
    if turn.asked:
        yield f"understood as: {turn.question}"
    if turn.window:
        yield _BY_HAND.sub("(set by hand)", f"articles {window_text(turn.window)}")
    if turn.outlets:
        yield f"articles of {', '.join(turn.outlets)}"


def _mark(number: int, turn: Turn) -> str:
    supports = {statement.support for statement in turn.answer.statements if number in statement.citations}
    worst: Sequence[Support] = [support for support in _WORST_FIRST if support in supports]
    return _SUPPORT_WORDS[worst[0]] if worst else "cited"


def _holds(hit: Hit, article_id: str, start: int, end: int) -> bool:
    passage = hit.passage
    return passage.article.id == article_id and passage.start <= start and end <= passage.end


def _overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _found(hit: Hit, mark: str) -> Place:
    passage = hit.passage
    return Place(Citation(0, hit, passage.start, passage.end, passage.text), mark)


def _written_by(answer: Answer) -> str:
    """Return which model wrote an answer, and from how much; nothing is said of the built-in one."""
    if answer.model == "extractive":
        return ""
    usage = answer.usage
    counted = usage and usage.prompt_tokens is not None and usage.completion_tokens is not None
    cost = f", {usage.prompt_tokens:,} tokens read, {usage.completion_tokens:,} written" if usage and counted else ""
    return f"By {answer.model}{cost}."
