"""One address → its content, or a reason in one line why there is none."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from store.errors import FetchError, InputError
from store.fetching.answers import Fetched, Redirect, read_answer
from store.fetching.content import ACCEPT, ACCEPTED_CODINGS, Expected
from store.fetching.deadlines import Deadline
from store.fetching.failures import Failed
from store.fetching.politeness import Politeness
from store.fetching.robots import ROBOT, Robots
from store.fetching.urls import Url, read_host, read_url, shown

if TYPE_CHECKING:
    from store.fetching.connections import Connect, Connections, Resolve

MOST_REDIRECTS = 5

# How long a server's wish to be asked again later is waited for, within the deadline.
LONGEST_RETRY_AFTER_S = 10.0
# For one fetch with all that belongs to it. With what comes before and after, a person waits half a minute at most.
DEADLINE_S = 25.0
_LATER = frozenset({429, 503})

# What an archive knows of an earlier answer → the header that asks for anything newer.
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
# Visible ASCII and blanks, as headers are; whatever else a server sent cannot be sent back.
_VALIDATOR = re.compile(r"[!-~](?:[ -~]{0,998}[!-~])?")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one fetch is after; ``expect`` is ``None`` for a robots.txt."""

    expect: Expected | None
    headers: Mapping[str, str]
    obey_robots: bool = False

    @property
    def is_conditional(self) -> bool:
        return not self.headers.keys().isdisjoint(_CONDITIONS.values())


class Fetcher:
    """Fetches pages and feeds over http and https, from any number of threads.

    ``allowed_hosts`` are names or addresses of hosts that a person named to be fetched from although they are not on
    the public internet; all others of that kind are refused, wherever a look-up or a redirect leads. One host is asked
    one thing at a time, with ``delay_s`` between; what a fetch waits for other fetches does not count against its
    ``deadline_s``, everything else does. ``resolve`` and ``connect`` are called as the functions of ``socket`` are.
    No proxy, no cookies, no passwords; certificates are always checked. A redirect from https to http is followed,
    ``Fetched.url`` shows it.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        delay_s: float = 1.0,
        deadline_s: float = DEADLINE_S,
        resolve: Resolve = socket.getaddrinfo,
        connect: Connect = socket.create_connection,
    ) -> None:
        self._allowed_hosts = frozenset(_allowed_host(text) for text in allowed_hosts)
        self._deadline_s = deadline_s
        self._resolve, self._connect = resolve, connect
        self._politeness = Politeness(delay_s)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._connections: Connections | None = None
        self._robots = Robots(self._fetch_robots)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cut off what other threads are fetching; they get a ``FetchError`` soon."""
        self._stopped.set()
        if self._connections is not None:
            self._connections.cut()

    def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        expect: Expected = "page",
        obey_robots: bool = True,
    ) -> Fetched:
        """Return what is at ``url``. Raises ``FetchError``.

        With the ``etag`` or ``last_modified`` of an earlier answer, the server need not send the same content again.
        robots.txt is for programs that find addresses by themselves (RFC 9309, 1), so a page is fetched only where it
        allows that, unless a person named the page: then pass ``obey_robots=False``, as browsers, curl and wget do for
        what they are told to fetch. A feed is what a person subscribed to, and never looked up in it; no feed reader
        does.
        """
        headers = {"Accept": ACCEPT[expect], **_conditions({"etag": etag, "last-modified": last_modified})}
        wanted = _Wanted(expect, headers, obey_robots=obey_robots and expect == "page")
        try:
            return self._follow(read_url(url), wanted, Deadline(self._deadline_s, self._stopped))
        except Failed as exc:
            raise FetchError(
                shown(url), str(exc), status=exc.status, retry_after_s=exc.retry_after_s, may_pass=exc.may_pass
            ) from exc

    def _follow(self, first: Url, wanted: _Wanted, deadline: Deadline) -> Fetched:
        """Return what is at ``first`` or where redirects lead from there."""
        route = [first]
        moved = first  # As far as the redirects, from the first on, are permanent.
        try:
            while True:
                answer = self._ask(route, wanted, deadline)
                if isinstance(answer, Fetched):
                    return answer if moved is first else replace(answer, moved=str(moved))
                _check_route(route, answer.url)
                moved = answer.url if answer.is_permanent and moved is route[-1] else moved
                route.append(answer.url)
        except Failed as exc:
            if len(route) > 1:
                exc.args = (f"{exc} (redirected to {shown(str(route[-1]))!r})",)
            raise

    def _ask(self, route: Sequence[Url], wanted: _Wanted, deadline: Deadline) -> Fetched | Redirect:
        """Ask for the last address of ``route``, twice where the first time fails for a reason that may pass."""
        url = route[-1]
        delay_s = 0.0
        if wanted.obey_robots:
            rules = self._robots.rules_for(url, deadline)
            if refusal := rules.refuse(str(url)):
                raise Failed(refusal, is_transient=rules.may_pass)
            delay_s = rules.delay_s
        # A robots.txt, and what is redirected within a host, is part of another visit.
        is_errand = wanted.expect is None or any(url.host == passed.host for passed in route[:-1])
        try:
            return self._ask_once(url, wanted, deadline, delay_s=None if is_errand else delay_s)
        except Failed as exc:
            _await_better(exc, deadline)
        return self._ask_once(url, wanted, deadline, delay_s=delay_s)

    def _ask_once(self, url: Url, wanted: _Wanted, deadline: Deadline, *, delay_s: float | None) -> Fetched | Redirect:
        if delay_s is None:
            turn = self._politeness.errand(url.host, deadline)
        else:
            turn = self._politeness.turn(url.host, deadline, delay_s=delay_s)
        headers = {"User-Agent": _user_agent(), "Accept-Encoding": ACCEPTED_CODINGS, **wanted.headers}
        with turn, self._load_connections().ask(url, headers, deadline) as response:
            return read_answer(url, response, expect=wanted.expect, is_conditional=wanted.is_conditional)

    def _fetch_robots(self, url: Url, deadline: Deadline) -> bytes:
        return self._follow(url, _Wanted(None, {"Accept": "text/plain"}), deadline).content

    def _load_connections(self) -> Connections:
        from store.fetching.connections import Connections  # 0.2 s, for those who fetch only

        with self._lock:
            if self._connections is None:
                self._connections = Connections(self._resolve, self._connect, self._allowed_hosts)
            return self._connections


