"""Text → tokens, each with a mark that says what part it may play in a time expression.

The marks of a text side by side are its shape, on which the grammar's short patterns run: the text itself is passed
once, by a pattern that cannot backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# Marks of punctuation and of words without a part.
SENTENCE_END, PARAGRAPH_END, WORD, OTHER = "!", "%", "w", "~"

_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
_ABBREVIATED = {
    **{month[:3]: ("M", n) for n, month in enumerate(_MONTHS.split(), 1) if month != "may"},
    "sept": ("M", 9),
    **{weekday[:3]: ("W", n) for n, weekday in enumerate(_WEEKDAYS.split())},
    "tues": ("W", 1),
    "thur": ("W", 3),
    "thurs": ("W", 3),
}
# English words of their own: months and weekdays only with a capital.
_COMMON = frozenset("march may jan mar dec sat sun wed mon fri sep".split())

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_UNITS = "hour day week weekend month year decade"
_DECADES = "twenties thirties forties fifties sixties seventies eighties nineties"


class Token(NamedTuple):
    """A word, number or sign: ``word`` is lower case, ``number`` what it counts, names or orders."""

    start: int
    end: int
    mark: str
    word: str
    number: int = 0
    capital: bool = False


def split_tokens(text: str) -> list[Token]:
    """Return the tokens of ``text`` in order."""
    no_capitals = text == text.lower()
    tokens: list[Token] = []
    for found in _pattern().finditer(text):
        if not tokens or found.start() >= tokens[-1].end:  # The dot of 'Sept.' is part of it.
            tokens.append(_token(found, text, no_capitals=no_capitals))
    return tokens


def _token(found: re.Match[str], text: str, *, no_capitals: bool) -> Token:
    start, end, kind, word = found.start(), found.end(), found.lastgroup, found[0].lower()
    if kind == "word":
        return _word(start, end, found[0], text, no_capitals=no_capitals)
    if kind in {"number", "short"}:
        mark, number = _number(word.lstrip("'’"), text[start - 1 : start], is_short=kind == "short")
        return Token(start, end, mark, word, number)
    if kind == "mark":
        return Token(start, end, _sign(word, text, start), word)
    mark = {"numeric": "I", "possessive": "'", "blank": PARAGRAPH_END}[str(kind)]
    return Token(start, end, mark, word)


def _word(start: int, end: int, written: str, text: str, *, no_capitals: bool) -> Token:
    word = written.lower()
    capital = written[0].isupper()
    is_part = text[end : end + 1] in {"-", "‐", "‑"} and text[end + 1 : end + 2].isalpha()  # 'Mar-a-Lago'
    if word in _ABBREVIATED and (capital or no_capitals) and not is_part:
        mark, number = _ABBREVIATED[word]
        dotted = text[end : end + 1] == "."
        if dotted or capital or word not in _COMMON:
            return Token(start, end + dotted, mark, word, number, capital)
    mark, number = _vocabulary().get(word, (WORD, 0))
    if word in _COMMON and not (capital or no_capitals):
        mark = WORD
    return Token(start, end, mark, word, number, capital)


def _number(word: str, before: str, *, is_short: bool) -> tuple[str, int]:
    """Return mark and number: Y a year, C a decade, D what may be a day of a month, N another count."""
    digits = word.rstrip("sthnrd'’")
    if not digits.isdigit() or len(digits) > 4 or before in {"$", "£", "€", "¥", "#"}:
        return OTHER, 0
    number, is_plural = int(digits), word.endswith("s")
    if is_short:
        number += 2000 if number < 40 else 1900
    if is_plural and not word.endswith(("st", "th")):
        return ("C", number // 10) if number >= 1000 and number % 10 == 0 else (OTHER, 0)
    if is_short or (len(word) == 4 and 1000 <= number < 3000):
        return "Y", number
    return ("D", number) if 1 <= number <= 31 and len(digits) < 3 else ("N", number)


def _sign(sign: str, text: str, start: int) -> str:
    if sign in ",-'":
        return sign
    if sign in "–—−":
        return "-"
    if sign in "?!;…":
        return SENTENCE_END
    # The dot of 'U.S.' or 'Mr.' ends no sentence.
    if sign == "." and text[max(0, start - 3) : start].isalnum() and text[start + 1 : start + 2].isspace():
        return SENTENCE_END
    return OTHER


@cache
def _vocabulary() -> dict[str, tuple[str, int]]:
    """Return what words may play in a time expression: their mark and number."""
    return dict(_entries())


def _entries() -> Iterator[tuple[str, tuple[str, int]]]:
    lists = (("M", _MONTHS, 1), ("W", _WEEKDAYS, 0), ("n", _NUMBERS, 1), ("o", _ORDINALS, 1))
    for mark, words, first in lists:
        yield from ((word, (mark, number)) for number, word in enumerate(words.split(), first))
    yield from ((word, ("n", 10 * number)) for number, word in enumerate(_TENS.split(), 2))
    yield from ((word, ("C", 190 + number)) for number, word in enumerate(_DECADES.split(), 2))
    for unit in _UNITS.split():
        yield unit, ("U", 1)
        yield f"{unit}s", ("U", 2)
    yield from ((f"q{quarter}", ("Q", quarter)) for quarter in range(1, 5))
    yield from ((word, (mark, 0)) for mark, words in _PARTS.items() for word in words.split())


# Marks of the words that put time expressions together.
_PARTS = {
    "U": "century centuries",
    "K": "quarter half period",
    "S": "spring summer autumn fall winter",
    "p": "morning afternoon evening night",
    "a": "a an",
    "v": "few several couple many some",
    "d": "today yesterday tomorrow tonight",
    "l": "last past previous preceding prior latest",
    "t": "this current",
    "h": "that same",
    "H": "these",
    "x": "next coming following upcoming",
    "e": "early late mid middle beginning start end",
    "g": "ago",
    "G": "earlier later",
    "T": "the",
    "f": "of",
    "i": "in",
    "c": "to through until till thru",
    "&": "and",
    "b": "before after",
    "R": "recent",
    "r": "now currently nowadays recently lately previously formerly soon shortly",
    "z": "fiscal",
    "F": "future",
}


@cache
def _pattern() -> re.Pattern[str]:
    """Return the pattern of a token; compiled late, for importing this is part of every question."""
    # Digits of other scripts are no numbers here. Each alternative is bounded or runs over one class: time is linear.
    return re.compile(
        r"(?P<numeric>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w/-])|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}(?!\w))"
        r"|(?P<short>['’][0-9]{2}s?(?!\w))"
        r"|(?P<number>[0-9]+(?:[.,:][0-9]+)*(?:st|nd|rd|th|['’]?s)?(?!\w))"
        r"|(?P<possessive>['’]s?(?!\w))"
        r"|(?P<word>[^\W_]+)"
        r"|(?P<blank>\n[^\S\n]*\n)"
        r"|(?P<mark>[^\w\s])"
    )
