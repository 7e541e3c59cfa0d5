"""What servers say instead of an answer: the error it is for us, with their own words, and whether to ask again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from assistant.errors import (
    LLMAuthenticationError,
    LLMContextExceeded,
    LLMError,
    LLMFailed,
    LLMRateLimited,
    LLMTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant.llm.server import Server

MAX_ERROR_BYTES = 65_536

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})", re.IGNORECASE)

# The words, codes and types that mean: the prompt is longer than the model can read. OpenAI and its many likenesses,
# llama.cpp, vLLM, Mistral, Anthropic, Gemini and Ollama (two generations each), as their users reported them.
_TOO_LONG = re.compile(
    r"context_length_exceeded|context_window_exceeded|exceed_context_size|request_too_large"
    r"|maximum (?:context|model|prompt) length|max context length|longer than the model's context"
    r"|exceeds? (?:the )?(?:available )?context|context window exceeds|context the overflows|configured context size"
    r"|prompt is too long|prompt too long|input is too long|reduce the length of|exceeded model token limit"
    r"|maximum number of tokens allowed|maximum allowed input length|greater than the context length"
    r"|(?:prompt|input) (?:token count|length)\b.{0,40}\bexceeds"
)
# With other statuses the same words are about something else: 'too many tokens a minute' with 429.
_TOO_LONG_STATUSES = frozenset({None, 400, 413, 422, 500, 503})

# What Anthropic and Google call what others give a number.
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_NOT_TAKEN = re.compile(
    r"deprecated|unsupported|not supported|does not support|not permitted|unrecognized|extra_forbidden"
    r"|invalid \w+ value"
)
_ABOUT_MONEY = re.compile(r"insufficient_quota|billing_error|credit balance")
_ABOUT_THE_KEY = re.compile(r"api_key_invalid|api key not valid|api key expired")
# A parameter that servers name otherwise than the request does.
_WORD_FOR = {"think": "think(?:ing)?"}
# Where an error's own words stand; other places may hold what we sent.
_SPEAKING = ("message", "code", "type", "status", "param", "reason", "detail", "details", "msg", "loc", "error")


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person can do about a server of one kind: hints for errors, and the ``setting`` that holds its address."""

    setting: str
    unreachable: str
    not_a_stream: str
    not_found: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's refusal: its ``status``, if it gave one, and its ``body``, parsed where it is JSON.

    ``retry_after_s`` is how long it asks to be left alone.
    """

    status: int | None
    body: object
    retry_after_s: float | None = None

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered a little later."""
        if self.is_too_long or _ABOUT_MONEY.search(_words(self.body)):
            return False
        return self.status is not None and (self.status in {408, 409, 429} or self.status >= 500)

    @property
    def is_too_long(self) -> bool:
        """Whether the server says that the prompt is longer than the model can read."""
        if self.status == 413:
            return True
        return self.status in _TOO_LONG_STATUSES and _TOO_LONG.search(_words(self.body)) is not None

    def parameter(self, optional: frozenset[str]) -> str | None:
        """Return the one of the ``optional`` parameters that the server says it does not take."""
        if self.status not in {400, 422}:
            return None
        error = _error_in(self.body)
        named = error.get("param") if isinstance(error, dict) else None
        if isinstance(named, str) and named in optional:
            return named
        said = _words(self.body)
        if not _NOT_TAKEN.search(said):
            return None
        return next((name for name in sorted(optional) if re.search(rf"\b{_WORD_FOR.get(name, name)}\b", said)), None)

    def error(self, server: Server, advice: Advice, *, started: bool) -> LLMError:
        """Return the error, with the server's words; ``started`` says that the answer had begun."""
        did = f"answered {self.status}" if self.status else "broke off"
        message = f"{server.base_url} {did}{server.said(message_in(self.body))}"
        if self.is_too_long and not started:
            return LLMContextExceeded(message, hint="ask for fewer passages, or raise the model's `context_tokens`")
        if self.status in {401, 403} or _ABOUT_THE_KEY.search(_words(self.body)):
            variable = server.key_variable
            return LLMAuthenticationError(message, hint=f"check the key in {variable}" if variable else None)
        if self.status is not None and 300 <= self.status < 400:
            message, hint = f"{message}: a redirect, which is not followed", f"set {advice.setting} to where it leads"
            return LLMFailed(message, hint=hint)
        kinds: dict[int | None, tuple[type[LLMError], str]] = {
            404: (LLMFailed, advice.not_found),
            408: (LLMTimeout, "ask again"),
            429: (LLMRateLimited, self._when_again()),
        }
        kind, hint = kinds.get(self.status, (LLMFailed, ""))
        return kind(message, hint=hint or None)

    def _when_again(self) -> str:
        if _ABOUT_MONEY.search(_words(self.body)):
            return "the account has nothing left to spend"
        return f"ask again in {self.retry_after_s:.0f} s" if self.retry_after_s else "ask again later"


