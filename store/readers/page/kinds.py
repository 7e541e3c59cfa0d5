"""What a page is, where it is no article: a list of articles, a search, a login, an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html

from store.cleaning import clean_line
from store.readers.page.linked_data import LinkedData
from store.readers.page.markup import text_within
from store.readers.page.meta_tags import MetaTags

_SHORTEST_BODY_CHARS = 80
_LONGEST_NOTICE_CHARS = 1_000
_FEWEST_ENTRIES = 6
_LONG_PARAGRAPH_CHARS = 200
_SHORTEST_REPORT_CHARS = 250
_SHORTEST_ENTRY_CHARS = 20

_ERROR = re.compile(
    r"(?:^|\W)(?:(?:error )?40[0134]|50[0234])(?:\W|$)"
    r"|(?:page|seite|article|site) (?:not|nicht|was not|cannot be|could not be) (?:be )?(?:found|gefunden)|not found\b"
    r"|access denied|forbidden|just a moment|attention required|checking your browser|captcha"
    r"|are you (?:a )?(?:human|robot)|verify (?:that )?you are|service unavailable|bad gateway"
    r"|page introuvable|página no encontrada|pagina non trovata",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:^|\W)(?:log ?in|sign ?in|sign ?up|register|anmelden|einloggen|connexion|iniciar sesión|accedi)(?:\W|$)",
    re.IGNORECASE,
)
_SEARCH = re.compile(
    r"(?:^|\W)(?:search results?|results for|suchergebnis\w*|résultats de recherche|resultados de (?:la )?búsqueda)"
    r"(?:\W|$)",
    re.IGNORECASE,
)
_SEARCH_PATH = re.compile(r"/(?:search|suche|recherche|buscar|busca|cerca|zoeken)(?:/|$|\.)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells the kind of a page before its text is taken out of it."""

    title: str
    asks_password: bool
    entries: int
    is_claimed: bool
    is_search: bool
    is_front: bool


def read_signs(root: html.HtmlElement, linked: LinkedData, tags: MetaTags, url: str | None) -> Signs:
    """Return the signs that ``root`` shows, before anything is taken off it."""
    kind = (tags.first(("og:type",)) or "").lower()
    is_dated = "article:published_time" in tags.values or "datepublished" in tags.properties
    is_claimed = bool(linked.article) or "article" in kind or "articlebody" in tags.properties or is_dated
    path, query = _path_of(url)
    title = next((clean_line(text_within(element, 1_000)) for element in root.iter("title", "h1")), "")
    return Signs(
        title=title,
        asks_password=any((field.get("type") or "").lower() == "password" for field in root.iter("input")),
        entries=sum(_is_entry(heading) for heading in root.iter("h2", "h3", "h4")),
        is_claimed=is_claimed,
        is_search="SearchResultsPage" in linked.types or bool(_SEARCH.search(title) or _SEARCH_PATH.search(path)),
        is_front=url is not None and not path.strip("/") and not query,
    )


def name_no_article(signs: Signs, body: str) -> str | None:
    """Return why a page with this text is no article, ``None`` where it is one."""
    if len(body) <= _LONGEST_NOTICE_CHARS and not signs.is_claimed:
        if _ERROR.search(signs.title):
            return f"is an error page: {signs.title[:80]!r}"
        if (signs.asks_password or _LOGIN.search(signs.title)) and len(body) < _SHORTEST_REPORT_CHARS:
            return "asks to log in and holds no article"
    if signs.is_search and not signs.is_claimed:
        return "is a page of search results, not an article"
    if _is_index(signs, body):
        return "is a list of articles, not an article; add the articles themselves"
    is_too_short = not body or (len(body) < _SHORTEST_BODY_CHARS and not signs.is_claimed)
    return "holds no text of an article" if is_too_short else None


def _is_index(signs: Signs, body: str) -> bool:
    has_entries = signs.entries >= _FEWEST_ENTRIES
    if signs.is_front and has_entries:
        return True
    if signs.is_claimed:
        return False
    # What announces articles is short; articles have long paragraphs, however many others are announced beside them.
    running = sum(len(line) for line in body.split("\n") if len(line) >= _LONG_PARAGRAPH_CHARS)
    return has_entries and 2 * running < len(body)


def _is_entry(heading: html.HtmlElement) -> bool:
    parent = heading.getparent()
    is_linked = heading.find(".//a") is not None or (parent is not None and parent.tag == "a")
    return is_linked and len(clean_line(text_within(heading, 1_000))) >= _SHORTEST_ENTRY_CHARS


def _path_of(url: str | None) -> tuple[str, str]:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return "/?", ""
    return parts.path, parts.query
