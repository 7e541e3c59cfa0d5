"""How well the hits answer a question: their best sentences, and how sure one may be that they hold the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.questions import Question, read_question
from assistant.sentences import UNITS, Candidate, is_early, weigh_sentences
from store.dates import find_times
from store.records import day_of
from store.words import content_words, stem

if TYPE_CHECKING:
    from datetime import date

    from assistant.conversation import AskedTime
    from assistant.redundancy import PassageCounts
    from store.records import Hit, Window

Relevance = Callable[[str, str], float | None]

NAME_WEIGHT = 1.5

# What the best sentence is worth that does not hold the kind of thing asked for: a name for 'who', a number for 'how
# many'. A length of time or a size is never said without its unit.
MISFIT = 0.7
MISFIT_UNIT = 0.5

# What the best sentence is worth when a telling word of the question stands nowhere in the archive.
UNHEARD = 0.75

# What it is worth when a name of the question that few passages hold stands nowhere in the passages of the best three:
# they tell of somebody else. Of RealTimeQA's questions with one rare name put in the place of another .76 were refused
# without it, and .91 are with it, on the half it was chosen on; on the other half .73 and .91. No answerable question
# is refused for it. tests/benchmarks/near_misses.py prints it.
UNNAMED = 0.7
RARE_SHARE = 0.01
_BEST = 3

# What it is worth when it was published so long before the days that the question names: it cannot tell of them. And
# what it is worth for a question about the present when it is so old: things may have changed since.
EARLY = 0.5
STALE, STALE_AFTER = 0.8, timedelta(30)

# Cosines of a question with its best sentence, the headline before it, by bge-small-en-v1.5: above ALIKE more says
# nothing, below HARDLY_ALIKE confidence falls as the cosine does. All words of 'What is the price of oil on Mars?'
# stood close together in a newsletter. Confidence outside OPEN would come to the same answer.
ALIKE, HARDLY_ALIKE = 0.72, 0.65
OPEN = (0.46, 0.78)

# Words that a question may use for any other: 'when did it come to light' is answered without 'come'. In a large
# archive their frequency says so already, in one of ten articles it cannot.
_LIGHT_WORDS = frozenset(
    map(
        stem,
        """add allow announce appear ask attempt base become begin bring call carry cause change come consider
        continue cover create day decide describe do end expect face fact feel find first follow force give go
        happen have help hold include involve keep know lead leave let live long look make mean month move name
        need new number occur offer part people person place plan play prompt provide put reach receive remain
        report reveal run see seem set show start state stop suffer take talk thing think time try turn use want
        way week work write year""".split(),
    )
)
LIGHT_WEIGHT = 0.4


# A smaller archive counts as one of so many passages.
_FEWEST_PASSAGES = 200

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w.’'-]*\w(?: [A-ZÀ-ÖØ-Þ][\w.’'-]*\w)*")

# More than a sentence can lose by saying the same as another.
_LEADS_BY = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of the hits, best first, and how sure one may be that they hold the answer, from 0 to 1.

    ``missing`` are the stems of the question that no hit holds; ``doubt`` says in words what speaks against the best
    sentences: their time, or a name that they do not have.
    """

    question: Question
    weights: Mapping[str, float]
    candidates: tuple[Candidate, ...]
    confidence: float
    missing: tuple[str, ...]
    doubt: str = ""


def weigh_evidence(
    text: str,
    hits: Sequence[Hit],
    *,
    counts: PassageCounts,
    passages: int,
    rarity: PassageCounts | None = None,
    relevance: Relevance | None = None,
    asked: AskedTime | None = None,
) -> Evidence:
    """Weigh every sentence of ``hits`` as an answer to the question ``text``, ``asked`` at a time.

    ``counts`` tells in how many of the archive's ``passages`` each stem occurs, ``rarity`` the same faster and roughly.
    ``relevance`` is an embedder's opinion of a question and a text, a cosine, which is asked where the words leave it
    open.
    """
    question = read_question(text)
    found = counts(question.stems)
    weights = _weights(question, found, passages)
    ranked = weigh_sentences(question, hits, weights, asked, rarity=rarity or counts, passages=passages)
    unheard = any(not found[word] and word not in _LIGHT_WORDS for word in question.stems)
    worth, doubt = _timeliness(ranked[0], asked) if ranked and asked else (1.0, "")
    unnamed = _unnamed(question, found, ranked, passages)
    known = (UNHEARD if unheard else 1.0) * (UNNAMED if unnamed else 1.0)
    confidence = _confidence(ranked, question) * known * worth
    if relevance is not None and OPEN[0] < confidence < OPEN[1]:
        best = ranked[0]
        cosine = relevance(text, f"{best.hit.passage.article.headline}. {best.text}")
        if cosine is not None:
            confidence += worth * (min(cosine, ALIKE) - HARDLY_ALIKE)
    missing = _missing(question, hits)
    if not doubt and unnamed and not set(missing) & set(content_words(unnamed)):
        doubt = f"the best evidence does not mention {unnamed}"
    return Evidence(question, weights, ranked, confidence, missing, doubt)


