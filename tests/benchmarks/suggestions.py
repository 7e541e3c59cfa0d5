"""What the chat's first screen suggests: a sample of questions to be judged by eye, and the time they take.

    python tests/benchmarks/suggestions.py ARCHIVE [--days 100] [--shown 60]

Every suggestion has been asked and is answered from the article it was made of. The first draw opens what every
question needs; it is left out of the median. A reading by eye tells how many are well formed.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from pathlib import Path

from measures import percentile
from prints import chance
from realtimeqa import open_measured
from tables import say, say_conditions, say_table

from assistant.suggesting import Suggestion, suggest_questions

_FIRST_DAY = date(2026, 1, 1)
_WANTED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--days", type=int, default=100, help="draws, each of a day of its own")
    parser.add_argument("--shown", type=int, default=60, help="distinct questions to be shown")
    given = parser.parse_args()
    say_conditions()
    draws, took_s = list[tuple[Suggestion, ...]](), list[float]()
    with open_measured(given.archive) as archive:
        for i in range(given.days):
            began = time.perf_counter()
            draws.append(suggest_questions(archive, count=_WANTED, day=_FIRST_DAY + timedelta(i)))
            took_s.append(time.perf_counter() - began)
    distinct = {one.question: one for draw in draws for one in draw}
    full = sum(len(draw) == _WANTED for draw in draws)
    later = took_s[1:] or took_s
    say_table(
        ["draws", "with three", "distinct questions", "first", "median", "p95", "most"],
        [[given.days, full, len(distinct), *(f"{value * 1000:.0f} ms" for value in (took_s[0], *_spread(later)))]],
    )
    for question in _some(sorted(distinct), given.shown):
        say(f"- {question} ({distinct[question].article.headline})")
    say_conditions()


def _spread(values: list[float]) -> tuple[float, float, float]:
    return percentile(0.5, values), percentile(0.95, values), max(values)


def _some(questions: list[str], count: int) -> list[str]:
    return chance("shown").sample(questions, min(count, len(questions)))


if __name__ == "__main__":
    main()
