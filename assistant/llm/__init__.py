"""The LLM protocol and the one place that turns a model's name into an LLM."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from assistant.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assistant.config import Config
    from assistant.conversation import Source, Usage
    from assistant.evidence import Candidate


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything an LLM gets. ``messages`` ends with the user's; it holds ``question`` and ``sources`` in words.

    ``candidates`` are the weighed sentences of the sources, best first, for the LLM that writes nothing of its own.
    """

    question: str
    sources: tuple[Source, ...]
    system: str
    messages: tuple[Message, ...]
    candidates: tuple[Candidate, ...] = ()


class LLM(Protocol):
    """Anything that writes an answer from a prompt."""

    @property
    def name(self) -> str:
        """The name it was opened by, for ``Answer.model``."""

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        """Yield the answer in pieces, then at most one ``Usage``.

        A normal end means that the answer is complete; else an ``LLMError`` is raised, and the pieces yielded before it
        are the caller's to keep.
        """


def open_llm(name: str, config: Config, *, env: Mapping[str, str] = os.environ) -> LLM:
    """Return the LLM called ``name``: ``extractive`` or ``openai:NAME``.

    Nothing is sent before ``stream``. ``env`` is asked for the keys of the one that is named and for no other.
    """
    provider, _, model = name.partition(":")
    if name == "extractive":
        from assistant.llm.extractive import Extractive  # only the one that is named

        return Extractive()
    if provider == "openai" and model:
        from assistant.llm.openai import open_openai

        return open_openai(model, config, env)
    known = ["extractive", "openai:NAME", *(f"openai:{profile}" for profile in config.models)]
    raise ConfigError(f"unknown model {name!r}", hint=f"the models are {', '.join(known)}")
