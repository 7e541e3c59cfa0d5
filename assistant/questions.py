"""What a question asks for, read from its words: no model, no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from store.splitting import split_sentences
from store.words import STOP_WORDS, stem, words

Wanted = Literal["person", "time", "place", "number", "duration", "size", "thing"]

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT_MONTHS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"

# A day or month as it is written in English. Such words say when, and a report need not repeat its own date.
DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d-\d\d"
    rf"|(?:{_MONTHS}|{_SHORT_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS}|{_SHORT_MONTHS})\b\.?(?:,?\s+\d{{4}})?"
    rf"|(?:{_MONTHS})\s+\d{{4}}"
    rf"|(?:in|during|of|since|by)\s+(?:19|20)\d\d)\b"
)
# A day told from the day of asking: a report of that day need not call it so.
_TOLD_FROM_TODAY = re.compile(
    r"\b(?:(?:on|since)\s+)?(?:yesterday|today|tonight|tomorrow|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|(?:this|last|past|next|previous)\s+(?:(?:few|couple of)\s+)?(?:day|night|week|weekend|month|quarter|year|spring"
    r"|summer|autumn|fall|winter)s?)\b(?:['’]s?)?"
)
_TIME = re.compile(
    rf"{DATE.pattern}|\b(?:{_MONTHS})\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:19|20)\d\ds?\b"
    r"|\b\d{1,2}(?:[:.]\d\d)?\s?(?:a\.?m\b|p\.?m\b)|\b\d{1,2}:\d\d\b|\b(?:today|yesterday|tonight|tomorrow|noon|midnight)\b"
    r"|\b(?:morning|afternoon|evening|night|week|month|year|decade|century)s?\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d[\d.,:]*|\b(?:no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?"
    r"|million|billion|trillion|half|quarter|third|several|few|scores?)\b",
    re.IGNORECASE,
)
_DURATION = re.compile(r"\b(?:second|minute|hour|day|night|week|month|year|decade|centur)", re.IGNORECASE)
_SIZE = re.compile(
    r"%|\b(?:percent|per cent|feet|foot|inch|yard|mile|met(?:er|re)|kilomet|centimet|km|cm|mm|mph|acre|hectare|ton"
    r"|pound|knot|degree|magnitude|square|story|storey)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’.-]*[\w](?:\s+(?:(?:of|de|al|bin|van|von|der)\s+)?[A-ZÀ-ÖØ-Þ][\w'’.-]*[\w])*")
_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ0-9][\w'’.-]*")
_PLACE = re.compile(
    r"\b(?:in|at|near|outside|from|to|on|off|across|over|around|inside|aboard)\s+(?:the\s+)?(?:[\w-]+\s+){0,2}[A-Z]"
)

_WHICH = re.compile(r"\b(?:which|what|whose)\b", re.IGNORECASE)

_PEOPLE = "person|man|woman|leader|minister|president|official|general|player|actor|singer|candidate|senator"
_PLACES = "city|country|town|place|state|province|region|continent|airport|village|island|nation"
_AMOUNTS = "number|percentage|percent|share|proportion|price|cost|age|amount|sum"
_ASKED_FOR: dict[Wanted, str] = {
    "number": rf"how (?:many|much|old|often)|(?:what|which) (?:{_AMOUNTS})",
    "duration": r"how long",
    "size": r"how (?:far|large|big|high|tall|fast|deep|wide)",
    "time": r"when|(?:what|which) (?:time|day|date|year|month)|how long ago",
    "place": rf"where|(?:what|which) (?:{_PLACES})",
    "person": rf"who|whom|whose|(?:what|which) (?:\w+ )?(?:{_PEOPLE})|what (?:is|was|are|were) the names?",
}


# 'How long' asks for a number; that the report says 'long' is not to be expected.
_HOW = re.compile(r"\bhow (?:many|much|long|old|far|large|big|high|tall|fast|often|deep|wide)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as words to be found.

    ``stems`` are its meaningful words, stemmed and distinct, in order, without those of a date; ``names`` those of them
    that are written as names or numbers, ``asked`` those of the sentence that asks: others before it only say what it
    is about. ``wanted`` is the kind of thing an answer must hold; ``which``: it asks for one of several, by its name.
    """

    text: str
    stems: tuple[str, ...]
    names: frozenset[str]
    wanted: Wanted
    asked: frozenset[str] = frozenset()
    which: bool = False


