"""A model behind a server on this machine, which writes what a test tells it to; real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.scripted_server import KEY, ScriptedServer, head


@dataclass
class Model:
    """A server that writes ``pieces`` for every question, or refuses with ``status``; it keeps what it was asked.

    With ``breaks_off`` it closes the connection before it has said that it is finished. Before each piece that is
    ``WAIT`` it waits for ``go_on``; ``is_asked`` is set with each question. It says that it read and wrote ``tokens``.
    """

    pieces: list[str] = field(default_factory=list)
    status: int = 200
    breaks_off: bool = False
    tokens: tuple[int, int] = (12, 3)
    requests: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    is_asked: threading.Event = field(default_factory=threading.Event)

    def reply(self, body: bytes) -> Iterator[bytes]:
        """Yield what a server with this model answers to a request."""
        self.requests.append(json.loads(body))
        self.is_asked.set()
        if self.status != 200:
            yield head(self.status, "application/json")
            yield json.dumps({"error": {"message": f"wrong key {KEY}\x1b[31m"}}).encode()
            return
        yield head()
        for piece in self.pieces:
            if piece == WAIT:
                self.go_on.wait(60)
                continue
            yield _event({"choices": [{"delta": {"content": piece}}]})
        if not self.breaks_off:
            yield _event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            read, written = self.tokens
            yield _event({"choices": [], "usage": {"prompt_tokens": read, "completion_tokens": written}})
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
    server = ScriptedServer([model.reply])
    try:
        yield server.url
    finally:
        model.go_on.set()
        server.close()