def refusal_in_stream(error: object) -> Refusal:
    """Return what an error inside a stream means; its status is the number, or the name of one, that it carries."""
    body = {"error": error}
    found = _error_in(body)
    known = (found.get(key) for key in ("code", "status_code", "type")) if isinstance(found, dict) else ()
    status = next((status for value in known if (status := _status(value)) is not None), None)
    return Refusal(status, body, _retry_delay_s(body))


def refusal_of(status: int, headers: Mapping[str, str], body: object) -> Refusal:
    """Return what a response with a status other than 200 means."""
    asked = _retry_after_s(headers)
    return Refusal(status, body, _retry_delay_s(body) if asked is None else asked)


def parsed_object(data: str) -> dict[str, object] | None:
    """Return the JSON object that a text is, ``None`` for anything else."""
    value = _parsed(data)
    return value if isinstance(value, dict) else None


def parsed_body(body: bytes) -> object:
    """Return the body of an error: what its JSON holds, or its text."""
    text = body[:MAX_ERROR_BYTES].decode("utf-8", errors="replace")
    value = _parsed(text)
    return value if isinstance(value, dict | list) else text


def message_in(body: object) -> str:
    """Return what an error's body says, under the names that servers use for it; of a page, the title."""
    error = _error_in(body)
    if isinstance(error, dict):
        said = next((error[key] for key in ("message", "detail", "msg") if isinstance(error.get(key), str)), "")
        if not said and isinstance(error.get("detail"), list):
            said = "; ".join(filter(None, map(message_in, error["detail"])))
        return str(said)
    if not isinstance(error, str):
        return ""
    if error.lstrip()[:1] == "<":
        title = _TITLE.search(error)
        return title[1] if title else ""
    return error


def _error_in(body: object) -> object:
    """Return the error itself: some servers send it in a list, in an ``error``, or as JSON within a text."""
    for _ in range(4):
        if isinstance(body, list) and body:
            body = body[0]
        elif isinstance(body, dict) and body.get("error"):
            body = body["error"]
        elif isinstance(body, str) and body.lstrip()[:1] == "{" and (inner := parsed_object(body)) is not None:
            body = inner
        else:
            return body
    return body


def _words(body: object, depth: int = 0) -> str:
    """Return all that an error says, codes and types among it, in lower case."""
    if isinstance(body, str):
        inner = _error_in(body)
        return body.lower() if inner is body else _words(inner, depth + 1)
    if depth > 6:
        return ""
    if isinstance(body, list):
        return " ".join(_words(item, depth + 1) for item in body[:20])
    if isinstance(body, dict):
        return " ".join(_words(body[key], depth + 1) for key in _SPEAKING if key in body)
    return ""


def _parsed(data: str) -> object:
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value


def _status(value: object) -> int | None:
    if isinstance(value, str) and value in _STATUSES:
        return _STATUSES[value]
    return int(value) if isinstance(value, int | str) and re.fullmatch(r"[1-5]\d\d", str(value)) else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, given in seconds or as a date; ``None`` for anything else."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _retry_delay_s(body: object) -> float | None:
    """Return the seconds that Google's RetryInfo asks for: ``{"retryDelay": "17s"}`` among the details."""
    error = _error_in(body)
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?s", delay):
            return float(delay[:-1])
    return None
