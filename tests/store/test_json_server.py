"""Asking a server in JSON over connections that are kept open, against real sockets."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from store import json_server
from store.json_server import JsonServer, ServerError


class Counting(ThreadingHTTPServer):
    """Answers each request with what it was asked, and keeps from which connection it came.

    With ``hangs_up`` it ends each connection after its answer without having said so.
    """

    daemon_threads = True

    def __init__(self, *, hangs_up: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.hangs_up = hangs_up
        self.asked: list[tuple[int, Any]] = []


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


@pytest.fixture
def counting(request: pytest.FixtureRequest) -> Iterator[Counting]:
    server = Counting(hangs_up=getattr(request, "param", False))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


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


@pytest.fixture
def vouched(counting: Counting, tmp_path: Path) -> Path:
    """Let the server speak TLS, and give the certificate by which it vouches for itself."""
    if which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    file = tmp_path / "certificate.pem"
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(file), "-out", str(file)]
    subprocess.run(["openssl", *made, *named], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    counting.socket = context.wrap_socket(counting.socket, server_side=True)
    return file


def test_a_certificate_that_nobody_vouches_for_is_not_trusted_until_somebody_does(
    counting: Counting, vouched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(ServerError, match=r"cannot be trusted: self-signed certificate; SSL_CERT_FILE may name"),
        closing(JsonServer(f"https://127.0.0.1:{counting.server_address[1]}")) as client,
    ):
        client.ask("POST", "/echo", [1], deadline_s=10)
    assert counting.asked == []

    json_server._tls.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))
    try:
        assert asked_of(counting, [1], [2], scheme="https") == [[1], [2]]
    finally:
        json_server._tls.cache_clear()
    assert len({connection for connection, _ in counting.asked}) == 1
