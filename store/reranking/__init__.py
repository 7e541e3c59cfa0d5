"""Question and passage read together: the Reranker protocol, and how to open one.

Importing this package, or opening the default reranker, loads neither torch nor sentence_transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from store.embedding import cores
from store.errors import RerankerError
from store.opening import Opening
from store.reranking.weights import DEFAULT_RERANKER, RerankerWeights, find_reranker

__all__ = [
    "DEFAULT_RERANKER",
    "OpeningReranker",
    "Reranker",
    "RerankerWeights",
    "find_reranker",
    "open_reranker",
]


class Reranker(Protocol):
    """A cross-encoder. Its scores are logits: any real number, the higher the more relevant."""

    @property
    def name(self) -> str: ...

    @property
    def at_once(self) -> int:
        """How many windows cost about the time of one."""

    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        """Return one score a window, in order; the same for the same query and window, whatever lies beside it."""


def open_reranker(weights: RerankerWeights) -> Reranker:
    """Load the cross-encoder; raise RerankerError where that cannot be done."""
    if weights.runtime == "onnx":
        from store.reranking.onnx import OnnxReranker  # numpy and onnxruntime, 0.15 s

        return OnnxReranker(weights, threads=cores())
    from store.reranking.library import LibraryReranker  # torch and sentence_transformers, 4-20 s

    return LibraryReranker(weights)


class OpeningReranker(Opening[Reranker]):
    """A reranker that opens in a thread. Where one question is all, begin this only for onnxruntime's."""

    def __init__(self, weights: RerankerWeights) -> None:
        super().__init__(partial(open_reranker, weights), _cannot_open)


def _cannot_open(error: Exception) -> RerankerError:
    return RerankerError(f"cannot open the reranking model: {error}")
