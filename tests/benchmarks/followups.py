"""How well follow-up questions are made to stand alone by rules, and what that is worth to a search.

    python tests/benchmarks/followups.py DATA_FOLDER [--words-only]

CAsT 2019-20 and CANARD dev: F1 of the distinct content words (stemmed, stop words dropped) of our question against the
human rewrite, beside the question alone and all questions joined. Every turn is read after our own questions before it,
and after the answers where the set has them; CANARD's page title and section stand before the first question. 'kept'
are the questions that people left as they were and so did we.

INSCIT dev: its passages are an archive, headline the titles; recall@5 is the mean share of a question's evidence, of
any annotator, among the first five, for the question alone, all joined and ours, by words, and with vectors unless
``--words-only``. 'leaning' are the turns whose question the rules changed.

Conversations are halved by a hash of their id; rules and weights were made on the first half.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tables import Cell, say, say_conditions, say_table

from assistant.followups import Past, Standalone, standalone
from store.archive import Archive, create_archive
from store.embedding import DEFAULT_EMBEDDER
from store.records import Draft
from store.words import content_words

TODAY = date(2022, 1, 1)
HALVES = ("tuning half", "held-back half")
DEPTH = 5
# Hits of which the first passages are taken: long ones are split.
READ = 12


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was asked and as it was read, what people made of it, and its evidence."""

    half: int
    question: str
    joined: str
    read: Standalone
    rewrite: str
    evidence: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--words-only", action="store_true", help="embed nothing")
    given = parser.parse_args()
    folder = given.data / "multiturn"
    say_conditions()
    _say_rewrites("CAsT 2019-20", list(_turns(_records(folder / "cast_rewrites.jsonl"), "_")))
    _say_rewrites("CANARD dev", list(_turns(_records(folder / "canard_dev.jsonl"), "#", titled=True)))
    turns = [one for one in _turns(_records(folder / "inscit_dev.jsonl"), "#") if one.evidence]
    _say_retrieval(turns, _records(folder / "inscit_passages.jsonl"), embedder=None)
    if not given.words_only:
        _say_retrieval(turns, _records(folder / "inscit_passages.jsonl"), embedder=DEFAULT_EMBEDDER)


def _records(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        say(f"skipped: the evaluation data is not here ({str(path)!r} is missing)")
        sys.exit(0)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _turns(records: Iterable[dict[str, Any]], mark: str, *, titled: bool = False) -> Iterator[Turn]:
    """Yield the turns of all conversations, each read after those before it."""
    pasts: dict[str, list[Past]] = {}
    for record in records:
        conversation = record["id"].rpartition(mark)[0]
        said, question = record["history"], " ".join(record["question"].split())
        opening = [Past(said[0], said[0], said[1])] if titled else []
        past = pasts.setdefault(conversation, opening)
        # CAsT's history holds questions alone, the others' ends with the last answer.
        if mark == "#" and len(past) > len(opening):
            past[-1] = Past(past[-1].question, past[-1].standalone, said[-1])
        read = standalone(question, past, today=TODAY)
        past.append(Past(question, read.question))
        labels = record.get("labels", ())
        yield Turn(
            int(hashlib.sha256(conversation.encode()).hexdigest(), 16) % 2,
            question,
            " ".join((*said, question)),
            read,
            " ".join(record.get("rewrite", "").split()),
            frozenset(passage for label in labels for passage in label["evidence"]),
        )


def _say_rewrites(name: str, turns: Sequence[Turn]) -> None:
    say(f"\n## {name}: content-word F1 against the human rewrite")
    rows: list[list[Cell]] = []
    for half, judged in _halves(turns):
        same = [turn for turn in judged if turn.question == turn.rewrite]
        ways: tuple[Callable[[Turn], str], ...] = (
            lambda turn: turn.question,
            lambda turn: turn.joined,
            lambda turn: turn.read.question,
        )
        scores = [_mean(_f1(way(turn), turn.rewrite) for turn in judged) for way in ways]
        kept = _mean(turn.read.question.lower() == turn.question.lower() for turn in same)
        rows.append([half, len(judged), *scores, kept])
    say_table(["", "turns", "question alone", "all joined", "ours", "kept"], rows)
    say(f"a turn takes {_milliseconds(turns):.1f} ms")


def _milliseconds(turns: Sequence[Turn]) -> float:
    """Return what reading a question takes after three turns of a talk."""
    past = [Past(turn.question, turn.read.question, turn.rewrite) for turn in turns[:3]]
    began = time.perf_counter()
    for turn in turns:
        standalone(turn.question, past, today=TODAY)
    return (time.perf_counter() - began) / len(turns) * 1000


def _f1(text: str, wanted: str) -> float:
    ours, theirs = set(content_words(text)), set(content_words(wanted))
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def _say_retrieval(turns: Sequence[Turn], passages: Sequence[dict[str, Any]], *, embedder: str | None) -> None:
    say(f"\n## INSCIT dev: recall@{DEPTH} of the evidence, {'words and vectors' if embedder else 'words alone'}")
    with tempfile.TemporaryDirectory() as folder, create_archive(Path(folder) / "pool", embedder=embedder) as archive:
        archive.add(
            Draft(headline=" ".join(one["titles"]), body=one["text"], source="pool", line=line, id=one["id"])
            for line, one in enumerate(passages, 1)
        )
        if embedder:
            archive.embed()
        rows = [[half, len(judged), *_recalls(archive, judged)] for half, judged in _halves(turns)]
        leaning = [turn for turn in turns if turn.read.question != turn.question]
        rows += [[f"leaning, {half}", len(judged), *_recalls(archive, judged)] for half, judged in _halves(leaning)]
    say_table(["", "turns", "question alone", "all joined", "ours"], rows)


def _recalls(archive: Archive, turns: Sequence[Turn]) -> list[Cell]:
    def recall(query: str, wanted: frozenset[str]) -> float:
        found = list(dict.fromkeys(hit.passage.article.id for hit in archive.search(query, READ).hits))
        return len(wanted.intersection(found[:DEPTH])) / len(wanted)

    ways: tuple[Callable[[Turn], str], ...] = (
        lambda turn: turn.question,
        lambda turn: turn.joined,
        lambda turn: turn.read.question,
    )
    return [_mean(recall(way(turn), turn.evidence) for turn in turns) for way in ways]


def _halves(turns: Sequence[Turn]) -> list[tuple[str, list[Turn]]]:
    halves = [(name, [turn for turn in turns if turn.half == half]) for half, name in enumerate(HALVES)]
    return [*halves, ("all", list(turns))]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


if __name__ == "__main__":
    main()
