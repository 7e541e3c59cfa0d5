"""An OpenAI-compatible server, well behaved and otherwise: real sockets on this machine."""

from __future__ import annotations

import json
import logging
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile, Secret, Timeouts
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
from assistant.llm import Message, Prompt, open_llm
from assistant.llm.openai import MAX_TRIES, OpenAICompatible, Server

KEY = "sk-very-secret-0123456789"
PROMPT = Prompt(
    "Who?", (), "Rules.", (Message("user", "An example"), Message("assistant", "So"), Message("user", "Who?"))
)
TINY = Timeouts(connect_s=5, first_token_s=0.2, between_tokens_s=0.2, total_s=30)
STALL = object()

Reply = Sequence[object]


@dataclass
class Fake:
    """A server that plays one script for each connection, the last one again and again, and keeps what it was asked.

    A script is a sequence of bytes to send and ``STALL``, which keeps the connection open until the test is over.
    """

    scripts: list[Reply]
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            script = self.scripts[min(len(self._threads), len(self.scripts)) - 1]
            self._threads.append(threading.Thread(target=self._play, args=(connection, script)))
            self._threads[-1].start()

    def _play(self, connection: socket.socket, script: Reply) -> None:
        with connection, connection.makefile("rb") as received:
            head = b"".join(iter(received.readline, b"\r\n")).decode()
            length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
            self.requests.append((head, received.read(length)))
            for act in script:
                if act is STALL:
                    self._over.wait()
                    return
                try:
                    connection.sendall(act if isinstance(act, bytes) else b"")
                except OSError:  # The client has had enough.
                    return


@pytest.fixture
def serve() -> Iterator[Callable[..., Fake]]:
    fakes: list[Fake] = []

    def start(*scripts: Reply) -> Fake:
        fakes.append(Fake(list(scripts)))
        return fakes[-1]

    yield start
    for fake in fakes:
        fake.close()


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n{''.join(lines)}\r\n".encode()


def event(text: str | None = None, reason: str | None = None, **more: object) -> bytes:
    delta = {"content": text} if text is not None else {}
    return b"data: " + json.dumps({"choices": [{"delta": delta, "finish_reason": reason}], **more}).encode() + b"\n\n"


def refusal(status: int, message: str = "no", param: str | None = None, **headers: str) -> Reply:
    body = json.dumps({"error": {"message": message, "param": param}}).encode()
    return [head(status, "application/json", **headers), body]


DONE = b"data: [DONE]\n\n"
GOOD: Reply = [head(), event("It "), event("was. [1]"), event(reason="stop"), DONE]


@dataclass
class Asked:
    """How an answer went."""

    pieces: list[str | Usage]
    error: LLMError | None
    pauses: list[float]


def ask(
    url: str, *, key: str | None = KEY, timeouts: Timeouts | None = None, profile: ModelProfile | None = None
) -> Asked:
    asked = Asked([], None, [])
    llm = OpenAICompatible(
        "openai:m",
        "m",
        Server(url, Secret(key) if key else None, "OPENAI_API_KEY"),
        profile or ModelProfile(),
        timeouts or Timeouts(),
        sleep=asked.pauses.append,
    )
    try:
        for piece in llm.stream(PROMPT):
            asked.pieces.append(piece)
    except LLMError as exc:
        asked.error = exc
    return asked


def test_an_answer_streams_and_then_says_what_it_cost(serve: Callable[..., Fake]) -> None:
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}}\n\n'
    fake = serve([head(), b": wait\n\n", event(""), event("It "), event("was. [1]"), event(reason="stop"), usage, DONE])

    assert ask(fake.url) == Asked(["It ", "was. [1]", Usage(12, 3)], None, [])


def test_the_request_holds_the_prompt_in_roles_and_the_key_in_a_header(serve: Callable[..., Fake]) -> None:
    fake = serve(GOOD)

    ask(fake.url, profile=ModelProfile(max_tokens=50, temperature=0.5))

    sent, body = fake.requests[0]
    assert sent.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}\r\n" in sent.replace("Authorization", "authorization")
    assert json.loads(body) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "An example"},
            {"role": "assistant", "content": "So"},
            {"role": "user", "content": "Who?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 50,
    }


def test_a_server_without_a_key_is_asked_without_one(serve: Callable[..., Fake]) -> None:
    fake = serve(GOOD)

    assert ask(fake.url, key=None).error is None
    assert "authorization" not in fake.requests[0][0].lower()


