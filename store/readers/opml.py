"""OPML: the lists of feeds that feed readers exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
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


class OutlineList(NamedTuple):
    """The feeds that a list holds, each once, and what else it names that is no feed with an address on the web."""

    outlines: tuple[Outline, ...]
    ignored: tuple[str, ...]


def read_opml(content: bytes) -> OutlineList:
    """Return the feeds that ``content`` lists, however deep in folders. Raises InputError where it is no OPML."""
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
    ignored: list[str] = []
    for outline in _outlines(root):
        if isinstance(outline, str):
            ignored.append(outline)
        else:
            outlines.setdefault(outline.url, outline)
    return OutlineList(tuple(outlines.values()), tuple(ignored))


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


def _outlines(root: Element) -> Iterator[Outline | str]:
    """Yield each feed, and the name of what is neither a feed nor a folder."""
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
        elif given.keys() & {"xmlurl", "htmlurl", "url", "type"}:  # No folder.
            yield _line(given, "title", "text", "xmlurl", "htmlurl", "url") or "an outline without a name"


def _line(given: dict[str, str], *names: str) -> str | None:
    return next((line for name in names if (line := line_of(given.get(name, ""), html=False))), None)
