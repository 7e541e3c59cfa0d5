"""Reranking with onnxruntime: the weights that come with the installation, or any BERT cross-encoder saved as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tokenizers import Tokenizer

from store.errors import RerankerError
from store.graphs import open_graph
from store.reranking.weights import RerankerWeights

# Of a longer text the tokenizer would read everything to keep the beginning: 100,000 characters took it 50 ms.
_CHARS_PER_TOKEN = 20


class OnnxReranker:
    """An ONNX model run one pair at a time, one pair a core.

    One pair at a time because dynamic int8 scales its activations by the whole batch: beside others a pair got another
    score. It costs nothing: of 97 tokens a pair took 18.8 ms alone, 18.4 in a batch of eight.
    """

    def __init__(self, weights: RerankerWeights, *, threads: int) -> None:
        try:
            self._session = open_graph(weights.file, reads_once=False, check=weights.check)
            self._tokenizer = Tokenizer.from_file(str(weights.folder / "tokenizer.json"))
        except RerankerError:
            raise
        except Exception as exc:  # Both libraries raise bare Exceptions of their own making.
            raise RerankerError(
                f"cannot load {str(weights.file)!r}: {exc}", hint="fetch the model again, or search with --no-rerank"
            ) from exc
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(weights.max_tokens)
        self._longest_chars = weights.max_tokens * _CHARS_PER_TOKEN
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.name = weights.name
        self.at_once = threads
        # Made once: starting threads for every few pairs would cost as much as a word of them.
        self._threads = ThreadPoolExecutor(threads) if threads > 1 else None
        self._probe(weights)

    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        def score_window(window: str) -> float:
            return self._score(asked, self._readable(window))

        asked = self._readable(query)
        if self._threads is None or len(windows) == 1:
            return [score_window(window) for window in windows]
        return list(self._threads.map(score_window, windows))

    def _score(self, query: str, window: str) -> float:
        return float(self._run(query, window)[0, 0])

    def _run(self, query: str, window: str) -> np.ndarray:
        encoding = self._tokenizer.encode(query, window)
        ids = np.array([encoding.ids], dtype=np.int64)
        types = np.array([encoding.type_ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        (logits, *_) = self._session.run(None, {name: given[name] for name in self._inputs})
        return np.asarray(logits)

    def _probe(self, weights: RerankerWeights) -> None:
        """Raise RerankerError where the model does not give one number a pair: found out now, not at a question."""
        try:
            shape = self._run("who", "they").shape
        except Exception as exc:  # A graph that wants what a BERT is not given.
            raise RerankerError(
                f"cannot run {str(weights.file)!r}: {exc}", hint="name a cross-encoder saved for BERT's inputs"
            ) from exc
        if shape != (1, 1):
            raise RerankerError(
                f"the model in {str(weights.file)!r} gives {shape} for a pair, not one score", hint="name a reranker"
            )

    def _readable(self, text: str) -> str:
        # A lone surrogate is no text to the tokenizer.
        return text[: self._longest_chars].encode("utf-8", "replace").decode("utf-8")
