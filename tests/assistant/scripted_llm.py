"""A model that says what a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.conversation import Usage
from assistant.errors import LLMError
from assistant.llm import Prompt


@dataclass
class ScriptedLLM:
    """A model that streams ``pieces`` unless it is stopped, then raises ``error`` if there is one. It keeps prompts."""

    pieces: Sequence[str | Usage]
    error: LLMError | None = None
    prompts: list[Prompt] = field(default_factory=list)
    name: str = "scripted"
    context_tokens: int | None = None

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        self.prompts.append(prompt)
        for piece in self.pieces:
            prompt.stop.check()
            yield piece
        if self.error:
            raise self.error
