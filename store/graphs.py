"""ONNX graphs, opened as onnxruntime prepared them before: the only module that imports onnxruntime."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import onnxruntime

from store.model_files import file_stamp


def open_graph(
    model: Path, *, reads_once: bool, check: Callable[[], object] | None = None
) -> onnxruntime.InferenceSession:
    """Open a model as onnxruntime has prepared it before, or have it prepared and kept for the next time.

    The prepared graph gives the same bits and opens in 70 ms instead of 125; one that ``reads_once`` does without
    packing the weights for speed and opens in 50. ``check`` is called before the model itself is read, not where only
    what was prepared from it is: what it raises goes to the caller. One thread works on each run.
    """
    kept = _prepared_file(model)
    if kept.is_file():
        try:
            return _session(kept, prepared=True, reads_once=reads_once)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it can be made again
            with suppress(OSError):
                kept.unlink()
    if check is not None:
        check()
    aside = kept.with_suffix(f".{os.getpid()}.tmp")
    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        session = _session(model, prepared=False, reads_once=reads_once, keep=aside)
        aside.replace(kept)
    except Exception:  # noqa: BLE001 - a full or read-only disk: the model itself is enough
        with suppress(OSError):
            aside.unlink()
        return _session(model, prepared=False, reads_once=reads_once)
    return session


def _session(
    model: Path, *, prepared: bool, reads_once: bool, keep: Path | None = None
) -> onnxruntime.InferenceSession:
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    # One thread a text and one text a core: nothing waits for a slower half.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # The level above this one changes no bit of the results and takes 20 ms to find that out.
    options.graph_optimization_level = levels.ORT_DISABLE_ALL if prepared else levels.ORT_ENABLE_EXTENDED
    if reads_once:
        options.add_session_config_entry("session.disable_prepacking", "1")
    if keep is not None:
        options.optimized_model_filepath = str(keep)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _prepared_file(model: Path) -> Path:
    """Return where the prepared graph of this model is kept: in the user's cache, by file and version."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dateline"
    made_from = f"{file_stamp(model)} {onnxruntime.__version__} {platform.machine()}"
    return cache / f"{sha256(made_from.encode()).hexdigest()[:16]}.onnx"
