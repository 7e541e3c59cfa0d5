"""Ollama: nothing may be cut without a word, and its address has many forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.config import ModelProfile
from assistant.errors import ConfigError, LLMContextExceeded, LLMFailed
from assistant.llm import Message
from assistant.llm.constraint import schema_of
from assistant.llm.ollama import OllamaChat, ollama_server, ollama_url
from assistant.llm.wire import ServedModel
from tests.assistant.llm.wires import CITING, OLLAMA, PROMPT, ask, line
from tests.scripted_server import ScriptedServer, head

Serve = Callable[..., ScriptedServer]


def test_the_request_says_how_much_is_to_be_read_and_that_nothing_may_be_cut(serve: Serve) -> None:
    server = serve(OLLAMA.good())

    ask(OLLAMA, server.url.removesuffix("/v1"), max_tokens=50, temperature=0.5)

    assert server.requests[0][0].startswith("POST /api/chat HTTP/1.1\r\n")
    assert json.loads(server.requests[0][1]) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "An example"},
            {"role": "assistant", "content": "So"},
            {"role": "user", "content": "Who?"},
        ],
        "stream": True,
        "options": {"num_ctx": 8192, "temperature": 0.5, "num_predict": 50},
        "truncate": False,
        "shift": False,
        "think": False,
    }


@pytest.mark.parametrize(
    ("letters", "context_tokens", "num_ctx"),
    [(10, None, 8192), (60_000, None, 24_576), (10, 4096, 4096), (60_000, 4096, 4096)],
)
def test_more_is_read_where_the_prompt_needs_it_and_the_profile_does_not_say(
    letters: int, context_tokens: int | None, num_ctx: int
) -> None:
    prompt = replace(PROMPT, messages=(Message("user", "x" * letters),))

    request = OllamaChat("m").request(prompt, ModelProfile("m", context_tokens=context_tokens))

    assert request["options"] == {"num_ctx": num_ctx, "temperature": 0.0}
    assert OllamaChat("m").context_tokens(ModelProfile(context_tokens=context_tokens)) == (context_tokens or 8192)


@pytest.mark.parametrize(
    "error",
    [
        "the input length exceeds the context length",
        "prompt too long; exceeded max context length by 4 tokens",
        json.dumps(
            {"error": {"code": 400, "message": "request (9 tokens) exceeds the available context size (4 tokens)"}}
        ),
        json.dumps({"error": {"code": 400, "message": "no", "type": "exceed_context_size_error"}}),
    ],
)
@pytest.mark.parametrize("status", [400, 500, 200])
def test_a_prompt_that_is_too_long_is_said_to_be(serve: Serve, error: str, status: int) -> None:
    server = serve([OLLAMA.head(status), line({"error": error})])

    asked = ask(OLLAMA, server.url)

    assert isinstance(asked.error, LLMContextExceeded)
    assert "{" not in str(asked.error)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "error", ['"m" does not support thinking', 'invalid think value: "false" (must be "high", "medium" or "low")']
)
def test_a_model_that_minds_being_told_not_to_think_is_not_told(serve: Serve, error: str) -> None:
    server = serve([OLLAMA.head(400), line({"error": error})], OLLAMA.good())

    assert ask(OLLAMA, server.url).text == "It was. [1]"
    assert ["think" in json.loads(body) for _, body in server.requests] == [True, False]


def test_a_model_that_is_not_there_can_be_pulled(serve: Serve) -> None:
    server = serve([OLLAMA.head(404), b'{"error": "model \'m\' not found"}'])

    asked = ask(OLLAMA, server.url)

    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error) == f"{server.url} answered 404: model 'm' not found"
    assert asked.error.hint == "`ollama pull m` fetches the model; `ollama list` shows what is there"


def test_a_stream_without_its_last_line_break_is_whole(serve: Serve) -> None:
    end = OLLAMA.end[0].rstrip(b"\n")
    server = serve([head(kind="application/json"), OLLAMA.text("It was. [1]"), end])

    assert ask(OLLAMA, server.url).error is None


def test_an_answer_is_held_to_a_schema_where_the_profile_says_so(serve: Serve) -> None:
    server = serve([OLLAMA.head(), OLLAMA.text('{"sentences": [{"text": "It was.", "sources": [2]}]}'), *OLLAMA.end])

    assert ask(OLLAMA, server.url, prompt=CITING, constrain="schema").text == "It was. [2]"
    assert json.loads(server.requests[0][1])["format"] == schema_of(3)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("box:1", "http://box:1"),
        (":1", "http://127.0.0.1:1"),
        (" '10.0.0.2:1' ", "http://10.0.0.2:1"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - where a server listens
        ("0.0.0.0:1", "http://127.0.0.1:1"),
        ("::1", "http://[::1]:11434"),
        ("[::]:1", "http://[::1]:1"),
        ("http://box", "http://box:80"),
        ("http://box:1/", "http://box:1"),
        ("https://box", "https://box:443"),
        ("https://box/ollama/", "https://box:443/ollama"),
    ],
)
def test_the_host_is_read_as_ollama_reads_it(host: str, url: str) -> None:
    assert ollama_url(host) == url
    assert ollama_server(ModelProfile(), {"OLLAMA_HOST": host, "OLLAMA_API_KEY": "sk-1"}).base_url == url
    assert ollama_server(ModelProfile(base_url="http://own:2"), {"OLLAMA_HOST": host}).base_url == "http://own:2"


@pytest.mark.parametrize("host", ["box:x", "ftp://box", "box:70000", "http://u:sk-1@box", "http://[x"])
def test_a_host_that_is_none_is_refused_without_showing_it(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ollama_server(ModelProfile(), {"OLLAMA_HOST": host})

    assert str(caught.value) == "OLLAMA_HOST is no address"


def test_what_was_pulled_is_listed_with_its_size_and_without_embedders() -> None:
    listed = {
        "models": [
            {
                "name": "llama3.2:3b",
                "details": {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4"},
            },
            {"name": "nomic-embed-text", "details": {"family": "nomic-bert"}},
            {"name": "gpt-oss:120b-cloud", "remote_host": "https://ollama.com:443"},
            {"name": None},
        ]
    }

    assert OllamaChat("").models(listed) == (
        ServedModel("llama3.2:3b", "3.2B, Q4"),
        ServedModel("gpt-oss:120b-cloud", "runs at https://ollama.com:443"),
    )
