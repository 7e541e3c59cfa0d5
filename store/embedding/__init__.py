"""Text → vectors: the Embedder protocol and the two ways to open one, for passages in bulk and for one question.

Importing this package, or opening a question's embedder, loads neither torch nor sentence_transformers.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from store.embedding.weights import DEFAULT_EMBEDDER, Recipe, Weights, find_weights, weights_with_digest
from store.errors import EmbedderError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

__all__ = [
    "DEFAULT_EMBEDDER",
    "PROBES",
    "Embedder",
    "Recipe",
    "Weights",
    "fetch_weights",
    "find_weights",
    "open_embedder",
    "open_query_embedder",
    "weights_with_digest",
]

# Two forward passes of the same weights may differ by rounding; measured 1.2e-7 between numpy and torch.
AGREEMENT = 1e-4

# Texts by which it is seen whether two ways to embed give the same vectors.
PROBES = (
    "Who confirmed that the minister had resigned?",
    "The ferry sank on Tuesday.",
    "Officials said on 3 March that 41 people were missing after the dam gave way, and that 12 bodies had been found.",
)


class Embedder(Protocol):
    """A bi-encoder. Vectors are float32 of shape (texts, dimension), each of norm 1."""

    @property
    def weights(self) -> Weights: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, in order; the passage prefix of the model is added here."""

    def embed_query(self, text: str) -> Vectors:
        """Return the vector, shape (dimension,), of a question; the query prefix of the model is added here."""


def open_embedder(weights: Weights) -> Embedder:
    """Load the embedder for many passages: both cores, the fastest runtime for these weights."""
    if weights.runtime == "onnx":
        from store.embedding.onnx import OnnxEmbedder  # 0.15 s

        return OnnxEmbedder(weights, threads=cores())
    from store.embedding.library import LibraryEmbedder  # torch and sentence_transformers, 4-20 s

    return LibraryEmbedder(weights)


def open_query_embedder(weights: Weights) -> Embedder:
    """Load the embedder for one question, without torch wherever these weights allow it."""
    if weights.runtime == "bert":
        from store.embedding.bert import BertEmbedder  # numpy, 0.1 s

        return BertEmbedder(weights)
    if weights.runtime == "onnx":
        from store.embedding.onnx import OnnxEmbedder  # 0.15 s

        return OnnxEmbedder(weights, threads=1)
    return open_embedder(weights)


def fetch_weights(name: str) -> Weights:
    """Return the weights of ``name``, fetched from the Hugging Face hub where they are not on this machine."""
    try:
        return find_weights(name)
    except EmbedderError:
        from store.embedding.library import download  # torch and sentence_transformers, 4-20 s

        return download(name)


def light_way_agrees(embedder: Embedder) -> bool:
    """Return whether questions embedded without torch get the vectors that ``embedder`` gives them."""
    light = open_query_embedder(embedder.weights)
    return all(float(abs(light.embed_query(text) - embedder.embed_query(text)).max()) < AGREEMENT for text in PROBES)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