@pytest.mark.parametrize(
    "script",
    [
        [head(), event("It "), event("was. [1]"), event(reason="stop")],  # no [DONE]
        [head(), event("It "), event("was. [1]"), DONE],  # no reason
        [head(), event("It "), event("was. [1]"), b"data: [DONE]"],  # no blank line
        [head(), event("It "), event("was. [1]", "stop"), STALL],  # a connection left open
        [head(), *(bytes([byte]) for byte in b"".join(GOOD[1:]))],  # type: ignore[arg-type]
        [head(), b"\xef\xbb\xbf", b"".join(GOOD[1:]).replace(b"\n", b"\r\n")],  # type: ignore[arg-type]
        [head(kind="text/event-stream; charset=utf-8"), *GOOD[1:]],
        [head(content_encoding="gzip"), zlib.compress(b"".join(GOOD[1:]), wbits=31)],  # type: ignore[arg-type]
        [
            head(),
            event("It "),
            b'data: {"choices":[{"delta":{"content":[{"type":"text","text":"was. [1]"}]}}]}\n\n',
            DONE,
        ],
        [head(), event("It \x1b]52;c;eA\x07"[:4]), event("was. [1]"), DONE],  # an escape character
    ],
)
def test_a_finished_answer_is_taken_however_it_is_sent(serve: Callable[..., Fake], script: Reply) -> None:
    fake = serve(script)

    assert ask(fake.url) == Asked(["It ", "was. [1]"], None, [])


def test_a_busy_server_is_asked_again(serve: Callable[..., Fake]) -> None:
    fake = serve(refusal(500), refusal(503), [head(), b'data: {"error": {"code": 429, "message": "busy"}}\n\n'], GOOD)

    asked = ask(fake.url)

    assert (asked.pieces, asked.error) == (["It ", "was. [1]"], None)
    assert all(0 <= pause <= 2**n / 2 for n, pause in enumerate(asked.pauses))
    assert len(asked.pauses) == 3


def test_the_wait_that_the_server_asks_for_is_kept(serve: Callable[..., Fake]) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    fake = serve(refusal(429, Retry_After="7"), refusal(429, Retry_After=date), GOOD)

    assert ask(fake.url).pauses == [7.0, 0.0]


@pytest.mark.parametrize(
    ("wait", "hint"),
    [
        ("3600", "ask again in 3600 s"),
        (format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True), "ask again in "),
    ],
)
def test_a_wait_that_is_too_long_is_shown_instead(serve: Callable[..., Fake], wait: str, hint: str) -> None:
    fake = serve(refusal(429, "slow down", Retry_After=wait))

    asked = ask(fake.url)

    assert isinstance(asked.error, LLMRateLimited)
    assert str(asked.error) == f"{fake.url} answered 429: slow down"
    assert (asked.error.hint or "").startswith(hint)
    assert asked.pauses == []


def test_after_the_last_try_the_servers_own_words_are_shown(serve: Callable[..., Fake]) -> None:
    fake = serve(refusal(502, "upstream is down"))

    asked = ask(fake.url)

    assert str(asked.error) == f"{fake.url} answered 502: upstream is down"
    assert len(fake.requests) == MAX_TRIES


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        (refusal(400, "bad"), LLMFailed, "answered 400: bad"),
        (refusal(401, "bad key"), LLMAuthenticationError, "answered 401: bad key"),
        (refusal(403, "not yours"), LLMAuthenticationError, "answered 403: not yours"),
        (refusal(404, "no such model"), LLMFailed, "answered 404: no such model"),
        ([head(404, "application/json"), b'{"error": "model not found"}'], LLMFailed, "answered 404: model not found"),
        ([head(422, "application/json"), b'{"detail": "bad"}'], LLMFailed, "answered 422: bad"),
        ([head(404, "text/html"), b"<html><title>Not\nhere</title><p>x"], LLMFailed, "answered 404: Not here"),
        ([head(404, "text/html"), b"<html><p>x"], LLMFailed, "answered 404"),
        (
            [head(404, "text/plain"), b"\x1b[31mno\x1b[0m \x00" + b"y" * 500],
            LLMFailed,
            f"answered 404: no {'y' * 196}…",
        ),
        (
            [head(307, "text/plain", Location="http://127.0.0.1:1/"), b""],
            LLMFailed,
            "answered 307: a redirect, which is not followed",
        ),
        (
            [head(200, "text/html"), b"<title>Log in</title>"],
            LLMFailed,
            "sent text/html, not a stream of events: Log in",
        ),
        ([head(200, "application/json"), b"{}"], LLMFailed, "sent application/json, not a stream of events"),
        ([head(), event(reason="stop"), DONE], LLMFailed, "gave an empty answer"),
        ([head(), b"data: x\n\n"], LLMFailed, "sent an event that is not a JSON object"),
        ([head(), b'data: {"error": {"message": "context length"}}\n\n'], LLMFailed, "broke off: context length"),
        ([head(), b"x" * 1_100_000], LLMFailed, "sent an event of more than 1,000,000 bytes"),
    ],
)
def test_what_cannot_get_better_is_said_at_once_in_one_clean_line(
    serve: Callable[..., Fake], script: Reply, kind: type[LLMError], message: str
) -> None:
    fake = serve(script)

    asked = ask(fake.url)

    assert (type(asked.error), str(asked.error)) == (kind, f"{fake.url} {message}")
    assert (asked.pieces, asked.pauses, len(fake.requests)) == ([], [], 1)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ([], "the answer of {url} ended early"),
        ([b'data: {"choices": [{"del'], "the answer of {url} ended early"),
        ([b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'], "{url} answered 500: out of memory"),
        ([b"data: <html>\n\n"], "{url} sent an event that is not a JSON object"),
        ([b"x" * 1_100_000], "{url} sent an event of more than 1,000,000 bytes"),
        ([event(reason="length"), DONE], "{url} stopped at the longest answer it may give"),
        ([event(reason="content_filter"), DONE], "{url} withheld the answer: its content filter"),
    ],
)
def test_an_answer_that_breaks_off_is_never_asked_again_and_never_taken_for_whole(
    serve: Callable[..., Fake], rest: Reply, message: str
) -> None:
    fake = serve([head(), event("It was"), *rest])

    asked = ask(fake.url)

    assert isinstance(asked.error, LLMFailed)
    assert str(asked.error) == message.format(url=fake.url)
    assert (asked.pieces, len(fake.requests)) == (["It was"], 1)


