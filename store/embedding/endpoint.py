"""Passages embedded in bulk by a server that runs the archive's own model; questions are embedded here."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from store.embedding import PROBES, Embedder, open_query_embedder
from store.errors import EmbedderError
from store.json_server import JsonServer, ServerError

if TYPE_CHECKING:
    from store.embedding import Vectors, Weights

# OpenAI's `/embeddings`, which most servers speak, or the `/embed` of Hugging Face's text-embeddings-inference.
Api = Literal["openai", "tei"]

# Weights in 8 bits and in 32 of one model gave cosines of .999; those of two models have nothing to do with each other.
AGREES = 0.97

# Texts in one request, and requests at once: what keeps a server with a GPU at work, and a small one alive.
TEXTS = 16
REQUESTS = 4

# One request may take so long, and all tries of it together.
REQUEST_S = 60.0
PATIENCE_S = 180.0
_PAUSES_S = (0.5, 2.0, 8.0, 20.0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where passages are embedded: ``model`` is what the server calls the archive's model, ``headers`` hold secrets."""

    url: str
    model: str
    api: Api = "openai"
    headers: Mapping[str, str] = field(default_factory=dict)


class EndpointEmbedder:
    """An Embedder whose passages are embedded by a server. Opening it makes sure that the server runs the same model.

    Raises EmbedderError where it does not, or gives no answer that can be used.
    """

    def __init__(self, weights: Weights, endpoint: Endpoint, *, patience_s: float = PATIENCE_S) -> None:
        self.weights = weights
        self._endpoint = endpoint
        self._patience_s = patience_s
        self._here = open_query_embedder(weights)
        self._check()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        parts = [texts[start : start + TEXTS] for start in range(0, len(texts), TEXTS)]
        pool, is_over = ThreadPoolExecutor(REQUESTS), threading.Event()
        try:
            asked = [pool.submit(self._embed, part, is_over) for part in parts]
            # Not one after the other: a refusal is told although an earlier request still waits for its answer.
            for done in wait(asked, return_when=FIRST_EXCEPTION).done:
                done.result()
            return np.concatenate([one.result() for one in asked])
        finally:
            # After Ctrl-C, or where one request failed for good, the others are not waited for.
            is_over.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def embed_query(self, text: str) -> Vectors:
        return self._here.embed_query(text)

    def _check(self) -> None:
        cosines = (self._embed(PROBES, threading.Event()) * self._here.embed_passages(PROBES)).sum(axis=1)
        if not float(cosines.min()) >= AGREES:
            raise EmbedderError(
                f"{self._endpoint.url} runs another model than {self.weights.recipe.name!r}: "
                f"the same text has vectors there and here with a cosine of {float(cosines.min()):.2f}",
                hint="name the same model in [embeddings], or move the archive with `dateline rebuild --embedder NAME`",
            )

    def _embed(self, texts: Sequence[str], is_over: threading.Event) -> Vectors:
        """Return the vectors of some texts, asked for again where that may help and ``is_over`` is not set."""
        ends = time.monotonic() + self._patience_s
        for pause_s in (*_PAUSES_S, None):
            try:
                return self._vectors(self._ask(texts, ends), len(texts))
            except ServerError as exc:
                wait_s = max(pause_s or 0.0, exc.retry_after_s or 0.0)
                if pause_s is None or not exc.may_pass or time.monotonic() + wait_s > ends:
                    raise self._refused(str(exc), _to_mend(exc)) from exc
                if is_over.wait(wait_s):
                    raise
        raise AssertionError("the last try returns or raises")

    def _ask(self, texts: Sequence[str], ends: float) -> Any:
        """Ask in a connection of this thread's own, until ``ends`` by the monotonic clock at the latest."""
        deadline_s = max(0.0, min(REQUEST_S, ends - time.monotonic()))
        try:
            server = JsonServer(self._endpoint.url, self._endpoint.headers)
        except ValueError as exc:
            raise EmbedderError(f"[embeddings]: {exc}") from exc
        prefixed = [self.weights.recipe.passage_prefix + text for text in texts]
        try:
            if self._endpoint.api == "tei":
                body = {"inputs": prefixed, "normalize": True, "truncate": True}
                return server.ask("POST", "/embed", body, deadline_s=deadline_s)
            asked = {"model": self._endpoint.model, "input": prefixed}
            answer = server.ask("POST", "/embeddings", asked, deadline_s=deadline_s)
            return [one["embedding"] for one in sorted(answer["data"], key=lambda one: int(one["index"]))]
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise self._refused("its answer holds no embeddings") from exc
        finally:
            server.close()

    def _vectors(self, answer: Any, count: int) -> Vectors:
        try:
            with np.errstate(over="ignore"):  # It becomes infinite, and is refused below.
                vectors = np.asarray(answer, dtype=np.float32)
        except (TypeError, ValueError, OverflowError) as exc:
            raise self._refused("its answer holds no embeddings") from exc
        if vectors.shape != (count, self.weights.recipe.dimension):
            wanted = f"({count}, {self.weights.recipe.dimension})"
            raise self._refused(f"its answer has the shape {vectors.shape} instead of {wanted}")
        with np.errstate(over="ignore", invalid="ignore"):
            norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not bool((np.isfinite(norms) & (norms > 0)).all()):
            raise self._refused("its answer holds what is no vector")
        unit: Vectors = vectors / norms
        return unit

    def _refused(self, told: str, to_mend: str | None = None) -> EmbedderError:
        then = f"{to_mend}; then `dateline embed`" if to_mend else "run `dateline embed` again"
        return EmbedderError(
            f"{self._endpoint.url} does not embed: {told}",
            hint=f"what is embedded is kept; {then}, or do without it: `dateline config unset embeddings.url`",
        )


def _to_mend(error: ServerError) -> str | None:
    """Return what in the settings has to be mended, None where it is nothing there."""
    if error.status in {401, 403}:
        return "`dateline config set embeddings.api_key_env NAME` names the variable that holds its key"
    if error.status in {404, 405}:
        return (
            "embeddings.url ends before /embeddings, or /embed with embeddings.api tei; embeddings.model must be there"
        )
    return error.hint


def open_bulk_embedder(weights: Weights, endpoint: Endpoint) -> Embedder:
    """Open the embedder that has a server embed passages; raise EmbedderError."""
    return EndpointEmbedder(weights, endpoint)
