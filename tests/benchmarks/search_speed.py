"""What a search costs as an archive grows: warm, part by part, and as a whole process; time, memory and disk.

    python tests/benchmarks/search_speed.py FOLDER [--passages 10000 30000 100000 300000 1000000] [--texts ARCHIVE]

Articles and vectors are made up (see crowd.py) and kept in FOLDER for the next time; a million passages take 8 GB there
and a quarter of an hour. With --texts their sentences and vectors are drawn from a real archive. Questions are cut from
the texts and embedded by the real model. Every question is asked in every way in each of the rounds; headlines count
its fastest round, since others use the machine too, and the plain figures stand beside them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from commands import Run, dateline, run_measured
from crowd import LAST_DAY, OUTLETS, Made, cut_questions, make_archive
from measures import percentile
from tables import Cell, say, say_conditions, say_table

from store.archive import Archive, open_archive
from store.catalog import open_catalog
from store.dense import CHROMA_ROWS, DenseSearch
from store.embedding import DEFAULT_EMBEDDER, find_weights, open_query_embedder
from store.fusion import fuse, preferred, scale_of
from store.lexical import LexicalSearch
from store.records import Preference, SearchFilter
from store.schema import FILE_NAME
from store.search import DEPTH

import numpy as np  # isort: skip  # after vectors, which says how many threads it may use

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]

P = ParamSpec("P")
T = TypeVar("T")

# What `dateline search` shows.
SHOWN = 10
SEARCHES_OF_SESSION = 200
# Questions that are asked with reranking, once.
RERANKED = 25
NEAR = Preference(near=LAST_DAY)

Taken = dict[str, list[list[float]]]  # Seconds by way or part: a list for each question, one for each round.


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one archive's searches, by way of asking, in a session where it has Chroma, and by part.

    ``reranked`` are of those questions only whose hits the cross-encoder read.
    """

    plain: Taken
    session: Taken
    parts: Taken
    reranked: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--texts", type=Path, metavar="ARCHIVE", help="draw sentences and vectors from there")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=7, help="of each cold process")
    parser.add_argument("--chroma-up-to", type=int, default=100_000, metavar="N", help="it takes a minute for 100,000")
    given = parser.parse_args()
    measured = {}
    for passages in given.passages:
        # In processes of their own: a command that is timed inherits the peak memory of what starts it.
        made = _in_child(make_archive, given.folder, passages, given.texts, with_chroma=passages <= given.chroma_up_to)
        say(f"\n## {made.passages:,} passages\n")
        _say_made(made)
        questions = _in_child(cut_questions, made.path, given.questions)
        say_conditions()
        measured[made.passages] = _in_child(_measure, made, questions, given.rounds)
        _say_measured(measured[made.passages], has_chroma=made.has_chroma)
        _say_cold(made, questions, runs=given.runs)
        _say_memory(made, questions)
        say_conditions()
    if len(measured) > 1:
        _say_curve(measured)


def _in_child(work: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *args, **options).result()


# -- warm --------------------------------------------------------------------------------------------------------------


def _measure(made: Made, questions: Sequence[str], rounds: int) -> Measured:
    with open_archive(made.path) as archive:
        plain = _take(partial(_search, archive), questions, rounds)
        reranked = list(_rerank(archive, questions[:RERANKED]))
    session: Taken = {}
    if made.has_chroma:
        with open_archive(made.path, session=True) as archive:
            session = _take(partial(_search, archive), questions, rounds)
    parts = _Parts(made.path)
    taken = _take(parts.search, questions, rounds)
    parts.close()
    return Measured(plain, session, taken, reranked)


def _take(laps: Callable[[int, str], Mapping[str, float]], questions: Sequence[str], rounds: int) -> Taken:
    """Return what ``laps`` of every question's number and text took, in rounds after one untimed question."""
    taken: Taken = {name: [[] for _ in questions] for name in laps(0, questions[0])}
    for _ in range(rounds):
        for number, question in enumerate(questions):
            for name, seconds in laps(number, question).items():
                taken[name][number].append(seconds)
    return taken


class _Clock:
    """Laps: the seconds since the last one, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._began = time.perf_counter()

    def lap(self, name: str) -> None:
        self.laps[name] = time.perf_counter() - self._began
        self._began = time.perf_counter()

    def leave_out(self) -> None:
        """Begin the next lap now."""
        self._began = time.perf_counter()


def _search(archive: Archive, number: int, question: str) -> dict[str, float]:
    """Search in every way; a question's number chooses its window and its outlet."""
    clock = _Clock()
    for name, (where, prefer) in _ways(number).items():
        archive.search(question, SHOWN, where, prefer)
        clock.lap(name)
    return clock.laps


