"""Whether a page holds only the beginning of its article: what it declares, asks for and how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml import html

from store.cleaning import clean_line
from store.readers.page.linked_data import as_list, is_false, text_of
from store.readers.page.markup import text_within
from store.readers.page.phrases import is_appeal

_WORD = re.compile(r"\w+")
# Counts of less are those of a caption; of more than a long read, those of characters.
_FEWEST_WORDS, _MOST_WORDS = 120, 30_000
# A publisher's count holds headlines, captions and boxes too. Of 82 whole texts of saved news pages that state one, two
# have .52 and .67 of it and all others .8 or more.
_LEAST_SHARE = 0.5
_WHOLE_SHARE = 0.8
# Some count characters and call them words.
_CHARACTERS_SHARE = (0.6, 1.25)
# Teasers of pages that say they are not free; a whole report of an agency is longer.
_LONGEST_TEASER_CHARS = 1_500
_LONGEST_OPENING_CHARS = 4_000
_LONGEST_APPEAL_CHARS = 400
_LONGEST_OFFER_CHARS = 1_600
_SHORTEST_WORD_CHARS = 8
_MOST_APPEALS = 10_000

_BROKEN_OFF = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\W{0,3}$")
_GATE = re.compile(
    r"(?:^|[\s_-])(?:pay-?wall|reg-?wall|meter(?:ed)?-?wall|piano-(?:offer|template)|subscribe-?wall)", re.IGNORECASE
)
_SELLS = re.compile(
    r"\b(?:subscri\w+|members?(?:hip)?|premium|plus|abo(?:nn\w+)?|trial|suscri\w+|abbona\w+|assin\w+|prenumer\w+|unlock)\b",
    re.IGNORECASE,
)


def is_truncated(root: html.HtmlElement, article: Mapping[str, object], body: str) -> bool:
    """Say whether ``body`` is less than the article that the page speaks of.

    ``root`` is the page without its hidden text, ``article`` its linked data.
    """
    share = _share_of_declared(article, body)
    if share is not None and share >= _WHOLE_SHARE:
        return False
    if share is not None and share < _LEAST_SHARE:
        return True
    if _is_declared(article) and len(body) < _LONGEST_TEASER_CHARS:
        return True
    if len(body) > _LONGEST_OPENING_CHARS:
        return False
    if _is_appealed(root):
        return True
    return bool(_BROKEN_OFF.search(body)) and len(body) < _LONGEST_TEASER_CHARS


def _share_of_declared(article: Mapping[str, object], body: str) -> float | None:
    """Return how much of the words that the page counts are in ``body``, ``None`` where it counts none."""
    words = len(_WORD.findall(body))
    written = len(_WORD.findall(text_of(article.get("articleBody")) or ""))
    declared = max(written, _count_of(article, body))
    return words / declared if declared >= _FEWEST_WORDS else None


def _count_of(article: Mapping[str, object], body: str) -> int:
    counted = article.get("wordCount")
    if isinstance(counted, str) and counted.strip().isdecimal():
        counted = int(counted.strip()[:9])
    if not isinstance(counted, int) or not _FEWEST_WORDS <= counted <= _MOST_WORDS:
        return 0
    low, high = _CHARACTERS_SHARE
    return 0 if low * len(body) <= counted <= high * len(body) else counted


def _is_declared(article: Mapping[str, object]) -> bool:
    parts = [part for part in as_list(article.get("hasPart")) if isinstance(part, dict)]
    return any(is_false(part.get("isAccessibleForFree")) for part in (article, *parts))


def _is_appealed(root: html.HtmlElement) -> bool:
    return any(map(is_appeal, _appeals(root))) or any(
        _GATE.search(f"{element.get('id', '')} {element.get('class', '')}") and _is_offer(element)
        for element in root.iter("div", "section", "aside")
    )


def _is_offer(element: html.HtmlElement) -> bool:
    # The name stands on whole articles too, for scripts to find them.
    text = text_within(element, _LONGEST_OFFER_CHARS + 1)
    return len(text) <= _LONGEST_OFFER_CHARS and bool(_SELLS.search(text))


def _appeals(root: html.HtmlElement) -> Iterator[str]:
    tags = ("p", "h2", "h3", "h4", "h5", "span", "div", "strong", "a")
    for element in islice(root.iter(*tags), _MOST_APPEALS):
        # Of blocks in blocks the inner one speaks.
        if len((element.text or "").strip()) > _SHORTEST_WORD_CHARS or (element.tag != "div" and 0 < len(element) < 5):
            text = text_within(element, _LONGEST_APPEAL_CHARS + 1)
            if len(text) <= _LONGEST_APPEAL_CHARS:
                yield clean_line(text)
