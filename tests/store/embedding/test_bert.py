"""The numpy BERT by itself; that it equals the library is tested where the library is loaded."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from store.embedding import find_weights
from store.embedding.bert import BertEmbedder, _erf, load_safetensors
from store.errors import EmbedderError


def embedder_of(folder: Path) -> BertEmbedder:
    return BertEmbedder(find_weights(str(folder), env={}))


def test_vectors_have_the_shape_and_norm_that_were_promised(small_bert: Path) -> None:
    vectors = embedder_of(small_bert).embed_passages(["The ferry sank.", "", "unheard-of words"])

    assert (vectors.dtype.name, vectors.shape) == ("float32", (3, 32))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)


def test_the_order_of_words_matters(small_bert: Path) -> None:
    embedder = embedder_of(small_bert)

    assert not np.allclose(embedder.embed_query("the ferry said"), embedder.embed_query("said the ferry"), atol=1e-3)


def test_a_text_beyond_the_longest_is_cut(small_bert: Path) -> None:
    embedder = embedder_of(small_bert)

    assert np.array_equal(embedder.embed_query("ferry " * 500), embedder.embed_query("ferry " * 500 + "skelby"))


def test_tensors_saved_inside_a_larger_model_are_found(small_bert: Path) -> None:
    before = embedder_of(small_bert).embed_query("the ferry sank")
    file = small_bert / "model.safetensors"
    raw = file.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    head = raw[8 : 8 + length].replace(b'"embeddings.', b'"bert.embeddings.').replace(b'"encoder.', b'"bert.encoder.')
    file.write_bytes(len(head).to_bytes(8, "little") + head + raw[8 + length :])

    assert embedder_of(small_bert).embed_query("the ferry sank") == pytest.approx(before, abs=1e-6)


def test_tensors_are_read_as_they_were_written(small_bert: Path) -> None:
    tensors = load_safetensors(small_bert / "model.safetensors")

    assert tensors["embeddings.word_embeddings.weight"].shape == (20, 32)
    assert all(tensor.dtype == np.float32 for tensor in tensors.values())


def test_weights_of_another_type_are_refused(small_bert: Path) -> None:
    file = small_bert / "model.safetensors"
    file.write_bytes(file.read_bytes().replace(b'"F32"', b'"F16"'))

    with pytest.raises(EmbedderError, match="holds F16, not float32"):
        embedder_of(small_bert)


@pytest.mark.parametrize("content", [b"", b"\x05\0\0\0\0\0\0\0{....", b"\x10\0\0\0\0\0\0\0{}", b"\xff" * 64])
def test_a_file_that_holds_no_tensors_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)

    with pytest.raises(EmbedderError, match="cannot read"):
        load_safetensors(tmp_path / "model.safetensors")


def test_the_error_function_is_the_one_of_the_handbook() -> None:
    x = np.linspace(-6, 6, 2_001, dtype=np.float32)

    assert np.abs(_erf(x) - [math.erf(value) for value in x]).max() < 5e-7
