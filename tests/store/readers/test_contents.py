import codecs

import pytest

from store.readers.contents import Format, is_feed, recognise_format

MAIL = b"Received: from a by b\r\n\tfor c\r\nFrom: a@post.example\r\nSubject: Ferry\r\n\r\nText."


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"%PDF-1.4\n", "pdf"),
        (b"\n\n%PDF-1.4\n", "pdf"),
        (b"<!DOCTYPE html>\n<html>", "html"),
        (b"  <HTML lang=en>", "html"),
        (b'<?xml version="1.0"?>\n<!-- saved from url=(0021)http://post.example/ -->\n<html>', "html"),
        (codecs.BOM_UTF8 + b"<html>", "html"),
        ("<html><body>".encode("utf-16"), "html"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zipPK", "epub"),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml" + bytes(50) + b"word/document.xml", "docx"),
        (b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml", None),
        (MAIL, "eml"),
        (b"From a@post.example Thu Mar  5 10:00:00 2015\n" + MAIL, "mbox"),
        (b"From: the editor\nDate: 5 March 2015\n\nA text with header lines.", None),
        (b"From here on, the road of 2015 is closed.\n\nText.", None),
        (b"WARC/1.0\r\n", "warc"),
        (b'{"body": "Text."}\n', "jsonl"),
        (codecs.BOM_UTF8 + b'\n{ "body"', "jsonl"),
        ('{"body"'.encode("utf-16"), "jsonl"),
        (b"{}", "jsonl"),
        (b' [ {"body": "Text."}', "json"),
        (b'{\n  "body": "Text."\n}', "json"),
        (b"[1] A footnote.", None),
        (b"{sic} A text.", None),
        (b"A text.", None),
        (b"", None),
    ],
)
def test_a_format_is_recognised_by_its_beginning(head: bytes, form: Format | None) -> None:
    assert recognise_format(head) == form


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'<rss version="2.0">', True),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<?xml-stylesheet href="a.xsl"?>\n<!-- made -->\n<rss>', True),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', True),
        (b'<rdf:RDF xmlns="http://purl.org/rss/1.0/">', True),
        (b'{"version": "https://jsonfeed.org/version/1.1"', True),
        (b"<html>", False),
        (b'{"version": 1}', False),
        (b"Feeds are read by readers.", False),
    ],
)
def test_a_feed_is_recognised_by_its_beginning(head: bytes, is_one: bool) -> None:
    assert is_feed(head) == is_one


@pytest.mark.parametrize("piece", [b"<!--", b"<!-- - ", b"<?xml ", b" ", b"a: ", b"From ", b"{ ", b"<feed "])
def test_no_beginning_takes_long(piece: bytes) -> None:
    """The test's own end is what is tested: a pattern that tries everything would not come to one."""
    assert not is_feed(piece * 2_000)
    recognise_format(piece * 2_000)
