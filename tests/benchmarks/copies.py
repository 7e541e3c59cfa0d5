"""Copies: prints of one story found among look-alikes, what finding them costs, and what a real archive holds of them.

    python tests/benchmarks/copies.py [ARCHIVE] [--articles 100000] [--in-turns] [--sweep]

The stories are the sample articles and invented ones; 200 prints are made of them as other outlets print a story. All
go through `Archive.add`. With ARCHIVE, the groups found among its articles are listed for the eye; it is only read.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, islice
from pathlib import Path

import prints
from prints import BOILERPLATE, REWRITES, Printed, chance, reprint, write_story
from tables import Cell, say, say_conditions, say_table

import store.copies
from store.archive import Archive, create_archive, open_archive
from store.copies import are_prints, likeness, shingle, sketch
from store.readers import read_sources
from store.records import Draft, day_of
from store.schema import FILE_NAME

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"
STORIES = 50
PRINTS_EACH = 4
FIRST_DAY = date(2019, 12, 20)
LISTED = 30

# Numbers of the first stories of sets that no constant was chosen on.
FRESH = (5_000, 6_000, 7_000, 8_000, 9_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, nargs="?", help="an archive to list the groups of")
    parser.add_argument("--articles", type=int, default=100_000, help="how many invented ones to add; 0 for none")
    parser.add_argument("--sweep", action="store_true", help="also what the constants of `store.copies` were chosen on")
    parser.add_argument("--in-turns", action="store_true", help="add them also without copies, a tenth each in turns")
    given = parser.parse_args()
    say_conditions()
    with tempfile.TemporaryDirectory() as folder:
        _say_samples(Path(folder) / "samples")
        _say_pairs(Path(folder) / "pairs")
        if given.sweep:
            _say_sweep()
        if given.archive:
            _say_groups(given.archive, Path(folder) / "listed")
        if given.articles:
            _say_cost(Path(folder) / "cost", given.articles, in_turns=given.in_turns)
    say_conditions()


# -- what is found -----------------------------------------------------------------------------------------------------


def _say_samples(folder: Path) -> None:
    _add(folder, [draft for draft in read_sources([str(SAMPLES)]) if isinstance(draft, Draft)])
    groups = [group for group in _groups(folder) if len(group) > 1]
    say()
    say(f"Sample archive: {len(groups)} story with several prints: {'; '.join(', '.join(group) for group in groups)}")


def _say_pairs(folder: Path) -> None:
    rows: list[list[Cell]] = []
    tuned: tuple[Sequence[Printed], Sequence[Sequence[Printed]]] | None = None
    for first in (0, *FRESH):
        originals = _fresh_originals(first) if first else _originals()
        articles = [*_stories_and_prints(originals), *_look_alikes(originals)]
        _add(folder / str(first), [_draft(number, article) for number, article in enumerate(articles)])
        groups = [[articles[int(one)] for one in group] for group in _groups(folder / str(first))]
        tuned = tuned or (articles, groups)
        name = f"invented, from number {first}" if first else "samples and invented, on which constants were chosen"
        rows.append([name, len(articles), STORIES * PRINTS_EACH, *_precision_and_recall(articles, groups)])
    say_table(["stories", "articles", "of them prints", "pair precision", "pair recall"], rows)
    assert tuned is not None
    _say_kinds(*tuned)


def _precision_and_recall(articles: Sequence[Printed], groups: Sequence[Sequence[Printed]]) -> tuple[float, float]:
    together = [pair for group in groups for pair in combinations(group, 2)]
    right = sum(a.story == b.story for a, b in together)
    sizes = Counter(article.story for article in articles)
    return right / len(together), right / sum(size * (size - 1) // 2 for size in sizes.values())


def _say_kinds(articles: Sequence[Printed], groups: Sequence[Sequence[Printed]]) -> None:
    found: Counter[str] = Counter()
    strange: Counter[str] = Counter()
    for group in groups:
        leads = {one.story for one in group if one.kind == "original"}
        for one in group:
            found[one.kind] += one.kind in REWRITES and one.story in leads
            strange[one.kind] += any(other.story != one.story for other in group)
    kinds = Counter(article.kind for article in articles)
    say_table(
        ["print", "number", "found with its original", "in a group with another story"],
        [[kind, kinds[kind], found[kind], strange[kind]] for kind in REWRITES],
    )
    others = [kind for kind in kinds if kind not in REWRITES]
    say_table(
        ["no print", "number", "in a group with another story"], [[kind, kinds[kind], strange[kind]] for kind in others]
    )


def _originals() -> list[Printed]:
    """Return the distinct stories: of the samples, where the agency's own print stands for all three, and invented."""
    samples = [
        Printed(
            story=draft.headline,
            kind="original",
            headline=draft.headline,
            outlet=draft.outlet or "",
            published=day_of(draft.published) or FIRST_DAY,
            paragraphs=tuple(draft.body.split("\n")),
        )
        for draft in read_sources([str(SAMPLES)])
        if isinstance(draft, Draft) and ("parliament-vote" not in draft.source or draft.outlet == "Meridian Wire")
    ]
    more = range(STORIES - len(samples))
    return samples + [write_story(number, day=FIRST_DAY + timedelta(days=number % 9)) for number in more]


