"""How often questions are refused that ask for the right thing of the wrong name.

    python tests/benchmarks/near_misses.py ARCHIVE DATA_FOLDER

Made of RealTimeQA's questions: one name in each gives way to one that nobody bears, and to a name of another question
that at most 120 passages hold. Nearly none of these has an answer; a few still have the one they had, where the name
did not matter. Beside them the questions whose own article holds the answer. Questions are halved by a hash of their
id; the weight of a missing name was chosen on the first half.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from answers import gold_holds_answer, weigh
from realtimeqa import QuizQuestion, open_measured, read_quiz
from tables import Cell, say_conditions, say_table

from assistant.config import CONFIDENT
from store.archive import Archive
from store.words import content_words

HALVES = ("tuning half", "held-back half")
RARE_PASSAGES = range(2, 121)
INVENTED = "Zorbograd Quaxel Mirelund Tavestock Brenvale Okundra Halvessi Drosmere Pelworth Yantaria".split()

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    given = parser.parse_args()
    quiz = read_quiz(given.data)
    say_conditions()
    with open_measured(given.archive) as archive:
        answerable = [one for one in quiz if one.gold and gold_holds_answer(archive, one)]
        rare = _rare_names(archive, quiz)
        groups = {
            "answerable, as they are": [(one, one.text) for one in answerable],
            "an invented name": list(_renamed(quiz, INVENTED)),
            "a rare name of another question": list(_renamed(quiz, rare)),
        }
        rows = [row for name, asked in groups.items() for row in _rows(archive, name, asked)]
    say_table(["questions", "half", "asked", "refused"], rows)


def _rare_names(archive: Archive, quiz: Sequence[QuizQuestion]) -> list[str]:
    """Return the names of all questions of which each word stands in few passages."""
    names = dict.fromkeys(found[0] for one in quiz for found in _NAME.finditer(one.text))
    stems = {name: content_words(name) for name in names}
    return [name for name, own in stems.items() if own and min(archive.passage_counts(own).values()) in RARE_PASSAGES]


def _renamed(quiz: Sequence[QuizQuestion], others: Sequence[str]) -> Iterator[tuple[QuizQuestion, str]]:
    """Yield the questions that hold a name with another in its place."""
    drawing = random.Random(5)  # noqa: S311
    for one in quiz:
        names = list(_NAME.finditer(one.text))
        if not names:
            continue
        name, other = drawing.choice(names), drawing.choice(others)
        if other not in one.text:
            yield one, f"{one.text[: name.start()]}{other}{one.text[name.end() :]}"


def _rows(archive: Archive, name: str, asked: Sequence[tuple[QuizQuestion, str]]) -> Iterator[list[Cell]]:
    for half, which in enumerate(HALVES):
        judged = [(one, text) for one, text in asked if _half(one) == half]
        refused = sum(weigh(archive, text, one.day).evidence.confidence < CONFIDENT for one, text in judged)
        yield [name, which, len(judged), refused / max(1, len(judged))]


def _half(question: QuizQuestion) -> int:
    return int(hashlib.sha256(question.id.encode()).hexdigest(), 16) % 2


if __name__ == "__main__":
    main()
