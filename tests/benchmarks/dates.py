"""How well time expressions are read, and what questions make of them.

    python tests/benchmarks/dates.py DATA_FOLDER [--libraries]

TempEval-3's expressions are found and read in their whole texts by ``store.dates``; with ``--libraries`` the well-known
ones that are installed read the same expressions, each given the words alone, which they need not find. Documents fall
into a half to tune on and a held-back half by a hash of their id: errors were looked at in the first only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

from tables import Cell, say, say_conditions, say_table

from assistant.windows import TimeReading, read_window
from store.dates import TimeExpression, find_times
from store.records import Window

# The questions lie with the tests, which are no package: one copy for both.
sys.path.insert(0, str(Path(__file__).parents[1] / "assistant"))
from window_questions import ASKED_ON, QUESTIONS, WindowQuestion

HALVES = ("tuning", "held back")
CLASSES = {
    "day, week, month or year": r"\d{4}(-\d\d(-\d\d)?|-W\d\d)?",
    "quarter, half or season": r"\d{4}-(Q\d|H\d|SP|SU|FA|WI)",
    "PAST, PRESENT, FUTURE": r"\w+_REF",
    "other": r".*",
}
# The class that counts, and the share of it that must be exact.
HEADLINE, WANTED = "day, week, month or year", 0.80

Reader = Callable[[str, date], str | None]


@dataclass(frozen=True, slots=True)
class Gold:
    """An expression as annotated."""

    start: int
    end: int
    text: str
    type: str
    value: str
    relative: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A text of TempEval-3 with the day it was written on."""

    half: str
    written: date
    text: str
    golds: tuple[Gold, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--libraries", action="store_true", help="compare with the libraries that are installed")
    given = parser.parse_args()
    _say_questions()
    path = given.data / "tempeval3" / "docs.jsonl"
    if not path.is_file():
        sys.exit(f"{path} is absent: no time expressions to measure")
    documents = [_document(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    say_conditions()
    _say_values(documents)
    _say_detection(documents)
    if given.libraries:
        _say_libraries(documents)


def _document(entry: Mapping[str, object]) -> Document:
    digest = hashlib.sha256(str(entry["id"]).encode()).hexdigest()
    timexes = entry["timexes"]
    assert isinstance(timexes, list)
    golds = (Gold(**{name: timex[name] for name in Gold.__slots__}) for timex in timexes)
    return Document(
        HALVES[int(digest, 16) % 2], date.fromisoformat(str(entry["dct"])[:10]), str(entry["text"]), tuple(golds)
    )


def _overlap(found: TimeExpression, gold: Gold) -> int:
    return min(found.end, gold.end) - max(found.start, gold.start)


def _read_golds(document: Document) -> Iterator[tuple[Gold, TimeExpression | None, str | None]]:
    """Yield each gold expression with what was found there and its value; of a range, the end that is meant."""
    found = find_times(document.text, document.written)
    met: Counter[TimeExpression] = Counter()
    for gold in document.golds:
        best = max(found, key=lambda one: _overlap(one, gold), default=None)
        if best is None or _overlap(best, gold) <= 0:
            yield gold, None, None
            continue
        ends = best.value.split("/")
        yield gold, best, ends[min(met[best], len(ends) - 1)]
        met[best] += 1


def _class_of(value: str) -> str:
    return next(name for name, pattern in CLASSES.items() if re.fullmatch(pattern, value))


def _is_relative_date(gold: Gold) -> bool:
    return gold.relative and gold.type == "DATE"


def _say_values(documents: Sequence[Document]) -> None:
    every: Counter[tuple[str, str]] = Counter()
    exact: Counter[tuple[str, str]] = Counter()
    for document in documents:
        for gold, _, value in _read_golds(document):
            if _is_relative_date(gold):
                key = (_class_of(gold.value), document.half)
                every[key] += 1
                exact[key] += value == gold.value
    rows: list[list[Cell]] = []
    for name in CLASSES:
        counts = [(exact[name, half], every[name, half]) for half in HALVES]
        counts.append((sum(right for right, _ in counts), sum(all_ for _, all_ in counts)))
        rows.append([name, *(f"{right / all_:.3f} ({right} of {all_})" for right, all_ in counts)])
    say_table(["relative DATE, value exact, found in its text", *HALVES, "all"], rows)
    say(f"At least {WANTED:.2f} of the first row is wanted.")


def _say_detection(documents: Sequence[Document]) -> None:
    rows: list[list[Cell]] = []
    for half in HALVES:
        count: Counter[str] = Counter()
        for document in (one for one in documents if one.half == half):
            for gold, found, _ in _read_golds(document):
                if gold.type == "DATE":
                    count["gold"] += 1
                    count["overlap"] += found is not None
                    count["same"] += found is not None and (found.start, found.end) == (gold.start, gold.end)
            for one in find_times(document.text, document.written):
                count["found"] += 1
                count["right"] += any(_overlap(one, gold) > 0 for gold in document.golds)
        shares = [count[part] / count[of] for part, of in (("same", "gold"), ("overlap", "gold"), ("right", "found"))]
        rows.append([half, count["gold"], *shares, count["found"]])
    say_table(["detection", "DATEs", "recall, same span", "recall, overlap", "precision (any type)", "found"], rows)


def _say_libraries(documents: Sequence[Document]) -> None:
    rows: list[list[Cell]] = [_ours(documents)]
    for name, (module, load) in LIBRARIES.items():
        try:
            reader = load()
        except ImportError as exc:
            say(f"left out: {name} ({exc})")
        else:
            rows.append(_measure_library(name, module, reader, documents))
    say_table(["reader", *(f"exact, {half}" for half in HALVES), "import", "an expression"], rows)
    say("An expression of the first row counts what finding it in its text takes.")


def _ours(documents: Sequence[Document]) -> list[Cell]:
    started = time.perf_counter()
    found = sum(len(find_times(document.text, document.written)) for document in documents)
    each_s = (time.perf_counter() - started) / found
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for document in documents:
        for gold, _, value in _read_golds(document):
            if _is_relative_date(gold) and _class_of(gold.value) == HEADLINE:
                right[document.half].append(value == gold.value)
    return _row("store.dates", right, _import_s("store.dates"), each_s)


def _measure_library(name: str, module: str, reader: Reader, documents: Sequence[Document]) -> list[Cell]:
    right: defaultdict[str, list[bool]] = defaultdict(list)
    taken_s = 0.0
    reader("yesterday", date(2020, 1, 2))  # What is loaded once is not counted.
    for document in documents:
        for gold in document.golds:
            if _is_relative_date(gold) and _class_of(gold.value) == HEADLINE:
                started = time.perf_counter()
                value = reader(" ".join(gold.text.split()), document.written)
                taken_s += time.perf_counter() - started
                # A library that gives days is right where the day lies in the month or year that is meant.
                right[document.half].append(value is not None and _is_within(value, gold.value))
    return _row(name, right, _import_s(module), taken_s / sum(map(len, right.values())))


def _row(name: str, right: Mapping[str, Sequence[bool]], import_s: float, each_s: float) -> list[Cell]:
    shares = [sum(right[half]) / len(right[half]) for half in HALVES]
    return [name, *shares, f"{1000 * import_s:.0f} ms", f"{1000 * each_s:.2f} ms"]


def _is_within(value: str, gold: str) -> bool:
    """Return whether a value is the gold one, taking a day for the week, month or year that it lies in."""
    if value == gold or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is None:
        return value == gold
    week = date.fromisoformat(value).isocalendar()
    return value.startswith(gold) or gold == f"{week.year}-W{week.week:02d}"


def _import_s(module: str) -> float:
    """Return the seconds that importing takes in a new process, the fastest of five."""
    code = f"import time; s = time.perf_counter(); import {module}; print(time.perf_counter() - s)"
    with tempfile.TemporaryDirectory() as folder:  # Compiled by the first run, wherever that is switched off.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        command = [sys.executable, "-c", code]
        runs = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def _load_dateparser() -> Reader:
    import dateparser

    def read(text: str, written: date) -> str | None:
        settings = {"RELATIVE_BASE": datetime(written.year, written.month, written.day), "PREFER_DATES_FROM": "past"}  # noqa: DTZ001
        found = dateparser.parse(text, languages=["en"], settings=settings)
        return found.date().isoformat() if found else None

    return read


def _load_recognizers() -> Reader:
    from recognizers_date_time import recognize_datetime

    def read(text: str, written: date) -> str | None:
        found = recognize_datetime(text, "en-us", reference=datetime(written.year, written.month, written.day))  # noqa: DTZ001
        values = [value for one in found or () for value in (one.resolution or {}).get("values", ())]
        # An ambiguous day has its past value first.
        return str(values[0].get("value") or values[0].get("start") or "")[:10] or None if values else None

    return read


def _load_parsedatetime() -> Reader:
    import parsedatetime

    calendar = parsedatetime.Calendar()

    def read(text: str, written: date) -> str | None:
        found, status = calendar.parseDT(text, sourceTime=datetime(written.year, written.month, written.day))  # noqa: DTZ001
        return found.date().isoformat() if status else None

    return read


def _load_timexy() -> Reader:
    import spacy

    import_module("timexy")  # It registers itself with spaCy.
    nlp = spacy.blank("en")
    nlp.add_pipe("timexy", config={"kb_id_type": "timex3"})

    def read(text: str, written: date) -> str | None:
        # It knows no day of writing: what it resolves is absolute.
        values = [re.search(r'value="([\d-]+)', entity.kb_id_) for entity in nlp(text).ents]
        return next((value[1] for value in values if value), None) if written else None

    return read


LIBRARIES: dict[str, tuple[str, Callable[[], Reader]]] = {
    "dateparser": ("dateparser", _load_dateparser),
    "recognizers-text": ("recognizers_date_time", _load_recognizers),
    "parsedatetime": ("parsedatetime", _load_parsedatetime),
    "timexy": ("timexy", _load_timexy),
}


def _say_questions() -> None:
    readings = [(question, read_window(question.text, ASKED_ON)) for question in QUESTIONS]
    rows: list[list[Cell]] = [
        ["all of it", sum(_is_right(question, reading) for question, reading in readings)],
        ["filter", sum(_days(reading.filter) == question.filter for question, reading in readings)],
        ["preference", sum(_days(reading.preference) == question.preference for question, reading in readings)],
        ["newest first", sum(reading.newest_first == question.newest_first for question, reading in readings)],
        ["about the present", sum(reading.present == question.present for question, reading in readings)],
    ]
    say_table([f"window decisions, right of {len(QUESTIONS)} own questions", "right"], rows)


def _is_right(question: WindowQuestion, reading: TimeReading) -> bool:
    return (_days(reading.filter), _days(reading.preference), reading.newest_first, reading.present) == (
        question.filter,
        question.preference,
        question.newest_first,
        question.present,
    )


def _days(window: Window | None) -> str | None:
    return None if window is None else f"{window.since or ''}..{window.until or ''}"


if __name__ == "__main__":
    main()
