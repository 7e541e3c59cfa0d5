"""Web archives (WARC) with pages of our own, as a crawler writes them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from html import escape

from store.records import Draft

DATE = "2020-01-02T03:04:05Z"


def page_of(draft: Draft, *, links: int = 10, script: str = "") -> bytes:
    """Return an article as a page with what stands around articles: menu, scripts, other headlines, a foot."""
    paragraphs = "\n".join(f"<p>{escape(line)}</p>" for line in draft.body.split("\n"))
    menu = "".join(f'<li><a href="/section/{n}">Section {n}</a></li>' for n in range(links))
    others = "".join(f'<li><a href="/story/{n}">What the harbour master of quay {n} saw</a></li>' for n in range(links))
    published = draft.published.isoformat() if draft.published else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(draft.headline)} | {escape(draft.outlet or "")}</title>
<meta property="og:title" content="{escape(draft.headline)}">
<meta property="og:site_name" content="{escape(draft.outlet or "")}">
<meta property="article:published_time" content="{published}">
<script>window.dataLayer = [{{"page": "article", "id": "{escape(draft.id or "")}"}}];{script}</script>
<style>body {{ font-family: serif }} .menu li {{ display: inline }}</style></head>
<body><header><nav><ul class="menu">{menu}</ul></nav></header>
<main><article><h1>{escape(draft.headline)}</h1><time datetime="{published}">{published}</time>
{paragraphs}
</article><aside><h2>More from the harbour</h2><ul>{others}</ul></aside></main>
<footer><p>All rights reserved. Terms. Privacy. Contact.</p></footer></body></html>""".encode()


def response(
    body: bytes, *headers: str, status: str = "200 OK", kind: str | None = "text/html; charset=utf-8"
) -> bytes:
    """Return the answer of a server as it came over the wire."""
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(content: bytes, url: str = "https://post.example/", *, kind: str = "response", date: str = DATE) -> bytes:
    """Return one record of a web archive."""
    headers = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{abs(hash(url)):032x}>\r\nWARC-Date: {date}\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype={kind}\r\nContent-Length: {len(content)}"
    )
    return headers.encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def packed(records: Iterable[bytes]) -> bytes:
    """Return the records as they stand in a .warc.gz: each a member of its own."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
