"""Embedding models compared on RealTimeQA over a pool of articles small enough to embed again for each.

    python tests/benchmarks/embedders.py DATA_FOLDER [--pool 750] [MODEL …]

The pool holds every article that is known to answer one of the questions, filled up with other articles that a web
search found for them. Each model fills a temporary archive of its own, as `dateline add` does; ten minutes a model.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measures import first_rank, hit_at, mean_reciprocal_rank
from realtimeqa import QuizQuestion, articles_file, read_quiz
from tables import Cell, say, say_conditions, say_table

from store.archive import Archive, create_archive
from store.catalog import open_catalog
from store.dense import DenseSearch
from store.embedding import DEFAULT_EMBEDDER
from store.errors import EmbedderError
from store.readers import read_sources
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.search import DEPTH

MODELS = (DEFAULT_EMBEDDER, "sentence-transformers/all-MiniLM-L6-v2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("models", nargs="*", metavar="MODEL", default=MODELS, help="names or folders")
    parser.add_argument("--pool", type=int, default=750, help="how many articles to search")
    given = parser.parse_args()
    say_conditions()
    quiz = [question for question in read_quiz(given.data) if question.bearing]
    wanted = _pool(quiz, size=given.pool)
    found = read_sources([str(articles_file(given.data))])
    drafts = [piece for piece in found if isinstance(piece, Draft) and piece.id in wanted]
    say(f"{len(quiz)} questions, {len(drafts)} articles")
    rows = [row for name in given.models for row in _measure(name, drafts, quiz)]
    say_table(["model", "passages/s", "ranking", "articles", "hit@1", "hit@3", "hit@10", "MRR@10"], rows)


def _pool(quiz: Sequence[QuizQuestion], *, size: int) -> frozenset[str]:
    bearing = {article for question in quiz for article in question.bearing}
    others = sorted({article for question in quiz for article in question.found} - bearing)
    random.Random(1).shuffle(others)  # noqa: S311 - the same pool every time
    return frozenset(bearing) | frozenset(others[: max(0, size - len(bearing))])


def _measure(name: str, drafts: Sequence[Draft], quiz: Sequence[QuizQuestion]) -> list[list[Cell]]:
    """Return the table's rows for one model; none, having said why, where it is not on this machine."""
    with tempfile.TemporaryDirectory() as folder, create_archive(Path(folder), embedder=name) as archive:
        archive.add(drafts)
        began = time.perf_counter()
        try:
            vectors = archive.embed().vectors
        except EmbedderError as exc:
            say(f"skipped: {exc}")
            return []
        rate = f"{vectors / (time.perf_counter() - began):.1f}"
        return [[name, rate, *row] for row in _figures(archive, quiz)]


def _figures(archive: Archive, quiz: Sequence[QuizQuestion]) -> list[list[Cell]]:
    catalog = open_catalog(archive.path / FILE_NAME, writable=False)
    dense = DenseSearch(catalog, archive.path / "index")
    rankings: dict[str, list[list[str]]] = {"dense": [], "fused": []}
    for question in quiz:
        keys = [key for key, _ in dense.rank(question.text, SearchFilter(), 2 * DEPTH)[0]]
        passages = catalog.passages(keys)
        hits = archive.search(question.text, 2 * DEPTH).hits
        rankings["dense"].append(list(dict.fromkeys(passages[key].article.id for key in keys)))
        rankings["fused"].append(list(dict.fromkeys(hit.passage.article.id for hit in hits)))
    dense.close()
    catalog.close()
    rows: list[list[Cell]] = []
    for name, ranked in rankings.items():
        for kind in ("answer-bearing", "gold-linked"):
            relevant = [question.gold if kind == "gold-linked" else question.bearing for question in quiz]
            ranks = [first_rank(one, wanted) for one, wanted in zip(ranked, relevant, strict=True) if wanted]
            rows.append([name, kind, *(hit_at(k, ranks) for k in (1, 3, 10)), mean_reciprocal_rank(10, ranks)])
    return rows


if __name__ == "__main__":
    main()
