"""Anthropic's Messages API: what is asked, and what only this format says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from assistant.conversation import Usage
from assistant.errors import LLMContextExceeded, LLMFailed
from tests.assistant.llm.wires import ANTHROPIC, PROMPT, ask, sse
from tests.scripted_server import ScriptedServer, head

Serve = Callable[..., ScriptedServer]


def test_the_request_has_the_rules_apart_and_a_limit_always(serve: Serve) -> None:
    server = serve(ANTHROPIC.good())

    ask(ANTHROPIC, server.url, temperature=1.5)

    sent, body = server.requests[0]
    assert sent.startswith("POST /v1/messages HTTP/1.1\r\n")
    assert "anthropic-version: 2023-06-01\r\n" in sent.lower()
    assert json.loads(body) == {
        "model": "m",
        "system": "Rules.",
        "messages": [
            {"role": "user", "content": "An example"},
            {"role": "assistant", "content": "So"},
            {"role": "user", "content": "Who?"},
        ],
        "max_tokens": 8192,
        "temperature": 1.0,
        "stream": True,
    }


def test_the_whole_dialogue_of_a_stream_is_understood(serve: Serve) -> None:
    counted = {"input_tokens": 10, "cache_read_input_tokens": 2, "output_tokens": 1}
    events = [
        b"event: message_start\n" + sse({"type": "message_start", "message": {"usage": counted}}),
        sse({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}),
        ANTHROPIC.thought,
        sse({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}}),
        b"event: ping\n" + sse({"type": "ping"}),
        sse({"type": "something_new", "delta": {"text": "no"}}),
    ]
    server = serve([head(), *events, *ANTHROPIC.good()[1:]])

    assert ask(ANTHROPIC, server.url).pieces == ["It ", "was. [1]", Usage(12, 3)]


def test_an_overload_in_the_middle_of_an_answer_is_said(serve: Serve) -> None:
    error = b"event: error\n" + ANTHROPIC.error_event("Overloaded", 529)
    server = serve([head(), ANTHROPIC.text("It was"), error])

    asked = ask(ANTHROPIC, server.url)

    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error) == f"{server.url} answered 529: Overloaded"
    assert (asked.text, len(server.requests)) == ("It was", 1)


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 207791 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000",
    ],
)
def test_a_prompt_that_is_too_long_is_said_to_be(serve: Serve, message: str) -> None:
    server = serve(ANTHROPIC.refusal(400, message))

    assert isinstance(ask(ANTHROPIC, server.url).error, LLMContextExceeded)


def test_models_without_a_temperature_are_asked_without_one(serve: Serve) -> None:
    server = serve(ANTHROPIC.refusal(400, "`temperature` is deprecated for this model."), ANTHROPIC.good())
    llm = ANTHROPIC.llm(server.url)

    for _ in range(2):
        assert "It " in list(llm.stream(PROMPT))

    assert ["temperature" in json.loads(body) for _, body in server.requests] == [True, False, False]


def test_a_turn_that_waits_for_a_tool_is_no_answer(serve: Serve) -> None:
    stopped = sse({"type": "message_delta", "delta": {"stop_reason": "tool_use"}})
    server = serve([head(), ANTHROPIC.text("It was"), stopped, sse({"type": "message_stop"})])

    assert str(ask(ANTHROPIC, server.url).error) == f"{server.url} stopped without finishing the answer (tool_use)"
