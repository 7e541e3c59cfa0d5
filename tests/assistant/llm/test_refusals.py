"""Servers' own words for what went wrong, as their users reported them."""

from __future__ import annotations

import json

import pytest

from assistant.errors import LLMAuthenticationError, LLMContextExceeded, LLMFailed, LLMRateLimited
from assistant.llm.refusals import Advice, message_in, refusal_in_stream, refusal_of
from assistant.llm.server import Server

ADVICE = Advice("`base_url`", "unreachable", "not a stream", "not found")
SERVER = Server("http://box/v1", key_variable="SOME_KEY")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 4097 tokens. However, your messages resulted in 13393 tokens."),
        (400, "Please reduce the length of the messages or completion"),
        (400, "Your input exceeds the context window of this model"),
        (400, "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it"),
        (500, "the request exceeds the available context size. try increasing the context size"),
        (400, "The decoder prompt (length 40000) is longer than the maximum model length of 32768."),
        (400, "Requested token count exceeds the model's maximum context length of 131072 tokens"),
        (400, "The input (516368 tokens) is longer than the model's context length (262144 tokens)."),
        (400, "Input length 131393 exceeds the maximum allowed input length of 131040 tokens."),
        (400, "Prompt contains 300000 tokens, too large for model with 262144 maximum context length"),
        (400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens"),
        (400, "prompt is too long: 213462 tokens > 200000 maximum"),
        (400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."),
        (400, "The number of tokens to keep from the initial prompt is greater than the context length."),
        (400, "Trying to keep the first 4546 tokens when context the overflows."),
        (400, "the input length exceeds the context length"),
        (413, "Request Entity Too Large"),
        (None, "invalid params, context window exceeds limit"),
    ],
)
def test_a_prompt_that_is_too_long_is_known_by_many_words(status: int | None, message: str) -> None:
    body = {"error": {"message": message}}
    refusal = refusal_of(status, {}, body) if status else refusal_in_stream(body["error"])

    assert isinstance(refusal.error(SERVER, ADVICE, started=False), LLMContextExceeded)
    # Once the answer has begun, a shorter prompt is too late.
    assert type(refusal.error(SERVER, ADVICE, started=True)) is LLMFailed
    assert not refusal.may_pass


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "no", "code": "context_length_exceeded"}, LLMContextExceeded),
        (500, {"message": "no", "type": "exceed_context_size_error"}, LLMContextExceeded),
        (413, {"message": "no", "type": "request_too_large"}, LLMContextExceeded),
        (429, {"message": "Rate limit: too many tokens, reduce the length of your messages"}, LLMRateLimited),
        (401, {"message": "prompt is too long"}, LLMAuthenticationError),
        (400, {"message": "Multimodal data provided, but model does not support it"}, LLMFailed),
        (400, {"message": "no", "input": "prompt is too long"}, LLMFailed),  # our own words, sent back
        (402, {"message": "Your credit balance is too low", "type": "billing_error"}, LLMFailed),
    ],
)
def test_a_code_says_it_too_and_a_status_that_it_is_something_else(
    status: int, error: dict[str, object], kind: type[Exception]
) -> None:
    assert type(refusal_of(status, {}, {"error": error}).error(SERVER, ADVICE, started=False)) is kind


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 429}, 429),
        ({"code": "503"}, 503),
        ({"type": "overloaded_error"}, 529),
        ({"type": "invalid_request_error", "code": None}, 400),
        ({"code": "rate_limit_exceeded"}, None),
        ({"code": True}, None),
        ({"code": 99999}, None),
        ("overloaded", None),
        ([], None),
    ],
)
def test_an_error_in_a_stream_has_the_status_that_it_names(error: object, status: int | None) -> None:
    assert refusal_in_stream(error).status == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "no"}}, "no"),
        ({"error": "no"}, "no"),
        ([{"error": {"message": "no"}}], "no"),
        ({"error": json.dumps({"error": {"message": "no"}})}, "no"),
        ({"message": "no"}, "no"),
        ({"detail": [{"msg": "no"}, {"msg": "not"}, 3]}, "no; not"),
        ("<html><title>Bad gateway</title>", "Bad gateway"),
        ("no", "no"),
        ({"error": {"message": 3}}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_the_servers_words_are_found_wherever_they_stand(body: object, message: str) -> None:
    assert message_in(body) == message
