"""Fetch and read what a hostile server sends, each case in a process of its own, and look at what it cost.

By hand: ``python tests/faults/hostile_web.py``. Every case has to end within 30 seconds and 300 MB of memory, with a
reason or with content, and without a connection to anything that is not public.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import resource
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from store.fetching.fetcher import DEADLINE_S
from tests.benchmarks.tables import say, say_table
from tests.web_site import STALL, Page, WebSite, answer, looked_up, redirect, trickle

LONGEST_S = 30.0
MOST_MB = 300

HOST = "hostile.example"
# Stands for the internet; a connection to it ends on this machine.
_PUBLIC = "93.184.215.14"

# As they may stand in a redirect, of a machine that listens on {port} of the loopback.
PRIVATE_FORMS = """
127.0.0.1 127.1 127.0.1 0177.0.0.1 0x7f.1 0x7f000001 2130706433 017700000001 127.0.0.1. １２７.0.0.1 127。0。0。1
0.0.0.0 0 localhost localhost. LOCALHOST [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1
169.254.169.254 224.0.0.1 255.255.255.255 [fc00::1] [fe80::1] [fe80::1%25lo] [fd00:ec2::254] inner.example
mixed.example %31%32%37.0.0.1
""".split()


@dataclass(frozen=True)
class Case:
    """A name, what the server says by path, and what is fetched from it.

    ``hosts`` are the addresses of hosts in turn, beside those that the system knows.
    """

    name: str
    pages: Mapping[str, Page]
    expect: str = "page"
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a reason, or content; which addresses were connected to, and how often the inside was."""

    case: str
    said: str
    seconds: float
    megabytes: float
    connected: tuple[str, ...]
    visits_inside: int

    @property
    def faults(self) -> list[str]:
        """What is wrong with it."""
        found = {
            "too slow": self.seconds > LONGEST_S,
            "too large": self.megabytes > MOST_MB,
            "inside": bool(self.visits_inside) or not set(self.connected) <= {_PUBLIC},
            "no clear end": not self.said.startswith(("cannot ", "fetched ", "read ", "skipped ")),
        }
        return [fault for fault, is_so in found.items() if is_so]


@functools.cache
def packed(size: int, *, wbits: int = 31) -> bytes:
    """Return so many zeros, compressed."""
    packer = zlib.compressobj(9, wbits=wbits)
    step = 1_000_000
    return b"".join([*(packer.compress(bytes(step)) for _ in range(size // step)), packer.flush()])


def endless(start: bytes, piece: bytes) -> Page:
    """Return a page that never ends and comes as fast as it is taken."""

    def send(_: str) -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return send


def cases(site: WebSite, inside: WebSite) -> Iterator[Case]:
    """Yield all cases, for a server and one on the inside that nobody may get to."""
    yield from _large()
    yield from _slow(site)
    yield from _malformed()
    yield from _redirects(inside)
    yield from _robots(inside)
    yield from _documents(inside)


def _large() -> Iterator[Case]:
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    for expect, kind in (("page", "text/html"), ("feed", "application/rss+xml")):
        bomb = answer(200, packed(300_000_000), kind=kind, content_encoding="gzip")
        yield Case(f"300 MB in gzip, {expect}", {"/": [bomb]}, expect)
    for name, coding, content in (
        ("300 MB in deflate", "deflate", packed(300_000_000, wbits=15)),
        ("300 MB in bare deflate", "deflate", packed(300_000_000, wbits=-15)),
        ("gzip in gzip, said so", "gzip, gzip", gzip.compress(packed(300_000_000))),
        ("gzip in gzip, said once", "gzip", gzip.compress(packed(300_000_000))),
        ("gzip of 500,000 parts", "gzip", gzip.compress(b"") * 500_000),
        ("gzip that breaks off", "gzip", packed(1_000_000)[:-100]),
        ("gzip that is none", "gzip", b"<p>text" * 100),
        ("brotli", "br", b"\x8b\x00\x80"),
    ):
        yield Case(name, {"/": [answer(200, content, content_encoding=coding)]})
    yield Case("300 MB, declared", {"/": [head + b"Content-Length: 300000000\r\n\r\n", STALL]})
    yield Case("endless, without a length", {"/": endless(head + b"\r\n", bytes(65_536))})
    yield Case("endless, in chunks", {"/": endless(chunked, b"10000\r\n" + bytes(65_536) + b"\r\n")})
    yield Case("endless, in chunks of one byte", {"/": endless(chunked, b"1\r\na\r\n" * 10_000)})
    yield Case("endless trailers", {"/": endless(chunked + b"0\r\n", b"A: b\r\n" * 10_000)})
    yield Case("a header of 200 KB", {"/": [head + b"A: " + b"b" * 200_000 + b"\r\n\r\n"]})
    yield Case("40,000 headers", {"/": [head + b"A: b\r\n" * 40_000 + b"\r\n"]})
    yield Case("an endless header", {"/": endless(head + b"A: ", b"b" * 65_536)})
    yield Case("endless interim answers", {"/": endless(b"", b"HTTP/1.1 100 X\r\n\r\n" * 1_000)})


def _slow(site: WebSite) -> Iterator[Case]:
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\n"
    yield Case("silence", {"/": [STALL]})
    yield Case("a head that stalls", {"/": [head, STALL]})
    yield Case("a body that stalls", {"/": [head + b"\r\n<p>", STALL]})
    yield Case("a head, byte by byte", {"/": trickle(site, b"HTTP/1.1 200 X\r\nA: ", b"b", pause_s=1)})
    yield Case("headers, one by one", {"/": trickle(site, head, b"A: b\r\n", pause_s=1)})
    yield Case("a body, byte by byte", {"/": trickle(site, head + b"\r\n", b"a", pause_s=1)})
    yield Case("a robots.txt, byte by byte", {"/robots.txt": trickle(site, head + b"\r\n", b"a", pause_s=1)})
    yield Case("429 for an hour", {"/": [answer(429, retry_after="3600")]})
    yield Case("503 for 9 seconds", {"/": [answer(503, retry_after="9")]})


def _malformed() -> Iterator[Case]:
    for name, content in {
        "nothing": b"",
        "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "terminal sequences": b"\x1b]0;evil\x07\x1b[2J HTTP/1.1\r\n\r\n",
        "two lengths": b"HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "a length that is none": b"HTTP/1.1 200 X\r\nContent-Length: 1e9\r\n\r\nab",
        "a length that is too large": b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\nab",
        "a chunk that is none": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
        "status 101": b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        "status 204": answer(204),
        "status 304, unasked": b"HTTP/1.1 304 X\r\n\r\n",
        "status 401": answer(401, www_authenticate="Basic"),
        "status 404": answer(404, b"\x1b[31m"),
        "status 999": answer(999),
        "a picture": answer(200, b"\x89PNG", kind="image/png"),
        "a type in terminal sequences": answer(200, b"a", kind="\x1b]0;evil\x07\x1b[31ma/b"),
    }.items():
        yield Case(name, {"/": [content]})


def _redirects(inside: WebSite) -> Iterator[Case]:
    hosts = {"inner.example": ["127.0.0.1"], "mixed.example": ["127.0.0.1 10.0.0.1"]}
    for form in PRIVATE_FORMS:
        yield Case(f"redirect to {form}", {"/": redirect(f"http://{form}:{inside.port}/")}, "feed", hosts)
    for location in (
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://127.0.0.1/",
        "http://mary:s3cret@127.0.0.1/",
        "http://hostile.example\\@127.0.0.1/",
        "http://[::1",
        "",
    ):
        yield Case(f"redirect to {location or 'nowhere'}", {"/": redirect(location)}, "feed")
    yield Case("redirect in a circle", {"/": redirect("/b"), "/b": redirect("/#c")}, "feed")
    yield Case("redirect to itself", {"/": redirect("/")}, "feed")
    chain = {"/": redirect("/0")} | {f"/{i}": redirect(f"/{i + 1}") for i in range(100)}
    yield Case("100 redirects", chain, "feed")
    rebound = {HOST: [_PUBLIC, "127.0.0.1"]}
    yield Case("redirect, then the host is inside", {"/": redirect("/b")}, "feed", rebound)
    yield Case("broken off, then the host is inside", {"/": [b""]}, "feed", rebound)
    yield Case("robots.txt, then the host is inside", {"/": [answer(200, b"<p>a")]}, "page", rebound)


def _robots(inside: WebSite) -> Iterator[Case]:
    page = {"/": [answer(200, b"<p>The ferry sank.</p>")]}
    many = "".join(f"User-agent: a{i}*\n" for i in range(20_000)) + "".join(
        f"Disallow: /{i}*a*b*c$\n" for i in range(9_000)
    )
    for name, robots in {
        "300 MB in gzip": [answer(200, packed(300_000_000), content_encoding="gzip")],
        "endless": endless(b"HTTP/1.1 200 X\r\n\r\n", b"Disallow: /a\n" * 5_000),
        "20,000 robots, 9,000 rules": [answer(200, many.encode())],
        "a rule of 400 KB": [answer(200, b"User-agent: *\nDisallow: /" + b"*a" * 200_000)],
        "a pause of a day": [answer(200, b"User-agent: *\nCrawl-delay: 86400")],
        "status 500": [answer(500)],
        "redirect inside": redirect(inside.url()),
    }.items():
        yield Case(f"robots.txt: {name}", page | {"/robots.txt": robots})


def _documents(inside: WebSite) -> Iterator[Case]:
    """Yield what arrives whole and is dangerous to read."""
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    entity = "<rss><channel><title>%s</title></channel></rss>"
    for name, document in {
        "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>{entity % "&l11;"}',
        "one long entity, often": f'<!DOCTYPE r [<!ENTITY a "{"a" * 100_000}">]>{entity % ("&a;" * 100_000)}',
        "an entity from a file": f'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>{entity % "&a;"}',
        "an entity from the inside": f'<!DOCTYPE r [<!ENTITY a SYSTEM "{inside.url()}">]>{entity % "&a;"}',
        "a DTD from the inside": f'<!DOCTYPE r SYSTEM "{inside.url()}">{entity % "a"}',
        "an entity behind a comment": f'<!-- <r> --><!DOCTYPE r [<!ENTITY a "b">]>{entity % "&a;"}',
        "parameter entities": f"<!DOCTYPE r [<!ENTITY % a '<!ENTITY b \"c\">'> %a;]>{entity % '&b;'}",
        "200,000 elements within each other": "<rss><channel>" + "<a>" * 200_000,
        "1,000 elements within each other, often": "<rss><channel>" + ("<a>" * 900 + "</a>" * 900) * 1_500,
        "2 MB of broken elements": "<rss><channel>" + "<b></b>" * 300_000,
        "9 MB of broken elements": "<rss><channel>" + "<b></b>" * 1_300_000,
        "9 MB of brackets": "<rss><channel>" + "<" * 9_000_000,
        "9 MB of CDATA without an end": "<rss><channel>" + "<![CDATA[" * 1_000_000,
        "9 MB of nothing but entries": f"<rss><channel>{'<item/>' * 1_280_000}</channel></rss>",
        "9 MB of one title": entity % ("&lt;b&gt;" * 1_000_000),
        "100,000 attributes": "<rss " + "".join(f"a{i}='b' " for i in range(100_000)) + "/>",
        "100,000 entries": f"<rss><channel>{'<item><title>a</title></item>' * 100_000}</channel></rss>",
        "brackets of JSON": "[" * 1_000_000,
        "objects of JSON": '{"version": "https://jsonfeed.org/version/1", "items":' * 100_000,
    }.items():
        kind = "application/feed+json" if document.startswith(("[", "{")) else "application/rss+xml"
        yield Case(f"feed: {name}", {"/": [answer(200, document.encode(), kind=kind)]}, "feed")


def run(case: Case, site: WebSite, inside: WebSite, *, deadline_s: float = DEADLINE_S) -> Outcome:
    """Fetch a case in a process of its own, from a path of its own."""
    hosts = {HOST: [_PUBLIC], **case.hosts}
    given = json.dumps({"url": site.url(host=HOST), "expect": case.expect, "hosts": hosts, "deadline_s": deadline_s})
    began = time.monotonic()
    try:
        child = subprocess.run(
            [sys.executable, __file__, "--child", given],
            capture_output=True,
            text=True,
            timeout=4 * LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(case.name, "did not end", time.monotonic() - began, 0.0, (), inside.accepted)
    lines = child.stdout.splitlines() or ["{}"]
    told: dict[str, Any] = {"said": child.stderr[-200:], "megabytes": 0.0, "connected": (), **json.loads(lines[-1])}
    seconds = time.monotonic() - began
    return Outcome(case.name, told["said"], seconds, told["megabytes"], tuple(told["connected"]), inside.accepted)


def run_by_name(name: str, *, deadline_s: float = DEADLINE_S) -> Outcome:
    """Run one case, with a server of its own."""
    with closing(WebSite()) as site, closing(WebSite()) as inside:
        case = next(case for case in cases(site, inside) if case.name == name)
        site.pages |= case.pages
        return run(case, site, inside, deadline_s=deadline_s)


def fetch(
    url: str, expect: Literal["page", "feed"], hosts: dict[str, list[str]], deadline_s: float
) -> tuple[str, list[str]]:
    """Return what came of fetching and reading ``url``, and all addresses that were connected to."""
    from store.errors import InputError
    from store.fetching import Fetcher
    from store.parsing import ParserPool
    from store.subscribing import parse_fetched

    connected: list[str] = []

    def resolve(host: str, *others: Any) -> Iterable[tuple[object, ...]]:
        if host not in hosts:
            return socket.getaddrinfo(host, *others)
        turns = hosts[host]
        return looked_up(*(turns.pop(0) if len(turns) > 1 else turns[0]).split())

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        return socket.create_connection(("127.0.0.1" if address[0] == _PUBLIC else address[0], address[1]), timeout)

    with Fetcher(resolve=resolve, connect=connect, deadline_s=deadline_s) as fetcher, ParserPool() as parsers:  # type: ignore[arg-type]
        try:
            fetched = fetcher.fetch(url, expect=expect)
            if expect == "page":
                return f"fetched {len(fetched.content):,} bytes", connected
            return f"read {len(parse_fetched(fetched, parsers).entries):,} entries", connected
        except InputError as exc:
            return str(exc) if str(exc).startswith("cannot ") else f"skipped {exc}", connected


def _own_peak_kb() -> int:
    # What getrusage tells of a process includes what its parent held when it was started.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="run the cases whose name holds this")
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        said, connected = fetch(**json.loads(given.child))
        used = max(_own_peak_kb(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        say(json.dumps({"said": said, "connected": connected, "megabytes": used / 1_000}))
        return 0
    with closing(WebSite()) as site, closing(WebSite()) as inside:
        names = [case.name for case in cases(site, inside) if given.only in case.name]
    with ThreadPoolExecutor(given.at_once) as pool:
        outcomes = list(pool.map(run_by_name, names))
    rows = [(o.case, f"{o.seconds:.1f}", f"{o.megabytes:.0f}", o.said[:150], ", ".join(o.faults)) for o in outcomes]
    say_table(("case", "s", "MB", "what it comes to", "wrong"), rows)
    wrong = sum(bool(outcome.faults) for outcome in outcomes)
    say(f"{wrong} of {len(outcomes)} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
