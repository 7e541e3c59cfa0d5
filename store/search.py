"""The retrieval pipeline: candidates by words and vectors, fused, weighed by time and outlet, copies as one hit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from store.fusion import Ranked, Scale, fuse, in_pool, in_window, newest, preferred, scale_of
from store.lexical import LexicalSearch
from store.records import ArticleRef, Hit, Passage, Preference, Scorer, SearchFilter, Why, day_of
from store.word_index import outlet_hash
from store.words import STOP_WORDS, content_words, stem, words

import numpy as np  # isort: skip  # after word_index, which says how many threads it may use

if TYPE_CHECKING:
    import numpy.typing as npt

    from store.catalog import Catalog
    from store.dense import DenseSearch
    from store.reading import Reading
    from store.vectors import Comparison

    Numbers = npt.NDArray[Any]

# Candidates of each ranking. RealTimeQA, 246 questions, fused hit@10 / MRR@10: 60 .967/.799, 100 .967/.802,
# 150 .967/.802, 200 .967/.802; with 150 the gold-linked questions gain .005 over 100.
DEPTH = 150

# Passages of one article among the hits asked for; more of them only where nothing else is left.
MOST_OF_ARTICLE = 3

# Prints of a story, and passages that another process removes between ranking and reading, are made up for from so
# many more than were asked for.
_SPARE = 40


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: the hits, best first, and what a person should know about how they were found."""

    hits: tuple[Hit, ...]
    notices: tuple[str, ...] = ()


# Scores of the same passages by one way of ranking, with their scale.
_Ranking = tuple[Scale | None, "Numbers"]


