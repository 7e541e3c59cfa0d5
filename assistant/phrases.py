"""Noun phrases and tails of sentences as a question may take them up: what does not stand by itself is none."""

from __future__ import annotations

import re
from functools import cached_property

from assistant.subjects import (
    ADVERBS,
    BE,
    CONJUNCTIONS,
    DETERMINERS,
    DO,
    HAVE,
    PREPOSITIONS,
    PRONOUNS,
    is_past,
    is_verb,
    kind_of,
)

# No question takes up more words.
LONGEST_SUBJECT_WORDS = 8
LONGEST_TAIL_WORDS = 12

_SAFE = re.compile(r"[\w .,'’&%$€£-]+")

# Before one of these a phrase has said what it has to say.
BOUNDARIES = frozenset(
    """after before when while as amid following according which who whom whose that where because since until despite
    though although if so but said saying including whether unless without prompting making leaving bringing
    ending becoming marking citing killing sending causing calling due ahead just only""".split()
)

# What leans on words before it, or hedges: nothing that a question could take up.
_LEANING = frozenset(
    """its it's his her their theirs our my your this that these those such it he she they them him another other
    others same latter former i we us you me may might could would can should allegedly reportedly apparently
    not never supposedly perhaps maybe please so-called alleged accused likely according potentially probably
    more less much how what why still too very even yet ever again next last first-ever else himself further
    additional similar following both each herself itself themselves one ones here there many several some few
    most all any every no""".split()
)
_COUNTING = frozenset("two three four five six seven eight nine ten dozens hundreds thousands".split())

# 'The last time X did it' and its like hold a clause of their own.
_NESTING = frozenset("time day week month year moment way reason fact idea number amount pair list".split())
_NOUNS_IN_ING = frozenset(
    """shooting meeting building hearing bombing killing wedding briefing funding spending opening ruling filing
    crossing landing housing training gathering flooding stabbing painting offering beginning warning finding
    ceiling king ring spring string wing boxing racing swimming skiing parking voting recording drilling mining
    fishing banking listing rating sibling engineering hiking skating clearing holding wildfire pricing lending
    accounting polling reading writing acting clothing rigging hacking trafficking laundering""".split()
)

# Words with a capital only because they open a sentence.
_OPENING = frozenset(
    """former actor actress actors singer rapper billionaire comedian author director journalist activist lawmaker
    lawmakers prosecutors officials police scientists researchers leaders fledgling embattled veteran longtime
    beleaguered incumbent outgoing acting top senior legendary retired young late disgraced rival fellow local
    pop rock star tech rookie reigning defending quarterback striker goalkeeper coach skier swimmer cyclist
    sprinter tycoon investor entrepreneur filmmaker novelist playwright poet composer dancer model musician
    guitarist drummer astronaut economist whistleblower gunman suspect world-famous wildlife climate energy oil
    car aircraft drug""".split()
)
_HONORIFICS = re.compile(
    r"\b(?:President|Sen\.|Rep\.|Gov\.|Senator|Representative|Governor|Mayor|Minister|Secretary|Justice|Judge|King|Queen"
    r"|Prince|Princess|Pope|Gen\.|Attorney General|Chancellor|Speaker|Sir|Dr\.|CEO|star|actor|actress|singer|rapper"
    r"|director|author|lawmaker|quarterback|striker|driver|cyclist|swimmer|player|champion)\b"
)
# How a phrase ends that names a person by what they do.
_PERSONS = re.compile(r"(?:[a-z](?:ist|er|or|ian|man|woman|ee|ant|eur)|CEO|star|champion|ace|forward|pilot|native)$")
_ADJECTIVES_OF_OWNERS = ("-based", "-born", "-owned", "-backed")
_CALENDAR = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
_OFFICES = frozenset(
    """president minister prime senator governor mayor congressman congresswoman representative government secretary
    justice judge chancellor pm speaker king queen prince princess general leader attorney chief justices""".split()
)
_NOT_GIVEN = _CALENDAR | PREPOSITIONS | DETERMINERS | CONJUNCTIONS | ADVERBS | PRONOUNS | BE | HAVE | DO
_LEANS = _LEANING | _COUNTING | _NESTING | PRONOUNS | BOUNDARIES
_ENDS_BADLY = PREPOSITIONS | DETERMINERS | CONJUNCTIONS | BE | HAVE | DO | frozenset("to not".split())

# What goes on so was the beginning of a list: half of it would be wrong.
_LIST = re.compile(
    r", (?!(?:an?|the|who|which|where) )(?:[\w'’.-]+ ){0,3}[\w'’.-]+,? (?:and|or|&) |, (?:[\w'’.-]+ ){0,3}[\w'’.-]+, "
)
_SCORE = re.compile(r"\d+[-–]\d+")


