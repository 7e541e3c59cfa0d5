"""Two sentences by their vectors, each embedded once."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence

import numpy as np
import pytest

from store.embedding.similarity import CosineSimilarity


class Compass:
    """An embedder that knows north and east."""

    name = "compass"
    dimension = 2

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded += texts
        return np.array([[1, 0] if text == "north" else [0.6, 0.8] for text in texts], dtype=np.float32)

    def embed_query(self, text: str) -> np.ndarray:
        raise AssertionError(f"a sentence is no question: {text}")


def test_sentences_are_compared_as_passages_and_embedded_once() -> None:
    compass = Compass()
    similarity = CosineSimilarity(compass)

    assert np.allclose(similarity("north", ["north", "north-east"]), [1, 0.6])
    similarity("north-east", ["north"])

    assert compass.embedded == ["north", "north-east"]


def test_a_vector_is_compared_with_a_text() -> None:
    similarity = CosineSimilarity(Compass())

    assert np.isclose(similarity.to(np.array([0, 1], dtype=np.float32), "north-east"), 0.8)


def test_a_closed_similarity_lets_go_of_the_model_though_it_is_kept_itself() -> None:
    compass = Compass()
    kept = weakref.ref(compass)
    similarity = CosineSimilarity(compass)
    similarity("north", ["north-east"])

    similarity.close()
    del compass
    gc.collect()

    assert kept() is None
    with pytest.raises(ValueError, match="closed"):
        similarity("north", ["north-east"])