def _fresh_originals(first: int) -> list[Printed]:
    days = (FIRST_DAY + timedelta(days=number % 9) for number in range(STORIES))
    return [write_story(first + number, day=day) for number, day in enumerate(days)]


def _stories_and_prints(originals: Sequence[Printed]) -> Iterator[Printed]:
    kinds = list(REWRITES)
    for number, original in enumerate(originals):
        yield original
        for i in range(PRINTS_EACH):
            # Every kind comes equally often, and each story in four different ones.
            yield reprint(original, kinds[(number * PRINTS_EACH + i) % len(kinds)], number + i)


def _look_alikes(originals: Sequence[Printed]) -> Iterator[Printed]:
    for number, original in enumerate(originals):
        yield prints.follow_up(original, number)
        yield prints.same_quotes(original, number)
    for first in range(0, STORIES - 5, 3):
        yield prints.roundup(originals[first : first + 3 + first // 3 % 3], first)
    for number in range(30):
        day = FIRST_DAY + timedelta(days=number % 5)
        yield prints.market_report(number, day)
        yield prints.weather_report(number, day)
        yield prints.match_report(number, day)
        yield prints.blocked_page(number, day)
    yield from prints.short_notes(30, FIRST_DAY)


# -- what it costs -----------------------------------------------------------------------------------------------------


def _say_cost(folder: Path, articles: int, *, in_turns: bool) -> None:
    rows: list[list[Cell]] = []
    drafts = _many(articles)
    step = max(1, articles // 10)
    clock = _Clock()
    with (
        create_archive(folder / "with", embedder=None) as archive,
        create_archive(folder / "bare", embedder=None) as bare,
    ):
        _watch(archive, clock)
        _leave_out_copies(bare)
        added, total_s, bare_s = 0, 0.0, 0.0
        while batch := list(islice(drafts, step)):
            before = clock.spent_s
            taken = _timed(archive, batch)
            without = _timed(bare, batch) if in_turns else 0.0
            added, total_s, bare_s = added + len(batch), total_s + taken, bare_s + without
            finding = f"{(clock.spent_s - before) / len(batch) * 1e3:.2f} ms"
            rows.append([added, f"{taken:.1f} s", finding, f"{without:.1f} s" if in_turns else "–"])
    say_table(
        ["articles", "last tenth added in", "processor time to find the story of one", "the same without copies"], rows
    )
    say(
        f"Added in {total_s:.0f} s, {clock.spent_s:.0f} s of processor time for stories"
        + (f"; without copies in {bare_s:.0f} s." if in_turns else ".")
    )
    _say_size(folder / "with" / FILE_NAME)


@dataclass(slots=True)
class _Clock:
    """Adds up the processor time spent in finding stories; what their rows add to a commit is not in it."""

    spent_s: float = 0.0


def _watch(archive: Archive, clock: _Clock) -> None:
    enter = archive._catalog.stories.enter

    def watched(key: int) -> None:
        started = time.process_time()
        enter(key)
        clock.spent_s += time.process_time() - started

    archive._catalog.stories.enter = watched  # type: ignore[method-assign]


def _leave_out_copies(archive: Archive) -> None:
    def nothing(_: int) -> None:
        return None

    archive._catalog.stories.enter = nothing  # type: ignore[method-assign]


def _timed(archive: Archive, batch: Sequence[Draft]) -> float:
    started = time.perf_counter()
    archive.add(batch)
    return time.perf_counter() - started


def _say_size(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        held = dict(db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
        (groups,) = db.execute("SELECT count(DISTINCT story) FROM stories WHERE story <> article").fetchone()
        articles, letters = db.execute("SELECT count(*), sum(length(body)) FROM articles").fetchone()
    ours = sum(held.get(name, 0) for name in ("sketches", "stories", "stories_by_story"))
    say_table(
        ["articles", "characters each", "stories with several prints", "bytes an article", "of them for copies"],
        [[articles, letters // articles, groups, sum(held.values()) // articles, ours // articles]],
    )


def _many(articles: int) -> Iterator[Draft]:
    """Yield articles in no order of days: single stories, in every tenth place a print of a story further back, and a
    tenth in one fortnight that all end in the same boilerplate."""
    for number in range(articles):
        pick = chance("archive", number)
        if number % 10 == 9:
            original = write_story(number - pick.randint(1, 8))
            article = reprint(original, pick.choice(list(REWRITES)), number)
        else:
            article = write_story(number)
        if number % 10 == 8:
            flood = FIRST_DAY + timedelta(days=pick.randrange(14))
            yield _draft(number, write_story(number, day=flood), more=BOILERPLATE)
        else:
            yield _draft(number, article)


# -- what is chosen on it ----------------------------------------------------------------------------------------------


def _say_sweep() -> None:
    originals = [write_story(number, day=FIRST_DAY) for number in range(150)]
    pairs = [(one, reprint(one, kind, i)) for one in originals[:60] for i, kind in enumerate(REWRITES)]
    likes = [(one, prints.follow_up(one, i)) for i, one in enumerate(originals)]
    likes += [(one, prints.same_quotes(one, i)) for i, one in enumerate(originals)]
    for i in range(0, 140, 4):
        parts = originals[i : i + 4]
        likes += [(part, prints.roundup(parts, i)) for part in parts]
    for write in (prints.market_report, prints.weather_report, prints.match_report):
        likes += combinations([write(number, FIRST_DAY) for number in range(20)], 2)
    rows: list[list[Cell]] = []
    usual = store.copies.SHINGLE_WORDS, store.copies.CONTAINMENT
    for words in (3, 4, 5):
        for containment in (0.45, 0.5, 0.55, 0.6, 0.65):
            store.copies.SHINGLE_WORDS, store.copies.CONTAINMENT = words, containment
            rows.append([words, f"{containment:.2f}", _share(pairs), _share(likes)])
    store.copies.SHINGLE_WORDS, store.copies.CONTAINMENT = usual
    say_table(["words a shingle", "containment", "prints taken for prints", "look-alikes taken for prints"], rows)
    _say_sketches(pairs, list(combinations(originals, 2)))


def _share(pairs: Iterable[tuple[Printed, Printed]]) -> float:
    judged = [are_prints(shingle(a.body), shingle(b.body)) for a, b in pairs]
    return sum(judged) / len(judged)


def _say_sketches(pairs: Sequence[tuple[Printed, Printed]], strangers: Sequence[tuple[Printed, Printed]]) -> None:
    bodies = {one.body: shingle(one.body) for pair in [*pairs, *strangers] for one in pair}
    alike = [(a, b) for a, b in pairs if likeness(bodies[a.body], bodies[b.body]).containment > 0.5]
    usual = store.copies.SKETCH_HASHES
    rows: list[list[Cell]] = []
    for hashes in (8, 12, 16, 24, 32, 48):
        store.copies.SKETCH_HASHES = hashes
        kept = {body: set(sketch(taken)) for body, taken in bodies.items()}
        row: list[Cell] = [hashes]
        for of in (alike, strangers):
            shared = [len(kept[a.body] & kept[b.body]) for a, b in of]
            row += [sum(count >= enough for count in shared) / len(shared) for enough in (1, 2, 3)]
        rows.append(row)
    store.copies.SKETCH_HASHES = usual
    head = [f"{of} sharing {enough}" for of in ("prints", "strangers") for enough in (1, 2, 3)]
    say_table(["hashes", *head], rows)


# -- a real archive ----------------------------------------------------------------------------------------------------


def _say_groups(path: Path, folder: Path) -> None:
    with open_archive(path) as archive:
        refs = {ref.id: ref for ref in archive.articles()}
        drafts = [
            Draft(ref.headline, archive.article(ref.id).body, "-", None, ref.id, ref.outlet, published=ref.published)
            for ref in refs.values()
        ]
    started = time.perf_counter()
    _add(folder, drafts)
    taken = time.perf_counter() - started
    groups = [group for group in _groups(folder) if len(group) > 1]
    say()
    say(f"{len(drafts):,} articles added in {taken:.1f} s: {len(groups)} stories with several prints")
    say()
    for group in groups[:: max(1, len(groups) // LISTED)]:
        for key in group:
            say(f"- {day_of(refs[key].published)} {refs[key].outlet}: {refs[key].headline}")
        say()


def _draft(number: int, article: Printed, *, more: Sequence[str] = ()) -> Draft:
    return Draft(
        headline=article.headline,
        body="\n".join([*article.paragraphs, *more]),
        source="-",
        id=str(number),
        outlet=article.outlet,
        published=article.published,
    )


def _add(folder: Path, drafts: Sequence[Draft]) -> None:
    with create_archive(folder, embedder=None) as archive:
        archive.add(drafts)


def _groups(folder: Path) -> list[list[str]]:
    """Return the ids of the articles of each story, the leading print first."""
    groups: dict[int, list[str]] = defaultdict(list)
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        rows = db.execute(
            "SELECT s.story, a.id FROM stories s JOIN articles a ON a.key = s.article "
            "ORDER BY s.story <> s.article, a.id"
        )
        for story, article in rows:
            groups[story].append(article)
    return list(groups.values())


if __name__ == "__main__":
    main()
