"""How often the extractive answer holds RealTimeQA's answer, and how often it rightly abstains.

    python tests/benchmarks/answers.py ARCHIVE DATA_FOLDER

Answerable are the questions whose own article holds the words of the answer. Unanswerable are, as the hard set, such
questions with every article since 30 days before them hidden, as far as no older one gives the answer away, and, as the
easy set, questions on other events. Each is asked on its day, as a user would on that day.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from measures import abstention, holds_answer, percentile, strictest_threshold
from realtimeqa import QuizQuestion, open_measured, read_nulls, read_quiz
from tables import Cell, say, say_conditions, say_table

from assistant.answering import SOURCE_WORDS, Answerer
from assistant.config import CONFIDENT
from assistant.context import number_sources
from assistant.conversation import Answered
from assistant.evidence import Evidence, weigh_evidence
from assistant.llm.extractive import MOST_SENTENCES, Extractive, choose
from assistant.planning import Scope
from assistant.searching import plan_for, retrieve
from store.archive import Archive
from store.records import Hit, SearchFilter

# Passages read for an answer, as `dateline ask` does.
K = 10

# Hidden before the day of a question of the hard set.
HIDDEN = timedelta(days=30)

FALSE_ABSTENTIONS = 0.10


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question's hits and what they are worth."""

    hits: tuple[Hit, ...]
    evidence: Evidence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    given = parser.parse_args()
    linked = [question for question in read_quiz(given.data) if question.gold]
    nulls = read_nulls(given.data)
    say_conditions()
    with open_measured(given.archive) as archive:
        answerable = [question for question in linked if gold_holds_answer(archive, question)]
        right = [weigh(archive, question.text, question.day) for question in answerable]
        _say_quotes(archive, answerable, right)
        hard = _hard_set(archive, linked)
        easy = [weigh(archive, question, linked[-1].day).evidence for question in nulls]
    _say_abstention([one.evidence for one in right], hard, easy)


def gold_holds_answer(archive: Archive, question: QuizQuestion) -> bool:
    return any(holds_answer(archive.article(article).body, question.answers) for article in question.gold)


def weigh(archive: Archive, question: str, today: date, hidden_since: date | None = None) -> Weighed:
    """Weigh a question as if the archive held nothing published on ``hidden_since`` or later."""
    planned = plan_for(archive, question, Scope(), today=today)
    if hidden_since is not None:
        planned = replace(planned, filter=_cut(planned.filter, hidden_since), given=_cut(planned.given, hidden_since))
    hits = retrieve(archive, planned, K).hits
    passages = archive.counts().passages
    evidence = weigh_evidence(
        planned.query,
        hits,
        counts=archive.passage_counts,
        passages=passages,
        rarity=archive.rough_counts,
        relevance=archive.relevance,
        asked=planned.time,
    )
    return Weighed(hits, evidence)


def _cut(where: SearchFilter, hidden_since: date) -> SearchFilter:
    last = hidden_since - timedelta(1)
    return replace(where, until=min(where.until or last, last))


def _hard_set(archive: Archive, linked: Iterable[QuizQuestion]) -> list[Evidence]:
    """Return the evidence for the questions whose answer is hidden; one that an older article gives is left out."""
    found = []
    for question in linked:
        weighed = weigh(archive, question.text, question.day, question.day - HIDDEN)
        texts = [f"{hit.passage.article.headline}\n{hit.passage.text}" for hit in weighed.hits]
        if not any(holds_answer(text, question.answers) for text in texts):
            found.append(weighed.evidence)
    return found


def _say_quotes(archive: Archive, questions: Sequence[QuizQuestion], right: Sequence[Weighed]) -> None:
    """Print how often a quoted sentence holds the answer: as answered, and if it never abstained."""
    pairs = list(zip(questions, right, strict=True))
    answered = sum(
        holds_answer(quote, question.answers) for question in questions for quote in [_answer(archive, question)]
    )
    chosen = sum(holds_answer(_choice(archive, weighed), question.answers) for question, weighed in pairs)
    read = sum(
        any(holds_answer(hit.passage.text, question.answers) for hit in weighed.hits) for question, weighed in pairs
    )
    total = len(questions)
    rows: list[list[Cell]] = [
        ["floor: three sentences by word overlap", 0.77],
        ["extractive, as answered", answered / total],
        ["extractive, never abstaining", chosen / total],
        [f"all {K} passages read", read / total],
    ]
    say_table([f"answer in quote, at most {MOST_SENTENCES} sentences, {total} questions", "share"], rows)


def _answer(archive: Archive, question: QuizQuestion) -> str:
    """Return what the answer quotes, a line a sentence; nothing where it abstains."""
    events = Answerer(archive, Extractive(), k=K, today=question.day).answer(question.text)
    turns = [event.turn for event in events if isinstance(event, Answered)]
    return "\n".join(citation.quote for turn in turns for citation in turn.answer.citations)


def _choice(archive: Archive, weighed: Weighed) -> str:
    sources = number_sources(weighed.hits, lambda article: archive.article(article).body, max_words=SOURCE_WORDS)
    return "\n".join(candidate.text for candidate, _ in choose(weighed.evidence.candidates, sources))


def _say_abstention(right: Sequence[Evidence], hard: Sequence[Evidence], easy: Sequence[Evidence]) -> None:
    say(f"{len(right)} answerable questions, {len(hard)} hard and {len(easy)} easy ones without an answer")
    sure = [one.confidence for one in right]
    swept = strictest_threshold(sure, at_most=FALSE_ABSTENTIONS)
    rows: list[list[Cell]] = [["floor: idf-weighted words in the best passage", "swept", 0.48, 1.0, FALSE_ABSTENTIONS]]
    for name, threshold in (("confidence, built-in threshold", CONFIDENT), ("confidence, best threshold", swept)):
        recalls = [abstention(sure, [one.confidence for one in others], threshold) for others in (hard, easy)]
        rows.append([name, f"{threshold:.3f}", recalls[0][0], recalls[1][0], recalls[0][1]])
    say_table(["abstains by", "threshold", "recall, hard", "recall, easy", "false abstentions"], rows)
    spread: list[list[Cell]] = [
        [f"p{share * 100:.0f}", *(_at(share, group) for group in (right, hard, easy))] for share in (0.1, 0.5, 0.9)
    ]
    say_table(["confidence", "answerable", "hard", "easy"], spread)


def _at(share: float, group: Sequence[Evidence]) -> float:
    return percentile(share, [one.confidence for one in group])


if __name__ == "__main__":
    main()
