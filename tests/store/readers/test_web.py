import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from store.errors import InputError
from store.fetching import Fetched
from store.parsing import Job
from store.readers.fields import Origin
from store.readers.web import fetch_pages, read_fetched, with_encoding
from store.records import Draft, Skipped

NOW = datetime(2020, 1, 2, 12, tzinfo=UTC)
HTML = b"<!doctype html><html><body>The ferry.</body></html>"
FEED = "this is a feed; follow it with `dateline feeds add URL`"


class Pages(BaseHTTPRequestHandler):
    """Serves a few addresses; '/slow' when the test says."""

    may_answer = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/slow":
            self.may_answer.wait(30)
        kinds = {"/page": "text/html", "/slow": "text/html", "/feed": "application/rss+xml"}
        kind = kinds.get(self.path)
        self.send_response(200 if kind else 404)
        if self.path == "/page":
            self.may_answer.set()
        self.send_header("Content-Type", kind or "text/html")
        self.send_header("Content-Length", str(len(HTML)))
        self.end_headers()
        self.wfile.write(HTML)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(address: str) -> Iterator[str]:
    server = ThreadingHTTPServer((address, 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://{address}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(content: bytes, kind: str = "text/html", url: str = "https://post.example/ferry") -> Fetched:
    return Fetched(url, 200, {"content-type": kind}, content, NOW)


def test_pages_come_in_their_order_and_hosts_are_asked_at_once() -> None:
    """The first host answers only after the second has."""
    Pages.may_answer.clear()
    with serving("127.0.0.1") as first, serving("127.0.0.2") as second:
        urls = [f"{first}/slow", f"{second}/page"]

        pages = list(fetch_pages(urls, [Origin(url) for url in urls], allowed_hosts=["127.0.0.1", "127.0.0.2"]))

    jobs = [job for [job] in pages if isinstance(job, Job)]
    assert [(job.kind, job.content, job.origin.source, job.origin.url) for job in jobs] == [
        ("page", HTML, url, url) for url in urls
    ]


def test_an_address_that_gives_nothing_stops_no_other() -> None:
    with serving("127.0.0.1") as server:
        urls = [f"{server}/none", "http://127.0.0.3:9/page", f"{server}/feed", "http://"]

        pages = fetch_pages(urls, [Origin(url) for url in urls], allowed_hosts=["127.0.0.1"])

        reasons = [page.reason for [page] in pages if isinstance(page, Skipped)]
    assert reasons[0] == "the server answers 404: there is nothing at this address"
    assert "127.0.0.3" in reasons[1]
    assert reasons[2] == FEED
    assert len(reasons) == 4


def test_a_host_that_is_none_is_refused_before_anything_is_fetched() -> None:
    with pytest.raises(InputError, match="names no host"):
        next(fetch_pages(["https://post.example/"], [Origin("")], allowed_hosts=["a b"]))


@pytest.mark.parametrize(
    ("content", "kind", "outcome"),
    [
        (HTML, "text/html", "page"),
        (b"<p>No beginning that says so.", "text/html; charset=utf-8", "page"),
        (b"%PDF-1.4\n", "application/pdf", "pdf"),
        (b"%PDF-1.4\n", "text/html", "pdf"),
        (HTML, "text/plain", "page"),
        (b'<rss version="2.0">', "text/html", FEED),
        (b" \n", "text/html", "is empty"),
        (b'{"body": "x"}\n', "text/html", "neither a web page nor a PDF but jsonl; save it and add the file"),
    ],
)
def test_what_was_fetched_is_read_as_what_it_is(content: bytes, kind: str, outcome: str) -> None:
    [piece] = read_fetched(fetched(content, kind), Origin("https://post.example/", outlet="Post"))

    origin = Origin("https://post.example/", "Post", None, "https://post.example/ferry", NOW)
    if isinstance(piece, Job):
        assert (piece.kind, piece.origin) == (outcome, origin)
    else:
        assert piece == Skipped("https://post.example/", None, outcome)


def test_a_plain_text_is_read_as_one() -> None:
    content = "Fähre gestrandet\n\nThe night ferry ran aground on Tuesday, the coast guard said.".encode("latin-1")

    [draft] = read_fetched(fetched(content, "text/plain; charset=iso-8859-1"), Origin("a"))

    assert isinstance(draft, Draft)
    assert (draft.headline, draft.url, draft.fetched) == ("Fähre gestrandet", "https://post.example/ferry", NOW)


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ("Fähre".encode("latin-1"), "text/html; charset=ISO-8859-1", "Fähre"),
        ("Fähre".encode(), "text/html; charset=iso-8859-1", "Fähre"),
        ("Паром".encode("koi8-r"), 'text/html; charset="koi8-r"', "Паром"),
        ("渡し船".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "渡し船"),
        ("Fähre".encode("utf-16"), "text/html; charset=utf-8", None),
        ("Fähre".encode("latin-1"), "text/html; charset=utf-8", None),
        ("Fähre".encode("latin-1"), "text/html; charset=punycode", None),
        ("Fähre".encode("latin-1"), "text/html; charset=rot13", None),
        ("Fähre".encode("latin-1"), "text/html; charset=\x1b[31m", None),
        ("Fähre".encode("latin-1"), "", None),
    ],
)
def test_an_encoding_is_marked_where_it_is_sure(content: bytes, kind: str, text: str | None) -> None:
    marked = with_encoding(content, kind)

    assert marked == (content if text is None else text.encode("utf-8-sig"))
