"""Connections to checked addresses alone, each bound to a deadline. Imported with the first fetch only.

A host is looked up once for each connection, in the same place where the connection is made: nothing can change between
the check and the use. No proxy is used, whatever the environment says, because a proxy would look the host up itself.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from store.cleaning import clean_line
from store.fetching.addresses import read_address, special_kind
from store.fetching.answers import Response
from store.fetching.deadlines import Deadline
from store.fetching.failures import Failed, NotPublic, Unreachable
from store.fetching.urls import Url

MAX_HEAD_BYTES = 100_000

# For a connection to any of a host's addresses, and for TLS again.
_CONNECT_S = 10.0
# A host with a hundred addresses is no better reached than one with four.
_MOST_ADDRESSES = 4
# How often a thread that waits for a look-up sees whether it is still wanted.
_LOOK_S = 0.1

# As ``socket.getaddrinfo(host, port, family, type)``.
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
# As ``socket.create_connection((address, port), timeout)``; the address is one that was looked up and checked.
Connect = Callable[[tuple[str, int], float], socket.socket]

# At INFO both log every URL they ask.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Connections:
    """All connections of one fetcher; any thread may open one, or cut them all."""

    def __init__(self, resolve: Resolve, connect: Connect, allowed_hosts: Collection[str]) -> None:
        self._resolve, self._connect = resolve, connect
        self._allowed_hosts = allowed_hosts
        self._sockets: set[socket.socket] = set()

    @contextlib.contextmanager
    def ask(self, url: Url, headers: Mapping[str, str], deadline: Deadline) -> Iterator[Response]:
        """GET ``url`` over a connection of its own.

        Raises ``Failed``, from the reading of the body too.
        """
        with self._noted(self._open(url, deadline)) as connection:
            stream = _Stream(connection, deadline)
            target = httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
            try:
                with httpcore.HTTP11Connection(target.origin, stream) as exchange:
                    sent = [("Host", url.authority), ("Connection", "close"), *headers.items()]
                    with exchange.stream("GET", target, headers=sent) as response:
                        stream.end_head(response.headers)
                        yield Response(response.status, _joined(response.headers), _pieces(response, deadline))
            except httpcore.ProtocolError as exc:
                raise stream.failure(exc) from exc

    def cut(self) -> None:
        """Cut every connection; whoever reads from one is told."""
        for connection in tuple(self._sockets):
            # Closing would not wake a thread that waits in recv(); shutting down does. It may be closed already.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _noted(self, connection: socket.socket) -> Iterator[socket.socket]:
        self._sockets.add(connection)
        try:
            with connection:
                yield connection
        finally:
            self._sockets.discard(connection)

    def _open(self, url: Url, deadline: Deadline) -> socket.socket:
        found = _look_up(self._resolve, url, deadline)
        addresses = found if url.host in self._allowed_hosts else _public(found)
        connection = _first_reached(self._connect, addresses[:_MOST_ADDRESSES], url.port, deadline)
        return connection if url.scheme == "http" else _secured(connection, url.host, deadline)


class _Stream(httpcore.NetworkStream):
    """What one request is written to and its answer read from, until the deadline and no further."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self._deadline = connection, deadline
        self._received = 0
        self._is_in_head = True
        self._has_ended = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours is the deadline
        if self._is_in_head and self._received > 2 * MAX_HEAD_BYTES:  # heads of "100 Continue", again and again
            raise Failed(_LARGE_HEAD)
        self._connection.settimeout(self._deadline.left_s())
        with _translated(self._deadline):
            received = self._connection.recv(max_bytes)
        self._received += len(received)
        if not received:
            self._deadline.left_s()  # a connection that we cut ourselves looks like a body that is complete
            self._has_ended = True
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._connection.settimeout(self._deadline.left_s())
        with _translated(self._deadline):
            self._connection.sendall(buffer)

    def close(self) -> None:
        self._connection.close()

    def end_head(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Note that the head is complete. Raises ``Failed`` where it is too large."""
        self._is_in_head = False
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD_BYTES:
            raise Failed(_LARGE_HEAD)

    def failure(self, error: Exception) -> Failed:
        """Return what went wrong where the answer was not understood."""
        self._deadline.left_s()
        if self._has_ended:
            part = "answering" if self._is_in_head else "its answer was complete"
            return Failed(f"the server closed the connection before {part}", is_transient=True)
        if self._is_in_head and self._received > MAX_HEAD_BYTES:
            return Failed(_LARGE_HEAD)
        # After a colon the library quotes what it got.
        return Failed(f"the server's answer is not HTTP: {clean_line(str(error)[:200]).partition(': ')[0]}")


_LARGE_HEAD = f"the headers of its answer are larger than {MAX_HEAD_BYTES // 1_000} KB"


def _look_up(resolve: Resolve, url: Url, deadline: Deadline) -> list[str]:
    """Return the addresses of a host, each once, in the system's order."""
    answers: queue.SimpleQueue[Sequence[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolve(url.host, url.port, socket.AF_UNSPEC, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as exc:
            answers.put(exc)

    # A daemon: a name server that does not answer must keep neither the fetch nor the program from ending.
    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=min(_LOOK_S, deadline.left_s()))
            break
        except queue.Empty:
            continue
    if isinstance(answer, Exception):
        raise _unknown_host(url.host, answer) from answer
    addresses = [str(info[4][0]) for info in answer if info[0] in {socket.AF_INET, socket.AF_INET6}]
    if not addresses:
        raise Unreachable(f"there is no host {url.host!r}")
    return list(dict.fromkeys(addresses))


def _unknown_host(host: str, error: Exception) -> Unreachable:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return Unreachable(f"the host {host!r} cannot be looked up at the moment", is_transient=True)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Unreachable(f"there is no host {host!r}")
    return Unreachable(f"the host {host!r} cannot be looked up: {_cause(error)}", is_transient=True)


def _public(addresses: Sequence[str]) -> list[str]:
    """Return the addresses that are public. Raises ``NotPublic`` where none is."""
    kinds = {text: special_kind(address) if (address := read_address(text)) else "unknown" for text in addresses}
    if public := [text for text, kind in kinds.items() if kind is None]:
        return public
    text, kind = next(iter(kinds.items()))
    raise NotPublic(
        f"its host is at {text} ({kind}), not on the public internet; --allow-private-host names one that you trust"
    )


def _first_reached(connect: Connect, addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    """Return a connection to the first address that takes one; all share one time limit."""
    problem: OSError | None = None
    for i in range(len(addresses)):
        share = min(_CONNECT_S, deadline.left_s()) / (len(addresses) - i)
        try:
            return connect((addresses[i], port), share)
        except OSError as exc:
            problem = exc
    deadline.left_s()
    if problem is None or isinstance(problem, TimeoutError):
        raise Unreachable("the server cannot be reached: no connection in time")
    raise Unreachable(f"the server cannot be reached: {_cause(problem)}", is_transient=True)


def _secured(connection: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    """Return the connection under TLS, with the server's certificate checked against the host's name."""
    try:
        with connection:  # which holds nothing any more once it is wrapped
            connection.settimeout(min(_CONNECT_S, deadline.left_s()))
            return _tls().wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as exc:
        raise Unreachable(f"its certificate cannot be trusted: {clean_line(exc.verify_message)[:200]}") from exc
    except OSError as exc:
        deadline.left_s()
        cause = "not in time" if isinstance(exc, TimeoutError) else _cause(exc)
        raise Unreachable(f"no secure connection: {cause}") from exc


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return the settings that all connections share; to read the authorities takes 20-60 ms."""
    try:
        context = httpx.create_ssl_context()
    except OSError as exc:  # ``SSL_CERT_FILE`` names no file of certificates
        raise Unreachable(f"there are no certificates to check it by: {_cause(exc)}") from exc
    context.set_alpn_protocols(["http/1.1"])
    return context


@contextlib.contextmanager
def _translated(deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except TimeoutError as exc:
        raise deadline.overdue() from exc
    except OSError as exc:
        deadline.left_s()
        raise Failed(f"the connection broke: {_cause(exc)}", is_transient=True) from exc


def _cause(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return clean_line(text)[:200].lower()


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by their names in lower case; what was sent several times is joined by commas."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _pieces(response: httpcore.Response, deadline: Deadline) -> Iterator[bytes]:
    for piece in response.iter_stream():
        deadline.left_s()  # a chunk of one byte costs as much time as one of thousands
        yield piece
