"""A BERT forward pass in numpy over memory-mapped safetensors: a question's vector without importing torch.

Equal to sentence-transformers to about 1e-7 for the plain architecture of MiniLM, bge, e5, gte and arctic-embed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

# Two BLAS threads on busy cores made this six times slower than one (1.2 s against .19 s); read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from tokenizers import Tokenizer

from store.embedding.pooling import pool
from store.embedding.weights import Weights
from store.errors import EmbedderError

if TYPE_CHECKING:
    from store.embedding import Vectors


class BertEmbedder:
    """Plain BERT, one text at a time."""

    def __init__(self, weights: Weights) -> None:
        config = json.loads((weights.folder / "config.json").read_text(encoding="utf-8"))
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._tensors = load_safetensors(weights.file)
        # A whole BertModel carries no prefix; one saved inside a larger model carries its name.
        self._prefix = "" if "embeddings.word_embeddings.weight" in self._tensors else "bert."
        self._tokenizer = Tokenizer.from_file(str(weights.folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(weights.recipe.max_tokens)
        self.weights = weights

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._run(self.weights.recipe.passage_prefix + text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        return self._run(self.weights.recipe.query_prefix + text)

    def _run(self, text: str) -> Vectors:
        ids = self._tokenizer.encode(text).ids
        x = (
            self._weight("embeddings.word_embeddings.weight")[ids]
            + self._weight("embeddings.position_embeddings.weight")[: len(ids)]
            + self._weight("embeddings.token_type_embeddings.weight")[0]
        )
        x = self._norm(x, "embeddings.LayerNorm")  # (tokens, hidden)
        for i in range(self._layers):
            x = self._layer(x, f"encoder.layer.{i}")
        return pool(x, self.weights.recipe.pooling)

    def _layer(self, x: Vectors, name: str) -> Vectors:
        attended = self._linear(self._attend(x, f"{name}.attention.self"), f"{name}.attention.output.dense")
        x = self._norm(x + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(x, f"{name}.intermediate.dense"))
        return self._norm(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attend(self, x: Vectors, name: str) -> Vectors:
        tokens, hidden = x.shape
        size = hidden // self._heads
        query, key, value = (
            self._linear(x, f"{name}.{part}").reshape(tokens, self._heads, size).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )  # each (heads, tokens, size)
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(size))  # (heads, tokens, tokens)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Vectors = (scores @ value).transpose(1, 0, 2).reshape(tokens, hidden)
        return mixed

    def _linear(self, x: Vectors, name: str) -> Vectors:
        mapped: Vectors = x @ self._weight(f"{name}.weight").T + self._weight(f"{name}.bias")
        return mapped

    def _norm(self, x: Vectors, name: str) -> Vectors:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        normed: Vectors = centred / spread * self._weight(f"{name}.weight") + self._weight(f"{name}.bias")
        return normed

    def _weight(self, name: str) -> Vectors:
        return self._tensors[self._prefix + name]


def load_safetensors(path: Path) -> dict[str, Vectors]:
    """Return the float32 tensors of a safetensors file as views of a memory map; raise EmbedderError for other types.

    The format: eight bytes with the length of a JSON header, the header, the tensors' bytes.
    https://huggingface.co/docs/safetensors/index#format
    """
    try:
        with path.open("rb") as file:
            # A length that cannot be is read as far as the file goes, and then is no JSON.
            length = min(int.from_bytes(file.read(8), "little"), path.stat().st_size)
            header = json.loads(file.read(length))
        raw = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    except (OSError, ValueError) as exc:
        raise EmbedderError(f"cannot read {str(path)!r}: {exc}", hint="fetch the model again") from exc
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or name.endswith("position_ids"):
            continue
        if entry["dtype"] != "F32":
            raise EmbedderError(f"{str(path)!r} holds {entry['dtype']}, not float32", hint="use the float32 weights")
        begin, end = entry["data_offsets"]
        tensors[name] = raw[begin:end].view(np.float32).reshape(entry["shape"])
    return tensors


def _gelu(x: Vectors) -> Vectors:
    return x * np.float32(0.5) * (np.float32(1) + _erf(x * np.float32(np.sqrt(0.5))))


def _erf(x: Vectors) -> Vectors:
    """Return the error function within 1.5e-7: Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.26."""
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    a = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    series = t * (a[0] + t * (a[1] + t * (a[2] + t * (a[3] + t * a[4]))))
    result: Vectors = np.sign(x) * (1 - series * np.exp(-x * x)).astype(np.float32)
    return result
