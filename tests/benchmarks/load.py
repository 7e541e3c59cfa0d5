"""What an archive bears: an index built, a large one searched, many readers beside a writer, ninety days of news.

    python tests/benchmarks/load.py FOLDER build     the index of 100,000 passages from stored vectors
    python tests/benchmarks/load.py FOLDER search    300,000 passages: by ways of asking, with the memory
    python tests/benchmarks/load.py FOLDER readers   eight processes that ask for five minutes, one that writes
    python tests/benchmarks/load.py FOLDER churn     each day 1 % of the articles go, 1 % come, 2 % change

Articles are invented and vectors made up (see crowd.py); FOLDER keeps the archives of 100,000 and 300,000 passages,
which take ten minutes to make. The built-in model embeds the questions; embedding passages is measured elsewhere.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

# Sets the number of BLAS threads, so it must come before numpy, as in the product.
from store.vectors import to_bytes  # isort: skip  # noqa: F401

import numpy as np
from crowd import LAST_DAY, cut_questions, invent_articles, make_archive
from measures import percentile
from tables import load, say, say_conditions, say_table

from store.archive import create_archive, open_archive
from store.catalog import open_catalog
from store.embedding import DEFAULT_EMBEDDER, Weights, find_weights
from store.locking import writer_lock
from store.publishing import Publishing
from store.records import Draft, Preference, SearchFilter
from store.schema import FILE_NAME

if TYPE_CHECKING:
    from store.embedding import Vectors

T = TypeVar("T")

BUILT, SEARCHED = 100_000, 300_000
SHOWN = 10

READERS = 8
# A reader asks one question in so many seconds: people read answers.
PAUSE_S = 1.0
ADDED_AT_ONCE = 20

CHURNED, DAYS = 10_000, 90
GONE, NEW, CHANGED = 0.01, 0.01, 0.02

WINDOWS = {"a day": 1, "a week": 7, "a month": 31, "a year": 366, "five years": 1_830, "ten years": 3_652}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", choices=["build", "search", "readers", "churn"])
    parser.add_argument("--passages", type=int, help="other than the part's own number")
    parser.add_argument("--seconds", type=int, default=300, help="of the readers")
    parser.add_argument("--days", type=int, default=DAYS, help="of the churn")
    given = parser.parse_args()
    say_conditions()
    if given.part == "build":
        _say_build(_made(given.folder, given.passages or BUILT))
    elif given.part == "search":
        _say_search(_made(given.folder, given.passages or SEARCHED))
    elif given.part == "readers":
        _say_readers(_made(given.folder, given.passages or SEARCHED), given.seconds)
    else:
        _say_churn(given.folder, given.passages or CHURNED, given.days)
    say_conditions()


def _made(folder: Path, passages: int) -> Path:
    path: Path = _in_child(_make, folder.absolute(), passages)
    with closing(open_catalog(path / FILE_NAME, writable=True)):  # Made by an earlier version, it is upgraded.
        return path


def _make(folder: Path, passages: int) -> Path:
    return make_archive(folder, passages, None, with_chroma=True).path


class MadeUpEmbedder:
    """Gives every text a vector of its own near one of a thousand others, and says that it is the built-in model."""

    def __init__(self) -> None:
        self._weights = find_weights(DEFAULT_EMBEDDER)
        random = np.random.default_rng(6)
        self._centres = random.standard_normal((1_000, self._weights.recipe.dimension), dtype=np.float32)

    @property
    def weights(self) -> Weights:
        return self._weights

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        random = np.random.default_rng(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big"))
        centre = self._centres[random.integers(len(self._centres))]
        vector = centre + 0.6 * random.standard_normal(len(centre), dtype=np.float32)
        unit: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
        return unit


# -- building ----------------------------------------------------------------------------------------------------------


def _say_build(path: Path) -> None:
    command = [sys.executable, __file__, "--as-builder", str(path)]
    built = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    taken = f"{built['seconds']:.0f} s", f"{built['cpu']:.0f} s"
    rows = [[f"{built['rows']:,}", *taken, _mb(built["own"]), _mb(built["children"]), built["load"]]]
    say_table(["vectors", "built and published in", "processor", "peak", "peak of its largest child", "busy"], rows)


def _build(path: Path) -> None:
    began = time.perf_counter()
    with writer_lock(path), closing(open_catalog(path / FILE_NAME, writable=True)) as catalog:
        publishing = Publishing(catalog, path / "index")
        publishing.publish()
        rows = catalog.vector_count()
    seconds = time.perf_counter() - began
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    peaks = {"own": own.ru_maxrss / 1024, "children": children.ru_maxrss / 1024}
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, **peaks, "load": load()}))


# -- searching ---------------------------------------------------------------------------------------------------------


def _say_search(path: Path) -> None:
    questions = cut_questions(path, 100)
    rows: list[Sequence[str]] = []
    for kind, chroma_rows in (("exact", None), ("with Chroma", 1)):
        taken, memory = _in_child(_search_all, path, questions, chroma_rows)
        rows += [[name, kind, *(_ms(percentile(at, times)) for at in (0.5, 0.95))] for name, times in taken.items()]
        rows.append(["peak memory", kind, "", memory])
    say_table([f"search, {len(questions)} questions, {SHOWN} hits", "", "p50", "p95"], rows)


def _search_all(path: Path, questions: Sequence[str], chroma_rows: int | None) -> tuple[dict[str, list[float]], str]:
    """Return the seconds of each way of asking, and the memory; Chroma is asked from so many vectors on, or never."""
    taken: dict[str, list[float]] = {}
    with open_archive(path) as archive:
        archive._open_dense()._chroma_rows = chroma_rows
        archive.warm_up()
        archive.search(questions[0], SHOWN)
        chroma = archive._open_dense()._chroma
        while chroma is not None and not chroma.is_open():
            time.sleep(0.1)
        for number, question in enumerate(questions):
            for name, (where, near) in _ways(number).items():
                began = time.perf_counter()
                archive.search(question, SHOWN, where, near)
                taken.setdefault(name, []).append(time.perf_counter() - began)
        memory = f"{_memory_mb('self', 'VmHWM'):.0f} MB, {_memory_mb('self', 'RssAnon'):.0f} of it not mapped files"
        if chroma is not None:
            memory += f"; Chroma {_memory_mb(str(chroma._process.pid), 'VmHWM'):.0f} MB"
    return taken, memory


def _ways(number: int) -> dict[str, tuple[SearchFilter, Preference]]:
    ways = {
        "no filter": (SearchFilter(), Preference()),
        "no filter, near the last day": (SearchFilter(), Preference(near=LAST_DAY)),
    }
    for name, days in WINDOWS.items():
        until = LAST_DAY - timedelta(days=int((3_652 - days) * (number * 0.618 % 1) ** 1.7))
        ways[name] = (SearchFilter(since=until - timedelta(days=days - 1), until=until), Preference())
    return ways


# -- readers and a writer ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """What one reader saw: the seconds of its searches, and what went wrong."""

    taken: list[float]
    errors: list[str]


def _say_readers(path: Path, seconds: int) -> None:
    copy = path.with_name(path.name + "-read")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy)
    questions = cut_questions(path, 100)
    (alone,) = _read_at_once(copy, questions, min(30, seconds), readers=1, writes=False)[0]
    say(f"alone: busy {load()}")
    together, written = _read_at_once(copy, questions, seconds, readers=READERS, writes=True)
    taken = [seconds for one in together for seconds in one.taken]
    errors = [error for one in together for error in one.errors]
    rows = [
        [name, f"{len(times):,}", *(_ms(percentile(at, times)) for at in (0.5, 0.95)), f"{max(times):.2f} s", wrong]
        for name, times, wrong in (
            ("one reader", alone.taken, str(len(alone.errors))),
            (f"{READERS} readers, a writer {written}", taken, str(len(errors))),
        )
    ]
    say_table([f"a question every {PAUSE_S:g} s", "searches", "p50", "p95", "longest", "errors"], rows)
    for error in sorted(set(errors)):
        say(error)
    shutil.rmtree(copy)


def _read_at_once(
    path: Path, questions: Sequence[str], seconds: int, *, readers: int, writes: bool
) -> tuple[list[Read], str]:
    until = time.time() + seconds + 5  # Processes take a while to start.
    with multiprocessing.get_context("spawn").Pool(readers + 1) as pool:
        reading = [pool.apply_async(_read, (path, questions, until, number)) for number in range(readers)]
        writing = pool.apply_async(_write, (path, until)) if writes else None
        return [one.get() for one in reading], writing.get() if writing else ""


def _read(path: Path, questions: Sequence[str], until: float, number: int) -> Read:
    read = Read([], [])
    random = Random(number)  # noqa: S311 - no secret
    with open_archive(path, session=True) as archive:
        archive.search(questions[0], SHOWN)
        while time.time() < until:
            where, near = random.choice(list(_ways(random.randrange(100)).values()))
            began = time.perf_counter()
            try:
                found = archive.search(random.choice(questions), SHOWN, where, near)
                read.errors.extend(notice for notice in found.notices if "are embedded" not in notice)
            except Exception as exc:  # noqa: BLE001 - what this counts
                read.errors.append(f"{type(exc).__name__}: {exc}")
            took = time.perf_counter() - began
            read.taken.append(took)
            time.sleep(max(0.0, PAUSE_S - took))
    return read


def _write(path: Path, until: float) -> str:
    """Add articles, with vectors, a few at a time; return what was done, in words."""
    added, generations = 0, set()
    drafts = invent_articles(8)
    with open_archive(path, writable=True, embedder=MadeUpEmbedder()) as archive:
        while time.time() < until:
            added += archive.add(islice(drafts, ADDED_AT_ONCE)).added
            archive.embed()
            generations.add(archive.status().generation)
            time.sleep(PAUSE_S)
    return f"adding {added:,} articles and publishing {len(generations) - 1} generations"


# -- ninety days -------------------------------------------------------------------------------------------------------


def _say_churn(folder: Path, passages: int, days: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path, anew = folder / "churned", folder / "churned-anew"
    for leftover in (path, anew):
        shutil.rmtree(leftover, ignore_errors=True)
    drafts = invent_articles(9)
    living = {draft.id or "": draft for draft in islice(drafts, passages // 8)}
    _add_all(path, living.values())
    begun = _parts_mb(path)
    random, taken, largest = Random(3), [], 0.0  # noqa: S311 - no secret
    for _ in range(days):
        began = time.perf_counter()
        _live_a_day(path, living, drafts, random)
        taken.append(time.perf_counter() - began)
        largest = max(largest, sum(_parts_mb(path).values()))
    _add_all(anew, living.values())
    ended, fresh = _parts_mb(path), _parts_mb(anew)
    rows = [[name, *(_mb(parts[name]) for parts in (begun, ended, fresh))] for name in begun]
    rows.append(["all", *(_mb(sum(parts.values())) for parts in (begun, ended, fresh))])
    say_table([f"{len(living):,} articles", "before", f"after {days} days", "the same articles, built anew"], rows)
    ratio, most = sum(ended.values()) / sum(fresh.values()), largest / sum(fresh.values())
    say(f"{ratio:.2f} times a fresh build in the end, {most:.2f} times at most; a day took {sum(taken) / days:.1f} s")


def _add_all(path: Path, drafts: Iterable[Draft]) -> None:
    with create_archive(path, embedder=MadeUpEmbedder()) as archive:
        archive.add(drafts)
        archive.embed()


def _live_a_day(path: Path, living: dict[str, Draft], drafts: Iterator[Draft], random: Random) -> None:
    chosen = random.sample(sorted(living), int((GONE + CHANGED) * len(living)))
    gone, changed = chosen[: int(GONE * len(living))], chosen[int(GONE * len(living)) :]
    new = list(islice(drafts, int(NEW * len(living))))
    texts = islice(drafts, len(changed))
    updated = [
        replace(text, id=article, published=living[article].published)
        for article, text in zip(changed, texts, strict=True)
    ]
    with create_archive(path, embedder=MadeUpEmbedder()) as archive:
        archive.remove(gone)
        archive.add([*new, *updated])
        archive.embed()
    for article in gone:
        del living[article]
    living.update((draft.id or "", draft) for draft in (*new, *updated))


def _parts_mb(path: Path) -> dict[str, float]:
    parts = {"SQLite": 0.0, "words": 0.0, "vectors": 0.0}
    for file in path.rglob("*"):
        name = "SQLite" if file.parent == path else "words" if "words" in file.parts else "vectors"
        parts[name] += file.stat().st_size / 1e6 if file.is_file() else 0.0
    return parts


# -- parts -------------------------------------------------------------------------------------------------------------


def _in_child(work: Callable[..., T], *arguments: object) -> T:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _memory_mb(process: str, name: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def _mb(size: float) -> str:
    return f"{size:,.0f} MB"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-builder"]:
        _build(Path(sys.argv[2]))
    else:
        main()
