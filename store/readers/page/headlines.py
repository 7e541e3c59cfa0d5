"""The headline of a page, without the name of the outlet that stands behind it in titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from store.cleaning import clean_line

_LONGEST_HEADLINE_CHARS = 300
_SEPARATOR = re.compile(r"\s+[-–—|·•»:]+\s+|\s*[|｜ㅣ]\s*|--")
_BLANK = re.compile(r"[\W_]+")


def choose_headline(
    *, declared: str | None, headings: Sequence[str], titles: Iterable[str], outlet: str | None
) -> str | None:
    """Return the page's headline.

    ``declared`` is that of its linked data, ``headings`` the texts of its ``h1``, ``titles`` those of its head, the
    most trusted first. What a title adds behind the headline, as the section and the outlet, is left out: it is told
    by a heading or another title that has all the rest, or by the outlet's name.
    """
    candidates = [line for text in [declared, *headings[:1], *titles] if text and (line := _clean(text))]
    if not candidates:
        return None
    others = [*candidates, *(line for text in headings[1:5] if (line := _clean(text)))]
    return _without_outlet(_shortest_opening(candidates[0], others), outlet)


def fold(text: str) -> str:
    """Return ``text`` as titles are compared: letters and digits, without case."""
    return _BLANK.sub(" ", text).strip().casefold()


def _clean(text: str) -> str:
    return clean_line(text[: 10 * _LONGEST_HEADLINE_CHARS])


def _shortest_opening(headline: str, others: Iterable[str]) -> str:
    """Return the shortest of ``others`` that ``headline`` goes on from with a separator, else ``headline``."""
    openings = [
        other
        for other in others
        if len(fold(other).split()) > 1 and headline.startswith(other) and _SEPARATOR.match(headline, len(other))
    ]
    return min(openings, key=len, default=headline)


def _without_outlet(headline: str, outlet: str | None) -> str:
    name = fold(outlet or "")
    for found in reversed(list(_SEPARATOR.finditer(headline))):
        rest = fold(headline[found.end() :])
        if (
            name
            and rest
            and (rest == name or rest.replace(" ", "") == name.replace(" ", ""))
            and headline[: found.start()]
        ):
            return headline[: found.start()]
    return headline
