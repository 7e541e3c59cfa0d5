"""A model behind a server on this machine, which writes what a test tells it to; real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-very-secret-0123456789"


@dataclass
class Model:
    """A server that writes ``pieces`` for every question, or refuses with ``status``; it keeps what it was asked.

    With ``breaks_off`` it closes the connection before it has said that it is finished. Before each piece that is
    ``WAIT`` it waits for ``go_on``; ``is_asked`` is set with each question.
    """

    pieces: list[str] = field(default_factory=list)
    status: int = 200
    breaks_off: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    is_asked: threading.Event = field(default_factory=threading.Event)

    def stream(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if piece == WAIT:
                self.go_on.wait(60)
                continue
            yield _event({"choices": [{"delta": {"content": piece}}]})
        if not self.breaks_off:
            yield _event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            yield _event({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}})
            yield b"data: [DONE]\n\n"

    def source_of(self, words: str) -> int:
        """Return the number under which it was given the passage with these words."""
        prompt = self.requests[-1]["messages"][-1]["content"]
        before = prompt[: prompt.index(words)]
        return int(before.rsplit(" source ", 1)[1].split("\n", 1)[0])


WAIT = "wait here"


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


@contextmanager
def serving(model: Model) -> Iterator[str]:
    """Give the base URL of a server with the model."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            model.is_asked.set()
            self.send_response(model.status)
            kind = "text/event-stream" if model.status == 200 else "application/json"
            self.send_header("Content-Type", kind)
            self.end_headers()
            refused = [json.dumps({"error": {"message": f"wrong key {KEY}\x1b[31m"}}).encode()]
            with suppress(OSError):  # Whoever asked is gone.
                for part in model.stream() if model.status == 200 else refused:
                    self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            """Keep stderr for the program under test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        model.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
