"""A site on this machine that answers each path as a test says, byte by byte, and keeps what it was asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

STALL = object()

_TLS = b"\x16"

Page = Iterable[object] | Callable[[str], Iterable[object]]


@dataclass
class WebSite:
    """A server with ``pages`` by path and query; for every other path it answers 404.

    A page is what is sent: bytes, and ``STALL``, which keeps the connection open until the test is over; or a function
    that makes these from the head of the request. ``requests`` are those heads; ``accepted`` counts connections, asked
    for something or not.
    """

    pages: dict[str, Page] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    accepted: int = 0
    is_asked: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.is_over = threading.Event()
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def paths(self) -> list[str]:
        return [head.split(" ", 2)[1] for head in self.requests]

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        self.is_over.set()
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
            self.accepted += 1
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # The client has had enough, or does not trust us.
            if self.tls is None and connection.recv(1, socket.MSG_PEEK) == _TLS:
                connection.sendall(answer(400))
                return
            secured = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with secured, secured.makefile("rb") as received:
                head = ""
                while (line := received.readline().decode("latin-1")).strip():
                    head += line
                if not head:
                    return
                self.requests.append(head)
                self.is_asked.set()
                page = self.pages.get(head.split(" ", 2)[1], [answer(404)])
                for act in page(head) if callable(page) else page:
                    if act is STALL:
                        self.is_over.wait()
                    elif self.is_over.is_set():
                        return
                    else:
                        secured.sendall(act if isinstance(act, bytes) else b"")


def answer(status: int = 200, body: bytes = b"", *, kind: str | None = "text/html", **headers: str) -> bytes:
    """Return a whole answer; ``kind`` is its content type, and ``headers`` are written with underscores."""
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return f"HTTP/1.1 {status} X\r\n{''.join(lines)}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> list[bytes]:
    return [answer(status, location=location)]


def trickle(site: WebSite, start: bytes, piece: bytes, *, pause_s: float = 0.01) -> Callable[[str], Iterator[bytes]]:
    """Return a page that sends ``start`` and then ``piece`` again and again with a pause, and never ends."""

    def send(_: str) -> Iterator[bytes]:
        yield start
        while not site.is_over.wait(pause_s):
            yield piece

    return send


def looked_up(*addresses: str) -> list[tuple[object, ...]]:
    """Return what ``socket.getaddrinfo`` does for a host with these addresses."""
    return [
        (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
        for address in addresses
    ]
