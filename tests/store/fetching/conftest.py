"""Sites on this machine, and a name server and an internet that lead to them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from store.fetching import Fetcher
from tests.web_site import Page, WebSite, looked_up

LOCAL = "127.0.0.1"
# Addresses of the public internet; `Internet` lets nobody get there.
PUBLIC = "93.184.215.14"
PUBLIC_IPV6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


@dataclass
class Internet:
    """A name server that knows ``hosts``, and an internet whose every address is this machine.

    An address that a host has in turns is a list in ``hosts``, whose last element stays.
    """

    hosts: dict[str, list[str | Exception]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def resolve(self, host: str, *_: object) -> list[tuple[object, ...]]:
        self.looked_up.append(host)
        turns = self.hosts.get(host, [])
        if not turns:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        turn = turns.pop(0) if len(turns) > 1 else turns[0]
        if isinstance(turn, Exception):
            raise turn
        return looked_up(*turn.split())

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.connected.append(address[0])
        return socket.create_connection((LOCAL, address[1]), timeout)


@pytest.fixture
def internet() -> Internet:
    return Internet({"harbour.example": [PUBLIC], LOCAL: [LOCAL]})


@pytest.fixture
def open_site() -> Iterator[Callable[..., WebSite]]:
    """Give a function that opens a site with pages by path; all close with the test."""
    sites: list[WebSite] = []

    def open_site(pages: dict[str, Page] | None = None, **options: object) -> WebSite:
        sites.append(WebSite(dict(pages or {}), **options))  # type: ignore[arg-type]
        return sites[-1]

    yield open_site
    for site in sites:
        site.close()


@pytest.fixture
def site(open_site: Callable[..., WebSite]) -> WebSite:
    return open_site()


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Give a fetcher that is allowed this machine by its address, and does not wait between two requests."""
    with Fetcher(allowed_hosts=[LOCAL], delay_s=0) as fetcher:
        yield fetcher
