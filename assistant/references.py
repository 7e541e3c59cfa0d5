"""Words that point back in a question ('he', 'it', 'the company', 'the new one') → what they most likely mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from assistant.incidents import incident_of
from assistant.subjects import (
    ADVERBS,
    ASKING,
    BE,
    DETERMINERS,
    DO,
    HAVE,
    PREPOSITIONS,
    Subject,
    Token,
    find_names,
    find_subjects,
    is_past,
    is_verb,
    kind_of,
    relations,
    split_words,
)
from store.splitting import split_sentences
from store.words import STOP_WORDS, content_words

Wanted = Literal["he", "she", "it", "they", "speaker", "there", "group", "place", "person"]

# A subject keeps so much of its weight with every question that has passed since. This and the weights below were set
# on the tuning halves of CAsT 2019-20 and CANARD dev (see tests/benchmarks/followups.py). There half or twice of any
# weight moved either F1 by less than .01; fading of .5 cost CANARD .017, answers' names at 0 instead of -1.5 .018.
_FADING = 0.75
# What a name weighs more than a common noun, what the last question took over from the ones before it, what a later
# mention adds, and what stands in an answer.
_NAME, _KEPT, _AGAIN, _IN_ANSWER = 1.2, 2.0, 0.13, -2.0
# 'The causes' are hardly what a talk is about; after 'what is X?' it is about X.
_GENERIC, _INTRODUCED = -1.5, 2.0
# An answer to 'who …?' names the person that is spoken of next.
_ASKED_FOR = 3.0
_LEAST = 0.1
# What happened weighs more than the place where it did.
_INCIDENT = 0.5
# A person of whom nothing says whether 'he' or 'she' is meant fits less than one of whom that is known.
_UNSAID = 0.8

# So many persons one question can ask about.
_MOST_AT_ONCE = 3

# How far back 'the experiment' may stand for 'the Stanford Experiment', in questions.
_REACH = 6

# 'What is X?', 'tell me about X': from here on the conversation is about X.
_INTRODUCES = re.compile(
    r"\W*(?:(?:what|who)(?:['’]s|\s+is|\s+are|\s+was|\s+were)|(?:what|how)\s+about|describe"
    r"|(?:[\w']+\s+){0,6}?(?:tell|talk|learn|know|read)(?:\s+me)?(?:\s+more)?\s+about)(?:\s+(?:the|an?))?\b",
    re.IGNORECASE,
)
_ASKS_WHO = re.compile(r"\W*(?:who|which \w+|whose)\b", re.IGNORECASE)
_ASKS_PERSON = re.compile(r"\W*who\b", re.IGNORECASE)

_PRONOUNS: dict[str, Wanted] = {
    **dict.fromkeys("he him his himself".split(), "he"),
    **dict.fromkeys("she her hers herself".split(), "she"),
    **dict.fromkeys("it its itself it's this that".split(), "it"),
    **dict.fromkeys("they them their theirs themselves these those".split(), "they"),
}
# Between two names that are said side by side: 'X and Y', 'X, the minister, and Y'. Before the first: 'On Monday, '.
_JOINED = re.compile(r",? (?:and|or) |, ")
_BESIDE = re.compile(r"(?:, [^,.;]{1,60})?,? (?:and|or|along with|as well as) (?:(?:the )?[a-z]+ ){0,3}|, ")
_OPENS = re.compile(
    r"\W*(?:(?:On|In|At|Last|Earlier|Meanwhile)\b[^,.;]{0,40}, )?(?:the |an? )?(?:[\w-]+ ){0,3}", re.IGNORECASE
)
_DEMONSTRATIVES = frozenset("this that these those".split())
_PERSONAL = frozenset({"he", "she", "person"})
_POSSESSIVE = frozenset("his its their".split())
# Between two clauses of a question: in the second, 'it' may stand for what the first names.
_JOINT = re.compile(
    r"\b(?:and|but|or|if|because|when|while|that|after|before|until|since|so|say|said|think|why|how)\b|[,;.?!]",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r"\s+(?:\w+ly\s+)?(?:say|said|think|claim|announce|decide|promise|deny|warn|argue|report|want)\b")
_ACTS = re.compile(rf"{_SPEAKS.pattern}|\s+(?:do|vote|act)\b")
_DEMONYM = re.compile(r"\w+(?:ish|ese|ian|can|ench|erman|reek|utch|i)s?")

# 'It takes', 'is it true that', 'what time is it': it stands for nothing.
_EMPTY_AFTER = re.compile(r"\s+(?:takes?|took|means?|costs?|raining|snowing|possible|necessary|likely|true that)\b")
_EMPTY_AFTER_BE = re.compile(r"\s+\w+(?:\s+\w+)?\s+(?:to|that|for \w+ to)\b")
_EMPTY_BEFORE = re.compile(r"\b(?:what time is|who was|who is|how long (?:does|did|will))\s+$", re.IGNORECASE)
_OWN_COMPLEMENT = re.compile(r"\s+(?:of|in|for|that|who|which|between|on|to)\b")

# Classes of things: 'the company' is whichever was spoken of.
_CLASSES: dict[str, Wanted] = {
    **dict.fromkeys(
        "agency band bank club company firm government group organisation organization party team".split(), "group"
    ),
    **dict.fromkeys("area city country county island nation place province region state town village".split(), "place"),
    **dict.fromkeys("actor author man politician singer suspect woman".split(), "person"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A question as it was answered, with its answer, and as it was typed."""

    question: str
    answer: str
    typed: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject of the conversation with its weight, and how many questions ago it was last spoken of.

    Persons who are named in one breath have the same ``together``: nothing but their gender tells which is meant.
    ``is_part``: it stands beside others in a phrase that is a candidate as a whole.
    """

    subject: Subject
    weight: float
    ago: int
    in_answer: bool
    together: str = ""
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question with what it points back to written out, and what that was."""

    text: str
    meant: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    instead: str
    subject: Subject


