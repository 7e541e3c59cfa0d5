"""What adding costs: time until all articles are searchable by words, the rate of embedding, and memory.

    python tests/benchmarks/add_throughput.py DATA_FOLDER [--articles 400]

Embedding is compared with the bare embedder on the same passages. The two take turns batch by batch, so that what slows
the machine slows both.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from commands import dateline, run_measured, run_watched
from realtimeqa import articles_file
from tables import Cell, say_conditions, say_table

from store.archive import Stage, create_archive
from store.catalog import open_catalog
from store.embedding import DEFAULT_EMBEDDER, Embedder, find_weights, open_embedder
from store.filling import VECTOR_BATCH
from store.readers import read_sources
from store.records import Draft
from store.schema import FILE_NAME


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--articles", type=int, default=400, help="how many articles to embed")
    given = parser.parse_args()
    dump = articles_file(given.data)
    say_conditions()
    with tempfile.TemporaryDirectory() as folder:
        # Memory first: a process is born with the peak of its parent.
        _say_full_text(dump, Path(folder))
        _say_memory(dump, Path(folder), articles=given.articles)
        _say_rates(dump, Path(folder) / "turns", articles=given.articles)
    say_conditions()


def _say_full_text(dump: Path, folder: Path) -> None:
    archive = folder / "words"
    run = run_measured([*dateline(), "add", "--no-embed", "-a", str(archive), str(dump)])
    with sqlite3.connect(archive / FILE_NAME) as db:
        articles, passages = (
            db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("articles", "passages")
        )
    say_table(
        ["`dateline add --no-embed`", "articles", "passages", "articles/s", "peak memory"],
        [[f"{run.wall_s:.1f} s", articles, passages, f"{articles / run.wall_s:,.0f}", f"{run.peak_mb:.0f} MB"]],
    )


def _say_memory(dump: Path, folder: Path, *, articles: int) -> None:
    rows: list[list[Cell]] = []
    for count in (articles, 2 * articles):
        part = folder / f"{count}.jsonl"
        with dump.open(encoding="utf-8") as lines:
            part.write_text("".join(islice(lines, count)), encoding="utf-8")
        peaks = run_watched([*dateline(), "add", "-a", str(folder / f"{count}"), str(part)])
        rows.append([count, f"{peaks.itself_mb:.0f} MB", f"{peaks.child_mb:.0f} MB"])
    say_table(
        ["articles added and embedded", "peak memory of `dateline add`", "of its child that builds the index"], rows
    )


def _say_rates(dump: Path, path: Path, *, articles: int) -> None:
    drafts = [piece for piece in islice(read_sources([str(dump)]), articles) if isinstance(piece, Draft)]
    with create_archive(path, embedder=DEFAULT_EMBEDDER) as archive:
        archive.add(drafts)
        batches = _pending_batches(path)
        turns = _Turns(open_embedder(find_weights(DEFAULT_EMBEDDER)), batches)
        archive.embed(progress=turns)
    passages = sum(map(len, batches))
    ways = {
        "bare embedder": turns.bare_s,
        "archive, from loading the model to the last vector": turns.archive_s,
        "archive, with building the index": turns.archive_s + turns.index_s,
    }
    say_table(
        [f"embedding {passages:,} passages of {len(drafts):,} articles", "passages/s", "share of the bare rate"],
        [[name, f"{passages / taken:.1f}", f"{turns.bare_s / taken:.3f}"] for name, taken in ways.items()],
    )


def _pending_batches(path: Path) -> list[list[str]]:
    """Return what the archive will embed, in its order and batches."""
    catalog = open_catalog(path / FILE_NAME, writable=False)
    found = []
    for leads in (True, False):
        texts = [one.text for one in catalog.pending(leads=leads, after=0, limit=sys.maxsize)]
        found += [texts[start : start + VECTOR_BATCH] for start in range(0, len(texts), VECTOR_BATCH)]
    catalog.close()
    return found


class _Turns:
    """Hears of an archive's progress, and after each of its batches embeds the same batch with the bare embedder."""

    def __init__(self, bare: Embedder, batches: Sequence[Sequence[str]]) -> None:
        self.archive_s = self.bare_s = self.index_s = 0.0
        self._bare = bare
        self._batches = iter(batches)
        self._last = time.perf_counter()

    def __call__(self, stage: Stage, done: int, total: int | None) -> None:
        del total
        if stage == "vectors" and done:
            self.archive_s += self._lap()
            self._bare.embed_passages(next(self._batches))
            self.bare_s += self._lap()
        elif stage == "index":  # Told of its beginning and of its end.
            self.index_s += self._lap() if done else 0.0
            self._last = time.perf_counter()

    def _lap(self) -> float:
        began, self._last = self._last, time.perf_counter()
        return self._last - began


if __name__ == "__main__":
    main()
