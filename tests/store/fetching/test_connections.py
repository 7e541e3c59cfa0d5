"""Connections to checked addresses alone."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

from store.fetching import connections
from store.fetching.connections import Connections
from store.fetching.deadlines import Deadline
from store.fetching.failures import Failed, Overdue, Unreachable
from store.fetching.urls import read_url
from tests.store.fetching.conftest import LOCAL, PUBLIC, PUBLIC_IPV6, Internet
from tests.web_site import STALL, WebSite, answer, looked_up, trickle


def ask(
    url: str, internet: Internet, *, allowed: tuple[str, ...] = (), deadline_s: float = 60
) -> tuple[int, dict[str, str], bytes]:
    asked = Connections(internet.resolve, internet.connect, allowed)
    with asked.ask(read_url(url), {"Accept": "a/b"}, Deadline(deadline_s, threading.Event())) as response:
        return response.status, dict(response.headers), b"".join(response.body)


def test_a_request_names_the_host_and_says_little_else(site: WebSite, internet: Internet) -> None:
    site.pages["/a?b"] = [answer(200, b"abc", kind="text/plain", x_y="z")]

    answered = ask(site.url("/a?b", host="harbour.example"), internet)

    headers = {"content-type": "text/plain", "content-length": "3", "connection": "close", "x-y": "z"}
    assert answered == (200, headers, b"abc")
    host = f"Host: harbour.example:{site.port}"
    assert site.requests == [f"GET /a?b HTTP/1.1\r\n{host}\r\nConnection: close\r\nAccept: a/b\r\n"]
    assert (internet.looked_up, internet.connected) == (["harbour.example"], [PUBLIC])


def test_headers_that_were_sent_several_times_are_joined(site: WebSite, internet: Internet) -> None:
    site.pages["/"] = [b"HTTP/1.1 200 X\r\nA: b\r\na: \xe9\r\nContent-Length: 0\r\n\r\n"]

    assert ask(site.url(host="harbour.example"), internet)[1]["a"] == "b, é"


def test_libraries_do_not_log_addresses() -> None:
    assert {logging.getLogger(name).level for name in ("httpx", "httpcore")} == {logging.WARNING}


@pytest.mark.parametrize(
    ("addresses", "connected"),
    [
        (f"127.0.0.1 {PUBLIC}", [PUBLIC]),
        (f"{PUBLIC} ::1 {PUBLIC}", [PUBLIC]),
        (f"::ffff:10.0.0.1 {PUBLIC_IPV6} 10.0.0.1", [PUBLIC_IPV6]),
    ],
)
def test_of_several_addresses_only_public_ones_are_used(
    site: WebSite, internet: Internet, addresses: str, connected: list[str]
) -> None:
    site.pages["/"] = [answer()]
    internet.hosts["mixed.example"] = [addresses]

    ask(site.url(host="mixed.example"), internet)

    assert internet.connected == connected


@pytest.mark.parametrize(
    ("addresses", "where"),
    [
        ("127.0.0.1", "127.0.0.1 (this machine)"),
        ("10.0.0.1 ::1", "10.0.0.1 (private)"),
        ("169.254.169.254", "169.254.169.254 (link-local)"),
        ("64:ff9b::7f00:1", "64:ff9b::7f00:1 (this machine)"),
        ("0177.0.0.1", "0177.0.0.1 (unknown)"),
    ],
)
def test_a_host_without_a_public_address_is_not_connected_to(
    site: WebSite, internet: Internet, addresses: str, where: str
) -> None:
    internet.hosts["inner.example"] = [addresses]

    with pytest.raises(Unreachable) as caught:
        ask(site.url(host="inner.example"), internet)

    assert (
        str(caught.value)
        == f"its host is at {where}, not on the public internet; --allow-private-host names one that you trust"
    )
    assert (internet.connected, site.accepted) == ([], 0)


@pytest.mark.parametrize(
    "host", ["127.1", "0177.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "127.0.0.1.", "１２７.1"]
)
def test_odd_spellings_of_this_machine_are_looked_up_and_refused(site: WebSite, host: str) -> None:
    asked = Connections(socket.getaddrinfo, socket.create_connection, ())

    with (
        pytest.raises(Unreachable, match=r"127\.0\.0\.1 \(this machine\)|there is no host"),
        asked.ask(read_url(site.url(host=host)), {}, Deadline(60, threading.Event())),
    ):
        pytest.fail("it was asked")

    assert site.accepted == 0


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0", "[::]"])  # noqa: S104
def test_other_names_of_this_machine_are_refused(site: WebSite, host: str) -> None:
    asked = Connections(socket.getaddrinfo, socket.create_connection, ["127.0.0.1"])

    with (
        pytest.raises(Unreachable, match=r"not on the public internet|there is no host"),
        asked.ask(read_url(site.url(host=host)), {}, Deadline(60, threading.Event())),
    ):
        pytest.fail("it was asked")

    assert site.accepted == 0


def test_a_host_that_a_person_named_may_be_anywhere(site: WebSite, internet: Internet) -> None:
    site.pages["/"] = [answer()]
    internet.hosts["inner.example"] = ["192.168.1.7"]

    assert ask(site.url(host="inner.example"), internet, allowed=("inner.example",))[0] == 200
    assert internet.connected == ["192.168.1.7"]


def test_the_next_address_is_tried_where_one_takes_no_connection(site: WebSite, internet: Internet) -> None:
    site.pages["/"] = [answer()]
    internet.hosts["two.example"] = [f"{PUBLIC_IPV6} {PUBLIC}"]
    tried: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        if address[0] == PUBLIC_IPV6:
            raise OSError(101, "Network is unreachable")
        return socket.create_connection((LOCAL, address[1]), timeout)

    asked = Connections(internet.resolve, connect, ())
    with asked.ask(read_url(site.url(host="two.example")), {}, Deadline(60, threading.Event())) as response:
        assert response.status == 200

    assert tried == [PUBLIC_IPV6, PUBLIC]


def test_a_server_that_takes_no_connection_may_do_so_later(internet: Internet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(Unreachable, match=r"^the server cannot be reached: connection refused$") as caught:
        ask(f"http://harbour.example:{port}/", internet)

    assert caught.value.is_transient


@pytest.mark.parametrize(
    ("problem", "reason", "is_transient"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "there is no host 'a.example'", False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "the host 'a.example' cannot be looked up at the moment", True),
        (UnicodeError("label too long"), "there is no host 'a.example'", False),
        (OSError(24, "Too many open files"), "the host 'a.example' cannot be looked up: too many open files", True),
    ],
)
def test_a_host_that_is_not_found_has_a_reason(
    internet: Internet, problem: Exception, reason: str, is_transient: bool
) -> None:
    internet.hosts["a.example"] = [problem]

    with pytest.raises(Unreachable) as caught:
        ask("http://a.example/", internet)

    assert (str(caught.value), caught.value.is_transient) == (reason, is_transient)


def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    over = threading.Event()

    def resolve(*_: object) -> list[tuple[object, ...]]:
        over.wait()
        return looked_up(PUBLIC)

    asked = Connections(resolve, socket.create_connection, ())
    try:
        with pytest.raises(Overdue), asked.ask(read_url("http://a.example/"), {}, Deadline(0.05, threading.Event())):
            pytest.fail("it was asked")
    finally:
        over.set()


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 X\r\n", b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_server_that_stops_sending_is_cut_by_the_deadline(site: WebSite, internet: Internet, sent: bytes) -> None:
    site.pages["/"] = [sent, STALL]

    with pytest.raises(Overdue, match=r"^no complete answer within 0\.1 seconds$"):
        ask(site.url(host="harbour.example"), internet, deadline_s=0.1)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 X\r\n", b"A: b\r\n"),
        (b"", b"HTTP/1.1 100 X\r\n\r\n"),
        (b"HTTP/1.1 200 X\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
)
def test_a_server_that_sends_a_little_now_and_then_is_cut_too(
    site: WebSite, internet: Internet, start: bytes, piece: bytes
) -> None:
    site.pages["/"] = trickle(site, start, piece)

    with pytest.raises(Overdue):
        ask(site.url(host="harbour.example"), internet, deadline_s=0.2)


CLOSED = "the server closed the connection before "
LARGE = "the headers of its answer are larger than 100 KB"


@pytest.mark.parametrize(
    ("sent", "reason", "is_transient"),
    [
        (b"", f"{CLOSED}answering", True),
        (b"HTTP/1.1 200", f"{CLOSED}answering", True),
        (b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nabc", f"{CLOSED}its answer was complete", True),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", f"{CLOSED}its answer was complete", True),
        (b"HTTP/1.1 200 X\r\nA: " + bytes(200_000).replace(b"\0", b"a") + b"\r\n\r\n", LARGE, False),
        (b"HTTP/1.1 200 X\r\n" + b"A: b\r\n" * 40_000 + b"\r\n", LARGE, False),
        (b"HTTP/1.1 100 X\r\n\r\n" * 20_000, LARGE, False),
    ],
)
def test_an_answer_that_is_broken_has_a_reason(
    site: WebSite, internet: Internet, sent: bytes, reason: str, is_transient: bool
) -> None:
    site.pages["/"] = [sent]

    with pytest.raises(Failed) as caught:
        ask(site.url(host="harbour.example"), internet)

    assert (str(caught.value), caught.value.is_transient) == (reason, is_transient)


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"\x1b]0;evil\x07\x1b[31m\r\n\r\n",
        b"HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_is_said_to_be_none_without_showing_what_it_is(
    site: WebSite, internet: Internet, sent: bytes
) -> None:
    site.pages["/"] = [sent]

    with pytest.raises(Failed, match=r"^the server's answer is not HTTP") as caught:
        ask(site.url(host="harbour.example"), internet)

    assert str(caught.value).isprintable()
    assert not {"SSH", "evil", "zz"} & set(re.findall("[A-Za-z]+", str(caught.value)))


def test_cutting_ends_what_is_being_read(site: WebSite, internet: Internet) -> None:
    site.pages["/"] = [b"HTTP/1.1 200 X\r\n\r\nabc", STALL]
    asked = Connections(internet.resolve, internet.connect, ())

    with asked.ask(read_url(site.url(host="harbour.example")), {}, Deadline(3_600, threading.Event())) as response:
        assert next(response.body) == b"abc"
        asked.cut()
        assert list(response.body) == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the certificate of a host that vouches for itself, with its key, in one file."""
    if which("openssl") is None:
        pytest.skip("makes a certificate with openssl")
    folder = tmp_path_factory.mktemp("certificate")
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=harbour.example".split()
    named = ["-addext", "subjectAltName=DNS:harbour.example", "-keyout", str(folder / "key"), "-out", str(folder / "a")]
    subprocess.run(["openssl", *made, *named], capture_output=True, check=True)
    (folder / "both").write_bytes((folder / "key").read_bytes() + (folder / "a").read_bytes())
    return folder / "both"


