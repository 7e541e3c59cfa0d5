"""A server that does what a test says, byte by byte: a real socket on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

KEY = "sk-very-secret-0123456789"
STALL = object()

_TLS = b"\x16"

Reply = Sequence[object]


@dataclass
class ScriptedServer:
    """A server that plays one script for each connection, the last one again and again, and keeps what it was asked.

    A script is a sequence of bytes to send and ``STALL``, which keeps the connection open until the test is over, or a
    function that makes one from the body of a request. ``is_asked`` is set with each request, ``is_left`` when a client
    hangs up before its script is played.
    """

    scripts: list[Reply | Callable[[bytes], Iterable[object]]]
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    is_asked: threading.Event = field(default_factory=threading.Event)
    is_left: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for connection in self._connections:
            with suppress(OSError):  # It is closed already.
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            script = self.scripts[min(len(self._threads), len(self.scripts)) - 1]
            self._threads.append(threading.Thread(target=self._play, args=(connection, script)))
            self._threads[-1].start()

    def _play(self, connection: socket.socket, script: Reply | Callable[[bytes], Iterable[object]]) -> None:
        try:
            with connection, connection.makefile("rb") as received:
                if connection.recv(1, socket.MSG_PEEK) == _TLS:
                    connection.sendall(b"HTTP/1.1 400 X\r\n\r\n")
                    return
                head = ""
                while (line := received.readline().decode("latin-1")).strip():
                    head += line
                lines = [line.lower() for line in head.splitlines()]
                length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
                body = received.read(length)
                self.requests.append((head, body))
                self.is_asked.set()
                for act in script(body) if callable(script) else script:
                    if act is STALL:
                        self._wait_for_end(connection)
                        return
                    connection.sendall(act if isinstance(act, bytes) else b"")
        except (OSError, ValueError):  # The client has had enough, or speaks something else.
            self._note_leaving()

    def _wait_for_end(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.recv(1)
        self._note_leaving()

    def _note_leaving(self) -> None:
        if not self._over.is_set():
            self.is_left.set()


def head(status: int = 200, kind: str = "text/event-stream", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n{''.join(lines)}\r\n".encode()
