"""How well words, vectors and both together find the articles that answer RealTimeQA's questions, and how fast.

    python tests/benchmarks/retrieval.py ARCHIVE DATA_FOLDER [--json]

The archive holds the quiz's articles, embedded. No time cue is used: neither the day of a question nor a window.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from measures import first_rank, hit_at, mean_reciprocal_rank, percentile
from realtimeqa import QuizQuestion, open_measured, read_quiz
from tables import Cell, say, say_conditions, say_table

from store.archive import Archive
from store.catalog import Catalog, open_catalog
from store.dense import DenseSearch
from store.records import SearchFilter
from store.schema import FILE_NAME
from store.search import DEPTH, query_terms

# Everything a fused search ranked: enough for ten articles, however many passages of one stand before them.
ALL_RANKED = 2 * DEPTH

# What `dateline search` and `dateline ask` read.
SHOWN = 10

# SQLite FTS5 alone (porter, headline weight 2, passages of 200 words, stop words dropped), for answer-bearing and
# gold-linked articles: hit@1, hit@3, hit@10, MRR@10.
FLOORS = {"answer-bearing": (0.675, 0.846, 0.943, 0.767), "gold-linked": (0.563, 0.728, 0.893, 0.663)}

Search = Callable[[str], Sequence[str]]
Figures = tuple[float, float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON at the end")
    given = parser.parse_args()
    quiz = [question for question in read_quiz(given.data) if question.bearing]
    say_conditions()
    with open_measured(given.archive) as archive:
        catalog = open_catalog(given.archive / FILE_NAME, writable=False)
        dense = DenseSearch(catalog, given.archive / "index")
        ranked = {name: _rank_all(search, quiz) for name, search in _searches(archive, catalog, dense).items()}
        times = _time_all(archive, catalog, dense, quiz)
        dense.close()
        catalog.close()
    figures = {kind: _figures(kind, ranked, quiz) for kind in FLOORS}
    _say_figures(figures, quiz)
    _say_times(times)
    if given.json:
        say(json.dumps({"retrieval": figures, "seconds": {name: _spread(taken) for name, taken in times.items()}}))


def _searches(archive: Archive, catalog: Catalog, dense: DenseSearch) -> dict[str, Search]:
    """Return the rankings of articles to compare, each article at the rank of its best passage."""

    def articles(ranked: Sequence[tuple[int, float]]) -> list[str]:
        found = catalog.passages([key for key, _ in ranked])
        return [passage.article.id for passage in found.values()]

    where = SearchFilter()
    return {
        "lexical": lambda query: articles(catalog.match(query_terms(query), where, ALL_RANKED)),
        "dense": lambda query: articles(dense.rank(query, where, ALL_RANKED)[0]),
        "fused": lambda query: [hit.passage.article.id for hit in archive.search(query, ALL_RANKED).hits],
    }


def _rank_all(search: Search, quiz: Iterable[QuizQuestion]) -> list[list[str]]:
    return [list(dict.fromkeys(search(question.text))) for question in quiz]


def _figures(kind: str, ranked: Mapping[str, list[list[str]]], quiz: Sequence[QuizQuestion]) -> dict[str, Figures]:
    """Return hit@1, hit@3, hit@10 and MRR@10 of every ranking, for one notion of a relevant article."""
    found: dict[str, Figures] = {}
    for name, rankings in ranked.items():
        pairs = zip(rankings, (_relevant(kind, question) for question in quiz), strict=True)
        ranks = [first_rank(ranking, relevant) for ranking, relevant in pairs if relevant]
        found[name] = (hit_at(1, ranks), hit_at(3, ranks), hit_at(10, ranks), mean_reciprocal_rank(10, ranks))
    return found


def _relevant(kind: str, question: QuizQuestion) -> frozenset[str]:
    return question.gold if kind == "gold-linked" else question.bearing


def _time_all(
    archive: Archive, catalog: Catalog, dense: DenseSearch, quiz: Sequence[QuizQuestion]
) -> dict[str, list[float]]:
    """Return the seconds that every question took, as the product asks: ranking alone, and the whole search."""
    where = SearchFilter()
    steps: dict[str, Callable[[str], object]] = {
        "lexical ranking": lambda query: catalog.match(query_terms(query), where, DEPTH),
        "dense ranking, with embedding the question": lambda query: dense.rank(query, where, DEPTH),
        f"fused search, {SHOWN} hits read": lambda query: archive.search(query, SHOWN),
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for question in quiz:
        for name, step in steps.items():
            began = time.perf_counter()
            step(question.text)
            taken[name].append(time.perf_counter() - began)
    return taken


def _say_figures(figures: Mapping[str, Mapping[str, Figures]], quiz: Sequence[QuizQuestion]) -> None:
    for kind, by_name in figures.items():
        say(f"\nRealTimeQA dev, {kind} articles, {sum(bool(_relevant(kind, one)) for one in quiz)} questions")
        rows: list[list[Cell]] = [
            [name, *values] for name, values in {"floor: plain FTS5": FLOORS[kind], **by_name}.items()
        ]
        say_table(["ranking", "hit@1", "hit@3", "hit@10", "MRR@10"], rows)


def _say_times(times: Mapping[str, Sequence[float]]) -> None:
    rows = [
        [name, f"{median * 1000:.0f} ms", f"{late * 1000:.0f} ms"]
        for name, (median, late) in ((name, _spread(taken)) for name, taken in times.items())
    ]
    say_table(["step, in a running process", "median", "p95"], rows)


def _spread(taken: Sequence[float]) -> tuple[float, float]:
    return percentile(0.5, taken), percentile(0.95, taken)


if __name__ == "__main__":
    main()
