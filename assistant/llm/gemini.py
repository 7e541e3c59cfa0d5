"""Google's Gemini API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from assistant.conversation import Usage
from assistant.llm.constraint import check_constraint, constraint_for
from assistant.llm.refusals import Advice
from assistant.llm.server import find_server
from assistant.llm.streaming import ServedLLM
from assistant.llm.wire import Ending, Event, ServedModel, WireFormat, count_of, first_in, items_of, object_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.config import ModelProfile, Secret, Timeouts
    from assistant.llm import Prompt
    from assistant.llm.server import Server

GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta"
KEY_VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

_FILTERS = frozenset("SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY MODEL_ARMOR".split())


@dataclass(frozen=True, slots=True)
class GenerateContent(WireFormat):
    """``POST /models/NAME:streamGenerateContent``, answered by server-sent events; the last has a ``finishReason``."""

    advice = Advice(
        setting="`base_url`",
        unreachable="is there a network, and is `base_url` right?",
        not_a_stream="is `base_url` that of a Gemini API? it often ends in /v1beta",
        not_found="is the model's name right, and does `base_url` end before /models?",
    )
    media_types = frozenset({"text/event-stream"})
    optional = frozenset[str]()
    models_path = "/models"

    def path(self, profile: ModelProfile) -> str:
        return f"/models/{quote((profile.model or '').removeprefix('models/'), safe='')}:streamGenerateContent?alt=sse"

    def headers(self, key: Secret | None) -> Mapping[str, str | Secret]:
        """Return the key as a header: in the URL, where examples have it, every log on the way would keep it."""
        return {"x-goog-api-key": key} if key else {}

    def request(self, prompt: Prompt, profile: ModelProfile) -> dict[str, object]:
        settings: dict[str, object] = {"temperature": profile.temperature}
        if profile.max_tokens is not None:
            settings["maxOutputTokens"] = profile.max_tokens
        if constraint_for(profile.constrain, prompt) == "schema":
            settings |= {"responseMimeType": "application/json", "responseSchema": _schema_of(len(prompt.sources))}
        roles = {"user": "user", "assistant": "model"}
        return {
            "systemInstruction": {"parts": [{"text": prompt.system}]},
            "contents": [
                {"role": roles[message.role], "parts": [{"text": message.text}]} for message in prompt.messages
            ],
            "generationConfig": settings,
        }

    def models(self, data: Mapping[str, object]) -> tuple[ServedModel, ...] | None:
        items = items_of(data, "models")
        if items is None:
            return None
        return tuple(
            ServedModel(name.removeprefix("models/"), context_tokens=count_of(item.get("inputTokenLimit")))
            for item in items
            if isinstance(name := item.get("name"), str)
        )

    def read(self, data: Mapping[str, object]) -> Event:
        blocked = object_in(data, "promptFeedback").get("blockReason")
        candidate = first_in(data, "candidates")
        parts = items_of(object_in(candidate, "content"), "parts") or []
        return Event(
            text="".join(_text_in(part) for part in parts),
            progressed=bool(parts),
            ending=Ending("filter", str(blocked)) if blocked else _ending_in(candidate.get("finishReason")),
            usage=_usage_in(data.get("usageMetadata")),
            error=data.get("error") or None,
        )


def open_gemini(name: str, profile: ModelProfile, timeouts: Timeouts, env: Mapping[str, str]) -> ServedLLM:
    """Return the model of a profile, opened by ``name``. Raise ``ConfigError`` or ``LLMAuthenticationError``."""
    check_constraint(name, profile, frozenset({"schema"}))
    return ServedLLM(name, gemini_server(profile, env), GenerateContent(), profile, timeouts)


def gemini_server(profile: ModelProfile, env: Mapping[str, str]) -> Server:
    """Return where a profile of this format leads."""
    return find_server(profile, env, own_url=GEMINI_URL, usual_url=GEMINI_URL, key_variables=KEY_VARIABLES)


def _text_in(part: Mapping[str, object]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) and not part.get("thought") else ""


def _ending_in(reason: object) -> Ending | None:
    if not isinstance(reason, str) or not reason or reason == "FINISH_REASON_UNSPECIFIED":
        return None
    if reason in {"STOP", "MAX_TOKENS"}:
        return Ending("stop" if reason == "STOP" else "length")
    return Ending("filter" if reason in _FILTERS else "other", reason)


def _usage_in(usage: object) -> Usage | None:
    """Return the tokens; thoughts are written too."""
    if not isinstance(usage, dict):
        return None
    written = [count_of(usage.get(name)) for name in ("candidatesTokenCount", "thoughtsTokenCount")]
    counted = [count for count in written if count is not None]
    return Usage(count_of(usage.get("promptTokenCount")), sum(counted) if counted else None)


def _schema_of(numbers: int) -> dict[str, object]:
    """Return ``constraint.schema_of`` in Google's dialect, which has no lists of allowed numbers."""
    number = {"type": "INTEGER", "minimum": 1, "maximum": numbers}
    sentence = {
        "type": "OBJECT",
        "properties": {"text": {"type": "STRING"}, "sources": {"type": "ARRAY", "items": number, "minItems": 1}},
        "required": ["text", "sources"],
        "propertyOrdering": ["text", "sources"],
    }
    sentences = {"type": "ARRAY", "items": sentence}
    return {"type": "OBJECT", "properties": {"sentences": sentences}, "required": ["sentences"]}
