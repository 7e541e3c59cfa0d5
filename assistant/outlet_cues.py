"""Outlets that a question cites → whose articles to prefer or to keep to, and the question without the citing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from store.outlets import (
    DONE,
    LEAD,
    OTHERS,
    PIECES,
    QUOTES,
    REACH_CHARS,
    REPORTING,
    OutletIndex,
    OutletMention,
    are_listed,
)

Effect = Literal["filter", "preference"]

_END = rf"{LEAD}[{QUOTES}]*$"
_NAMES = rf"{LEAD}{OTHERS}[{QUOTES}]*$"

# 'But not by X': nothing is asked of X.
_EXCLUDED = (
    r"\b(?:not|except|excluding|without|other than|besides|apart from|rather than)\s+"
    rf"(?:(?:according to|as per|by|from|in)\s+)?{_END}"
)

# Only one outlet's own words will do: 'what did X write about', 'only from X', 'list the stories in X'. What X *said*
# may stand in another's article, and what is so 'according to X' is often an agency's story that others print too.
_ASKED = rf"\b(?:what|how|which [\w’'-]+|when|where|why|anything)\s+(?:did|do|does|has|have)\s+(?:the\s+)?[{QUOTES}]*$"
_WROTE = (
    rf"[{QUOTES}]*\s+(?:(?:first|ever|itself|also)\s+)?"
    r"(?:cover|describe|portray|print|publish|report|write|written)(?:e?d)?\b"
)
_ONLY = r"\b(?:(?:only|just|solely|exclusively)\s+(?:by|from|in|use|using)|(?:from|in|using)\s+(?:only|just|solely))\s+"
_REQUEST = r"^\W*(?:find|give me|list|read|show me|show|summari[sz]e)\s+"
_ALONE = (
    rf"{_ONLY}{_END}|\b(?:only|just|solely)\s+(?:(?:the\s+)?(?:{PIECES})\s+(?:by|from|in)|what)\s+{_END}"
    rf"|(?:{_REQUEST}|^\W*(?:which|what)\s+)[^?.,]{{0,30}}?\b(?:{PIECES})\s+(?:by|from|in)\s+{_END}"
)
_PIECE = rf"[{QUOTES}]*s?\s+(?:(?!(?:is|was|were|and|or|that|of|on|in|by|to)\b)[\w’'-]+\s+)?(?:{PIECES})\b"

# What may go with a name. A phrase set off by a comma or 'as' goes as a whole, of others the preposition: 'the report
# by X on' leaves 'the report on'.
_SET_OFF = (
    rf"(?:,\s*(?:as\s+)?|\bas\s+)(?:(?:also|first|later)\s+)?(?:{REPORTING}|{DONE})\s+(?:\w+ly\s+)?(?:by|in|on)\s+{_NAMES}"
    rf"|,?\s*\b(?:according to|as per|per|citing|via)\s+{LEAD}(?:(?:{PIECES})\s+(?:by|from|in|of)\s+)?{_NAMES}"
    rf"|,?\s*{_ONLY}{_NAMES}"
)
_SET_OFF_TOO = (
    rf"(?:,?\s+(?:and|or)\s+[{QUOTES}]?(?-i:[A-Z])[\w.]*(?: (?-i:[A-Z])[\w.]*){{0,3}}[{QUOTES}]?(?=[,.;?!]|$))?"
)
_ATTACHED = r"(?:\s+(?:sources?|outlets?|publications?))?,?\s+(?:by|from|in|such as|like|including)\s+" + _END
_TOLD = rf"\b(?:tell|tells|telling|told|spoke to|spoken to|speaking to)\s+(?:the\s+)?[{QUOTES}]*$"
_DETERMINED = (
    r"\b(?:the|an?|another|both|each|its|this|that|first|second|other|subsequent|multiple|several|earlier|later)\s+"
    rf"[{QUOTES}]*$"
)
# 'Did X report on', 'how X reports that': a verb, though there are reports.
_DOES = rf"\b(?:do|does|did|has|have|had|how|that|after|before|while|when|whether)\s+(?:the\s+)?[{QUOTES}]*$"
_VERB_TOO = (
    rf"[{QUOTES}]*\s+(?:accounts?|claims?|covers?|features?|posts?|profiles?|reports?|reviews?)\s+"
    r"(?:about|an?|on|that|the|of|it|he|she|they|its|his|her|their)\b"
)


@dataclass(frozen=True, slots=True)
class OutletCue:
    """What a question's outlets mean for its search.

    A filter keeps to ``outlets``, a preference lifts their articles; both are the archive's own names, in the order of
    mention. ``query`` is the question without what only cites them.
    """

    outlets: tuple[str, ...]
    effect: Effect
    mentions: tuple[OutletMention, ...]
    query: str


def read_outlet_cue(question: str, known: OutletIndex) -> OutletCue | None:
    """Return what the outlets that ``question`` cites mean; None where it cites none that is known.

    An outlet that the question is about ('why did the BBC suspend him?') and one that is ruled out ('not by Reuters')
    are none. Several outlets are always a preference: a comparison needs all of them, and what else there is.
    """
    cited = tuple(
        mention
        for mention in known.named_in(question)
        if mention.cited and not _before(_EXCLUDED, question, mention.start)
    )
    if not cited:
        return None
    outlets = tuple(dict.fromkeys(outlet for mention in cited for outlet in mention.outlets))
    alone = len({mention.outlets for mention in cited}) == 1 and any(_is_alone(question, mention) for mention in cited)
    return OutletCue(outlets, "filter" if alone else "preference", cited, _without(question, cited))


def _is_alone(question: str, mention: OutletMention) -> bool:
    def before(expression: str) -> bool:
        return _before(expression, question, mention.start) is not None

    def after(expression: str) -> bool:
        return _pattern(expression).match(question, mention.end) is not None

    if before(_ALONE) or (before(_REQUEST + _END) and after(_PIECE)):
        return True
    return before(_ASKED) and after(_WROTE)


def _without(question: str, cited: tuple[OutletMention, ...]) -> str:
    """Return the question without its citing phrases, still to be read: '(…), as reported by X and Y?' → '(…)?'."""
    left = question
    for first, last in reversed(_lists(question, cited)):
        start, end, instead = _edit(left, first.start, last.end)
        left = left[:start] + instead + left[end:]
    left = _tidy(left)
    return left if re.search(r"\w{3}", left) else question


def _lists(question: str, cited: tuple[OutletMention, ...]) -> list[tuple[OutletMention, OutletMention]]:
    """Return the first and the last mention of every list; one that stands alone is both."""
    breaks = [i + 1 for i, (a, b) in enumerate(pairwise(cited)) if not are_listed(question, a, b)]
    return [(cited[a], cited[b - 1]) for a, b in pairwise((0, *breaks, len(cited)))]


def _edit(text: str, start: int, end: int) -> tuple[int, int, str]:
    """Return what to replace for the names from ``start`` to ``end``, and by what."""
    closed = re.compile(rf"(?:(?!['’]s\b)[{QUOTES}])*").match(text, end)
    end = closed.end() if closed else end
    piece = _pattern(_PIECE).match(text, end)
    if phrase := _before(_SET_OFF, text, start):
        too = _pattern(_SET_OFF_TOO).match(text, end)
        return phrase.start(), _past_comma(text, phrase, (piece or too or phrase).end() if piece or too else end), " "
    if phrase := _before(_ATTACHED, text, start):
        return phrase.start(), piece.end() if piece else end, " "
    begin = len(text[:start].rstrip(QUOTES))
    article = re.compile(r"\bthe\s+$", re.IGNORECASE).search(text, 0, begin)
    if _before(_TOLD, text, start):
        return article.start() if article else begin, end, "them"
    acts = _before(_DOES, text, start) and _pattern(_VERB_TOO).match(text, end)
    if piece and not acts:
        whose = re.compile(r"['’]?s\b|['’]|").match(text, end)
        return begin, whose.end() if whose else end, "" if _before(_DETERMINED, text, start) else "the"
    return article.start() if article else begin, end, "they"


def _past_comma(text: str, phrase: re.Match[str], end: int) -> int:
    """Return where a removed phrase ends: a comma that only closed it goes too."""
    closed = re.match(r"\s*,", text[end:])
    opened = phrase[0].startswith(",") or not text[: phrase.start()].strip()
    return end + closed.end() if closed and opened else end


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([,.;:?!)])", r"\1", " ".join(text.split()))
    text = re.sub(r",+(?=[,.;:?!])", "", text).lstrip(" ,;:")
    return text[:1].upper() + text[1:]


def _before(expression: str, text: str, end: int) -> re.Match[str] | None:
    """Return where an expression that ends with ``$`` matches just before ``end``."""
    return _pattern(expression).search(text, max(0, end - REACH_CHARS), end)


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    """Return a pattern, compiled when the first outlet is cited: most questions cite none."""
    return re.compile(expression, re.IGNORECASE)
