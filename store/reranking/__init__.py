"""Question and passage read together: the Reranker protocol, and how to open one.

Importing this package, or opening the default reranker, loads neither torch nor sentence_transformers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Protocol

from store.errors import RerankerError
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

        return OnnxReranker(weights, threads=_cores())
    from store.reranking.library import LibraryReranker  # torch and sentence_transformers, 4-20 s

    return LibraryReranker(weights)


class OpeningReranker:
    """A reranker that opens in a thread, beside what the caller does meanwhile.

    The process does not end before it is open: where one question is all, begin this only for onnxruntime's.
    """

    def __init__(self, weights: RerankerWeights) -> None:
        self._reranker: Reranker | None = None
        self._error: RerankerError | None = None
        self._thread = threading.Thread(target=self._open, args=(weights,))
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> Reranker | None:
        """Return the reranker, None where it is not open after ``timeout_s``; raise RerankerError if it cannot be."""
        self._thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        return self._reranker

    def _open(self, weights: RerankerWeights) -> None:
        try:
            self._reranker = open_reranker(weights)
        except RerankerError as exc:
            self._error = exc
        except Exception as exc:  # noqa: BLE001 - told where it is waited for, not lost with the thread
            self._error = RerankerError(f"cannot open the reranking model: {exc}")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