def join_evidence(whole: Evidence, parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence for a question whose parts are answered one by one.

    The best sentence for each part comes first, the others stay as much behind as they were behind theirs. Each comes
    once. It is as sure as the evidence for the least sure part.
    """
    heard = [part for part in parts if part.candidates]
    most = max((part.candidates[0].score for part in heard), default=0.0)
    leads, others = list[Candidate](), list[Candidate]()
    for i, part in enumerate(heard):
        first, *rest = (replace(one, score=most + one.score - part.candidates[0].score) for one in part.candidates)
        leads.append(replace(first, score=most + (len(heard) - i) * _LEADS_BY))
        others += rest
    ranked: dict[tuple[str, int], Candidate] = {}
    for candidate in (*leads, *sorted(others, key=lambda c: (-c.score, c.hit.rank, c.start))):
        ranked.setdefault((candidate.hit.passage.article.id, candidate.start), candidate)
    return replace(whole, candidates=tuple(ranked.values()), confidence=min(part.confidence for part in parts))


def _missing(question: Question, hits: Sequence[Hit]) -> tuple[str, ...]:
    seen = {word for hit in hits for word in content_words(f"{hit.passage.article.headline}\n{hit.passage.text}")}
    return tuple(word for word in question.stems if word not in seen)


def _unnamed(question: Question, found: Mapping[str, int], ranked: Sequence[Candidate], passages: int) -> str:
    """Return a rare name of the question of which the best evidence has no word; '' where there is none."""
    few = RARE_SHARE * max(passages, _FEWEST_PASSAGES)
    best = {one.hit.passage.id: one.hit.passage for one in ranked[:_BEST]}.values()
    said = {word for passage in best for word in content_words(f"{passage.article.headline}\n{passage.text}")}
    for name in _NAME.finditer(question.text):
        # One spelled in another way may share its other words.
        own = [word for word in content_words(name[0]) if word in question.names and not word[0].isdigit()]
        if own and said.isdisjoint(own) and any(found[word] <= few for word in own):
            return name[0]
    return ""


def _weights(question: Question, found: Mapping[str, int], passages: int) -> dict[str, float]:
    """Return how telling each stem is: its inverse passage frequency (Robertson & Spärck Jones), a name's more.

    ``passages`` is floored, since in an archive of ten articles every word is rare or everywhere by chance.
    """
    total = max(passages, _FEWEST_PASSAGES)
    rarity = {word: math.log(1 + (total - found[word] + 0.5) / (found[word] + 0.5)) for word in question.stems}
    return {word: weight * _emphasis(word, question) for word, weight in rarity.items()}


def _emphasis(word: str, question: Question) -> float:
    if word in question.names:
        return NAME_WEIGHT
    return LIGHT_WEIGHT if word in _LIGHT_WORDS else 1.0


def _confidence(ranked: Sequence[Candidate], question: Question) -> float:
    """Return how much of the question the best sentence says, by itself and with what stands around it."""
    if not ranked:
        return 0.0
    best = ranked[0]
    said = 0.7 * best.context + 0.3 * best.coverage
    if best.fits:
        return said
    return said * (MISFIT_UNIT if question.wanted in UNITS else MISFIT)


def _timeliness(best: Candidate, asked: AskedTime) -> tuple[float, str]:
    """Return what the best sentence is worth at the time of its publication, and what speaks against it."""
    published = day_of(best.hit.passage.article.published)
    if published is None:
        return 1.0, ""
    if asked.named is not None and is_early(published, asked):
        if not _tells_of(best.text, asked.named, published):
            return EARLY, f"the best evidence is of {_told(published)}, before the days in question"
    elif asked.present and asked.on - published > STALE_AFTER:
        return STALE, f"the best evidence is of {_told(published)}, and things may have changed since"
    return 1.0, ""


def _told(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _tells_of(text: str, named: Window, published: date) -> bool:
    """Whether a sentence itself names days within those of the question: what was announced for them."""
    return any(
        time.since is not None
        and time.until is not None
        and (named.until is None or time.since <= named.until)
        and (named.since is None or time.until >= named.since)
        and time.until - time.since <= timedelta(31)
        for time in find_times(text, published)
    )