def candidates_of(said: Sequence[Said]) -> list[Candidate]:
    """Return what the conversation has spoken of, the likeliest subject first."""
    weighed: dict[str, Candidate] = {}
    for ago, one in enumerate(reversed(said)):
        asked = find_subjects(one.question)
        for subject in asked:
            _weigh(weighed, Candidate(subject, _weight(subject, one) * _FADING**ago, ago, in_answer=False))
        for candidate in (*_happened(one, ago), *_side_by_side(one, asked, ago), *_answered(one, asked, ago)):
            _weigh(weighed, candidate)
    return sorted(weighed.values(), key=lambda one: -one.weight)


def _happened(one: Said, ago: int) -> list[Candidate]:
    """Return what happened, as a question speaks of it, place and all."""
    incident = incident_of(one.question)
    if incident is None:
        return []
    return [Candidate(incident, (_weight(incident, one) + _INCIDENT) * _FADING**ago, ago, in_answer=False)]


def _side_by_side(one: Said, asked: Sequence[Subject], ago: int) -> list[Candidate]:
    """Return each person of 'X and Y' or 'X or Y' in a question."""
    names = [name for name in find_names(one.question) if " " in name.text and name.kind in {"person", "unknown"}]
    candidates: list[Candidate] = []
    for name, other in pairwise(names):
        if not _JOINED.fullmatch(one.question, name.end, other.start):
            continue
        whole = next((subject for subject in asked if subject.start <= name.start < subject.end), name)
        weight, together = _weight(whole, one) * _FADING**ago, f"question {ago}"
        candidates += [
            Candidate(name, weight, ago, in_answer=False, together=together, is_part=True),
            Candidate(other, weight - _LEAST, ago, in_answer=False, together=together, is_part=True),
        ]
    return candidates


def _weight(subject: Subject, one: Said) -> float:
    stems = set(content_words(subject.text))
    taken_over = set(content_words(one.question)).difference(content_words(one.typed))
    introduced = _INTRODUCES.match(one.question)
    weight = subject.role + _NAME * subject.is_name
    if stems and stems <= taken_over:
        weight += _KEPT
    if subject.head in relations() and not re.search(r" (?:in|at) ", subject.text):
        return max(_LEAST, weight if subject.is_name else weight + _GENERIC)
    if introduced and -4 <= subject.start - introduced.end() <= 1:
        weight += _INTRODUCED
    return weight


