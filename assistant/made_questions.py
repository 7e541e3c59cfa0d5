"""Questions that sentences of a report answer, made by rule: rather none than one that reads badly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.clauses import Clause, in_past, pasts, read_clause
from assistant.phrases import BOUNDARIES, Case, is_person, names_something, subject_phrase, tail
from assistant.subjects import DETERMINERS, PREPOSITIONS, is_verb, kind_of
from store.words import content_words

Form = Literal["who", "what", "how many", "how much", "when", "where", "why", "about"]

LONGEST_CHARS = 90

# Verbs without an object, or whose object is a clause.
_INTRANSITIVE = frozenset(
    """say agree vow die erupt resign happen retire apologize plead call vote arrive appear rise fall begin start
    become compete collapse come debut depart emerge explode fail graduate grow land lie orbit plunge rally rank
    run sail slump soar stand star stay sink step suffer travel wait walk watch weigh tell threaten promise
    pledge refuse offer reveal announce confirm deny admit predict demand warn propose question state see plan
    continue feature include gross give describe portray regard urge order allow force lend put keep make take
    get have""".split()
)
# Of these 'who' may also ask for a company, a team or a country.
_WHO_ANY = frozenset(
    "win defeat beat buy acquire purchase sue ban topple invade condemn lose overtake bombard occupy".split()
)
_WHO_PASSIVE = frozenset("appoint elect name choose nominate crown award select".split())
# 'What did X …?' is clear enough with these, others need to say where or for whom.
_WHAT = frozenset(
    """abolish acquire ban buy create design discover donate invent outlaw overturn publish purchase recall reveal sell
    unearth unveil veto win""".split()
)
_WHAT_WITH_PART = _WHAT | frozenset(
    """announce propose launch introduce give approve reject sign release cancel break end restore build open lose offer
    demand install place write paint plant steal find make""".split()
)
_FORCES = re.compile(
    r"\b(?:hurricane|storm|typhoon|cyclone|tornado|earthquake|quake|tsunami|flood|fire|wildfire|blaze|missile|rocket"
    r"|bomb|explosion|eruption|heat ?wave|drought|outbreak|variant|virus|asteroid|ship|train|attack|invasion|strike)"
    r"s?\b",
    re.IGNORECASE,
)
_WHAT_TOLD = frozenset("acknowledge admit concede demand deny predict".split())
_WHAT_HIT = frozenset("hit strike destroy damage devastate cause engulf flood wreck spark trigger inspire".split())
_TO_DO = frozenset("agree vow pledge promise threaten refuse vote offer".split())
_TOLD_TO_DO = frozenset(("urge", "order", "tell", "allow", "call on"))
_COUNTED_PASSIVE = frozenset(
    """kill injure wound arrest evacuate displace hospitalize rescue trap deport recall destroy damage capture
    send""".split()
)
_COUNTED_ACTIVE = frozenset("hit strike die lose attend flee vote sign join visit compete".split())
_UNITS = frozenset(
    "miles feet inches points degrees meters metres kilometers kilometres yards pounds dollars euros times".split()
)
_PAID = frozenset("pay raise donate pledge spend lose invest earn gross receive win borrow seek".split())
_WHEN_ACTIVE = frozenset("die resign open erupt launch invade become join retire debut leave win marry".split())
_WHEN_PASSIVE = frozenset(
    """find found establish sign build assassinate arrest elect release launch introduce abolish hold impose diagnose
    discover publish create kill pass approve destroy crown bury legalize ban convict sentence cancel""".split()
)
_WHY_ALONE = frozenset("resign die fall rise collapse retire step depart withdraw call".split())
_WHY_AFTER = frozenset("postpone cancel suspend delay evacuate recall".split())
_WHERE_PASSIVE = frozenset("hold find arrest bury spot discover capture kill detain detect jail locate".split())
_WHY_OVER = frozenset("resign suspend quit sue fine ban delay boycott".split())
_WITH_WORD = {
    ("apologize", "for"), ("call", "for"), ("die", "from"), ("die", "of"), ("plead", "guilty to"), ("warn", "of"),
    ("warn", "about"),
}  # fmt: skip
_WITH_WORD_PASSIVE = {
    ("charge", "with"), ("sentence", "to"), ("convict", "of"), ("diagnose", "with"), ("acquit", "of"),
}  # fmt: skip
_BAR = frozenset("ban bar block prohibit stop prevent".split())
_BY = frozenset("write direct find found design create invent build host acquire buy compose develop lead".split())

_NUMBER = (
    r"(?:(?:at least|more than|about|around|nearly|almost|over|up to|some|an estimated|roughly|approximately) )?"
    r"(?P<number>\d[\d,]*(?:\.\d+)?(?: (?:million|billion))?|(?:two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|a dozen|(?:dozens|hundreds|thousands) of))"
)
_NOUN = (
    r"(?P<noun>(?:(?!of |in |a |and |or |to |the |his |her |its |their )[a-z-]+ ){0,2}?"
    r"(?:people|children|men|women|police|(?!his\b|its\b|as\b|was\b|hers\b|has\b|percents?\b)[a-z-]+(?<!ou)(?<!s)(?<!i)(?<!u)s))"
)
_COUNT = re.compile(rf"{_NUMBER} {_NOUN}(?P<rest>(?:[ ,].*)?)$")
_COUNT_FIRST = re.compile(
    rf"^(?:all )?{_NUMBER} {_NOUN}(?P<of> (?:of|aboard|from|on) [^,]{{3,60}}?)?"
    r"(?: (?P<be>were|have been))? (?P<verb>[a-z]+)(?: and \d+ (?:[a-z]+ )?(?:injured|wounded|hurt))?(?P<rest> .*)$",
    re.IGNORECASE,
)
_MONEY = re.compile(rf"{_NUMBER.replace('(?P<number>', '(?P<number>[$€£]')}(?P<rest>(?:[ ,].*)?)$")
_SAID = re.compile(
    r"^(?:that )?(?P<topic>[A-Za-z][\w .'’&-]{3,45}?) (?P<verb>is|are|was|were|will|would|has|have|had|should|must) "
    r"(?P<rest>.+)$"
)
_TOLD = re.compile(r"^(?P<whom>.{3,40}?) to (?P<verb>[a-z]+)\b(?P<rest>.*)$")
_PART = re.compile(rf" (?:{'|'.join(sorted(PREPOSITIONS - {'of', 'than', 'like', 'per'}))}) ")
_BECAUSE = re.compile(r" (?P<why>because of|because|due to|over|after) (?P<reason>.+)$")
_EVENTS = (
    r"(?:earthquake|shooting|explosion|fire|wildfires?|crash|attacks?|bombing|floods|flooding|landslide|coup|siege"
    r"|eruption|outage|stampede|derailment|tornado|storm|blizzard)"
)
_GATHERINGS = r"(?:summit|protests?|trial|final|election|ceremony|festival|hearing|funeral)"
_EVENT = re.compile(
    rf"(?:the )(?P<event>(?:[a-z]+ )?(?:{_EVENTS}|{_GATHERINGS}) (?:in|at|near) "
    r"(?:the )?[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,3})|(?:the )(?P<named>(?:[A-Z][\w’'-]+ ){1,3}(?:[a-z]+ )?"
    rf"(?:{_EVENTS}|{_GATHERINGS}))\b"
)
_NAME = re.compile(
    r"(?<=[a-z,] )[A-Z][\w’'-]*[\w](?: (?:of |de |al |bin |van |von |the )?[A-Z][\w’'-]*[\w]){1,3}(?![\w’' -]*[A-Z])"
)


_TOO_WIDE = re.compile(r"\b(?:War|Day|Week|Street|Today|News|Times|Post|[IVX]+)\b")


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question, the words of the sentence that it leaves out, and how good such questions are, from 0 to 1."""

    text: str
    answer: str
    form: Form
    worth: float


