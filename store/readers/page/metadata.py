"""What a page says about its article, the most deliberate place first: linked data, tags, marked elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from lxml import html

from store.cleaning import clean_line
from store.readers.fields import Fields, Origin
from store.readers.page.addresses import choose_address
from store.readers.page.headlines import choose_headline, fold
from store.readers.page.linked_data import LinkedData, as_list, text_of
from store.readers.page.markup import text_within
from store.readers.page.meta_tags import MetaTags
from store.readers.page.moments import first_moment, is_after, is_to_come
from store.readers.page.names import clean_authors

_LONGEST_FIELD_CHARS = 300
_LONGEST_TEXT_CHARS = 1_000

_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "title")
_OUTLETS = ("og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title", "dc.publisher")
_AUTHORS = ("author", "article:author", "article:author_name", "byl", "dc.creator", "dcterms.creator", "parsely-author")
_PUBLISHED = (
    "article:published_time article:published og:published_time og:article:published_time article:publish_date "
    "article.published datepublished pubdate publishdate publish-date publish_date publication_date published_time "
    "parsely-pub-date sailthru.date bt:pubdate rbpubdate originalpublicationdate cxenseparse:recs:publishtime "
    "cxenseparse:publishtime cxenseparse:time dc.date.issued dcterms.issued dcterms.created dc.date.created dc.created "
    "dc.date dcterms.date date.created iso-8601-publish-date citation_publication_date citation_date date "
    "last-published-date"
).split()
_MODIFIED = (
    "article:modified_time article:modified article:updated_time article.updated og:updated_time og:modified_time "
    "datemodified lastmod last-modified dcterms.modified dc.date.modified cxenseparse:modifiedtime"
).split()
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{2,8}){0,3}")
_LONGEST_OUTLET_CHARS = 60
_COMPANY = re.compile(
    r"\b(?:gmbh|ag|kg|inc|ltd|llc|plc|pty|corp|s\.?[alr]\.?[slu]?\.?|verlag|b\.v|oy|a/s)\.?$|&\s?co\b",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The fields of a page's article and what its body is judged by.

    ``names`` are all headlines and titles the page has for its article, ``description`` its summary.
    """

    fields: Fields
    names: tuple[str, ...]
    description: str | None


def read_facts(root: html.HtmlElement, linked: LinkedData, tags: MetaTags, origin: Origin) -> PageFacts:
    """Return what the page says about its article, cleaned; what it does not say stays unset."""
    node = linked.article
    outlet = _read_outlet(node, linked, tags)
    headings = [text for h1 in list(root.iter("h1"))[:10] if (text := _line(text_within(h1, _LONGEST_TEXT_CHARS)))]
    titles = [*(tags.values.get(name, [""])[0] for name in _TITLES), _title_of(root)]
    headline = choose_headline(
        declared=_line(text_of(node.get("headline")) or text_of(node.get("name"))) or _property(tags, "headline"),
        headings=headings,
        titles=titles,
        outlet=outlet,
    )
    published = _read_published(node, tags, origin)
    fields = Fields(
        headline=_line(headline),
        outlet=outlet,
        authors=clean_authors(_read_authors(root, linked, tags), outlet=outlet),
        published=published,
        modified=_read_modified(node, tags, published),
        url=choose_address(_addresses(root, node, tags), origin.url),
        language=_read_language(root, node, tags),
        section=_read_section(node, tags),
    )
    description = text_of(node.get("description")) or tags.first(
        ("og:description", "description", "twitter:description")
    )
    names = [text for text in (headline, *headings, *titles, text_of(node.get("alternativeHeadline"))) if text]
    return PageFacts(fields, tuple(dict.fromkeys(map(clean_line, names))), clean_line(description or "") or None)


def _line(text: str | None) -> str | None:
    line = clean_line((text or "")[: 10 * _LONGEST_FIELD_CHARS])
    return line[:_LONGEST_FIELD_CHARS].rstrip() or None


def _title_of(root: html.HtmlElement) -> str:
    return next((text_within(title, _LONGEST_TEXT_CHARS) for title in root.iter("title")), "")


def _property(tags: MetaTags, name: str) -> str | None:
    for element in tags.properties.get(name, ()):
        if text := _line(element.get("content") or text_within(element, _LONGEST_TEXT_CHARS)):
            return text
    return None


def _read_outlet(node: Mapping[str, object], linked: LinkedData, tags: MetaTags) -> str | None:
    publisher = _line(text_of(_resolve(node.get("publisher"), linked)))
    names = [_line(tags.first((name,))) for name in _OUTLETS]
    claims = [names[0], publisher, *names[1:]]
    # 'www.example.com' is the outlet's address and 'Example Media Ltd.' its owner; its name is better, where it stands.
    named = [claim for claim in claims if claim and len(claim) <= _LONGEST_OUTLET_CHARS]
    best = next((claim for claim in named if not _HOST.fullmatch(claim) and not _COMPANY.search(claim)), None)
    return best or (named[0] if named else None)