class Search:
    """Ranks an archive's passages by words and vectors together."""

    def __init__(self, catalog: Catalog, lexical: LexicalSearch, dense: DenseSearch) -> None:
        self._catalog = catalog
        self.lexical = lexical
        self._dense = dense

    def find(
        self,
        queries: Sequence[str],
        k: int,
        where: SearchFilter,
        preference: Preference,
        *,
        reading: Reading | None = None,
    ) -> Found:
        """Return up to ``k`` hits for a question and its parts among the articles that satisfy ``where``.

        ``reading`` may change their order, where the question has no parts.
        """
        self.lexical.follow()
        notices: tuple[str, ...] = ()
        lists: list[list[Ranked]] = []
        scorer: Scorer = "lexical"
        for query in queries:
            comparison, told = self._dense.compare(query)
            notices = tuple(dict.fromkeys((*notices, *told)))
            if comparison is not None:
                scorer = "fused"
            lists.append(self._rank(query, comparison, where, preference))
        ranked = _merge(lists)
        notices += self._dense.take_notices()
        if where.about and (unread := self._catalog.roster.unread()):
            from store.entities.roster import unread_text  # as above, for those who ask about a name

            notices += (unread_text(unread),)
        # Long questions of several parts are what cross-encoders of this size make worse.
        if reading is not None and len(queries) == 1:
            ranked, told = reading.reorder(queries[0], ranked, k)
            notices += told
            scorer = "reranked" if any(one.why.reranked is not None for one in ranked) else scorer
        hits, damaged = self._hits(ranked, k, where, preference, scorer)
        if damaged:
            fit = "1 article that fits is" if damaged == 1 else f"{damaged} articles that fit are"
            notices += (f"{fit} left out: changed on the disk; `dateline check --full` says which",)
        return Found(tuple(hits), notices)

    # -- ranking -------------------------------------------------------------------------------------------------------

    def _rank(
        self, query: str, comparison: Comparison | None, where: SearchFilter, preference: Preference
    ) -> list[Ranked]:
        """Return all candidates, best first: how many of them are one article or one story is not known yet."""
        lexical = self.lexical
        words = lexical.scores(query)
        pools = self._pools(where, preference)
        by_words = [_highest(words, pool) for pool in pools]
        lexical.add_phrases(query, _union(by_words), words)
        by_words = [rows[np.lexsort((rows, -words[rows]))] for rows in by_words]
        by_vectors = [self._most_alike(comparison, pool) for pool in pools]
        rows = _union([*by_words, *by_vectors])
        if not len(rows):
            return []
        alike = comparison.similarities(lexical.keys[rows]) if comparison else np.full(len(rows), np.nan)
        weighed = words[rows].astype(float)
        weighed[weighed == 0] = np.nan
        places = np.searchsorted(rows, by_vectors[0])
        scales = (
            (self._scale(words[by_words[0]], by_words[0]), weighed),
            (self._scale(alike[places], by_vectors[0]), alike),
        )
        return self._order(rows, list(scales), preference, query)

    def _order(
        self,
        rows: Numbers,
        rankings: list[tuple[Scale | None, Numbers]],
        preference: Preference,
        query: str,
    ) -> list[Ranked]:
        """Return the passages, articles by what they are worth in all, the passages of one by their own scores."""
        articles, days, keys = (
            column[rows] for column in (self.lexical.articles, self.lexical.days, self.lexical.keys)
        )
        own, sums = fuse(rankings, articles)
        worth = np.array([sums[article] for article in articles.tolist()])
        in_outlets = self._in_outlets(rows, preference)
        added = preferred(worth, days, in_outlets, preference)
        if preference.newest_first:
            added = added + newest(worth, days)
        scores = own + added
        for row, article in _leads(own, articles):
            scores[row] = sums[article] + added[row]
        reasons = _Reasons([scores for _, scores in rankings], sums, added)
        order = np.lexsort((keys, -scores)).tolist()
        return [
            Ranked(
                key=int(keys[row]),
                article=int(articles[row]),
                score=float(scores[row]),
                why=reasons.why(row, int(articles[row])),
                query=query,
                is_preferred=in_outlets is not None and bool(in_outlets[row]),
            )
            for row in order
        ]

    def _pools(self, where: SearchFilter, preference: Preference) -> list[Numbers | None]:
        """Return the rows among which candidates are looked for: all that ``where`` leaves, and those preferred.

        What is preferred has candidates of its own: among a million passages the best of last week may not be among the
        best of all.
        """
        mask, days = self.lexical.mask(where), self.lexical.days
        pools = [mask]
        wanted = []
        if preference.near is not None:
            wanted.append(in_pool(days, preference.near))
        if preference.since is not None or preference.until is not None:
            wanted.append(in_window(days, preference))
        outlets = self._in_outlets(slice(None), preference)
        if outlets is not None:
            wanted.append(outlets)
        return pools + [pool if mask is None else pool & mask for pool in wanted if pool.any()]

    def _in_outlets(self, rows: Any, preference: Preference) -> Numbers | None:
        if not preference.outlets:
            return None
        hashes = [outlet_hash(outlet.casefold()) for outlet in preference.outlets]
        return np.isin(self.lexical.outlets[rows], hashes)

    def _most_alike(self, comparison: Comparison | None, pool: Numbers | None) -> Numbers:
        if comparison is None:
            return np.zeros(0, dtype=np.intp)
        keys = comparison.nearest(DEPTH, None if pool is None else self.lexical.keys[pool])
        return self.lexical.rows_of(keys)[0]

    def _scale(self, scores: Numbers, rows: Numbers) -> Scale | None:
        return scale_of(scores, self.lexical.articles[rows])

    # -- hits ----------------------------------------------------------------------------------------------------------

    def _hits(
        self, ranked: list[Ranked], k: int, where: SearchFilter, preference: Preference, scorer: Scorer
    ) -> tuple[list[Hit], int]:
        """Return ``k`` hits: the passages in order, prints of one story as one, no article more often than it may.

        With them how many articles were left out because what they say is not what was stored.
        """
        chosen = self._choose(ranked, k, names_outlets=bool(preference.outlets))
        is_sound: dict[int, bool] = {}
        hits: list[Hit] = []
        for one, story in chosen:
            if one.article not in is_sound:
                is_sound[one.article] = self._catalog.is_as_stored(one.article)
            passage = self._catalog.passages([one.key]).get(one.key) if is_sound[one.article] else None
            if passage is not None:
                copies = self._copies(story, passage, where)
                why = replace(one.why, words=_matched(passage, one.query))
                hits.append(Hit(passage, len(hits) + 1, one.score, scorer, copies, why))
            if len(hits) == k:
                break
        return hits, sum(not sound for sound in is_sound.values())

    def _choose(self, ranked: list[Ranked], k: int, *, names_outlets: bool) -> list[tuple[Ranked, int]]:
        """Return the passages to show and the story of each.

        The leading print stands for its story at the place of the best print. Where the question ``names_outlets``,
        the best print of a preferred outlet does, else the best of all.
        """
        stories = self._catalog.stories.members({one.article for one in ranked})
        leads = {one.article: one for one in reversed(ranked)}
        if names_outlets:
            leads = {stories[one.article]: one for one in reversed(ranked) if one.is_preferred}
        shown: dict[int, int] = {}
        counts: Counter[int] = Counter()
        chosen: dict[int, tuple[Ranked, int]] = {}
        surplus: list[tuple[Ranked, int]] = []
        for one in ranked:
            story = stories[one.article]
            if story not in shown:
                lead = leads.get(story, one)
                shown[story] = lead.article
                one = replace(lead, score=one.score)  # noqa: PLW2901
            if shown[story] != one.article or one.key in chosen:
                continue
            counts[one.article] += 1
            if counts[one.article] <= MOST_OF_ARTICLE:
                chosen[one.key] = (one, story)
            else:
                surplus.append((one, story))
            if len(chosen) >= k + _SPARE:
                break
        return [*chosen.values(), *(surplus if len(chosen) < k else ())]

    def _copies(self, story: int, passage: Passage, where: SearchFilter) -> tuple[ArticleRef, ...]:
        """Return the other prints of a story that had been published by the end of the window."""
        others = (ref for ref in self._catalog.prints_of(story) if ref.id != passage.article.id)
        return tuple(
            ref for ref in others if where.until is None or (day_of(ref.published) or where.until) <= where.until
        )