def _answered(one: Said, asked: Sequence[Subject], ago: int) -> list[Candidate]:
    """Return the names that an answer brings up, the first ones first."""
    known = {word for subject in asked for word in content_words(subject.text)}
    new = [
        name
        for name in find_names(one.answer)
        if not known.issuperset(content_words(name.text)) and not _DEMONYM.fullmatch(name.text)
    ]
    candidates = []
    leading = _leading(one.answer)
    for place, name in enumerate(new):
        is_asked_for = place == 0 and name.kind in {"person", "unknown", "group"} and _ASKS_WHO.match(one.question)
        weight = 2 + _NAME + _IN_ANSWER + (_ASKED_FOR if is_asked_for else 0) - _LEAST * place
        if is_asked_for and name.kind == "unknown" and " " in name.text and _ASKS_PERSON.match(one.question):
            name = replace(name, kind="person")  # noqa: PLW2901
        together = f"answer {ago}" if name.text.lower() in leading else ""
        candidates.append(Candidate(name, weight * _FADING**ago, ago, in_answer=True, together=together))
    return candidates


def _leading(answer: str) -> set[str]:
    """Return, in lower case, the names that sentences of an answer are about: those they open with, side by side."""
    leading: set[str] = set()
    for start, end in split_sentences(answer):
        sentence = answer[start:end]
        after = 0
        for name in find_names(sentence):
            opens = _OPENS if not after else _BESIDE
            if not opens.fullmatch(sentence[after : name.start]):
                break
            leading.add(name.text.lower())
            after = name.end
    return leading


def _weigh(weighed: dict[str, Candidate], new: Candidate) -> None:
    """Add a candidate, or what its mention adds to one that is there."""
    if not content_words(new.subject.text):
        return
    key = new.subject.bare.lower()
    old = weighed.get(key, new)
    added = _AGAIN * min(old.weight, new.weight) if old is not new else 0.0
    weight = max(old.weight, new.weight) + added
    together = old.together or (new.together if new.ago == old.ago else "")
    in_answer = old.in_answer and new.in_answer
    weighed[key] = replace(old, weight=weight, ago=min(new.ago, old.ago), in_answer=in_answer, together=together)


def topic_of(candidates: Sequence[Candidate]) -> Subject | None:
    """Return what the conversation is about now."""
    whole = [one for one in candidates if not one.is_part]
    asked = [one.subject for one in whole if not one.in_answer]
    topic = next(iter(asked or [one.subject for one in whole]), None)
    return _acted_on({topic}, candidates) or topic


def resolve(question: str, candidates: Sequence[Candidate]) -> Resolved:
    """Return ``question`` with its pronouns and half-named things replaced by the likeliest of ``candidates``."""
    edits = _Resolver(question, candidates).edits()
    for edit in reversed(edits):
        question = question[: edit.start] + edit.instead + question[edit.end :]
    return Resolved(question, tuple(dict.fromkeys(edit.subject for edit in edits)))


def choose(wanted: Wanted, candidates: Sequence[Candidate], avoid: Sequence[str] = ()) -> Subject | None:
    """Return the likeliest subject that ``wanted`` may stand for, none that consists of the stems in ``avoid``."""
    best = _best(wanted, candidates, avoid)
    return best.subject if best else None


def _best(wanted: Wanted, candidates: Sequence[Candidate], avoid: Sequence[str]) -> Candidate | None:
    best, most = None, 0.0
    for one in candidates:
        if one.is_part and wanted not in _PERSONAL:
            continue
        weight = one.weight * _fit(wanted, one.subject)
        if weight > most and not set(avoid).issuperset(content_words(one.subject.text)):
            best, most = one, weight
    return best


