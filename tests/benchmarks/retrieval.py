"""How well each stage finds the articles that answer RealTimeQA's questions, and what it costs.

    python tests/benchmarks/retrieval.py ARCHIVE DATA_FOLDER [--json]

The archive holds the quiz's articles, embedded. "time" asks each question on its day, as a user would on that day:
nothing else is told. The last tables ask what the time must not break: the same questions four years later, and 30
questions of our own about old events, asked in the summer of the quiz.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from measures import first_rank, hit_at, holds_answer, mean_reciprocal_rank, percentile
from realtimeqa import QuizQuestion, open_measured, read_quiz
from tables import Cell, say, say_conditions, say_table

from assistant.planning import Scope
from assistant.searching import plan_for, retrieve
from store.archive import Archive
from store.catalog import Catalog, open_catalog
from store.dense import DenseSearch
from store.lexical import LexicalSearch
from store.records import day_of
from store.schema import FILE_NAME

# What is ranked to find the tenth article, however many passages of one stand before it.
RANKED = 30

# What `dateline search` and `dateline ask` read.
SHOWN = 10

# SQLite FTS5 alone (porter, headline weight 2, passages of 200 words, stop words dropped), and with its score times
# 1 + exp(-days/30): hit@1, hit@3, hit@10, MRR@10.
FLOORS = {
    "answer-bearing": {
        "floor: plain FTS5": (0.675, 0.846, 0.943, 0.767),
        "floor: FTS5 and an exponential prior": (0.817, 0.931, 0.984, 0.878),
    },
    "gold-linked": {
        "floor: plain FTS5": (0.563, 0.728, 0.893, 0.663),
        "floor: FTS5 and an exponential prior": (0.680, 0.874, 0.990, 0.788),
    },
}

OLD_EVENTS = Path(__file__).with_name("old_events.jsonl")

Figures = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the day it is asked on and the articles that count."""

    text: str
    day: date
    relevant: frozenset[str]


Search = Callable[[Asked, int], Sequence[str]]


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
        stages = _stages(archive, LexicalSearch(catalog, given.archive / "index" / "words"), dense, catalog)
        ranked = {name: [search(_asked(q), RANKED) for q in quiz] for name, search in stages.items()}
        figures = {kind: _say_quality(kind, ranked, quiz) for kind in FLOORS}
        _say_judged_again(archive, ranked, quiz)
        _say_four_years_later(stages, quiz)
        _say_old_events(stages)
        _say_costs(stages, quiz)
        dense.close()
        catalog.close()
    if given.json:
        say(json.dumps({"retrieval": figures}))


def _stages(archive: Archive, lexical: LexicalSearch, dense: DenseSearch, catalog: Catalog) -> dict[str, Search]:
    """Return the rankings of articles to compare, each article at the rank of its best passage."""

    def by_words(asked: Asked, limit: int) -> list[str]:
        lexical.follow()
        scores = lexical.scores(asked.text)
        rows = scores.argsort()[::-1][: 5 * limit]
        lexical.add_phrases(asked.text, rows, scores)
        rows = rows[scores[rows].argsort(kind="stable")[::-1]]
        return _articles(catalog, lexical.keys[rows].tolist())

    def by_vectors(asked: Asked, limit: int) -> list[str]:
        comparison, _ = dense.compare(asked.text)
        return _articles(catalog, comparison.nearest(5 * limit).tolist()) if comparison else []

    def fused(asked: Asked, limit: int) -> list[str]:
        return [hit.passage.article.id for hit in archive.search(asked.text, limit).hits]

    def timed(asked: Asked, limit: int, *, rerank: bool = False) -> list[str]:
        planned = plan_for(archive, asked.text, Scope(), today=asked.day)
        return [hit.passage.article.id for hit in retrieve(archive, planned, limit, rerank=rerank).hits]

    return {
        "lexical": by_words,
        "dense": by_vectors,
        "fused": fused,
        "fused + time": timed,
        "fused + time + rerank": lambda asked, limit: timed(asked, limit, rerank=True),
    }


def _articles(catalog: Catalog, keys: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(passage.article.id for passage in catalog.passages(keys).values()))


def _asked(question: QuizQuestion, *, later: int = 0) -> Asked:
    return Asked(question.text, question.day + timedelta(days=later), question.bearing)


