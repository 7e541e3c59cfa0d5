"""Bytes of a web page → its tree, parsed once, within bounds. Nothing is fetched and no entity is loaded."""

from __future__ import annotations

import codecs
import re
from itertools import islice

from lxml import etree, html

from store.errors import InputError
from store.readers.decoding import decode

LARGEST_PAGE_BYTES = 10_000_000

# libxml2 compares every attribute of a tag with all before it: 200,000 of them took 168 s.
_MOST_ATTRIBUTES = 200
_SUSPECT_TAG_CHARS = 2 * _MOST_ATTRIBUTES
# 384 saved news pages have up to 8,093 of these; what follows the cut of a longer page is hardly its article.
_MOST_TAGS = 50_000

_ATTRIBUTE = r"[\s/]*+[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE})*+")
_TAG_NAME = re.compile(r"<[a-zA-Z][^\s/>]*+")
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
# Attributes that are searched with patterns; data in others may be as long as they like.
_NAMES = re.compile(r"[\s/]*(?:class|id|style|role)\s*=", re.IGNORECASE)
_LONGEST_NAMES_CHARS = 4_000

_DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_DECLARED_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_DECLARED_WITHIN_BYTES = 8_192
# What browsers read under the names that pages use: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}


def parse_markup(content: bytes) -> html.HtmlElement | None:
    """Return the tree of a page, ``None`` where there is nothing in it; broken markup is read as browsers do.

    Elements deeper than 255 levels are left out. The caller owns the tree.
    """
    text = _limit_attributes(_limit_tags(decode_markup(content).replace("\0", "")))
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, recover=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root


def text_within(element: html.HtmlElement, longest: int) -> str:
    """Return the text in ``element``, of a longer one at least the first ``longest`` characters.

    What is asked of every element must not cost the whole page for each.
    """
    pieces, length = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece)
        if length >= longest:
            break
    return "".join(pieces)[: 2 * longest]


def decode_markup(content: bytes) -> str:
    """Return the text of a page: by its byte order mark, as UTF-8 where it is that, as declared, else as guessed."""
    declared = _declared_encoding(content)
    is_marked = content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared and not is_marked and not _is_utf_8(content, declared):
        return content.decode(declared, "replace")
    try:
        return decode(content)
    except InputError:
        return content.decode("cp1252", "replace")


def _declared_encoding(content: bytes) -> str | None:
    head = content[:_DECLARED_WITHIN_BYTES]
    found = _DECLARED.search(head) or _DECLARED_XML.match(head)
    if not found:
        return None
    try:
        codec = codecs.lookup(found[1].decode("ascii"))
        "".encode(codec.name)  # 'base64' is a codec, and no encoding of text
    except (LookupError, ValueError):
        return None
    # A page whose declaration could be read as ASCII is not in UTF-16, whatever it says.
    return None if codec.name.startswith(("utf", "idna", "punycode")) else _SUPERSETS.get(codec.name, codec.name)


def _is_utf_8(content: bytes, declared: str) -> bool:
    # Text in another encoding is hardly ever valid UTF-8, but in this one every byte is ASCII.
    if declared.startswith("iso2022") or declared == "hz":
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _limit_attributes(text: str) -> str:
    return _TAG.sub(lambda tag: tag[0] if len(tag[0]) < _SUSPECT_TAG_CHARS else _shorten(tag[0]), text)


def _shorten(tag: str) -> str:
    attributes = [found[0] for found in islice(_ONE_ATTRIBUTE.finditer(tag, _name_end(tag)), _MOST_ATTRIBUTES)]
    kept = [one for one in attributes if len(one) < _LONGEST_NAMES_CHARS or not _NAMES.match(one)]
    return tag[: _name_end(tag)] + "".join(kept)


def _name_end(tag: str) -> int:
    found = _TAG_NAME.match(tag)
    return found.end() if found else 0


def _limit_tags(text: str) -> str:
    """Return ``text`` up to the last tag that is read."""
    if text.count("<") <= _MOST_TAGS:
        return text
    end = 0
    for _ in range(_MOST_TAGS):
        end = text.find("<", end) + 1
    return text[: end - 1]