class Case:
    """Which words of a text are names: what stands there with a capital inside of a sentence."""

    def __init__(self, headline: str, text: str) -> None:
        self._headline = headline
        self._body = text
        self._text = f"{text}\n{headline}"

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(re.findall(r"(?<=[a-z,] )[A-Z][\w'’.-]*\w", self._text))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(re.findall(r"\b[a-z]\w+", self._text))

    def opening(self, phrase: str) -> str | None:
        """Return a phrase that opens a sentence as it is written inside of one; None where that cannot be told."""
        first, _, rest = phrase.partition(" ")
        lower = first.lower()
        if lower in DETERMINERS or lower in _OPENING or first[:1].islower():
            return f"{lower} {rest}".rstrip()
        if rest[:1].islower() and lower in self._words:
            return None  # 'Rights groups' open the sentence.
        if self._is_name(first):
            return phrase
        if not rest[:1].isupper():
            return None
        if rest.count(" ") and re.search(rf"(?<!{re.escape(first)} ){re.escape(rest)}", self._text):
            return rest  # 'Billionaire Elon Musk', who is 'Elon Musk' elsewhere.
        return None if lower in self._words or is_verb(lower) else phrase

    def _is_name(self, word: str) -> bool:
        is_seen = word in self._names or re.sub(r"['’]s?$", "", word) in self._names
        return is_seen or word.strip(".").isupper() or kind_of(word) == "place"

    def full_name(self, name: str) -> str:
        """Return the full name of someone who is called by the last one, where the text introduces them so."""
        if " " in name or not name.isalpha() or kind_of(name) == "place":
            return name
        given = r"((?:[A-Z][a-z]+ )?)([A-Z][a-z]+ )(?:[A-Z]\. )?"
        first = re.search(rf"\b(?:{given})?{re.escape(name)}\b(?! [A-Z])", self._text)
        if first is None or not first[2] or first[2].strip().lower() in _NOT_GIVEN:
            return name
        short = first[0].removeprefix(first[1])
        is_whole = kind_of(short) == "person" or first[1].strip().lower() in _NOT_GIVEN | _OFFICES | _OPENING
        return short if is_whole else first[0]

    def as_written(self, name: str) -> str | None:
        """Return a name as the body always has it, with 'the' or bare; None where that differs."""
        found = set(re.findall(rf"(?<=[a-z,] )(?:the |an? )?{re.escape(name)}\b(?! [A-Z])", self._body))
        return found.pop() if found in ({name}, {f"the {name}"}) else None

    def is_known(self, phrase: str) -> bool:
        """Whether a phrase says of whom it speaks: a last name alone does so where the headline uses it so."""
        if " " in phrase or phrase.isupper() or kind_of(phrase) == "place":
            return True
        found = re.search(rf"(?:\b([A-Z]\w+) )?\b{re.escape(phrase)}\b", self._headline)
        return found is not None and (not found[1] or found[1].lower() in _OFFICES | _NOT_GIVEN)


def subject_phrase(text: str, case: Case) -> str | None:
    """Return what a sentence opens with as the subject of a question; None where it does not stand by itself."""
    phrase = text.strip(" ,")
    if not _is_plain_phrase(phrase):
        return None
    inside = case.opening(phrase)
    if inside is None:
        return None
    owner, possessive, rest = inside.partition("'s " if "'s " in inside else "’s ")
    owner = case.full_name(owner)
    named = owner + possessive + rest
    return named if case.is_known(owner) and _is_clear(named) and _may_ask_of(named) else None


def _is_plain_phrase(phrase: str) -> bool:
    words = phrase.split()
    if not 0 < len(words) <= LONGEST_SUBJECT_WORDS or "," in phrase or not _SAFE.fullmatch(phrase):
        return False
    lower = [word.lower() for word in words]
    if lower[0] in {"a", "an"} or re.search(r"n['’]t\b", phrase) or not _LEANS.isdisjoint(lower):
        return False
    has_verb = any(map(_is_verb_here, words[1:]))
    return not has_verb and not (PREPOSITIONS - {"of", "for"}).intersection(lower) and _and_joins_names(words)


