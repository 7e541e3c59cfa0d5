"""What reranking costs: per pair by the length of windows, candidates within the time budget, opening, and memory.

    python tests/benchmarks/reranker.py ARCHIVE DATA_FOLDER [--model NAME] [--questions 40]

Pairs are questions of RealTimeQA and the passages that the archive finds for them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from measures import percentile
from realtimeqa import open_measured, read_quiz
from tables import Cell, say, say_conditions, say_table

from store.errors import DatelineError
from store.records import Passage
from store.reranking import DEFAULT_RERANKER, Reranker, find_reranker, open_reranker
from store.reranking.budget import Readings, read_windows
from store.reranking.windows import text_to_read

WINDOW_LENGTHS = (40, 64, 100, 200)
BUDGETS_S = (0.25, 0.5)

# More than any budget here reads.
CANDIDATES = 100

Asked = Sequence[tuple[str, Sequence[Passage]]]

# Opens the reranker named by the first argument and says the seconds that took, with imports, and peak memory in MB.
CHILD = """
import sys, time
began = time.perf_counter()
from store.reranking import find_reranker, open_reranker
open_reranker(find_reranker(sys.argv[1]))
taken_s = time.perf_counter() - began
with open("/proc/self/status") as file:
    print(taken_s, next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:")))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--model", default=DEFAULT_RERANKER, help="a model's name, or a folder")
    parser.add_argument("--questions", type=int, default=40, help="how many questions to ask")
    given = parser.parse_args()
    quiz = [question.text for question in read_quiz(given.data)][: given.questions]
    say_conditions()
    with open_measured(given.archive) as archive:
        asked = [(query, [hit.passage for hit in archive.search(query, CANDIDATES).hits]) for query in quiz]
    try:
        reranker = open_reranker(find_reranker(given.model))
    except DatelineError as exc:
        sys.exit(f"{exc}; {exc.hint}")
    found = mean(len(passages) for _, passages in asked)
    say(f"{given.model}, {reranker.at_once} pairs at once; {len(asked)} questions, {found:.0f} passages each")
    _say_costs(reranker, asked)
    _say_opening(given.model)
    say_conditions()


def _say_costs(reranker: Reranker, asked: Asked) -> None:
    rows: list[list[Cell]] = []
    for words in WINDOW_LENGTHS:
        began = time.perf_counter()
        cut = [(query, _windows(query, passages, words)) for query, passages in asked]
        cutting_ms = 1000 * (time.perf_counter() - began) / sum(len(windows) for _, windows in cut)
        readings = [[_read(reranker, query, windows, budget_s) for query, windows in cut] for budget_s in BUDGETS_S]
        pair_ms = [1000 * one.took_s / one.count for one in readings[-1] if one.count]
        within = [f"{median(one.count for one in some):.0f} ({min(one.count for one in some)})" for some in readings]
        latest = percentile(0.95, [1000 * one.took_s for one in readings[-1]])
        rows.append([words, f"{cutting_ms:.1f} ms", f"{median(pair_ms):.1f} ms", *within, f"{latest:.0f} ms"])
    budgets = [f"read in {1000 * budget_s:.0f} ms, median (least)" for budget_s in BUDGETS_S]
    say_table(["headline and words", "cutting a window", "reading a pair", *budgets, "p95 of the last"], rows)


def _windows(query: str, passages: Sequence[Passage], words: int) -> list[str]:
    return [text_to_read(passage.article.headline, passage.text, query, max_words=words) for passage in passages]


def _read(reranker: Reranker, query: str, windows: Sequence[str], budget_s: float) -> Readings:
    return read_windows(reranker, query, windows, budget_s=budget_s)


def _say_opening(model: str) -> None:
    """Print what opening costs a new process: once with nothing prepared, then as every later time."""
    with tempfile.TemporaryDirectory() as cache:
        first, *later = [_open_in_child(model, cache) for _ in range(6)]
    rows: list[list[Cell]] = [
        ["the first time", f"{first[0]:.2f} s", f"{first[1]:.0f} MB"],
        ["later, median of 5", f"{median(one[0] for one in later):.2f} s", f"{max(one[1] for one in later):.0f} MB"],
    ]
    say_table(["opening, imports and all", "time", "peak memory"], rows)


def _open_in_child(model: str, cache: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, model],
        env={**os.environ, "XDG_CACHE_HOME": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    taken_s, peak_mb = done.stdout.split()
    return float(taken_s), float(peak_mb)


if __name__ == "__main__":
    main()
