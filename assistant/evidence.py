"""How well the hits answer a question: their sentences weighed one by one, and what that is worth in all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.questions import Question, holds_wanted, read_question
from store.splitting import Span, split_sentences
from store.words import content_words, stem, words

if TYPE_CHECKING:
    from store.records import Hit

PassageCounts = Callable[[Iterable[str]], Mapping[str, int]]

# 'WASHINGTON (AP) — ', 'BAGHDAD, Jan 3 (Reuters) - ': says where a report was written, and answers nothing.
_DATELINE = re.compile(
    r"[A-Z][A-Z .,'’/-]{2,40}(?:, [A-Z][a-z]+\.?(?: \d{1,2})?)*(?: ?\([^()]{2,40}\))? ?[—–-]{1,2} (?=[A-Z“\"‘])"
)

# A question in an article asks what ours may ask, and answers nothing.
_QUESTION = re.compile(r"\?[\"'”’)]*$")

# A sentence shorter than this is a caption or a cry, a longer one is a list.
SHORTEST_WORDS = 3
LONGEST_WORDS = 90

# How a sentence's parts count, tuned on the 83 RealTimeQA questions whose gold article holds the answer: it stood among
# the first three sentences of 76 % of them, in the first of 55 %. The embedder's cosine of sentence and question added
# nothing (77 % and 51 %) and cost 8 ms a sentence.
NAME_WEIGHT = 1.5
CONTEXT_WEIGHT = 1.0
FITS_WEIGHT = 0.45
RANK_WEIGHT = 0.25

# What a best sentence is worth that does not hold the kind of thing asked for: a name for 'who', a number for 'how
# many'. A length of time or a size is never said without its unit.
MISFIT = 0.7
MISFIT_UNIT = 0.5

# What the best sentence is worth when a telling word of the question stands nowhere in the archive.
UNHEARD = 0.75

# A name in the headline or up to three sentences before counts so much where the sentence says 'he', 'it' or 'they'.
CARRIED = 0.8
CARRIED_OVER = 3

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

_PRONOUN = re.compile(r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit that may answer, with ``text == body[start:end]``.

    ``coverage`` is the weighted share of the question's words in it, ``context`` that with its neighbours and its
    headline; ``fits``: it holds the kind of thing that is asked for.
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
class Evidence:
    """The sentences of the hits, best first, and how sure one may be that they hold the answer, from 0 to 1."""

    question: Question
    weights: Mapping[str, float]
    candidates: tuple[Candidate, ...]
    confidence: float
    missing: tuple[str, ...]


def weigh_evidence(text: str, hits: Sequence[Hit], *, counts: PassageCounts, passages: int) -> Evidence:
    """Weigh every sentence of ``hits`` as an answer to the question ``text``.

    ``counts`` tells in how many of the archive's ``passages`` each stem occurs.
    """
    question = read_question(text)
    found = counts(question.stems)
    weights = _weights(question, found, passages)
    candidates = {(c.hit.passage.article.id, c.start): c for hit in hits for c in _candidates(hit, question, weights)}
    ranked = tuple(sorted(candidates.values(), key=lambda c: (-c.score, c.hit.rank, c.start)))
    unheard = any(not found[word] and word not in _LIGHT_WORDS for word in question.stems)
    confidence = _confidence(ranked, question) * (UNHEARD if unheard else 1.0)
    return Evidence(question, weights, ranked, confidence, _missing(question, hits))


def join_evidence(whole: Evidence, parts: Sequence[Evidence]) -> Evidence:
    """Return the evidence for a question whose parts are answered one by one.

    The best sentence for each part comes first, the others follow by their scores; each comes once. It is as sure as
    the evidence for the least sure part.
    """
    leads = [candidate for part in parts for candidate in part.candidates[:1]]
    others = [candidate for part in parts for candidate in part.candidates[1:]]
    ranked: dict[tuple[str, int], Candidate] = {}
    for candidate in (*leads, *sorted(others, key=lambda c: (-c.score, c.hit.rank, c.start))):
        ranked.setdefault((candidate.hit.passage.article.id, candidate.start), candidate)
    return replace(whole, candidates=tuple(ranked.values()), confidence=min(part.confidence for part in parts))


def _missing(question: Question, hits: Sequence[Hit]) -> tuple[str, ...]:
    seen = {word for hit in hits for word in content_words(f"{hit.passage.article.headline}\n{hit.passage.text}")}
    return tuple(word for word in question.stems if word not in seen)


def _weights(question: Question, found: Mapping[str, int], passages: int) -> dict[str, float]:
    """Return how telling each stem is: its inverse passage frequency (Robertson & Spärck Jones), a name's more.

    ``passages`` is floored, since in an archive of ten articles every word is rare or everywhere by chance.
    """
    total = max(passages, 200)
    rarity = {word: math.log(1 + (total - found[word] + 0.5) / (found[word] + 0.5)) for word in question.stems}
    return {word: weight * _emphasis(word, question) for word, weight in rarity.items()}


def _emphasis(word: str, question: Question) -> float:
    if word in question.names:
        return NAME_WEIGHT
    return LIGHT_WEIGHT if word in _LIGHT_WORDS else 1.0


def _candidates(hit: Hit, question: Question, weights: Mapping[str, float]) -> Iterator[Candidate]:
    passage = hit.passage
    spans = [_without_dateline(passage.text, span) for span in split_sentences(passage.text)]
    texts = [passage.text[start:end] for start, end in spans]
    stems = [frozenset(content_words(text)) for text in texts]
    headline = frozenset(content_words(passage.article.headline))
    for i, ((start, end), text) in enumerate(zip(spans, texts, strict=True)):
        if not SHORTEST_WORDS <= len(words(text)) <= LONGEST_WORDS or _QUESTION.search(text):
            continue
        coverage, carried = _share(stems[i], weights), frozenset[str]()
        if _PRONOUN.search(text):
            carried = headline.union(*stems[max(0, i - CARRIED_OVER) : i]) & question.names
            coverage += CARRIED * _share(carried - stems[i], weights)
        context = _share(stems[i].union(*stems[max(0, i - 1) : i + 2], headline, carried), weights)
        fits = holds_wanted(question, text)
        score = coverage + CONTEXT_WEIGHT * context + FITS_WEIGHT * fits + RANK_WEIGHT / (2 + hit.rank)
        yield Candidate(hit, passage.start + start, passage.start + end, text, stems[i], coverage, context, fits, score)


def _without_dateline(text: str, span: Span) -> Span:
    start, end = span
    dateline = _DATELINE.match(text, start, end)
    return (dateline.end() if dateline else start), end


def _share(stems: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in stems) / total if total else 0.0


def _confidence(ranked: Sequence[Candidate], question: Question) -> float:
    """Return how much of the question the best sentence says, by itself and with what stands around it.

    On RealTimeQA, where one answerable question in ten is refused, this refuses half of those whose articles are
    hidden, and all 151 MultiHop-RAG questions about other news.
    """
    if not ranked:
        return 0.0
    best = ranked[0]
    said = 0.7 * best.context + 0.3 * best.coverage
    if best.fits:
        return said
    return said * (MISFIT_UNIT if question.wanted in {"duration", "size"} else MISFIT)
