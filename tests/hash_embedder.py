"""A real Embedder that needs no model: each word adds to the dimensions that its digest names."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.embedding import Recipe, Weights
from store.errors import EmbedderError
from store.words import content_words

if TYPE_CHECKING:
    from store.embedding import Vectors

DIMENSION = 64


class HashEmbedder:
    """A bag of hashed words. ``embedded`` keeps the texts of passages and ``asked`` the questions, in order.

    With ``fails_after``, it embeds so many passages and then raises EmbedderError, once for every further call.
    """

    def __init__(self, folder: Path, *, seed: str = "1", dimension: int = DIMENSION) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "seed.txt"
        # Not written again: another process may be looking at it.
        if not file.exists() or file.read_text(encoding="ascii") != seed:
            file.write_text(seed, encoding="ascii")
        self.weights = Weights(Recipe(f"hash-{dimension}", dimension, "mean", 512), folder, file, "library")
        self.embedded: list[str] = []
        self.asked: list[str] = []
        self.fails_after: int | None = None
        self._seed = seed.encode()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self.fails_after is not None and len(self.embedded) + len(texts) > self.fails_after:
            raise EmbedderError("the embedder broke", hint="mend it")
        self.embedded += texts
        return np.stack([self._embed(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        return self._embed(text)

    def _embed(self, text: str) -> Vectors:
        vector = np.zeros(self.weights.recipe.dimension, dtype=np.float32)
        for word in content_words(text) or ("",):
            digest = blake2b(word.encode(), key=self._seed, digest_size=8).digest()
            vector[int.from_bytes(digest[:4], "little") % len(vector)] += 1 if digest[4] % 2 else -1
        vector[0] += 0.01  # No text, however its words cancel out, has the vector zero.
        normed: Vectors = vector / np.linalg.norm(vector)
        return normed