def _rerank(archive: Archive, questions: Sequence[str]) -> Iterator[float]:
    archive.search(questions[0], SHOWN, rerank=True)
    for question in questions:
        began = time.perf_counter()
        found = archive.search(question, SHOWN, prefer=NEAR, rerank=True)
        for notice in found.notices:  # Reranking may go off, on a busy machine.
            say(notice)
        if any(hit.scorer == "reranked" for hit in found.hits):
            yield time.perf_counter() - began


def _ways(number: int) -> dict[str, tuple[SearchFilter, Preference]]:
    anyhow = Preference()
    return {
        "no filter": (SearchFilter(), anyhow),
        **{f"window of {name}": (_window(days, number), anyhow) for name, days in _WINDOWS.items()},
        "one outlet of forty": (SearchFilter(outlets=(OUTLETS[number % len(OUTLETS)],)), anyhow),
        "near the last day": (SearchFilter(), NEAR),
        "near, and a window of a year": (_window(366, number), NEAR),
    }


_WINDOWS = {"a week": 7, "a month": 31, "a year": 366, "ten years": 3652}


def _window(days: int, number: int) -> SearchFilter:
    """Return a window of so many days; its place differs by number, mostly late, as articles are."""
    until = LAST_DAY - timedelta(days=int((3652 - days) * (number * 0.618 % 1) ** 1.7))
    return SearchFilter(since=until - timedelta(days=days - 1), until=until)


class _Parts:
    """The steps of a search, each by itself, on what the step before it left."""

    def __init__(self, path: Path) -> None:
        self._catalog = open_catalog(path / FILE_NAME, writable=False)
        self._lexical = LexicalSearch(self._catalog, path / "index" / "words")
        self._lexical.follow()
        self._embedder = open_query_embedder(find_weights(DEFAULT_EMBEDDER))
        self._dense = DenseSearch(self._catalog, path / "index", embedder=self._embedder)

    def close(self) -> None:
        self._dense.close()
        self._catalog.close()

    def search(self, number: int, question: str) -> dict[str, float]:
        lexical, clock = self._lexical, _Clock()
        scores = lexical.scores(question)
        clock.lap("words: bm25 of every passage")
        best = np.argpartition(-scores, DEPTH)[:DEPTH]
        clock.lap("words: choosing the best")
        lexical.add_phrases(question, best, scores)
        clock.lap("words: phrases of the best")
        vector = self._embedder.embed_query(question)
        clock.lap("vectors: embedding the question")
        comparison = self._dense.compare_vector(vector)
        alike = lexical.rows_of(comparison.nearest(DEPTH))[0]
        clock.lap("vectors: nearest of all")
        for name, days in _WINDOWS.items():
            keys = lexical.keys[lexical.mask(_window(days, number))]
            self._dense.compare_vector(vector).nearest(DEPTH, keys)
            clock.lap(f"vectors: nearest in a window of {name}")
        rows = np.union1d(best, alike)
        similarities = comparison.similarities(lexical.keys[rows])
        clock.leave_out()
        ranked = self._fused(rows, scores, similarities)
        clock.lap("fusion and preference")
        articles = lexical.articles[rows].tolist()
        for key, story in self._catalog.stories.members(articles).items():
            if key in articles[:SHOWN]:
                self._catalog.prints_of(story)
        self._catalog.passages(ranked)
        clock.lap("reading hits and their stories")
        return clock.laps

    def _fused(self, rows: Numbers, scores: Numbers, similarities: Numbers) -> list[int]:
        articles, days, keys = (
            column[rows] for column in (self._lexical.articles, self._lexical.days, self._lexical.keys)
        )
        rankings = [(scale_of(column, articles), column) for column in (scores[rows], similarities)]
        own, sums = fuse(rankings, articles)
        worth = np.array([sums[article] for article in articles.tolist()])
        added = preferred(worth, days, None, NEAR)
        found: list[int] = keys[np.argsort(-(own + added))][: 5 * SHOWN].tolist()
        return found


# -- as a process ------------------------------------------------------------------------------------------------------


