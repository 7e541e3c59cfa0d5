"""Embedding with onnxruntime: the weights that come with the installation, for passages and questions alike."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from store.embedding.pooling import pool
from store.embedding.weights import Weights
from store.errors import EmbedderError

if TYPE_CHECKING:
    from store.embedding import Vectors


class OnnxEmbedder:
    """An ONNX model run one text at a time, several texts at once.

    One text at a time because dynamic int8 scales its activations by the whole batch: beside other texts the same one
    got another vector (cosine down to .98). It costs nothing: batches were no faster on CPU.
    """

    def __init__(self, weights: Weights, *, threads: int) -> None:
        try:
            self._session = _open_session(weights, reads_once=threads == 1)
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


def _open_session(weights: Weights, *, reads_once: bool) -> onnxruntime.InferenceSession:
    """Open the model as onnxruntime has prepared it before, or have it prepared and kept for the next time.

    The prepared graph gives the same bits and opens in 70 ms instead of 125; one that ``reads_once`` does without
    packing the weights for speed and opens in 50.
    """
    kept = _prepared_file(weights)
    if kept.is_file():
        try:
            return _session(kept, prepared=True, reads_once=reads_once)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it can be made again
            with suppress(OSError):
                kept.unlink()
    aside = kept.with_suffix(f".{os.getpid()}.tmp")
    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        session = _session(weights.file, prepared=False, reads_once=reads_once, keep=aside)
        aside.replace(kept)
    except Exception:  # noqa: BLE001 - a full or read-only disk: the model itself is enough
        with suppress(OSError):
            aside.unlink()
        return _session(weights.file, prepared=False, reads_once=reads_once)
    return session


def _session(
    model: Path, *, prepared: bool, reads_once: bool, keep: Path | None = None
) -> onnxruntime.InferenceSession:
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    # One thread a text and one text a core: nothing waits for a slower half.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # The level above this one changes no bit of the vectors and takes 20 ms to find that out.
    options.graph_optimization_level = levels.ORT_DISABLE_ALL if prepared else levels.ORT_ENABLE_EXTENDED
    if reads_once:
        options.add_session_config_entry("session.disable_prepacking", "1")
    if keep is not None:
        options.optimized_model_filepath = str(keep)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _prepared_file(weights: Weights) -> Path:
    """Return where the prepared graph of these weights is kept: in the user's cache, by weights and version."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dateline"
    made_from = f"{weights.stamp()} {onnxruntime.__version__} {platform.machine()}"
    return cache / f"{sha256(made_from.encode()).hexdigest()[:16]}.onnx"
