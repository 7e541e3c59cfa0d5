"""The numbers of a sentence with what they count: 'at least 56 people died' is 56 dead, of everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from assistant.claims.claim import Amount
from assistant.claims.numbers import Number, find_numbers
from store.words import stem

# What happened to people, by the words for it behind those people ('56 people died') and before them ('killed 56').
_AFTER = {
    "dead": "killed|dead|died|dies?|drowned|perished|crushed to death|shot dead|burned to death|deaths?|fatalities"
    "|(?:lost|lose) their lives",
    "injured": "injured|wounded|hurt|injuries|treated for injuries|harmed",
    "missing": "(?:still )?missing|unaccounted for",
    "aboard": "aboard|on board|on the (?:plane|flight|bus|train|ship|ferry|boat)",
    "arrested": "arrested|detained|held|arrests|taken into custody|in custody",
    "evacuated": "evacuated|displaced|forced (?:from|to leave)|fled|left homeless",
    "trapped": "trapped|buried",
    "in hospital": "hospitali[sz]ed|taken to hospital|in hospital|treated in hospital|admitted to hospital",
    "taking part": "took part|taking part|marched|marching|joined|protested|turned out|attended|gathered|rallied",
}
_BEFORE = {
    "dead": "kill(?:ed|s|ing)?|claim(?:ed|s|ing)? the lives of|claimed|left|leaving|dead(?::| at)|deaths? (?:of|at|to)",
    "injured": "injur(?:ed|es|ing)|wound(?:ed|s|ing)|hurt(?:ing)?",
    "missing": "missing(?::| at)",
    "aboard": "carrying|with",
    "arrested": "arrest(?:ed|s|ing)?|detain(?:ed|s|ing)?",
    "evacuated": "evacuat(?:ed|es|ing)|displac(?:ed|es|ing)|forc(?:ed|ing)",
    "trapped": "trap(?:ped|s|ping)|bury(?:ing)|buried",
    "in hospital": "hospitali[sz](?:ed|ing)",
}
_ROOTS = {
    "dead": ("kill", "die", "dead", "drown", "perish", "death", "fatal", "lives", "claim", "toll"),
    "injured": ("injur", "wound", "hurt", "harm"),
    "missing": ("missing", "unaccounted"),
    "aboard": ("board", "on the ", "carrying"),
    "arrested": ("arrest", "detain", "held", "custody"),
    "evacuated": ("evacuat", "displac", "forc", "fled", "homeless"),
    "trapped": ("trap", "buri", "bury"),
    "in hospital": ("hospital",),
    "taking part": ("part", "march", "joined", "protest", "turned out", "attend", "gather", "rall"),
}
# 'left 12 dead' needs its word behind it as well.
_NEEDS_AFTER = {"left": "dead", "leaving": "dead", "carrying": "aboard", "with": "aboard"}
_TOLLS = {
    "dead": r"(?:death toll|toll|number of (?P<who>(?:[\w-]+ ){0,4}?)(?:dead|killed|deaths|crushed to death)|count of"
    r" (?:the )?dead)",
    "injured": r"number of (?P<who>(?:[\w-]+ ){0,4}?)(?:injured|wounded|hurt)",
    "missing": r"number of (?P<who>(?:[\w-]+ ){0,4}?)missing",
    "aboard": r"number of (?P<who>(?:[\w-]+ ){0,4}?)(?:aboard|on board)",
    "arrested": r"number of (?P<who>(?:[\w-]+ ){0,4}?)(?:arrested|arrests|detained)",
    "evacuated": r"number of (?P<who>(?:[\w-]+ ){0,4}?)(?:evacuated|displaced)",
}
# Things whose number is disputed.
_THINGS = """missile rocket shell drone job hostage prisoner hectare acre tonne barrel customer account user protester
demonstrator marcher""".split()
_AREAS = r"square (?:kilometres|kilometers|miles)"
_MONEY_OF = "cost|ransom|fine|damage|bail|settlement|bribe|reward"
_PERCENT_OF = "turnout|inflation|unemployment|support|approval|shares?|revenue|profits?|sales|prices?|wages|output"

# Who may be everybody that something happened to.
_EVERYBODY = frozenset(
    """people persons person men-and-women mourners mourner passengers passenger victims victim bodies body worshippers
    pilgrims spectators villagers residents migrants guests guest protesters demonstrators miners shoppers commuters
    revellers fans concertgoers diners patients bystanders lives souls deaths dead fatalities casualties injuries
    crew and on board customers employees workers marchers travellers humans refugees""".split()
)
_SAME_COUNTEES = {"child": "child", "children": "child", "pupil": "child", "schoolchildren": "child", "kid": "child"}
_SKIPPED = frozenset(
    """were was have has had been be being are is also already now still so far feared reported confirmed believed the
    of a an other their its his her that who which to at least and or in on by with from all both only more than
    most aboard board jet plane flight airliner found after when before during while since across near inside outside
    there including up about around some initially later then currently people""".split()
)
_BETWEEN = (
    r"(?:(?!(?:killed|dead|died|injured|wounded|hurt|missing|arrested|detained|\d[\d,.]*)\b)[\w’'-]+[ -]){0,5}?"
    r"(?<!\band )"
)
_AUX = (
    r"(?:(?:who |that |which )?(?:were|was|have been|had been|has been|are|is|being|have|had|remain|remained|must "
    r"be) )?"
)
_ADVERB = r"(?:(?:feared|reported|confirmed|believed|still|also|now|already|reportedly|then|later|seriously|badly) )?"
_PART_BEFORE = re.compile(
    r"\b(?:includ(?:ing|ed|es?)|among (?:them|the \w+|those)(?: were| are)?|of (?:them|whom|those|which)|another|a "
    r"further"
    r"|an additional|besides|as well as|plus|the remaining|the other|aged?|at least one of the)[ ,]*\Z",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    r"(?:\s[\w-]+){0,4}?\s(?:more\b(?! than)|others?\b|additional\b|of (?:them|whom|those|the (?:dead|victims"
    r"|injured|\d+))"
    r"|(?:were |are |is |was )?among (?:the|those|them))",
    re.IGNORECASE,
)
_ONE_MORE = re.compile(
    r"\b(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\w+(?:teenth|tieth)|\d+(?:th|nd|rd|st))"
    r" (?:victim|person|man|woman|body|fatality|death|child)\b"
)
_MEASURED = re.compile(
    r"[- ]years?[- ]old|\s?(?:a\.?m|p\.?m)\b|[- ](?:(?:year|month|week|day|hour|minute|mile)s?|foot|metre|seat)\b"
)
# Jobs that are made are not those that go.
_ADDED = re.compile(r"\b(?:creat(?:e|ed|es|ing)|add(?:ed|s|ing)?|hir(?:e|ed|es|ing)) (?:[\w-]+ ){0,3}\Z")
_MONTH_BEFORE = re.compile(
    r"\b(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|Mar(?:ch|\.)|April?\.?|May|June?\.?|July?\.?|Aug(?:ust|\.)|Sept?(?:ember|\.)"
    r"|Oct(?:ober|\.)|Nov(?:ember|\.)|Dec(?:ember|\.)) \Z"
)
_RATE = re.compile(r"(?:\s[\w-]+){0,4}?\s(?:per\b|an? (?:day|week|month|year|head)\b|each\b|every\b)", re.IGNORECASE)
_PERIOD = re.compile(
    r"\b(?:since (?:the (?:start|beginning)|january|february|march|april|may|june|july|august|september|october"
    r"|november"
    r"|december|\d{4}|last|he|she|it|they|then)|(?:in|over|during|for) the (?:past|last|previous|first)|this (?:year"
    r"|month)"
    r"|last (?:year|month)|so far this|a year (?:ago|earlier|before)|years? (?:ago|earlier|before)|annually|on "
    r"average|decades?"
    r"|(?:previous|separate|another|unrelated|similar) (?:\w+ )?(?:attack|shooting|crash|incident|blast|explosion"
    r"|strike|storm))\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"\b(?:would|could|may|might|will|expected to|if|threaten\w*|predict\w*|project\w*|forecast\w*)\b")
_VOTE = re.compile(r"\b(?:by |voted |of )?(\d{1,4})(?: votes?)?(?:\s?[-–]\s?| to | against )(\d{1,4})\b(?! people)")
_VOTED = re.compile(r"\b(?:vot(?:e|ed|es|ing)|passed|approved|rejected|ballot)\b", re.IGNORECASE)
_SAID_BARE = re.compile(
    r"(?:\b(?:said|spoke of|spoken of|counted|put (?:it|the \w+(?: \w+)?) at|counts? of|figures? of|tolls? of|state "
    r"television"
    r"|estimates? of|reports? of|it at|or)|(?:of|said|counted) \d[\d,]* and) \Z"
)
_HOW_MANY = re.compile(
    r"\bhow many ([\w-]+(?: [\w-]+){0,3}?) (?:were |was |had been |are )?([\w -]+?)(?: differed|[.,;?]|$)"
)
_ZERO = re.compile(
    r"(?i:\bno(?: one|body)?\b|\bnone\b)(?P<who>(?: (?!one\b)[\w’'-]+){0,5}?)"
    r" (?:(?:was|were|had been|has been|have been)(?: reported| immediately| believed)* )?(?:to have been )?"
    r"(?P<what>killed|harmed|hurt|injured|wounded|casualties|deaths|injuries|died|arrested|survivors)\b"
)
_ZERO_MEASURES = {
    "killed": "dead", "deaths": "dead", "died": "dead", "casualties": "dead", "harmed": "injured", "hurt": "injured",
    "injured": "injured", "wounded": "injured", "injuries": "injured", "arrested": "arrested",
}  # fmt: skip


class Count(NamedTuple):
    """A number in a sentence and what it counts; it stands at ``start``."""

    measure: str
    countee: str
    amount: Amount
    start: int


def find_counts(sentence: str, before: str = "") -> list[Count]:
    """Return what is counted in a sentence, in order. Parts, rates, totals of years and mere numbers are left out.

    A bare number, 'state television first said 180', counts what those beside it do, or those of the sentence
    ``before``.
    """
    if not _may_count(sentence):
        return []
    found = [*_zeros(sentence), *_votes(sentence)]
    bare: list[Number] = []
    if not _PERIOD.search(sentence):
        for number in find_numbers(sentence):
            told = list(_measures(sentence, number)) if not _is_part(sentence, number) else []
            found += [Count(measure, countee, _amount(sentence, number), number.start) for measure, countee in told]
            if not told and not number.unit and _SAID_BARE.search(sentence, 0, number.start):
                bare.append(number)
    found += _inherited(sentence, bare, found, before)
    return sorted(found, key=lambda count: (count.start, count.measure))


def _may_count(sentence: str) -> bool:
    return _pattern("spelled").search(sentence) is not None


def _measures(sentence: str, number: Number) -> Iterator[tuple[str, str]]:
    """Yield what a number counts: often one thing, 'all 176 aboard were killed' two."""
    rest, lead = sentence[number.end : number.end + 140], sentence[max(0, number.start - 120) : number.start]
    ahead = _AHEAD.search(sentence, max(0, number.start - 60), number.end) is not None
    if number.unit:
        yield from _valued(rest, lead, number.unit)
        return
    if found := _magnitude(rest, lead):
        yield found, ""
        return
    told = set(_outcomes(rest, lead)) if not ahead else set()
    yield from sorted(told)
    thing = _pattern("things").match(rest)
    if thing and not told and (not ahead or thing["thing"].lower().startswith("job")) and not _ADDED.search(lead):
        yield f"thing:{_thing_of(thing['thing'])}", ""


def _outcomes(rest: str, lead: str) -> Iterator[tuple[str, str]]:
    near = f"{lead}{rest}".lower()
    for measure in _AFTER:
        if not any(root in near for root in _ROOTS[measure]):
            continue  # Most patterns are never needed, and each takes a millisecond to compile.
        behind = _pattern(f"after {measure}").match(rest)
        if behind:
            yield measure, _countee(behind["who"])
            continue
        ahead = _pattern(f"before {measure}").search(lead) if measure in _BEFORE else None
        toll = _pattern(f"toll {measure}").search(lead) if measure in _TOLLS else None
        if (ahead and ahead["verb"].lower() not in _NEEDS_AFTER) or toll:
            who = toll if toll and toll["who"] else _pattern("who").match(rest)
            yield measure, _countee(who["who"] if who else "")


def _valued(rest: str, lead: str, unit: str) -> Iterator[tuple[str, str]]:
    if unit == "%":
        found = list(_pattern("percent of").finditer(lead))
        if found:
            yield f"percent:{stem(found[-1][0].lower())}", ""
        return
    near = f"{lead[-70:]} | {rest[:40]}".lower()
    for match in _pattern("money of").finditer(near):
        yield match[0].rstrip("s"), ""
        return


def _magnitude(rest: str, lead: str) -> str:
    is_said = re.search(r"\bmagnitude(?: of|[- ])?\s?\Z", lead, re.IGNORECASE) or re.match(r"[- ]magnitude\b", rest)
    return "magnitude" if is_said else ""


def _is_part(sentence: str, number: Number) -> bool:
    """Whether a number is of some of those that something happened to, or of each of several times."""
    rest = sentence[number.end : number.end + 60]
    return bool(
        _PART_BEFORE.search(sentence, 0, number.start)
        # 'The five killed at the parade; the sixth victim'.
        or _ONE_MORE.search(sentence)
        or _PART_AFTER.match(rest)
        or _RATE.match(rest)
        # 'No one' is told of elsewhere, and a single one often is of no event: 'a wall or two', 'one of the dead'.
        or sentence[number.first : number.end].lower() in {"one", "1"}
        or _MONTH_BEFORE.search(sentence, 0, number.start)
        or re.match(r"-[a-z]+(?<!magnitude)\b", rest)
        or _MEASURED.match(rest)
    )


def _countee(who: str) -> str:
    """Return whom a number counts, '' for everybody; of 'American soldiers' both words tell."""
    told = [word for word in re.findall(r"[\w-]+", who.lower()) if word not in _SKIPPED and word not in _EVERYBODY]
    return " ".join(sorted({_SAME_COUNTEES.get(word, stem(word)) for word in told}))


def _inherited(sentence: str, bare: list[Number], found: list[Count], before: str) -> Iterator[Count]:
    if not bare:
        return
    told = [count for count in found if count.amount.number or len(found) == 1]
    if not told and (asked := _HOW_MANY.search(before)):
        measure = next((m for m in _AFTER if re.fullmatch(_AFTER[m], asked[2].strip())), None)
        like = (measure, _countee(asked[1])) if measure else None
    elif not told and before:
        earlier = find_counts(before)
        like = (earlier[0].measure, earlier[0].countee) if earlier else None
    else:
        like = (told[0].measure, told[0].countee) if told else None
    if like is not None:
        yield from (Count(*like, _amount(sentence, number), number.start) for number in bare)


def _zeros(sentence: str) -> Iterator[Count]:
    for match in _ZERO.finditer(sentence):
        if match["what"] in _ZERO_MEASURES:
            who = re.sub(r"\bof (?:its|the|their|his)\b", "", match["who"])
            measures = [_ZERO_MEASURES[match["what"]]]
            measures += ["injured"] if match["what"] == "casualties" else []
            for measure in measures:
                for one in who.split(" or "):
                    yield Count(measure, _countee(one), Amount(match[0], 0), match.start())


def _votes(sentence: str) -> Iterator[Count]:
    if _VOTED.search(sentence):
        for match in _VOTE.finditer(sentence):
            yield Count("votes", "", Amount(match[0], float(match[1]), second=float(match[2])), match.start(1))


def _amount(sentence: str, number: Number) -> Amount:
    return Amount(sentence[number.start : number.end].strip(), number.value, number.bound, number.unit)


def _thing_of(word: str) -> str:
    return word.lower().removesuffix("s")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    kind, _, measure = name.partition(" ")
    if kind == "after":
        return re.compile(
            rf"[ -](?P<who>{_BETWEEN}){_AUX}{_ADVERB}(?:{_AFTER[measure]})\b(?! (?:of|by) (?:them|whom))", re.IGNORECASE
        )
    if kind == "before":
        return re.compile(rf"\b(?P<verb>{_BEFORE[measure]})(?: by)?(?: (?:a total of|all|the))? \Z", re.IGNORECASE)
    if kind == "toll":
        return re.compile(
            rf"\b{_TOLLS[measure]}\b[^.;]{{0,70}}?\b(?:to|at|is|was|of|reached|hit|passed|stood at|now) \Z",
            re.IGNORECASE,
        )
    patterns = {
        "who": r" (?P<who>(?:[\w’'-]+ ){0,2}?[\w’'-]+)",
        "things": rf"(?: (?:[\w-]+ ){{0,2}}?)(?P<thing>(?:{'|'.join(_THINGS)})s?|{_AREAS})\b",
        "percent of": rf"\b(?:{_PERCENT_OF})\b",
        "money of": rf"\b(?:{_MONEY_OF})s?\b",
        "spelled": r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand"
        r"|million|dozen|no|none|nobody)\b",
    }
    return re.compile(patterns[name], re.IGNORECASE)
