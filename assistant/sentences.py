"""The sentences of hits, weighed one by one as answers to a question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.boilerplate import is_boilerplate
from assistant.injections import holds_instructions
from assistant.introductions import asked_about, introduction
from assistant.questions import Question, holds_wanted, names_new, new_names, new_numbers
from assistant.redundancy import PassageCounts, Voice, agreement
from store.records import day_of
from store.splitting import Span, split_sentences
from store.words import content_words, words

if TYPE_CHECKING:
    from datetime import date

    from assistant.conversation import AskedTime
    from store.records import Hit

# 'WASHINGTON (AP) — ', 'BAGHDAD, Jan 3 (Reuters) - ', 'New York (CNN Business) ', '(CNN) ': says where and by whom a
# report was written, and answers nothing. Without a dash only agencies and networks are known by their name.
_DATELINE = re.compile(
    r"[A-Z][A-Z .,'’/-]{2,40}(?:, [A-Z][a-z]+\.?(?: \d{1,2})?)*(?: ?\([^()]{2,40}\))?"
    r"(?: ?[—–-]{1,2} | [—–-]{1,2})(?=[A-Z“\"‘])"
    r"|(?:[A-Z][A-Za-z .,'’/-]{2,40} ?)?\((?:CNN|AP|AFP|Reuters|Bloomberg|UPI|BBC|NBC|CBS|ABC)(?: [A-Z][a-z]+)?\)"
    r" ?(?:[—–-]{1,2} )?(?=[A-Z“\"‘])"
)

# A question in an article asks what ours may ask, and answers nothing.
_QUESTION = re.compile(r"\?[\"'”’)]*$")

# A sentence shorter than this is a caption or a cry, a longer one is a list.
SHORTEST_WORDS = 3
LONGEST_WORDS = 90

# How a sentence's parts count: a conditional logit of the sentences that hold the answer, fitted on 139 RealTimeQA
# questions that no other figure here is measured on. On the 83 whose gold article holds the answer, three sentences so
# chosen hold it for .90 (the hand-set weights before: .83), and for .84 of the 139. A cross-encoder's logits, fitted
# beside these, changed that by -.02 to +.03 in eight ways of using them, and cost ten times as much.
COVERAGE = 0.4
CONTEXT = 4.1
ASKED = 2.4
FITS = 1.1
# Not fitted, for RealTimeQA asks for few: a length of time or a size is never said without its unit.
FITS_UNIT = 2.5
UNITS = frozenset({"duration", "size"})
NAMES_NEW = 0.8
RANK = 1.7
AGE = -2.4
LEAD = 1.0
LENGTH = -2.4
QUOTES = -0.8
OPENS_LEANING = -0.9
# Not fitted: what is left of a picture in a page tells little, and reads badly.
CAPTION = -2.0
SAME_NAMES = 0.6
SAME_WORDS = 1.2
SAME_NUMBERS = 0.95

# Not fitted: RealTimeQA has no 'Who is X?'. A sentence that says what X is, and more where it was said last: by so much
# less for each that is as much older as ROLE_LASTS.
INTRODUCES = 3.0
ROLE_FADES, ROLE_LASTS = 1.0, timedelta(365)

# What is older is as old as this, and what is longer as long, in characters.
OLDEST = timedelta(60)
# What age counts where the question does not say that it is about its present: 'Who founded the bank?' With 1, .57 of
# 30 own questions about old events got their first sentence from the right article, with .5 .63, with 0 .70; of the
# 139 the answer was held for .84, .83 and .82.
AGE_UNSAID = 0.5
LONGEST_CHARS = 400
# An article that is so much older than the days in question cannot tell of them: 'on Wednesday', asked on a Wednesday,
# may mean the one before.
EARLY_BY = timedelta(7)
# A sentence that begins so early in its article is of its lede.
LEDE_CHARS = 400

# A name in the headline or up to three sentences before counts so much where the sentence says 'he', 'it' or 'they'.
CARRIED = 0.8
CARRIED_OVER = 3

# So many of the likeliest sentences are heard on what others say.
HEARD = 40

_PRONOUN = re.compile(r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs)\b", re.IGNORECASE)
_LEANING = re.compile(r"(?:He|She|It|They|The|This|That|His|Her)\b")
_QUOTED = re.compile(r"[\"“]")
_CAPTION = re.compile(
    r"\bHide Caption\b|\bPhotos?: |\b(?:Getty Images|AFP|AP|Reuters)(?:/| Photo\b|\Z)|\bGetty Images\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit that may answer, with ``text == body[start:end]``.

    ``coverage`` is the weighted share of the question's words in it, ``context`` that with its neighbours and its
    headline; ``fits``: it holds the kind of thing that is asked for. ``score`` is on the scale of log odds.
    """

    hit: Hit
    start: int
    end: int
    text: str
    stems: frozenset[str]
    coverage: float
    context: float
    fits: bool
    score: float


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a candidate's score is made of besides its words: ``fits`` as it counts, the others from 0 to 1."""

    fits: float
    asked: float
    names_new: bool
    rank: float
    age: float
    lead: bool
    length: float
    quotes: bool
    leaning: bool
    caption: bool
    boilerplate: bool
    introduces: float