def make_questions(sentence: str, case: Case) -> Iterator[MadeQuestion]:
    """Yield what a sentence of a report answers, ``case`` being that of the whole text."""
    for made in _questions(sentence, case):
        if is_well_formed(made.text) and made.answer.strip(" …"):
            yield made


def make_from_headline(headline: str, case: Case) -> Iterator[MadeQuestion]:
    """Yield what a headline in the present answers; those leave articles out, so only what has its names bare."""
    told = in_past(headline)
    clause = read_clause(told, case) if told != headline else None
    if clause is None or clause.is_passive or not clause.subject or kind_of(clause.subject) == "group":
        return
    if case.as_written(clause.subject) != clause.subject:
        return
    for rule in (_what, _what_said, _what_to_do, _what_for):
        yield from (made for made in rule(clause, case) if is_well_formed(made.text) and made.answer.strip(" …"))


def make_fallbacks(headline: str, text: str, case: Case) -> Iterator[MadeQuestion]:
    """Yield what may be asked of a report whose sentences are not plain: about what happened, or about a name."""
    for found in _EVENT.finditer(text[:800]):
        event = found["event"] or found["named"]
        if len(set(content_words(event)) & set(content_words(headline))) < 2:
            continue  # It stands there in passing.
        word = "at" if re.search(rf"{_GATHERINGS}\b", event) and "election" not in event else "in"
        question = f"What happened {word} the {event}?"
        if is_well_formed(question):
            yield MadeQuestion(question, event, "about", 0.3)
    for name in dict.fromkeys(_NAME.findall(text[:1200])):
        # With another capital before it, it is half of a name.
        told = re.search(rf"(\b[A-Z]\w* )?\b{re.escape(name)}\b", headline)
        written = case.as_written(name) if told and not told[1] and kind_of(name) != "place" else None
        if written is not None and not _TOO_WIDE.search(name):
            question = f"What was reported about {written}?"
            if is_well_formed(question):
                yield MadeQuestion(question, name, "about", 0.1)


