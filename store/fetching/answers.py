"""What a server's answer means: content, another address, or no, with the reason as a person would say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from store.fetching.content import Expected, check_type, read_body
from store.fetching.failures import Failed
from store.fetching.robots import MAX_BYTES as MAX_ROBOTS_BYTES
from store.fetching.urls import Url, shown

# Of a page or a feed, decoded.
MAX_CONTENT_BYTES = 10_000_000

_OK = 200
_NOT_MODIFIED = 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_MEANINGS = {
    204: "no content",
    401: "it wants a login",
    402: "it wants to be paid",
    403: "access is forbidden",
    404: "there is nothing at this address",
    407: "a proxy wants a login",
    410: "what was there is gone for good",
    429: "it is asked too often",
    451: "it is kept back for legal reasons",
    503: "it is out of service at the moment",
}


@dataclass(frozen=True, slots=True)
class Response:
    """The head of an answer, names of headers in lower case, and its body in pieces as they come."""

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was at an address.

    ``url`` is where it was after redirects; ``status`` 200, or 304 with empty content where it is the version that the
    caller knows. ``headers`` have names in lower case; they are foreign text as the server sent it. ``fetched`` is the
    moment of the answer in UTC. ``moved`` is the address that it is to be fetched from in future, where there is one.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    fetched: datetime
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """The content is elsewhere, for good where that ``is_permanent``."""

    url: Url
    is_permanent: bool = False


def read_answer(
    url: Url, response: Response, *, expect: Expected | None, is_conditional: bool = False
) -> Fetched | Redirect:
    """Return what the server has at ``url``, or where it sends us. Raises ``Failed``.

    Nothing is expected of a robots.txt (``None``), and one that is too large is cut.
    """
    fetched = datetime.now(UTC)
    if response.status in _REDIRECTS:
        return Redirect(_further(url, _location(response)), response.status in _PERMANENT)
    if response.status == _NOT_MODIFIED and is_conditional:
        return Fetched(str(url), _NOT_MODIFIED, response.headers, b"", fetched)
    if response.status != _OK:
        raise _refusal(response, fetched)
    if expect is None:
        content = read_body(response.body, response.headers, max_bytes=MAX_ROBOTS_BYTES, is_cut=True)
    else:
        check_type(response.headers, expect)
        content = read_body(response.body, response.headers, max_bytes=MAX_CONTENT_BYTES)
    return Fetched(str(url), _OK, response.headers, content, fetched)


def _further(url: Url, location: str) -> Url:
    try:
        return url.join(location)
    except Failed as exc:
        raise Failed(f"it is redirected to {shown(location)!r}, and {exc}") from exc


def _location(response: Response) -> str:
    location = response.headers.get("location", "")
    if not location.strip():
        raise Failed(f"the server answers {response.status}, but not where else to look")
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return location


def _refusal(response: Response, now: datetime) -> Failed:
    status = response.status
    meaning = _MEANINGS.get(status) or ("something is wrong with it" if status >= 500 else "which is no content")
    retry_after_s = _retry_after_s(response.headers.get("retry-after", ""), now)
    later = "" if retry_after_s is None else f", and wants {retry_after_s:,.0f} seconds of rest"
    return Failed(f"the server answers {status}: {meaning}{later}", status=status, retry_after_s=retry_after_s)


def _retry_after_s(header: str, now: datetime) -> float | None:
    """Return how many seconds a server wants to be left alone, from a number or a date; ``None`` where unreadable."""
    if header.isascii() and header.isdecimal() and len(header) < 10:
        return float(header)
    try:
        moment = parsedate_to_datetime(header[:100])
        return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None
