"""The address a page calls its own, believed only where it stays with the site the page came from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from store.cleaning import clean_line

_LONGEST_URL_CHARS = 2_000

# Below a country's domain these are registered under, not registered themselves.
_SECOND_LEVELS = frozenset("ac co com edu go gob gov gouv ltd me mil ne net nom or org plc sch".split())
# Everyone can have a name below these: each is a site of its own.
_SHARED_HOSTS = frozenset(
    "blogspot.com wordpress.com substack.com medium.com tumblr.com typepad.com livejournal.com ghost.io github.io "
    "gitlab.io netlify.app vercel.app pages.dev web.app firebaseapp.com herokuapp.com weebly.com wixsite.com "
    "squarespace.com cloudfront.net amazonaws.com appspot.com azurewebsites.net".split()
)


def choose_address(claims: Iterable[str | None], fetched_from: str | None) -> str | None:
    """Return the first of ``claims`` to be an address of the same site as ``fetched_from``, else ``fetched_from``.

    Relative ones are resolved. A front page is no address of an article that was fetched from below it.
    """
    for claim in claims:
        url = _resolve(claim or "", fetched_from)
        if url and (fetched_from is None or _is_plausible(url, fetched_from)):
            return url
    return fetched_from


def site_of(url: str) -> str | None:
    """Return the part of the host that somebody registered, as far as that can be told without the public list."""
    host = _host(url)
    if host is None:
        return None
    labels = host.removeprefix("www.").split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    size = 3 if len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in _SECOND_LEVELS else 2
    site = ".".join(labels[-size:])
    is_shared = site in _SHARED_HOSTS or labels[-size:][0] == "blogspot"
    return ".".join(labels) if is_shared else site


def _resolve(claim: str, base: str | None) -> str | None:
    claim = clean_line(claim[: _LONGEST_URL_CHARS + 1])
    try:
        url = urljoin(base, claim) if base and claim else claim
        parts = urlsplit(url)
    except ValueError:
        return None
    is_address = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    return url if is_address and " " not in url and len(url) <= _LONGEST_URL_CHARS else None


def _is_plausible(url: str, fetched_from: str) -> bool:
    if (site := site_of(fetched_from)) is None or site_of(url) != site:
        return False
    own, known = urlsplit(url), urlsplit(fetched_from)
    return bool(own.path.strip("/") or own.query or not (known.path.strip("/") or known.query))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
