"""How well people, places and organisations are found in articles, and what that costs when they are added.

    python tests/benchmarks/entities.py DATA_FOLDER [--articles 1000]

Found, on sentences of RealTimeQA whose names were labelled by hand ('entities/names.jsonl' in the data folder): each
mention counts, right where text and kind agree, leading articles and endings of possession left out. Rules were written
on the sample 'tune'; 'held' was looked at once; 'fresh' was labelled when they were done.

Cost: articles are added to a new archive; times are those of the processor.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from realtimeqa import articles_file
from tables import Cell, say, say_conditions, say_table

from store.archive import create_archive
from store.entities.recognition import find_mentions
from store.entities.roster import Roster
from store.readers import read_sources
from store.records import Draft

SAMPLES = ("tune", "held", "fresh")
KINDS = ("person", "place", "organisation")
_AROUND = re.compile(r"^(?:the|The|US|U\.S\.) |['’]s$|\.$")

Named = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and the names in it; those of ``free`` may be found or not."""

    article: str
    sample: str
    start: int
    end: int
    names: Counter[Named]
    free: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--articles", type=int, default=1000, help="how many articles to add")
    given = parser.parse_args()
    labels = given.data / "entities" / "names.jsonl"
    if not labels.is_file():
        sys.exit(f"{labels} is absent: nothing to measure")
    drafts = [one for one in read_sources([str(articles_file(given.data))]) if isinstance(one, Draft)]
    say_conditions()
    score([read_labelled(line) for line in labels.read_text(encoding="utf-8").splitlines()], drafts)
    with tempfile.TemporaryDirectory() as folder:
        cost(list(islice(drafts, given.articles)), Path(folder) / "archive")


def read_labelled(line: str) -> Labelled:
    told = json.loads(line)
    sure = Counter((bare(one["name"]), one["kind"]) for one in told["names"] if one["counts"])
    free = frozenset(bare(one["name"]) for one in told["names"] if not one["counts"])
    return Labelled(told["article"], told["sample"], told["start"], told["end"], sure, free)


def score(labelled: Sequence[Labelled], drafts: Iterable[Draft]) -> None:
    bodies = {draft.id: draft.body for draft in drafts}
    found = {article: find_mentions(bodies[article]) for article in {one.article for one in labelled}}
    rows: list[list[Cell]] = []
    for sample in SAMPLES:
        right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
        for one in (one for one in labelled if one.sample == sample):
            body = bodies[one.article]
            inside = [name for name in found[one.article] if one.start <= name.start and name.end <= one.end]
            told = Counter((bare(body[name.start : name.end]), str(name.kind)) for name in inside)
            told = Counter({named: count for named, count in told.items() if named[0] not in one.free})
            for counts, named in ((right, told & one.names), (wrong, told - one.names), (missed, one.names - told)):
                counts.update(kind for _, kind in named.elements())
        rows += [measured(sample, kind, right[kind], wrong[kind], missed[kind]) for kind in KINDS]
        rows.append(measured(sample, "all", right.total(), wrong.total(), missed.total()))
    say_table(["sample", "kind", "precision", "recall", "F1", "mentions"], rows)


def measured(sample: str, kind: str, right: int, wrong: int, missed: int) -> list[Cell]:
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return [sample, kind, precision, recall, 2 * right / max(1, 2 * right + wrong + missed), right + missed]


def cost(drafts: Sequence[Draft], path: Path) -> None:
    before, names = resident_mb(), 0.0
    enter = Roster.enter

    def timed(roster: Roster, article: int) -> None:
        nonlocal names
        began = time.process_time()
        enter(roster, article)
        names += time.process_time() - began

    Roster.enter = timed  # type: ignore[assignment, method-assign]  # no seam is worth it for this
    began = time.process_time()
    with create_archive(path, embedder=None) as archive:
        archive.add(drafts)
    added = time.process_time() - began
    words = sum(len(draft.body.split()) for draft in drafts)
    say_table(
        ["articles", "words each", "add ms each", "of that names ms", "share", "ms for 600 words", "MB more"],
        [[len(drafts), words // len(drafts), 1000 * added / len(drafts), 1000 * names / len(drafts), names / added,
          600_000 * names / words, resident_mb() - before]],
    )  # fmt: skip
    say("'MB more' is the highest memory of the whole process less that before adding.")


def bare(name: str) -> str:
    """Return a name as names are compared here."""
    name = name.strip()
    while (shorter := _AROUND.sub("", name)) != name:
        name = shorter
    return name


def resident_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
