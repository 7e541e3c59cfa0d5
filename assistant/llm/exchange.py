"""One HTTP request whose answer arrives in pieces, under deadlines that hold whatever the server does.

httpx bounds each read but not their number: a server that sends a byte now and then holds a reader for ever. So the
request runs in a thread of its own, and the reader waits for its pieces only as long as it wants.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import queue
import socket
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

    import httpx

    from assistant.config import Secret

# What the body of one answer may come to, decoded: 661 bytes of gzip can hold a gigabyte.
MAX_BODY_BYTES = 16_000_000

_PIECE_BYTES = 65_536
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class ExchangeError(Exception):
    """The exchange broke; the message says how, in the library's words. It is foreign text."""


class Unreachable(ExchangeError):
    """No connection could be made."""


class Overdue(ExchangeError):
    """Nothing came in time; ``connecting`` if not even a connection."""

    def __init__(self, message: str = "", *, connecting: bool = False) -> None:
        super().__init__(message)
        self.connecting = connecting


class Closed(ExchangeError):
    """It was closed from here."""


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


class Exchange:
    """A POST of JSON, or a GET where ``body`` is None, that runs until its answer has ended or ``close`` is called.

    ``next_piece`` gives the ``Head``, then the decoded body in pieces, then ``None``. No redirect is followed, and a
    proxy from the environment is not used for this machine's own addresses. Among the ``headers``, what is a ``Secret``
    is shown to nobody but the server.
    """

    def __init__(
        self, url: str, body: bytes | None, *, headers: Mapping[str, str | Secret], connect_s: float, read_s: float
    ) -> None:
        self._url, self._body, self._headers = url, body, headers
        self._connect_s, self._read_s = connect_s, read_s
        self._pieces: queue.SimpleQueue[Head | bytes | _End] = queue.SimpleQueue()
        self._sockets: list[socket.socket] = []
        self._closed = threading.Event()
        # A daemon: a name server that does not answer must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="exchange", daemon=True)
        self._thread.start()

    def next_piece(self, wait_s: float) -> Head | bytes | None:
        """Return the next piece, ``None`` after the last.

        Raise ``Overdue`` after ``wait_s``, ``Closed`` once it was closed.
        """
        try:
            piece = self._pieces.get(timeout=max(wait_s, 0))
        except queue.Empty:
            raise Overdue from None
        if self._closed.is_set():
            raise Closed
        if not isinstance(piece, _End):
            return piece
        if piece.error is not None:
            raise piece.error
        return None

    def close(self) -> None:
        """Cut the connection, from any thread; whoever waits for a piece is told, and our thread ends by itself."""
        self._closed.set()
        self._pieces.put(_End(None))
        for connection in tuple(self._sockets):
            _cut(connection)

    def _run(self) -> None:
        try:
            self._ask()
        except ExchangeError as exc:
            # Its frames hold the headers in plain text, and a traceback may be printed with what is in its frames.
            self._pieces.put(_End(_bare(exc)))
        except BaseException as exc:  # noqa: BLE001 - whatever it is, it is raised where the pieces are taken
            self._pieces.put(_End(exc))
        else:
            self._pieces.put(_End(None))

    def _ask(self) -> None:
        import httpx  # 0.2 s, for those who ask a server only

        # At INFO both log every URL they ask.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            with httpx.Client(verify=_tls(), trust_env=not is_here(self._url), follow_redirects=False) as client:
                self._take(client)
        except httpx.ConnectTimeout as exc:
            raise Overdue(connecting=True) from exc
        except httpx.TimeoutException as exc:
            raise Overdue from exc
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol, httpx.InvalidURL) as exc:
            raise Unreachable(str(exc)) from exc
        except httpx.HTTPError as exc:
            raise ExchangeError(str(exc)) from exc

    def _take(self, client: httpx.Client) -> None:
        import httpx

        timeout = httpx.Timeout(self._read_s, connect=self._connect_s)
        with client.stream(
            "GET" if self._body is None else "POST",
            self._url,
            content=self._body,
            headers=self._revealed(),
            timeout=timeout,
            extensions={"trace": self._note_connection},
        ) as response:
            self._pieces.put(
                Head(response.status_code, {name.lower(): text for name, text in response.headers.items()})
            )
            for piece in _decoded(response.iter_raw(), response.headers.get("content-encoding", "")):
                if self._closed.is_set():
                    return
                self._pieces.put(piece)

    def _revealed(self) -> dict[str, str]:
        """Return the headers as they are sent, the secrets in plain text."""
        headers = {"accept-encoding": "identity"}
        if self._body is not None:
            headers["content-type"] = "application/json"
        for name, value in self._headers.items():
            headers[name] = value if isinstance(value, str) else value.reveal()
        return headers

    def _note_connection(self, event: str, details: Mapping[str, Any]) -> None:
        if event not in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            return
        connection = details["return_value"].get_extra_info("socket")
        self._sockets.append(connection)
        if self._closed.is_set():
            _cut(connection)


def prepare() -> threading.Thread:
    """Begin to load what an exchange needs, so that the first one need not wait for it: 0.4 s beside other work.

    Whoever cannot begin without may join the thread.
    """
    thread = threading.Thread(target=_load, name="prepare", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    import encodings.idna  # noqa: F401 - the first host name asks for it

    import httpx

    with contextlib.suppress(Unreachable):  # the exchange will say so
        httpx.Client(verify=_tls(), trust_env=False).close()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return the one that all exchanges share; to read the authorities takes 20-60 ms. Raise ``Unreachable``."""
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError as exc:  # ``SSL_CERT_FILE`` names no file of certificates
        raise Unreachable(f"no certificates to check it by: {exc}") from exc


def _bare(error: ExchangeError) -> ExchangeError:
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_here(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def _cut(connection: socket.socket) -> None:
    # Closing would not wake a thread that waits in recv(); shutting down does. It may be closed already.
    with contextlib.suppress(OSError, ValueError):
        connection.shutdown(socket.SHUT_RDWR)


def _decoded(raw: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """Yield the body decoded, in pieces of bounded size. No content coding was asked for; one is accepted."""
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        pieces = raw
    elif coding in {"gzip", "x-gzip", "deflate"}:
        pieces = _inflated(raw)
    else:
        raise ExchangeError(f"content coding {coding[:40]!r} was not asked for")
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MAX_BODY_BYTES:
            raise ExchangeError(f"more than {MAX_BODY_BYTES:,} bytes")
        yield piece


def _inflated(raw: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for received in raw:
            piece = inflater.decompress(received, _PIECE_BYTES)
            while piece:
                yield piece
                piece = inflater.decompress(inflater.unconsumed_tail, _PIECE_BYTES)
    except zlib.error as exc:
        raise ExchangeError(f"not what its content coding says: {exc}") from exc
