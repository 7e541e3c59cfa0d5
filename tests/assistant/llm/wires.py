"""The four wire formats as a server speaks them, for tests that hold for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from assistant.config import ModelProfile, Provider, Secret, Timeouts
from assistant.conversation import Source, Usage
from assistant.errors import LLMError
from assistant.llm import Message, Prompt
from assistant.llm.anthropic import AnthropicMessages
from assistant.llm.gemini import GenerateContent
from assistant.llm.ollama import OllamaChat
from assistant.llm.openai import ChatCompletions
from assistant.llm.server import Server
from assistant.llm.streaming import ServedLLM
from assistant.llm.wire import WireFormat
from store.records import ArticleRef, Hit, Passage
from tests.scripted_server import KEY, Reply, head

PROMPT = Prompt(
    "Who?", (), "Rules.", (Message("user", "An example"), Message("assistant", "So"), Message("user", "Who?"))
)
_BODY = "The ferry sank at noon."
_HIT = Hit(Passage("ferry:0", ArticleRef("ferry", "Ferry"), 0, 0, len(_BODY), _BODY), 1, 1.0, "fused")
CITING = replace(PROMPT, sources=tuple(Source(number, _HIT, 0, len(_BODY), _BODY) for number in (1, 2, 3)))

Json = dict[str, object]


def sse(data: Json | str) -> bytes:
    return b"data: " + (data if isinstance(data, str) else json.dumps(data)).encode() + b"\n\n"


def line(data: Json | str) -> bytes:
    return (data if isinstance(data, str) else json.dumps(data)).encode() + b"\n"


@dataclass(frozen=True)
class Wire:
    """How one server says things. ``thought`` is an event of a thinking model, ``usage`` what ``end`` tells of it."""

    name: Provider
    wire: WireFormat
    kind: str
    frame: Callable[[Json | str], bytes]
    text: Callable[[str], bytes]
    end: tuple[bytes, ...]
    too_short: tuple[bytes, ...]
    filtered: tuple[bytes, ...]
    thought: bytes
    usage: Usage | None
    error: Callable[[str, int], Json]
    key_header: str

    def head(self, status: int = 200, **headers: str) -> bytes:
        return head(status, self.kind if status == 200 else "application/json", **headers)

    def good(self) -> Reply:
        return [self.head(), self.text("It "), self.text("was. [1]"), *self.end]

    def refusal(self, status: int, message: str = "no", **headers: str) -> Reply:
        return [self.head(status, **headers), json.dumps(self.error(message, status)).encode()]

    def error_event(self, message: str, status: int) -> bytes:
        return self.frame(self.error(message, status))

    def llm(self, url: str, **more: object) -> ServedLLM:
        server = Server(url, Secret(KEY), "SOME_KEY")
        profile = ModelProfile("m", provider=self.name)
        return replace(ServedLLM(f"{self.name}:m", server, self.wire, profile), **more)  # type: ignore[arg-type]


def _chunk(text: str | None = None, reason: str | None = None) -> Json:
    return {"choices": [{"delta": {} if text is None else {"content": text}, "finish_reason": reason}]}


OPENAI = Wire(
    name="openai",
    wire=ChatCompletions(),
    kind="text/event-stream",
    frame=sse,
    text=lambda text: sse(_chunk(text)),
    end=(
        sse(_chunk(reason="stop")),
        sse({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}),
        sse("[DONE]"),
    ),
    too_short=(sse(_chunk(reason="length")), sse("[DONE]")),
    filtered=(sse(_chunk(reason="content_filter")), sse("[DONE]")),
    thought=sse({"choices": [{"delta": {"reasoning_content": "Hm."}}]}),
    usage=Usage(12, 3),
    error=lambda message, status: {"error": {"message": message, "code": status}},
    key_header=f"authorization: bearer {KEY}",
)


def _spoken(content: str, **more: object) -> Json:
    return {"model": "m", "message": {"role": "assistant", "content": content, **more}, "done": False}


def _done(reason: str) -> bytes:
    counts = {"prompt_eval_count": 12, "eval_count": 3}
    return line({"model": "m", "message": {"content": ""}, "done": True, "done_reason": reason, **counts})


OLLAMA = Wire(
    name="ollama",
    wire=OllamaChat("m"),
    kind="application/x-ndjson",
    frame=line,
    text=lambda text: line(_spoken(text)),
    end=(_done("stop"),),
    too_short=(_done("length"),),
    filtered=(),
    thought=line(_spoken("", thinking="Hm.")),
    usage=Usage(12, 3),
    error=lambda message, status: {"error": message},  # noqa: ARG005 - Ollama has no codes
    key_header=f"authorization: bearer {KEY}",
)


def _stopped(reason: str) -> tuple[bytes, ...]:
    delta = {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 3}}
    return sse({"type": "content_block_stop", "index": 0}), sse(delta), sse({"type": "message_stop"})


def _block(**delta: str) -> bytes:
    return sse({"type": "content_block_delta", "index": 0, "delta": delta})


_ANTHROPIC_TYPES = {401: "authentication_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}

ANTHROPIC = Wire(
    name="anthropic",
    wire=AnthropicMessages(),
    kind="text/event-stream; charset=utf-8",
    frame=sse,
    text=lambda text: _block(type="text_delta", text=text),
    end=_stopped("end_turn"),
    too_short=_stopped("max_tokens"),
    filtered=_stopped("refusal"),
    thought=_block(type="thinking_delta", thinking="Hm."),
    usage=Usage(None, 3),
    error=lambda message, status: {
        "type": "error",
        "error": {"type": _ANTHROPIC_TYPES.get(status, "invalid_request_error"), "message": message},
    },
    key_header=f"x-api-key: {KEY}",
)


def _candidate(text: str | None = None, reason: str | None = None, **more: object) -> Json:
    parts = [] if text is None else [{"text": text, **more}]
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    return {"candidates": [candidate | ({"finishReason": reason} if reason else {})]}


_COUNTED: Json = {"usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 2, "thoughtsTokenCount": 1}}

GEMINI = Wire(
    name="gemini",
    wire=GenerateContent(),
    kind="text/event-stream",
    frame=sse,
    text=lambda text: sse(_candidate(text)),
    end=(sse(_candidate("", "STOP") | _COUNTED),),
    too_short=(sse(_candidate(reason="MAX_TOKENS")),),
    filtered=(sse(_candidate(reason="SAFETY")),),
    thought=sse(_candidate("Hm.", thought=True)),
    usage=Usage(12, 3),
    error=lambda message, status: {"error": {"code": status, "message": message, "status": "UNKNOWN"}},
    key_header=f"x-goog-api-key: {KEY}",
)

WIRES = (OPENAI, OLLAMA, ANTHROPIC, GEMINI)


@dataclass
class Asked:
    """How an answer went."""

    pieces: list[str | Usage]
    error: LLMError | None = None
    pauses: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece for piece in self.pieces if isinstance(piece, str))


def ask(wire: Wire, url: str, *, prompt: Prompt = PROMPT, timeouts: Timeouts | None = None, **profile: object) -> Asked:
    """Ask a server and note what comes; nothing waits between tries."""
    asked = Asked([])
    llm = wire.llm(url, sleep=lambda _, pause: asked.pauses.append(pause), timeouts=timeouts or Timeouts())
    llm = replace(llm, profile=replace(llm.profile, **profile))  # type: ignore[arg-type]
    try:
        for piece in llm.stream(prompt):
            asked.pieces.append(piece)
    except LLMError as exc:
        asked.error = exc
    return asked