def _say_cold(made: Made, questions: Sequence[str], *, runs: int) -> None:
    """Run `dateline search` in all its ways in turns, after one untimed round: pages are cached, processes new."""
    ways: dict[str, list[str]] = {
        "dateline search": ["--no-rerank"],
        "… --since --until, a year": ["--no-rerank", "--since", "2022-03-01", "--until", "2023-02-28"],
        "… --since --until, a week": ["--no-rerank", "--since", "2023-10-02", "--until", "2023-10-08"],
        "… --rerank": ["--rerank"],
    }
    taken: dict[str, list[Run]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        question = questions[turn % len(questions)]
        for name, options in ways.items():
            run = run_measured([*dateline(), "search", "-a", str(made.path), *options, question])
            if turn:
                taken[name].append(run)
    rows = []
    for name, done in taken.items():
        walls = [run.wall_s for run in done]
        figures = [f"{value:.2f} s" for value in (median(walls), min(walls), max(walls))]
        rows.append([name, *figures, f"{max(run.peak_mb for run in done):.0f} MB"])
    say_table([f"process, {runs} runs", "median", "fastest", "slowest", "peak memory"], rows)


# -- memory ------------------------------------------------------------------------------------------------------------


def _say_memory(made: Made, questions: Sequence[str]) -> None:
    rows = []
    for name, session in (("no session", False), ("session", True)):
        if session and not made.has_chroma:
            continue
        own, mapped, peak = _in_child(_hold, made.path, questions, session=session)
        rows.append([name, *(f"{mb:.0f} MB" for mb in (peak, own, mapped))])
    say_table(
        [f"{SEARCHES_OF_SESSION} searches in every way in turns", "peak", "in the end: own", "mapped files"], rows
    )


def _hold(path: Path, questions: Sequence[str], *, session: bool) -> tuple[float, float, float]:
    """Search in every way in turns, and return the MB that this process holds: its own, mapped files, peak of both."""
    with open_archive(path, session=session) as archive:
        for number in range(SEARCHES_OF_SESSION):
            ways = list(_ways(number).values())
            archive.search(questions[number % len(questions)], SHOWN, *ways[number % len(ways)])
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    own, mapped, peak = (int(fields[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile", "VmHWM"))
    return own, mapped, peak


# -- tables ------------------------------------------------------------------------------------------------------------


def _say_made(made: Made) -> None:
    say(_WITH_CHROMA if made.has_chroma else _EXACT_ONLY)
    parts = {
        "articles, words in SQLite, stories": made.articles,
        "made-up vectors into SQLite": made.vectors,
        "sealing the words": made.words,
        "generation of vectors": made.generation,
    }
    say_table(
        ["made", "in", "holds"], [[name, f"{one.seconds:.1f} s", f"{one.mb:,.0f} MB"] for name, one in parts.items()]
    )


_WITH_CHROMA = f"vectors are indexed by Chroma too; a session asks it without a filter, from {CHROMA_ROWS:,} vectors on"
_EXACT_ONLY = (
    "vectors are there for exact search alone: the generation was written without Chroma, so no session is asked"
)


def _say_measured(measured: Measured, *, has_chroma: bool) -> None:
    kinds = {"no session": measured.plain} | ({"session": measured.session} if has_chroma else {})
    for kind, taken in kinds.items():
        asked = len(next(iter(taken.values())))
        head = [f"search, {kind}, {asked} questions, {SHOWN} hits read", "p50", "p95", "plain p50", "plain p95"]
        say_table(head, _spreads(taken))
    if measured.reranked:
        times = [_ms(percentile(share, measured.reranked)) for share in (0.5, 0.95)]
        reranked = f"near the last day, {len(measured.reranked)} of {RERANKED} questions that the cross-encoder read"
        say_table(["search, no session, reranked", "p50", "p95"], [[reranked, *times]])
    say_table(["part, no session", "p50", "p95", "plain p50", "plain p95"], _spreads(measured.parts))


def _spreads(taken: Taken) -> list[list[Cell]]:
    """Return for each name the percentiles of questions' fastest rounds, and of all rounds."""
    rows: list[list[Cell]] = []
    for name, by_question in taken.items():
        fastest = [min(rounds) for rounds in by_question]
        every = [seconds for rounds in by_question for seconds in rounds]
        rows.append([name, *(_ms(percentile(share, of)) for of in (fastest, every) for share in (0.5, 0.95))])
    return rows


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _say_curve(measured: Mapping[int, Measured]) -> None:
    """Print the medians by size, and the line through them that errs least relative to each."""
    sizes = list(measured)
    rows: list[list[Cell]] = []
    for kind in ("plain", "parts"):
        by_size = [getattr(one, kind) for one in measured.values()]
        for name in by_size[0]:
            medians = [percentile(0.5, map(min, taken[name])) * 1000 for taken in by_size]
            slope, fixed = np.polyfit(np.array(sizes) / 100_000, medians, 1, w=1 / np.array(medians))
            rows.append([name, *(f"{one:.1f} ms" for one in medians), f"{fixed:.1f} ms", f"{slope:.1f} ms"])
    say("\n## Curve\n\nmedians of fastest rounds, no session")
    say_table(["search or part", *(f"{size:,}" for size in sizes), "fixed", "per 100,000"], rows)


if __name__ == "__main__":
    main()
