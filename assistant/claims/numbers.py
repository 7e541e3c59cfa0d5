"""The numbers of a sentence, in digits or words, with how exact they are and what they are measured in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from assistant.claims.claim import Bound

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SPELLED = {word: value for value, word in enumerate(_SMALL + _TEENS)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_MAGNITUDES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MAGNITUDES |= {"m": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9, "k": 1_000}

_BOUNDS: dict[str, Bound] = {
    **dict.fromkeys(
        ("at least", "more than", "over", "no fewer than", "no less than", "upward of", "upwards of"), "least"
    ),
    **dict.fromkeys(("up to", "as many as", "as much as", "fewer than", "less than", "under", "at most"), "most"),
    **dict.fromkeys(
        ("about", "around", "some", "roughly", "nearly", "almost", "approximately", "an estimated", "close to"), "about"
    ),
}
_MONEY = {"$": "$", "€": "€", "£": "£", "dollar": "$", "euro": "€", "pound": "£"}
_ONES = "|".join(_SMALL[1:10])


class Number(NamedTuple):
    """A number, ``text[start:end]`` with what stands before it of its bound; ``first`` is where its digits begin."""

    start: int
    first: int
    end: int
    value: float
    bound: Bound
    unit: str


def find_numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of ``text`` in order. Years, days, ages, times and numbers of things are not told apart."""
    for match in _pattern().finditer(text):
        value = _value(match)
        if value is None:
            continue
        bound = _BOUNDS[" ".join(match["bound"].lower().split())] if match["bound"] else "exact"
        unit = _MONEY.get(match["money"] or "") or _MONEY.get((match["coin"] or "").lower()) or ""
        unit = "%" if match["percent"] else unit
        yield Number(match.start(), match.start("number"), match.end(), value, bound, unit)


def _value(match: re.Match[str]) -> float | None:
    digits, spelled = match["digits"], (match["spelled"] or "").lower()
    if digits:
        plain = digits.replace(",", "")
        value = float(plain) if plain.count(".") < 2 else None
    elif spelled in {"a", "an"}:
        value = 1.0
    else:
        first, _, rest = spelled.replace("-", " ").partition(" ")
        value = float(_SPELLED[first] + (_SPELLED[rest] if rest else 0))
    magnitude = match["magnitude"] or match["again"]
    if spelled in {"a", "an"} and not magnitude:
        return None
    if value is not None and magnitude:
        value *= _MAGNITUDES[magnitude.lower()]
    return value


@cache
def _pattern() -> re.Pattern[str]:
    bounds = "|".join(bound.replace(" ", r"\s+") for bound in sorted(_BOUNDS, key=len, reverse=True))
    spelled = rf"(?:{'|'.join(_TENS)})[- ](?:{_ONES})|{'|'.join(_TENS + _TEENS + _SMALL)}"
    return re.compile(
        rf"(?<![\w.,:/'’-])(?:(?P<bound>{bounds})\s+)?(?P<number>(?P<money>[$€£])?"
        rf"(?:(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<spelled>{spelled}|an?(?=\s(?:dozen"
        rf"|hundred|thousand|million|billion)\b)))"
        rf"(?:[ -]?(?P<magnitude>dozen|hundred|thousand|million|billion|trillion|bn|mn|m|k|b)\b)?)"
        rf"(?![\w:/]|[.,]\d|[’']s)"
        rf"(?P<percent>\s?%|[ -]per\s?cent\b)?(?:\s(?P<coin>dollar|euro|pound)s?\b)?(?P<again>(?!))?",
        re.IGNORECASE,
    )
