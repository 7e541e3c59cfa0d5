"""What reading a dump of any size costs, and whether a killed run goes on where it was.

    python tests/benchmarks/dumps.py FOLDER [--form warc.gz] [--mb 2000] [--killed-mb 60]

Writes dumps of invented stories into FOLDER and removes them. The large one is read as `dateline add` reads, without
storing: memory of the process and its parsers apart, and articles a second. The other one is added for good by
`dateline add`, killed at three places, and its articles are counted.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from commands import dateline, run_measured, run_watched, start_command
from prints import write_story
from tables import say, say_conditions, say_table

sys.path.insert(0, str(Path(__file__).parents[1]))
from web_archives import page_of, record, response

from store.readers import read_sources
from store.records import Draft, Reached, Skipped
from store.schema import FILE_NAME

FIRST_DAY = date(2015, 1, 1)
PARAGRAPHS = 14
# Pages of news have 50 to 150 KB, most of it links and scripts.
LINKS = 200
SCRIPT = ";".join(
    f"register('slot-{n}', {{size: [{n}, {n * 7 % 600}], lazy: {n % 2 == 0}}})".lower() for n in range(900)
)
STORIES = 2_000  # written once: writing one takes longer than reading it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the dumps may lie for a while")
    parser.add_argument("--form", choices=WRITERS, default="warc.gz")
    parser.add_argument("--mb", type=int, default=2_000, help="unpacked size of the dump that is read")
    parser.add_argument("--killed-mb", type=int, default=60, help="unpacked size of the dump whose adding is killed")
    parser.add_argument("--drain", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.drain:
        drain(given.drain, given.folder)
        return
    say_conditions()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        say_reading(Path(folder) / f"large.{given.form}", given.mb * 1_000_000)
        say_kills(Path(folder) / f"small.{given.form}", given.killed_mb * 1_000_000)
    say_conditions()


def drain(report: Path, dump: Path) -> None:
    """Read a dump as ``dateline add`` does and write down what it took."""
    began = time.perf_counter()
    kinds = {Draft: 0, Skipped: 0, Reached: 0}
    reasons: set[str] = set()
    for piece in read_sources([str(dump)], resume=lambda _source, _stamp: None):
        kinds[type(piece)] += 1
        if isinstance(piece, Skipped):
            reasons.add(piece.reason)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    took = {
        "articles": kinds[Draft],
        "skipped": sorted(reasons),
        "marks": kinds[Reached],
        "wall_s": time.perf_counter() - began,
        "cpu_s": sum(one.ru_utime + one.ru_stime for one in used),
    }
    report.write_text(json.dumps(took), encoding="utf-8")


def say_reading(dump: Path, size: int) -> None:
    articles = write_dump(dump, size)
    packed = dump.stat().st_size
    report = dump.with_suffix(".report")
    peaks = run_watched([sys.executable, __file__, str(dump), "--drain", str(report)])
    dump.unlink()
    took = json.loads(report.read_text(encoding="utf-8"))
    assert took["articles"] == articles, took
    say_table(
        ["dump", "unpacked", "articles", "marks", "articles/s", "per core used", "MB/s", "peak memory", "of a parser"],
        [
            [
                dump.name.partition(".")[2] + f", {packed / 1e6:,.0f} MB",
                f"{size / 1e6:,.0f} MB",
                articles,
                took["marks"],
                f"{articles / took['wall_s']:,.0f}",
                f"{articles / took['cpu_s']:,.1f}",
                f"{size / 1e6 / took['wall_s']:.1f}",
                f"{peaks.itself_mb:.0f} MB",
                f"{peaks.child_mb:.0f} MB",
            ]
        ],
    )


def say_kills(dump: Path, size: int) -> None:
    """Kill the adding of a dump at a quarter, half and three quarters of it, and count what is there at the end."""
    articles = write_dump(dump, size)
    archive = dump.parent / "archive"
    command = [*dateline(), "-q", "-a", str(archive), "add", "--no-embed", str(dump)]
    lines = [_kill_at(command, archive / FILE_NAME, int(share * articles)) for share in (0.25, 0.5, 0.75)]
    began = time.perf_counter()
    run_measured(command)
    last_s = time.perf_counter() - began
    with sqlite3.connect(archive / FILE_NAME) as db:
        stored, distinct = db.execute("SELECT count(*), count(DISTINCT headline || body) FROM articles").fetchone()
        marks, revisions = (
            db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("reached", "revisions")
        )
    say_table(
        ["articles", "marks at the kills", "last run", "stored", "distinct", "revisions", "marks left"],
        [[articles, ", ".join(map(str, lines)), f"{last_s:.1f} s", stored, distinct, revisions, marks]],
    )
    say(
        "nothing missing and nothing doubled"
        if (stored, distinct, revisions, marks) == (articles, articles, 0, 0)
        else "WRONG"
    )


def _kill_at(command: list[str], database: Path, line: int) -> int:
    """Run ``command`` until a mark at or beyond ``line`` is kept, kill it and return the line of that mark."""
    child = start_command(command)
    while child.poll() is None and _line_reached(database) < line:
        time.sleep(0.05)
    child.kill()
    child.wait()
    return _line_reached(database)


def _line_reached(database: Path) -> int:
    try:
        with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as db:
            return int((db.execute("SELECT max(line) FROM reached").fetchone() or [0])[0] or 0)
    except sqlite3.Error:
        return 0


def write_dump(dump: Path, size: int) -> int:
    """Write ``size`` bytes of articles, before packing, and return how many there are."""
    form = dump.name.partition(".")[2]
    records = WRITERS[form]()
    written = count = 0
    with gzip.open(dump, "wb", compresslevel=1) if form == "jsonl.gz" else dump.open("wb") as stream:
        for one in records:
            stream.write(gzip.compress(one, compresslevel=1) if form == "warc.gz" else one)
            written += len(one)
            count += 1
            if written >= size:
                break
    return count


def _stories() -> Iterator[Draft]:
    """Yield stories without end; after the first ``STORIES`` they begin anew under other headlines."""
    kept: list[Draft] = []
    for number in itertools.count():
        if number < STORIES:
            printed = write_story(number, paragraphs=PARAGRAPHS)
            kept.append(Draft(printed.headline, printed.body, "", outlet=printed.outlet))
        story = kept[number % STORIES]
        yield replace(
            story,
            headline=f"{story.headline}, part {number}",
            body=f"{story.body}\nThe register lists it as number {number} of the year.",
            published=FIRST_DAY + timedelta(days=number % 3_000),
        )


def _jsonl() -> Iterator[bytes]:
    for story in _stories():
        fields = {"title": story.headline, "outlet": story.outlet, "date": str(story.published), "body": story.body}
        yield json.dumps(fields).encode() + b"\n"


def _warc() -> Iterator[bytes]:
    for number, story in enumerate(_stories()):
        page = page_of(story, links=LINKS, script=SCRIPT)
        yield record(response(page), f"https://news.example/{number}.html")


WRITERS: dict[str, Callable[[], Iterator[bytes]]] = {
    "warc": _warc,
    "warc.gz": _warc,
    "jsonl": _jsonl,
    "jsonl.gz": _jsonl,
}


if __name__ == "__main__":
    main()
