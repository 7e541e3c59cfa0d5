"""An archive → the articles on a topic, found over the whole time that they were published in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.timeline.events import Report
from store.records import SearchFilter, day_of
from store.words import content_words, stem

if TYPE_CHECKING:
    from store.archive import Archive
    from store.records import ArticleRef, Hit

# Passages asked for at once; where they are of so many articles that there may be more, also of each part of the time.
MOST_HITS = 300
MANY_ARTICLES = 40
PARTS = 24
MOST_HITS_OF_PART = 50

# An article is on the topic where a passage of it, with its headline, holds so much of what is asked for, words weighed
# by how rare they are: 'Iran airliner crash' is told of by articles that say 'jet'. How far its sentences are on it is
# weighed later. What holds less than most must mean about as much the same as the passage that does so most, in cosine:
# else 'Salman Rushdie attack' finds attacks and other Salmans. Chosen by eye on RealTimeQA.
ON_TOPIC = 0.5
HOLDS_MOST = 0.75
ALIKE = 0.15
# Where of several words no passage that holds most means so much the same either, the archive has nothing on the topic:
# RealTimeQA knows 'zeppelin races' by Led Zeppelin and racing cars, .63. Of topics that it covers passages reach .7.
MEANT = 0.64


@dataclass(frozen=True, slots=True)
class Topic:
    """The articles on a topic and what a person should know about how they were found.

    ``weights`` says how telling each stem of what was asked for is. ``undated`` articles are on it, too, and left out:
    nothing tells what 'Monday' means in them.
    """

    reports: tuple[Report, ...]
    weights: Mapping[str, float]
    undated: int
    notices: tuple[str, ...]


def find_topic(archive: Archive, query: str, where: SearchFilter) -> Topic:
    """Return the articles that satisfy ``where`` and are on the topic of ``query``, oldest first, one print of each."""
    found = archive.search(query, MOST_HITS, where)
    wanted = list(found.hits)
    if len({hit.passage.article.id for hit in found.hits}) >= MANY_ARTICLES:
        for part in _parts(archive, where):
            wanted += archive.search(query, MOST_HITS_OF_PART, part).hits
    weights = weigh_words(archive, query)
    reports = list(_reports(archive, wanted, weights, where))
    dated = [report for report in reports if report.published is not None]
    dated.sort(key=lambda report: (report.published or date.max, report.article.ref.id))
    return Topic(tuple(dated), weights, len(reports) - len(dated), found.notices)


def _reports(
    archive: Archive, hits: Sequence[Hit], weights: Mapping[str, float], where: SearchFilter
) -> Iterator[Report]:
    """Yield the articles of hits that are on the topic; of the prints of a story the first."""
    meant = MEANT if len(weights) > 1 else 0.0
    if not any(_held(hit, weights) >= HOLDS_MOST and (_likeness(hit) or 1.0) >= meant for hit in hits):
        return
    likest = max(_likeness(hit) or 0.0 for hit in hits)
    seen = set[str]()
    for hit in hits:
        prints = {hit.passage.article.id, *(copy.id for copy in hit.copies)}
        if seen.isdisjoint(prints) and _is_on_topic(hit, weights, likest):
            seen |= prints
            article = archive.article(hit.passage.article.id)
            yield Report(article, tuple(copy for copy in hit.copies if _is_by(copy, where.until)))


def _is_on_topic(hit: Hit, weights: Mapping[str, float], likest: float) -> bool:
    held, likeness = _held(hit, weights), _likeness(hit)
    return held >= HOLDS_MOST or (held >= ON_TOPIC and (likeness is None or likeness >= likest - ALIKE))


def _likeness(hit: Hit) -> float | None:
    return hit.why.dense if hit.why else None


def _is_by(copy: ArticleRef, until: date | None) -> bool:
    """Whether a print is one of those that were there by a day: it satisfies no filter by itself."""
    day = day_of(copy.published)
    return until is None or (day is not None and day <= until)


def _parts(archive: Archive, where: SearchFilter) -> Iterator[SearchFilter]:
    """Yield a filter for each part of the time in which articles were published, about as many in each.

    The best of years may all be of one week in which much was written.
    """
    counted = archive.listing(where).days
    share = sum(count for _, count in counted) / PARTS
    part: list[date] = []
    taken = 0
    for day, count in counted:
        if part and taken + count > share:
            yield replace(where, since=part[0], until=part[-1])
            part, taken = [], 0
        part.append(day)
        taken += count
    if part:
        yield replace(where, since=part[0], until=part[-1])


def weigh_words(archive: Archive, query: str) -> dict[str, float]:
    """Return how telling each stem of the query is; they sum up to 1."""
    stems = tuple(dict.fromkeys(content_words(query)))
    counts, passages = archive.rough_counts(stems), archive.counts().passages
    weights = {stem: math.log(1 + passages / (counts.get(stem, 0) + 0.5)) for stem in stems}
    return {stem: weight / sum(weights.values()) for stem, weight in weights.items()}


def _held(hit: Hit, weights: Mapping[str, float]) -> float:
    """Return how much of ``weights`` a passage holds, with its headline; all of it where nothing is asked for."""
    held = {stem(word) for word in hit.why.words} if hit.why else set[str]()
    return sum(weights[word] for word in held & weights.keys()) if weights else 1.0
