"""What a question costs from a shell: whole processes, against a straightforward script on the same archive.

    python tests/benchmarks/cold_start.py ARCHIVE [--runs 11]

All commands take turns in every round, after one untimed round: files are in the page cache, processes are new.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from commands import Run, dateline, run_measured
from realtimeqa import open_measured
from tables import say, say_conditions, say_table

from store.generations import current_generation
from store.index import CHROMA_FOLDER

# Made up for this program; each round asks the next one.
QUESTIONS = (
    "Who resigned as prime minister?",
    "How many people died in the flood?",
    "When will the new telescope send its first pictures?",
    "Which country hosts the next World Cup?",
    "Why did the airline cancel so many flights?",
)

ASK, SEARCH, HELP, OTHER = "dateline ask", "dateline search", "dateline --help", "straightforward script"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--runs", type=int, default=11)
    given = parser.parse_args()
    say_conditions()
    open_measured(given.archive).close()
    generation = current_generation(given.archive / "index")
    if generation is None:
        sys.exit("this archive has no vector index; make one with `dateline embed`")
    with tempfile.TemporaryDirectory() as folder:
        # Chroma writes to what it opens, and the archive's generations are sealed.
        copy = shutil.copytree(generation.folder / CHROMA_FOLDER, Path(folder) / CHROMA_FOLDER)
        _say_runs(_take_turns(given.archive, copy, runs=given.runs))
    say_conditions()


def _take_turns(archive: Path, chroma: Path, *, runs: int) -> dict[str, list[Run]]:
    taken: dict[str, list[Run]] = {ASK: [], SEARCH: [], HELP: [], OTHER: []}
    for turn in range(runs + 1):
        for name, command in _commands(archive, chroma, QUESTIONS[turn % len(QUESTIONS)]).items():
            run = run_measured(command)
            if turn:  # The first round fills the page cache.
                taken[name].append(run)
    return taken


def _commands(archive: Path, chroma: Path, question: str) -> dict[str, list[str]]:
    script = Path(__file__).with_name("straightforward.py")
    return {
        ASK: [*dateline(), "ask", "-a", str(archive), question],
        SEARCH: [*dateline(), "search", "-a", str(archive), question],
        HELP: [*dateline(), "--help"],
        OTHER: [sys.executable, str(script), str(chroma), question],
    }


def _say_runs(taken: Mapping[str, Sequence[Run]]) -> None:
    rows = []
    for name, runs in taken.items():
        walls = [run.wall_s for run in runs]
        figures = [f"{value:.2f} s" for value in (median(walls), min(walls), max(walls))]
        rows.append([name, *figures, f"{max(run.peak_mb for run in runs):.0f} MB"])
    say_table([f"process, {len(taken[ASK])} runs", "median", "fastest", "slowest", "peak memory"], rows)
    ratio = median(run.wall_s for run in taken[OTHER]) / median(run.wall_s for run in taken[ASK])
    say(f"dateline ask is {ratio:.1f} times as fast as the straightforward script (medians)")


if __name__ == "__main__":
    main()
