"""What a page says about its article in its head and in marked elements: OpenGraph, Dublin Core, microdata and kin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import html

_LONGEST_VALUE_CHARS = 10_000
_MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class MetaTags:
    """The values of a page's ``meta`` tags and ``itemprop`` elements by lower-case name, in the order of the page."""

    values: dict[str, list[str]]
    properties: dict[str, list[html.HtmlElement]]

    def first(self, names: Iterable[str]) -> str | None:
        """Return the first value of the first name that has one."""
        return next((value for name in names for value in self.values.get(name, ())), None)


def read_meta_tags(root: html.HtmlElement) -> MetaTags:
    """Return the page's tags by name."""
    values: dict[str, list[str]] = {}
    properties: dict[str, list[html.HtmlElement]] = {}
    for element in root.iter():
        attributes = element.attrib
        if element.tag == "meta":
            _take_meta(attributes, values)
        if "itemprop" in attributes:
            for name in attributes["itemprop"].split()[:5]:
                properties.setdefault(name.lower(), []).append(element)
    return MetaTags(values, properties)


def _take_meta(attributes: dict[str, str], values: dict[str, list[str]]) -> None:
    content = attributes.get("content", "")[:_LONGEST_VALUE_CHARS].strip()
    for key in ("property", "name", "itemprop"):
        name = attributes.get(key, "").strip().lower()
        if name and content and len(found := values.setdefault(name, [])) < _MOST_VALUES:
            found.append(content)
