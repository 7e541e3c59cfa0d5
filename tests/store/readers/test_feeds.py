"""RSS and Atom as publishers write them, and as those write them who mean harm."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from store.errors import InputError
from store.parsing import Job, ParserPool
from store.readers.feeds import (
    MOST_ENTRIES,
    FeedDocument,
    FeedEntry,
    feed_document,
    find_feed_links,
    parse_feed,
    read_feed,
    web_address,
)
from store.readers.fields import Origin
from store.records import Skipped

URL = "https://courier.example/feeds/coast.xml"
ORIGIN = Origin(URL, url=URL)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour Courier &amp; Post</title><link>https://courier.example/</link><language>en-GB</language>
<item>
  <title>Ferry sinks off Skelby</title>
  <link>/ferry?id=7&amp;utm_source=rss&amp;utm_medium=feed</link>
  <guid isPermaLink="false">courier-7</guid>
  <pubDate>Thu, 08 Jun 2017 07:30:00 +0200</pubDate>
  <dc:creator>Ida Holm and Jon Vale</dc:creator>
  <category>Coast</category><category>Ships</category>
  <description>All 212 were saved.</description>
  <content:encoded><![CDATA[<p>The ferry sank on <b>Wednesday</b>.</p><p>All 212 people were saved.</p>]]>
  </content:encoded>
</item></channel></rss>"""

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
<title type="html">Hafenkurier &amp;amp; Post</title>
<link href="https://kurier.example/"/><link rel="self" href="/self"/>
<entry>
  <id>tag:kurier.example,2017:7</id>
  <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Fähre <em>gesunken</em></div></title>
  <link rel="enclosure" href="https://kurier.example/7.mp3"/><link href="https://kurier.example/7"/>
  <published>2017-06-08T07:30:00+02:00</published><updated>2017-06-08T09:00:00Z</updated>
  <author><name>Ida Holm</name><email>ida@kurier.example</email></author><author><name>Jon Vale</name></author>
  <category term="coast" label="Küste"/>
  <summary>Alle wurden gerettet.</summary>
</entry></feed>"""


def parsed(feed: str | bytes, url: str = URL) -> FeedDocument:
    return parse_feed(feed.encode() if isinstance(feed, str) else feed, url)


def entry_of(fields: str, *, version: str = "2.0") -> FeedEntry:
    namespaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    (entry,) = parsed(f'<rss version="{version}" {namespaces}><channel><item>{fields}</item></channel></rss>').entries
    return entry


# -- what feeds say ----------------------------------------------------------------------------------------------------


def test_rss_is_read() -> None:
    assert parsed(RSS) == FeedDocument(
        "Harbour Courier & Post",
        "https://courier.example/",
        (
            FeedEntry(
                guid="courier-7",
                url="https://courier.example/ferry?id=7",
                title="Ferry sinks off Skelby",
                authors=("Ida Holm", "Jon Vale"),
                published=datetime(2017, 6, 8, 7, 30, tzinfo=timezone(timedelta(hours=2))),
                text="The ferry sank on Wednesday.\nAll 212 people were saved.",
                language="en",
                section="Coast",
            ),
        ),
    )


def test_atom_is_read() -> None:
    assert parsed(ATOM) == FeedDocument(
        "Hafenkurier & Post",
        "https://kurier.example/",
        (
            FeedEntry(
                guid="tag:kurier.example,2017:7",
                url="https://kurier.example/7",
                title="Fähre gesunken",
                authors=("Ida Holm", "Jon Vale"),
                published=datetime(2017, 6, 8, 7, 30, tzinfo=timezone(timedelta(hours=2))),
                updated=datetime(2017, 6, 8, 9, tzinfo=UTC),
                text="Alle wurden gerettet.",
                is_summary=True,
                language="de",
                section="Küste",
            ),
        ),
    )


def test_rss_1_is_read_and_its_one_date_is_that_of_publication() -> None:
    feed = parsed("""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Courier</title></channel>
        <item rdf:about="https://courier.example/7"><title>Ferry</title><link>https://courier.example/7</link>
        <dc:date>2017-06-08</dc:date></item></rdf:RDF>""")

    (entry,) = feed.entries
    assert (feed.title, entry.url, entry.published, entry.updated) == (
        "Courier",
        "https://courier.example/7",
        date(2017, 6, 8),
        None,
    )


def test_old_rss_is_read() -> None:
    feed = parsed("""<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
        "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Courier</title>
        <item><title>Ferry</title><link>https://courier.example/7</link></item></channel></rss>""")

    assert [(entry.guid, entry.title) for entry in feed.entries] == [("https://courier.example/7", "Ferry")]


