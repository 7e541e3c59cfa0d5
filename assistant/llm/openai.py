"""Any server with the chat completions of OpenAI: llama.cpp, vLLM, LM Studio, OpenRouter, Mistral, OpenAI itself."""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.config import ModelProfile, Secret, Timeouts
from assistant.conversation import Usage
from assistant.errors import (
    ConfigError,
    LLMAuthenticationError,
    LLMError,
    LLMFailed,
    LLMRateLimited,
    LLMTimeout,
    LLMUnreachable,
)
from assistant.llm.exchange import Exchange, ExchangeError, Head, Overdue, Unreachable
from assistant.llm.sse import MAX_EVENT_BYTES, EventParser, EventTooLong
from store.cleaning import clean_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assistant.config import Config
    from assistant.llm import Prompt

DEFAULT_BASE_URL = "https://api.openai.com/v1"
DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"

MAX_TRIES = 4
# Full jitter, as in the AWS Architecture Blog, "Exponential Backoff And Jitter": uniform in 0 .. base * 2^n.
_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 20.0
# A server that asks for a longer pause gets its refusal shown instead.
LONGEST_RETRY_AFTER_S = 60.0

MAX_MESSAGE_CHARS = 200
_ERROR_BODY_BYTES = 65_536
# How long to wait, once the server has said that it is finished, for what the answer cost.
_USAGE_WAIT_S = 1.0

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,500})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests go and with which key; ``key_variable`` is what the user would set to change it."""

    base_url: str
    key: Secret | None
    key_variable: str


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """A model behind a server's ``/chat/completions``, streamed. ``sleep`` waits between tries."""

    name: str
    model: str
    server: Server
    profile: ModelProfile = field(default_factory=ModelProfile)
    timeouts: Timeouts = field(default_factory=Timeouts)
    sleep: Callable[[float], None] = time.sleep

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        """Yield the answer as it is written, then its ``Usage`` if the server gives one.

        Before the first piece, a busy server (408, 409, 429, 5xx) or a failed connection is tried again, up to
        ``MAX_TRIES`` times. Raise ``LLMError`` for anything but an answer that the server says is finished.
        """
        request = self._request(prompt)
        ends = time.monotonic() + self.timeouts.total_s
        for tries in range(1, MAX_TRIES + 1):
            try:
                yield from _Attempt(self.server, self.timeouts, request, ends).pieces()
            except _Unanswered as exc:
                if tries == MAX_TRIES:
                    raise exc.error from exc
                if exc.parameter in request:
                    request = _without(request, exc.parameter)
                else:
                    self._wait(exc, tries, ends)
            else:
                return

    def _request(self, prompt: Prompt) -> dict[str, object]:
        messages = [{"role": message.role, "content": message.text} for message in prompt.messages]
        request: dict[str, object] = {
            "model": self.model,
            "messages": [{"role": "system", "content": prompt.system}, *messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self.profile.temperature,
        }
        if self.profile.max_tokens is not None:
            request["max_tokens"] = self.profile.max_tokens
        return request

    def _wait(self, refused: _Unanswered, tries: int, ends: float) -> None:
        """Wait before the next try; raise the error itself when the wait would be too long, or of no use."""
        pause = refused.retry_after_s
        if pause is None:
            pause = random.SystemRandom().uniform(0, min(_LONGEST_BACKOFF_S, _BACKOFF_S * 2 ** (tries - 1)))
        if refused.parameter or pause > LONGEST_RETRY_AFTER_S or time.monotonic() + pause > ends:
            raise refused.error from refused
        self.sleep(pause)


def open_openai(name: str, config: Config, env: Mapping[str, str]) -> OpenAICompatible:
    """Return the model ``name``: a profile of the config file, or else a model as the server calls it.

    The key of OpenAI goes to the default server or to ``OPENAI_BASE_URL`` only: a profile with another ``base_url``
    names its own ``api_key_env`` or is asked without a key. Raise ``ConfigError`` or ``LLMAuthenticationError``.
    """
    profile = config.models.get(name, ModelProfile())
    usual = env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
    base_url = _checked_url(profile.base_url or usual)
    variable = profile.api_key_env or DEFAULT_KEY_VARIABLE
    # A key lying in the environment is not for every server that a profile names.
    is_usual = base_url in {_checked_url(usual), DEFAULT_BASE_URL}
    text = env.get(variable, "").strip() if profile.api_key_env or is_usual else ""
    if not text and (profile.api_key_env or base_url == DEFAULT_BASE_URL):
        raise LLMAuthenticationError(f"no key for {base_url}", hint=f"set {variable}")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise LLMAuthenticationError(f"the key in {variable} cannot be sent: odd characters", hint=f"set {variable}")
    server = Server(base_url, Secret(text) if text else None, variable)
    return OpenAICompatible(f"openai:{name}", profile.model or name, server, profile, config.timeouts)


class _Unanswered(Exception):
    """A try failed before its first token, and another one may do better.

    ``parameter`` is the one of the request that the server does not take.
    """

    def __init__(self, error: LLMError, *, retry_after_s: float | None = None, parameter: str | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_s = retry_after_s
        self.parameter = parameter


@dataclass(slots=True)
class _Completion:
    """What the events so far said about the answer as a whole. With a ``reason`` it is finished."""

    reason: str | None = None
    usage: Usage | None = None


class _Attempt:
    """One request and the reading of its answer."""

    def __init__(self, server: Server, timeouts: Timeouts, request: Mapping[str, object], ends: float) -> None:
        self._server = server
        self._timeouts = timeouts
        self._body = json.dumps(request).encode()
        self._ends = ends
        self._due = min(time.monotonic() + timeouts.first_token_s, ends)
        self._started = False

    def pieces(self) -> Iterator[str | Usage]:
        """Yield the text, then the usage. Raise ``LLMError``, or ``_Unanswered`` before the first text."""
        exchange = Exchange(
            f"{self._server.base_url}/chat/completions",
            self._body,
            key=self._server.key,
            connect_s=self._timeouts.connect_s,
            read_s=max(self._timeouts.first_token_s, self._timeouts.between_tokens_s),
        )
        completion = _Completion()
        try:
            self._check_head(exchange)
            yield from self._texts(exchange, completion)
        except LLMError:
            # Once the answer is finished, nothing that goes wrong matters: only its cost was still to come.
            if completion.reason is None:
                raise
        finally:
            exchange.close()
        if completion.usage is not None:
            yield completion.usage
        self._check_end(completion)

    def _texts(self, exchange: Exchange, completion: _Completion) -> Iterator[str]:
        for data in self._events(exchange):
            if data == "[DONE]":
                completion.reason = completion.reason or "stop"
                return
            event = _parsed(data)
            if event is None:
                raise LLMFailed(f"{self._where} sent an event that is not a JSON object")
            if event.get("error"):
                raise self._refusal(_status_in(event["error"]), event, None)
            text, progressed = _read_chunk(event, completion)
            if progressed:
                self._due = min(time.monotonic() + self._timeouts.between_tokens_s, self._ends)
            if completion.reason is not None:
                self._due = min(time.monotonic() + _USAGE_WAIT_S, self._ends)
            if text:
                self._started = True
                yield text

    def _events(self, exchange: Exchange) -> Iterator[str]:
        parser = EventParser()
        try:
            while (piece := self._next(exchange)) is not None:
                if isinstance(piece, bytes):
                    yield from parser.feed(piece)
        except EventTooLong:
            raise LLMFailed(f"{self._where} sent an event of more than {MAX_EVENT_BYTES:,} bytes") from None
        # What a cut connection leaves may be half an event; a whole one without its blank line is as good as any.
        yield from (data for data in parser.finish() if data == "[DONE]" or _parsed(data) is not None)

    def _next(self, exchange: Exchange) -> Head | bytes | None:
        try:
            return exchange.next_piece(self._due - time.monotonic())
        except Overdue as exc:
            raise self._overdue(connecting=exc.connecting) from exc
        except Unreachable as exc:
            where, why = self._where, self._tidy(str(exc))
            error = LLMUnreachable(
                f"no connection to {where}: {why}", hint="is the server running, and is `base_url` right?"
            )
            raise _Unanswered(error) from exc
        except ExchangeError as exc:
            raise LLMFailed(f"the answer of {self._where} broke off: {self._tidy(str(exc))}") from exc

    def _check_head(self, exchange: Exchange) -> None:
        """Take the response's head; raise unless an answer follows."""
        head = self._next(exchange)
        if not isinstance(head, Head):
            raise LLMFailed(f"{self._where} gave no response")
        if head.status != 200:
            raise self._refusal(head.status, self._error_body(exchange), _retry_after_s(head.headers))
        kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            said = self._said(self._error_body(exchange))
            raise LLMFailed(
                f"{self._where} sent {self._tidy(kind) or 'something without a type'}, not a stream of events{said}",
                hint="is `base_url` that of an OpenAI-compatible server? it often ends in /v1",
            )

    def _error_body(self, exchange: Exchange) -> object:
        """Return what follows a head that promises no answer: a JSON object, or text."""
        body = b""
        try:
            while len(body) < _ERROR_BODY_BYTES and isinstance(piece := self._next(exchange), bytes):
                body += piece
        except (LLMError, _Unanswered):
            pass  # The status alone must do.
        text = body[:_ERROR_BODY_BYTES].decode("utf-8", errors="replace")
        parsed = _parsed(text)
        return text if parsed is None else parsed

    def _refusal(self, status: int | None, body: object, retry_after_s: float | None = None) -> LLMError | _Unanswered:
        """Return the error for a status, with the server's own words, as one to try again where that may help."""
        said = self._said(body)
        message = f"{self._where} answered {status}{said}" if status else f"{self._where} broke off{said}"
        error = _error_for(status, message, self._server, retry_after_s)
        if self._started:
            return error
        if status is not None and (status in {408, 409, 429} or status >= 500):
            return _Unanswered(error, retry_after_s=retry_after_s)
        parameter = _parameter_in(body) if status in {400, 422} else None
        return _Unanswered(error, parameter=parameter) if parameter else error

    def _overdue(self, *, connecting: bool) -> LLMTimeout:
        waits = self._timeouts
        if connecting:
            return LLMTimeout(f"no connection to {self._where} within {waits.connect_s:g} s", hint=_raise("connect_s"))
        if time.monotonic() >= self._ends:
            return LLMTimeout(f"{self._where} did not finish within {waits.total_s:g} s", hint=_raise("total_s"))
        if self._started:
            message = f"{self._where} sent nothing more for {waits.between_tokens_s:g} s"
            return LLMTimeout(message, hint=_raise("between_tokens_s"))
        message = f"{self._where} sent no first word within {waits.first_token_s:g} s"
        return LLMTimeout(message, hint=_raise("first_token_s"))

    def _check_end(self, completion: _Completion) -> None:
        if completion.reason is None:
            raise LLMFailed(
                f"the answer of {self._where} ended early", hint="ask again; the text so far is not complete"
            )
        if completion.reason == "length":
            raise LLMFailed(
                f"{self._where} stopped at the longest answer it may give", hint="raise the model's `max_tokens`"
            )
        if completion.reason == "content_filter":
            raise LLMFailed(f"{self._where} withheld the answer: its content filter")
        if not self._started:
            raise LLMFailed(f"{self._where} gave an empty answer")

    @property
    def _where(self) -> str:
        return self._server.base_url

    def _said(self, body: object) -> str:
        said = self._tidy(_message_in(body))
        return f": {said}" if said else ""

    def _tidy(self, foreign: str) -> str:
        """Return foreign text on one line, safe to print, without our key, and short."""
        text = clean_line(foreign[:_ERROR_BODY_BYTES])
        if self._server.key is not None:
            text = text.replace(self._server.key.reveal(), repr(self._server.key))
        return text if len(text) <= MAX_MESSAGE_CHARS else f"{text[: MAX_MESSAGE_CHARS - 1]}…"


def _raise(setting: str) -> str:
    return f"is the server busy? raise `timeouts.{setting}` if it needs longer"


def _checked_url(url: str) -> str:
    """Return a base URL without a slash at its end. Raise ``ConfigError``."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the server's `base_url` is not a URL", hint="it looks like http://127.0.0.1:8080/v1")
    if parts.username is not None or parts.query or parts.fragment:
        # Whatever stands there may be a secret: it is not shown.
        raise ConfigError(
            f"the `base_url` of {parts.hostname} has a user name, a query or a fragment",
            hint="a key belongs in the variable that `api_key_env` names",
        )
    return parts.geturl().rstrip("/")


def _without(request: Mapping[str, object], parameter: str) -> dict[str, object]:
    """Return the request without a parameter that newer models refuse, or under the name that they use."""
    adapted = {name: value for name, value in request.items() if name != parameter}
    if parameter == "max_tokens":
        adapted["max_completion_tokens"] = request[parameter]
    return adapted


def _error_for(status: int | None, message: str, server: Server, retry_after_s: float | None) -> LLMError:
    if status in {401, 403}:
        return LLMAuthenticationError(message, hint=f"check the key in {server.key_variable}")
    if status == 429:
        wait = f"in {retry_after_s:.0f} s" if retry_after_s else "later"
        return LLMRateLimited(message, hint=f"ask again {wait}")
    if status == 408:
        return LLMTimeout(message, hint="ask again")
    if status == 404:
        return LLMFailed(
            message, hint="is the model's name right, and does `base_url` end where the server's API begins?"
        )
    if status is not None and 300 <= status < 400:
        return LLMFailed(f"{message}: a redirect, which is not followed", hint="set `base_url` to where it leads")
    return LLMFailed(message)


def _parsed(data: str) -> dict[str, object] | None:
    try:
        value: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _read_chunk(event: Mapping[str, object], completion: _Completion) -> tuple[str, bool]:
    """Return an event's text, and whether the model got on: it may be thinking. ``completion`` takes the rest."""
    usage = event.get("usage")
    if isinstance(usage, dict):
        completion.usage = Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return "", False
    reason = choice.get("finish_reason")
    if isinstance(reason, str) and reason:
        completion.reason = reason
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return "", False
    text = plain(_text_in(delta.get("content")))
    return text, bool(text or delta.get("content") or delta.get("reasoning_content") or delta.get("reasoning"))


def _text_in(content: object) -> str:
    """Return a delta's text, which some servers send in typed parts beside what the model thinks."""
    if isinstance(content, list):
        return "".join(_text_in(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _status_in(error: object) -> int | None:
    """Return the HTTP status that an error inside a stream carries."""
    code = error.get("code") if isinstance(error, dict) else None
    return int(code) if isinstance(code, int | str) and re.fullmatch(r"[1-5]\d\d", str(code)) else None


def _message_in(body: object) -> str:
    """Return what an error's body says, under the names that servers use for it; of a page, the title."""
    if isinstance(body, dict):
        error = body.get("error")
        if isinstance(error, dict):
            return _message_in(error)
        return next((text for text in (error, body.get("message"), body.get("detail")) if isinstance(text, str)), "")
    if not isinstance(body, str):
        return ""
    if body.lstrip()[:1] == "<":
        title = _TITLE.search(body)
        return title[1] if title else ""
    return body


def _parameter_in(body: object) -> str | None:
    """Return the optional parameter that a server says it does not take."""
    error = body.get("error") if isinstance(body, dict) else None
    parameter = error.get("param") if isinstance(error, dict) else None
    return parameter if parameter in {"temperature", "max_tokens", "stream_options"} else None


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
