"""What or who a sentence holds responsible for an incident, and who it says somebody is."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from assistant.claims.claim import Cause
from assistant.claims.events import fold_name, names_of

# Families of causes, the more telling first: 'missiles fired from a drone' were a drone's.
_CAUSES = {
    "a drone": r"drones?|unmanned",
    "helicopters": r"helicopters?",
    "a missile": r"missiles?|shot down|anti-aircraft|air defen[cs]e",
    "rockets": r"rockets?",
    "arson": r"arson(?:ists?)?|deliberately (?:set|lit)|set on purpose",
    "a bomb": r"(?:car |suicide |roadside )?bomb(?:er|s)?|explosive device|explosives",
    "sabotage": r"sabotage|saboteurs?",
    "human error": r"(?:human|pilots?|drivers?|crew|operators?)(?:[’']s?)? (?:error|mistake|negligence)|speeding|drunk",
    "a bird strike": r"bird[- ]?strikes?|birds?",
    "a technical fault": r"technical (?:fault|failure|problem|malfunction)|mechanical (?:fault|failure|problem"
    r"|defect)|engine"
    r" (?:failure|trouble|fault|fire|problem)|engine had (?:caught fire|failed)|brake failure|malfunction\w*",
    "an electrical fault": r"electrical (?:fault|failure|short|problem)|(?:faulty|old) wiring|short[- ]circuit"
    r"|power surge",
    "gas": r"gas (?:leak|explosion|pipe|cylinder|bottle)|leaking gas|propane",
    "software": r"software|(?:flawed|faulty|bad|botched) update|bug",
    "hackers": r"hackers?|cyber-?attack|ransomware|malware",
    "the weather": r"bad weather|weather|lightning|fog|strong winds?|high winds?|heavy rain|storm",
    "corrosion": r"corro(?:sion|ded)|rust(?:ed|y)?|metal fatigue",
    "overloading": r"overload(?:ed|ing)|too heavy",
    "an accident": r"an accident|accidental|stray sparks?|sparks?|cigarettes?|candles?",
    "a design fault": r"design (?:fault|flaw|error)|poor construction|shoddy",
}
# What cannot be told apart by the words alone: both may be so.
_TOGETHER = tuple(
    frozenset(pair.strip() for pair in pairs.split("|"))
    for pairs in """\
