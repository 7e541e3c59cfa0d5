"""How well a text bears a statement, measured without a model: its words, names, numbers and negations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.conversation import Support
from store.records import day_of
from store.words import content_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from store.records import ArticleRef

# A wrong name or number is worse than a missing word. Neither these weights nor the thresholds are tuned yet.
_NAME_WEIGHT = 2
_NUMBER_WEIGHT = 2
_SUPPORTED = 0.75
_WEAK = 0.4

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CAPITALISED = re.compile(r"(?<!^)(?<![.!?]\s)(?<![\"“‘'(])\b[^\W\d_a-zß-öø-ÿ][^\W\d_]+")
_NEGATION = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without)\b|n[’']t\b", re.IGNORECASE)
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SPELLED = {word: value for value, word in enumerate(_SMALL + _TEENS)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_SPELLED_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<ones>{'|'.join(_SMALL[1:10])}))?"
    rf"|(?P<plain>{'|'.join(_SMALL + _TEENS)}))\b",
    re.IGNORECASE,
)
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text can be checked by: stems of its telling words and of names, its numbers, whether it negates."""

    words: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    negates: bool

    @property
    def weight(self) -> int:
        return len(self.words) + _NAME_WEIGHT * len(self.names) + _NUMBER_WEIGHT * len(self.numbers)


def facts_of(text: str) -> Facts:
    """Return the facts of ``text``. A capitalised word that begins a sentence counts as a word, not as a name."""
    numbers = {_plain_number(match[0]) for match in _NUMBER.finditer(text)}
    numbers |= {_spelled_number(match) for match in _SPELLED_NUMBER.finditer(text)}
    telling = _stems(_SPELLED_NUMBER.sub(" ", text))
    names = {name for match in _CAPITALISED.finditer(text) for name in _stems(match[0])} & telling
    return Facts(frozenset(telling - names), frozenset(names), frozenset(numbers), bool(_NEGATION.search(text)))


def facts_about(article: ArticleRef) -> Facts:
    """Return the facts that a statement may take from an article's own description: who, where, when, headline."""
    published = day_of(article.published)
    day = f"{published.day} {_MONTHS[published.month - 1]} {published.year}" if published else ""
    told = facts_of(" ".join((article.outlet or "", *article.authors, article.place or "", article.headline, day)))
    return Facts(told.words, told.names, told.numbers, negates=False)


def joined(facts: Iterable[Facts]) -> Facts:
    """Return the facts of several texts together."""
    every = tuple(facts)
    return Facts(
        frozenset().union(*(one.words for one in every)),
        frozenset().union(*(one.names for one in every)),
        frozenset().union(*(one.numbers for one in every)),
        any(one.negates for one in every),
    )


def coverage(statement: Facts, evidence: Facts) -> float:
    """Return the weighted share, in [0, 1], of a statement's facts that ``evidence`` has; 0 when it has none."""
    told = evidence.words | evidence.names
    covered = (
        len(statement.words & told)
        + _NAME_WEIGHT * len(statement.names & told)
        + _NUMBER_WEIGHT * len(statement.numbers & evidence.numbers)
    )
    return covered / statement.weight if statement.weight else 0.0


def support_of(statement: Facts, evidence: Facts, about: Facts) -> Support:
    """Return how ``evidence``, with what is known ``about`` its article, bears a statement; never ``quoted``.

    A name or number that is not there, or a negation on one side only, is at most ``weak``.
    """
    told = joined((evidence, about))
    share = coverage(statement, told)
    if not statement.weight:
        return "weak"
    if share < _WEAK:
        return "unsupported"
    agrees = statement.numbers <= told.numbers and statement.names <= told.words | told.names
    return "supported" if share >= _SUPPORTED and agrees and statement.negates == evidence.negates else "weak"


def _stems(text: str) -> set[str]:
    # Single letters are what is left of 'U.S.' and initials.
    return {word for word in content_words(text) if len(word) > 1 and not word[0].isdigit()}


def _plain_number(number: str) -> str:
    """Return '25,000' as '25000' and '05' as '5'; '1.5' and '10:30' stay."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", number)
    return whole.lstrip("0") or "0"


def _spelled_number(match: re.Match[str]) -> str:
    first = match["tens"] or match["plain"]
    return str(_SPELLED[first.lower()] + (_SPELLED[match["ones"].lower()] if match["ones"] else 0))
