"""An archive → the claims on a topic, or those that bear on a question, from what was found for it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.claims.grouping import compare_claims
from assistant.claims.reading import Text, measures_in, read_claims, texts_of
from store.words import content_words

if TYPE_CHECKING:
    from assistant.claims.claim import Claim, Comparison
    from assistant.conversation import Citation
    from store.archive import Archive
    from store.records import Hit, SearchFilter

# Passages asked for, and articles read whole. Chosen by eye.
MOST_HITS = 80
MOST_ARTICLES = 40
# A comparison is on the topic where the sentence of one of its claims, with the one before and the headline, holds so
# much of the words asked for, by how rare they are; the others need less, for they speak of the same event. One that is
# to stand below an answer has to hold more.
ON_TOPIC = 0.5
ON_QUESTION = 0.6
NEARLY = 0.15
# What is asked with a name has to be of one of its names.
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]*\w")
# It also is where the article as a whole holds nearly all of the words, and the sentence itself some.
WHOLLY_ON_TOPIC = 0.9
IN_SENTENCE = 0.25


@dataclass(frozen=True, slots=True)
class Compared:
    """What several reports say of a topic, and what a person should know about how they were found."""

    comparisons: tuple[Comparison, ...]
    articles: int
    notices: tuple[str, ...]


def compare_topic(archive: Archive, topic: str, where: SearchFilter) -> Compared:
    """Return what is said by several reports among the articles that satisfy ``where``, what differs first.

    Of the prints of one story one is read. Nothing that was published after the end of ``where`` is seen.
    """
    found = archive.search(topic, MOST_HITS, where)
    leads: dict[str, Hit] = {}
    for hit in found.hits:
        leads.setdefault(hit.passage.article.id, hit)
    chosen = list(leads.values())[:MOST_ARTICLES]
    texts = [_whole(archive, hit) for hit in chosen]
    weights = _weights(archive, topic)
    about = {text.article.id for text in texts if _share(_stems_of(text), weights) >= WHOLLY_ON_TOPIC}
    compared = _compared(read_claims(texts), weights, ON_TOPIC, about)
    named = _names_in(topic)
    kept = [one for one in compared if _names_any(one, named) or any(claim.article.id in about for claim in one.claims)]
    return Compared(tuple(kept), len(texts), found.notices)


def differences_below(
    archive: Archive, question: str, hits: Sequence[Hit], citations: Sequence[Citation]
) -> tuple[Comparison, ...]:
    """Return where the reports among ``hits`` differ on what a question asks and an answer cites, or were changed."""
    measures = measures_in(citation.quote for citation in citations)
    if not measures:
        return ()
    compared = _compared(read_claims(texts_of(hits), measures), _weights(archive, question), ON_QUESTION)
    named = _names_in(question.partition(" ")[2])
    cited = {(one.hit.passage.article.id, one.start, one.end) for one in citations}
    return tuple(
        one
        for one in compared
        if one.kind != "agree" and _names_any(one, named) and any(_overlaps(claim, cited) for claim in one.claims)
    )


def _names_in(asked: str) -> frozenset[str]:
    return frozenset(content_words(" ".join(_NAME.findall(asked))))


def _names_any(comparison: Comparison, named: AbstractSet[str]) -> bool:
    return not named or any(claim.event.stems & named for claim in comparison.claims)


def _overlaps(claim: Claim, cited: Iterable[tuple[str, int, int]]) -> bool:
    return any(claim.article.id == article and start < claim.end and claim.start < end for article, start, end in cited)


def _whole(archive: Archive, hit: Hit) -> Text:
    article = archive.article(hit.passage.article.id)
    return Text(article.ref, article.body, 0, hit.copies)


def _stems_of(text: Text) -> frozenset[str]:
    return frozenset(content_words(f"{text.article.headline} {text.text}"))


def _compared(
    claims: Sequence[Claim], weights: Mapping[str, float], least: float, about: AbstractSet[str] = frozenset()
) -> Iterator[Comparison]:
    """Yield the comparisons of the claims that hold enough of ``weights``; the articles ``about`` hold nearly all."""
    held = {id(claim): _share(claim.event.stems, weights) for claim in claims}
    for comparison in compare_claims([claim for claim in claims if held[id(claim)] >= NEARLY]):
        if any(held[id(claim)] >= least or _is_told_of(claim, weights, about) for claim in comparison.claims):
            yield comparison


def _is_told_of(claim: Claim, weights: Mapping[str, float], about: AbstractSet[str]) -> bool:
    return claim.article.id in about and _share(frozenset(content_words(claim.quote)), weights) >= IN_SENTENCE


def _share(stems: AbstractSet[str], weights: Mapping[str, float]) -> float:
    return sum(weight for stem, weight in weights.items() if stem in stems) if weights else 1.0


def _weights(archive: Archive, asked: str) -> dict[str, float]:
    """Return how telling each stem of what is asked for is; they sum up to 1."""
    stems = tuple(dict.fromkeys(content_words(asked)))
    counts, passages = archive.rough_counts(stems), archive.counts().passages
    weights = {stem: math.log(1 + passages / (counts.get(stem, 0) + 0.5)) for stem in stems}
    return {stem: weight / sum(weights.values()) for stem, weight in weights.items()}