def _choose_person(wanted: Wanted, candidates: Sequence[Candidate], avoid: Sequence[str]) -> Subject | None:
    """Return whom 'she' stands for; 'X or Y' where both are named in one breath and fit equally well."""
    best = _best(wanted, candidates, avoid)
    if best is None:
        return None
    equal = [one.subject.text for one in candidates if one is best or _is_as_good(one, best, wanted)]
    if not 1 < len(equal) <= _MOST_AT_ONCE:
        return best.subject
    return replace(best.subject, text=f"{', '.join(equal[:-1])} or {equal[-1]}")


def _is_as_good(one: Candidate, best: Candidate, wanted: Wanted) -> bool:
    is_beside = bool(best.together) and one.together == best.together
    return is_beside and one.subject.gender == best.subject.gender and _fit(wanted, one.subject) > 0


def _acted_on(chosen: Collection[Subject | None], candidates: Sequence[Candidate]) -> Subject | None:
    """Return what a chosen institution acted on in the last question: 'the bill' of 'did the Senate pass the bill?'."""
    last = [one.subject for one in candidates if one.ago == 0 and not one.in_answer]
    actor = next((one for one in last if one.kind == "group" and one in chosen), None)
    if actor is None:
        return None
    objects = [one for one in last if one.is_object and one.kind == "thing" and not one.is_plural]
    return next((one for one in objects if one.start > actor.end and one not in chosen), None)


def _fit(wanted: Wanted, subject: Subject) -> float:
    """Return in [0, 1] how well a subject fits what is wanted."""
    named = float(subject.is_name)
    if wanted in _PERSONAL:
        if subject.is_plural or subject.gender not in {None, wanted, *(("he", "she") if wanted == "person" else ())}:
            return 0.0
        known = _UNSAID if subject.gender is None and wanted != "person" else 1.0
        fits = {"person": known, "unknown": known * named * (0.9 if " " in subject.text else 0.3)}
    elif wanted == "it":
        other = 0.45 if subject.is_plural else 1.0
        fits = {"group": other, "unknown": other, "thing": other, "place": other}
    elif wanted == "speaker":
        fits = {"group": 1.0, "person": 0.7 + 0.3 * subject.is_plural, "unknown": 0.6 * named}
    elif wanted == "they":
        fits = {"group": 0.8, "unknown": 0.5, "thing": 0.4, "person": 0.35, "place": 0.2}
        fits = dict.fromkeys(fits, 1.0) if subject.is_plural else fits
    elif wanted == "group":
        fits = {"group": 1.0, "unknown": 0.6 * named, "thing": 0.5 * named}
    else:
        # What has a name happens somewhere: 'there' is at the festival, the summit.
        fits = {"place": 1.0, "group": 0.3, "unknown": 0.4 * named, "thing": 0.4 * named}
    return fits.get(subject.kind, 0.0)


