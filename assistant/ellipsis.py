"""Fragments of questions ('why?', 'who else?', 'and in Texas?') → the last question with what they change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from assistant.subjects import PREPOSITIONS, Subject, find_names, find_subjects, kind_of, relations, split_words

_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n['’]t)?"
)
_LEADS = r"\W*(?:(?:and|but|so|ok|okay|oh|then|well)\b[\s,]*)*"
_ORDINALS = {
    "first": 0, "former": 0, "second": 1, "latter": -1, "third": 2, "fourth": 3, "fifth": 4, "last": -1,
}  # fmt: skip

_PATTERNS = {
    # 'Why?', 'how come?', 'when was that?'
    "bare": rf"{_LEADS}(?P<asks>why|when|where|who|whom|how|since when)(?:\s+(?:so|come|not|exactly"
    r"|(?:is|was|did|does|do)\s+(?:that|this|it)(?:\s+(?:happen|so))?))?\W*",
    "amount": rf"{_LEADS}(?P<asks>how (?:many|much|long|often|far))(?:\s+(?:is|are|was|were)\s+(?:there|it|they))?\W*",
    "else": (
        rf"{_LEADS}(?P<asks>who|what|where|when|how|why)\s+else\W*"
        rf"|{_LEADS}(?P<any>any(?:thing|one|body)\s+else)\W*"
    ),
    "again": rf"{_LEADS}(?:really|are you sure|is (?:that|this|it) (?:really )?(?:true|right|so|correct|certain))\W*",
    "more": rf"{_LEADS}(?:(?:please|can you|could you)\s+)*(?:(?:tell|show|give)\s+me\s+)?"
    r"(?:more|go on|continue|details"
    r"|(?:some )?more (?:details|information)|what more)(?:\s+(?:about|on)\s+(?:that|this|it))?(?:,?\s+please)?\W*",
    "about": rf"{_LEADS}(?:what|how)\s+about\s+(?P<what>[^?]+?)(?:\s+(?:then|instead|too))?\W*",
    "and": r"\W*(?:and|or|but)\s+(?P<what>[^?]+?)\W*",
    "ordinal": rf"\bthe\s+(?P<nth>{'|'.join(_ORDINALS)})(?:\s+(?:one|person|name)\b|(?=\W*$))",
    "request": r"\W*(?:(?:please|can you|could you)\s+)*(?:tell|talk|describe|explain|give|show|list|summari[sz]e)\b",
    "subject first": rf"\W*(?:who|what|which(?:\s+\w+)?|whose\s+\w+)\b(?!\s+{_AUXILIARY}\s)",
    "asks": rf"\W*(?P<asks>who|whom|what|where|when|how|why)\s+(?P<rest>{_AUXILIARY}\b.*|\w.*)",
    "adverb": rf"\W*(?:when|where|why|how)\s+(?P<rest>{_AUXILIARY}\s.*)",
    "yes or no": rf"\W*(?P<rest>{_AUXILIARY}\s.*)",
}

_ABOUT_TOPIC = {
    "why": "What was the reason for {}?",
    "when": "When was {}?",
    "where": "Where was {}?",
    "how": "How did {} come about?",
    "who": "Who was involved in {}?",
}


@dataclass(frozen=True, slots=True)
class Completed:
    """A question made whole from the last one."""

    text: str
    words: str


def complete(question: str, last: str, answer: str, topic: Subject | None) -> Completed | None:
    """Return ``question`` completed by ``last`` and its answer; None where it is no fragment."""
    for name, build in (("bare", _bare), ("amount", _amount), ("else", _else), ("again", _again), ("more", _more)):
        if found := _pattern(name).fullmatch(question):
            text = build(found, last, topic)
            return Completed(text, question.strip()) if text else None
    if named := _nth(question, answer, last):
        return Completed(named, question.strip())
    for name in ("about", "and"):
        if (found := _pattern(name).fullmatch(question)) and (text := replace_part(last, found["what"].strip())):
            return Completed(text, question.strip())
    return None


def replace_part(last: str, what: str) -> str | None:
    """Return ``last`` with the part that ``what`` is of a kind with replaced by it; None where there is none."""
    first, _, rest = what.partition(" ")
    if first.lower() in PREPOSITIONS and rest:
        return _with_place(last, first.lower(), rest)
    if len(split_words(what)) > 6 or _is_clause(what):
        return None
    part = _alike(what, find_subjects(last))
    if part is None:
        return None
    article = "the " if part.text.lower().startswith("the ") and not what.lower().startswith("the ") else ""
    is_common = kind_of(what) == "thing" and what == what.lower()
    return f"{last[: part.start]}{article if is_common else ''}{what}{last[part.end :]}"


def _bare(found: re.Match[str], last: str, topic: Subject | None) -> str | None:
    asks = found["asks"].lower()
    if _pattern("request").match(last):
        return _ABOUT_TOPIC[asks].format(topic.text) if topic and asks in _ABOUT_TOPIC else None
    adverb = _pattern("adverb").fullmatch(last) or _pattern("yes or no").fullmatch(last)
    if (
        adverb
        and asks in {"why", "when", "where", "how"}
        and not re.match(r"\W*how\s+(?:many|much)", last, re.IGNORECASE)
    ):
        rest = adverb["rest"]
        return f"{asks.capitalize()} {rest[:1].lower()}{rest[1:]}"
    # 'Who did it, and why?' asked 'when?' asks the first again, not all three.
    first = re.sub(r",? and (?:why|when|where|how|who)$", "", last.rstrip(" ?.!"))
    return f"{first}, and {asks}?"


def _amount(found: re.Match[str], last: str, topic: Subject | None) -> str | None:
    del topic
    if _pattern("request").match(last) or last.lower().startswith(found["asks"].lower()):
        return None
    return f"{last.rstrip(' ?.!')}, and {found['asks'].lower()}?"


def _else(found: re.Match[str], last: str, topic: Subject | None) -> str | None:
    asked = _pattern("asks").fullmatch(last)
    asks = (found["asks"] or ("what" if (found["any"] or "").lower() == "anything else" else "who")).lower()
    if asked and asked["asks"].lower() == asks:
        rest = re.sub(r"^else\s+", "", asked["rest"])
        return f"{asks.capitalize()} else {rest}"
    if topic is None:
        return None
    return f"{asks.capitalize()} else is there to know about {topic.text}?" if asks == "what" else None


def _again(found: re.Match[str], last: str, topic: Subject | None) -> str | None:
    del found, topic
    return last


def _more(found: re.Match[str], last: str, topic: Subject | None) -> str | None:
    del found, last
    return f"Tell me more about {topic.text}." if topic else None


def _nth(question: str, answer: str, last: str) -> str | None:
    """Return the question with 'the second one' replaced by the second name of the last answer."""
    found = _pattern("ordinal").search(question)
    if found is None:
        return None
    asked = {name.text for name in find_names(last)}
    names = [name.text for name in find_names(answer) if name.text not in asked and name.kind != "place"]
    place = _ORDINALS[found["nth"].lower()]
    if len(names) < 2 or place >= len(names):
        return None
    name = names[place]
    around = f"{question[: found.start()]}{question[found.end() :]}"
    if not re.search(
        r"\w",
        re.sub(rf"{_LEADS}(?:what about|how about|(?:tell me )?(?:more )?about)?", "", around, flags=re.IGNORECASE),
    ):
        return f"Tell me more about {name}."
    return f"{question[: found.start()]}{name}{question[found.end() :]}"


def _with_place(last: str, preposition: str, what: str) -> str | None:
    """Return ``last`` with what follows the same preposition replaced, else with the phrase at its end."""
    part = _alike(what, [one for one in find_subjects(last) if _led_by(last, one) == preposition])
    if part is not None:
        return f"{last[: part.start]}{what}{last[part.end :]}"
    if len(split_words(what)) > 6:
        return None
    end = re.search(r"[\s?.!]*$", last)
    at = end.start() if end else len(last)
    return f"{last[:at]} {preposition} {what}{last[at:] or '?'}"


def _alike(what: str, parts: list[Subject]) -> Subject | None:
    """Return the part that ``what`` may stand in for: of the same kind, the most prominent."""
    found = find_subjects(f"about {what}")
    kind, is_name = kind_of(what), any(word.is_capital for word in split_words(what))
    is_relation = bool(found) and found[-1].head in relations()
    best: tuple[float, int, Subject] | None = None
    for part in parts:
        kinds = {kind, part.kind}
        fits = kind == part.kind or ("unknown" in kinds and kinds & {"person", "group", "place", "thing"} and is_name)
        if (
            not fits
            or " of " in part.text
            or part.is_name != is_name
            or (not is_name and (part.head in relations()) != is_relation)
        ):
            continue
        weight = part.role + 2.0 * (kind == part.kind)
        if best is None or weight > best[0]:
            best = (weight, -part.start, part)
    return best[2] if best else None


def _led_by(text: str, part: Subject) -> str:
    before = text[: part.start].split()
    return before[-1].lower() if before else ""


def _is_clause(what: str) -> bool:
    return (
        re.search(rf"\b{_AUXILIARY}\b", what, re.IGNORECASE) is not None
        or re.match(r"(?:why|when|where|who|how|what|which|if|that)\b", what, re.IGNORECASE) is not None
    )


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return one of ``_PATTERNS``, compiled when it is first needed."""
    return re.compile(_PATTERNS[name], re.IGNORECASE)
