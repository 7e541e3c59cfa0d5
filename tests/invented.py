"""Articles without end, each with words of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from store.records import Draft


def invented(number: int, *, sentences: int = 3, **fields: Any) -> Draft:
    """Return article ``number`` of the invented ones; each sentence has nine words."""
    # Most words are its own: texts that are nearly the same would be more than an approximate index can tell apart.
    things = ([f"{thing}{number}x{i}" for thing in ("crate", "rope", "sail")] for i in range(sentences))
    lines = [f"Warden{number} logged {crate}, {rope} and {sail} on quay {number}." for crate, rope, sail in things]
    draft = Draft(
        headline=f"Harbour log {number}",
        body="\n".join(lines),
        source=f"logs/{number}.txt",
        id=f"log-{number:05}",
        outlet=("Harbour Courier", "The Skelby Post")[number % 2],
        published=date(2017, 1 + number % 12, 1 + number % 28),
    )
    return replace(draft, **fields)
