"""Anthropic's Messages API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.conversation import Usage
from assistant.llm.constraint import check_constraint
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
    items_of,
    object_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import ModelProfile, Secret, Timeouts
    from assistant.llm import Prompt
    from assistant.llm.server import Server

ANTHROPIC_URL = "https://api.anthropic.com/v1"
KEY_VARIABLES = ("ANTHROPIC_API_KEY",)

_VERSION = "2023-06-01"
# The API wants a limit. Models that think by themselves count their thoughts against it.
USUAL_MAX_TOKENS = 8_192

_ENDINGS = {
    "max_tokens": Ending("length"),
    "model_context_window_exceeded": Ending("length"),
    "refusal": Ending("filter", "refusal"),
    "tool_use": Ending("other", "tool_use"),
    "pause_turn": Ending("other", "pause_turn"),
}


@dataclass(frozen=True, slots=True)
class AnthropicMessages(WireFormat):
    """``POST /messages``, answered by server-sent events that say in ``type`` what they are."""

    advice = Advice(
        setting="`base_url`",
        unreachable="is there a network, and is `base_url` right?",
        not_a_stream="is `base_url` that of an Anthropic-compatible server? it often ends in /v1",
        not_found="is the model's name right, and does `base_url` end before /messages?",
    )
    media_types = frozenset({"text/event-stream"})
    optional = frozenset({"temperature"})
    models_path = "/models"

    def path(self, profile: ModelProfile) -> str:
        del profile
        return "/messages"

    def headers(self, key: Secret | None) -> Mapping[str, str | Secret]:
        return {"anthropic-version": _VERSION, **({"x-api-key": key} if key else {})}

    def request(self, prompt: Prompt, profile: ModelProfile) -> dict[str, object]:
        return {
            "model": profile.model,
            "system": prompt.system,
            "messages": chat_messages(prompt),
            "max_tokens": profile.max_tokens or USUAL_MAX_TOKENS,
            "temperature": min(profile.temperature, 1.0),  # 1 is the most that it takes
            "stream": True,
        }

    def models(self, data: Mapping[str, object]) -> tuple[ServedModel, ...] | None:
        items = items_of(data, "data")
        if items is None:
            return None
        return tuple(ServedModel(name) for item in items if isinstance(name := item.get("id"), str))

    def read(self, data: Mapping[str, object]) -> Event:
        """Pings, the frames of blocks, and types that are not known yet say nothing."""
        kind = data.get("type")
        if kind == "error" or data.get("error"):
            return Event(error=data.get("error") or "error")
        if kind == "message_start":
            return Event(usage=_usage_in(object_in(data, "message").get("usage")))
        delta = object_in(data, "delta")
        if kind == "content_block_delta":
            text = delta.get("text") if delta.get("type") == "text_delta" else None
            return Event(text=text if isinstance(text, str) else "", progressed=True)
        if kind == "message_delta":
            reason = delta.get("stop_reason")
            ending = _ENDINGS.get(reason, Ending("stop")) if isinstance(reason, str) else None
            return Event(ending=ending, usage=_usage_in(data.get("usage")))
        return Event(is_last=kind == "message_stop")


def open_anthropic(name: str, profile: ModelProfile, timeouts: Timeouts, env: Mapping[str, str]) -> ServedLLM:
    """Return the model of a profile, opened by ``name``. Raise ``ConfigError`` or ``LLMAuthenticationError``."""
    check_constraint(name, profile, frozenset())
    return ServedLLM(name, anthropic_server(profile, env), AnthropicMessages(), profile, timeouts)


def anthropic_server(profile: ModelProfile, env: Mapping[str, str]) -> Server:
    """Return where a profile of this format leads."""
    return find_server(profile, env, own_url=ANTHROPIC_URL, usual_url=ANTHROPIC_URL, key_variables=KEY_VARIABLES)


def _usage_in(usage: object) -> Usage | None:
    """Return the tokens; what was read from or written into a cache was read too."""
    if not isinstance(usage, dict):
        return None
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    read = [count for name in names if (count := count_of(usage.get(name))) is not None]
    return Usage(sum(read) if read else None, count_of(usage.get("output_tokens")))
