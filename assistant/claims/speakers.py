"""Whom a sentence cites, and how sure it is of what it says."""

from __future__ import annotations

import re
from functools import cache

_SAY = (
    "said|says|say|told|added|announced|confirmed|estimated|estimates|counted|counts|reported|reports|claimed|claims|"
    "insisted|put|acknowledged|admitted|stated|believes|believe|argued|warned|declared|spoke|spoken|blamed|blames"
    "|named|"
    "denied|denies|rejected|called|listed|attributed"
)
_PATTERNS = {
    "contradicted": r"^\W*contradicting (?P<who>[^,;.“”\"]{2,70})",
    "according": r"\b(?:according to|citing|quoted by|reported by) (?P<who>[^,;.“”\"]{2,70})",
    "trailing": rf"[,”\"]\s(?P<who>(?:[^,;“”\"]{{2,70}})) (?:{_SAY})\b(?!.*,)[^;]{{0,50}}$",
    "leading": rf"^(?:But |And |In [^,]{{3,30}}, )?(?P<who>[^,;“”\"]{{2,70}}?)(?:,[^,;]{{3,80}},)?"
    rf" (?:also |later |now |first |have |has |had (?:first |earlier |initially |since )?)?(?:{_SAY})\b",
    "inner": rf"(?:^|[;,] (?:while|but|and|whereas)? ?)(?P<who>[^,;“”\"]{{2,60}}?)"
    rf" (?:also |later |now |first |had (?:first |earlier |initially )?)?(?:{_SAY})\b",
    "hedge": r"\b(?:reportedly|allegedly|alleged|unconfirmed|unverified|not (?:yet |been |immediately )*confirmed"
    r"|could not be (?:independently )?(?:verified|confirmed)|appear(?:s|ed) to|(?:is|are|was|were) (?:believed|thought"
    r"|feared|suspected|said) to|feared|suspected|may have|might have|might well have|rumou?rs?|preliminary|probably"
    r"|possibly|apparently|presumed)\b",
    "doubted": r"\b(?:no (?:official |independent )?(?:confirmation|evidence)|no ?one [\w ]{0,30}confirmed|cannot"
    r" be verified"
    r"|could not be (?:independently )?(?:verified|confirmed))\b",
    "denial": r"\b(?:den(?:ied|ies|y|ying)|reject(?:ed|s|ing)|rul(?:ed|es|ing) out|dismiss(?:ed|es|ing)|refut(?:ed|es)"
    r"|impossible|did not believe|no sign of|took back|retract(?:ed|s)|withdrew|was not|were not|is not|had not|not "
    r"caused"
    r"|wrongly|false(?:ly)?|untrue)\b",
    "earlier": r"\b(?:earl(?:ier(?! (?:this|that|in|on|today)\b)|y (?:reports|counts|accounts|figures?))|as late as"
    r"|initial(?:ly)?|at first|first (?:said|spoke|spoken|reported|put|counted)"
    r"|previous(?:ly (?:said|reported|announced|given|stated|put|estimated|thought|believed)"
    r"| (?:counts?|tolls?|estimates?|figures?|reports?|numbers?|tally))|originally"
    r"|up from|down from|had (?:been )?(?:first |earlier |initially )?(?:said|spoken|counted|reported|put|given|listed"
    r"|blamed|attributed))\b",
    "correction": r"\b(?:correct(?:ed|ing|s|ion)|revis(?:ed|ing)|(?<!n.t been )(?<!not been )updat(?:ed|ing)"
    r"|rais(?:ed|ing) (?:the|its)|rose|risen|rises"
    r"|climb(?:ed|s)|up from|down from|now|still|not (?:rockets|[\w ]{2,30}) as|first admitted"
    r"|ending [\w ]{2,20} denials|earlier (?:counts|reports|figures?))\b",
}


def speaker_of(sentence: str, place: int) -> str:
    """Return whom the sentence cites for what stands at ``place``, '' for nobody."""
    start, end = clause_at(sentence, place)
    clause = sentence[start:end].strip()
    for text in (clause, sentence):
        for name in ("contradicted", "according", "trailing", "leading", "inner"):
            match = _pattern(name).search(text)
            if match and (who := _shortened(match["who"])):
                return who
    return ""


def clause_at(sentence: str, place: int) -> tuple[int, int]:
    """Return the span of the clause around ``place``: what stands between 'while', 'but', 'and' after commas, ';'."""
    breaks = [
        match.start()
        for match in re.finditer(
            r"; | [–—] |, (?:while|but|whereas|although|though|and|correcting|ending|of which|contradicting"
            r"|up from|down from)\b",
            sentence,
        )
    ]
    start = max((one for one in breaks if one <= place), default=0)
    end = min((one for one in breaks if one > place), default=len(sentence))
    return start, end


def is_hedged(clause: str, after: str) -> bool:
    """Whether a clause is unsure of what it says, or the sentence ``after`` it is."""
    return _pattern("hedge").search(clause) is not None or _pattern("doubted").search(after) is not None


def is_denied(text: str) -> bool:
    return _pattern("denial").search(text) is not None


def is_taken_back(text: str) -> bool:
    return re.search(r"\b(?:took back|retract(?:ed|s)|withdrew)\b", text) is not None


def tells_earlier(clause: str) -> bool:
    """Whether a clause tells what was said before."""
    return _pattern("earlier").search(clause) is not None


def tells_correction(sentence: str) -> bool:
    """Whether a sentence says of itself that it changes what was said before."""
    return _pattern("correction").search(sentence) is not None


def _shortened(who: str) -> str:
    who = re.sub(r"^(?:But|And|while|but|and|although|the|The) ", "", who.strip())
    who = re.split(r"\b(?:who|which|whose|that)\b", who)[0].strip()
    who = re.sub(r"(?: had| have| has| first| also| took back a statement)+$", "", who)
    if (
        re.match(r"(?:\w+ing|as|had|were|was) ", who)
        or len(who.split()) > 9
        or not re.search(r"[A-Za-z]", who)
        or who.lower() in {"he", "she", "it", "they", "who", "one", "that"}
    ):
        return ""
    return who


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_PATTERNS[name])
