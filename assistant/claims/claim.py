"""The nouns of a comparison: who says what of an event, and how several reports of the same stand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from store.records import ArticleRef, day_of

# ``cause`` is what brought something about, ``blame`` who did it, ``identity`` who somebody is.
Measure: TypeAlias = str
OF_CAUSES = frozenset({"cause", "blame", "identity"})
Bound = Literal["exact", "least", "most", "about"]
# ``confirmation``: the same is reported as certain by one and as uncertain by another.
Relation = Literal["agree", "number", "attribution", "update", "confirmation", "unrelated"]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many or how much: ``text`` as the report has it, ``number`` in units of ``unit`` ('' for a plain count).

    ``second`` is the other number of a vote.
    """

    text: str
    number: float
    bound: Bound = "exact"
    unit: str = ""
    second: float | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What or who is held responsible: ``text`` as the report has it.

    ``key`` is the family of a cause, 'engine' or 'missile', and '' for somebody; ``names`` are the words of a name.
    """

    text: str
    key: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """What a sentence speaks of.

    ``families`` are the kinds of incident, ``names`` and ``stems`` the telling words of the sentence with its headline,
    ``places`` the names that it says are where it happened, ``headline`` the names of the headline. ``part`` is the
    county that alone is meant, 'all' for a whole country. ``since`` and ``until`` are the days that the sentence gives
    itself.
    """

    families: frozenset[str]
    names: frozenset[str]
    places: frozenset[str]
    stems: frozenset[str]
    headline: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence of an article says, with ``quote == body[start:end]``.

    ``measure`` is what is counted ('dead', 'aboard', 'cost') or asked for ('cause', 'blame', 'identity'), ``countee``
    whom it counts where those are not all ('children'). ``speaker`` is whom the sentence cites, '' for nobody.
    ``is_earlier``: the article itself tells it as what was said before; ``is_correction``: as what is new.
    """

    article: ArticleRef
    start: int
    end: int
    quote: str
    measure: Measure
    countee: str
    value: Amount | Cause
    event: Event
    speaker: str = ""
    is_hedged: bool = False
    is_denied: bool = False
    is_earlier: bool = False
    is_correction: bool = False
    copies: tuple[ArticleRef, ...] = ()

    @property
    def day(self) -> date | None:
        return day_of(self.article.published)

    @property
    def outlet(self) -> str:
        return self.article.outlet or "an unnamed outlet"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values that are reported, with the claims that say so, the earliest first."""

    value: str
    claims: tuple[Claim, ...]

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that report it by themselves, each once; one that only prints another's story is not there.

        Who only tells that it was said before is there where nobody else is.
        """
        return tuple(dict.fromkeys(claim.outlet for claim in self._told))

    @property
    def is_hedged(self) -> bool:
        return all(claim.is_hedged for claim in self._told)

    @property
    def _told(self) -> Sequence[Claim]:
        return [claim for claim in self.claims if not claim.is_earlier] or self.claims


@dataclass(frozen=True, slots=True)
class Update:
    """A later report that changes an earlier one."""

    old: Side
    new: Side


@dataclass(frozen=True, slots=True)
class Comparison:
    """What several reports say of one thing. ``sides`` are in the order in which they were first reported.

    ``updates`` hold what was changed by later reports, oldest first, whatever the ``kind``.
    """

    kind: Relation
    subject: str
    sides: tuple[Side, ...]
    updates: tuple[Update, ...] = ()

    @property
    def outlets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(outlet for side in self.sides for outlet in side.outlets))

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for side in self.sides for claim in side.claims)
