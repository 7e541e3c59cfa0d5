"""Timelines of news topics against those that journalists wrote: Timeline17.

    python tests/benchmarks/timelines.py DATA_FOLDER [--ablations] [--leave-out] [--show COLLECTION]

Each of the ten collections holds the articles that one outlet wrote on a topic. As is usual, the number of the
reference's days is told, and the mean number of its sentences a day; where "days told" is said, its first and last day
too, and no article outside them is read, which is how the published figures are measured (DATEWISE, Gholipour
Ghalandari & Ifrim, ACL 2020: date F1 .544, AR1-F .120, the 19 timelines of the whole set, articles of all outlets on a
topic pooled). "Pooled" joins the collections of one topic. The weights of days were set by hand, with an eye on these
collections; ``--leave-out`` shows what is left when they are chosen from a grid on three topics for the fourth.

AR1-F is the alignment-based ROUGE-1 'align+ m:1', see `timeline_scores.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from tables import Cell, say, say_conditions, say_table
from timeline_scores import score_days, score_texts

from assistant.timeline import choosing, importance, telling
from assistant.timeline.events import Days, Event, Report
from assistant.timeline.sentences import read_sentences
from store.records import Article, ArticleRef
from store.words import content_words

# What a person would ask for. The collections name their topics by a label only.
QUERIES = {
    "H1N1": "swine flu",
    "MJ": "Michael Jackson",
    "bpoil": "BP oil spill",
    "haiti": "Haiti earthquake",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Which articles are read, and whether the first and last day of the reference are told."""

    name: str
    pooled: bool
    days_told: bool


