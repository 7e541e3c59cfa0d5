"""Whether a report calls a person 'he' or 'she': by the title before the name and the pronouns after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from store.words import STOP_WORDS

if TYPE_CHECKING:
    from assistant.subjects import Gender

# Read of a report: persons are introduced early, and a live blog has no end.
_LONGEST_REPORT = 20_000
# How far behind a name its pronoun may stand, in characters, and how many mentions are looked at.
_REACH = 160
_MENTIONS = 12

_WOMAN = r"(?:Mrs|Ms|Miss|Mme|Dame|Lady|Queen|Princess|Duchess|[A-Za-z]*woman|actress|mother|daughter|sister|wife)"
_MAN = r"(?:Mr|Sir|Lord|King|Prince|Duke|Pope|[A-Za-z]*[a-z]man|father|son|brother|husband)"
_PRONOUN = re.compile(r"\b(?:(?P<she>she|her|hers|herself)|(?P<he>he|him|his|himself))\b", re.IGNORECASE)
# Another name in between: what follows may be said of that.
_OTHER = re.compile(r"\b[A-Z][\w’'-]+ (?:[A-Z]\. )?[A-Z][\w’'-]+")
# A title is as good as so many pronouns; so much more often must one be said than the other.
_TITLE, _CLEARLY = 3, 2


def told_gender(name: str, report: str) -> Gender | None:
    """Return how ``report`` speaks of the person ``name``; None where it does not say, or says both."""
    first, _, last = name.rpartition(" ")
    if len(last) < 2 or last.lower() in STOP_WORDS:
        return None
    report = report[:_LONGEST_REPORT]
    counted = {"she": 0, "he": 0}
    given = rf"(?:{re.escape(first)} )?" if first else ""
    for gender, title in (("she", _WOMAN), ("he", _MAN)):
        titled = re.compile(rf"\b{title}\.? {given}{re.escape(last)}\b")
        counted[gender] += _TITLE * len(titled.findall(report)[:_MENTIONS])
    for found in list(re.finditer(rf"\b{re.escape(last)}\b", report))[:_MENTIONS]:
        behind = report[found.end() : found.end() + _REACH]
        other = _OTHER.search(behind)
        pronoun = _PRONOUN.search(behind, 0, other.start() if other else len(behind))
        if pronoun:
            counted["she" if pronoun["she"] else "he"] += 1
    if counted["she"] > _CLEARLY * counted["he"]:
        return "she"
    return "he" if counted["he"] > _CLEARLY * counted["she"] else None