def _check_route(route: Sequence[Url], further: Url) -> None:
    if further in route:
        raise Failed("it is redirected in a circle")
    if len(route) > MOST_REDIRECTS:
        raise Failed(f"it is redirected more than {MOST_REDIRECTS} times")


def _await_better(failed: Failed, deadline: Deadline) -> None:
    """Wait as long as the server wants where that is not long, or not at all; raise ``failed`` where it is no use."""
    if failed.retry_after_s is not None and failed.status in _LATER:
        if failed.retry_after_s >= min(LONGEST_RETRY_AFTER_S, deadline.left_s()):
            raise failed
        deadline.wait(failed.retry_after_s)
    elif not failed.is_transient:
        raise failed


def _conditions(known: Mapping[str, str | None]) -> dict[str, str]:
    return {_CONDITIONS[name]: value for name, value in known.items() if value and _VALIDATOR.fullmatch(value)}


def _allowed_host(text: str) -> str:
    """Return the host that a person named, if only as part of an address."""
    try:
        if text.count(":") > 1 and "/" not in text:  # an IPv6 address, with brackets or without
            return read_host(text.strip("[]"))
        return read_url(text if "//" in text else f"http://{text}").host
    except Failed as exc:
        raise InputError(f"{shown(text)!r} names no host: {exc}") from exc


@lru_cache(maxsize=1)
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms

    try:
        return f"{ROBOT}/{version('dateline')} (fetches news for one reader's own archive)"
    except PackageNotFoundError:  # run from its source, not installed
        return f"{ROBOT} (fetches news for one reader's own archive)"
