"""Where requests go, and which key goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile
from assistant.errors import ConfigError, LLMAuthenticationError
from assistant.llm import open_llm
from assistant.llm.streaming import ServedLLM

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com/v1"
GEMINI = "https://generativelanguage.googleapis.com/v1beta"

KEYS = {"OPENAI_API_KEY": "sk-1", "ROUTER_KEY": " sk-2\n", "ANTHROPIC_API_KEY": "sk-3", "GOOGLE_API_KEY": "sk-4"}
PROFILES = {
    "local": ModelProfile("qwen", "http://127.0.0.1:8080/v1/"),
    "router": ModelProfile(base_url="https://router.example/api/v1", api_key_env="ROUTER_KEY"),
    "own": ModelProfile("m", OPENAI),
    "claude": ModelProfile("claude-x", provider="anthropic"),
    "proxied": ModelProfile("claude-x", "https://proxy.example", provider="anthropic"),
    "flash": ModelProfile("gemini-x", provider="gemini", api_key_env="ROUTER_KEY"),
    "pulled": ModelProfile("llama3.2:3b", "http://box:11434", provider="ollama"),
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(home=tmp_path, prompts=tmp_path, models=PROFILES)


def opened(name: str, config: Config, env: dict[str, str]) -> tuple[str, str | None, str | None]:
    llm = open_llm(name, config, env=env)
    assert isinstance(llm, ServedLLM)
    assert llm.name == name
    return llm.server.base_url, llm.server.key.reveal() if llm.server.key else None, llm.profile.model


@pytest.mark.parametrize(
    ("name", "env", "expected"),
    [
        ("openai:gpt", KEYS, (OPENAI, "sk-1", "gpt")),
        ("openai:gpt", KEYS | {"OPENAI_BASE_URL": "http://box:1/v1"}, ("http://box:1/v1", "sk-1", "gpt")),
        ("openai:gpt", {"OPENAI_BASE_URL": "http://box:1/v1"}, ("http://box:1/v1", None, "gpt")),
        ("openai:local", KEYS, ("http://127.0.0.1:8080/v1", None, "qwen")),
        ("local", KEYS, ("http://127.0.0.1:8080/v1", None, "qwen")),
        ("openai:router", KEYS, ("https://router.example/api/v1", "sk-2", "router")),
        ("own", KEYS | {"OPENAI_BASE_URL": "http://box:1/v1"}, (OPENAI, "sk-1", "m")),
        ("openai:a/b@http://127.0.0.1:1/v1", KEYS, ("http://127.0.0.1:1/v1", None, "a/b")),
        ("anthropic:claude-y", KEYS, (ANTHROPIC, "sk-3", "claude-y")),
        ("claude", KEYS, (ANTHROPIC, "sk-3", "claude-x")),
        ("anthropic:claude", KEYS, (ANTHROPIC, "sk-3", "claude-x")),
        ("proxied", KEYS, ("https://proxy.example", None, "claude-x")),
        ("gemini:gemini-y", KEYS, (GEMINI, "sk-4", "gemini-y")),
        ("gemini:gemini-y", KEYS | {"GEMINI_API_KEY": "sk-5"}, (GEMINI, "sk-5", "gemini-y")),
        ("flash", KEYS, (GEMINI, "sk-2", "gemini-x")),
        ("ollama:llama3.2:3b", KEYS, ("http://127.0.0.1:11434", None, "llama3.2:3b")),
        ("ollama:llama3.2:3b", KEYS | {"OLLAMA_HOST": "box"}, ("http://box:11434", None, "llama3.2:3b")),
        ("pulled", KEYS | {"OLLAMA_HOST": "/:x"}, ("http://box:11434", None, "llama3.2:3b")),
    ],
)
def test_a_name_leads_to_one_server_with_the_key_that_is_meant_for_it(
    config: Config, name: str, env: dict[str, str], expected: tuple[str, str | None, str]
) -> None:
    assert opened(name, config, env) == expected


@pytest.mark.parametrize(
    ("name", "env", "message", "hint"),
    [
        ("openai:gpt", {}, f"no key for {OPENAI}", "set OPENAI_API_KEY"),
        ("openai:gpt", {"OPENAI_API_KEY": "  "}, f"no key for {OPENAI}", "set OPENAI_API_KEY"),
        ("openai:router", {}, "no key for https://router.example/api/v1", "set ROUTER_KEY"),
        ("anthropic:x", {"OPENAI_API_KEY": "sk-1"}, f"no key for {ANTHROPIC}", "set ANTHROPIC_API_KEY"),
        ("gemini:x", {}, f"no key for {GEMINI}", "set GEMINI_API_KEY"),
        (
            "gemini:x",
            {"GOOGLE_API_KEY": "ké"},
            "the key in GOOGLE_API_KEY cannot be sent: odd characters",
            "set GOOGLE_API_KEY",
        ),
        (
            "openai:gpt",
            {"OPENAI_API_KEY": "a\nb"},
            "the key in OPENAI_API_KEY cannot be sent: odd characters",
            "set OPENAI_API_KEY",
        ),
    ],
)
def test_a_key_that_is_missing_or_broken_is_said_before_anything_is_sent(
    config: Config, name: str, env: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(LLMAuthenticationError) as caught:
        open_llm(name, config, env=env)

    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "url", ["box", "ftp://box", "http://", "http://u:sk-1@box/v1", "http://box/v1?key=sk-1", "http://[x"]
)
def test_a_base_url_that_is_none_or_holds_a_secret_is_refused_without_showing_it(config: Config, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_llm("openai:gpt", config, env={"OPENAI_BASE_URL": url})

    assert "base_url" in str(caught.value)
    assert "sk-1" not in str(caught.value)
