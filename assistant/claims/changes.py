"""Two answers to one question, as of a day and now: what was updated since, what is new and what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.citations import without_markers
from assistant.claims.claim import Side, Update

if TYPE_CHECKING:
    from assistant.claims.claim import Comparison
    from assistant.conversation import Answer, Turn


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a day: claims ``updated`` by later reports, statements ``added`` and ``dropped``."""

    since: date
    updated: tuple[Comparison, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.updated or self.added or self.dropped)


def changes_between(then: Turn, now: Turn, compared: Sequence[Comparison], since: date) -> Changes:
    """Return what changed from the answer as of ``since`` to the one of now; ``compared`` is what is now reported."""
    told = ((one, tuple(_later(one.updates, since))) for one in compared)
    updated = tuple(replace(one, updates=later) for one, later in told if later)
    before, after = _statements(then.answer), _statements(now.answer)
    return Changes(
        since,
        updated,
        tuple(text for text in after if text not in before),
        tuple(text for text in before if text not in after),
    )


def _later(updates: Sequence[Update], since: date) -> Iterator[Update]:
    """Yield what was reported later, also where it was before: an admission confirms what others had said."""
    for update in updates:
        claims = tuple(claim for claim in update.new.claims if claim.day and claim.day > since and not claim.is_earlier)
        if claims:
            yield Update(update.old, Side(update.new.value, claims))


def _statements(answer: Answer) -> tuple[str, ...]:
    return tuple(_texts(answer)) if answer.answered else ()


def _texts(answer: Answer) -> Iterator[str]:
    for statement in answer.statements:
        yield without_markers(statement.text).strip()
