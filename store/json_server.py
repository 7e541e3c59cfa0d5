"""A server that is asked in JSON over HTTP, under deadlines that hold whatever it does.

By the standard library alone: one question asked of a server must not wait for an HTTP library to be imported.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    import http.client
    import ssl

# What one answer may come to: 300 vectors of 1,024 dimensions in JSON are 6 MB.
MAX_ANSWER_BYTES = 32_000_000

_PIECE_BYTES = 65_536
_TOLD_CHARS = 200
_LOOKED_AT_CHARS = 500

_NO_TLS = "write http:// where it speaks none"
_TRUST = "`export SSL_CERT_FILE=FILE` trusts the certificates in FILE, its own or that of who signed it"
_NAME = "name the server as its certificate does"
# OpenSSL's codes: signed by nobody that is known, and made for another name or address.
_CERTIFICATES = {**dict.fromkeys((2, 18, 19, 20, 21), _TRUST), **dict.fromkeys((62, 64), _NAME)}

_PORTS = {"http": 80, "https": 443}


class ServerError(Exception):
    """The server gave no answer that can be used; the message says why, partly in foreign words.

    ``status`` is what it answered, where it did, ``retry_after_s`` how long it wants to be left alone, and ``hint``
    what a person has to mend before it can be asked.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s
        self.hint = hint

    @property
    def may_pass(self) -> bool:
        """Whether it is worth another try."""
        if self.status is None:
            return self.hint is None
        return self.status in {408, 409, 425, 429} or self.status >= 500


class JsonServer:
    """One server, by the beginning of its URLs. Its connection is kept open between requests; one asks at a time.

    TLS is always verified. No redirect is followed and no proxy is used. ``headers`` hold secrets: they go to no other
    machine in plain text, and where the server repeats them they are not told. Raise ``ValueError`` for a URL that
    cannot be asked.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._parts = checked_url(url)
        self._headers = dict(headers or {})
        self._connection: http.client.HTTPConnection | None = None

    @property
    def place(self) -> str:
        """Return host and port, for messages."""
        return self._parts.netloc

    def ask(self, method: str, path: str, body: object = None, *, deadline_s: float) -> Any:
        """Return the answer to a request that may be made twice, decoded from JSON; raise ``ServerError``.

        That comes after ``deadline_s`` at the latest, also where a name server or a proxy does not answer.
        """
        if self._headers and self._parts.scheme == "http" and not is_loopback(self._parts.hostname or ""):
            raise ServerError(
                f"{self._parts.geturl()!r} is not https: the key for it would be sent in plain text",
                hint="ask it by https://, or through a tunnel that ends at 127.0.0.1",
            )
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        request = _Request(self._parts, self._headers, method, path, content, deadline_s)
        kept, self._connection = self._connection, None
        # A daemon: a name server that does not answer must not keep the program from ending.
        thread = threading.Thread(target=_put_outcome, args=(lambda: request.run(kept), answers), daemon=True)
        thread.start()
        try:
            outcome = answers.get(timeout=deadline_s)
        except queue.Empty:
            request.cut()
            raise _too_late(deadline_s) from None
        except BaseException:  # Ctrl-C
            request.cut()
            raise
        if isinstance(outcome, BaseException):
            raise outcome
        self._connection, status, headers, answer = outcome
        return request.decoded(status, headers, answer)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Request:
    """One request, run in a thread of its own; ``cut`` ends it from another."""

    def __init__(
        self,
        parts: SplitResult,
        headers: Mapping[str, str],
        method: str,
        path: str,
        content: bytes | None,
        deadline_s: float,
    ) -> None:
        self._parts, self._method = parts, method
        self._path = parts.path.rstrip("/") + path
        self._content = content
        self._deadline_s, self._deadline = deadline_s, time.monotonic() + deadline_s
        self._headers = {"accept": "application/json", "accept-encoding": "identity", **headers}
        self._secrets = _secrets_in(headers)
        if content is not None:
            self._headers["content-type"] = "application/json"
        self._socket: socket.socket | None = None
        self._is_cut = False

    def run(
        self, kept: http.client.HTTPConnection | None
    ) -> tuple[http.client.HTTPConnection, int, Mapping[str, str], bytes]:
        """Return the connection, which can be used again, and status, headers and body of the answer."""
        import http.client  # 15 ms, for those who ask a server only

        try:
            if kept is not None and kept.sock is not None:
                # The server may have closed it since, or have been started anew.
                with contextlib.suppress(OSError, http.client.HTTPException):
                    return self._run(kept)
                kept.close()
            return self._run(self._connect())
        except TimeoutError as exc:
            raise _too_late(self._deadline_s) from exc
        except (OSError, http.client.HTTPException) as exc:
            raise (_of_tls(exc) or ServerError(self._described(exc))) from exc
        except ValueError as exc:  # what http.client makes of some garbage
            raise ServerError(f"not an answer: {self._described(exc)}") from exc

    def decoded(self, status: int, headers: Mapping[str, str], answer: bytes) -> Any:
        if not 200 <= status < 300:
            told = self._told(answer.decode("utf-8", "replace"))
            raise ServerError(
                f"it answered {status}{f': {told}' if told else ''}",
                status=status,
                retry_after_s=_seconds(headers.get("retry-after", "")),
            )
        try:
            return json.loads(answer) if answer.strip() else None
        except (ValueError, RecursionError) as exc:
            told = self._told(answer.decode("utf-8", "replace"))
            raise ServerError(f"its answer is not JSON: {told!r}") from exc

    def cut(self) -> None:
        self._is_cut = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # Closing would not wake a thread that waits; shutting down does.
                self._socket.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> http.client.HTTPConnection:
        import http.client

        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._left(), context=_tls())
        return http.client.HTTPConnection(host, port, timeout=self._left())

    def _run(
        self, connection: http.client.HTTPConnection
    ) -> tuple[http.client.HTTPConnection, int, Mapping[str, str], bytes]:
        response = None
        try:
            if connection.sock is None:
                connection.connect()
            self._socket = connection.sock
            self._socket.settimeout(self._left())
            connection.request(self._method, self._path, self._content, self._headers)
            response = connection.getresponse()
            answer = self._read(response)
        except BaseException:
            connection.close()
            if response is not None:  # It keeps the socket open where the server closes the connection.
                response.close()
            raise
        return connection, response.status, {name.lower(): value for name, value in response.getheaders()}, answer

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        answer = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            answer += piece
            if len(answer) > MAX_ANSWER_BYTES:
                raise ServerError(f"its answer has more than {MAX_ANSWER_BYTES:,} bytes")
            self._left()
        if response.length:
            raise ServerError("its answer broke off")
        response.close()  # An answer read to its length still counts as open, and the connection as taken.
        return bytes(answer)

    def _described(self, error: Exception) -> str:
        return self._told(getattr(error, "strerror", None) or str(error) or type(error).__name__)

    def _told(self, text: str) -> str:
        """Return the beginning of foreign words in one line, without the secrets that were sent."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return " ".join(text[:_LOOKED_AT_CHARS].split())[:_TOLD_CHARS]

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0 or self._is_cut:
            raise TimeoutError
        return left


