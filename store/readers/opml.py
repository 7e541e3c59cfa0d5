"""OPML: the lists of feeds that feed readers exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from store.errors import InputError
from store.readers.feeds import line_of, web_address
from store.readers.xml_bounds import check_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list. ``outlet`` is this program's own: what articles of the feed are said to be from."""

    url: str
    title: str | None = None
    home_url: str | None = None
    outlet: str | None = None


def read_opml(content: bytes) -> list[Outline]:
    """Return the feeds that ``content`` lists, however deep in folders, each once.

    Raises InputError where it is no OPML. What has no address on the web is left out.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    check_xml(content)
    try:
        root: Element = fromstring(content)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as exc:
        raise InputError(f"is no OPML: {line_of(str(exc), html=False)}") from exc
    if root.tag.lower() != "opml":
        raise InputError("is XML, but no OPML")
    outlines: dict[str, Outline] = {}
    for outline in _outlines(root):
        outlines.setdefault(outline.url, outline)
    return list(outlines.values())


def write_opml(outlines: Iterable[Outline], *, title: str) -> str:
    """Return the feeds as OPML 2.0."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for outline in outlines:
        name = outline.title or outline.url
        written = {"type": "rss", "text": name, "title": name, "xmlUrl": outline.url}
        written |= {"htmlUrl": outline.home_url} if outline.home_url else {}
        written |= {"outlet": outline.outlet} if outline.outlet else {}
        ET.SubElement(body, "outline", written)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _outlines(root: Element) -> Iterator[Outline]:
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.lower() != "outline":
            continue
        # Programs differ in the case: xmlUrl, xmlurl, xmlURL.
        given = {name.lower(): value for name, value in element.attrib.items()}
        written = given.get("xmlurl", "").strip()
        url = web_address(written.replace("feed://", "http://", 1), written)
        if url is not None:
            home_url = web_address(given.get("htmlurl", ""), url)
            yield Outline(url, _line(given, "title", "text"), home_url, _line(given, "outlet"))


def _line(given: dict[str, str], *names: str) -> str | None:
    return next((line for name in names if (line := line_of(given.get(name, ""), html=False))), None)