def _say_quality(
    kind: str, ranked: Mapping[str, list[Sequence[str]]], quiz: Sequence[QuizQuestion]
) -> dict[str, Figures]:
    relevant = [_relevant(kind, question) for question in quiz]
    found: dict[str, Figures] = dict(FLOORS[kind])
    found |= {name: _figures(rankings, relevant) for name, rankings in ranked.items()}
    say(f"\nRealTimeQA dev, {kind} articles, {sum(map(bool, relevant))} questions")
    _say_figures(found)
    return found


def _say_judged_again(
    archive: Archive, ranked: Mapping[str, list[Sequence[str]]], quiz: Sequence[QuizQuestion]
) -> None:
    """Count the fresh articles that hold the answer's words but were not judged as well.

    The quiz's judgments cover what a web search found; other articles of the same days tell the same.
    """

    def judged(question: QuizQuestion, ranking: Sequence[str]) -> frozenset[str]:
        return question.bearing | {one for one in ranking[:SHOWN] if _bears(archive, question, one)}

    say("\nThe same, counting also articles of the 14 days before to 2 days after that hold the answer's words")
    _say_figures(
        {
            name: _figures(rankings, [judged(question, one) for question, one in zip(quiz, rankings, strict=True)])
            for name, rankings in ranked.items()
        }
    )


def _bears(archive: Archive, question: QuizQuestion, article_id: str) -> bool:
    article = archive.article(article_id)
    day = day_of(article.ref.published)
    fresh = day is not None and -2 <= (question.day - day).days <= 14
    return fresh and holds_answer(f"{article.ref.headline}\n{article.body}", question.answers)


def _say_four_years_later(stages: Mapping[str, Search], quiz: Sequence[QuizQuestion]) -> None:
    relevant = [question.bearing for question in quiz]
    later = [stages["fused + time"](_asked(question, later=4 * 365), RANKED) for question in quiz]
    without = [stages["fused"](_asked(question), RANKED) for question in quiz]
    say("\nThe same questions asked four years later, answer-bearing articles")
    _say_figures({"fused": _figures(without, relevant), "fused + time": _figures(later, relevant)})


def _say_old_events(stages: Mapping[str, Search]) -> None:
    records = [json.loads(line) for line in OLD_EVENTS.read_text(encoding="utf-8").splitlines()]
    old = [Asked(one["question"], date.fromisoformat(one["day"]), frozenset(one["articles"])) for one in records]
    relevant = [asked.relevant for asked in old]
    say(f"\n{len(old)} questions of ours about old events, asked in the summer of the quiz")
    _say_figures(
        {name: _figures([stages[name](one, RANKED) for one in old], relevant) for name in ("fused", "fused + time")}
    )


def _say_costs(stages: Mapping[str, Search], quiz: Sequence[QuizQuestion]) -> None:
    rows: list[list[Cell]] = []
    for name, search in stages.items():
        taken = []
        for question in quiz:
            began = time.perf_counter()
            search(_asked(question), SHOWN)
            taken.append(time.perf_counter() - began)
        rows.append([name, *(f"{percentile(share, taken) * 1000:.0f} ms" for share in (0.5, 0.95))])
    say(f"\nA question in a running process, its {SHOWN} hits read")
    say_table(["stage", "median", "p95"], rows)


def _say_figures(found: Mapping[str, Figures]) -> None:
    say_table(["ranking", "hit@1", "hit@3", "hit@10", "MRR@10"], [[name, *values] for name, values in found.items()])


def _figures(rankings: Sequence[Sequence[str]], relevant: Sequence[frozenset[str]]) -> Figures:
    """Return hit@1, hit@3, hit@10 and MRR@10 over the questions that have relevant articles."""
    pairs = [(dict.fromkeys(ranking), wanted) for ranking, wanted in zip(rankings, relevant, strict=True) if wanted]
    ranks = [first_rank(ranking, wanted) for ranking, wanted in pairs]
    return (hit_at(1, ranks), hit_at(3, ranks), hit_at(10, ranks), mean_reciprocal_rank(10, ranks))


def _relevant(kind: str, question: QuizQuestion) -> frozenset[str]:
    return question.gold if kind == "gold-linked" else question.bearing


if __name__ == "__main__":
    main()