def weigh_sentences(
    question: Question,
    hits: Sequence[Hit],
    weights: Mapping[str, float],
    asked: AskedTime | None,
    *,
    rarity: PassageCounts,
    passages: int,
) -> tuple[Candidate, ...]:
    """Return the sentences of ``hits``, best first. ``weights`` tells how telling each stem of the question is.

    ``rarity`` tells in about how many of the archive's ``passages`` each of many stems occurs.
    """
    found: dict[tuple[str, int], tuple[Candidate, _Parts]] = {}
    for hit in hits:
        for candidate, parts in _candidates(hit, question, weights, asked):
            found.setdefault((hit.passage.article.id, candidate.start), (candidate, parts))
    pairs = sorted(found.values(), key=lambda pair: -_prior(*pair))
    shared = _shared(question, pairs[:HEARD], rarity, passages) + [0.0] * len(pairs[HEARD:])
    last = max((day for one, parts in pairs if parts.introduces and (day := _day(one))), default=None)
    weighed = [
        replace(candidate, score=_score(candidate, parts) + extra - _faded(candidate, parts, last))
        for (candidate, parts), extra in zip(pairs, shared, strict=True)
        # A caption or a link is heard on what others say, but is no sentence to answer with.
        if not parts.boilerplate
    ]
    return tuple(sorted(weighed, key=lambda c: (-c.score, c.hit.rank, c.start)))


def is_early(published: date, asked: AskedTime) -> bool:
    """Whether an article of that day cannot tell of the days that the question names."""
    named = asked.named
    return named is not None and named.since is not None and published < named.since - EARLY_BY


def _candidates(
    hit: Hit, question: Question, weights: Mapping[str, float], asked: AskedTime | None
) -> Iterator[tuple[Candidate, _Parts]]:
    passage = hit.passage
    printed = split_sentences(passage.text)
    spans = [without_dateline(passage.text, span) for span in printed]
    texts = [passage.text[start:end] for start, end in spans]
    stems = [frozenset(content_words(text)) for text in texts]
    headline = frozenset(content_words(passage.article.headline))
    age = _age(hit, asked)
    ordering = holds_instructions(passage.text)
    name = asked_about(question.text)
    of_clause = {word: weights[word] for word in question.stems if word in question.asked}
    for i, ((start, end), text) in enumerate(zip(spans, texts, strict=True)):
        if not SHORTEST_WORDS <= len(words(text)) <= LONGEST_WORDS or _QUESTION.search(text):
            continue
        if ordering and holds_instructions(text):
            continue  # It speaks to a model, and answers nobody.
        coverage, carried = _share(stems[i], weights), frozenset[str]()
        if _PRONOUN.search(text):
            carried = headline.union(*stems[max(0, i - CARRIED_OVER) : i]) & question.names
            coverage += CARRIED * _share(carried - stems[i], weights)
        context = _share(stems[i].union(*stems[max(0, i - 1) : i + 2], headline, carried), weights)
        place, fits = passage.start + start, holds_wanted(question, text)
        parts = _Parts(
            fits=fits * (FITS_UNIT if question.wanted in UNITS else FITS),
            asked=_share(stems[i], of_clause),
            names_new=question.which and question.wanted == "thing" and names_new(question, text),
            rank=1 / (1 + hit.rank),
            age=age,
            lead=place < LEDE_CHARS,
            length=min(len(text), LONGEST_CHARS) / LONGEST_CHARS,
            quotes=_QUOTED.search(text) is not None,
            # What follows a dateline opens its article: 'The' leans on nothing there.
            leaning=start == printed[i][0] and _LEANING.match(text) is not None,
            caption=_CAPTION.search(text) is not None,
            boilerplate=is_boilerplate(text, _same_line(passage.text, printed, i)),
            introduces=introduction(name, text) if name else 0.0,
        )
        yield Candidate(hit, place, passage.start + end, text, stems[i], coverage, context, fits, 0.0), parts


