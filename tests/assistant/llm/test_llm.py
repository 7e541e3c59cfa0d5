"""The name of a model chooses it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import Config, Constraint, ModelProfile, Provider
from assistant.errors import ConfigError
from assistant.llm import open_llm


@pytest.fixture
def config(tmp_path: Path) -> Config:
    models = {"mine": ModelProfile(base_url="http://127.0.0.1:1"), "claude": ModelProfile(provider="anthropic")}
    return Config(home=tmp_path, prompts=tmp_path, models=models)


def test_the_default_needs_no_server_whatever_keys_lie_around(config: Config) -> None:
    assert open_llm(config.model, config, env={"OPENAI_API_KEY": "sk-1"}).name == "extractive"


@pytest.mark.parametrize("name", ["gpt-4", "openai", "openai:", "ollama:", "claude:x", "extractive:x", ""])
def test_an_unknown_name_is_an_error_that_lists_what_there_is(config: Config, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_llm(name, config, env={})

    assert str(caught.value) == f"unknown model {name!r}"
    assert caught.value.hint == (
        "the models are extractive, openai:NAME, ollama:NAME, anthropic:NAME, gemini:NAME, local:PATH, mine, claude"
    )


def test_a_profile_is_not_asked_for_under_another_provider(config: Config) -> None:
    with pytest.raises(ConfigError) as caught:
        open_llm("openai:claude", config, env={"OPENAI_API_KEY": "sk-1"})

    assert str(caught.value) == "the profile 'claude' is not of openai but of anthropic"
    assert caught.value.hint == "call it claude, or set its `provider`"


@pytest.mark.parametrize(
    ("provider", "constrain", "hint"),
    [
        ("ollama", "grammar", "`constrain` may be schema here"),
        ("gemini", "grammar", "`constrain` may be schema here"),
        ("anthropic", "schema", "leave `constrain` out"),
    ],
)
def test_a_constraint_that_a_server_does_not_have_is_refused(
    config: Config, provider: Provider, constrain: Constraint, hint: str
) -> None:
    profile = ModelProfile(base_url="http://127.0.0.1:1", provider=provider, constrain=constrain)

    with pytest.raises(ConfigError) as caught:
        open_llm("own", Config(home=config.home, prompts=config.prompts, models={"own": profile}), env={})

    assert str(caught.value) == f"'own' cannot be constrained by a {constrain}"
    assert caught.value.hint == hint


def test_what_a_profile_says_of_the_context_is_known(config: Config) -> None:
    profile = ModelProfile(base_url="http://127.0.0.1:1", context_tokens=4096)
    known = Config(home=config.home, prompts=config.prompts, models={"own": profile})

    assert open_llm("own", known, env={}).context_tokens == 4096
    assert open_llm("mine", config, env={}).context_tokens is None
    assert open_llm("ollama:x", config, env={}).context_tokens == 8192
