"""Reading as many windows as a time budget allows, best first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from store.reranking import Reranker

# With fewer read, nothing was compared: the machine, or the model, is too slow for the budget.
ENOUGH = 3

# A last reading that took longer than those before it is no reason to complain.
_TOLERANCE = 1.2


@dataclass(frozen=True, slots=True)
class Readings:
    """What a reranker made of windows in the time it was given. ``logits`` has one a window, None where not reached."""

    logits: tuple[float | None, ...]
    took_s: float
    budget_s: float

    @property
    def count(self) -> int:
        return sum(logit is not None for logit in self.logits)

    @property
    def budget_blown(self) -> bool:
        """Whether this budget cannot be kept here: too little was read in it, or it was not enough for a first look."""
        return self.count < min(ENOUGH, len(self.logits)) or self.took_s > self.budget_s * _TOLERANCE


def read_windows(
    reranker: Reranker,
    query: str,
    windows: Sequence[str],
    *,
    budget_s: float,
    clock: Callable[[], float] = time.monotonic,
) -> Readings:
    """Score ``windows``, which come best first, until the next ones would take longer than is left of the budget.

    How fast this machine is shows as it goes: a pair costs by its length, and the first is read alone to begin with.
    """
    began = clock()
    logits: list[float] = []
    read_chars, width = 0, 1
    while len(logits) < len(windows):
        batch = windows[len(logits) : len(logits) + width]
        chars = len(query) + max(map(len, batch))  # Those of a batch run side by side: the longest makes them wait.
        took_s = clock() - began
        pace = took_s / read_chars if read_chars else 0.0
        if took_s + pace * chars > budget_s:
            break
        logits += reranker.score(query, batch)
        read_chars, width = read_chars + chars, reranker.at_once
    return Readings((*logits, *[None] * (len(windows) - len(logits))), clock() - began, budget_s)