def _put_outcome(run: Callable[[], object], answers: queue.SimpleQueue[Any]) -> None:
    try:
        answers.put(run())
    except BaseException as exc:  # noqa: BLE001 - whatever it is, it is raised where the answer is waited for
        answers.put(exc)


def _too_late(deadline_s: float) -> ServerError:
    return ServerError(f"no answer within {deadline_s:g} s")


def checked_url(url: str) -> SplitResult:
    """Return the parts of the URL of a server; raise ValueError with the reason where it cannot be one."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not like http://HOST:PORT or https://HOST")
    if parts.username or parts.password:
        raise ValueError("a URL must hold no name or password; name a variable that holds the key instead")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r} must end before '?' and '#'")
    if not parts.path.isascii() or not parts.path.isprintable() or " " in parts.path:
        raise ValueError(f"in the path of {url!r} only ASCII can stand, anything else as %XX")
    _ = parts.port  # a ValueError where it is none
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this machine."""
    if host == "localhost":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context()


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _secrets_in(headers: Mapping[str, str]) -> list[str]:
    """Return what must not be told, longest first: values, and what stands behind ``Bearer`` in them."""
    values = {part for value in headers.values() for part in (value, value.rpartition(" ")[2])}
    return sorted(filter(None, values), key=len, reverse=True)


def _of_tls(error: Exception) -> ServerError | None:
    """Return what OpenSSL means, with what helps; None for an error that is not of TLS."""
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return ServerError(
            f"its certificate is not trusted: {error.verify_message.rstrip('.')}",
            hint=_CERTIFICATES.get(error.verify_code, "its certificate must be made anew"),
        )
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or str(error)).replace("_", " ").lower()
        return ServerError(f"it does not speak TLS as it should: {reason}", hint=_NO_TLS)
    return None
