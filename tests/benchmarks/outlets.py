"""How well outlets that questions name are recognised, and what splitting questions is worth.

    python tests/benchmarks/outlets.py DATA_FOLDER

Recognition, on MultiHop-RAG: all sources in its file stand for an archive. Gold are the sources of a question's
evidence that the question names: the source itself, its head before ' - ', ' | ' or ': ', or that head in capitals,
stands in it as whole words, case kept. Sections are counted as their head ('FOX News - Health' is 'FOX News'). Some
evidence states no source: an outlet found beyond gold is an error where all evidence of the question states its source,
and where not, unless the question names it by the same rule ('unjudged'). Questions are halved by a hash of their id;
rules were written on the first half. 'named' is all that is recognised, 'cited' what becomes a cue.

False alarms, on RealTimeQA, whose questions hardly ever name an outlet: its articles' hosts stand for an archive, and
as a harder test all outlets that are known at all.

Splitting: recall of the evidence's articles among ten, and the share of questions with all of them, over a pool of all
evidence (title and fact as the text, SQLite FTS5, title weighted 2); 'split only' are the questions of which anything
is split. Then two questions of RealTimeQA in one line, over its articles.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sqlite3
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from urllib.parse import urlsplit

from realtimeqa import articles_file, read_quiz
from tables import Cell, say, say_conditions, say_table

from assistant.outlet_cues import read_outlet_cue
from assistant.subqueries import split_question
from store import outlets
from store.outlets import OutletIndex
from store.words import query_terms

DEPTH = 60
HALVES = ("first", "second")
SECTION = re.compile(r" - | \| |: ")

Ranking = Sequence[str]


@dataclass(frozen=True, slots=True)
class MultiHop:
    """A question with its evidence: titles and facts, and the sources, None where unknown."""

    text: str
    kind: str
    half: int
    evidence: tuple[tuple[str, str], ...]
    sources: tuple[str | None, ...]


class Pool:
    """Titled texts in a full-text index, ranked for a query by title."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._db = sqlite3.connect(":memory:")
        self._db.execute(
            "CREATE VIRTUAL TABLE pool USING fts5(title, body, tokenize='porter unicode61 remove_diacritics 2')"
        )
        self._db.executemany("INSERT INTO pool VALUES (?, ?)", texts)
        self.rank = cache(self._rank)

    def _rank(self, query: str) -> Ranking:
        match = " OR ".join(f'"{term}"' for term in query_terms(query))
        rows = self._db.execute(
            "SELECT title FROM pool WHERE pool MATCH ? ORDER BY bm25(pool, 2.0, 1.0), rowid LIMIT ?", (match, DEPTH)
        )
        return tuple(dict.fromkeys(title for (title,) in rows)) if match else ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    given = parser.parse_args()
    questions = _read_multihop(given.data)
    archive = sorted({source for question in questions for source in question.sources if source})
    known = OutletIndex(archive)
    say_conditions()
    _say_recognition(questions, known, archive)
    _say_false_alarms(given.data)
    _say_times()
    _say_splitting(questions, known)
    _say_two_in_one(given.data)


