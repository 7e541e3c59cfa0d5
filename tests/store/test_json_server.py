"""Asking a server in JSON over connections that are kept open, against real sockets."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from store.json_server import JsonServer, ServerError, _tls
from tests.scripted_server import KEY, STALL, ScriptedServer, head

# Made for 127.0.0.1 and ::1, with its key; from 2020 to 2120.
CERTIFICATE = Path(__file__).parents[1] / "self_signed.pem"


class Counting(ThreadingHTTPServer):
    """Answers each request with what it was asked, and keeps from which connection it came.

    With ``hangs_up`` it ends each connection after its answer without having said so.
    """

    daemon_threads = True

    def __init__(self, *, hangs_up: bool = False, host: str = "127.0.0.1", speaks_tls: bool = False) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), _Echo)
        self.hangs_up = hangs_up
        if speaks_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.asked: list[tuple[int, Any]] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that turns away is no error here."""


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Counting

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.client_address[1], body))
        answer = json.dumps(body).encode()
        self.send_response(404 if body == "missing" else 200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = self.server.hangs_up

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(server: Counting) -> Iterator[Counting]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def counting(request: pytest.FixtureRequest) -> Iterator[Counting]:
    with running(Counting(hangs_up=getattr(request, "param", False))) as server:
        yield server


@pytest.fixture
def over_tls() -> Iterator[Counting]:
    _tls.cache_clear()
    with running(Counting(speaks_tls=True)) as server:
        yield server
    _tls.cache_clear()


def asked_of(server: Counting, *bodies: object, scheme: str = "http") -> list[object]:
    answers: list[object] = []
    with closing(JsonServer(f"{scheme}://127.0.0.1:{server.server_address[1]}")) as client:
        for body in bodies:
            try:
                answers.append(client.ask("POST", "/echo", body, deadline_s=10))
            except ServerError as exc:
                answers.append(exc.status)
    return answers


def test_all_is_asked_once_over_one_connection(counting: Counting) -> None:
    bodies = [[1], "missing", {"two": 2}, "x" * 200_000]

    answers = asked_of(counting, *bodies)

    assert answers == [[1], 404, {"two": 2}, "x" * 200_000]
    assert [body for _, body in counting.asked] == bodies
    assert len({connection for connection, _ in counting.asked}) == 1


@pytest.mark.parametrize("counting", [True], indirect=True)
def test_where_the_server_ended_the_connection_a_new_one_is_made(counting: Counting) -> None:
    assert asked_of(counting, [1], [2], [3]) == [[1], [2], [3]]
    assert len({connection for connection, _ in counting.asked}) == 3


def refusal(url: str, **headers: str) -> ServerError:
    with closing(JsonServer(url, headers)) as client, pytest.raises(ServerError) as refused:
        client.ask("POST", "/echo", [1], deadline_s=10)
    return refused.value


def test_a_certificate_that_nobody_signed_is_refused_and_trusted_once_it_is_named(
    over_tls: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    refused = refusal(f"https://127.0.0.1:{over_tls.server_address[1]}", authorization=f"Bearer {KEY}")

    assert str(refused).startswith("its certificate is not trusted: self")  # "self-signed", once "self signed"
    assert refused.hint is not None
    assert "`export SSL_CERT_FILE=FILE`" in refused.hint
    assert not refused.may_pass
    assert over_tls.asked == []

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    _tls.cache_clear()
    assert asked_of(over_tls, [1], "x" * 200_000, scheme="https") == [[1], "x" * 200_000]
    assert len({connection for connection, _ in over_tls.asked}) == 1


def test_a_certificate_for_another_name_is_refused(over_tls: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    refused = refusal(f"https://localhost:{over_tls.server_address[1]}")

    assert "its certificate is not trusted: Hostname mismatch" in str(refused)
    assert refused.hint == "name the server as its certificate does"


def test_a_server_that_speaks_no_tls_is_told_with_the_way_to_write_it(counting: Counting) -> None:
    refused = refusal(f"https://127.0.0.1:{counting.server_address[1]}")

    assert str(refused).startswith("it does not speak TLS as it should: ")
    assert refused.hint == "write http:// where it speaks none"


def test_a_key_goes_to_no_other_machine_in_plain_text() -> None:
    refused = refusal("http://192.0.2.1:8000", authorization=f"Bearer {KEY}")

    assert str(refused) == "'http://192.0.2.1:8000' is not https: the key for it would be sent in plain text"
    assert not refused.may_pass


@pytest.mark.parametrize(
    "answer",
    [
        [head(403, "text/plain"), f"Bearer {KEY} may not".encode()],
        [head(403, "text/plain"), b" " * 180 + f"no {KEY}".encode()],
        [head(200, "text/plain"), f"hello {KEY}".encode()],
        [f"HTTP/9 {KEY}\r\n\r\n".encode()],
    ],
)
def test_a_key_that_the_server_repeats_is_not_told(answer: list[bytes]) -> None:
    with closing(ScriptedServer([answer])) as server:
        refused = refusal(f"http://127.0.0.1:{server.port}", authorization=f"Bearer {KEY}")

    assert "***" in str(refused)
    assert KEY[:6] not in str(refused)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.json_server.MAX_ANSWER_BYTES", 100_000)
    with closing(ScriptedServer([[head(200, "application/json"), b" " * 70_000, b" " * 70_000, STALL]])) as server:
        refused = refusal(f"http://127.0.0.1:{server.port}")

        assert str(refused) == "its answer has more than 100,000 bytes"
        assert server.is_left.wait(30)


def test_a_request_that_is_interrupted_is_left_at_once() -> None:
    with closing(ScriptedServer([[STALL]])) as server:
        main = threading.get_ident()

        def interrupt() -> None:
            server.is_asked.wait(30)
            signal.pthread_kill(main, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with closing(JsonServer(f"http://127.0.0.1:{server.port}")) as client, pytest.raises(KeyboardInterrupt):
            client.ask("GET", "/", deadline_s=60)
        thread.join()

        assert server.is_left.wait(30)


@pytest.mark.skipif(not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists(), reason="this machine has no ::1")
def test_an_address_of_six_is_this_machine_too() -> None:
    with (
        running(Counting(host="::1")) as server,
        closing(JsonServer(f"http://[::1]:{server.server_address[1]}/", {"authorization": KEY})) as client,
    ):
        assert client.ask("POST", "/echo", [1], deadline_s=10) == [1]
        assert client.place == f"[::1]:{server.server_address[1]}"


@pytest.mark.parametrize("url", ["http://host/a b", "http://host/ö", "ftp://host", "http://me@host", "http://host:x"])
def test_what_cannot_be_asked_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        JsonServer(url)
