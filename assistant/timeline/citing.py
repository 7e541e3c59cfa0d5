"""Events → numbered citations, the same numbers in the terminal, in Markdown, in JSON and in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.conversation import Citation
from assistant.timeline.events import Event, Quote
from store.records import Hit, Passage


@dataclass(frozen=True, slots=True)
class Cited:
    """Quotes with their numbers, from 1: those of the events in order, what disputes their days, what confirms them."""

    numbers: dict[Quote, int]
    shown: int

    def number(self, quote: Quote) -> int:
        return self.numbers[quote]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every quote as a citation."""
        return tuple(_citation(number, quote) for quote, number in self.numbers.items())

    @property
    def told(self) -> tuple[Citation, ...]:
        """Those that are told: what only confirms an event is left out."""
        return self.citations[: self.shown]


def cite(events: Sequence[Event]) -> Cited:
    """Number the quotes of events."""
    told = [event.quote for event in events]
    told += [dating.quote for event in events for dating in event.disputing]
    numbers: dict[Quote, int] = {}
    for quote in told:
        numbers.setdefault(quote, len(numbers) + 1)
    shown = len(numbers)
    for event in events:
        for quote in event.also:
            numbers.setdefault(quote, len(numbers) + 1)
    return Cited(numbers, shown)


def _citation(number: int, quote: Quote) -> Citation:
    place = f"{quote.article.id}:{quote.start}-{quote.end}"
    passage = Passage(place, quote.article, 0, quote.start, quote.end, quote.text)
    hit = Hit(passage, number, 0.0, "fused", quote.copies)
    return Citation(number, hit, quote.start, quote.end, quote.text)