def test_a_body_that_is_cut_keeps_what_had_arrived(serve: Callable[..., Fake]) -> None:
    fake = serve([head(content_length="999"), event("It was")])

    asked = ask(fake.url)

    assert asked.pieces == ["It was"]
    assert str(asked.error).startswith(f"the answer of {fake.url} broke off: ")


@pytest.mark.parametrize(
    ("script", "pieces", "message"),
    [
        ([STALL], [], "sent no first word within 0.2 s"),
        ([b"HTTP/1.1 200 X\r\n", STALL], [], "sent no first word within 0.2 s"),
        ([head(), STALL], [], "sent no first word within 0.2 s"),
        ([head(), b": still here\n\n" * 9, event(""), STALL], [], "sent no first word within 0.2 s"),
        ([head(), event("It was"), STALL], ["It was"], "sent nothing more for 0.2 s"),
        ([head(), event("It was"), b"data: ", b"x", STALL], ["It was"], "sent nothing more for 0.2 s"),
    ],
)
def test_a_server_that_stalls_runs_into_its_deadline(
    serve: Callable[..., Fake], script: Reply, pieces: list[str], message: str
) -> None:
    fake = serve(script)

    asked = ask(fake.url, timeouts=TINY)

    assert isinstance(asked.error, LLMTimeout)
    assert str(asked.error) == f"{fake.url} {message}"
    assert (asked.pieces, len(fake.requests)) == (pieces, 1)


def test_a_server_that_drips_for_ever_runs_into_the_deadline_for_all(serve: Callable[..., Fake]) -> None:
    fake = serve([head(), event("a"), *[event(reason=None)] * 5, STALL])

    asked = ask(fake.url, timeouts=Timeouts(first_token_s=9, between_tokens_s=9, total_s=0.3))

    assert str(asked.error) == f"{fake.url} did not finish within 0.3 s"


def test_nobody_at_the_address_is_said_after_trying_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"

    asked = ask(url)

    assert isinstance(asked.error, LLMUnreachable)
    assert str(asked.error).startswith(f"no connection to {url}: ")
    assert len(asked.pauses) == MAX_TRIES - 1


def test_a_bomb_of_gzip_is_cut(serve: Callable[..., Fake]) -> None:
    fake = serve([head(content_encoding="gzip"), zlib.compress((b": " + b"x" * 9_997 + b"\n") * 2_000, wbits=31)])

    assert str(ask(fake.url).error) == f"the answer of {fake.url} broke off: more than 16,000,000 bytes"


def test_a_content_coding_that_was_not_asked_for_is_refused(serve: Callable[..., Fake]) -> None:
    fake = serve([head(content_encoding="gzip, gzip"), b"x"])

    assert str(ask(fake.url).error) == (
        f"the answer of {fake.url} broke off: content coding 'gzip, gzip' was not asked for"
    )


