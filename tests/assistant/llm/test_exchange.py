"""One request and its answer in pieces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.config import Secret
from assistant.llm import exchange
from assistant.llm.exchange import Closed, Exchange, Head, Unreachable, is_here, prepare
from tests.assistant.running import LONGEST_S, Running
from tests.scripted_server import STALL, ScriptedServer, head


def asked(url: str, body: bytes | None) -> list[Head | bytes]:
    request = Exchange(url, body, headers={"x-api-key": Secret("sk-1"), "accept": "a/b"}, connect_s=60, read_s=60)
    try:
        return list(iter(lambda: request.next_piece(60), None))
    finally:
        request.close()


@pytest.mark.parametrize(("body", "method"), [(b"{}", "POST"), (None, "GET")])
def test_what_has_a_body_is_posted_and_what_has_none_is_got(
    serve: Callable[..., ScriptedServer], body: bytes | None, method: str
) -> None:
    server = serve([head(201, "c/d", X_Y="z"), b"abc"])

    first, *rest = asked(f"{server.url}/x", body)

    assert first == Head(201, {"content-type": "c/d", "connection": "close", "x-y": "z"})
    assert b"".join(piece for piece in rest if isinstance(piece, bytes)) == b"abc"
    sent, received = server.requests[0]
    assert sent.startswith(f"{method} /v1/x HTTP/1.1\r\n")
    assert ("x-api-key: sk-1\r\n" in sent, "accept: a/b\r\n" in sent, received) == (True, True, body or b"")


@pytest.mark.parametrize("script", [[STALL], [head(), STALL], [head(), b"abc", STALL]])
def test_closing_tells_whoever_waits_and_the_server(serve: Callable[..., ScriptedServer], script: list[object]) -> None:
    server = serve(script)
    request = Exchange(server.url, b"{}", headers={}, connect_s=3600, read_s=3600)
    waiting = Running(iter(lambda: request.next_piece(3600), None))
    assert server.is_asked.wait(LONGEST_S)

    request.close()
    waiting.wait()

    assert isinstance(waiting.error, Closed)
    assert server.is_left.wait(LONGEST_S)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:1", True),
        ("http://localhost", True),
        ("http://localhost.example", False),
        ("http://10.0.0.2", False),
        ("http://127.0.0.1.example", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_address(url: str, here: bool) -> None:
    assert is_here(url) is here


@pytest.fixture
def no_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    exchange._tls.cache_clear()
    yield
    exchange._tls.cache_clear()


@pytest.mark.usefixtures("no_certificates")
def test_without_certificates_nothing_is_reached_and_preparing_says_nothing() -> None:
    prepare()
    for thread in threading.enumerate():
        if thread.name == "prepare":
            thread.join()

    with pytest.raises(Unreachable, match="no certificates to check it by"):
        asked("https://127.0.0.1:1/v1", None)
