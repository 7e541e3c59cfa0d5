"""How much of an article, and how little else, is read from web pages, and how fast.

    python tests/benchmarks/pages.py DATA_FOLDER [--baseline]

Body: precision and recall of runs of four words (case kept, each as often as it occurs) a page, averaged over pages; F1
is of the two averages, as in Zyte's article extraction benchmark. Fundus's gold has section headings and leaves out the
standfirst, which is kept here: it is the outlet's own text. Headline: equal after cleaning. Day: the day of the gold
moment in its own time zone. Authors: pages whose set of names is equal, and F1 over all names; gold lists desks and
agencies ('dpa', 'Redaktion') as authors, we do not. Outlet: the publisher's short name in ours or ours in it, letters
and digits alone.

Rules were written on one half of the pages by a hash of the page's name. The other half is not unseen: its figures were
watched all along, and some sixteen of its pages were looked at, those on which nearly nothing was found or that were
taken for cut short or for no article.

``--baseline`` measures trafilatura with its own metadata and defaults instead. Pages a second are of process time, one
core, from bytes to the draft.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tables import say, say_conditions, say_table

from store.cleaning import clean_line
from store.readers.fields import Origin
from store.readers.page import read_page
from store.records import Draft

HALVES = ("half that rules were written on", "the other half", "all")
RUN = 4
TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page with its gold body, and the rest of its gold where there is any."""

    name: str
    content: bytes
    url: str
    body: str
    gold: Mapping[str, object]

    @property
    def half(self) -> int:
        return hashlib.sha256(self.name.encode()).digest()[0] % 2


@dataclass(frozen=True, slots=True)
class Read:
    """What was read from a page; ``body`` is empty where it was taken for no article."""

    body: str = ""
    headline: str = ""
    day: str = ""
    authors: tuple[str, ...] = ()
    outlet: str = ""
    is_truncated: bool = False


def read_zyte(folder: Path) -> Iterator[Page]:
    truth = json.loads((folder / "ground_truth.json").read_text(encoding="utf-8"))
    for name, gold in truth.items():
        content = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield Page(name, content, gold["url"], gold["articleBody"], {})


def read_fundus(folder: Path) -> Iterator[Page]:
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        content = gzip.decompress((folder / "html" / gold["file"]).read_bytes())
        yield Page(gold["file"], content, gold["url"], gold["body_text"], gold)


def read_with_dateline(page: Page) -> Read:
    taken = next(read_page(page.content, Origin(source=page.name, url=page.url)))
    if not isinstance(taken, Draft):
        return Read()
    published = taken.published
    day = published.date() if isinstance(published, datetime) else published
    outlet = taken.outlet or ""
    return Read(taken.body, taken.headline, str(day), taken.authors, outlet, taken.is_truncated)


def read_with_trafilatura(page: Page) -> Read:
    import trafilatura

    found = trafilatura.bare_extraction(page.content, url=page.url, include_comments=False, with_metadata=True)
    if found is None or isinstance(found, dict):
        return Read()
    authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
    return Read(found.text or "", clean_line(found.title or ""), found.date or "", authors, found.sitename or "")


def runs(text: str) -> Counter[tuple[str, ...]]:
    tokens = TOKEN.findall(text)
    return Counter(run for start in range(max(1, len(tokens) - RUN + 1)) if (run := tuple(tokens[start : start + RUN])))


def precision_and_recall(gold: str, body: str) -> tuple[float, float]:
    wanted, found = runs(gold), runs(body)
    both = (wanted & found).total()
    if not wanted and not found:
        return 1.0, 1.0
    return (both / found.total() if found else 0.0), (both / wanted.total() if wanted else 0.0)


def halves(pairs: Sequence[tuple[Page, Read]]) -> Iterator[tuple[str, list[tuple[Page, Read]]]]:
    for number, half in enumerate(HALVES):
        yield half, [pair for pair in pairs if number == 2 or pair[0].half == number]


def say_bodies(name: str, pairs: Sequence[tuple[Page, Read]]) -> None:
    rows = []
    for half, chosen in halves(pairs):
        scores = [precision_and_recall(page.body, read.body) for page, read in chosen]
        precision, recall = (statistics.mean(column) for column in zip(*scores, strict=True))
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        none = sum(not read.body for _, read in chosen)
        rows.append([half, len(chosen), f1, precision, recall, none, sum(read.is_truncated for _, read in chosen)])
    say_table([f"{name}: body", "pages", "F1", "precision", "recall", "taken for none", "cut short"], rows)


def say_fields(name: str, pairs: Sequence[tuple[Page, Read]]) -> None:
    rows = []
    for half, chosen in halves(pairs):
        names = [(set(page.gold["authors"] or ()), set(read.authors)) for page, read in chosen]
        shared = sum(len(gold & ours) for gold, ours in names)
        sizes = sum(len(gold) + len(ours) for gold, ours in names)
        rows.append(
            [
                half,
                share(chosen, lambda page, read: clean_line(str(page.gold["title"])) == read.headline),
                share(chosen, lambda page, read: str(page.gold["publishing_date"])[:10] == read.day),
                sum(gold == ours for gold, ours in names) / len(names),
                2 * shared / sizes if sizes else 0.0,
                share(chosen, lambda page, read: is_named(str(page.gold["publisher"]), read.outlet)),
            ]
        )
    say_table([f"{name}: fields", "headline", "day", "authors equal", "authors F1", "outlet"], rows)


def share(pairs: Sequence[tuple[Page, Read]], is_right: Callable[[Page, Read], bool]) -> float:
    return sum(is_right(page, read) for page, read in pairs) / len(pairs)


def is_named(publisher: str, outlet: str) -> bool:
    gold, ours = ("".join(filter(str.isalnum, name)).casefold() for name in (publisher, outlet))
    return bool(ours) and (gold in ours or (len(ours) > 2 and ours in gold))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--baseline", action="store_true")
    options = parser.parse_args()
    read = read_with_trafilatura if options.baseline else read_with_dateline
    say_conditions()
    for name, reader in (("zyte", read_zyte), ("fundus", read_fundus)):
        folder = options.data / "html" / name
        if not folder.is_dir():
            say(f"skipped: the evaluation data is not here ({str(folder)!r} is missing)")
            continue
        pages = list(reader(folder))
        read(pages[0])  # What is loaded with the first page is not counted.
        started = time.process_time()
        pairs = [(page, read(page)) for page in pages]
        took_s = time.process_time() - started
        say_bodies(name, pairs)
        if name == "fundus":
            say_fields(name, pairs)
        size = statistics.median(len(page.content) for page in pages)
        say(f"{name}: {len(pages) / took_s:.0f} pages a second and core, median page {size / 1_000:.0f} kB")
    say_conditions()


if __name__ == "__main__":
    sys.exit(main())