def _resolve(value: object, linked: LinkedData) -> object:
    """Return ``value`` with references to other nodes of the page followed, one step."""
    resolved = []
    for one in as_list(value):
        is_reference = isinstance(one, dict) and "name" not in one and isinstance(one.get("@id"), str)
        resolved.append(linked.by_id.get(one["@id"], one) if isinstance(one, dict) and is_reference else one)
    return resolved


def _read_authors(root: html.HtmlElement, linked: LinkedData, tags: MetaTags) -> list[str]:
    node = linked.article
    declared = as_list(_resolve(node.get("author") or node.get("creator"), linked))
    if names := [name for one in declared for name in _names_of(one)]:
        return names
    for name in _AUTHORS:
        values = [value for value in tags.values.get(name, ()) if not value.startswith(("http:", "https:", "/"))]
        if clean_authors(values):
            return values
    return _marked_authors(root, tags)


def _names_of(author: object) -> Iterator[str]:
    # Content systems put several people into one object: {"name": ["Ann Poe", "Jo Roe"]}.
    values = as_list(author.get("name")) if isinstance(author, dict) else [author]
    for value in values:
        if name := text_of(value):
            yield name


def _marked_authors(root: html.HtmlElement, tags: MetaTags) -> list[str]:
    for element in tags.properties.get("author", ())[:5]:
        inner = element.xpath('.//*[@itemprop="name"]')
        text = text_within(inner[0] if inner else element, _LONGEST_TEXT_CHARS) or element.get("content") or ""
        if text.strip() and len(text) < _LONGEST_FIELD_CHARS:
            return [text]
    links = [
        text_within(a, _LONGEST_TEXT_CHARS) for a in root.xpath('//a[contains(concat(" ", @rel, " "), " author ")]')[:5]
    ]
    if any(link.strip() for link in links):
        return [link for link in links if link.strip()]
    return _bylines(root)


def _bylines(root: html.HtmlElement) -> list[str]:
    marked = root.xpath(
        '//*[contains(@class, "byline") or contains(@class, "author-name") or contains(@class, "article-author")]'
    )
    texts = (clean_line(text_within(element, _LONGEST_TEXT_CHARS)) for element in marked[:5])
    return next(([text] for text in texts if 3 < len(text) <= 120 and not text.endswith((".", ":"))), [])


def _read_published(node: Mapping[str, object], tags: MetaTags, origin: Origin) -> date | datetime | None:
    stated = [
        text_of(node.get("datePublished")),
        *(value for name in _PUBLISHED for value in tags.values.get(name, ())[:1]),
    ]
    stated += [_moment_of(element) for element in tags.properties.get("datepublished", ())[:1]]
    stated += [text_of(node.get("dateCreated")), text_of(node.get("uploadDate"))]
    published = first_moment(stated)
    return published if published and not is_to_come(published, origin.fetched) else None


def _moment_of(element: html.HtmlElement) -> str:
    return element.get("content") or element.get("datetime") or text_within(element, _LONGEST_TEXT_CHARS)


def _read_modified(
    node: Mapping[str, object], tags: MetaTags, published: date | datetime | None
) -> date | datetime | None:
    stated = [
        text_of(node.get("dateModified")),
        *(value for name in _MODIFIED for value in tags.values.get(name, ())[:1]),
    ]
    stated += [_moment_of(element) for element in tags.properties.get("datemodified", ())[:1]]
    modified = first_moment(stated)
    return modified if modified and published and is_after(modified, published) else None


def _addresses(root: html.HtmlElement, node: Mapping[str, object], tags: MetaTags) -> Iterator[str | None]:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            yield link.get("href")
    yield from (tags.first(("og:url",)), text_of(node.get("url")))
    for whole in as_list(node.get("mainEntityOfPage")):
        address = whole.get("@id") or whole.get("url") if isinstance(whole, dict) else whole
        yield address if isinstance(address, str) else None


def _read_language(root: html.HtmlElement, node: Mapping[str, object], tags: MetaTags) -> str | None:
    stated = node.get("inLanguage")
    named = stated.get("alternateName") or stated.get("name") if isinstance(stated, dict) else text_of(stated)
    claims = (root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang"), named)
    for claim in (*claims, tags.first(("og:locale", "dc.language", "dcterms.language", "language"))):
        if isinstance(claim, str) and _LANGUAGE.fullmatch(claim.strip()):
            primary, *rest = re.split("[-_]", claim.strip())
            return "-".join([primary.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    return None


def _read_section(node: Mapping[str, object], tags: MetaTags) -> str | None:
    section = _line(text_of(node.get("articleSection"))) or _line(
        tags.first(("article:section", "section", "dc.subject"))
    )
    is_name = section and len(section) <= 60 and not urlsplit(section).scheme and fold(section)
    return section if is_name else None