class _Reasons:
    """What the ranks of passages came from, told for those that are looked at."""

    def __init__(self, columns: Sequence[Numbers], sums: Mapping[int, float], added: Numbers) -> None:
        self._columns = columns
        self._ranks = [_ranks(column) for column in columns]
        self._sums = sums
        self._fused_ranks = {key: rank for rank, key in enumerate(sorted(sums, key=lambda key: -sums[key]), 1)}
        self._added = added

    def why(self, row: int, article: int) -> Why:
        lexical, dense = (None if np.isnan(column[row]) else float(column[row]) for column in self._columns)
        return Why(
            words=(),
            lexical=lexical or 0.0,
            lexical_rank=self._ranks[0].get(row),
            dense=dense,
            dense_rank=self._ranks[1].get(row),
            fused=self._sums[article],
            fused_rank=self._fused_ranks[article],
            preference=float(self._added[row]),
        )


def _highest(scores: Numbers, pool: Numbers | None) -> Numbers:
    """Return the rows of the ``DEPTH`` highest positive scores of all, or of those in the ``pool``."""
    rows = np.flatnonzero(scores > 0) if pool is None else np.flatnonzero((scores > 0) & pool)
    if len(rows) <= DEPTH:
        return rows
    return rows[np.argpartition(-scores[rows], DEPTH)[:DEPTH]]


def _union(parts: Sequence[Numbers]) -> Numbers:
    """Return the distinct rows of all parts, ascending."""
    # Not np.unique, which imports numpy.ma for it, 20 ms.
    rows = np.sort(np.concatenate(parts))
    return rows[np.flatnonzero(np.diff(rows, prepend=-1))]


def _leads(own: Numbers, articles: Numbers) -> Iterator[tuple[int, int]]:
    """Yield each article's best passage: its place and the article."""
    best: dict[int, int] = {}
    for row, article in enumerate(articles.tolist()):
        if article not in best or own[row] > own[best[article]]:
            best[article] = row
    return ((row, article) for article, row in best.items())


def _ranks(scores: Numbers) -> dict[int, int]:
    """Return the 1-based rank of each place whose score is known."""
    known = np.flatnonzero(~np.isnan(scores))
    return {int(row): rank for rank, row in enumerate(known[np.argsort(-scores[known], kind="stable")], 1)}


def _matched(passage: Passage, query: str) -> tuple[str, ...]:
    """Return the meaningful words of ``query`` that a passage or its headline holds in some form."""
    held = set(content_words(f"{passage.article.headline} {passage.text}"))
    asked = (word for word in words(query) if word not in STOP_WORDS)
    return tuple(dict.fromkeys(word for word in asked if stem(word) in held))


def _merge(lists: Sequence[list[Ranked]]) -> list[Ranked]:
    """Return what several rankings hold as one, by reciprocal rank fusion, ties in the order of the lists.

    score = sum over rankings of 1 / (3 + rank), Cormack, Clarke & Büttcher, SIGIR 2009, with a constant so small that
    the first of each part comes among the first. MultiHop-RAG, 363 questions that set two reports against each other,
    full text alone, recall@10 of the evidence: whole question .931, in turns .928, this .940.
    """
    if len(lists) == 1:
        return lists[0]
    first: dict[int, Ranked] = {}
    scores: dict[int, float] = {}
    for ranking in lists:
        for rank, one in enumerate(ranking, 1):
            first.setdefault(one.key, one)
            scores[one.key] = scores.get(one.key, 0.0) + 1 / (3 + rank)
    return [replace(first[key], score=scores[key]) for key in sorted(scores, key=lambda key: -scores[key])]
