"""The names of authors and outlets as pages write them → the names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from store.cleaning import clean_line
from store.readers.bylines import split_names

_LONGEST_NAME_CHARS = 80
_MOST_AUTHORS = 50
_MOST_WORDS = 6

_BY = re.compile(
    r"(?:(?:written|reported|posted|published|story|words|text|texte|testo|texto)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|ved|przez|autor(?:en|in|es)?|author|auteur|autore)\b:?\s+(?=\S)",
    re.IGNORECASE,
)
# What stands behind a name: an office, an address, an account, a day.
_BEHIND = re.compile(r"\s*(?:[|•·/(<\[@]|\s[-–—]\s|,\s+(?=[a-zà-ÿ])|https?:|\d).*", re.DOTALL)
_NO_PERSON = re.compile(
    r"(?:https?:|www\.|@|\.(?:com|org|net|de|fr|it|es|co)\b)"
    r"|^(?:the\s+)?(?:web(?:site)?\s+)?(?:admin(?:istrator)?|editors?|staff|webmaster|newsroom|news\s?desk|unknown|guest|"
    r"anonymous|root|user|null|none|n/?a|author|redaktion|r[ée]daction|redacci[oó]n|redazione|redactie|redakcja|"
    r"editorial(?:\s+(?:team|board|staff))?|online|desk|team|agencies|agentur(?:en)?|agencias)$"
    r"|\b(?:staff|desk|reporters?|writers?|editors?|correspondents?|bureau|newsroom|contributors?)\s*$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")


def clean_authors(written: Iterable[str], *, outlet: str | None = None) -> tuple[str, ...]:
    """Return the people that ``written`` names, in order, each once: no 'By', no offices, no 'Staff', no addresses.

    The outlet itself is nobody's name.
    """
    found: dict[str, str] = {}
    for text in list(written)[:_MOST_AUTHORS]:
        for name in _split(clean_line(text[: 20 * _LONGEST_NAME_CHARS])):
            folded = name.casefold()
            if _squeeze(folded) != _squeeze(outlet or ""):
                found.setdefault(folded, name)
    return tuple(found.values())[:_MOST_AUTHORS]


def _split(text: str) -> Iterable[str]:
    text = _without_by(text)
    for part in re.split(r"\s+(?:und|et|y|e|og|och|en|i)\s+(?=[A-ZÀ-Þ])|\s*[;、]\s*|\s+\|\s+", text):
        for author in split_names(part).authors:
            name = _BEHIND.sub("", _without_by(author)).strip(" ,.:-–—*")
            if _is_name(name):
                yield _from_capitals(name)


def _without_by(text: str) -> str:
    found = _BY.match(text)
    return text[found.end() :] if found else text


def _is_name(name: str) -> bool:
    if not 2 <= len(name) <= _LONGEST_NAME_CHARS or not _LETTER.search(name) or _NO_PERSON.search(name):
        return False
    # 'd.kuckelkorn' is an account, 'Professor at the Faculty of ...' an office.
    is_account = name.isascii() and name.islower() and " " not in name
    return not is_account and len(name.split()) <= _MOST_WORDS


def _squeeze(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _from_capitals(name: str) -> str:
    # 'JANE DOE' is how a style sheet would show it; 'AFP' is a name of its own.
    is_shouted = name.isupper() and name.isascii() and " " in name
    return name.title() if is_shouted else name