human error | a missile, human error | an accident, human error | overloading, human error | software, a bomb |
arson, sabotage | arson, sabotage | a bomb, a bomb | gas, an accident | gas, an accident | an electrical fault, an
accident | a technical fault, a technical fault | an electrical fault, corrosion | a design fault, the weather |
human error, hackers | software, a drone | a missile, a drone | a bomb, a missile | rockets, a missile | a bomb,
rockets | a bomb, a technical fault | corrosion, the weather | a technical fault, an accident | a missile, a
technical fault | software, a technical fault | a design fault""".replace("\n", " ").split(",")
)

_NP = r"(?P<who>(?:(?:U\.S\.|[\w’'-]+)[ -]){0,9}?[\w’'-]+)"
_END = r"(?=[,;:”\"]|\.(?!\w)|$| (?:for|in|on|at|after|when|while|as|and|said|on|minutes|which|that|who|near|of)\b)"
_PATTERNS = {
    "cause by": rf"\b(?:caused|triggered|sparked|brought down|started|set off|ignited|downed|felled|destroyed"
    rf"|killed|attacked|hit|struck|shot down)"
    rf" by {_NP}{_END}",
    "cause subject": r"(?P<who>(?:[\w’'-]+[ -]){0,7}?[\w’'-]+) (?:had |has |may have |probably )?(?:caused"
    r"|triggered|sparked|brought down|set off"
    r"|ignited|downed|felled|started)\b",
    "cause to": rf"\b(?:attributed|put|traced|pinned)\b[^,.;]{{3,60}}? (?:down to|to|on) {_NP}{_END}",
    "cause of": rf"\b(?:due to|as a result of|resulted from|was the result of|named|reports (?:that )?spoke of)"
    rf" {_NP}{_END}",
    "cause is": rf"\bcause (?:of [\w ’'-]{{3,40}} )?(?:was|is|had been) (?:an? |the )?{_NP}{_END}",
    "blamed": rf"\b(?:blam(?:ed|es|ing)) (?!for\b|on\b){_NP}{_END}",
    "blamed on": rf"\bblamed (?:[\w’'-]+ ){{0,6}}?on {_NP}{_END}",
    "to blame": r"(?P<who>(?:[\w’'-]+[ -]){0,7}?[\w’'-]+) (?:was|were|is|are) (?:to blame|blamed|responsible|behind)\b",
    "claimed": r"^(?P<who>[^,;“”\"]{2,80}?) (?:has |have |had )?(?:claimed (?:responsibility|the [\w ]*(?:attack"
    r"|bombing|raid|strike|killing))"
    r"|took (?:full )?responsibility|said it (?:had )?carried out|admitted (?:responsibility|carrying out))\b",
    "shot down": r"(?P<who>\b(?:shot|shooting) down)\b",
    "identity": r"\b(?:(?:suspect|attacker|gunman|shooter|killer|assailant|bomber|driver)\b[^.;]{0,50}?\b(?:named"
    r"|identified)"
    r"|(?:named|identified) the (?:suspect|attacker|gunman|shooter|killer|assailant|bomber|driver))\b[^.;]{0,60}?"
    r" as (?P<who>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+)",
    "ruled out": rf"\b(?:den(?:ied|y|ies) (?:that )?|reject(?:ed|s) (?:that )?|rul(?:ed|es|ing) out |did not"
    rf" believe in |took back [\w ]{{3,40}} put"
    rf" [\w ]{{3,30}} down to |dismiss(?:ed|es) ){_NP}{_END}",
    "impossible": r"(?:said |that )?(?P<who>(?:[\w’'-]+ ){0,4}[\w’'-]+) (?:was|were|is) (?:\w+ )?impossible",
}
_CUE = re.compile(
    r"\b(?:caus|trigger|spark|brought down|shot down|shooting down|blam|claim|responsib|due to|result|attribut"
    r"|put\b.* to\b|behind|"
    r"named|identified|ruled out|denied|rejected|impossible|believe in|took back|killed by|attacked by|ignit|downed"
    r"|felled|"
    r"spoke of|set off|struck|started)",
    re.IGNORECASE,
)
# 'No American was killed by the missiles' holds nothing responsible.
_NOBODY = re.compile(r"\b(?:[Nn]o|[Nn]one|[Nn]obody)\b[^,;]{0,40}\Z")
_ACTORS = re.compile(
    r"\b(?:police|army|military|rebels|separatists|militants|gang|government|opposition|ministry|forces|militia"
    r"|protesters|"
    r"guards|insurgents|terrorists|soldiers|settlers|extremists|cartel|group|movement|front|company|operator|owner)\b",
    re.IGNORECASE,
)


class Blame(NamedTuple):
    """What a sentence holds responsible, at ``start``: ``measure`` is 'cause', 'blame' (for somebody) or 'identity'."""

    measure: str
    cause: Cause
    start: int
    is_ruled_out: bool


def find_causes(sentence: str) -> list[Blame]:
    """Return what is held responsible in a sentence, each once, in the order of the text."""
    if not _CUE.search(sentence):
        return []
    found: dict[tuple[str, str, frozenset[str]], Blame] = {}
    for name in _PATTERNS:
        for match in _pattern(name).finditer(sentence):
            blame = None if _NOBODY.search(sentence, 0, match.start()) else _blame(name, match)
            if blame is not None:
                found.setdefault((blame.measure, blame.cause.key, blame.cause.names), blame)
    # What was ruled out is not asserted by the words that name it.
    out = {blame.cause.key for blame in found.values() if blame.is_ruled_out and blame.cause.key}
    kept = [one for one in found.values() if one.is_ruled_out or one.cause.key not in out or not one.cause.key]
    return sorted(kept, key=lambda blame: (blame.start, blame.measure, blame.cause.key))


def differ(one: Cause, other: Cause) -> bool:
    """Whether two that are held responsible cannot both be."""
    if one.key and other.key:
        return one.key != other.key and {one.key, other.key} not in _TOGETHER
    return bool(not one.key and not other.key and one.names and other.names and not one.names & other.names)


def agree(one: Cause, other: Cause) -> bool:
    if one.key or other.key:
        return one.key == other.key
    return bool(one.names & other.names)


def _blame(name: str, match: re.Match[str]) -> Blame | None:
    who = match["who"].strip()
    is_out = name in {"ruled out", "impossible"}
    if name == "identity":
        return Blame("identity", Cause(who, names=frozenset(map(fold_name, who.split()))), match.start("who"), False)
    # '80 killed by 15 missiles' counts missiles.
    if name != "claimed" and not re.match(r"(?:at least |more than )?\d", who) and (key := _family(who)):
        return Blame("cause", Cause(key, key), match.start("who"), is_out)
    if name not in {"blamed", "blamed on", "to blame", "claimed"} and not match[0].startswith("attributed"):
        return None
    names = names_of((who,)) or frozenset(word.lower() for word in _ACTORS.findall(who))
    return Blame("blame", Cause(_shortened(who), names=names), match.start("who"), is_out) if names else None


def _family(who: str) -> str:
    return next((key for key in _CAUSES if _pattern(key).search(who)), "")


def _shortened(who: str) -> str:
    return re.sub(r"^(?:the|a|an|A|The|An) ", "", who)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    if name in _CAUSES:
        return re.compile(rf"\b(?:{_CAUSES[name]})\b", re.IGNORECASE)
    return re.compile(_PATTERNS[name])
