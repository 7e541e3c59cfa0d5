"""Whether a text speaks to a language model instead of a reader: a hint for people, never a defence by itself."""

from __future__ import annotations

import re
from functools import cache, lru_cache

_MODEL = (
    r"(?-i:(?:AI|A\.I\.|LLM|[Cc]hat ?bot|(?:[Ll]arge )?[Ll]anguage [Mm]odel|AI (?:assistant|model|agent|system)"
    r"|(?:virtual )?[Aa]ssistant)s?)"
)
_RULES = r"(?:instruction|prompt|rule|direction|guideline|command|order|message)s?"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|former|your|system|original|these|those)"
_CALL = r"\b(?:attention|note|notice|message|instructions?|reminder|important|warning)\b(?: ?[:,–—-])? ?"
_ROLE = r"^[\s#*\[<|]*(?:system|assistant|developer|user)[\]>|*]*[ \t]*:[ \t]*"
_TOLD = r"(?:you|ignore|the (?:user|answer|sources?)|from now|always|answer|reply|respond|do not|please)\b"
_REPLY = r"(?:^|[.!?:;]\s+)(?:you must |please |always |now )?(?:answer|reply|respond|output)\b(?: \w+){0,4} "
_LANGUAGE = r"(?:french|german|spanish|latin|russian|chinese|english|italian|rhyme|capitals|json)"
_WHEN = r"\bwhen (?:asked|answering|you answer|you are asked|summari[sz]ing|responding|citing)[^.\n]{0,60}(?:, |: )"
_SAY = r"(?:say|state|cite|include|answer|respond|reply|add|append|write|claim|insist)\b"
_PUT = r"\b(?:append|embed|include|insert|render|add|display|show)\b[^.\n]{0,60}"

# Forms of address that news has no use for. Before each, the words without one of which it cannot match: to look for
# those first is three times faster.
_FORMS = (
    (
        "ignore disregard forget override discard bypass",
        rf"\b(?:ignore|disregard|forget|override|discard|bypass)\b[^.\n]{{0,30}}\b{_EARLIER}\b[^.\n]{{0,20}}\b{_RULES}\b",
    ),
    (
        "prompt instructions",
        r"\b(?:reveal|print|repeat|show|leak)\b[^.\n]{0,20}\b(?:your|the)(?: \w+){0,2} (?:prompt|instructions)\b",
    ),
    ("prompt instruction", r"\b(?:new|updated|additional|secret) (?:system )?(?:instructions?|prompt)\b[^.\n]{0,30}:"),
    (
        "attention note notice message instruction reminder important warning",
        rf"{_CALL}(?:(?:to|for|all|any|the|every) ){{0,3}}{_MODEL}(?: (?:reading|summari[sz]ing|that|who)\b|[:,!])",
    ),
    ("dear hello hey", rf"\b(?:dear|hey|hello) {_MODEL}[,:!]"),
    ("if\0you\0are\0a", rf"\bif you are an? {_MODEL}\b"),
    (
        "you\0are\0now",
        r"\byou are now (?:an? |in |the )?(?:[\w-]+ ){0,3}?(?:assistant|ai|mode|chatbot|language model|llm)\b",
    ),
    ("system", r"\bsystem (?:prompt|message|override|instruction|notice|update)\b ?[:\]>]"),
    ("system assistant developer user", rf"{_ROLE}{_TOLD}"),
    ("the\0user", r"\btell the user\b|\bthe user['’]s (?:question|query|prompt)\b"),
    (
        "<|",
        r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|system|user|assistant|begin_of_text)\|>",
    ),
    ("<<sys <</sys inst] _of_turn", r"<</?SYS>>|\[/?INST\]|</?(?:start|end)_of_turn>"),
    ("##", r"^#{2,4} ?(?:system|instructions?|response|assistant)\b ?:?"),
    (">>> <<<", r"^\w{2,40}>>>|<<<\w{2,40} source \d"),
    ("above", rf"\b(?:ignore|disregard|forget|override) (?:all )?the {_RULES} above\b"),
    ("end\0of", r"\bend of (?:the )?(?:sources?|articles?|documents?|quotations?|context)\b[^a-z\n]{0,4}$"),
    (
        "answer reply respond output",
        rf"{_REPLY}(?:only|exactly|nothing but|(?:in|with) (?:only |exactly |at most )?\w+ words?\b|in {_LANGUAGE}\b)",
    ),
    ("your", r"\byour (?:final )?(?:answer|response|reply|output) (?:must|should|has to)\b"),
    ("when\0", rf"{_WHEN}(?:always |you must |only |please )?{_SAY}"),
    ("[", r"\b(?:cite|mark|label|reference) (?:this|it|every(?:thing| \w+)|all)[^.\n]{0,40}\[\d{1,2}\]"),
    ("[", rf"{_PUT}(?:!\[|\]\(|\]\[|\]:)"),
    ("[", r"!?\[[^\]\n]{0,60}\](?:\(|: ?)<?https?://[^\s)]{0,200}(?:\{|\bQUESTION|\bANSWER|=\[)"),
    ("markdown {question {answer", rf"{_PUT}(?:markdown (?:image|link)|\{{(?:question|answer)\}})"),
)


@cache
def _patterns() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """Return the forms, compiled when first asked for: that takes 10 ms."""
    return tuple(
        (tuple(gate.replace("\0", " ") for gate in gates.split(" ")), re.compile(form, re.IGNORECASE | re.MULTILINE))
        for gates, form in _FORMS
    )


# A source is looked at for the prompt, for its citations and for the notice.
@lru_cache(maxsize=512)
def holds_instructions(text: str) -> bool:
    """Whether ``text`` tells a language model what to do; a look at its wording that a careful attacker passes.

    Of the 4,863 articles of RealTimeQA it takes none for such a text.
    """
    lowered = text.lower()
    return any(any(gate in lowered for gate in gates) and pattern.search(text) for gates, pattern in _patterns())
