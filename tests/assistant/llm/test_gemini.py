"""Gemini: what is asked, and what only this format says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from assistant.config import ModelProfile
from assistant.errors import LLMAuthenticationError, LLMContextExceeded, LLMFailed
from assistant.llm.gemini import GenerateContent
from assistant.llm.wire import ServedModel
from tests.assistant.llm.wires import CITING, GEMINI, Json, ask, sse
from tests.scripted_server import ScriptedServer, head

Serve = Callable[..., ScriptedServer]


def test_the_request_names_the_model_in_its_path_and_no_key(serve: Serve) -> None:
    server = serve(GEMINI.good())

    ask(GEMINI, server.url, max_tokens=50)

    sent, body = server.requests[0]
    assert sent.startswith("POST /v1/models/m:streamGenerateContent?alt=sse HTTP/1.1\r\n")
    assert json.loads(body) == {
        "systemInstruction": {"parts": [{"text": "Rules."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "An example"}]},
            {"role": "model", "parts": [{"text": "So"}]},
            {"role": "user", "parts": [{"text": "Who?"}]},
        ],
        "generationConfig": {"temperature": 0.0, "maxOutputTokens": 50},
    }


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("models/gemini-2.5-flash", "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
        ("../files?key=1#", "/models/..%2Ffiles%3Fkey%3D1%23:streamGenerateContent?alt=sse"),
    ],
)
def test_a_models_name_cannot_lead_elsewhere(model: str, path: str) -> None:
    assert GenerateContent().path(ModelProfile(model)) == path


def test_a_prompt_that_is_blocked_is_said_to_be(serve: Serve) -> None:
    server = serve([head(), sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})])

    asked = ask(GEMINI, server.url)

    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error) == f"{server.url} withheld the answer: its content filter (PROHIBITED_CONTENT)"


def test_a_model_that_fails_says_so(serve: Serve) -> None:
    server = serve([head(), GEMINI.text("It was"), sse({"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]})])

    asked = ask(GEMINI, server.url)

    assert str(asked.error) == f"{server.url} stopped without finishing the answer (MALFORMED_FUNCTION_CALL)"


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_prompt_that_is_too_long_is_said_to_be(serve: Serve, wrapped: bool) -> None:
    said = "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576)."
    error: Json = {"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}}
    server = serve([head(400, "application/json"), json.dumps([error] if wrapped else error).encode()])

    asked = ask(GEMINI, server.url)

    assert isinstance(asked.error, LLMContextExceeded)
    assert str(asked.error) == f"{server.url} answered 400: {said}"


def test_a_wrong_key_is_a_wrong_key_though_the_status_does_not_say_so(serve: Serve) -> None:
    server = serve(GEMINI.refusal(400, "API key not valid. Please pass a valid API key."))

    asked = ask(GEMINI, server.url)

    assert isinstance(asked.error, LLMAuthenticationError)
    assert asked.error.hint == "check the key in SOME_KEY"


def test_the_wait_that_the_details_ask_for_is_kept(serve: Serve) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}]
    body = json.dumps({"error": {"code": 429, "message": "slow down", "details": details}}).encode()
    server = serve([head(429, "application/json"), body], GEMINI.good())

    assert ask(GEMINI, server.url).pauses == [17.0]


def test_an_answer_is_held_to_a_schema_where_the_profile_says_so(serve: Serve) -> None:
    server = serve([head(), GEMINI.text('{"sentences": [{"text": "It was.", "sources": [2]}]}'), *GEMINI.end])

    assert ask(GEMINI, server.url, prompt=CITING, constrain="schema").text == "It was. [2]"
    settings = json.loads(server.requests[0][1])["generationConfig"]
    assert settings["responseMimeType"] == "application/json"
    items = settings["responseSchema"]["properties"]["sentences"]["items"]
    assert items["properties"]["sources"]["items"] == {"type": "INTEGER", "minimum": 1, "maximum": 3}


def test_a_list_of_models_says_how_much_they_read() -> None:
    listed = {"models": [{"name": "models/gemini-2.5-flash", "inputTokenLimit": 1048576}]}

    assert GenerateContent().models(listed) == (ServedModel("gemini-2.5-flash", context_tokens=1048576),)
