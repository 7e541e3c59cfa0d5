"""The quality gate: what is found and answered in the articles beside this file never gets worse unnoticed.

    python tests/quality/test_floors.py [--update [--allow-lower]]

Prints every figure beside its floor, and the questions whose first article is the wrong one; with ``--update`` the
figures become the floors. A lower floor is only written with ``--allow-lower``: the commit then says why.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.answering import Answerer
from assistant.conversation import Answered, Searched
from assistant.llm.extractive import Extractive
from assistant.planning import Scope
from store.archive import Archive, create_archive, open_archive
from store.embedding import DEFAULT_EMBEDDER
from store.readers import read_sources
from store.records import Draft
from tests.benchmarks.measures import first_rank, hit_at, mean_reciprocal_rank
from tests.benchmarks.tables import say, say_table
from tests.quality.questions import ARTICLES, ASKED_ON, HERE, KINDS, QualityQuestion, digest_of_all, read_questions

FLOORS = HERE / "floors.json"

# A little more than one of the 60 answerable questions: what another processor's rounding may cost.
EPSILON = 0.02

# What is better when it is less; its floor is a ceiling.
COSTS = frozenset({"false abstentions"})

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Floors:
    """What the figures must reach within ``epsilon``, for the articles and questions of ``digest``."""

    digest: str
    epsilon: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the articles found for it by file stem, best first, and whether it was answered.

    Copies listed with a hit do not count as found: a question names every print that answers it, and one about an
    outlet only that outlet's.
    """

    question: QualityQuestion
    found: tuple[str, ...]
    answered: bool

    @property
    def rank(self) -> int | None:
        return first_rank(self.found, self.question.articles)


def test_no_figure_is_below_its_floor(tmp_path: Path) -> None:
    floors = load_floors(FLOORS)

    asked = ask_all(tmp_path / "archive")

    assert shortfalls(figures_of(asked), floors.figures, epsilon=floors.epsilon) == [], misses(asked)


def test_the_floors_are_of_these_articles_and_questions() -> None:
    floors = load_floors(FLOORS)

    assert floors.digest == digest_of_all(), "renew the floors: `python tests/quality/test_floors.py --update`"


def test_a_figure_below_its_floor_by_more_than_epsilon_is_named() -> None:
    found = shortfalls({**FIGURES, "recall@1": 0.77}, FIGURES, epsilon=0.02)

    assert found == ["recall@1 is 0.7700, its floor 0.8000"]


def test_a_figure_below_its_floor_by_epsilon_passes() -> None:
    assert shortfalls({**FIGURES, "recall@1": 0.78}, FIGURES, epsilon=0.02) == []


def test_more_false_abstentions_than_the_ceiling_are_named() -> None:
    found = shortfalls({**FIGURES, "false abstentions": 0.13}, FIGURES, epsilon=0.02)

    assert found == ["false abstentions is 0.1300, its ceiling 0.1000"]


def test_a_figure_that_is_measured_no_more_is_named() -> None:
    found = shortfalls({"recall@1": 0.8}, {"recall@1": 0.8, "MRR@10": 0.85}, epsilon=0.02)

    assert found == ["MRR@10 is not measured, its floor 0.8500"]


def test_better_figures_become_the_floors(tmp_path: Path) -> None:
    path = write_floors(tmp_path / "floors.json", Floors("of-before", EPSILON, FIGURES))
    better = {**FIGURES, "recall@1": 0.9, "false abstentions": 0.05}

    renew(path, better, digest="of-now", allow_lower=False)

    assert load_floors(path) == Floors("of-now", EPSILON, better)


@pytest.mark.parametrize(("name", "figure"), [("recall@1", 0.7999), ("false abstentions", 0.1001)])
def test_a_lower_floor_is_refused(tmp_path: Path, name: str, figure: float) -> None:
    path = write_floors(tmp_path / "floors.json", Floors("of-before", EPSILON, FIGURES))
    before = path.read_bytes()

    with pytest.raises(SystemExit, match=rf"^{name} is .*\nnot written.*--allow-lower"):
        renew(path, {**FIGURES, name: figure, "MRR@10": 1.0}, digest="of-now", allow_lower=False)

    assert path.read_bytes() == before


def test_a_lower_floor_is_written_when_it_is_allowed(tmp_path: Path) -> None:
    path = write_floors(tmp_path / "floors.json", Floors("of-before", EPSILON, FIGURES))
    worse = {**FIGURES, "recall@1": 0.5}

    renew(path, worse, digest="of-now", allow_lower=True)

    assert load_floors(path) == Floors("of-now", EPSILON, worse)


def test_the_first_floors_need_no_permission(tmp_path: Path) -> None:
    renew(tmp_path / "floors.json", FIGURES, digest="of-now", allow_lower=False)

    assert load_floors(tmp_path / "floors.json") == Floors("of-now", EPSILON, FIGURES)


# What the tests of the gate itself compare with.
FIGURES: Figures = {"recall@1": 0.8, "MRR@10": 0.85, "false abstentions": 0.1}


