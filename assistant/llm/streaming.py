"""What all servers have in common: tries, deadlines, and an answer that is whole only when the server says so."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.config import Timeouts
from assistant.conversation import Usage
from assistant.errors import LLMError, LLMFailed, LLMStopped, LLMTimeout, LLMUnreachable
from assistant.llm.constraint import constraint_for, reader_for
from assistant.llm.exchange import Closed, Exchange, ExchangeError, Head, Overdue, Unreachable
from assistant.llm.refusals import (
    MAX_ERROR_BYTES,
    Refusal,
    message_in,
    parsed_body,
    parsed_object,
    refusal_in_stream,
    refusal_of,
)
from assistant.llm.sse import MAX_EVENT_BYTES, EventTooLong
from assistant.llm.stopping import Stop
from assistant.llm.thinking import ThoughtFilter, ThoughtUnopened
from assistant.llm.wire import Ending, Event
from store.cleaning import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from assistant.config import ModelProfile
    from assistant.llm import Prompt
    from assistant.llm.constraint import AnswerReader
    from assistant.llm.server import Server
    from assistant.llm.wire import WireFormat

MAX_TRIES = 4
# Full jitter, as in the AWS Architecture Blog, "Exponential Backoff And Jitter": uniform in 0 .. base * 2^n.
_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 20.0
# A server that asks for a longer pause gets its refusal shown instead.
LONGEST_RETRY_AFTER_S = 60.0

# How long to wait, once the server has said that it is finished, for what the answer cost.
_USAGE_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class ServedLLM:
    """The model of a profile behind a server, streamed.

    ``sleep`` waits between tries, or until the answer is stopped; ``refused`` are the parameters that the server was
    found not to take.
    """

    name: str
    server: Server
    wire: WireFormat
    profile: ModelProfile
    timeouts: Timeouts = field(default_factory=Timeouts)
    sleep: Callable[[Stop, float], object] = Stop.wait
    refused: list[str] = field(default_factory=list, compare=False)

    @property
    def context_tokens(self) -> int | None:
        """How much the model reads and writes in one request, ``None`` if that is not known."""
        return self.wire.context_tokens(self.profile)

    def stream(self, prompt: Prompt) -> Iterator[str | Usage]:
        """Yield the answer as it is written, then its ``Usage`` if the server gives one.

        Before the first piece, a busy server (408, 409, 429, 5xx) or a failed connection is tried again, up to
        ``MAX_TRIES`` times. Raise ``LLMContextExceeded`` for a prompt that is too long, and another ``LLMError`` for
        anything but an answer that the server says is finished. One that is stopped has its connection cut, by which a
        server knows that it need not go on.
        """
        ends = time.monotonic() + self.timeouts.total_s
        for tries in range(1, MAX_TRIES + 1):
            prompt.stop.check()
            request = self._request(prompt)
            try:
                yield from _Attempt(self, prompt, request, ends).pieces()
            except _Unanswered as exc:
                if tries == MAX_TRIES:
                    raise exc.error from exc
                if exc.parameter in request:
                    self.refused.append(exc.parameter)
                else:
                    self._wait(prompt.stop, exc, tries, ends)
            else:
                return

    def _request(self, prompt: Prompt) -> dict[str, object]:
        request = self.wire.request(prompt, self.profile)
        for parameter in self.refused:
            if parameter in request:
                request = self.wire.without(request, parameter)
        return request

    def _wait(self, stop: Stop, refused: _Unanswered, tries: int, ends: float) -> None:
        """Wait before the next try; raise the error itself when the wait would be too long, or of no use."""
        pause = refused.retry_after_s
        if pause is None:
            pause = random.SystemRandom().uniform(0, min(_LONGEST_BACKOFF_S, _BACKOFF_S * 2 ** (tries - 1)))
        if refused.parameter or pause > LONGEST_RETRY_AFTER_S or time.monotonic() + pause > ends:
            raise refused.error from refused
        self.sleep(stop, pause)


class _Unanswered(Exception):
    """A try failed before its first token, and another one may do better.

    ``parameter`` is the one of the request that the server does not take.
    """

    def __init__(self, error: LLMError, *, retry_after_s: float | None = None, parameter: str = "") -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_s = retry_after_s
        self.parameter = parameter


class _Attempt:
    """One request and the reading of its answer."""

    def __init__(self, llm: ServedLLM, prompt: Prompt, request: Mapping[str, object], ends: float) -> None:
        self._server, self._wire, self._timeouts = llm.server, llm.wire, llm.timeouts
        self._url = f"{llm.server.base_url}{llm.wire.path(llm.profile)}"
        self._body = json.dumps(request).encode()
        self._stop = prompt.stop
        self._ends = ends
        self._first_token_s = self._timeouts.first_token(is_here=llm.server.is_here)
        self._due = min(time.monotonic() + self._first_token_s, ends)
        self._text = _Text(reader_for(constraint_for(llm.profile.constrain, prompt)))
        self._ending: Ending | None = None
        self._usage: Usage | None = None
        self._progressed = False

    def pieces(self) -> Iterator[str | Usage]:
        """Yield the text, then the usage. Raise ``LLMError``, or ``_Unanswered`` before the first text."""
        exchange = Exchange(
            self._url,
            self._body,
            headers={"accept": ", ".join(sorted(self._wire.media_types)), **self._wire.headers(self._server.key)},
            connect_s=self._timeouts.connect_s,
            read_s=max(self._first_token_s, self._timeouts.between_tokens_s),
        )
        try:
            with self._stop.calling(exchange.close):
                self._check_head(exchange)
                yield from self._texts(exchange)
        except LLMError:
            # Once the answer is finished, nothing that goes wrong matters: only its cost was still to come.
            if self._ending is None:
                raise
        finally:
            exchange.close()
        if self._ending is not None and (rest := self._text.finish()):
            yield rest
        if self._usage is not None:
            yield self._usage
        self._check_end()

    def _texts(self, exchange: Exchange) -> Iterator[str]:
        for data in self._events(exchange):
            self._stop.check()  # A piece may hold many events.
            if self._wire.ends_with(data):
                self._ending = self._ending or Ending("stop")
                return
            parsed = parsed_object(data)
            if parsed is None:
                raise LLMFailed(
                    f"{self._where} sent an event that is not a JSON object", hint=self._wire.advice.not_a_stream
                )
            event = self._wire.read(parsed)
            if event.error is not None:
                raise self._refused(refusal_in_stream(event.error))
            if text := self._taken(event):
                yield text
            if event.is_last:
                return

    def _taken(self, event: Event) -> str:
        """Return an event's part of the answer, and note what else it says."""
        self._usage = _joined(self._usage, event.usage)
        if event.progressed or event.text:
            self._progressed = True
            self._due = min(time.monotonic() + self._timeouts.between_tokens_s, self._ends)
        self._ending = event.ending or self._ending
        if self._ending is not None:
            self._due = min(time.monotonic() + _USAGE_WAIT_S, self._ends)
        try:
            return self._text.feed(event.text)
        except ThoughtUnopened:
            raise LLMFailed(
                f"{self._where} mixes the model's thoughts into its answer",
                hint="have the server take them out (llama.cpp and vLLM: their options for reasoning)",
            ) from None

    def _events(self, exchange: Exchange) -> Iterator[str]:
        parser = self._wire.frames()
        try:
            while (piece := self._next(exchange)) is not None:
                if isinstance(piece, bytes):
                    yield from parser.feed(piece)
        except EventTooLong:
            message = f"{self._where} sent an event of more than {MAX_EVENT_BYTES:,} bytes"
            raise LLMFailed(message, hint=self._wire.advice.not_a_stream) from None
        # What a cut connection leaves may be half an event; a whole one without its line break is as good as any.
        yield from (data for data in parser.finish() if self._wire.ends_with(data) or parsed_object(data) is not None)

    def _next(self, exchange: Exchange) -> Head | bytes | None:
        try:
            return exchange.next_piece(self._due - time.monotonic())
        except Closed:
            raise LLMStopped("stopped") from None
        except Overdue as exc:
            raise self._overdue(connecting=exc.connecting) from exc
        except Unreachable as exc:
            message = f"no connection to {self._where}{self._server.said(str(exc))}"
            raise _Unanswered(LLMUnreachable(message, hint=self._wire.advice.unreachable)) from exc
        except ExchangeError as exc:
            message = f"the answer of {self._where} broke off{self._server.said(str(exc))}"
            raise LLMFailed(message, hint="ask again; the text so far is not complete") from exc

    def _check_head(self, exchange: Exchange) -> None:
        """Take the response's head; raise unless an answer follows."""
        head = self._next(exchange)
        if not isinstance(head, Head):
            raise LLMFailed(f"{self._where} gave no response", hint="ask again")
        if head.status != 200:
            raise self._refused(refusal_of(head.status, head.headers, self._error_body(exchange)))
        kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in self._wire.media_types:
            return
        body = self._error_body(exchange)
        if isinstance(body, dict) and body.get("error"):
            raise self._refused(refusal_in_stream(body["error"]))
        what = self._server.tidy(kind) or "something without a type"
        raise LLMFailed(
            f"{self._where} sent {what}, not a stream of events{self._server.said(message_in(body))}",
            hint=self._wire.advice.not_a_stream,
        )

    def _error_body(self, exchange: Exchange) -> object:
        """Return what follows a head that promises no answer."""
        body = b""
        try:
            while len(body) < MAX_ERROR_BYTES and isinstance(piece := self._next(exchange), bytes):
                body += piece
        except LLMStopped:
            raise
        except (LLMError, _Unanswered):
            pass  # The status alone must do.
        return parsed_body(body)

    def _refused(self, refusal: Refusal) -> LLMError | _Unanswered:
        """Return the error for a refusal, as one to try again where that may help."""
        error = refusal.error(self._server, self._wire.advice, started=self._text.has_begun)
        if self._text.has_begun:
            return error
        if refusal.may_pass:
            return _Unanswered(error, retry_after_s=refusal.retry_after_s)
        parameter = refusal.parameter(self._wire.optional)
        return _Unanswered(error, parameter=parameter) if parameter else error

    def _overdue(self, *, connecting: bool) -> LLMTimeout:
        waits = self._timeouts
        if connecting:
            return LLMTimeout(f"no connection to {self._where} within {waits.connect_s:g} s", hint=_raise("connect_s"))
        if time.monotonic() >= self._ends:
            return LLMTimeout(f"{self._where} did not finish within {waits.total_s:g} s", hint=_raise("total_s"))
        if self._progressed:
            message = f"{self._where} sent nothing more for {waits.between_tokens_s:g} s"
            return LLMTimeout(message, hint=_raise("between_tokens_s"))
        message = f"{self._where} sent no first word within {self._first_token_s:g} s"
        return LLMTimeout(message, hint=_raise("first_token_s"))

    def _check_end(self) -> None:
        ending = self._ending
        if ending is None:
            raise LLMFailed(
                f"the answer of {self._where} ended early", hint="ask again; the text so far is not complete"
            )
        word = f" ({self._server.tidy(ending.word)})" if ending.word else ""
        if ending.kind == "length":
            raise LLMFailed(
                f"{self._where} stopped at the longest answer it may give", hint="raise the model's `max_tokens`"
            )
        if ending.kind == "filter":
            message = f"{self._where} withheld the answer: its content filter{word}"
            raise LLMFailed(message, hint="ask in other words, or another model with -m")
        if ending.kind == "other":
            raise LLMFailed(f"{self._where} stopped without finishing the answer{word}", hint="ask again")
        if not self._text.has_begun:
            raise LLMFailed(f"{self._where} gave an empty answer", hint="ask again, or another model with -m")

    @property
    def _where(self) -> str:
        return self._server.base_url


class _Text:
    """The answer's text on its way from the events: without thoughts, without JSON, safe to show."""

    def __init__(self, reader: AnswerReader) -> None:
        self._thoughts = ThoughtFilter()
        self._reader = reader
        self.has_begun = False

    def feed(self, piece: str) -> str:
        return self._shown(self._reader.feed(self._thoughts.feed(piece))) if piece else ""

    def finish(self) -> str:
        """Return what was held back until the end."""
        return self._shown(self._reader.feed(self._thoughts.finish()) + self._reader.finish())

    def _shown(self, text: str) -> str:
        text = plain(text)
        if not self.has_begun:
            # Blanks after a thought are no beginning.
            text = text.lstrip()
            self.has_begun = bool(text)
        return text


def _joined(before: Usage | None, new: Usage | None) -> Usage | None:
    """Return what both say together; the later word counts."""
    if before is None or new is None:
        return new or before
    prompt = before.prompt_tokens if new.prompt_tokens is None else new.prompt_tokens
    completion = before.completion_tokens if new.completion_tokens is None else new.completion_tokens
    return Usage(prompt, completion)


def _raise(setting: str) -> str:
    return f"is the server busy? raise `timeouts.{setting}` if it needs longer"
