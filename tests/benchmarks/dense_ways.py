"""Exact scan against Chroma: time, recall, and what a generation of the index costs to build and keep.

    python tests/benchmarks/dense_ways.py [--rows 10000 50000 100000]

Vectors are made up, and clustered as sentence vectors are: 48 directions hold nearly all of their variance.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

# Sets the number of BLAS threads, so it must come before numpy, as in the product.
from store.vectors import to_bytes  # isort: skip

import numpy as np
from measures import percentile
from tables import say, say_conditions, say_table

from store.catalog import Catalog, create_catalog
from store.dense import DenseSearch
from store.generations import publish_generation
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.search import DEPTH

if TYPE_CHECKING:
    from store.embedding import Vectors

DIMENSION = 384
INTRINSIC = 48
PER_CLUSTER = 100
QUERIES = 200

# Articles are spread evenly over so many days: a day of them is 1 % of the archive.
DAYS = 100
FIRST_DAY = date(2020, 1, 1)

Nearest = Callable[["Vectors"], Sequence[tuple[int, float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 50_000, 100_000])
    given = parser.parse_args()
    say_conditions()
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), rows)
    say_conditions()


def _measure(folder: Path, rows: int) -> None:
    space = _Space(rows)
    catalog = create_catalog(folder / FILE_NAME)
    _fill(catalog, space.passages(rows))
    index = folder / "index"
    began = time.perf_counter()
    generation = publish_generation(index, catalog.path, number=1, rows=rows, dimension=DIMENSION, embedder=_EMBEDDER)
    built_s = time.perf_counter() - began
    size = sum(path.stat().st_size for path in generation.folder.rglob("*") if path.is_file())
    say(f"\n{rows:,} vectors: generation built in {built_s:.0f} s, {size / 1e6:.0f} MB")
    _compare(catalog, index, list(space.queries()))
    catalog.close()


def _compare(catalog: Catalog, index: Path, queries: Sequence[Vectors]) -> None:
    exact = DenseSearch(catalog, index)
    began = time.perf_counter()
    chroma = DenseSearch(catalog, index, chroma_rows=1)
    chroma.nearest(queries[0], DEPTH, SearchFilter())
    opened_s = time.perf_counter() - began
    everything = SearchFilter()
    ways: dict[str, Nearest] = {
        "exact": lambda query: exact.nearest(query, DEPTH, everything),
        "Chroma": lambda query: chroma.nearest(query, DEPTH, everything),
        "exact, filter keeps 10 %": lambda query: exact.nearest(query, DEPTH, _days(10)),
        "exact, filter keeps 1 %": lambda query: exact.nearest(query, DEPTH, _days(1)),
    }
    found = {name: [_timed(nearest, query) for query in queries] for name, nearest in ways.items()}
    rows = []
    for name, taken in found.items():
        times = [seconds * 1000 for seconds, _ in taken]
        recall = f"{_recall(taken, found['exact']):.3f}" if name == "Chroma" else "1"
        rows.append([name, f"{percentile(0.5, times):.1f} ms", f"{percentile(0.95, times):.1f} ms", recall])
    chroma.close()
    say_table([f"{DEPTH} nearest, {len(queries)} queries", "p50", "p95", "recall@10"], rows)
    say(f"opening Chroma and a first query, which for the first size includes the import: {opened_s:.2f} s")


def _timed(nearest: Nearest, query: Vectors) -> tuple[float, list[int]]:
    began = time.perf_counter()
    found = nearest(query)
    return time.perf_counter() - began, [key for key, _ in found]


def _recall(found: Sequence[tuple[float, list[int]]], exact: Sequence[tuple[float, list[int]]]) -> float:
    pairs = zip(found, exact, strict=True)
    return sum(len(set(keys[:10]) & set(wanted[:10])) for (_, keys), (_, wanted) in pairs) / (10 * len(exact))


def _days(count: int) -> SearchFilter:
    return SearchFilter(since=FIRST_DAY, until=FIRST_DAY + timedelta(days=count - 1))


_EMBEDDER = "made-up"


def _fill(catalog: Catalog, vectors: Iterable[Vectors]) -> None:
    """Store one article of one passage for each row, spread over the days, with its vector."""
    with catalog.transaction():
        catalog.set_setting("digest", _EMBEDDER)
        catalog.set_setting("dimension", str(DIMENSION))
        catalog.begin_run()
    number = last = 0
    for batch in vectors:
        with catalog.transaction():
            for _ in batch:
                catalog.put(_draft(number))
                number += 1
            pending = catalog.pending(leads=True, after=last, limit=len(batch))
            catalog.put_vectors(zip((one.key for one in pending), to_bytes(batch), strict=True))
            last = pending[-1].key


def _draft(number: int) -> Draft:
    day = FIRST_DAY + timedelta(days=number % DAYS)
    return Draft(f"Report {number}", f"This is report {number} of a made-up archive.", "-", number, published=day)


class _Space:
    """Points near centres in a space of few dimensions, turned into many, with a little noise."""

    def __init__(self, rows: int) -> None:
        self._random = np.random.default_rng(1)
        self._turn = self._random.standard_normal((INTRINSIC, DIMENSION)).astype(np.float32)
        self._centres = self._random.standard_normal((max(1, rows // PER_CLUSTER), INTRINSIC)).astype(np.float32)

    def passages(self, rows: int) -> Iterator[Vectors]:
        for start in range(0, rows, 1000):
            yield self._points(min(1000, rows - start))

    def queries(self) -> Iterator[Vectors]:
        yield from self._points(QUERIES)

    def _points(self, count: int) -> Vectors:
        centres = self._centres[self._random.integers(0, len(self._centres), count)]
        inner = centres + 0.6 * self._random.standard_normal((count, INTRINSIC)).astype(np.float32)
        points = inner @ self._turn + 0.5 * self._random.standard_normal((count, DIMENSION)).astype(np.float32)
        unit: Vectors = points / np.linalg.norm(points, axis=1, keepdims=True)
        return unit.astype(np.float32)


if __name__ == "__main__":
    main()
