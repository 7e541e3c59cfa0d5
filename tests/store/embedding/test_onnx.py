from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from store.embedding import (
    DEFAULT_EMBEDDER,
    Embedder,
    Recipe,
    Weights,
    find_weights,
    open_embedder,
    open_query_embedder,
)
from store.embedding.onnx import OnnxEmbedder
from store.errors import EmbedderError

TEXTS = (
    "The ferry sank on Wednesday.",
    "Skelby's council will pay $1.5 million for a new pier, the mayor said. " * 8,
    "沈んだ 🛳️",
    "",
)


@pytest.fixture(scope="module")
def bulk() -> Embedder:
    return open_embedder(find_weights(DEFAULT_EMBEDDER))


def test_a_text_has_one_vector_alone_or_beside_others(bulk: Embedder) -> None:
    together = bulk.embed_passages(TEXTS)

    alone = np.concatenate([bulk.embed_passages([text]) for text in TEXTS])

    assert np.array_equal(together, alone)


def test_vectors_have_the_shape_and_norm_that_were_promised(bulk: Embedder) -> None:
    vectors = bulk.embed_passages(TEXTS)

    assert (vectors.dtype.name, vectors.shape) == ("float32", (4, 384))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert bulk.embed_query("Who said so?").shape == (384,)


def test_a_question_has_the_prefix_and_a_passage_has_not(bulk: Embedder) -> None:
    prefix = bulk.weights.recipe.query_prefix

    assert np.array_equal(bulk.embed_query("Who said so?"), bulk.embed_passages([prefix + "Who said so?"])[0])


def test_one_question_gets_the_vector_it_would_get_in_bulk(bulk: Embedder) -> None:
    one = open_query_embedder(bulk.weights)

    assert np.array_equal(one.embed_query("Who said so?"), bulk.embed_query("Who said so?"))


def test_what_means_the_same_is_nearer(bulk: Embedder) -> None:
    sank, council = bulk.embed_passages(["The ferry sank on Wednesday.", "The council met to discuss schools."])

    question = bulk.embed_query("When did the ship go down?")

    assert question @ sank > question @ council + 0.1


def test_a_text_beyond_the_longest_is_cut_and_not_refused(bulk: Embedder) -> None:
    long = "ferry " * 5_000

    assert np.array_equal(bulk.embed_passages([long]), bulk.embed_passages([long + "council"]))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    weights = Weights(Recipe("broken", 8, "cls", 16), tmp_path, tmp_path / "model.onnx", "onnx")

    with pytest.raises(EmbedderError, match="cannot load"):
        open_query_embedder(weights)


def prepared_files(cache: Path) -> list[Path]:
    return sorted((cache / "dateline").glob("*"))


def test_the_prepared_model_gives_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    weights = find_weights(DEFAULT_EMBEDDER)

    first = OnnxEmbedder(weights, threads=2).embed_passages(["The ferry sank.", "Gulls nest on the pier."])
    (kept,) = prepared_files(tmp_path)
    second = OnnxEmbedder(weights, threads=1).embed_passages(["The ferry sank.", "Gulls nest on the pier."])

    assert kept.suffix == ".onnx"
    assert prepared_files(tmp_path) == [kept]
    assert np.array_equal(first, second)


def test_a_damaged_prepared_model_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    weights = find_weights(DEFAULT_EMBEDDER)
    whole = OnnxEmbedder(weights, threads=1).embed_query("Who sank?")
    (kept,) = prepared_files(tmp_path)
    kept.write_bytes(kept.read_bytes()[:1_000])

    again = OnnxEmbedder(weights, threads=1).embed_query("Who sank?")

    assert np.array_equal(whole, again)
    assert kept.stat().st_size > 1_000_000


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    vector = OnnxEmbedder(find_weights(DEFAULT_EMBEDDER), threads=1).embed_query("Who sank?")

    assert vector.shape == (384,)
