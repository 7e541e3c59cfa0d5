"""Ollama by its own API, which unlike its OpenAI-compatible one can be told how much the model is to read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.conversation import Usage
from assistant.errors import ConfigError
from assistant.llm.constraint import check_constraint, constraint_for, schema_of
from assistant.llm.ndjson import LineParser
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

    from assistant.config import ModelProfile, Timeouts
    from assistant.llm import Prompt
    from assistant.llm.server import Server

DEFAULT_PORT = 11434

# Ollama reads 4,096 tokens (2,048 before 2025) unless told otherwise and drops the rest without a word. Our rules,
# their example and the sources come to about 4,500; one fixed size, because another one loads the model anew.
USUAL_CONTEXT_TOKENS = 8_192
_CONTEXT_STEP = 4_096
# English has about four bytes a token, what is worst served by its tokenizer three.
_BYTES_PER_TOKEN = 3
_ANSWER_TOKENS = 1_024


@dataclass(frozen=True, slots=True)
class OllamaChat(WireFormat):
    """``POST /api/chat``, answered by lines of JSON, the last one with ``done``."""

    model: str

    # A proxy in front of it may call the lines JSON.
    media_types = frozenset({"application/x-ndjson", "application/ndjson", "application/json"})
    optional = frozenset({"think"})
    models_path = "/api/tags"

    @property
    def advice(self) -> Advice:
        return Advice(
            setting="`base_url` or OLLAMA_HOST",
            unreachable="is Ollama running? OLLAMA_HOST or the model's `base_url` says where",
            not_a_stream="is this Ollama's own address? its `base_url` has no path",
            not_found=f"`ollama pull {self.model}` fetches the model; `ollama list` shows what is there",
        )

    def path(self, profile: ModelProfile) -> str:
        del profile
        return "/api/chat"

    def request(self, prompt: Prompt, profile: ModelProfile) -> dict[str, object]:
        options: dict[str, object] = {
            "num_ctx": profile.context_tokens or _tokens_to_read(prompt, profile),
            "temperature": profile.temperature,
        }
        if profile.max_tokens is not None:
            options["num_predict"] = profile.max_tokens
        request: dict[str, object] = {
            "model": profile.model,
            "messages": [{"role": "system", "content": prompt.system}, *chat_messages(prompt)],
            "stream": True,
            "options": options,
            # Versions since 0.12.6 then refuse what is too long instead of cutting it, or forgetting its beginning
            # while they write; earlier ones know neither.
            "truncate": False,
            "shift": False,
            # A model that can think would do so for minutes; one that cannot does not mind.
            "think": False,
        }
        if constraint_for(profile.constrain, prompt) == "schema":
            request["format"] = schema_of(len(prompt.sources))
        return request

    def context_tokens(self, profile: ModelProfile) -> int | None:
        return profile.context_tokens or USUAL_CONTEXT_TOKENS

    def models(self, data: Mapping[str, object]) -> tuple[ServedModel, ...] | None:
        """Return what has been pulled, without what only embeds; some of it runs on Ollama's own machines."""
        items = items_of(data, "models")
        if items is None:
            return None
        return tuple(
            ServedModel(name, _detail_of(item))
            for item in items
            if isinstance(name := item.get("name"), str) and "bert" not in _family_of(item)
        )

    def frames(self) -> LineParser:
        return LineParser()

    def read(self, data: Mapping[str, object]) -> Event:
        message = object_in(data, "message")
        content = message.get("content")
        done = data.get("done") is True
        return Event(
            text=content if isinstance(content, str) else "",
            progressed=bool(content or message.get("thinking")),
            ending=Ending("length" if data.get("done_reason") == "length" else "stop") if done else None,
            usage=Usage(count_of(data.get("prompt_eval_count")), count_of(data.get("eval_count"))) if done else None,
            error=data.get("error") or None,
            is_last=done,
        )


def open_ollama(name: str, profile: ModelProfile, timeouts: Timeouts, env: Mapping[str, str]) -> ServedLLM:
    """Return the model of a profile, opened by ``name``. Raise ``ConfigError`` or ``LLMAuthenticationError``."""
    check_constraint(name, profile, frozenset({"schema"}))
    return ServedLLM(name, ollama_server(profile, env), OllamaChat(profile.model or ""), profile, timeouts)


def ollama_server(profile: ModelProfile, env: Mapping[str, str]) -> Server:
    """Return where a profile of this format leads; ``OLLAMA_HOST`` is asked for what has no ``base_url``."""
    usual = profile.base_url or ollama_url(env.get("OLLAMA_HOST", ""))
    return find_server(profile, env, own_url="", usual_url=usual, key_variables=())


def ollama_url(host: str) -> str:
    """Return the URL that an ``OLLAMA_HOST`` means, read as Ollama itself reads it.

    A host, a port or a scheme may be missing. An address that means every one of this machine's, where a server
    listens, is its own for a client. Raise ``ConfigError``.
    """
    text = host.strip().strip("\"'").strip()
    scheme, divider, rest = text.partition("://")
    if not divider:
        scheme, rest = "http", text
    usual_port = {"http": 80, "https": 443}.get(scheme) if divider else DEFAULT_PORT
    rest = rest.rstrip("/")
    if rest.count(":") > 1 and not rest.startswith("["):
        rest = f"[{rest}]"  # an IPv6 address as it is
    try:
        parts = urlsplit(f"//{rest}")
        name, port, usable = parts.hostname or "127.0.0.1", parts.port or usual_port, parts.username is None
    except ValueError:
        usable, name, port = False, "", None
    if not usable or port is None:
        raise ConfigError("OLLAMA_HOST is no address", hint="it looks like 127.0.0.1:11434")
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104 - nothing is bound to it
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}{parts.path}"


def _tokens_to_read(prompt: Prompt, profile: ModelProfile) -> int:
    """Return how much the model must read and write for this prompt, never less than usual."""
    letters = len(prompt.system.encode()) + sum(len(message.text.encode()) for message in prompt.messages)
    needed = letters // _BYTES_PER_TOKEN + (profile.max_tokens or _ANSWER_TOKENS)
    return max(USUAL_CONTEXT_TOKENS, math.ceil(needed / _CONTEXT_STEP) * _CONTEXT_STEP)


def _family_of(item: Mapping[str, object]) -> str:
    return str(object_in(item, "details").get("family", ""))


def _detail_of(item: Mapping[str, object]) -> str:
    details = object_in(item, "details")
    said = [details.get("parameter_size"), details.get("quantization_level")]
    if isinstance(item.get("remote_host"), str):
        said.append(f"runs at {item['remote_host']}")
    return ", ".join(text for text in said if isinstance(text, str) and text)