def make_quoting(headline: str) -> Iterator[MadeQuestion]:
    """Yield what may be asked of any report, whatever its language: what stands under its headline."""
    quoted = re.sub(r"[“”\"«»„]", "", headline).rstrip(" .")
    is_whole = not headline.endswith(("..", "…")) and not re.search(r"(?<!\w)['‘’]", quoted)
    if is_whole and len(quoted.split()) > 1 and len(quoted) <= LONGEST_CHARS:
        yield MadeQuestion(f"What was reported under “{quoted}”?", "", "about", 0.0)


_WELL_FORMED = re.compile(r"(?:Who|What|When|Where|Why|How (?:many|much)) [\w .,'’&%$€£-]+\w[.’']?\?")


def is_well_formed(question: str) -> bool:
    """Whether a question has the outward signs of a whole one."""
    return (
        len(question) <= LONGEST_CHARS
        and 4 <= len(question.split()) <= 18
        and _WELL_FORMED.fullmatch(question) is not None
        and question.count("?") == 1
        and not any(one == other for one, other in zip(question.split(), question.split()[1:], strict=False))
    )


def _questions(sentence: str, case: Case) -> Iterator[MadeQuestion]:
    yield from _how_many_first(sentence, case)
    clause = read_clause(sentence, case)
    if clause is None:
        return
    if not clause.is_passive:
        yield from _what_hit(clause)
    if clause.subject:
        for rule in _PASSIVE_RULES if clause.is_passive else _ACTIVE_RULES:
            yield from rule(clause, case)


# -- active clauses ----------------------------------------------------------------------------------------------------


