"""Lists of feeds, in and out."""

from __future__ import annotations

import pytest

from store.errors import InputError
from store.readers.opml import Outline, read_opml, write_opml

LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Subscriptions</title></head><body>
  <outline text="Coast"><outline text="Deeper">
    <outline type="rss" text="Harbour Courier &amp; Post" title="Harbour Courier"
      xmlUrl="https://courier.example/feed" htmlUrl="https://courier.example/"/>
  </outline></outline>
  <outline TEXT="Skelby &lt;b&gt;Post" xmlurl=" https://post.example/rss?a=1&amp;b=2 "/>
  <outline text="Again" xmlUrl="https://courier.example/feed"/>
  <outline text="Old reader" xmlUrl="feed://old.example/rss"/>
  <outline text="Script" xmlUrl="javascript:alert(1)"/><outline text="File" xmlUrl="file:///etc/passwd"/>
  <outline text="A folder"/>
</body></opml>"""


def test_the_feeds_of_a_list_are_read_each_once_however_deep() -> None:
    assert read_opml(LIST).outlines == (
        Outline("https://courier.example/feed", "Harbour Courier", "https://courier.example/"),
        Outline("https://post.example/rss?a=1&b=2", "Skelby <b>Post"),
        Outline("http://old.example/rss", "Old reader"),
    )


def test_what_is_no_feed_on_the_web_is_named() -> None:
    assert read_opml(LIST).ignored == ("Script", "File")


def test_what_is_written_is_read_again() -> None:
    outlines = [
        Outline("https://courier.example/feed?a=1&b=2", 'Fish & "Chips" <b>', "https://courier.example/", "Courier"),
        Outline("https://post.example/rss", "Hafen — 港"),
        Outline("https://plain.example/", None),
    ]

    written = write_opml(outlines, title="Feeds & more")

    plain = Outline("https://plain.example/", "https://plain.example/")
    assert read_opml(written.encode()).outlines == (*outlines[:2], plain)
    assert "<title>Feeds &amp; more</title>" in written


def test_deep_folders_are_read() -> None:
    deep = b"<outline>" * 900 + b'<outline xmlUrl="https://courier.example/feed"/>' + b"</outline>" * 900

    assert read_opml(b"<opml><body>" + deep + b"</body></opml>").outlines == (Outline("https://courier.example/feed"),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no OPML: no element found: line 1, column 0"),
        (b"<opml><body>", "is no OPML: no element found: line 1, column 12"),
        (b"<rss version='2.0'/>", "is XML, but no OPML"),
        (
            b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>",
            "declares entities of its own, which can grow without end or name",
        ),
        (b"<opml>" + b"<outline>" * 300_000, "is nested more than 1,000 deep"),
        (b"<opml>" + b" " * 10_000_000, "is larger than 10 MB"),
        (b"<?xml version='1.0' encoding='nonsense'?><opml/>", "is no OPML: "),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read_opml(content)

    assert str(caught.value).startswith(reason)
