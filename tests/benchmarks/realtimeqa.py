"""RealTimeQA as prepared for measuring: a news quiz and the articles that its authors found for it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tables import say

from store.archive import Archive, open_archive
from store.errors import DatelineError


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question asked on ``day``.

    ``gold`` are the ids of the articles that the quiz names, ``bearing`` those and all that are known to hold the
    answer; ``found`` are the first ones that a web search gave.
    """

    id: str
    text: str
    day: date
    answers: tuple[str, ...]
    gold: frozenset[str]
    bearing: frozenset[str]
    found: tuple[str, ...]


def read_quiz(folder: Path) -> list[QuizQuestion]:
    """Return all questions of the quiz in the evaluation folder; end the program where that is absent."""
    lines = _wanted(folder / "realtimeqa" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [_question(json.loads(line)) for line in lines]


def articles_file(folder: Path) -> Path:
    """Return the dump of the quiz's articles; end the program where it is absent."""
    return _wanted(folder / "realtimeqa" / "articles.jsonl")


def read_nulls(folder: Path) -> list[str]:
    """Return the MultiHop-RAG questions that no article answers."""
    lines = _wanted(folder / "multihop_rag" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    queries = [json.loads(line) for line in lines]
    return [query["query"] for query in queries if query["question_type"] == "null_query"]


def open_measured(path: Path) -> Archive:
    """Open the archive to be measured for reading, and say what is in it; end the program where there is none."""
    try:
        archive = open_archive(path)
    except DatelineError as exc:
        sys.exit(f"{exc}; {exc.hint}")
    counts = archive.counts()
    say(f"{counts.articles:,} articles, {counts.passages:,} passages, {counts.vectors:,} of them embedded")
    return archive


def _wanted(path: Path) -> Path:
    if not path.is_file():
        say(f"skipped: the evaluation data is not here ({str(path)!r} is missing)")
        sys.exit(0)
    return path


def _question(record: dict[str, list[str]]) -> QuizQuestion:
    gold = frozenset(record["gold_article_ids"])
    return QuizQuestion(
        str(record["id"]),
        str(record["question"]),
        date.fromisoformat(str(record["question_date"])),
        tuple(record["answers"]),
        gold,
        gold | frozenset(record["answer_string_in_fresh"]),
        tuple(record["google_result_ids"]),
    )