def ask_all(path: Path) -> list[Asked]:
    """Make an archive of the articles at ``path``, with the default embedder, and ask it every question."""
    drafts = [piece for piece in read_sources([str(ARTICLES)]) if isinstance(piece, Draft)]
    with create_archive(path, embedder=DEFAULT_EMBEDDER) as archive:
        archive.add(drafts)
        archive.embed()
    stem_of_url = {draft.url: Path(draft.source).stem for draft in drafts}
    with open_archive(path) as archive:
        stem_of = {ref.id: stem_of_url[ref.url] for ref in archive.articles()}
        return [_ask(archive, question, stem_of) for question in read_questions()]


def _ask(archive: Archive, question: QualityQuestion, stem_of: Mapping[str, str]) -> Asked:
    answerer = Answerer(archive, Extractive(), today=question.as_of or ASKED_ON)
    events = list(answerer.answer(question.text, Scope(as_of=question.as_of)))
    (searched,) = (event for event in events if isinstance(event, Searched))
    (finished,) = (event for event in events if isinstance(event, Answered))
    found = dict.fromkeys(stem_of[hit.passage.article.id] for hit in searched.hits)
    return Asked(question, tuple(found), finished.turn.answer.answered)


def figures_of(asked: Sequence[Asked]) -> Figures:
    """Return the gate's figures, to four places."""
    answerable = [one for one in asked if one.question.articles]
    unanswerable = [one for one in asked if not one.question.articles]
    ranks = [one.rank for one in answerable]
    figures = {
        "recall@1": hit_at(1, ranks),
        "recall@5": hit_at(5, ranks),
        "MRR@10": mean_reciprocal_rank(10, ranks),
        "abstention recall": _share(unanswerable, lambda one: not one.answered),
        "false abstentions": _share(answerable, lambda one: not one.answered),
    }
    return {name: round(figure, 4) for name, figure in figures.items()}


def misses(asked: Sequence[Asked]) -> str:
    """Return a line for each question whose first article is the wrong one, or that is wrongly answered or not."""
    lines = [""]
    for one in asked:
        if one.question.articles and one.rank != 1:
            lines.append(f"rank {one.rank or '-'}: {one.question.text} first is {one.found[0] if one.found else '-'}")
        if one.answered != bool(one.question.articles):
            lines.append(f"{'answered' if one.answered else 'abstained'}: {one.question.text}")
    return "\n".join(lines)


def shortfalls(figures: Figures, floors: Figures, *, epsilon: float) -> list[str]:
    """Return a line for each figure that misses its floor by more than ``epsilon``."""
    lines = []
    for name, floor in floors.items():
        kind = "ceiling" if name in COSTS else "floor"
        if name not in figures:
            lines.append(f"{name} is not measured, its {kind} {floor:.4f}")
            continue
        missing = figures[name] - floor if name in COSTS else floor - figures[name]
        # Figures have four places; less is the arithmetic's.
        if missing > epsilon + 1e-6:
            lines.append(f"{name} is {figures[name]:.4f}, its {kind} {floor:.4f}")
    return lines


def renew(path: Path, figures: Figures, *, digest: str, allow_lower: bool) -> None:
    """Make ``figures`` the floors; end the program, writing nothing, where one would go down without permission."""
    lowered = shortfalls(figures, load_floors(path).figures, epsilon=0) if path.exists() else []
    if lowered and not allow_lower:
        sys.exit("\n".join([*lowered, "not written: a lower floor needs --allow-lower, and a reason in its commit"]))
    write_floors(path, Floors(digest, EPSILON, figures))


def load_floors(path: Path) -> Floors:
    return Floors(**json.loads(path.read_text(encoding="utf-8")))


def write_floors(path: Path, floors: Floors) -> Path:
    path.write_text(json.dumps(asdict(floors), indent=2) + "\n", encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="make the figures the floors")
    parser.add_argument("--allow-lower", action="store_true", help="even where a floor goes down")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        asked = ask_all(Path(folder) / "archive")
    figures = figures_of(asked)
    floors = load_floors(FLOORS).figures if FLOORS.exists() else {}
    say_table(["figure", "now", "floor"], [[name, now, floors.get(name, "-")] for name, now in figures.items()])
    say_table(["kind", "questions", "recall@1", "answered"], [_row(kind, asked) for kind in KINDS])
    say(re.sub(r"(?m)^(?=.)", "- ", misses(asked)))
    if given.update:
        renew(FLOORS, figures, digest=digest_of_all(), allow_lower=given.allow_lower)


def _row(kind: str, asked: Sequence[Asked]) -> list[str | int | float]:
    of_kind = [one for one in asked if one.question.kind == kind]
    found = _share(of_kind, lambda one: one.rank == 1) if kind != "unanswerable" else "-"
    return [kind, len(of_kind), found, _share(of_kind, lambda one: one.answered)]


def _share(asked: Sequence[Asked], holds: Callable[[Asked], bool]) -> float:
    return sum(map(holds, asked)) / len(asked)


if __name__ == "__main__":
    main()
