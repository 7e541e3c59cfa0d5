"""Which sentence tells best what happened on a day: one that says what many say, on the topic, short, and new."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.boilerplate import is_boilerplate
from assistant.injections import holds_instructions
from assistant.timeline.events import Basis, Days
from assistant.timeline.importance import LEDE_SENTENCES
from assistant.timeline.sentences import RELEVANT, Sentence
from assistant.timeline.vectors import Vector, Weights, centroid, cosine

# A sentence is worth its cosine with all that is told of its day, and so much of its cosine with all that is told of
# the topic. Timeline17, AR1-F with the number of sentences told, and with one a day, the mean of three settings:
# 0 .137 and .117, .5 .150 and .118, .8 .150 and .127.
ON_TOPIC = 0.8
# Beginnings of articles say what happened: the first sentence gains this, the second half of it. .145 and .130.
EARLY = 0.05
# Each meaningful word beyond so many costs.
LONG_WORDS, EACH_WORD = 15, 0.005
# What was published before the days it speaks of can only announce: where there is anything else, that is told.
ANNOUNCES = 0.6
# A sentence that says when is preferred to one whose day is that of its publication.
STATES = 0.1
# What another sentence chosen for the same days says already counts so much less.
REDUNDANT = 0.8
# For people who read it, chosen by eye on RealTimeQA: 'He said so', a quotation, what a caption or a headline says tell
# little when they stand alone.
LEANS = 0.2
QUOTES = 0.05
SPEAKS = 0.2
CAPTION = 0.3
PRESENT = 0.15
UNENDED = 0.3

# From this cosine on two sentences tell the same, so that one event has one day. Chosen by eye.
SAME = 0.5
# From this one on a sentence of another article, about the same days, confirms. Chosen by eye.
CONFIRMS = 0.2

# From this one on a sentence of another outlet that names one other day, so many away, gives another day for the same,
# unless it gives other numbers: of daily counts each day has its own. Seven, for 'on Tuesday' in a report that was
# brought up to date is read against the day it first came. Chosen by eye on RealTimeQA and the samples.
DISPUTES = 0.6
DISPUTED_BY = (1, 2, 3, 7)

# A sentence of fewer words is a caption or a cry, of more a list; one with fewer meaningful words says nothing.
SHORTEST_WORDS = 5
LONGEST_WORDS = 70
FEWEST_STEMS = 4

_DAY = timedelta(1)
_QUESTION = re.compile(r"\?[\"'”’)\]]*$")
_LEANING = re.compile(
    r"(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their|But|And|So|Then|There|Also|Meanwhile|However|Still|Yet"
    r"|Instead|Such|Now|Both|Neither|Just|Earlier|Later"
    r"|(?:A|The) (?:man|woman|two|pair|move|decision|news|latter|former))\b"
)
_QUOTED = re.compile(r"[\"“]")
_SPEAKING = re.compile(r"[\"“]|(?:.*[^\w’'])?(?:I|we|We|my|our|you|You|your)\b(?!\.)")
# 'Smith, left, …' and 'on July 26, 2022': of this year's days reporters do not say the year.
_CAPTIONED = re.compile(
    r",(?: (?:second|third) from)? (?:left|right|center|centre)(?:,| (?:and|with)\b)"
    r"|^In this\b.*\bphoto\b|^[A-Z]{3,} \d\d:"
)
_FULL_DAY = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?,? (?:\w+,? )?(\d{4})\b")
# 'A home lies in ruins Monday': what tells of something past, or to come, says so in its verb.
_PAST_OR_COMING = re.compile(
    r"\b(?:\w+ed|was|were|had|has|have|did|will|would|shall|could|may|might|must|is|are|be|been|due|said|says|told|took"
    r"|made|came|went|began|became|held|met|won|lost|fell|rose|led|left|found|gave|got|saw|sent|shot|struck|hit|set|put"
    r"|cut|quit|spoke|wrote|drove|flew|fought|brought|caught|taught|sold|built|kept|paid|ran|broke|chose|drew|grew|sank"
    r"|stood|swore|threw|died|dies|kills?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_NUMBERED_DAY = re.compile(
    r"\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?\b|\b\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\b"
)
# What is copied out of other places with its marks.
_EMBEDDED = re.compile(
    r"https?://|\bpic\.twitter\.com|\bt\.co/|\(@\w+\)|(?:^|\s)@\w+"
    r"|\bvia (?:AP|AFP|Getty|Reuters)\b|Getty Images|/(?:AP|AFP|Reuters)\b"
)
_ENDED = re.compile(r"[.!?…][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may tell what happened on some days. ``score`` compares with others of the same days only."""

    sentence: Sentence
    basis: Basis
    vector: Vector
    score: float


