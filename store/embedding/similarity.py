"""How alike two sentences are to an embedding model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from store.embedding import Embedder, Vectors

# A sentence of an answer is compared again with every piece that comes, and each source sentence with several of them.
_KEPT = 512


class CosineSimilarity:
    """The cosines of sentences by one model; what was embedded once is kept."""

    def __init__(self, embedder: Embedder) -> None:
        @lru_cache(maxsize=_KEPT)
        def vector_of(text: str) -> Vectors:
            (vector,) = embedder.embed_passages([text])
            return np.asarray(vector, dtype=np.float32)

        self._vector_of: Callable[[str], Vectors] = vector_of

    def close(self) -> None:
        """Let go of the model, 100 MB, however long the object itself is kept; it cannot be asked any more."""
        self._vector_of = _closed

    def __call__(self, statement: str, sentences: Sequence[str]) -> list[float]:
        """Return the cosine of ``statement`` with each sentence, in [-1, 1], in order."""
        vector = self._vector_of(statement)
        return [float(vector @ self._vector_of(sentence)) for sentence in sentences]

    def to(self, vector: Vectors, text: str) -> float:
        """Return the cosine of ``vector``, of norm 1, with ``text``."""
        return float(vector @ self._vector_of(text))


def _closed(text: str) -> Vectors:
    del text
    raise ValueError("the archive of this similarity is closed")
