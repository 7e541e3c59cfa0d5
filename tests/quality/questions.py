"""The gate's articles and questions: all invented, and each question with the articles that answer it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"
QUESTIONS = HERE / "questions.jsonl"

# The day on which every question is asked that names no other: all articles are older.
ASKED_ON = date(2024, 7, 1)

KINDS = ("plain", "dated", "relative", "outlet", "old", "unanswerable")


@dataclass(frozen=True, slots=True)
class QualityQuestion:
    """A question and the file stems of the articles that answer it; none: it has no answer here.

    Asked ``as_of`` a day, it means that day and nothing later is seen.
    """

    text: str
    kind: str
    as_of: date | None
    articles: tuple[str, ...]


def read_questions() -> list[QualityQuestion]:
    """Return all questions, in the order of their file."""
    records = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [
        QualityQuestion(
            record["question"],
            record["kind"],
            date.fromisoformat(record["as_of"]) if "as_of" in record else None,
            tuple(record["articles"]),
        )
        for record in records
    ]


def digest_of_all() -> str:
    """Return a digest of the articles, their names and the questions, the same on every system."""
    digest = sha256()
    for path in (*sorted(ARTICLES.iterdir(), key=lambda path: path.name), QUESTIONS):
        digest.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()
