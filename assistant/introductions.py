"""Sentences that say who or what somebody or something is: 'Esmail Ghaani, deputy commander of the force, was …'."""

from __future__ import annotations

import re
from functools import cache

from store.entities.shapes import is_title_word
from store.entities.vocabulary import ORGANISATIONS, PERSON_NOUNS, TITLES

# 'Who is X?', 'what was the X?', 'tell me who X is': nothing but a name behind it, however it is written.
_ASKS = re.compile(
    r"\W*(?:(?:so|and|please|ok),?\s+)?(?:(?:can you |please )?tell me )?"
    r"(?:(?:who|what)(?:['’]s|\s+is|\s+was|\s+are|\s+were)\s+(?P<one>[^,;:?!]+)|(?:who|what)\s+(?P<two>[^,;:?!]+?)\s+(?:is|was|are))"
    r"\s*[?!.]*\s*",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:(?:the|an?)\s+)?(?P<name>\w[\w.’'&-]*(?:\s+(?:of|de|al|bin|van|von|and|for|the|\w[\w.’'&-]*)){0,5})",
    re.IGNORECASE,
)
_LONGEST_NAME = 6
_WHO = re.compile(r"\bwho\b", re.IGNORECASE)

# Common nouns that such a sentence has: 'a militia', 'the agency', 'the city'.
_THINGS = frozenset(
    """agency alliance app arm army band bank base battle bill body branch brand building campaign capital chain
    charity city club coalition committee company conference council country court department disease drug event
    exchange faction federation festival film firm force group institute island law league maker militia
    ministry mission model movement museum network newspaper office operator organisation organization park
    party plan platform political port program programme project province region river school series service
    site state strain system team term town union university variant village virus website wing""".split()
)
# Before a name these say nothing of who has it.
_COURTESY = frozenset("mr mrs ms miss mx sir madam dr".split())
# Beside a role: 'X was named commander', 'appointed X to lead it'.
_MADE = r"(?:named|appointed|elected|chosen|nominated|sworn in|promoted|confirmed|made|became|becoming|known)"
_MADE_AFTER = re.compile(rf"[^.]{{0,40}}\b{_MADE}\b")
_MADE_BEFORE = re.compile(rf"\b{_MADE}\s+(?:\w+\s+){{0,2}}$")

# What a role before a name says, and what a title alone, set by hand.
_BEFORE, _ONLY_TITLED = 0.8, 0.5
_ROLE_WORDS = 4


def asked_about(question: str) -> str | None:
    """Return whom or what a question is about that asks for nothing but who or what that is."""
    asked = _ASKS.fullmatch(question)
    if asked is None:
        return None
    name = _NAME.fullmatch((asked["one"] or asked["two"]).strip())
    if name is None:
        return None
    words = name["name"].split()
    # 'Who is the president of X' asks for a name, not about one.
    is_role = words[0].islower() and (words[0] in PERSON_NOUNS or is_title_word(words[0]) or words[0] in _THINGS)
    return None if is_role or len(words) > _LONGEST_NAME or words[0].lower() in _NO_NAMES else name["name"]


def asked_whom(question: str) -> str | None:
    """Return the person whose first and last name a question gives that asks for nothing but who that is."""
    name = asked_about(question)
    return name if name and " " in name and _WHO.search(question) and name.split()[-1][0].isupper() else None


def introduction(name: str, sentence: str) -> float:
    """Return in [0, 1] how much a sentence says of who or what ``name`` is: most where its role stands behind it."""
    found = _named(name).search(sentence)
    if found is None or _is_other_person(name, found, sentence):
        return 0.0
    before, after = sentence[: found.start()], sentence[found.end() :]
    if _IS_ONE.match(after) or _is_role(_behind(after)) or _MADE_AFTER.match(after) or _MADE_BEFORE.search(before):
        return 1.0
    titled = _titled(before)
    return _ONLY_TITLED if not titled and after.startswith((", who ", " who ")) else titled


def _titled(before: str) -> float:
    """Return how much the words before a name say of it: 'Iran’s President' more than 'President'."""
    titles = before.replace(",", " ").split()[-_ROLE_WORDS:]
    while titles and titles[-1].lower().rstrip(".") in _COURTESY:
        titles.pop()
    for i in range(len(titles) - 1, -1, -1):
        word = titles[i].rstrip(".")
        if word.islower() and word != "and":
            # 'The chief of Keld' is somebody else.
            return _BEFORE if _is_role(word) else 0.0
        if is_title_word(word.lower()):
            return _BEFORE if i and titles[i - 1][0].isupper() else _ONLY_TITLED
    return 0.0


_CAPITAL_BEFORE = re.compile(r"(?P<word>[A-Z][\w’'-]*\.?)\s$")


@cache
def _named(name: str) -> re.Pattern[str]:
    """Return what finds a name, by its last word too where it has several."""
    words = name.split()
    whole = r"\s+".join(map(re.escape, words))
    return re.compile(rf"\b(?:{whole}|{re.escape(words[-1])})\b(?:\s+\([A-Z]{{2,8}}\))?", re.IGNORECASE)


# ', an American who …', but no ', a day after …'.
_IS_ONE = re.compile(r",\s(?:an?|another)\s(?!(?:day|week|month|year|move|decision|sign|step|few|lot|bid)\b)")
_SAID = r"(?P<said>(?:[\w’'-]+\s+){0,8}[\w’'-]+)"
_APPOSITION = re.compile(rf",\s*(?!who\b){_SAID}")
_IS = re.compile(rf"\s+(?:is|was|are|were|has been|had been|became)\s+{_SAID}")
# 'X is a …', 'X was chairman of …', but no 'X was offered in an exchange'.
_ARTICLES = frozenset("a an the one another".split())
_ROLE_BEGINS = 3


def _behind(after: str) -> str:
    """Return the words of an apposition behind a name, or what it is said to be."""
    if said := _APPOSITION.match(after):
        return said["said"]
    said = _IS.match(after)
    if said is None:
        return ""
    words = said["said"].split()
    return " ".join(words if words[0].lower() in _ARTICLES else words[:_ROLE_BEGINS])


def _is_other_person(name: str, found: re.Match[str], sentence: str) -> bool:
    """Whether only the last word of a name was found, and another given name stands before it."""
    if " " not in name or " " in found[0]:
        return False
    before = _CAPITAL_BEFORE.search(sentence, 0, found.start())
    return before is not None and not is_title_word(before["word"].lower().rstrip("."))


def _is_role(said: str) -> bool:
    words = re.findall(r"[\w-]+", said.lower())
    return any(
        word.removesuffix("s") in _THINGS or word in PERSON_NOUNS or word in TITLES or word in ORGANISATIONS
        for word in words
    )


_NO_NAMES = frozenset(
    "it this that he she they them there happening going new next left known wrong to in on at behind"
    " responsible".split()
)