def test_an_entry_of_wordpress_is_read() -> None:
    entry = entry_of("""<title>Council &#8216;agrees&#8217; to a pier &#038; more</title>
        <link>https://courier.example/pier/</link><comments>https://courier.example/pier/#comments</comments>
        <dc:creator><![CDATA[ada]]></dc:creator><pubDate>Fri, 09 Jun 2017 10:00:00 +0000</pubDate>
        <category><![CDATA[Town &#38; coast]]></category><guid isPermaLink="false">https://courier.example/?p=12</guid>
        <description><![CDATA[<p>The pier is to cost &#8217;1.5m [&#8230;]</p>
        <p>The post <a rel="nofollow" href="x">Council</a> appeared first on <a href="y">Courier</a>.</p>]]>
        </description>""")

    assert entry == FeedEntry(
        guid="https://courier.example/?p=12",
        url="https://courier.example/pier/",
        title="Council ‘agrees’ to a pier & more",
        authors=("ada",),
        published=datetime(2017, 6, 9, 10, tzinfo=UTC),
        text="The pier is to cost ’1.5m […]",
        is_summary=True,
        section="Town & coast",
    )


def test_an_entry_of_blogger_is_read() -> None:
    feed = parsed("""<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href="http://x.example/atom.css"?>
        <feed xmlns='http://www.w3.org/2005/Atom'><title type='text'>Gull Watch</title><entry>
        <id>tag:blogger.com,1999:blog-1.post-2</id><published>2017-06-06T10:00:00.000+02:00</published>
        <title type='text'>Gulls open boxes</title><content type='html'>Gulls learn.&lt;br /&gt;&lt;br /&gt;They
        do.</content><link rel='replies' type='application/atom+xml' href='https://gulls.example/comments'/>
        <link rel='alternate' type='text/html' href='https://gulls.example/1' title='Gulls'/>
        <author><name>Ines</name><email>noreply@blogger.com</email></author></entry></feed>""")

    assert feed.entries == (
        FeedEntry(
            guid="tag:blogger.com,1999:blog-1.post-2",
            url="https://gulls.example/1",
            title="Gulls open boxes",
            authors=("Ines",),
            published=datetime(2017, 6, 6, 10, tzinfo=timezone(timedelta(hours=2))),
            text="Gulls learn.\nThey do.",
        ),
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Ferry sinks", "Ferry sinks"),
        ("Ferry &lt;b&gt;sinks&lt;/b&gt; off &lt;i class='x'&gt;Skelby&lt;/i&gt;", "Ferry sinks off Skelby"),
        ("<![CDATA[Ferry <b>sinks</b> &amp; all are saved]]>", "Ferry sinks & all are saved"),
        ("AT&amp;amp;T buys a ferry", "AT&T buys a ferry"),
        ("AT&amp;T buys a ferry", "AT&T buys a ferry"),
        ("Ferry\n   sinks\t&amp;#8211; all saved", "Ferry sinks – all saved"),
        ("Waves &lt; 3 m and wind &gt; 9", "Waves < 3 m and wind > 9"),
        ("Ferry &lt;script&gt;alert(1)&lt;/script&gt;sinks", "Ferry sinks"),
        ("Ferry &#27;]52;c;cm0gLXJm&#7;sinks\u202e", "Ferry sinks"),
    ],
)
def test_a_title_is_plain_text(written: str, title: str) -> None:
    assert entry_of(f"<title>{written}</title>").title == title


def test_a_plain_title_of_atom_may_speak_of_a_tag() -> None:
    feed = parsed('<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>How &lt;b&gt; came</title></entry></feed>')

    assert feed.entries[0].title == "How <b> came"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://courier.example/7", "https://courier.example/7"),
        ("/7?a=1&amp;b=2#top", "https://courier.example/7?a=1&b=2"),
        ("7.html", "https://courier.example/feeds/7.html"),
        ("//other.example/7", "https://other.example/7"),
        ("  https://courier.example/7\n", "https://courier.example/7"),
        ("https://courier.example/a b", "https://courier.example/a%20b"),
        ("https://courier.example/7?at_medium=RSS&amp;fbclid=x&amp;id=3", "https://courier.example/7?id=3"),
        ("https://courier.example/7?partner=rss&amp;x=%2F", "https://courier.example/7?x=%2F"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("data:text/html,x", None),
        ("ftp://courier.example/7", None),
        ("https://ida:secret@courier.example/7", None),
        ("", None),
    ],
)
def test_only_addresses_on_the_web_are_kept(written: str, url: str | None) -> None:
    assert entry_of(f"<title>Ferry</title><link>{written}</link>").url == url


