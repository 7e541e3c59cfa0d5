"""One address → its content or a reason, from real servers on this machine."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.errors import FetchError, InputError
from store.fetching import Fetcher
from tests.command_line import REPOSITORY
from tests.store.fetching.conftest import LOCAL, PUBLIC, Internet
from tests.web_site import STALL, WebSite, answer, redirect

PAGE = [answer(200, b"<p>The ferry sank.</p>")]
FEED = [answer(200, b"<rss/>", kind="application/rss+xml")]


def reason(caught: pytest.ExceptionInfo[FetchError]) -> str:
    assert str(caught.value).endswith(f": {caught.value.reason}")
    return caught.value.reason


def test_a_page_is_fetched_as_it_is(site: WebSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = [answer(200, b"<p>The ferry sank.</p>", etag='"v1"')]

    fetched = fetcher.fetch(site.url("/a#b"))

    assert (fetched.url, fetched.status, fetched.content) == (site.url("/a"), 200, b"<p>The ferry sank.</p>")
    assert fetched.headers["etag"] == '"v1"'
    assert site.paths == ["/robots.txt", "/a"]


def test_a_request_says_who_asks_and_nothing_about_the_person(site: WebSite, fetcher: Fetcher) -> None:
    site.pages["/"] = [answer(302, location="/a", set_cookie="a=b")]
    site.pages["/a"] = PAGE

    fetcher.fetch(site.url())

    names = {line.split(":")[0] for head in site.requests for line in head.splitlines()[1:]}
    assert names == {"Host", "Connection", "User-Agent", "Accept-Encoding", "Accept"}
    assert re.search(r"\r\nUser-Agent: dateline(/[\d.]+)? \(.+\)\r\n", site.requests[0])


def test_a_feed_is_fetched_without_a_look_at_robots_txt(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {"/feed": FEED, "/robots.txt": [answer(200, b"User-agent: *\nDisallow: /")]}

    assert fetcher.fetch(site.url("/feed"), expect="feed").content == b"<rss/>"
    assert site.paths == ["/feed"]


def test_a_page_that_robots_txt_closes_is_fetched_where_a_person_named_it(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {"/a": PAGE, "/robots.txt": [answer(200, b"User-agent: *\nDisallow: /")]}

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url("/a"))
    fetched = fetcher.fetch(site.url("/a"), obey_robots=False)

    assert reason(caught) == "the site's robots.txt does not allow it"
    assert fetched.status == 200
    assert site.paths == ["/robots.txt", "/a"]


def test_a_redirect_into_what_robots_txt_closes_is_not_followed(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {"/a": redirect("/b"), "/robots.txt": [answer(200, b"User-agent: *\nDisallow: /b")]}

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url("/a"))

    assert reason(caught) == f"the site's robots.txt does not allow it (redirected to {site.url('/b')!r})"
    assert "/b" not in site.paths


def test_a_site_whose_robots_txt_cannot_be_had_is_left_alone(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {"/a": PAGE, "/robots.txt": [answer(500)]}

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url("/a"))

    assert reason(caught) == ("its robots.txt cannot be fetched: the server answers 500: something is wrong with it")
    assert caught.value.status is None


def test_a_robots_txt_may_be_elsewhere(site: WebSite, fetcher: Fetcher) -> None:
    rules = [answer(200, b"User-agent: *\nDisallow: /a", kind="text/plain")]
    site.pages |= {"/a": PAGE, "/robots.txt": redirect("/r"), "/r": rules}

    with pytest.raises(FetchError, match=r"robots\.txt does not allow"):
        fetcher.fetch(site.url("/a"))


def test_what_is_known_already_is_not_sent_again(site: WebSite, fetcher: Fetcher) -> None:
    site.pages["/feed"] = [b'HTTP/1.1 304 X\r\nETag: "v2"\r\n\r\n']

    fetched = fetcher.fetch(
        site.url("/feed"), etag='"v1"', last_modified="Wed, 01 Jan 2020 00:00:00 GMT", expect="feed"
    )

    assert (fetched.status, fetched.content, fetched.headers) == (304, b"", {"etag": '"v2"'})
    assert 'If-None-Match: "v1"\r\n' in site.requests[0]
    assert "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT\r\n" in site.requests[0]


@pytest.mark.parametrize("etag", ["a\r\nX-Evil: b", "\x1b[31m", "é", " ", "a" * 1_001])
def test_a_version_that_is_no_header_is_not_sent_back(site: WebSite, fetcher: Fetcher, etag: str) -> None:
    site.pages["/feed"] = FEED

    assert fetcher.fetch(site.url("/feed"), etag=etag, expect="feed").status == 200
    assert "If-None-Match" not in site.requests[0]


def test_content_is_decoded(site: WebSite, fetcher: Fetcher) -> None:
    site.pages["/"] = [answer(200, gzip.compress(b"abc"), content_encoding="gzip")]

    assert fetcher.fetch(site.url()).content == b"abc"
    assert "Accept-Encoding: gzip, deflate\r\n" in site.requests[1]


def test_what_is_no_page_is_not_read(site: WebSite, fetcher: Fetcher) -> None:
    site.pages["/"] = [answer(200, b"x", kind="image/png"), STALL]

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url())

    assert str(caught.value) == f"cannot fetch {site.url()!r}: it is 'image/png', no page"
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize(
    ("status", "is_gone", "may_pass"),
    [(404, True, False), (410, True, False), (403, False, False), (429, False, True), (500, False, True)],
)
def test_an_answer_without_content_has_its_status(
    site: WebSite, fetcher: Fetcher, status: int, is_gone: bool, may_pass: bool
) -> None:
    site.pages["/a"] = [answer(status, b"\x1b]0;evil\x07")]

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url("/a"))

    assert (caught.value.status, caught.value.is_gone, caught.value.may_pass) == (status, is_gone, may_pass)
    assert reason(caught).startswith(f"the server answers {status}: ")
    assert site.paths.count("/a") == 1


@pytest.mark.parametrize("url", ["http://mary:s3cret@127.0.0.1/", "https:mary:s3cret@a", "http://mary:s3cret@a:b"])
def test_a_password_is_neither_sent_nor_shown(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)

    assert "s3cret" not in str(caught.value)


def in_turns(*pages: list[bytes]) -> Callable[[str], Iterator[object]]:
    """Return a page that is another each time, the last one again and again."""
    left = list(pages)
    return lambda _: iter(left.pop(0) if len(left) > 1 else left[0])


@pytest.mark.parametrize(
    "first", [[b""], [b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nabc"], [answer(503, retry_after="0")]]
)
def test_what_may_pass_is_tried_once_more(site: WebSite, fetcher: Fetcher, first: list[bytes]) -> None:
    site.pages["/a"] = in_turns(first, PAGE)

    assert fetcher.fetch(site.url("/a")).status == 200
    assert site.paths == ["/robots.txt", "/a", "/a"]


@pytest.mark.parametrize("always", [[b""], [answer(429, retry_after="0")]])
def test_what_does_not_pass_is_not_tried_again_and_again(site: WebSite, fetcher: Fetcher, always: list[bytes]) -> None:
    site.pages["/a"] = always

    with pytest.raises(FetchError):
        fetcher.fetch(site.url("/a"))

    assert site.paths == ["/robots.txt", "/a", "/a"]


@pytest.mark.parametrize("headers", [{}, {"retry_after": "3600"}, {"retry_after": "Fri, 01 Jan 2100 00:00:00 GMT"}])
def test_a_server_that_wants_to_be_left_alone_is(site: WebSite, fetcher: Fetcher, headers: dict[str, str]) -> None:
    site.pages["/a"] = [answer(429, **headers)]

    with pytest.raises(FetchError, match="the server answers 429: it is asked too often") as caught:
        fetcher.fetch(site.url("/a"))

    assert (caught.value.retry_after_s is None) == (not headers)
    assert site.paths == ["/robots.txt", "/a"]


def test_redirects_are_followed_across_hosts(open_site: Callable[..., WebSite], internet: Internet) -> None:
    last = open_site({"/c": PAGE})
    first = open_site({"/a": redirect("/b", 301), "/b": redirect(last.url("/c", host="quay.example"), 308)})
    internet.hosts["quay.example"] = [PUBLIC]

    with Fetcher(delay_s=0, resolve=internet.resolve, connect=internet.connect) as fetcher:
        fetched = fetcher.fetch(first.url("/a", host="harbour.example"))

    assert fetched.url == last.url("/c", host="quay.example")
    assert (first.paths, last.paths) == (["/robots.txt", "/a", "/b"], ["/robots.txt", "/c"])


@pytest.mark.parametrize(
    ("statuses", "moved"), [((302, 301), None), ((301, 302), "/1"), ((308, 301), "/2"), ((301, 302, 301), "/1")]
)
def test_what_moved_for_good_says_where_it_will_be(
    site: WebSite, fetcher: Fetcher, statuses: tuple[int, ...], moved: str | None
) -> None:
    site.pages |= {f"/{i}": redirect(f"/{i + 1}", status) for i, status in enumerate(statuses)}
    site.pages[f"/{len(statuses)}"] = FEED

    fetched = fetcher.fetch(site.url("/0"), expect="feed")

    assert fetched.url == site.url(f"/{len(statuses)}")
    assert fetched.moved == (site.url(moved) if moved else None)


def test_redirects_in_a_circle_are_found(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {"/a": redirect("/b"), "/b": redirect("/a#c")}

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url("/a"))

    assert reason(caught) == f"it is redirected in a circle (redirected to {site.url('/b')!r})"


def test_five_redirects_are_followed_and_no_more(site: WebSite, fetcher: Fetcher) -> None:
    site.pages |= {f"/{i}": redirect(f"/{i + 1}") for i in range(6)} | {"/6": PAGE}

    assert fetcher.fetch(site.url("/1")).url == site.url("/6")
    with pytest.raises(FetchError, match="it is redirected more than 5 times"):
        fetcher.fetch(site.url("/0"))


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///a", "'file:///a', and it is a 'file' address, only http and https are fetched"),
        ("javascript:a()", "'javascript:a()', and it is a 'javascript' address, only http and https are fetched"),
        ("http://mary:s3cret@127.0.0.1/", "'http://127.0.0.1/', and it holds a user name or a password"),
        ("http://[::1", "'http://[::1', and it is no address of the form https://host/path"),
    ],
)
def test_a_redirect_must_lead_to_the_web(site: WebSite, fetcher: Fetcher, location: str, why: str) -> None:
    site.pages["/"] = redirect(location)

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(site.url())

    assert str(caught.value) == f"cannot fetch {site.url()!r}: it is redirected to {why}"


def test_a_redirect_into_the_inside_is_refused_and_nothing_is_connected_to(
    open_site: Callable[..., WebSite], internet: Internet
) -> None:
    inside = open_site({"/": PAGE})
    outside = open_site({"/": redirect(inside.url(host="inner.example"))})
    internet.hosts["inner.example"] = ["127.0.0.1"]

    with (
        Fetcher(delay_s=0, resolve=internet.resolve, connect=internet.connect) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.fetch(outside.url(host="harbour.example"), expect="feed")

    assert reason(caught) == (
        "its host is at 127.0.0.1 (this machine), not on the public internet; "
        "--allow-private-host names one that you trust "
        f"(redirected to {inside.url(host='inner.example')!r})"
    )
    assert (inside.accepted, internet.connected) == (0, [PUBLIC])


def test_a_host_that_moves_inside_between_two_look_ups_is_refused(site: WebSite, internet: Internet) -> None:
    site.pages["/a"] = redirect("/b")
    internet.hosts["rebound.example"] = [PUBLIC, PUBLIC, "127.0.0.1"]

    with (
        Fetcher(delay_s=0, resolve=internet.resolve, connect=internet.connect) as fetcher,
        pytest.raises(FetchError, match=r"its host is at 127\.0\.0\.1 \(this machine\)"),
    ):
        fetcher.fetch(site.url("/a", host="rebound.example"))

    assert site.paths == ["/robots.txt", "/a"]
    assert internet.connected == [PUBLIC, PUBLIC]
    assert internet.looked_up == ["rebound.example"] * 3


def test_a_host_that_a_person_named_may_be_redirected_to(open_site: Callable[..., WebSite], internet: Internet) -> None:
    inside = open_site({"/": PAGE})
    outside = open_site({"/": redirect(inside.url(host="inner.example"))})
    internet.hosts["inner.example"] = ["10.0.0.1"]
    options = {"allowed_hosts": ["Inner.Example:8080"], "resolve": internet.resolve, "connect": internet.connect}

    with Fetcher(delay_s=0, **options) as fetcher:  # type: ignore[arg-type]
        assert fetcher.fetch(outside.url(host="harbour.example")).status == 200


@pytest.mark.parametrize(
    "named", ["127.0.0.1", "127.0.0.1:8080", "http://127.0.0.1:8080/a", "127.0.0.1.", "１２７.0.0.1"]
)
def test_a_host_is_named_as_a_person_would_write_it(site: WebSite, named: str) -> None:
    site.pages["/"] = FEED

    with Fetcher(allowed_hosts=[named], delay_s=0) as fetcher:
        assert fetcher.fetch(site.url(), expect="feed").status == 200


def test_what_is_no_host_cannot_be_allowed() -> None:
    with pytest.raises(InputError, match=r"^'a b' names no host: 'a b' is no name of a host$"):
        Fetcher(allowed_hosts=["::1", "[::1]", "a b"])


def test_proxies_of_the_environment_are_not_used(
    site: WebSite, open_site: Callable[..., WebSite], fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/"] = PAGE
    proxy = open_site()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url())

    assert fetcher.fetch(site.url()).status == 200
    assert proxy.accepted == 0


@pytest.mark.parametrize("stalled", ["/robots.txt", "/a", "/b"])
def test_one_deadline_holds_for_robots_page_and_redirects(site: WebSite, stalled: str) -> None:
    site.pages |= {"/a": redirect("/b"), "/b": PAGE, stalled: [STALL]}

    with (
        Fetcher(allowed_hosts=[LOCAL], delay_s=0, deadline_s=0.3) as fetcher,
        pytest.raises(FetchError, match=r"no complete answer within 0\.3 seconds"),
    ):
        fetcher.fetch(site.url("/a"))


def test_one_host_is_asked_one_thing_at_a_time(site: WebSite, fetcher: Fetcher) -> None:
    at_once: list[int] = []
    asked: list[str] = []

    def page(head: str) -> Iterator[object]:
        asked.append(head)
        site.is_over.wait(0.002)
        at_once.append(len(asked))
        asked.remove(head)
        yield PAGE[0]

    site.pages |= {f"/{i}": page for i in range(20)}
    with ThreadPoolExecutor(8) as pool:
        fetched = list(pool.map(lambda i: fetcher.fetch(site.url(f"/{i}")), range(20)))

    assert [page.status for page in fetched] == [200] * 20
    assert at_once == [1] * 20
    assert site.paths.count("/robots.txt") == 1


def test_hosts_are_asked_beside_each_other(open_site: Callable[..., WebSite], internet: Internet) -> None:
    both = threading.Barrier(2)

    def page(_: str) -> list[object]:
        both.wait(60)
        return FEED  # type: ignore[return-value]

    site = open_site({"/": page})
    internet.hosts["quay.example"] = [PUBLIC]
    urls = [site.url(host=host) for host in ("harbour.example", "quay.example")]

    with (
        Fetcher(delay_s=0, resolve=internet.resolve, connect=internet.connect) as fetcher,
        ThreadPoolExecutor(2) as pool,
    ):
        assert [page.status for page in pool.map(lambda url: fetcher.fetch(url, expect="feed"), urls)] == [200, 200]


@pytest.mark.parametrize("sent", [[STALL], [b"HTTP/1.1 200 X\r\n\r\nabc", STALL]])
def test_closing_ends_what_other_threads_fetch(site: WebSite, sent: list[object]) -> None:
    site.pages["/"] = sent

    with ThreadPoolExecutor(2) as pool:
        fetcher = Fetcher(allowed_hosts=[LOCAL], deadline_s=3_600)
        fetches = [pool.submit(fetcher.fetch, site.url(), expect="feed") for _ in range(2)]
        assert site.is_asked.wait(60)
        fetcher.close()
        errors = [fetch.exception(60) for fetch in fetches]

    assert [getattr(error, "reason", error) for error in errors] == ["stopped before it was complete"] * 2


def test_ctrl_c_ends_a_fetch_that_waits(site: WebSite) -> None:
    site.pages["/"] = [b"HTTP/1.1 200 X\r\n", STALL]
    call = "import sys; from store.fetching import Fetcher; Fetcher(allowed_hosts=['127.0.0.1']).fetch(sys.argv[1])"

    with subprocess.Popen(
        [sys.executable, "-P", "-c", call, site.url("/")],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert site.is_asked.wait(60)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)

    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_importing_loads_no_library() -> None:
    call = "import sys, store.fetching; print({'httpx', 'httpcore', 'protego', 'idna'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-P", "-c", call],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "set()\n"


def test_a_port_where_nobody_listens_is_tried_twice_and_given_up(fetcher: Fetcher) -> None:
    with socket.create_server((LOCAL, 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(FetchError) as caught:
        fetcher.fetch(f"http://{LOCAL}:{port}/")

    assert reason(caught) == "the server cannot be reached: connection refused"
