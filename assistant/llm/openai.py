"""Any server with the chat completions of OpenAI: llama.cpp, vLLM, LM Studio, OpenRouter, Mistral, OpenAI itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.conversation import Usage
from assistant.llm.constraint import check_constraint, constraint_for, grammar_of, schema_of
from assistant.llm.refusals import Advice
from assistant.llm.server import find_server
from assistant.llm.streaming import ServedLLM
from assistant.llm.wire import (
    Ending,
    Event,
    ServedModel,
    WireFormat,
    chat_messages,
    count_of,
    first_in,
    items_of,
    object_in,
)
from prompts import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import ModelProfile, Timeouts
    from assistant.llm import Prompt
    from assistant.llm.server import Server

OPENAI_URL = "https://api.openai.com/v1"
KEY_VARIABLES = ("OPENAI_API_KEY",)

_ENDINGS = {"length": Ending("length"), "content_filter": Ending("filter"), "error": Ending("other")}
_THOUGHTS = ("reasoning_content", "reasoning")


@dataclass(frozen=True, slots=True)
class ChatCompletions(WireFormat):
    """``POST /chat/completions``, answered by server-sent events and a ``[DONE]``."""

    advice = Advice(
        setting="`base_url`",
        unreachable="is the server running, and is `base_url` right?",
        not_a_stream="is `base_url` that of an OpenAI-compatible server? it often ends in /v1",
        not_found="is the model's name right, and does `base_url` end where the server's API begins?",
    )
    media_types = frozenset({"text/event-stream"})
    optional = frozenset({"temperature", "max_tokens", "stream_options"})
    models_path = "/models"

    def path(self, profile: ModelProfile) -> str:
        del profile
        return "/chat/completions"

    def request(self, prompt: Prompt, profile: ModelProfile) -> dict[str, object]:
        request: dict[str, object] = {
            "model": profile.model,
            "messages": [{"role": "system", "content": prompt.system}, *chat_messages(prompt)],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": profile.temperature,
        }
        if profile.max_tokens is not None:
            request["max_tokens"] = profile.max_tokens
        constraint = constraint_for(profile.constrain, prompt)
        if constraint == "grammar":
            request["grammar"] = grammar_of(len(prompt.sources), REFUSAL)
        elif constraint == "schema":
            schema = {"name": "answer", "strict": True, "schema": schema_of(len(prompt.sources))}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        return request

    def without(self, request: Mapping[str, object], parameter: str) -> dict[str, object]:
        """Newer models of OpenAI know the longest answer under another name only."""
        adapted = WireFormat.without(self, request, parameter)  # no super(): slots make the class anew
        if parameter == "max_tokens":
            adapted["max_completion_tokens"] = request[parameter]
        return adapted

    def models(self, data: Mapping[str, object]) -> tuple[ServedModel, ...] | None:
        """llama.cpp, vLLM and OpenRouter say how much a model reads, each under a name of its own."""
        items = items_of(data, "data")
        if items is None:
            return None
        return tuple(
            ServedModel(name, context_tokens=_context_of(item))
            for item in items
            if isinstance(name := item.get("id"), str)
        )

    def ends_with(self, data: str) -> bool:
        return data.strip() == "[DONE]"

    def read(self, data: Mapping[str, object]) -> Event:
        choice = first_in(data, "choices")
        delta = object_in(choice, "delta")
        reason = choice.get("finish_reason")
        return Event(
            text=_text_in(delta.get("content")),
            progressed=bool(delta.get("content")) or any(delta.get(name) for name in _THOUGHTS),
            ending=_ENDINGS.get(reason, Ending("stop")) if isinstance(reason, str) and reason else None,
            usage=_usage_in(data.get("usage")),
            error=data.get("error") or None,
        )


def open_openai(name: str, profile: ModelProfile, timeouts: Timeouts, env: Mapping[str, str]) -> ServedLLM:
    """Return the model of a profile, opened by ``name``.

    The key of OpenAI goes to the default server or to ``OPENAI_BASE_URL`` only. Raise ``ConfigError`` or
    ``LLMAuthenticationError``.
    """
    check_constraint(name, profile, frozenset({"grammar", "schema"}))
    return ServedLLM(name, openai_server(profile, env), ChatCompletions(), profile, timeouts)


def openai_server(profile: ModelProfile, env: Mapping[str, str]) -> Server:
    """Return where a profile of this format leads."""
    usual = env.get("OPENAI_BASE_URL") or OPENAI_URL
    return find_server(profile, env, own_url=OPENAI_URL, usual_url=usual, key_variables=KEY_VARIABLES)


def _usage_in(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    return Usage(count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens")))


def _text_in(content: object) -> str:
    """Return a delta's text, which some servers send in typed parts beside what the model thinks."""
    if isinstance(content, list):
        return "".join(_text_in(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _context_of(item: Mapping[str, object]) -> int | None:
    told = (object_in(item, "meta").get("n_ctx"), item.get("max_model_len"), item.get("context_length"))
    return next(filter(None, map(count_of, told)), None)