def read_question(text: str) -> Question:
    """Return what ``text`` asks for."""
    undated = _HOW.sub("how", _TOLD_FROM_TODAY.sub(" ", DATE.sub(" ", text)))
    telling = [word for word in words(undated) if word not in STOP_WORDS and word not in _ASKING]
    capitals = list(_CAPITAL.finditer(undated))
    # The first word of a sentence has a capital without being a name.
    starts = {0} | {match.end() for match in re.finditer(r"[.?!:]\s+|[\"“‘(]", undated)}
    named = {
        word for match in capitals if match.start() not in starts or match[0][0].isdigit() for word in words(match[0])
    }
    asking = _asking_sentence(undated)
    return Question(
        text,
        tuple(dict.fromkeys(stem(word) for word in telling)),
        frozenset(stem(word) for word in telling if word in named),
        _wanted(text),
        frozenset(stem(word) for word in words(asking) if word in set(telling)),
        _WHICH.search(asking) is not None,
    )


def holds_wanted(question: Question, sentence: str) -> bool:
    """Return whether ``sentence`` holds something of the kind that is asked for and that the question does not say."""
    if question.wanted == "time":
        return _TIME.search(sentence) is not None
    if question.wanted == "place":
        return _PLACE.search(sentence) is not None
    if question.wanted == "person":
        return names_new(question, sentence)
    if question.wanted in {"number", "duration", "size"}:
        unit = {"duration": _DURATION, "size": _SIZE}.get(question.wanted)
        return (unit is None or unit.search(sentence) is not None) and _says_new(_NUMBER, question, sentence)
    return True


def names_new(question: Question, sentence: str) -> bool:
    """Return whether ``sentence`` names, after its first letter, what the question does not."""
    return _says_new(_NAME, question, sentence[1:])


def new_names(question: Question, sentence: str) -> frozenset[str]:
    """Return the stemmed words of names in ``sentence`` that the question does not say."""
    said = set(words(question.text)) | STOP_WORDS
    named = (word for match in _NAME.finditer(sentence) for word in words(match[0]))
    return frozenset(stem(word) for word in named if word not in said and len(word) > 1)


def new_numbers(question: Question, sentence: str) -> frozenset[str]:
    """Return the numbers in ``sentence``, as written but in lower case, that the question does not say."""
    said = set(words(question.text))
    return frozenset(match[0].lower() for match in _NUMBER.finditer(sentence) if not said.issuperset(words(match[0])))


def _asking_sentence(text: str) -> str:
    """Return the last sentence with a question mark, the last of all where none has one."""
    sentences = [text[start:end] for start, end in split_sentences(text)]
    return next((one for one in reversed(sentences) if "?" in one), sentences[-1] if sentences else text)


def _says_new(pattern: re.Pattern[str], question: Question, sentence: str) -> bool:
    said = set(words(question.text))
    return any(not said.issuperset(words(match[0])) for match in pattern.finditer(sentence))


def _wanted(text: str) -> Wanted:
    found: list[tuple[int, Wanted]] = [
        (match.start(), wanted)
        for wanted, pattern in _ASKED_FOR.items()
        if (match := re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE))
    ]
    return min(found)[1] if found else "thing"


# Words that only say what kind of answer is wanted, or which of several: what is new need not call itself so.
_ASKING = frozenset(
    """called kind name named type sort reason happen happened happens following anybody anyone anything currently
    latest newest recent recently somebody someone something""".split()
)