def test_a_parameter_that_a_model_refuses_is_left_out_and_the_limit_renamed(serve: Callable[..., Fake]) -> None:
    fake = serve(refusal(400, "no", "temperature"), refusal(400, "no", "max_tokens"), GOOD)

    asked = ask(fake.url, profile=ModelProfile(max_tokens=9))

    assert (asked.error, asked.pauses) == (None, [])
    last = json.loads(fake.requests[2][1])
    assert "temperature" not in last
    assert "max_tokens" not in last
    assert last["max_completion_tokens"] == 9


@pytest.mark.parametrize(
    "script",
    [
        refusal(401, f"Incorrect API key provided: {KEY}. Bearer {KEY}"),
        [head(400, "text/plain"), KEY.encode()],
        [head(), f'data: {{"error": {{"message": "key {KEY}"}}}}\n\n'.encode()],
    ],
)
def test_the_key_is_in_no_message_no_repr_and_no_log(
    serve: Callable[..., Fake], script: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake = serve(script)

    asked = ask(fake.url)

    assert "***" in str(asked.error)
    assert KEY not in repr(asked) + caplog.text
    assert KEY not in repr(OpenAICompatible("openai:m", "m", Server(fake.url, Secret(KEY), "OPENAI_API_KEY")))


def test_an_answer_that_is_no_longer_wanted_is_hung_up(serve: Callable[..., Fake]) -> None:
    fake = serve([head(), event("It was"), STALL])
    stream = OpenAICompatible("openai:m", "m", Server(fake.url, None, "")).stream(PROMPT)
    assert isinstance(stream, Iterator)

    assert next(stream) == "It was"
    stream.close()  # type: ignore[attr-defined]

    for thread in threading.enumerate():
        if thread.name == "exchange":
            thread.join(5)
            assert not thread.is_alive()


def config(tmp_path: Path, **models: ModelProfile) -> Config:
    return Config(home=tmp_path, prompts=tmp_path, models=models)


def opened(name: str, config: Config, env: dict[str, str]) -> tuple[str, str | None, str]:
    llm = open_llm(name, config, env=env)
    assert isinstance(llm, OpenAICompatible)
    return llm.server.base_url, llm.server.key.reveal() if llm.server.key else None, llm.model


def test_the_server_and_its_key_come_from_the_environment_or_a_profile(tmp_path: Path) -> None:
    local = ModelProfile(base_url="http://127.0.0.1:8080/v1/", model="qwen")
    router = ModelProfile(base_url="https://router.example/api/v1", api_key_env="ROUTER_KEY")
    settings = config(tmp_path, local=local, router=router)
    env = {"OPENAI_API_KEY": "sk-1", "ROUTER_KEY": " sk-2\n"}

    assert opened("openai:gpt", settings, env) == ("https://api.openai.com/v1", "sk-1", "gpt")
    assert opened("openai:gpt", settings, env | {"OPENAI_BASE_URL": "http://box:1/v1"}) == (
        "http://box:1/v1",
        "sk-1",
        "gpt",
    )
    assert opened("openai:gpt", settings, {"OPENAI_BASE_URL": "http://box:1/v1"}) == ("http://box:1/v1", None, "gpt")
    assert opened("openai:local", settings, env) == ("http://127.0.0.1:8080/v1", None, "qwen")
    assert opened("openai:router", settings, env) == ("https://router.example/api/v1", "sk-2", "router")


@pytest.mark.parametrize(
    ("env", "message", "hint"),
    [
        ({}, "no key for https://api.openai.com/v1", "set OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": "  "}, "no key for https://api.openai.com/v1", "set OPENAI_API_KEY"),
        (
            {"OPENAI_API_KEY": "sk-\n1"},
            "the key in OPENAI_API_KEY cannot be sent: odd characters",
            "set OPENAI_API_KEY",
        ),
    ],
)
def test_a_key_that_is_missing_or_broken_is_said_before_anything_is_sent(
    tmp_path: Path, env: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(LLMAuthenticationError) as caught:
        open_llm("openai:gpt", config(tmp_path), env=env)

    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "url", ["box", "ftp://box", "http://", "http://u:sk-1@box/v1", "http://box/v1?key=sk-1", "http://[x"]
)
def test_a_base_url_that_is_none_or_holds_a_secret_is_refused_without_showing_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_llm("openai:gpt", config(tmp_path), env={"OPENAI_BASE_URL": url})

    assert "base_url" in str(caught.value)
    assert "sk-1" not in str(caught.value)
