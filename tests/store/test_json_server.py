"""Asking a server in JSON over connections that are kept open, against real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

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


def asked_of(server: Counting, *bodies: object) -> list[object]:
    answers: list[object] = []
    with closing(JsonServer(f"http://127.0.0.1:{server.server_address[1]}")) as client:
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
