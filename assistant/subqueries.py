"""A question that asks several things → a query for each, where its pattern is plain: no model, no guess."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.words import STOP_WORDS, words

# More parts would leave each too few of the hits.
MOST = 4

_DOES = "are|can|could|did|does|do|had|has|have|is|might|may|should|was|were|will|would"
_ASKS = "how|what|when|where|which|who|whom|whose|why"
_DETERMINER = r"(?:the|an?|its|his|her|their|this|that)"
_NAME = r"(?:the\s+)?(?-i:[A-Z])[\w.’'&-]*(?:\s+(?:of\s+)?(?-i:[A-Z])[\w.’'&-]*){0,4}"

# 'Who won? And when was it?' A sentence that is no question leads to the next that is one.
_NEXT_QUESTION = re.compile(r"(?<=[?])[\"”’)]*\s+(?:(?:and|but|also)\b,?\s+)?(?=\w)", re.IGNORECASE)

# 'What did A say, and how did B respond?' The second half asks by itself: its verb comes before its subject, which
# 'do you know who built it and when it opened' does not have.
_ASKED_TOGETHER = re.compile(
    rf"((?:{_ASKS})\b[^?]+?),?\s+and\s+("
    rf"(?:how|when|where|why)\s+(?:{_DOES})\b[^?]+|how\s+(?:far|long|many|much|often|old)\b[^?]+"
    r"|(?P<asks>what|which|who)\s+(?!(?:an?|he|her|his|it|its|she|that|the|their|they|this|we|you)\b)[^?]+)\?*",
    re.IGNORECASE,
)

# 'Did X and Y both rise?', 'did both X and Y rise?': two names, and no more.
_BOTH = re.compile(
    rf"((?:{_DOES})\s+)(?:({_NAME})\s+and\s+({_NAME})\s+both|both\s+({_NAME})\s+and\s+({_NAME}))\s+((?-i:[a-z])[^?]+)\?*",
    re.IGNORECASE,
)

# 'Compare P with Q', 'the difference between P and Q': either two names or two things with an article each, because in
# 'the House and Senate bills' the two halves share a word.
_CONTRAST = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:please\s+)?compare\s+({thing})\s+(?:and|to|with)\s+({thing})\W*"
        rf"|how\s+(?:do|does|did)\s+({thing})\s+(?:compare|differ)\s+(?:from|to|with)\s+({thing})\W*"
        rf"|(?:what\s+(?:are|is|was|were)\s+the\s+)?differences?\s+between\s+({thing})\s+and\s+({thing})\W*"
        for thing in (r"(?:the|an?)(?:\s+(?!and\b)[\w’'-]+)+", r"(?-i:[A-Z])[\w’'-]*(?:\s+(?!and\b)[\w’'-]+)+")
    )
)

# One report against another: 'the X article says P, while the Y article says Q'. Of MultiHop-RAG's patterns this is the
# one whose halves found more than the whole; 'between the X report … and the Y report', 'compared to the Y article',
# 'and does the Y article' and 'before Y reported' found less, or the same.
_PIECE = (
    rf"(?:{_DETERMINER}|another|both|each|other)\s+(?:[^\s,;?]+\s+){{0,9}}?"
    r"(?:articles?|coverage|editorials?|interviews?|pieces?|reporting|reports?|reviews?|stories|story)\b"
)
_TELLER = (
    rf"['\"‘“]?{_NAME}[^,;?]{{0,30}}?\s+(?:(?:later|first|also|then)\s+)?"
    r"(?:(?:attribut|claim|cover|describ|discuss|focus|highlight|impli|imply|indicat|mention|not|portray|publish|report"
    r"|reveal|say|stat|suggest|warn|writ)(?:e|s|es|d|ed|ing)?|said|wrote)\b"
)
_AGAINST = re.compile(rf",?\s+(?:while|whereas)\s+(?={_PIECE}|{_TELLER})", re.IGNORECASE)
_MORE_REPORTS = re.compile(
    rf"\b(?:and|but)\s+(?:(?:{_DOES})\s+)?{_PIECE}|\b(?:compared to|compared with|in contrast to|between)\b",
    re.IGNORECASE,
)
_REPORTS = re.compile(rf"{_PIECE}|{_TELLER}", re.IGNORECASE)
_OPENING = re.compile(rf"\A(?:{_DOES})\s+", re.IGNORECASE)
# What only asks how the reports relate: 'indicating a difference', 'and are these alike'.
_RELATION = re.compile(
    r",\s+(?:(?:thus\s+|thereby\s+)?(?:highlighting|implying|indicating|reflecting|showing|suggesting)\s+"
    rf"|(?:and\s+)?(?:{_DOES})\s+(?:both|it|there|these|they|this|those)\b).*",
    re.IGNORECASE | re.DOTALL,
)

# So early in a question a pronoun stands for something before it.
_POINTS_BACK = re.compile(
    r"(?:\S+\s+){0,4}(?:he|her|hers|him|his|it|its|one|ones|she|their|theirs|them|they|those)\b", re.IGNORECASE
)
_ABOUT = re.compile(rf"\b(?:about|on|over)\s+((?:{_DETERMINER}\s|(?-i:[A-Z])).+)", re.IGNORECASE)
_SUBJECT = re.compile(rf"\s((?:{_DETERMINER}\s|(?-i:[A-Z])).+)", re.IGNORECASE)
_KIND = re.compile(rf"(?:what|which|whose)\s+((?!(?:{_DOES})\b).+)", re.IGNORECASE)
_LONGEST_SUBJECT_WORDS = 10

# The patterns take time by the square of a question's length; a longer one has no plain pattern anyway.
_LONGEST_QUESTION = 600


def split_question(question: str) -> tuple[str, ...]:
    """Return what to search for one by one, in order, at most ``MOST``; the question itself where it asks one thing.

    Each part stands alone: what it only points back to is added in brackets.
    """
    # Runs of blanks would take the patterns quadratic time.
    asked = " ".join(question.split())
    if len(asked) > _LONGEST_QUESTION:
        return (question,)
    for split in (_several, _together, _both, _contrasted, _reported):
        parts = split(asked)
        if 1 < len(parts) <= MOST and all(map(_says_something, parts)):
            return tuple(parts)
    return (question,)


def _several(question: str) -> list[str]:
    parts = _NEXT_QUESTION.split(question)
    return _complete(parts) if len(parts) > 1 and all(part.rstrip('"”’)').endswith("?") for part in parts) else []


def _together(question: str) -> list[str]:
    match = _ASKED_TOGETHER.fullmatch(question)
    # 'The woman who sang and who won': the same word twice goes on with one clause.
    if not match or (match["asks"] and re.search(rf"\s{match['asks']}\b", match[1], re.IGNORECASE)):
        return []
    return _complete([f"{match[1]}?", f"{match[2]}?"])


def _both(question: str) -> list[str]:
    match = _BOTH.fullmatch(question)
    if not match:
        return []
    opening, *names, rest = (group for group in match.groups() if group)
    return [f"{opening}{name} {rest}?" for name in names]


def _contrasted(question: str) -> list[str]:
    match = next(filter(None, (pattern.fullmatch(question) for pattern in _CONTRAST)), None)
    return [group.strip() for group in match.groups() if group] if match else []


def _reported(question: str) -> list[str]:
    cuts = list(_AGAINST.finditer(question))
    edges = [0, *(edge for cut in cuts for edge in cut.span()), len(question)]
    parts = [question[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if not all(map(_REPORTS.search, parts)) or _MORE_REPORTS.search(question):
        return []
    return [_OPENING.sub("", _RELATION.sub("", part).strip(" ,?")) for part in parts]


def _complete(parts: Sequence[str]) -> list[str]:
    """Return the parts, each that points back or hardly says anything with the subject of the first."""
    subject = _subject(parts[0])
    return [
        part[:1].upper() + part[1:] + (f" ({subject})" if i and subject and _leans(part) else "")
        for i, part in enumerate(parts)
    ]


def _leans(part: str) -> bool:
    return _POINTS_BACK.match(part) is not None or len(_telling(part)) < 3


def _subject(part: str) -> str:
    """Return what a question is about, roughly: 'the Skelby regatta' of 'who won the Skelby regatta?'."""
    found = _KIND.match(part) or _ABOUT.search(part) or _SUBJECT.search(part)
    named = found[1] if found else " ".join(_telling(part))
    return " ".join(named.rstrip(" ?.!").split()[:_LONGEST_SUBJECT_WORDS])


def _says_something(part: str) -> bool:
    return len(_telling(part)) > 1


def _telling(part: str) -> list[str]:
    return [word for word in words(part) if word not in STOP_WORDS]