class Choice:
    """Chooses sentences for one day after the other, each unlike all that were chosen before."""

    def __init__(
        self, sentences: Sequence[Sentence], query: Sequence[str], *, told_before: Sequence[Sentence] = ()
    ) -> None:
        """``query`` holds the stems of what was asked for; what is ``told_before`` is not chosen again."""
        self._weights = Weights([sentence.stems for sentence in sentences])
        everything = centroid(self._weights.vector(sentence.stems) for sentence in sentences)
        self._topic = centroid([everything, self._weights.vector(query)])
        self._stating: defaultdict[Days, list[Sentence]] = defaultdict(list)
        self._ledes: defaultdict[date, list[Sentence]] = defaultdict(list)
        self._told: list[Vector] = []
        self._before = _Index(told_before, self._weights)
        for sentence in sentences:
            for days in sentence.days:
                self._stating[days].append(sentence)
            if sentence.ordinal < LEDE_SENTENCES and not sentence.days:
                self._ledes[sentence.published].append(sentence)

    def candidates(self, days: Days) -> list[Candidate]:
        """Return what may tell what happened on ``days``, best first.

        Those are the sentences that name them and, for a day, the ledes published on it that name no other. Ledes of
        the day after have a say in what is worth telling, but nothing says that they speak of the day before.
        """
        groups: list[tuple[Basis | None, list[Sentence]]] = [("stated", self._stating[days])]
        if days.is_exact_day:
            groups += [("published", self._ledes[days.since])]
            groups += [(None, self._ledes[days.since + _DAY])] if days.since < date.max else []
        heard = [
            (sentence, basis, self._weights.vector(sentence.stems))
            for basis, sentences in groups
            for sentence in sentences
            if _has_form(sentence)
        ]
        middle = centroid(vector for _, _, vector in heard)
        found = [
            Candidate(sentence, basis, vector, self._score(sentence, days, basis, cosine(vector, middle), vector))
            for sentence, basis, vector in heard
            if basis is not None
        ]
        return sorted(
            found, key=lambda one: (-one.score, one.sentence.published, one.sentence.report, one.sentence.start)
        )

    def choose(self, candidates: Sequence[Candidate], most: int) -> list[Candidate]:
        """Return up to ``most`` of the candidates, best first, that tell something else than what was chosen so far."""
        left = [one for one in candidates if _is_fit(one.sentence) and not self._is_told(one) and self._is_new(one)]
        chosen: list[Candidate] = []
        while left and len(chosen) < most:
            best = max(left, key=lambda one: one.score - REDUNDANT * _likeness(one, chosen))
            chosen.append(best)
            left = [one for one in left if cosine(one.vector, best.vector) < SAME]
        self._told += [one.vector for one in chosen]
        return chosen

    def disputing(
        self, chosen: Candidate, days: Days, outlet_of: Callable[[int], str | None]
    ) -> list[tuple[Days, Candidate]]:
        """Return what other outlets say of the same with another day, one sentence of each, the nearest days first.

        ``outlet_of`` tells the outlet of a report. Only what was written afterwards and names a single day counts.
        """
        if not days.is_exact_day or chosen.basis != "stated" or chosen.sentence.published < days.since:
            return []
        found: dict[str | None, tuple[Days, Candidate]] = {outlet_of(chosen.sentence.report): (days, chosen)}
        for other in sorted(self._stating, key=lambda other: (abs(other.since - days.since), other)):
            if not other.is_exact_day or abs((other.since - days.since).days) not in DISPUTED_BY:
                continue
            for sentence in self._stating[other]:
                one = Candidate(sentence, "stated", self._weights.vector(sentence.stems), 0.0)
                if _gives_another_day(one, chosen, other):
                    found.setdefault(outlet_of(sentence.report), (other, one))
        return list(found.values())[1:]

    def _is_told(self, candidate: Candidate) -> bool:
        return any(cosine(candidate.vector, told) >= SAME for told in self._told)

    def _is_new(self, candidate: Candidate) -> bool:
        """Whether nobody said the same before; with another number it is not the same."""
        numbers = _numbers(candidate.sentence)
        return not any(numbers <= _numbers(other) for other in self._before.like(candidate.vector, SAME))

    def _score(self, sentence: Sentence, days: Days, basis: Basis, central: float, vector: Vector) -> float:
        return (
            central
            + ON_TOPIC * cosine(vector, self._topic)
            + EARLY / (1 + sentence.ordinal)
            + STATES * (basis == "stated")
            - EACH_WORD * max(0, len(sentence.stems) - LONG_WORDS)
            - ANNOUNCES * (sentence.published < days.since)
            - _untidiness(sentence)
        )


