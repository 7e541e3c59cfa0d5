"""The cross-encoder's look at a ranking: the passages that may come first, for as long as the budget lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from store.errors import RerankerError
from store.reranking import OpeningReranker, Reranker, RerankerWeights, find_reranker
from store.reranking.blending import blend, contenders
from store.reranking.budget import Readings, read_windows
from store.reranking.windows import text_to_read

if TYPE_CHECKING:
    from store.catalog import Catalog
    from store.fusion import Ranked

# For reading alone. With .5 one search in twenty took over .6 in all: the last pair is read to its end.
BUDGET_S = 0.45


class Reading:
    """Reorders rankings with a cross-encoder: one of a name, opened when it is needed, or one that is open already."""

    def __init__(
        self,
        catalog: Catalog,
        reranker: str | Reranker,
        *,
        budget_s: float = BUDGET_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._reranker = reranker
        self._budget_s = budget_s
        self._clock = clock
        self._weights: RerankerWeights | None = None
        self._opening: OpeningReranker | None = None
        self._is_off = False

    def warm_up(self) -> None:
        """Begin to open the model beside whatever else happens; what is wrong with it is told when it is needed."""
        if self._is_off:
            return
        try:
            weights = self._find()
        except RerankerError:
            return
        # One that loads for seconds is begun when a question needs it: the process could not end before it is open.
        if weights is not None and weights.runtime == "onnx":
            self._opening = self._opening or OpeningReranker(weights)

    def reorder(self, query: str, ranked: list[Ranked], k: int) -> tuple[list[Ranked], tuple[str, ...]]:
        """Return ``ranked`` in the order that words, vectors, time and the cross-encoder make together, and notices.

        A first one that leads by more than the cross-encoder may change is left alone and nothing is read. A model that
        is missing or broken, or too slow for the budget on this machine, is told once and then left alone.
        """
        if self._is_off:
            return ranked, ()
        try:
            self._find()  # A name that leads nowhere is told at the first question, whether it is needed there or not.
            contending = contenders([one.score for one in ranked], k)
            if not contending:
                return ranked, ()
            readings = self._read(query, ranked[:contending])
        except RerankerError as exc:
            self._is_off = True
            return ranked, (f"not reranked: {exc}{f' ({exc.hint})' if exc.hint else ''}",)
        notices: tuple[str, ...] = ()
        if readings.budget_blown:
            self._is_off = True
            notices = (f"reranking is off: {readings.count} passages took {readings.took_s:.1f} s",)
        read = [replace(one, why=replace(one.why, reranked=logit)) for one, logit in _pairs(ranked, readings.logits)]
        order = blend([one.score for one in ranked], readings.logits)
        return [replace(read[place], score=score) for place, score in order], notices

    def _find(self) -> RerankerWeights | None:
        """Return the weights of the model that is to be opened, None where one is given; raise RerankerError."""
        if self._weights is None and isinstance(self._reranker, str):
            self._weights = find_reranker(self._reranker)
        return self._weights

    def _open(self) -> Reranker:
        if not isinstance(self._reranker, str):
            return self._reranker
        if self._opening is None:
            self._opening = OpeningReranker(find_reranker(self._reranker))
        opened = self._opening.wait()
        assert opened is not None  # waited for as long as it took
        return opened

    def _read(self, query: str, ranked: Sequence[Ranked]) -> Readings:
        reranker = self._open()  # Once, and not from the budget: that is for choosing what to read, and reading it.
        began = self._clock()
        windows = self._windows(query, ranked)
        left_s = self._budget_s - (self._clock() - began)
        return read_windows(reranker, query, windows, budget_s=left_s, clock=self._clock)

    def _windows(self, query: str, ranked: Sequence[Ranked]) -> list[str]:
        passages = self._catalog.passages([one.key for one in ranked])
        found = (passages.get(one.key) for one in ranked)
        return [text_to_read(p.article.headline, p.text, query) if p is not None else "" for p in found]


def _pairs(ranked: Sequence[Ranked], logits: Sequence[float | None]) -> list[tuple[Ranked, float | None]]:
    return list(zip(ranked, [*logits, *[None] * (len(ranked) - len(logits))], strict=True))