def _is_clear(phrase: str) -> bool:
    """Whether a phrase says by itself whom or what it means."""
    words = phrase.split()
    if {word.lower() for word in words} <= _OFFICES | {"the"} or words[0].startswith("Then-"):
        return False
    if len(words) == 1:  # 'American', the airline.
        return kind_of(phrase) == "place" or not phrase.endswith(("can", "ian", "ish", "ese"))
    if words[-1].islower() and any(word.endswith(_ADJECTIVES_OF_OWNERS) for word in words):
        return False
    if words[0] != "the":
        return True
    # 'The Brazilian forward' and 'the vineyard's owners' were named before.
    is_by_trade = kind_of(phrase) == "person" or _PERSONS.search(phrase) is not None
    return (" of " in phrase or not is_by_trade) and not re.match(r"[a-z-]+['’]s?\b", words[1])


def _may_ask_of(phrase: str) -> bool:
    """Whether a phrase holds a name and ends as a subject does."""
    words = phrase.split()
    first, last = words[0], words[-1]
    if not any(word[:1].isupper() for word in words) or last.lower() in _ENDS_BADLY | ADVERBS | _CALENDAR:
        return False
    if last[:1].isupper() or last[:1].isdigit() or kind_of(phrase) in {"person", "group"}:
        return True
    is_plural = len(words) == 2 and first[:1].isupper() and last.endswith("s")
    return is_plural or first == "the" or first.endswith(("'s", "’s", "s’"))


def is_person(phrase: str) -> bool:
    """Whether a subject is one person, by given name or title."""
    return " and " not in phrase and (kind_of(phrase) == "person" or _HONORIFICS.search(phrase) is not None)


def names_something(phrase: str) -> bool:
    """Whether a phrase has a name or a year in it: without one it may be said of many things."""
    return any(word[:1].isupper() for word in phrase.split()) or re.search(r"\b(?:19|20)\d\d\b", phrase) is not None


def tail(text: str) -> str | None:
    """Return the beginning of ``text`` that can end a question, up to the first boundary; None where there is none."""
    tokens = text.split()
    end = _end(tokens)
    # With its comma, the last word tells whether a list goes on.
    goes_on = " ".join((tokens[end - 1][-1:], *tokens[end:])) if end else ""
    if not all(_may_stand(tokens, i) for i in range(end)) or _LIST.match(goes_on):
        return None
    kept = [token.rstrip(",") for token in tokens[:end]]
    while kept and (kept[-1].lower() in ADVERBS or (kept[-1].islower() and kept[-1].endswith("ly"))):
        kept.pop()
    if not 0 < len(kept) <= LONGEST_TAIL_WORDS or _ends_badly(kept[-1]):
        return None
    phrase = " ".join(kept)
    return phrase if _SAFE.fullmatch(phrase) else None


def _end(tokens: list[str]) -> int:
    """Return how many words stand before the first boundary; one at the very beginning is none."""
    for i, token in enumerate(tokens[: LONGEST_TAIL_WORDS + 1]):
        if i and (token.rstrip(",").lower() in BOUNDARIES or _is_score(tokens, i)):
            return i
        if token.endswith(","):
            return i + 1
    return len(tokens)


def _is_score(tokens: list[str], i: int) -> bool:
    """Whether a word is the score of a game, and not of '9-7 seasons'."""
    if not _SCORE.fullmatch(tokens[i].rstrip(",")):
        return False
    after = tokens[i + 1] if i + 1 < len(tokens) else ""
    return not after[:1].isalpha() or after in PREPOSITIONS | BOUNDARIES


def _may_stand(tokens: list[str], i: int) -> bool:
    """Whether a word may stand in the tail of a question, after those before it."""
    token, before = tokens[i], tokens[i - 1] if i else ""
    word = token.rstrip(",").lower()
    if word in _LEANING | PRONOUNS | BE | HAVE | DO | BOUNDARIES or word == "than":
        return False
    if word in {"and", "or"}:
        return before[:1].isupper() and i + 1 < len(tokens) and tokens[i + 1][:1].isupper()
    if i and _is_verb_here(token) and before.lower() not in DETERMINERS | PREPOSITIONS | {"and", "to"}:
        return False
    if word.endswith("ing") and token.islower():
        return word in _NOUNS_IN_ING or "-" in word or before.lower() in DETERMINERS
    return True


def _ends_badly(word: str) -> bool:
    return word.lower() in _ENDS_BADLY or word.endswith(("'s", "’s", "s'", "s’"))


def _is_verb_here(word: str) -> bool:
    return word.islower() and (is_past(word) or word in BE | HAVE | DO)


def _and_joins_names(words: list[str]) -> bool:
    places = [i for i, word in enumerate(words) if word in {"and", "or"}]
    return all(0 < i < len(words) - 1 and words[i - 1][:1].isupper() and words[i + 1][:1].isupper() for i in places)
