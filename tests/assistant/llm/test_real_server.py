"""The server of llama.cpp itself, with a small real model, asked as any OpenAI-compatible server is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.answering import Answerer
from assistant.config import Config, ModelProfile, Timeouts
from assistant.conversation import Answer, Answered, Usage
from assistant.errors import LLMAuthenticationError, LLMContextExceeded, LLMFailed
from assistant.llm import LLM, open_llm
from store.archive import Archive
from store.records import Draft
from tests.small_model import CITING, LONG_STORY, SHORT, cites_or_refuses, prompt, small_model, text_of

KEY = "a-key-of-this-machine"

# It ends when the test that holds its input is over.
SERVER = """
import os, sys, xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path, parameters.api_keys = sys.argv[1], [sys.argv[2]]
parameters.n_ctx, parameters.n_parallel, parameters.n_batch, parameters.n_ubatch = 1024, 1, 256, 256
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
parameters.hostnames, parameters.port = ["127.0.0.1"], 0
server = xllamacpp.Server(parameters)
print("listening on", server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Give the address of a running server."""
    command = [sys.executable, "-c", SERVER, str(small_model()), KEY]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        said = next(line for line in server.stdout if line.startswith("listening on"))
        yield said.split()[-1]
        server.kill()


def opened(address: str, *, key: str = KEY, constrained: bool = False) -> LLM:
    profile = ModelProfile(
        base_url=f"{address}/v1",
        api_key_env="SMALL_KEY",
        max_tokens=60,
        constrain="grammar" if constrained else None,
    )
    config = Config(
        home=Path("data"), prompts=Path("data/prompts"), models={"small": profile}, timeouts=Timeouts(total_s=60)
    )
    return open_llm("openai:small", config, env={"SMALL_KEY": key})


def test_an_answer_streams_and_ends_with_its_usage(address: str) -> None:
    *pieces, usage = opened(address).stream(prompt(SHORT))

    assert len(pieces) > 5
    assert all(isinstance(piece, str) for piece in pieces)
    assert isinstance(usage, Usage)
    assert usage.completion_tokens is not None
    assert 5 < usage.completion_tokens <= 60


def test_with_a_grammar_the_answer_cites_its_sources_or_refuses(address: str) -> None:
    answer = text_of(opened(address, constrained=True), prompt(CITING, sources=2))

    assert cites_or_refuses(answer), answer


def test_a_prompt_that_is_too_long_is_told_from_other_failures(address: str) -> None:
    with pytest.raises(LLMContextExceeded):
        list(opened(address).stream(prompt("A tree is a tree. " * 300)))


def test_the_longest_answer_is_not_taken_for_a_whole_one(address: str) -> None:
    with pytest.raises(LLMFailed, match="stopped at the longest answer it may give"):
        list(opened(address).stream(prompt(LONG_STORY)))


def test_an_answer_that_nobody_waits_for_leaves_the_server_free(address: str) -> None:
    model = opened(address)
    stopped = model.stream(prompt(LONG_STORY))
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]  # It is a generator.

    *_, usage = model.stream(prompt(SHORT))

    assert isinstance(usage, Usage)


def test_a_wrong_key_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(LLMAuthenticationError) as raised:
        list(opened(address, key="another-key").stream(prompt("Name one colour.")))

    assert "another-key" not in f"{raised.value} {raised.value.hint}"


def test_whatever_it_writes_no_citation_leaves_its_article(address: str, archive: Archive, ferry: Draft) -> None:
    archive.add([ferry])
    found: list[Answer] = []
    answerer = Answerer(archive, opened(address, constrained=True), k=1)

    with suppress(LLMFailed):  # For the longest answer that it may give; it is marked as incomplete.
        found.extend(
            event.turn.answer
            for event in answerer.answer("Where did the ferry Morning Star sink?")
            if isinstance(event, Answered)
        )

    (answer,) = found
    assert answer.model == "openai:small"
    assert answer.usage or not answer.complete  # The model was asked, not only the search.
    body = archive.article("ferry-1").body
    assert [body[one.start : one.end] for one in answer.citations] == [one.quote for one in answer.citations]
    numbers = {citation.number for citation in answer.citations}
    assert {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)} <= numbers
