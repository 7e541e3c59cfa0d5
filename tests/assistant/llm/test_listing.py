"""What can be named now, found without asking any other machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile
from assistant.llm.listing import ModelState, list_models
from tests.scripted_server import STALL, Reply, ScriptedServer, head

Serve = Callable[..., ScriptedServer]

EXTRACTIVE = ModelState("extractive", "extractive", "built in", "ready", detail="the articles' own sentences")


def listing(**lists: object) -> Reply:
    return [head(kind="application/json"), json.dumps(lists).encode()]


@pytest.fixture
def models(tmp_path: Path) -> Callable[..., tuple[ModelState, ...]]:
    """Give the list of models for variables, ports and profiles, without the built-in one and Ollama elsewhere."""

    def found(
        env: dict[str, str] | None = None,
        ports: dict[int, str] | None = None,
        *,
        wait_s: float = 60,
        **profiles: ModelProfile,
    ) -> tuple[ModelState, ...]:
        config = Config(home=tmp_path, prompts=tmp_path, models=profiles)
        elsewhere = {"OLLAMA_HOST": "box.example"}
        first, *rest = list_models(config, elsewhere | (env or {}), ports=ports or {}, wait_s=wait_s)
        assert first == EXTRACTIVE
        return tuple(state for state in rest if state.where != "http://box.example:11434")

    return found


Models = Callable[..., tuple[ModelState, ...]]


def test_a_server_elsewhere_is_configured_and_not_asked(models: Models) -> None:
    router = ModelProfile("m", "https://router.example/v1", "ROUTER_KEY", context_tokens=4096)

    (state,) = models({"ROUTER_KEY": "sk-1"}, router=router)

    assert state == ModelState(
        "router", "openai", "https://router.example/v1", "configured", "m", "key in ROUTER_KEY", 4096
    )


def test_a_key_that_is_set_makes_a_provider_and_is_not_shown(models: Models) -> None:
    states = models({"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2", "GOOGLE_API_KEY": "sk-3"})

    assert [(state.name, state.status, state.detail) for state in states] == [
        ("openai:NAME", "configured", "key in OPENAI_API_KEY"),
        ("anthropic:NAME", "configured", "key in ANTHROPIC_API_KEY"),
        ("gemini:NAME", "configured", "key in GOOGLE_API_KEY"),
    ]
    assert "sk-" not in repr(states)


def test_what_is_wrong_with_a_profile_is_said(models: Models, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()

    states = models(
        router=ModelProfile(base_url="https://router.example/v1", api_key_env="ROUTER_KEY"),
        typo=ModelProfile(base_url="http://u:sk-1@box"),
        gone=ModelProfile(str(tmp_path / "gone.gguf"), provider="local"),
        there=ModelProfile(str(tmp_path / "m.gguf"), provider="local"),
    )

    assert [(state.name, state.status) for state in states] == [
        ("router", "no key"),
        ("typo", "wrong"),
        ("gone", "missing"),
        ("there", "configured"),
    ]
    assert "sk-1" not in repr(states)


def test_a_server_on_this_machine_says_what_it_has(models: Models, serve: Serve) -> None:
    llama = serve(listing(data=[{"id": "/models/q.gguf", "meta": {"n_ctx": 4096}}, {"id": "a\x1b[2Jb"}, {"id": ""}]))

    (state,) = models(ports={llama.port: "llama.cpp"})

    name = f"openai:/models/q.gguf@{llama.url}"
    assert state == ModelState(name, "openai", llama.url, "ready", "/models/q.gguf", "llama.cpp", 4096)
    assert llama.requests[0][0].startswith("GET /v1/models HTTP/1.1\r\n")


def test_ollama_says_what_was_pulled(models: Models, serve: Serve) -> None:
    pulled = [{"name": "llama3.2:latest", "details": {"parameter_size": "3.2B"}}]
    ollama = serve(listing(models=pulled))
    where = f"http://127.0.0.1:{ollama.port}"

    states = models(
        {"OLLAMA_HOST": f"127.0.0.1:{ollama.port}"},
        mine=ModelProfile("llama3.2", where, provider="ollama"),
        other=ModelProfile("qwen3", where, provider="ollama"),
    )

    assert states == (
        ModelState("mine", "ollama", where, "ready", "llama3.2", "3.2B"),
        ModelState("other", "ollama", where, "missing", "qwen3", "`ollama pull qwen3` fetches it"),
        ModelState("ollama:llama3.2:latest", "ollama", where, "ready", "llama3.2:latest", "3.2B"),
    )
    assert len(ollama.requests) == 1


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        ([head(401, "text/plain")], "it answered 401"),
        ([head(401, "text/plain"), STALL], "it answered 401"),
        ([head(302, "text/plain", Location="http://box.example/")], "it answered 302"),
        ([head(200, "text/html"), b"<html>"], "it lists no models"),
        ([head(200, "application/json"), b'{"data": 3}'], "it lists no models"),
    ],
)
def test_what_gives_no_list_is_unreachable_for_its_profile_and_nothing_without_one(
    models: Models, serve: Serve, reply: Reply, detail: str
) -> None:
    named, unnamed = serve(reply), serve(reply)

    (state,) = models(ports={unnamed.port: "vLLM", named.port: "vLLM"}, mine=ModelProfile("m", named.url))

    assert state == ModelState("mine", "openai", named.url, "unreachable", "m", detail)


@pytest.mark.parametrize("begun", [(), (head(200, "application/json"),)])
def test_what_does_not_answer_is_not_waited_for(models: Models, serve: Serve, begun: tuple[bytes, ...]) -> None:
    server = serve([*begun, STALL])

    (state,) = models(mine=ModelProfile("m", server.url), wait_s=0.1)

    assert state == ModelState("mine", "openai", server.url, "unreachable", "m", "nothing answers there in time")


def test_loading_our_own_code_takes_nothing_of_a_servers_time(
    models: Models, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(listing(data=[]))
    asked_before: list[int] = []
    monkeypatch.setattr("assistant.llm.exchange._load", lambda: asked_before.append(len(server.requests)))

    models(mine=ModelProfile("m", server.url))

    assert (asked_before, len(server.requests)) == ([0], 1)


def test_a_profile_that_the_server_does_not_list_is_pointed_out(models: Models, serve: Serve) -> None:
    server = serve(listing(data=[{"id": "a"}, {"id": "b"}]))

    (state,) = models(mine=ModelProfile("m", server.url))

    assert (state.status, state.detail) == ("ready", "the server lists a, b")


def test_an_address_that_was_named_is_listed_though_nobody_answers(models: Models) -> None:
    states = models({"OLLAMA_HOST": "127.0.0.1:1", "OPENAI_BASE_URL": "http://localhost:1/v1"})

    assert [(state.name, state.where, state.status) for state in states] == [
        ("openai:NAME", "http://localhost:1/v1", "unreachable"),
        ("ollama:NAME", "http://127.0.0.1:1", "unreachable"),
    ]
