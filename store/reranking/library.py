"""Reranking with sentence-transformers: any CrossEncoder. It imports torch, which takes 4 to 20 seconds."""

from __future__ import annotations

import os
from collections.abc import Sequence

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

import torch
from sentence_transformers import CrossEncoder

from store.errors import RerankerError
from store.reranking.weights import RerankerWeights

# Torch shares one batch out among the cores; beyond this, batches are no faster and the clock is seen less often.
_BATCH = 4


class LibraryReranker:
    """A CrossEncoder on the CPU, from files on this disk."""

    at_once = _BATCH

    def __init__(self, weights: RerankerWeights) -> None:
        try:
            self._model = CrossEncoder(
                str(weights.folder), device="cpu", local_files_only=True, max_length=weights.max_tokens
            )
        except Exception as exc:  # Every loader below the library raises kinds of its own.
            raise RerankerError(f"cannot load {str(weights.folder)!r}: {exc}", hint="fetch the model again") from exc
        if self._model.num_labels != 1:
            raise RerankerError(
                f"the model in {str(weights.folder)!r} gives classes, not one score", hint="name a reranker"
            )
        self.name = weights.name

    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        if not windows:
            return []
        pairs = [(_readable(query), _readable(window)) for window in windows]
        with torch.inference_mode():
            # Logits, whatever the model would make of them: what is added to other scores must not be squeezed twice.
            scores = self._model.predict(
                pairs, batch_size=_BATCH, activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
        return [float(score) for score in scores]


def _readable(text: str) -> str:
    # A lone surrogate is no text to the tokenizer.
    return text.encode("utf-8", "replace").decode("utf-8")