class _Resolver:
    """A question whose words are looked at one after the other."""

    def __init__(self, question: str, candidates: Sequence[Candidate]) -> None:
        self._question = question
        self._candidates = candidates
        self._tokens = split_words(question)
        self._own = find_subjects(question)
        self._chosen: dict[Wanted, Subject] = {}

    def edits(self) -> list[_Edit]:
        """Return what to replace, in order, not overlapping."""
        edits: list[_Edit] = []
        for i in range(len(self._tokens)):
            edit = self._edit(i)
            if edit is not None and (not edits or edits[-1].end <= edit.start):
                edits.append(edit)
        return edits

    def _edit(self, i: int) -> _Edit | None:
        token = self._tokens[i]
        if token.word == "the" or (token.word in _DEMONSTRATIVES and not self._is_alone(i)):
            return self._half_named(i)
        if token.word in _PRONOUNS:
            return self._pronoun(i)
        if token.word == "there":
            return self._place(i)
        if token.word in {"one", "ones"}:
            return self._one(i)
        return self._full_name(i) if token.is_capital and i else None

    def _word(self, i: int) -> str:
        return self._tokens[i].word if 0 <= i < len(self._tokens) else ""

    def _after(self, i: int) -> str:
        return self._question[self._tokens[i].end :]

    def _pronoun(self, i: int) -> _Edit | None:
        token = self._tokens[i]
        wanted = _PRONOUNS[token.word]
        if (token.word == "it" and self._is_empty_it(token)) or wanted in self._chosen or self._is_within(i, wanted):
            return None  # Said once, it is clear; and it may stand for what the same question names.
        fits: Wanted = "speaker" if wanted == "they" and _SPEAKS.match(self._question, token.end) else wanted
        others = [one for one in self._candidates if one.subject not in self._chosen.values()]
        choice = _choose_person if wanted in _PERSONAL else choose
        subject = choice(fits, others, avoid=content_words(self._question))
        if token.word in {"it", "this", "that"} and not _ACTS.match(self._question, token.end):
            subject = _acted_on({subject, *self._chosen.values()}, self._candidates) or subject
        if subject is None:
            return None
        self._chosen[wanted] = subject
        text = _inserted(subject, i)
        if token.word == "it's" or (self._word(i + 1) == "'s" and self._tokens[i + 1].start == token.end):
            end = token.end if token.word == "it's" else self._tokens[i + 1].end
            return _Edit(token.start, end, f"{text} is", subject)
        return _Edit(token.start, token.end, _possessive(text) if self._has_noun(i) else text, subject)

    def _has_noun(self, i: int) -> bool:
        """Whether a pronoun says whose something is: 'his wife', and 'her' where it is followed by what is hers."""
        if self._tokens[i].word != "her":
            return self._tokens[i].word in _POSSESSIVE
        small = PREPOSITIONS | BE | HAVE | DO | ADVERBS | DETERMINERS | {"", "and", "or", "as"}
        return self._word(i + 1) not in small

    def _is_empty_it(self, token: Token) -> bool:
        before = self._question[: token.start]
        is_after_be = before.split()[-1:] and before.split()[-1].lower() in {"is", "was", "be"}
        return bool(
            _EMPTY_AFTER.match(self._question, token.end)
            or (is_after_be and _EMPTY_AFTER_BE.match(self._question, token.end))
            or _EMPTY_BEFORE.search(before)
        )

    def _is_within(self, i: int, wanted: Wanted) -> bool:
        """Whether the question itself names, before the pronoun, what it may stand for.

        In one clause 'it' is never the subject ('what foods cause it?'), but 'its' may be.
        """
        token = self._tokens[i]
        before = [one for one in self._own if one.end <= token.start and (one.role > 1 or one.is_name)]
        if wanted == "it" and any(one.role == 3 and self._question[: one.start].endswith(" of ") for one in before):
            return True  # 'The colour of the corn … it'.
        if not self._has_noun(i):
            joints = list(_JOINT.finditer(self._question, 0, token.start))
            before = [one for one in before if joints and one.end <= joints[-1].start()]
        if wanted in {"he", "she"}:
            return any(one.kind == "person" or (one.is_name and one.kind == "unknown") for one in before)
        if wanted == "they":
            return any(one.is_plural or one.kind == "group" for one in before)
        return any(not one.is_plural and one.kind != "person" for one in before)

    def _is_alone(self, i: int) -> bool:
        """Whether 'this' or 'that' stands for a thing by itself, neither before its noun nor as a joint."""
        if i + 1 == len(self._tokens) or re.match(r"\s*[,.;?!]", self._after(i)):
            return True
        after, before = self._word(i + 1), self._word(i - 1)
        is_subject = after in BE | HAVE | DO | PREPOSITIONS | ADVERBS or (before in DO and is_verb(after))
        if self._word(i) == "that":
            return is_subject and before in BE | DO | PREPOSITIONS | ASKING | {"", "and"}
        return is_subject or (before in BE and self._word(i) != "these")

    def _place(self, i: int) -> _Edit | None:
        before, after = self._word(i - 1), self._word(i + 1)
        is_filler = not before or before in BE | HAVE | DO | ASKING or after in {"be", "been"}
        subject = None if is_filler or (after in BE | HAVE and i < 2) else choose("there", self._candidates)
        if subject is None:
            return None
        token, lead = self._tokens[i], "" if before in PREPOSITIONS else "in "
        return _Edit(token.start, token.end, f"{lead}{subject.text}", subject)

    def _one(self, i: int) -> _Edit | None:
        """Return 'a new one' with the thing that is meant."""
        before = self._word(i - 1)
        if i < 2 or before in STOP_WORDS | DETERMINERS | _NO_QUALITY or is_verb(before) or before.isdigit():
            return None
        subject = next((one.subject for one in self._candidates if one.subject.kind == "thing"), None)
        if subject is None or subject.is_name or self._word(i + 1) == "of":
            return None
        token = self._tokens[i]
        return _Edit(token.start, token.end, " ".join(subject.bare.split()[-3:]), subject)

    def _half_named(self, i: int) -> _Edit | None:
        """Return what 'the experiment' or 'that team' is in full: a longer name with that head, or one of its kind."""
        if i + 1 >= len(self._tokens) or self._word(i + 1) in STOP_WORDS or not self._ends_phrase(i + 1):
            return None
        noun = self._tokens[i + 1]
        has_complement = self._word(i) == "the" and _OWN_COMPLEMENT.match(self._question, noun.end)
        if has_complement and (noun.word not in _CLASSES or has_complement[0].split() == ["of"]):
            return None
        subject = self._by_head(noun) or self._by_class(noun)
        if subject is None:
            return None
        return _Edit(self._tokens[i].start, noun.end, _inserted(subject, i), subject)

    def _ends_phrase(self, i: int) -> bool:
        """Whether a noun is the last word of its phrase."""
        if i + 1 >= len(self._tokens) or self._tokens[i + 1].start - self._tokens[i].end != 1:
            return True
        after = self._tokens[i + 1]
        closed = PREPOSITIONS | BE | HAVE | DO | ADVERBS | DETERMINERS | ASKING | {"and", "or", "that", "first"}
        looks_like_verb = is_verb(after.word) or is_past(after.word) or after.word.endswith(("ing", "able"))
        return not after.is_capital and (after.word in closed or looks_like_verb)

    def _by_head(self, noun: Token) -> Subject | None:
        for one in self._candidates:
            subject, parts = one.subject, one.subject.bare.lower().split()
            is_definite = subject.is_name or subject.text.lower().startswith("the ")
            if (
                len(parts) < 2
                or not is_definite
                or one.ago > _REACH
                or (" of " in subject.text and not subject.is_name)
            ):
                continue
            if subject.head == noun.word or (subject.is_name and noun.word in parts and noun.is_capital):
                return subject
        return None

    def _by_class(self, noun: Token) -> Subject | None:
        wanted = _CLASSES.get(noun.word)
        named = [one for one in self._candidates if one.subject.is_name and one.subject.bare.lower() != noun.word]
        return choose(wanted, named) if wanted else None

    def _full_name(self, i: int) -> _Edit | None:
        """Return the full name of a person of whom only the first or last name is said."""
        token = self._tokens[i]
        near = [self._tokens[j] for j in (i - 1, i + 1) if 0 < j < len(self._tokens)]
        if any(one.is_capital and min(abs(one.start - token.end), abs(token.start - one.end)) <= 1 for one in near):
            return None
        if kind_of(token.text) == "place":
            return None
        for one in self._candidates:
            parts = one.subject.text.lower().split()
            is_person = one.subject.is_name and 1 < len(parts) < 4 and "the" not in parts
            said = {"person": {parts[0], parts[-1]}, "unknown": {parts[-1]}}.get(one.subject.kind, set())
            if is_person and token.word in said:
                return _Edit(token.start, token.end, one.subject.text, one.subject)
        return None


# Before 'one', these say which, not what it is like.
_NO_QUALITY = frozenset("which one first second third last".split())


def _inserted(subject: Subject, i: int) -> str:
    """Return a subject as it stands as the word ``i`` of a question: at its beginning, or in it."""
    text = subject.text
    if i == 0:
        return text[:1].upper() + text[1:]
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first in {"The", "A", "An"} and rest else text


def _possessive(text: str) -> str:
    return f"{text}'" if text.endswith("s") else f"{text}'s"
