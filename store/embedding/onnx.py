"""Embedding with onnxruntime: the weights that come with the installation, for passages and questions alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from store.embedding.pooling import pool
from store.embedding.weights import Weights
from store.errors import EmbedderError
from store.graphs import open_graph

if TYPE_CHECKING:
    from store.embedding import Vectors


class OnnxEmbedder:
    """An ONNX model run one text at a time, several texts at once.

    One text at a time because dynamic int8 scales its activations by the whole batch: beside other texts the same one
    got another vector (cosine down to .98). It costs nothing: batches were no faster on CPU.
    """

    def __init__(self, weights: Weights, *, threads: int) -> None:
        try:
            self._session = open_graph(weights.file, reads_once=threads == 1)
            self._tokenizer = Tokenizer.from_file(str(weights.folder / "tokenizer.json"))
        except Exception as exc:  # Both libraries raise bare Exceptions of their own making.
            raise EmbedderError(f"cannot load {str(weights.file)!r}: {exc}", hint="reinstall dateline") from exc
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(weights.recipe.max_tokens)
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._threads = threads
        self.weights = weights

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        prefixed = [self.weights.recipe.passage_prefix + text for text in texts]
        return np.stack(list(self._run_all(prefixed)))

    def embed_query(self, text: str) -> Vectors:
        return self._run(self.weights.recipe.query_prefix + text)

    def _run_all(self, texts: Sequence[str]) -> Iterator[Vectors]:
        if self._threads == 1 or len(texts) == 1:
            yield from map(self._run, texts)
            return
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and a question needs none

        with ThreadPoolExecutor(self._threads) as pool_of_threads:
            yield from pool_of_threads.map(self._run, texts)

    def _run(self, text: str) -> Vectors:
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states, *_) = self._session.run(None, {name: given[name] for name in self._inputs})
        return pool(states[0], self.weights.recipe.pooling)