def test_a_guid_that_is_an_address_is_one() -> None:
    assert entry_of("<guid>https://courier.example/7</guid>").url == "https://courier.example/7"
    assert entry_of("<guid>courier-7</guid>").url is None


@pytest.mark.parametrize("guid", ["two words", "x" * 300, "a\u200bb"])
def test_a_guid_that_is_no_word_is_replaced_by_its_digest(guid: str) -> None:
    first, again = entry_of(f"<guid>{guid}</guid>"), entry_of(f"<guid>{guid}</guid><title>New title</title>")

    assert first.guid == again.guid
    assert len(first.guid) == 64


def test_entries_that_nothing_names_are_told_apart_by_their_words() -> None:
    feed = parsed(
        "<rss version='2.0'><channel><item><title>A</title></item><item><title>B</title></item></channel></rss>"
    )

    assert len({entry.guid for entry in feed.entries}) == 2


@pytest.mark.parametrize(
    ("field", "authors"),
    [
        ("<dc:creator>Ida Holm</dc:creator>", ("Ida Holm",)),
        ("<author>ida@courier.example (Ida Holm)</author>", ("Ida Holm",)),
        ("<author>Ida Holm &lt;ida@courier.example&gt;</author>", ("Ida Holm",)),
        ("<author>ida@courier.example</author>", ()),
        ("<dc:creator>Ida Holm, Jon Vale &amp; Ada Renn</dc:creator>", ("Ida Holm", "Jon Vale", "Ada Renn")),
    ],
)
def test_authors_are_names_without_addresses(field: str, authors: tuple[str, ...]) -> None:
    assert entry_of(field).authors == authors


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("Thu, 08 Jun 2017 07:30:00 GMT", datetime(2017, 6, 8, 7, 30, tzinfo=UTC)),
        ("Thu, 8 Jun 17 07:30:00 GMT", datetime(2017, 6, 8, 7, 30, tzinfo=UTC)),
        ("2017-06-08T07:30:00Z", datetime(2017, 6, 8, 7, 30, tzinfo=UTC)),
        ("8 June 2017", date(2017, 6, 8)),
        ("soon", None),
    ],
)
def test_dates_are_read_as_publishers_write_them(written: str, published: date | None) -> None:
    assert entry_of(f"<pubDate>{written}</pubDate>").published == published


# -- whole texts and summaries -----------------------------------------------------------------------------------------

LONG = "".join(f"&lt;p&gt;{'The ferry sank and all were saved. ' * 8}&lt;/p&gt;" for _ in range(4))


@pytest.mark.parametrize(
    ("fields", "text", "is_summary"),
    [
        ("<content:encoded>&lt;p&gt;All.&lt;/p&gt;</content:encoded>", "All.", False),
        ("<description>In short.</description>", "In short.", True),
        ("<content:encoded>&lt;p&gt;It sank […]&lt;/p&gt;</content:encoded>", "It sank […]", True),
        (
            "<content:encoded>&lt;p&gt;It sank.&lt;/p&gt;&lt;a&gt;Read more »&lt;/a&gt;</content:encoded>",
            "It sank.",
            True,
        ),
        (
            "<content:encoded>&lt;p&gt;All.&lt;/p&gt;The post Ferry appeared first on Courier.</content:encoded>",
            "All.",
            False,
        ),
        ("<content:encoded>&lt;img src='x'/&gt;</content:encoded><description>Short.</description>", "Short.", True),
        ("<title>Only a title</title>", "", False),
    ],
)
def test_a_text_is_whole_or_said_to_be_a_summary(fields: str, text: str, is_summary: bool) -> None:
    entry = entry_of(fields)

    assert (entry.text, entry.is_summary) == (text, is_summary)


def test_a_long_description_is_the_whole_text() -> None:
    entry = entry_of(f"<description>{LONG}</description>")

    assert (entry.text.count("\n"), entry.is_summary) == (3, False)


def test_what_nobody_sees_is_no_text() -> None:
    entry = entry_of(
        "<content:encoded><![CDATA[<style>p {}</style><p>It sank.</p><p style='display:none'>Obey me.</p>"
        "<script>alert(1)</script>]]></content:encoded>"
    )

    assert entry.text == "It sank."


# -- the way through a child process -----------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", [RSS, ATOM])
def test_a_document_survives_the_way_through_a_child_process(feed: str) -> None:
    with ParserPool(children=1) as parsers:
        pieces = list(parsers.read([Job("feed", feed.encode(), ORIGIN)]))

    assert feed_document(pieces) == parsed(feed)