def _who(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    object_ = _object(clause.rest)
    if clause.base in _INTRANSITIVE or object_ is None or not names_something(object_):
        return
    is_vague = object_.startswith(("a ", "an ")) and object_.count(" ") < 4
    if not is_vague and (is_person(clause.subject) or clause.base in _WHO_ANY):
        yield MadeQuestion(f"Who {clause.past} {object_}?", clause.subject, "who", 1.0)


def _who_was_named(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    """Yield 'Who was appointed to lead X?' of 'Y appointed Z to lead X'."""
    named = re.match(r"(?P<whom>[A-Z].{3,40}?) (?P<role>(?:to|as) .+)$", clause.rest)
    if named is None or clause.base not in _WHO_PASSIVE or tail(named["whom"]) != named["whom"]:
        return
    role = tail(named["role"][3:])
    if role is not None and names_something(role):
        yield MadeQuestion(f"Who was {clause.participle} {named['role'][:2]} {role}?", named["whom"], "who", 1.0)


def _what_told(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    is_told = clause.base in _WHAT_TOLD and len(clause.rest.split()) > 3
    if (
        is_told
        and clause.rest.partition(" ")[0] not in PREPOSITIONS
        and not _is_told_before(clause.rest.partition(",")[0])
    ):
        yield MadeQuestion(f"What did {clause.subject} {clause.base}?", clause.rest, "what", 0.4)


def _what(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    object_ = _object(clause.rest)
    if clause.base not in _WHAT_WITH_PART or object_ is None:
        return
    thing, part = _split(object_)
    word, place = part.strip().partition(" ")[::2]
    if not names_something(part) or (word in {"in", "on"} and kind_of(place) != "place"):
        part = ""
    if kind_of(thing) in {"person", "group", "place"} or _is_told_before(thing):
        return
    if part or clause.base in _WHAT:
        worth = 0.5 if part else 0.4
        yield MadeQuestion(f"What did {clause.subject} {clause.base}{part}?", thing, "what", worth)


def _what_hit(clause: Clause) -> Iterator[MadeQuestion]:
    object_ = _object(clause.rest)
    if clause.base in _WHAT_HIT and object_ and names_something(object_) and _FORCES.search(clause.opening):
        yield MadeQuestion(f"What {clause.past} {object_}?", clause.opening, "what", 0.6)


def _what_said(clause: Clause, case: Case) -> Iterator[MadeQuestion]:
    said = _SAID.match(clause.rest) if clause.base == "say" else None
    topic = subject_phrase(said["topic"], case) if said else None
    if said is None or topic is None or _is_told_before(said["topic"]) or topic in clause.subject:
        return
    if re.match(r"the (?:[a-z-]+ )+[A-Z]", topic) and not re.search(r" of |['’]s? ", topic):
        return  # 'The period Italy' is going through.
    yield MadeQuestion(f"What did {clause.subject} say about {topic}?", said["rest"], "what", 0.4)


def _what_to_do(clause: Clause, case: Case) -> Iterator[MadeQuestion]:
    if clause.base in _TO_DO and (word := re.match(r"to ([a-z]+)\b(.*)", clause.rest)) and _is_base(word[1]):
        yield MadeQuestion(f"What did {clause.subject} {clause.base} to do?", word[0], "what", 0.4)
    base = "call on" if clause.base == "call" and clause.rest.startswith("on ") else clause.base
    told = _TOLD.match(clause.rest.removeprefix("on ")) if base in _TOLD_TO_DO else None
    if told is None or not _is_base(told["verb"]):
        return
    whom = subject_phrase(told["whom"], case)
    if whom is not None and whom[0] == told["whom"][0]:
        yield MadeQuestion(f"What did {clause.subject} {base} {whom} to do?", told["rest"], "what", 0.6)


def _what_for(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    for base, word in _WITH_WORD:
        if clause.base == base and clause.rest.startswith(f"{word} "):
            after = clause.rest.removeprefix(word)
            yield MadeQuestion(f"What did {clause.subject} {base} {word}?", after, "what", 0.6)
    barred = re.match(r"(?P<whom>.{3,40}?) from (?P<rest>\w+ing .+)$", clause.rest) if clause.base in _BAR else None
    if barred and (whom := tail(barred["whom"])) and whom == barred["whom"] and names_something(whom):
        question = f"What did {clause.subject} {clause.base} {whom} from doing?"
        yield MadeQuestion(question, barred["rest"], "what", 0.7)
    accused = re.match(r"(?P<whom>.{3,40}?) of (?P<rest>.+)$", clause.rest) if clause.base == "accuse" else None
    if accused and (whom := tail(accused["whom"])) and whom == accused["whom"] and names_something(whom):
        yield MadeQuestion(f"What did {clause.subject} accuse {whom} of?", accused["rest"], "what", 0.8)


def _how_many(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    counted = _COUNT.match(clause.rest) if clause.base not in _INTRANSITIVE else None
    if counted and counted["noun"].split()[-1] not in _UNITS and (part := _part(counted["rest"])) is not None:
        question = f"How many {counted['noun']} did {clause.subject} {clause.base}{part}?"
        yield MadeQuestion(question, counted["number"], "how many", 1.0)
    paid = _MONEY.match(clause.rest) if clause.base in _PAID else None
    if paid and (part := _part(paid["rest"])):
        question = f"How much did {clause.subject} {clause.base}{part}?"
        yield MadeQuestion(question, paid["number"], "how much", 0.9)


def _when(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    before = _all_of(clause.before_date)
    if clause.base not in _WHEN_ACTIVE or not clause.dated or before is None:
        return
    if not before or clause.base not in _INTRANSITIVE or _object(before.strip()) is None:
        yield MadeQuestion(f"When did {clause.subject} {clause.base}{before}?", clause.dated, "when", 0.7)


def _why(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    reason, before = _reason(clause)
    if before is not None and (clause.base not in _INTRANSITIVE or clause.base in _WHY_ALONE):
        yield MadeQuestion(f"Why did {clause.subject} {clause.base}{before}?", reason, "why", 0.7)


# -- passive clauses ---------------------------------------------------------------------------------------------------


def _who_was(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    if clause.base not in _WHO_PASSIVE or clause.auxiliary != "was" or not is_person(clause.subject):
        return
    role = tail(clause.rest)
    if role is not None and names_something(role):
        yield MadeQuestion(f"Who was {clause.participle} {role}?", clause.subject, "who", 1.0)


def _who_did(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    by = re.match(r"by (?P<agent>.+)$", clause.rest)
    agent = tail(by["agent"]) if by else None
    if agent is not None and names_something(agent) and (clause.base in _BY or is_person(agent)):
        yield MadeQuestion(f"Who {clause.past} {clause.subject}?", agent, "who", 1.0)
    if by is not None and clause.base in {"cause", "destroy", "damage"}:
        yield MadeQuestion(f"What {clause.past} {clause.subject}?", by["agent"], "what", 0.8)


def _what_was(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    for base, word in _WITH_WORD_PASSIVE:
        if clause.base == base and clause.rest.startswith(f"{word} "):
            question = f"What {clause.auxiliary} {clause.subject} {clause.participle} {word}?"
            yield MadeQuestion(question, clause.rest.removeprefix(word), "what", 0.7)


def _when_was(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    before = _all_of(clause.before_date)
    if clause.base in _WHEN_PASSIVE and clause.dated and before is not None:
        question = f"When {clause.auxiliary} {clause.subject} {clause.participle}{before}?"
        yield MadeQuestion(question, clause.dated, "when", 0.7)


def _where_was(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    place = re.match(r"(?:dead )?(?:in|at|near) (?P<place>.+)$", clause.rest)
    where = tail(place["place"]) if place else None
    if clause.base in _WHERE_PASSIVE and where is not None and names_something(where):
        question = f"Where {clause.auxiliary} {clause.subject} {clause.participle}?"
        yield MadeQuestion(question, where, "where", 0.6)


def _why_was(clause: Clause, _: Case) -> Iterator[MadeQuestion]:
    reason, before = _reason(clause)
    if before is not None:
        question = f"Why {clause.auxiliary} {clause.subject} {clause.participle}{before}?"
        yield MadeQuestion(question, reason, "why", 0.7)


def _reason(clause: Clause) -> tuple[str, str | None]:
    """Return the reason that a clause gives, and what stands before it, which is None where it gives none."""
    because = _BECAUSE.search(f" {clause.rest}")
    unsure = {"over": _WHY_OVER, "after": _WHY_AFTER}
    if because is None or clause.base not in unsure.get(because["why"], {clause.base}):
        return "", None
    return because["reason"], _all_of(clause.rest[: max(0, because.start() - 1)])


_Rule = Callable[[Clause, Case], Iterator[MadeQuestion]]
_ACTIVE_RULES: tuple[_Rule, ...] = (
    _who,
    _who_was_named,
    _what,
    _what_told,
    _what_said,
    _what_to_do,
    _what_for,
    _how_many,
    _when,
    _why,
)
_PASSIVE_RULES: tuple[_Rule, ...] = (_who_was, _who_did, _what_was, _when_was, _where_was, _why_was)


# -- sentences that open with a number ---------------------------------------------------------------------------------


def _how_many_first(sentence: str, case: Case) -> Iterator[MadeQuestion]:
    """Yield 'How many people were killed in …?' of 'At least 31 people were killed in …'."""
    found = _COUNT_FIRST.match(sentence.rstrip(". "))
    if found is None:
        return
    # Read as a clause of its own, with a subject that cannot be mistaken.
    be = found["be"] or ""
    clause = read_clause(f"Aaa Bbb {be} {found['verb']}{found['rest']}".replace("  ", " "), case)
    if clause is None or clause.base not in (_COUNTED_PASSIVE if be else _COUNTED_ACTIVE):
        return
    if clause.base in _WHAT_HIT and not _FORCES.search(found["noun"]):
        return
    place, of = tail(clause.rest), found["of"] or ""
    if place is None or (of and (not be or tail(of) != of.strip())):
        return
    if names_something(f"{of} {place}") and (of or _says_of_what(place) or clause.base in _WHAT_HIT):
        verb = f"were {clause.participle}" if be else clause.past
        noun = found["noun"] + of
        yield MadeQuestion(f"How many {noun} {verb} {place}?", found["number"], "how many", 1.0)


# -- phrases -----------------------------------------------------------------------------------------------------------


def _object(rest: str) -> str | None:
    """Return the object that ``rest`` opens with and what belongs to it."""
    first = rest.partition(" ")[0]
    if first.lower() in PREPOSITIONS or first == "to":
        return None
    is_phrase = first.lower() in DETERMINERS or first[:1].isupper() or first[:1].isdigit() or first.endswith("s")
    return tail(rest) if is_phrase else None


def _split(object_: str) -> tuple[str, str]:
    """Return a thing and what is said of its place or purpose, with the blank before it."""
    for found in _PART.finditer(object_):
        thing = object_[: found.start()]
        is_in_name = thing.split()[-1][:1].isupper() and found[0].strip() not in {"in", "at", "during", "near"}
        if not is_in_name:
            return thing, object_[found.start() :]
    return object_, ""


def _says_of_what(place: str) -> bool:
    """Whether a phrase names more than a place: an event there."""
    return any(word.islower() and word not in PREPOSITIONS | DETERMINERS | {"and"} for word in place.split())


def _all_of(text: str) -> str | None:
    """Return what stands between a verb and a date or a reason, with a blank before; None where it is not plain."""
    text = text.strip(" ,")
    if not text:
        return ""
    return f" {text}" if tail(text) == text else None


def _part(rest: str) -> str | None:
    """Return what a question may end with, with the blank before it, '' for nothing; None where it does not fit."""
    first = rest.strip().partition(" ")[0]
    if first == "as":
        return None  # 'Spent 27 years as an assistant.'
    if not first or rest.startswith(",") or first in BOUNDARIES:
        return ""
    if first not in PREPOSITIONS or first in {"than", "per", "of", "like"}:
        return None
    phrase = tail(rest)
    return None if phrase is None else f" {phrase}"


def _is_base(word: str) -> bool:
    """Whether a word behind 'to' is a verb."""
    return is_verb(word) or word in pasts().values() or is_verb(word.removeprefix("re"))


def _is_told_before(phrase: str) -> bool:
    """Whether a phrase means what its report has told before: 'the move', 'the new law'."""
    words = phrase.split()
    return words[0].lower() == "the" and len(words) < 5 and not any(word[:1].isupper() for word in words[1:])
