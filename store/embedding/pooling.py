"""The last step of every light embedder: token states → one vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from store.embedding.weights import Pooling

if TYPE_CHECKING:
    from store.embedding import Vectors


def pool(states: Vectors, pooling: Pooling) -> Vectors:
    """Return the vector of norm 1, shape (dimension,), of token states without padding, shape (tokens, dimension)."""
    vector = states[0] if pooling == "cls" else states.mean(axis=0)
    normed: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return normed