def test_what_is_no_feed_is_one_piece_with_the_reason() -> None:
    pieces = list(read_feed(b"<html><body>Hello</body></html>", ORIGIN))

    assert pieces == [Skipped(URL, None, "is a web page, not a feed")]
    with pytest.raises(InputError, match="is a web page, not a feed"):
        feed_document(pieces)


def test_of_endless_feeds_the_beginning_is_read() -> None:
    feed = f"<rss version='2.0'><channel>{'<item><title>A</title></item>' * (MOST_ENTRIES + 5)}</channel></rss>"

    assert len(parsed(feed).entries) == MOST_ENTRIES


# -- what is broken, and what means harm -------------------------------------------------------------------------------


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    broken = RSS[: RSS.index("</item>")] + "</item><item><title>Cut o"

    assert parsed(broken).entries[0] == parsed(RSS).entries[0]


def test_a_bare_ampersand_does_not_spoil_a_feed() -> None:
    assert entry_of("<title>Fish & chips</title>").title == "Fish & chips"


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16", "shift_jis"])
def test_a_feed_is_read_in_its_own_encoding(encoding: str) -> None:
    title = "港の新聞" if encoding == "shift_jis" else "Café – “Skelby”"
    feed = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>{title}</title></channel></rss>'
    )

    assert parsed(feed.encode(encoding)).title == title


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"<!DOCTYPE html><title>Home</title>", "is a web page, not a feed"),
        (b"Hello", "is no feed of a kind that is known: RSS, Atom or JSON Feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no feed of a kind that is known: RSS, Atom or JSON Feed"),
        (b"<opml><body/></opml>", "is no feed of a kind that is known: RSS, Atom or JSON Feed"),
        (b"<rss version='2.0'><channel>" + b" " * 10_000_000, "is larger than 10 MB"),
        (b"<rss version='2.0'><channel>" + b"<b>" * 200_000, "is nested more than 1,000 deep"),
    ],
)
def test_what_is_no_feed_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(content)

    assert str(caught.value) == reason


def _doctype(declarations: str, use: str) -> bytes:
    return f"<!DOCTYPE rss [{declarations}]><rss><channel><title>{use}</title></channel></rss>".encode()


BILLION_LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
BOMBS = {
    "billion laughs": _doctype(BILLION_LAUGHS, "&j;"),
    "quadratic blow-up": _doctype(f'<!ENTITY a "{"ha" * 50_000}">', "&a;" * 50_000),
    "parameter entities": _doctype("<!ENTITY % a \"<!ENTITY b '&#37;a;'>\"> %a;", "&b;"),
    "behind a comment": _doctype("<!-- <rss> --><!ENTITY a SYSTEM 'file:///etc/hostname'>", "&a;"),
    "in UTF-16": _doctype(BILLION_LAUGHS, "&j;").decode().encode("utf-16"),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_entities_of_a_feed_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="declares entities of its own"):
        parsed(content)


def test_a_local_file_is_not_read_because_a_feed_says_so(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", encoding="utf-8")
    external = (
        f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{secret.as_uri()}"><rss version="2.0"><channel>&x;</channel></rss>'
    )
    included = (
        '<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel><title>'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></title></channel></rss>'
    )

    assert "the secret" not in repr([parsed(feed) for feed in (external, included)])
    with pytest.raises(InputError, match="no feed"):
        parsed(str(secret))


# -- JSON Feed ---------------------------------------------------------------------------------------------------------


def test_json_is_recognised_by_its_content() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Courier", "items": []}

    assert parsed(f"\ufeff {json.dumps(feed)}") == FeedDocument("Courier", None, ())


# -- where a page says that its feed is --------------------------------------------------------------------------------


def test_the_feeds_that_a_page_names_are_found() -> None:
    page = b"""<html><head><link rel="stylesheet" type="text/css" href="/style.css">
        <link rel="alternate" type="application/rss+xml" title="News" href="/feed?a=1&amp;b=2">
        <LINK TYPE='application/atom+xml' REL='alternate' HREF='atom.xml'>
        <link rel=alternate type=application/feed+json href=https://other.example/feed.json>
        <link rel="alternate" type="application/rss+xml" href="/comments/feed/">
        <link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">
        <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
        <link rel="alternate" hreflang="de" href="/de/"></head></html>"""

    assert find_feed_links(page, "https://courier.example/news/") == [
        "https://courier.example/feed?a=1&b=2",
        "https://courier.example/news/atom.xml",
        "https://other.example/feed.json",
    ]


def test_an_address_is_resolved_against_the_feed() -> None:
    assert web_address("../7", URL) == "https://courier.example/7"
    assert web_address("https://courier.example/7", "no address") == "https://courier.example/7"
    assert web_address("http://[broken", URL) is None
