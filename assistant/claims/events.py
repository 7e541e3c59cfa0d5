"""What a sentence speaks of: the kind of incident, where and when it was, and the names that go with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

from assistant.claims.claim import Event
from store.dates import find_times
from store.words import content_words

# Kinds of incident, by the beginnings of the words that tell them. What the words of two kinds may both be said of
# stands in _SAME.
_FAMILIES = {
    "crash": "crash crashed crashes crashing collision collided collide derailed derailment overturned plunged",
    "fire": "fire blaze blazes burned burnt burns inferno wildfire wildfires",
    "quake": "earthquake quake tremor aftershock",
    "flood": "flood floods flooding flooded deluge",
    "landslide": "landslide mudslide landslides",
    "avalanche": "avalanche",
    "storm": "storm hurricane cyclone typhoon tornado tornadoes",
    "eruption": "eruption erupted volcano",
    "explosion": "explosion explosions blast exploded explode blasts",
    "attack": "attack attacks attacked bombing bombed bombings strike strikes airstrike airstrikes shelling shelled"
    " missile missiles rocket rockets drone drones raid raids ambush assault",
    "shooting": "shooting shootings gunman gunmen shooter gunfire",
    "stabbing": "stabbing stabbed knife",
    "killing": "killing assassination assassinated murder murdered",
    "crush": "crush crushed stampede trampled surge",
    "collapse": "collapse collapsed collapses collapsing",
    "sinking": "capsized capsizing capsizes sank sinking sinks sunk shipwreck",
    "protest": "protest protests protesters march marched marches demonstration demonstrators rally riot riots unrest",
    "breach": "breach cyberattack hack hacked hackers",
    "outage": "outage blackout outages",
    "spill": "spill spilled leak leaked",
    "outbreak": "outbreak virus epidemic pandemic infected infections",
    "heatwave": "heatwave",
    "vote": "voted votes vote bill referendum election",
}
_SAME = tuple(
    frozenset(pair.strip() for pair in pairs.split("|"))
    for pairs in """\