def _untidiness(sentence: Sentence) -> float:
    """Return what it costs a sentence that it does not read well where it stands alone."""
    text = sentence.text
    return (
        LEANS * (_LEANING.match(text) is not None)
        + QUOTES * (_QUOTED.search(text) is not None)
        + SPEAKS * (_SPEAKING.match(text) is not None)
        + CAPTION * _is_caption(sentence)
        + PRESENT * (_PAST_OR_COMING.search(text) is None)
        + UNENDED * (_ENDED.search(text) is None)
    )


def _is_caption(sentence: Sentence) -> bool:
    full = _FULL_DAY.search(sentence.text)
    return bool(full and int(full[1]) == sentence.published.year) or _CAPTIONED.search(sentence.text) is not None


class _Index:
    """Sentences by their words, so that one is compared with those only that share some."""

    def __init__(self, sentences: Sequence[Sentence], weights: Weights) -> None:
        self._sentences = sentences
        self._holding: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, sentence in enumerate(sentences):
            for stem, weight in weights.vector(sentence.stems).items():
                self._holding[stem].append((number, weight))

    def like(self, vector: Vector, least: float) -> list[Sentence]:
        """Return the sentences of at least that cosine with ``vector``."""
        cosines: defaultdict[int, float] = defaultdict(float)
        for stem, weight in vector.items():
            for number, other in self._holding.get(stem, ()):
                cosines[number] += weight * other
        return [self._sentences[number] for number, value in cosines.items() if value >= least]


def confirming(chosen: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return of each other report the candidate most like the chosen one, where it tells the same, the likest first."""
    found: dict[int, tuple[float, Candidate]] = {}
    for one in candidates:
        like = cosine(one.vector, chosen.vector)
        if one.sentence.report != chosen.sentence.report and like >= CONFIRMS:
            best = found.get(one.sentence.report)
            if best is None or like > best[0]:
                found[one.sentence.report] = (like, one)
    return [one for _, one in sorted(found.values(), key=lambda pair: (-pair[0], pair[1].sentence.report))]


def _gives_another_day(one: Candidate, chosen: Candidate, day: Days) -> bool:
    is_sure = len(one.sentence.days) == len(chosen.sentence.days) == 1 and one.sentence.published >= day.since
    if not is_sure or not _has_form(one.sentence) or not _is_fit(one.sentence):
        return False
    return cosine(one.vector, chosen.vector) >= DISPUTES and not _numbers(one.sentence) ^ _numbers(chosen.sentence)


def _numbers(sentence: Sentence) -> frozenset[str]:
    """Return the numbers of a sentence that are not of its day."""
    return frozenset(_NUMBER.findall(_NUMBERED_DAY.sub("", sentence.text)))


def _likeness(candidate: Candidate, chosen: Sequence[Candidate]) -> float:
    return max((cosine(candidate.vector, one.vector) for one in chosen), default=0.0)


def _has_form(sentence: Sentence) -> bool:
    length = len(sentence.text.split())
    is_long_enough = length >= SHORTEST_WORDS and len(sentence.stems) >= FEWEST_STEMS
    return is_long_enough and length <= LONGEST_WORDS and _QUESTION.search(sentence.text) is None


def _is_fit(sentence: Sentence) -> bool:
    """Whether a sentence is about the topic and was written to be read where it stands, by people."""
    is_relevant = sentence.relevance >= RELEVANT
    is_written_here = not is_boilerplate(sentence.text) and _EMBEDDED.search(sentence.text) is None
    return is_relevant and is_written_here and not holds_instructions(sentence.text)
