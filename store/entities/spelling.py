"""Names compared: as they are spelled, shortened and transliterated in different reports."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.entities.shapes import is_title_word
from store.entities.vocabulary import FAMILY_FIRST, GIVEN_NAMES, NAME_ENDINGS, SHORT_FORMS, TRANSLITERATED
from store.words import words

_VOWELS = re.compile(r"[aeiouyh]")
_DOUBLE = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?:yy|iy|ij|ii|y|i)$")
_LEAST_CONSONANTS = 3
_SPELLED_ONE_WAY = GIVEN_NAMES - TRANSLITERATED
# What no article explains.
_WRITTEN_OUT = {
    "us": "united states",
    "usa": "united states",
    "uk": "united kingdom",
    "uae": "united arab emirates",
    "eu": "european union",
    "un": "united nations",
    "ap": "associated press",
    "washington dc": "washington",
    "nyc": "new york city",
}


def fold(name: str) -> str:
    """Return a name as names are compared: without case, accents, full stops, hyphens, 'the' and spelling of -ise."""
    folded = words(name.replace(".", "").replace("’", "").replace("'", ""))
    if len(folded) > 1 and folded[0] in {"the", "us"}:
        folded = folded[1:]
    whole = " ".join(folded).replace("isation", "ization")
    return _WRITTEN_OUT.get(whole, whole)


def family_of(folded: str) -> str:
    """Return the word of a folded name by which the person is called: 'soleimani', 'xi'. Zelenskiy is Zelenskyy."""
    parts = folded.split()
    if not parts:
        return ""
    if len(parts) > 1 and parts[0] in FAMILY_FIRST and parts[0] not in GIVEN_NAMES:
        return parts[0]
    if len(parts) == 1 and parts[0] in FAMILY_FIRST:
        return parts[0]
    while len(parts) > 2 and parts[-1] in NAME_ENDINGS:
        parts.pop()
    return _ENDING.sub("y", parts[-1])


def without_title(folded: str) -> str:
    """Return a folded name without the titles before it: 'gen soleimani' is 'soleimani'."""
    parts = folded.split()
    while len(parts) > 1 and is_title_word(parts[0]):
        parts.pop(0)
    return " ".join(parts)


def may_be_one(a: str, b: str) -> bool:
    """Whether two folded names with the same family name may be those of one person."""
    given, other = _given(a), _given(b)
    if not given or not other:
        return False
    if not _are_alike(given[0], other[0]):
        return False
    return all(_are_alike(one, two) for one, two in zip(given[1:], other[1:], strict=False))


def _given(folded: str) -> Sequence[str]:
    parts = [part for part in folded.split() if part not in NAME_ENDINGS]
    return parts[1:] if parts and parts[0] in FAMILY_FIRST and parts[0] not in GIVEN_NAMES else parts[:-1]


def _are_alike(a: str, b: str) -> bool:
    if a == b or (1 in {len(a), len(b)} and a[0] == b[0]):
        return True
    if SHORT_FORMS.get(a, a) == SHORT_FORMS.get(b, b):
        return True
    if a in _SPELLED_ONE_WAY or b in _SPELLED_ONE_WAY:
        return False
    skeleton = _skeleton(a)
    return len(skeleton) >= _LEAST_CONSONANTS and skeleton == _skeleton(b)


def _skeleton(name: str) -> str:
    """Return the consonants, which transliterations from Arabic, Persian and Russian agree on: 'ksm' of Qassem."""
    return _DOUBLE.sub(r"\1", _VOWELS.sub("", re.sub(r"kh|q|c", "k", name.replace("gh", "k"))))
