"""An invented outlet on a site of this machine: its feed and the pages of its articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import escape

from tests.web_site import WebSite, answer

FERRY = tuple(
    """\
The ferry Morning Star sank off Skelby on Wednesday night after it had struck a sandbank in thick fog, the \
coastguard said on Thursday morning.
All 212 people on board were brought ashore by fishing boats from the harbour, and eleven of them were treated \
for the cold in the hospital of the town.
The operator, Skelby Lines, did not say why the ship had left its usual course. An inquiry will begin on Monday,\
 the ministry of transport said.
""".splitlines()
)
PIER = tuple(
    """\
Skelby's council agreed on Friday to build a new pier beside the old one, which has been closed since a storm \
tore away its end in January.
It will pay 1.5 million dollars for the pier, the mayor Ada Renn said after the vote. The state will add half a \
million from its fund for harbours.
Fishermen had asked for the pier for years. Building is to begin in March and to take fourteen months, the \
council's engineer Tobias Vale said.
""".splitlines()
)
GULLS = tuple(
    """\
Gulls at the harbour of Skelby have learned to open lunch boxes, the head of the primary school said on Tuesday,\
 and pupils now eat indoors.
A biologist of the university, Ines Marlow, has watched the birds for a month. She counted forty boxes that were\
 opened, most of them by two old gulls.
The school has ordered boxes with a lock. Marlow does not expect that they will last for long, she told the \
parents at a meeting on Tuesday evening.
""".splitlines()
)


@dataclass(frozen=True)
class Item:
    """An entry of a feed. ``summary`` and ``content`` are HTML."""

    path: str | None
    title: str
    guid: str | None = None
    day: str = "Thu, 08 Jun 2017 07:30:00 +0200"
    summary: str = ""
    content: str = ""
    author: str = ""


@dataclass
class Newsroom:
    """Serves ``/feed`` with ``items`` and an ETag of its content, and pages by path."""

    site: WebSite
    items: list[Item] = field(default_factory=list)
    title: str = "Harbour Courier"

    def __post_init__(self) -> None:
        self.site.pages["/feed"] = self._feed

    @property
    def feed_url(self) -> str:
        return self.site.url("/feed")

    def publish(self, item: Item, *paragraphs: str, head: str = "") -> None:
        """Put an article on the site and at the top of the feed, in place of an item with the same guid or path."""
        self.items = [one for one in self.items if (one.guid or one.path) != (item.guid or item.path)]
        self.items.insert(0, item)
        if item.path is not None and paragraphs:
            self.site.pages[item.path] = [answer(200, page(item.title, paragraphs, head=head))]

    def rss(self) -> bytes:
        return rss(self.title, [replace(item, path=item.path and self.site.url(item.path)) for item in self.items])

    def fetched(self, path: str) -> int:
        """Return how often a path was asked for."""
        return self.site.paths.count(path)

    def _feed(self, head: str) -> list[object]:
        content = self.rss()
        etag = f'"{sha256(content).hexdigest()[:12]}"'
        if f"if-none-match: {etag}" in head.lower():
            return [answer(304, etag=etag)]
        return [answer(200, content, kind="application/rss+xml", etag=etag)]


def rss(title: str, items: Sequence[Item]) -> bytes:
    """Return RSS 2.0; the path of an item is its whole address."""
    written = "".join(_rss_item(item) for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(title)}</title><language>en-GB</language>{written}</channel></rss>"
    ).encode()


def _rss_item(item: Item) -> str:
    fields = {
        "title": item.title,
        "link": item.path,
        "guid": item.guid,
        "pubDate": item.day,
        "dc:creator": item.author,
        "description": item.summary,
        "content:encoded": item.content,
    }
    return "<item>{}</item>".format("".join(f"<{name}>{escape(v)}</{name}>" for name, v in fields.items() if v))


def page(headline: str, paragraphs: Sequence[str], *, head: str = "") -> bytes:
    """Return the page of an article."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)}</title>{head}</head>'
        f"<body><nav><a href='/'>Home</a></nav><main><article><h1>{escape(headline)}</h1>{text}</article></main>"
        "<footer>All rights reserved.</footer></body></html>"
    ).encode()
