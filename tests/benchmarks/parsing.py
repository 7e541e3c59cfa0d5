"""What parsing in child processes costs and gives: a job's overhead, pages a second, memory over thousands of jobs.

    python tests/benchmarks/parsing.py [DATA_FOLDER] [--pages 400] [--jobs 5000]

Pages are those of DATA_FOLDER's html/*/html. Without it only the overhead is measured.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from tables import Cell, say, say_conditions, say_table

from store.parsing import READERS, Job, ParserPool
from store.readers.fields import Origin
from store.records import Draft, Skipped

ORIGIN = Origin("page.html", url="https://post.example/story.html")
NOTHING = {**READERS, "nothing": "parsing:read_nothing"}


def read_nothing(content: bytes, origin: Origin) -> Iterator[Draft | Skipped]:  # noqa: ARG001 - as all readers are
    """Give one short article whatever comes: what is left is the overhead."""
    yield Draft("A headline", "A text.", origin.source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="the folder of evaluation data")
    parser.add_argument("--pages", type=int, default=400, help="how many pages to parse")
    parser.add_argument("--jobs", type=int, default=5_000, help="how many jobs to watch the memory over")
    given = parser.parse_args()
    # Children find this program as they find the package.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    say_conditions()
    _say_overhead(given.jobs)
    pages = _load_pages(given.data) if given.data else []
    if pages:
        _say_pages(pages, given.pages)
        _say_memory(pages, given.jobs)
    else:
        say("no pages: name the folder of evaluation data to measure them")
    say_conditions()


def _say_overhead(jobs: int) -> None:
    rows: list[list[Cell]] = []
    for size in (1_000, 100_000):
        for children in (1, 2):
            with ParserPool(NOTHING, children=children) as pool:
                start_s = _seconds(pool, [Job("nothing", b"", ORIGIN)])
                took_s = _seconds(pool, (Job("nothing", b"x" * size, ORIGIN) for _ in range(jobs)))
            rows.append([f"{size:,} bytes", children, f"{start_s * 1000:.0f} ms", f"{took_s / jobs * 1e6:.0f} µs"])
    say_table(["a job that does nothing", "children", "the first one", "each"], rows)


def _say_pages(pages: Sequence[bytes], count: int) -> None:
    rows: list[list[Cell]] = []
    for children in (1, 2):
        with ParserPool(children=children) as pool:
            start_s = _seconds(pool, [Job("page", pages[0], ORIGIN)])
            took_s = _seconds(pool, _jobs(pages, count))
        rows.append([children, f"{start_s:.2f} s", f"{count / took_s:.1f}"])
    say_table(["children", "the first page", "pages/s"], rows)


def _say_memory(pages: Sequence[bytes], count: int) -> None:
    """Show memory as pages go through; a child that has grown is replaced, which its number tells."""
    rows: list[list[Cell]] = []
    with ParserPool() as pool:
        pieces = pool.read(_jobs(pages, count))
        for number, _ in enumerate(pieces, start=1):
            if number % max(1, count // 5) == 0:
                # Private to the benchmark: nobody else asks a pool for its processes.
                children = [child._process.pid for child in pool._children]
                held = " + ".join(f"{_resident_mb(pid):.0f}" for pid in sorted(children))
                rows.append([number, f"{_resident_mb(os.getpid()):.0f} MB", f"{held} MB"])
    say_table(["pages", "parent", "children"], rows)


def _seconds(pool: ParserPool, jobs: Iterable[Job]) -> float:
    begin = time.perf_counter()
    for _ in pool.read(jobs):
        pass
    return time.perf_counter() - begin


def _jobs(pages: Sequence[bytes], count: int) -> Iterator[Job]:
    return (Job("page", page, ORIGIN) for page in islice(cycle(pages), count))


def _load_pages(data: Path) -> list[bytes]:
    paths = sorted(data.glob("html/*/html/*.html.gz"))
    if not paths:
        say(f"no pages in {data / 'html'}")
    return [gzip.decompress(path.read_bytes()) for path in paths]


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


if __name__ == "__main__":
    main()