def _read_multihop(folder: Path) -> list[MultiHop]:
    path = folder / "multihop_rag" / "queries.jsonl"
    if not path.is_file():
        say(f"skipped: the evaluation data is not here ({str(path)!r} is missing)")
        sys.exit(0)
    return [_question(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _question(record: dict[str, list[dict[str, str]]]) -> MultiHop:
    evidence = record["evidence_list"]
    half = int(hashlib.sha256(str(record["id"]).encode()).hexdigest(), 16) % 2
    return MultiHop(
        str(record["query"]),
        str(record["question_type"]),
        half,
        tuple((one["title"], one["fact"]) for one in evidence),
        tuple(one.get("source") for one in evidence),
    )


def _head(source: str) -> str:
    return SECTION.split(source)[0]


def _names(text: str, source: str) -> bool:
    spellings = {source, _head(source), _head(source).upper()}
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in spellings)


def _say_recognition(questions: Iterable[MultiHop], known: OutletIndex, archive: Collection[str]) -> None:
    say("\n## Outlets named in MultiHop-RAG questions")
    rows: list[list[Cell]] = []
    for half in (0, 1):
        judged = [question for question in questions if question.half == half and question.evidence]
        for what in ("named", "cited"):
            count = sum((_count(question, known, archive, what) for question in judged), Counter[str]())
            precision = count["right"] / (count["right"] + count["wrong"])
            recall = count["right"] / (count["right"] + count["missed"])
            counts = (count[kind] for kind in ("right", "wrong", "missed", "unjudged"))
            rows.append([HALVES[half], what, len(judged), *counts, precision, recall])
    say_table(["half", "", "questions", "right", "wrong", "missed", "unjudged", "precision", "recall"], rows)
    effects = Counter(cue.effect for question in questions if (cue := read_outlet_cue(question.text, known)))
    say(f"cues: {', '.join(f'{count:,} {effect}' for effect, count in effects.most_common())}")


def _count(question: MultiHop, known: OutletIndex, archive: Collection[str], what: str) -> Counter[str]:
    gold = {_head(source) for source in question.sources if source and _names(question.text, source)}
    mentions = [mention for mention in known.named_in(question.text) if what == "named" or mention.cited]
    found = {_head(outlet) for mention in mentions for outlet in mention.outlets}
    beyond = found - gold
    if None in question.sources:
        beyond -= {_head(source) for source in archive if _names(question.text, source)}
    return Counter(
        right=len(found & gold), missed=len(gold - found), wrong=len(beyond), unjudged=len(found - gold - beyond)
    )


def _say_false_alarms(folder: Path) -> None:
    lines = articles_file(folder).read_text(encoding="utf-8").splitlines()
    hosts = {urlsplit(json.loads(line)["url"]).netloc for line in lines}
    texts = [question.text for question in read_quiz(folder)]
    say(f"\n## Outlets found in {len(texts)} RealTimeQA questions")
    rows: list[list[Cell]] = []
    every = {surface for _, surfaces in outlets._surfaces() for surface in surfaces}
    for archive, names in ((f"{len(hosts)} hosts of its articles", hosts), (f"all {len(every)} known names", every)):
        known = OutletIndex(names)
        found = [(mention.cited, text) for text in texts for mention in known.named_in(text)]
        cued = sum(read_outlet_cue(text, known) is not None for text in texts)
        rows.append([archive, len({text for _, text in found}), cued])
    say_table(["archive", "name an outlet", "have a cue"], rows)


def _say_times() -> None:
    names = [
        f"{first} {second}{i}" for first in ("Daily", "Morning") for second in ("Herald", "Post") for i in range(250)
    ]
    text = "What did the Daily Herald7 report about the harbour dues that Morning Post9 had described a week before?"
    OutletIndex(names)
    started = time.perf_counter()
    known = OutletIndex(names)
    built = time.perf_counter()
    for _ in range(100):
        read_outlet_cue(text, known)
    read = time.perf_counter()
    say(f"\n{len(names):,} names take {(built - started) * 1e3:.1f} ms, a question {(read - built) * 10:.2f} ms")


def _say_splitting(questions: Iterable[MultiHop], known: OutletIndex) -> None:
    say("\n## Articles of the evidence among ten, whole question against its parts (recall / all of them)")
    pool = Pool(sorted({one for question in questions for one in question.evidence}))
    scores: dict[tuple[str, int], dict[str, list[tuple[float, bool]]]] = defaultdict(lambda: defaultdict(list))
    for question in questions:
        wanted = {title for title, _ in question.evidence}
        if not wanted:
            continue
        ways = _ways(question.text, pool, lambda part: cue.query if (cue := read_outlet_cue(part, known)) else part)
        kinds = (
            [question.kind, f"{question.kind}, split only"]
            if len(split_question(question.text)) > 1
            else [question.kind]
        )
        for kind in kinds:
            for way, ranking in ways.items():
                scores[kind, question.half][way].append(_score(ranking, wanted))
    _say_scores({f"{kind}, {HALVES[half]} half": by_way for (kind, half), by_way in scores.items()})


def _say_two_in_one(folder: Path) -> None:
    say("\n## Two RealTimeQA questions in one line: answer-bearing articles, one of each question's wanted")
    lines = [json.loads(line) for line in articles_file(folder).read_text(encoding="utf-8").splitlines()]
    # Articles are told apart by id, so the id is a title here that no query matches.
    pool = Pool((line["id"], f"{line['title']}\n{line['text']}") for line in lines)
    quiz = [question for question in read_quiz(folder) if question.bearing and question.text.endswith("?")]
    random.Random(7).shuffle(quiz)  # noqa: S311 - the same pairs every time
    scores: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one, two in zip(quiz[::2], quiz[1::2], strict=False):
        for way, ranking in _ways(f"{one.text} And {two.text}", pool, lambda part: part).items():
            found = [not wanted.isdisjoint(ranking[:10]) for wanted in (one.bearing, two.bearing)]
            scores[way].append((sum(found) / 2, all(found)))
    _say_scores({f"{len(quiz) // 2} pairs": scores})


def _ways(text: str, pool: Pool, bare: Callable[[str], str]) -> dict[str, Ranking]:
    """Return the rankings to compare; where nothing is split, those of parts are those of the whole."""
    whole, parts = pool.rank(bare(text)), [pool.rank(bare(part)) for part in split_question(text)]
    divided = len(parts) > 1
    return {
        "as asked": pool.rank(text),
        "without citing": whole,
        "parts in turn": _in_turn(parts) if divided else whole,
        "whole and parts in turn": _in_turn([whole, *parts]) if divided else whole,
        "whole and parts, RRF": _fuse([whole, *parts]) if divided else whole,
    }


def _in_turn(rankings: Sequence[Ranking]) -> Ranking:
    return list(dict.fromkeys(one for row in zip_longest(*rankings) for one in row if one is not None))


def _fuse(rankings: Sequence[Ranking]) -> Ranking:
    """Merge by reciprocal rank with k = 3: near to taking turns, but what several rankings hold comes first."""
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, one in enumerate(ranking, 1):
            scores[one] += 1 / (3 + rank)
    return sorted(scores, key=lambda one: (-scores[one], one))


def _score(ranking: Ranking, wanted: Collection[str]) -> tuple[float, bool]:
    found = sum(one in wanted for one in ranking[:10])
    return found / len(wanted), found == len(wanted)


def _say_scores(scores: Mapping[str, Mapping[str, Sequence[tuple[float, bool]]]]) -> None:
    ways = list(next(iter(scores.values())))
    rows: list[list[Cell]] = []
    for kind, by_way in sorted(scores.items()):
        cells = [[sum(column) / len(column) for column in zip(*by_way[way], strict=True)] for way in ways]
        rows.append([kind, len(by_way[ways[0]]), *(f"{recall:.3f} / {every:.3f}" for recall, every in cells)])
    say_table(["", "questions", *ways], rows)


if __name__ == "__main__":
    main()