@pytest.fixture
def secure_site(open_site: Callable[..., WebSite], certificate: Path) -> WebSite:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return open_site({"/": [answer(200, b"abc")]}, tls=context)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the person trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(connections, "_tls", connections._tls.__wrapped__)


@pytest.mark.usefixtures("trusted")
def test_a_certificate_is_checked_against_the_name_of_the_host(secure_site: WebSite, internet: Internet) -> None:
    internet.hosts["quay.example"] = [PUBLIC]

    assert ask(secure_site.url(host="harbour.example"), internet)[2] == b"abc"
    with pytest.raises(Unreachable, match=r"^its certificate cannot be trusted: .*ostname mismatch.*quay"):
        ask(secure_site.url(host="quay.example"), internet)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure_site: WebSite, internet: Internet) -> None:
    with pytest.raises(Unreachable, match=r"^its certificate cannot be trusted: self-signed certificate$"):
        ask(secure_site.url(host="harbour.example"), internet, allowed=("harbour.example",))


def test_a_server_without_tls_gives_no_secure_connection(site: WebSite, internet: Internet) -> None:
    site.pages["/"] = [answer()]

    with pytest.raises(Unreachable, match=r"^no secure connection: "):
        ask(site.url(host="harbour.example").replace("http:", "https:"), internet)