def _same_line(text: str, printed: Sequence[Span], i: int) -> str:
    """Return the sentence after the sentence ``i`` where both stand on one line."""
    if i + 1 == len(printed):
        return ""
    (_, end), (start, last) = printed[i : i + 2]
    return "" if "\n" in text[end:start] else text[start:last]


def _score(candidate: Candidate, parts: _Parts) -> float:
    return (
        COVERAGE * candidate.coverage
        + CONTEXT * candidate.context
        + ASKED * parts.asked
        + parts.fits
        + NAMES_NEW * parts.names_new
        + RANK * parts.rank
        + AGE * parts.age
        + LEAD * parts.lead
        + LENGTH * parts.length
        + QUOTES * parts.quotes
        + OPENS_LEANING * parts.leaning
        + CAPTION * parts.caption
        + INTRODUCES * parts.introduces
    )


def _faded(candidate: Candidate, parts: _Parts, last: date | None) -> float:
    """Return how much less it counts that a sentence says who somebody is, where a later one says so too."""
    day = _day(candidate)
    if not parts.introduces or last is None or day is None:
        return 0.0
    return parts.introduces * ROLE_FADES * min(1.0, (last - day) / ROLE_LASTS)


def _day(candidate: Candidate) -> date | None:
    return day_of(candidate.hit.passage.article.published)


def _prior(candidate: Candidate, parts: _Parts) -> float:
    """Return how likely a sentence answers before it is known what the others say; weights set by hand."""
    said = 0.3 * candidate.coverage + candidate.context + 0.6 * parts.asked
    said += parts.introduces
    return said + 0.4 * candidate.fits + 0.5 * parts.names_new + 0.4 * parts.rank - parts.age + 0.3 * parts.lead


def _shared(
    question: Question, pairs: Sequence[tuple[Candidate, _Parts]], rarity: PassageCounts, passages: int
) -> list[float]:
    """Return what each sentence gains by saying what other likely ones say, where that can be the answer."""
    if not pairs:
        return []
    prior = [_prior(candidate, parts) for candidate, parts in pairs]
    likely = [math.exp(one - max(prior)) for one in prior]

    def heard(terms: Sequence[frozenset[str]], said: frozenset[str], *, rare: bool) -> list[float]:
        voices = [
            Voice(candidate.hit.passage.article.id, weight, one)
            for (candidate, _), weight, one in zip(pairs, likely, terms, strict=True)
        ]
        return agreement(voices, said, counts=rarity if rare else None, passages=passages)

    asked = frozenset(question.stems) | frozenset(content_words(question.text))
    gained = [SAME_WORDS * share for share in heard([candidate.stems for candidate, _ in pairs], asked, rare=True)]
    texts = [candidate.text for candidate, _ in pairs]
    if question.wanted in {"person", "place", "thing"}:
        names = heard([new_names(question, text) for text in texts], frozenset(), rare=True)
        gained = [one + SAME_NAMES * share for one, share in zip(gained, names, strict=True)]
    elif question.wanted in {"number", "duration", "size", "time"}:
        numbers = heard([new_numbers(question, text) for text in texts], frozenset(), rare=False)
        gained = [one + SAME_NUMBERS * share for one, share in zip(gained, numbers, strict=True)]
    return gained


def _age(hit: Hit, asked: AskedTime | None) -> float:
    """Return how far a hit's day is from those asked about, from 0 to 1; 0 where that says nothing."""
    published = day_of(hit.passage.article.published)
    if asked is None or published is None:
        return 0.0
    if is_early(published, asked):
        return 1.0
    if not asked.near:
        return 0.0
    return min(abs(asked.on - published), OLDEST) / OLDEST * (1.0 if asked.present else AGE_UNSAID)


def without_dateline(text: str, span: Span) -> Span:
    """Return the span of a sentence of ``text`` without the dateline that it opens with."""
    start, end = span
    dateline = _DATELINE.match(text, start, end)
    return (dateline.end() if dateline else start), end


def _share(stems: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in stems) / total if total else 0.0