explosion | attack, explosion | fire, attack | shooting, attack | stabbing, attack | killing, shooting | killing,
stabbing | killing, flood | storm, flood | landslide, storm | landslide, quake | collapse, collapse | explosion,
collapse | storm, crash | sinking, crash | fire, sinking | storm, quake | flood, quake | landslide, breach | attack,
crash | attack""".replace("\n", " ").split(",")
)
# What may happen again at the same place within days.
REPEATED = frozenset({"attack", "shooting", "stabbing", "killing", "protest", "explosion", "crash"})

_NO_NAMES = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december mr mrs ms dr sir president prime minister general officials the a an in on at
    but and no he she it they we i his her its their this that there when while after before as by for from of with
    two three four five six seven eight nine ten some all more most many another other also if not only new police
    state city east west north south eastern western northern southern foreign ministry health ap afp reuters cnn bbc
    county province university river park school street st new national united states central country town
    republic republican democrats democratic house white department bureau service agency live updates more gen
    foreign defense defence interior secretary""".split()
)
_BROUGHT_DOWN = re.compile(r"\b(?:shot|shooting|brought) down\b")
_ALIASES = {
    **dict.fromkeys(("isis", "isil", "isis-k", "daesh", "islamic"), "islamic"),
    **dict.fromkeys(("u.s", "us", "usa", "american", "americans", "america"), "america"),
    **dict.fromkeys(("uk", "british", "britain", "britons"), "britain"),
    **dict.fromkeys(("french", "france"), "france"), **dict.fromkeys(("dutch", "netherlands"), "netherlands"),
}  # fmt: skip
_CAPITALISED = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]*\w")
_LOWER = re.compile(r"\b[a-zà-öø-ÿ]{4,}\b")
_PLACE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|near|on|off|outside|above|below|under|over|hit|struck|battered|slammed|devastated)"
    r"(?: the| a| an)?"
    r"(?: (?:(?:north|south)?(?:east|west)ern|northern|southern|central|coastal))?"
    r"(?: (?:town|city|village|island|province|resort|port|state|region|district|area|coast|capital|market|island) of)?"
    r" ((?:[A-ZÀ-ÖØ-Þ][\w’'-]*\w ?)+)"
)
_COUNTY = re.compile(r"\b([A-Z][\w’'-]+) (?:County|Parish)\b")
_WHOLE_COUNTRY = re.compile(r"\b(?:nationwide|worldwide|globally|across (?:the|\d+) (?:country|nation|states|world))\b")
_NUMBER = re.compile(r"(?<![\d,.])\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE)
# North Carolina is not South Carolina.
_OF_TWO_WORDS = re.compile(r"\b(North|South|East|West|New) (?=[A-Z])")
_ON_DAY_SAID = re.compile(
    r"\b(?:said|says|told|announced|confirmed|admitted|admits|acknowledged|blamed|named|warned|called|rose|risen"
    r"|climbed"
    r"|reached|updated|revised|stood|still|by|late as|until)\b"
    r"(?:(?! (?:after|when|as|in)\b)[^,;]){0,30}\Z"
)
_PAST_PERIOD = re.compile(r"\b(?:since|in the (?:past|last)|this year|last year|a year|every|each|per|annually)\b")

# What is said of days so long gone is of another event than what the article reports.
LONG_AGO = timedelta(45)


def event_of(sentence: str, before: Sequence[str], headline: str, published: date | None) -> Event:
    """Return what a sentence speaks of; ``before`` are the sentences before it, the nearest last.

    What the sentence does not tell is taken from the one before it, and then from the headline.
    """
    near = before[-1] if before else ""
    families = next(
        (found for text in (sentence, *reversed(before[-2:]), headline) if (found := families_of(text))), None
    )
    since, until = _days_of(sentence, published) if published else (None, None)
    around = f"{sentence} {near} {headline}"
    return Event(
        families or frozenset(),
        names_of((sentence, near, headline)),
        places_of(sentence) or places_of(near),
        frozenset(content_words(around)),
        names_of((headline,)),
        since,
        until,
    )


def families_of(text: str) -> frozenset[str]:
    """Return the kinds of incident that a text tells."""
    kinds = _kinds()
    found = {kinds[word] for word in re.findall(r"[a-z]+", text.lower()) if word in kinds}
    return frozenset(found | ({"crash"} if _BROUGHT_DOWN.search(text) else set()))


def are_same_kind(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether what the two tell may be one incident; what tells no kind may be any."""
    first, second = set(one), set(other)
    if not first or not second or first & second:
        return True
    return any((pair & first and pair & second) for pair in _SAME)


def names_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of the names in texts, folded so that 'Iranian' is 'Iran'."""
    joined = [_joined(text) for text in texts]
    # A word that also stands there in lower case only begins a sentence: 'Plant', 'Fourteen'.
    plain = set(_LOWER.findall(" ".join(joined)))
    found = (word for text in joined for word in _CAPITALISED.findall(text))
    return frozenset(fold_name(word) for word in found if _is_name(_bare(word)) and word.lower() not in plain)


def _is_name(bare: str) -> bool:
    return bare not in _NO_NAMES and bare not in _kinds()


def fold_name(word: str) -> str:
    """Return a word of a name without the ending that makes it an adjective or a genitive."""
    bare = _bare(word)
    if bare in _ALIASES:
        return _ALIASES[bare]
    return re.sub(r"(?:ians?|is|i|a|e|s)$", "", bare) if len(bare) > 4 else bare


def places_of(text: str) -> frozenset[str]:
    found = (word for match in _PLACE.finditer(_joined(text)) for word in match[1].split())
    return frozenset(fold_name(word) for word in found if _is_name(_bare(word)))


def _joined(text: str) -> str:
    return _OF_TWO_WORDS.sub(r"\1", text)


def part_at(sentence: str, place: int) -> str:
    """Return the county that alone is meant by what stands at ``place``, 'all' for a whole country, else ''."""
    if _WHOLE_COUNTRY.search(sentence):
        return "all"
    if not _COUNTY.search(sentence):
        return ""
    # The first is the number that stands there itself.
    following = [match.start() for match in _NUMBER.finditer(sentence, place)][1:2]
    behind = _COUNTY.search(sentence, place, *following)
    if behind:
        return behind[1].lower()
    ahead = list(_COUNTY.finditer(sentence, 0, place))
    return ahead[-1][1].lower() if ahead else ""


def _bare(word: str) -> str:
    return re.sub(r"[’']s?$", "", word).lower()


def _days_of(sentence: str, published: date) -> tuple[date | None, date | None]:
    """Return the days that a sentence gives for what happened; not those on which somebody spoke or counted."""
    for time in find_times(sentence, published):
        if time.since is None or time.until is None or time.kind == "vague":
            continue
        if _ON_DAY_SAID.search(sentence, 0, time.start):
            continue
        # A weekday to come, in a report of what happened, was read wrongly: it is the last one.
        back = timedelta(7) if time.since > published and time.until - published <= timedelta(7) else timedelta(0)
        return time.since - back, time.until - back
    return None, None


@cache
def _kinds() -> dict[str, str]:
    return {word: family for family, words in _FAMILIES.items() for word in words.split()}
