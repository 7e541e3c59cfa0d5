"""Chat completions: what is asked, and what only this format says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.config import ModelProfile
from assistant.llm.constraint import grammar_of, schema_of
from assistant.llm.openai import ChatCompletions
from assistant.llm.wire import ServedModel
from prompts import REFUSAL
from tests.assistant.llm.wires import CITING, OPENAI, PROMPT, ask, sse
from tests.scripted_server import Reply, ScriptedServer, head

Serve = Callable[..., ScriptedServer]

TEXT = OPENAI.text
DONE = sse("[DONE]")


def test_the_request_holds_the_prompt_in_roles(serve: Serve) -> None:
    server = serve(OPENAI.good())

    ask(OPENAI, server.url, max_tokens=50, temperature=0.5)

    assert server.requests[0][0].startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert json.loads(server.requests[0][1]) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "An example"},
            {"role": "assistant", "content": "So"},
            {"role": "user", "content": "Who?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 50,
    }


def test_a_server_without_a_key_is_asked_without_one(serve: Serve) -> None:
    server = serve(OPENAI.good())
    llm = OPENAI.llm(server.url)

    assert list(replace(llm, server=replace(llm.server, key=None)).stream(PROMPT))
    assert "authorization" not in server.requests[0][0].lower()


@pytest.mark.parametrize(
    "stream",
    [
        [TEXT("It "), TEXT("was. [1]"), sse({"choices": [{"finish_reason": "stop"}]})],  # no [DONE]
        [TEXT("It "), TEXT("was. [1]"), DONE],  # no reason
        [TEXT("It "), TEXT("was. [1]"), b"data: [DONE]"],  # no blank line
        [b"\xef\xbb\xbf", b": wait\n\n", TEXT("It ").replace(b"\n", b"\r\n"), TEXT("was. [1]"), DONE],
        [
            sse({"choices": [{"delta": {"content": [{"type": "thinking", "thinking": []}]}}]}),
            TEXT("It "),
            sse({"choices": [{"delta": {"content": [{"type": "text", "text": "was. [1]"}]}}]}),
            DONE,
        ],
    ],
)
def test_a_finished_answer_is_taken_however_it_is_sent(serve: Serve, stream: Reply) -> None:
    server = serve([head(), *stream])

    asked = ask(OPENAI, server.url)

    assert (asked.text, asked.error) == ("It was. [1]", None)


@pytest.mark.parametrize("name", ["temperature", "stream_options"])
@pytest.mark.parametrize(
    "refusal",
    [
        {"error": {"message": "no", "param": "NAME"}},
        {"error": {"message": "Unsupported value: 'NAME' does not support 0.0 with this model."}},
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "NAME"], "msg": "Extra inputs are not permitted"}]},
    ],
)
def test_a_parameter_that_a_model_refuses_is_left_out_from_then_on(
    serve: Serve, name: str, refusal: dict[str, object]
) -> None:
    refused = json.dumps(refusal).replace("NAME", name).encode()
    server = serve([head(422, "application/json"), refused], OPENAI.good())
    llm = OPENAI.llm(server.url)

    for _ in range(2):
        assert "It " in list(llm.stream(PROMPT))

    assert [name in json.loads(body) for _, body in server.requests] == [True, False, False]


def test_the_limit_of_newer_models_has_another_name(serve: Serve) -> None:
    refused = b'{"error": {"message": "Unsupported parameter: use max_completion_tokens", "param": "max_tokens"}}'
    server = serve([head(400, "application/json"), refused], OPENAI.good())

    assert ask(OPENAI, server.url, max_tokens=9).error is None

    last = json.loads(server.requests[1][1])
    assert ("max_tokens" in last, last["max_completion_tokens"]) == (False, 9)


def test_nothing_left_to_spend_is_no_reason_to_try_again(serve: Serve) -> None:
    body = b'{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
    server = serve([head(429, "application/json"), body])

    asked = ask(OPENAI, server.url)

    assert asked.error is not None
    assert asked.error.hint == "the account has nothing left to spend"
    assert len(server.requests) == 1


def test_an_answer_is_held_to_its_sources_where_the_profile_says_so(serve: Serve) -> None:
    sentences = '{"sentences": [{"text": "It was.", "sources": [1, 3]}]}'
    server = serve(OPENAI.good(), [head(), *map(TEXT, sentences), DONE])

    plain = ask(OPENAI, server.url, prompt=CITING, constrain="grammar")
    read = ask(OPENAI, server.url, prompt=CITING, constrain="schema")

    assert (plain.text, read.text) == ("It was. [1]", "It was. [1][3]")
    first, second = (json.loads(body) for _, body in server.requests)
    assert first["grammar"] == grammar_of(3, REFUSAL)
    schema = {"name": "answer", "strict": True, "schema": schema_of(3)}
    assert second["response_format"] == {"type": "json_schema", "json_schema": schema}


@pytest.mark.parametrize("constrain", ["grammar", "schema"])
def test_what_has_no_sources_is_not_held_to_any(serve: Serve, constrain: str) -> None:
    server = serve(OPENAI.good())

    assert ask(OPENAI, server.url, constrain=constrain).text == "It was. [1]"
    assert not {"grammar", "response_format"} & json.loads(server.requests[0][1]).keys()


def test_a_list_of_models_says_how_much_they_read_if_it_does() -> None:
    listed = {
        "data": [
            {"id": "llama.cpp", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}},
            {"id": "vllm", "max_model_len": 32768},
            {"id": "router", "context_length": 128000},
            {"id": "lm-studio"},
            {"id": 7},
            "x",
        ]
    }

    assert ChatCompletions().models(listed) == (
        ServedModel("llama.cpp", context_tokens=4096),
        ServedModel("vllm", context_tokens=32768),
        ServedModel("router", context_tokens=128000),
        ServedModel("lm-studio"),
    )
    assert ChatCompletions().models({"detail": "Not Found"}) is None
    assert ChatCompletions().context_tokens(ModelProfile()) is None
