"""What a page says about its article in JSON-LD, the machine-readable form that search engines ask publishers for."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import html as lxml_html

_LONGEST_SCRIPT_CHARS = 2_000_000
_MOST_SCRIPTS = 50
_MOST_NODES = 2_000

# Written around the object by generators: comments and CDATA marks.
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?://\s*)?(?:-->|\]\]>)\s*+;?\s*+$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_ARTICLE_TYPES = frozenset({"Report", "Review", "AnalysisNewsArticle", "Interview", "Column", "PressRelease"})
_NO_ARTICLE_TYPES = frozenset({"JobPosting", "DiscussionForumPosting", "SocialMediaPosting"})
# Where an article stands inside another node; not lists of items: these are other articles.
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage")

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LinkedData:
    """The node of the page's article and all nodes by their ``@id``; ``types`` are those of the nodes on top.

    ``count`` is the number of articles the page describes on its top level.
    """

    article: Node
    by_id: Mapping[str, Node]
    types: frozenset[str]
    count: int


def read_linked_data(root: lxml_html.HtmlElement) -> LinkedData:
    """Return what the page's JSON-LD holds; what cannot be parsed counts as absent."""
    nodes = list(_nodes(root))
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    article = max(articles, key=_weight, default={})
    types = frozenset(kind for node in nodes for kind in types_of(node))
    return LinkedData(article, {str(key): node for key, node in by_id.items()}, types, len(articles))


def types_of(node: Node) -> list[str]:
    """Return the names of a node's types, without their namespace."""
    kinds = as_list(node.get("@type"))
    return [kind.rpartition("/")[2].rpartition(":")[2] for kind in kinds if isinstance(kind, str)]


def as_list(value: object) -> list[object]:
    """Return the values of a property, which schema.org allows to be one or many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: object) -> str | None:
    """Return the first text that ``value`` holds: itself, in a list, or the name of an object."""
    for one in as_list(value):
        named = one.get("name") or one.get("@value") if isinstance(one, dict) else one
        if isinstance(named, str) and named.strip():
            # Many a content system escapes what it writes into its scripts, once or twice.
            return html.unescape(html.unescape(named))
    return None


def is_false(value: object) -> bool:
    """Say whether a flag is false, as a flag or in words."""
    return value is False or (isinstance(value, str) and value.strip().rpartition("/")[2].casefold() == "false")


def _nodes(root: lxml_html.HtmlElement) -> Iterator[Node]:
    """Yield the nodes on top and in graphs, in order; no recursion, as the depth is the page's choice."""
    waiting = [value for script in _scripts(root) if (value := _parse(script)) is not None][::-1]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[name] for name in _WITHIN if isinstance(value.get(name), (dict, list)))


def _scripts(root: lxml_html.HtmlElement) -> Iterator[str]:
    count = 0
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and count < _MOST_SCRIPTS:
            count += 1
            if len(script.text) <= _LONGEST_SCRIPT_CHARS:
                yield script.text


def _parse(script: str) -> object:
    text = _WRAPPING.sub("", _WRAPPING.sub("", script)).strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            parsed: object = json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
        return parsed
    return None


def _is_article(node: Node) -> bool:
    return any(
        (kind.endswith(("Article", "Posting")) or kind in _ARTICLE_TYPES) and kind not in _NO_ARTICLE_TYPES
        for kind in types_of(node)
    )


def _weight(node: Node) -> int:
    # The first of those that say most: stubs stand beside the whole in many graphs.
    return sum(bool(node.get(name)) for name in ("headline", "datePublished", "author", "publisher", "articleBody"))