SETTINGS = (
    Setting("own articles", pooled=False, days_told=False),
    Setting("pooled", pooled=True, days_told=False),
    Setting("own articles, days told", pooled=False, days_told=True),
    Setting("pooled, days told", pooled=True, days_told=True),
)


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles, and the reference timeline: the sentences of each day."""

    name: str
    reports: tuple[Report, ...]
    reference: dict[date, list[str]]

    @property
    def topic(self) -> str:
        return self.name.partition("_")[0]

    @property
    def sentences_a_day(self) -> int:
        return max(1, round(mean(map(len, self.reference.values()))))


@dataclass(frozen=True, slots=True)
class Told:
    """How one timeline did: F1 of its days, AR1-F with as many sentences as the reference and with one, seconds."""

    days: float
    texts: float
    one_a_day: float
    stated: float
    taken_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--ablations", action="store_true", help="leave out one part after the other; ten minutes")
    parser.add_argument("--leave-out", action="store_true", help="choose weights on the other topics; some minutes")
    parser.add_argument("--show", metavar="COLLECTION", help="print the timeline of a collection to be read by eye")
    given = parser.parse_args()
    collections = _read_collections(given.data / "timeline17")
    if given.show:
        _show(next(one for one in collections if one.name == given.show))
        return
    say_conditions()
    every = {setting: [_measure(one, collections, setting) for one in collections] for setting in SETTINGS}
    for setting, told in every.items():
        _say_setting(setting, collections, told)
    _say_means(every)
    if given.ablations:
        _say_ablations(collections)
    if given.leave_out:
        _say_left_out(collections)


def _read_collections(folder: Path) -> list[Collection]:
    if not folder.is_dir():
        sys.exit(f"no Timeline17 in {str(folder)!r}: nothing to measure")
    reports: defaultdict[str, list[Report]] = defaultdict(list)
    for record in _read_lines(folder / "articles.jsonl"):
        outlet = record["collection"].partition("_")[2]
        ref = ArticleRef(record["id"], record["title"] or "", outlet, published=date.fromisoformat(record["date"]))
        reports[record["collection"]].append(Report(Article(ref, record["text"])))
    references: defaultdict[str, defaultdict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in _read_lines(folder / "timelines.jsonl"):
        for entry in record["entries"]:
            references[record["collection"]][date.fromisoformat(entry["date"])] += entry["sentences"]
    return [Collection(name, tuple(reports[name]), dict(reference)) for name, reference in references.items()]


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _measure(collection: Collection, collections: Sequence[Collection], setting: Setting) -> Told:
    started = time.perf_counter()
    events = _tell(collection, collections, setting, collection.sentences_a_day)
    taken_s = time.perf_counter() - started
    single = events if collection.sentences_a_day == 1 else _first_of_each_day(events)
    stated = mean(event.basis == "stated" for event in single)
    days, texts = _scores(events, collection)
    return Told(days, texts, _scores(single, collection)[1], stated, taken_s)


def _first_of_each_day(events: Sequence[Event]) -> list[Event]:
    return list({event.days: event for event in reversed(events)}.values())[::-1]


def _tell(
    collection: Collection, collections: Sequence[Collection], setting: Setting, sentences_a_day: int
) -> tuple[Event, ...]:
    first, last = min(collection.reference), max(collection.reference)
    return telling.tell_timeline(
        _reports(collection, collections, setting),
        _weights(collection),
        since=first if setting.days_told else None,
        until=last if setting.days_told else None,
        limit=len(collection.reference),
        sentences_a_day=sentences_a_day,
        exact_days_only=True,
    )


def _reports(collection: Collection, collections: Sequence[Collection], setting: Setting) -> list[Report]:
    reports = [
        report
        for one in collections
        if one.name == collection.name or (setting.pooled and one.topic == collection.topic)
        for report in one.reports
    ]
    if not setting.days_told:
        return reports
    first, last = min(collection.reference), max(collection.reference)
    return [report for report in reports if report.published and first <= report.published <= last]


def _weights(collection: Collection) -> dict[str, float]:
    """Return the stems of what is asked for, all alike: there is no archive to tell how rare they are."""
    return dict.fromkeys(content_words(QUERIES[collection.topic]), 1.0)


def _scores(events: Sequence[Event], collection: Collection) -> tuple[float, float]:
    told: defaultdict[date, list[str]] = defaultdict(list)
    for event in events:
        told[event.days.since].append(event.quote.text)
    return score_days(told, collection.reference).f, score_texts(told, collection.reference).f


def _say_setting(setting: Setting, collections: Sequence[Collection], told: Sequence[Told]) -> None:
    rows: list[list[Cell]] = [
        [one.name, len(one.reference), one.sentences_a_day, *_cells(result)]
        for one, result in zip(collections, told, strict=True)
    ]
    rows.append(["mean", "", "", *_means(told)])
    say_table([setting.name, "days", "sentences a day", *_HEAD], rows)


def _say_means(every: dict[Setting, list[Told]]) -> None:
    say_table(["mean of ten", *_HEAD], [[setting.name, *_means(told)] for setting, told in every.items()])
    longest = max(result.taken_s for told in every.values() for result in told)
    say(f"The slowest took {longest:.1f} s.")


_HEAD = ("date F1", "AR1-F", "AR1-F, one a day", "says when", "time")


def _cells(told: Told) -> list[Cell]:
    return [told.days, told.texts, told.one_a_day, told.stated, f"{told.taken_s:.1f} s"]


def _means(told: Sequence[Told]) -> list[Cell]:
    means = [mean(getattr(one, name) for one in told) for name in ("days", "texts", "one_a_day", "stated", "taken_s")]
    return [*means[:-1], f"{means[-1]:.1f} s"]


# What is left out, and the constants that do so.
_ABLATIONS: dict[str, dict[tuple[Any, str], float]] = {
    "as it is": {},
    "ahead counts as reporting": {(importance, "LOOKS_AHEAD"): 1.0},
    "looking back counts as reporting": {(importance, "LOOKS_BACK"): 1.0},
    "no lede": {(importance, "IN_LEDE"): 0.0},
    "how many articles name the day, no more": {
        (importance, "LOOKS_AHEAD"): 1.0,
        (importance, "LOOKS_BACK"): 1.0,
        (importance, "IN_LEDE"): 0.0,
        (importance, "PUBLISHED"): 0.0,
    },
    "no publication": {(importance, "PUBLISHED"): 0.0},
    "publication counts 1": {(importance, "PUBLISHED"): 1.0},
    "publication alone": {
        (importance, "LOOKS_AHEAD"): 0.0,
        (importance, "REPORTS"): 0.0,
        (importance, "LOOKS_BACK"): 0.0,
        (importance, "IN_LEDE"): 0.0,
    },
    "sentences: not for the topic": {(choosing, "ON_TOPIC"): 0.0},
    "sentences: not for being early": {(choosing, "EARLY"): 0.0},
    "sentences: not for being short": {(choosing, "EACH_WORD"): 0.0},
    "sentences: not for saying when": {(choosing, "STATES"): 0.0},
    "sentences: not for reading well": {(choosing, "LEANS"): 0.0, (choosing, "QUOTES"): 0.0},
    "sentences: the same of many days": {(choosing, "SAME"): 1.1},
}


def _say_ablations(collections: Sequence[Collection]) -> None:
    rows: list[list[Cell]] = []
    for name, constants in _ABLATIONS.items():
        with _changed(constants):
            told = {
                setting: [_measure(one, collections, setting) for one in collections]
                for setting in SETTINGS
                if not setting.pooled
            }
        rows.append([name, *(cell for results in told.values() for cell in _means(results)[:3])])
    head = [f"{part}{', days told' * setting.days_told}" for setting in told for part in _HEAD[:3]]
    say_table(["own articles", *head], rows)


# Weights that days could have.
_GRID = {
    "LOOKS_AHEAD": (0.25, 0.5, 1.0),
    "LOOKS_BACK": (1.0, 2.0, 3.0),
    "IN_LEDE": (0.0, 1.0),
    "PUBLISHED": (0.0, 0.25, 1.0),
}


def _say_left_out(collections: Sequence[Collection]) -> None:
    """Print the date F1 of each topic with the weights that do best on the others, sentences not looked at."""
    rows: list[list[Cell]] = []
    for setting in SETTINGS:
        found = list(_search_weights(collections, setting))
        here = []
        for one in collections:
            others = [number for number, other in enumerate(collections) if other.topic != one.topic]
            best = max(found, key=lambda scores: mean(scores[number] for number in others))
            here.append(best[collections.index(one)])
        rows.append([setting.name, mean(here), max(map(mean, found))])
    say_table(["days alone", "weights chosen on other topics", "on all, the best of the grid"], rows)


def _search_weights(collections: Sequence[Collection], setting: Setting) -> Iterator[list[float]]:
    """Yield the date F1 of each collection, for each combination of weights."""
    read = []
    for one in collections:
        reports = _reports(one, collections, setting)
        read.append((one, reports, read_sentences(reports, _weights(one))))
    for values in product(*_GRID.values()):
        with _changed({(importance, name): value for name, value in zip(_GRID, values, strict=True)}):
            yield [
                _days_alone(one, importance.weigh_days(reports, sentences), setting) for one, reports, sentences in read
            ]


def _days_alone(collection: Collection, worth: dict[Days, float], setting: Setting) -> float:
    first, last = min(collection.reference), max(collection.reference)
    days = [one for one in worth if one.is_exact_day and (not setting.days_told or first <= one.since <= last)]
    best = sorted(days, key=lambda one: (-worth[one], one))[: len(collection.reference)]
    return score_days([one.since for one in best], collection.reference).f


@contextmanager
def _changed(constants: dict[tuple[Any, str], float]) -> Iterator[None]:
    before = {(module, name): getattr(module, name) for module, name in constants}
    _set(constants)
    try:
        yield
    finally:
        _set(before)


def _set(constants: dict[tuple[Any, str], float]) -> None:
    for (module, name), value in constants.items():
        setattr(module, name, value)


def _show(collection: Collection) -> None:
    for event in telling.tell_timeline(collection.reports, _weights(collection)):
        since, until, is_approximate = event.days
        days = f"{'about ' * is_approximate}{since}{f' to {until}' if until != since else ''}"
        marks = f"{event.basis}{', announced' * event.is_announced}, {event.importance:.2f}, +{len(event.also)}"
        say(f"{days} [{marks}] {event.quote.text}")


if __name__ == "__main__":
    main()
