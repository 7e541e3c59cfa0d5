"""The name of a model chooses it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile
from assistant.errors import ConfigError
from assistant.llm import open_llm


def test_the_default_needs_no_server_whatever_keys_lie_around(tmp_path: Path) -> None:
    config = Config(home=tmp_path, prompts=tmp_path)

    assert open_llm(config.model, config, env={"OPENAI_API_KEY": "sk-1"}).name == "extractive"


@pytest.mark.parametrize("name", ["gpt-4", "openai", "openai:", "claude:x", "extractive:x", ""])
def test_an_unknown_name_is_an_error_that_lists_what_there_is(tmp_path: Path, name: str) -> None:
    config = Config(home=tmp_path, prompts=tmp_path, models={"local": ModelProfile()})

    with pytest.raises(ConfigError) as caught:
        open_llm(name, config, env={})

    assert str(caught.value) == f"unknown model {name!r}"
    assert caught.value.hint == "the models are extractive, openai:NAME, openai:local"
