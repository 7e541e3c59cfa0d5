"""The LLM protocol and the one place that turns a model's name into an LLM."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from assistant.config import ModelProfile, Provider
from assistant.errors import ConfigError
from assistant.llm.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assistant.config import Config, Timeouts
    from assistant.conversation import Source, Usage
    from assistant.sentences import Candidate


_ADDRESSED = re.compile(r"(.+)@(https?://[^@]+)")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything an LLM gets. ``messages`` ends with the user's; it holds ``question`` and ``sources`` in words.

    ``candidates`` are the weighed sentences of the sources, best first, for the LLM that writes nothing of its own.
    When ``stop`` is set, nobody wants what is still to be written.
    """

    question: str
    sources: tuple[Source, ...]
    system: str
    messages: tuple[Message, ...]
    candidates: tuple[Candidate, ...] = ()
    stop: Stop = field(default_factory=Stop, repr=False, compare=False)


class LLM(Protocol):
    """Anything that writes an answer from a prompt."""

    @property
    def name(self) -> str:
        """The name it was opened by, for ``Answer.model``."""

    @property
    def context_tokens(self) -> int | None:
        """How much the model reads and writes in one request, ``None`` if that is not known or without a limit."""

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        """Yield the answer in pieces, then at most one ``Usage``.

        A normal end means that the answer is complete; else an ``LLMError`` is raised, and the pieces yielded before it
        are the caller's to keep. ``LLMContextExceeded`` comes before the first piece: a shorter prompt may do.
        ``LLMStopped`` comes at once when ``prompt.stop`` is set, whatever is waited for, and the model writes no more.
        """


def open_llm(name: str, config: Config, *, env: Mapping[str, str] = os.environ) -> LLM:
    """Return the LLM called ``name``: ``extractive``, ``PROVIDER:NAME``, or a profile of the config file by its name.

    NAME is a profile of that provider, else what the provider calls the model, at another address with ``@URL`` after
    it; for ``local`` it is a profile or a file. Nothing is sent before ``stream``. ``env`` is asked for the keys of the
    one that is named and for no other. Raise ``ConfigError``, or ``LLMAuthenticationError`` where a key is missing.
    """
    if name == "extractive":
        from assistant.llm.extractive import Extractive  # only the one that is named

        return Extractive()
    provider, model = _resolved(name, config)
    if provider == "local":
        from assistant.llm.local import open_local

        return open_local(model, config)
    llm = _opener(provider)(name, _profile_of(provider, model, config), config.timeouts, env)
    from assistant.llm.exchange import prepare  # for those who ask a server only

    prepare()
    return llm


def profile_of(name: str, config: Config) -> ModelProfile:
    """Return how the model called ``name`` is reached, its provider and what the provider calls it included.

    Raise ``ConfigError`` where the name is none, and for ``extractive``, which is reached by nothing.
    """
    provider, model = _resolved(name, config)
    return _profile_of(provider, model, config)


def _resolved(name: str, config: Config) -> tuple[Provider, str]:
    """Return whose model a name means, and which; a profile is known by its own name too."""
    if name in config.models:
        return config.models[name].provider, name
    given, _, model = name.partition(":")
    provider = next((known for known in get_args(Provider) if known == given), None)
    if provider is None or not model:
        known = ["extractive", *(f"{known}:{'PATH' if known == 'local' else 'NAME'}" for known in get_args(Provider))]
        raise ConfigError(f"unknown model {name!r}", hint=f"the models are {', '.join([*known, *config.models])}")
    profile = config.models.get(model)
    if profile is not None and profile.provider != provider:
        raise ConfigError(
            f"the profile {model!r} is not of {provider} but of {profile.provider}",
            hint=f"call it {model}, or set its `provider`",
        )
    return provider, model


def _profile_of(provider: Provider, model: str, config: Config) -> ModelProfile:
    """Return the profile called ``model``, or one of its own for a model that is not configured."""
    if model in config.models:
        return replace(config.models[model], model=config.models[model].model or model)
    addressed = _ADDRESSED.fullmatch(model)
    model, url = addressed.groups() if addressed else (model, None)
    return ModelProfile(model, url, provider=provider)


def _opener(provider: Provider) -> Callable[[str, ModelProfile, Timeouts, Mapping[str, str]], LLM]:
    """Return what opens a provider's models; only the one that is named is imported."""
    if provider == "ollama":
        from assistant.llm.ollama import open_ollama

        return open_ollama
    if provider == "anthropic":
        from assistant.llm.anthropic import open_anthropic

        return open_anthropic
    if provider == "gemini":
        from assistant.llm.gemini import open_gemini

        return open_gemini
    from assistant.llm.openai import open_openai

    return open_openai
