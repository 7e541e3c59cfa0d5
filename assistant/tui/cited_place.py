"""Where a quotation stands in an article as the archive holds it now, which may be another text than was cited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.conversation import Citation
    from store.splitting import Span


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """The span of a quotation, None where the text does not hold it. ``is_as_cited``: it stands where it was cited."""

    span: Span | None
    is_as_cited: bool


def cited_place(citation: Citation, body: str) -> CitedPlace:
    """Return where the quotation stands, word for word: at its place, else where it is nearest to that."""
    start, end, quote = citation.start, citation.end, citation.quote
    if body[start:end] == quote:
        return CitedPlace((start, end), is_as_cited=True)
    before, after = body.rfind(quote, 0, start + len(quote)), body.find(quote, start)
    found = [place for place in (before, after) if place >= 0]
    if not quote or not found:
        return CitedPlace(None, is_as_cited=False)
    nearest = min(found, key=lambda place: abs(place - start))
    return CitedPlace((nearest, nearest + len(quote)), is_as_cited=False)
