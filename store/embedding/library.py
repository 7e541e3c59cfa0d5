"""Embedding with sentence-transformers: any model of that library, and the fastest way for float32 passages.

The only module that imports torch and sentence_transformers; that takes 4 to 20 seconds.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from store.embedding.weights import Weights, find_weights
from store.errors import EmbedderError

if TYPE_CHECKING:
    from store.embedding import Vectors


class LibraryEmbedder:
    """A SentenceTransformer on the CPU, from files on this disk."""

    def __init__(self, weights: Weights) -> None:
        try:
            self._model = SentenceTransformer(str(weights.folder), device="cpu", local_files_only=True)
        except Exception as exc:  # Every loader below the library raises kinds of its own.
            raise EmbedderError(f"cannot load {str(weights.folder)!r}: {exc}", hint="fetch the model again") from exc
        self._model.max_seq_length = weights.recipe.max_tokens
        self.weights = weights

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self.weights.recipe.passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self._encode([self.weights.recipe.query_prefix + text])[0]
        return vector

    def _encode(self, texts: list[str]) -> Vectors:
        with torch.inference_mode():
            # Small batches: on CPU larger ones are no faster and padding wastes work. The prompt is ours, given above.
            vectors = self._model.encode(
                texts, batch_size=8, prompt="", normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


def download(name: str) -> Weights:
    """Fetch a model from the Hugging Face hub into its usual cache and return its weights."""
    try:
        SentenceTransformer(name, device="cpu")
    except Exception as exc:
        raise EmbedderError(
            f"cannot fetch the embedding model {name!r}: {str(exc).splitlines()[0]}",
            hint="check the name and the network, or name a folder",
        ) from exc
    return find_weights(name)
