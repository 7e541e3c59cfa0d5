"""A proxy in front of a real server that lets answers be lost: what was asked is done, and nobody hears of it."""

from __future__ import annotations

import socket
import threading
from contextlib import AbstractContextManager, suppress
from types import TracebackType


class LosingProxy(AbstractContextManager["LosingProxy"]):
    """Passes bytes between clients and the server at ``url``, but for the first answers to a matching request.

    The request's first line is looked at, ``METHOD PATH HTTP/1.1``; its answer is waited for, then the connection ends;
    so it goes for ``losses`` of them.
    """

    def __init__(self, url: str, *, first_line: bytes, losses: int = 1) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self._first_line = first_line
        self._losses = losses
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.lost = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._connections += [client, server]
            self._threads.append(threading.Thread(target=self._pass, args=(client, server)))
            self._threads[-1].start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        """Pass what a client asks and what it is answered, in turns: nobody here asks again before the answer."""
        with client, server, suppress(OSError):
            while asked := _message(client):
                server.sendall(asked)
                answer = _message(server)
                if self.lost < self._losses and self._first_line in asked.partition(b"\r\n")[0]:
                    self.lost += 1
                    return
                client.sendall(answer)


def _message(connection: socket.socket) -> bytes:
    """Return one request or answer, its body of the length that its head says; nothing at the end."""
    message = b""
    while b"\r\n\r\n" not in message:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        message += piece
    head, _, body = message.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0]) - len(body) if lengths else 0
    while missing > 0 and (piece := connection.recv(65_536)):
        message += piece
        missing -= len(piece)
    return message
