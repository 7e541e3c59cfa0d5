"""The cross-encoder's look at a ranking: what it may change, how long it may take, and what happens without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.archive import Archive
from store.errors import RerankerError
from store.fusion import Ranked
from store.reading import Reading
from store.records import ArticleRef, Draft, Hit, Passage, Preference, SearchFilter, Why
from store.reranking import Reranker
from store.reranking.blending import MOST, WEIGHT

MISSING = (
    "not reranked: the reranking model 'no/such' is not on this machine "
    "(name a folder that holds a cross-encoder, or 'ms-marco-MiniLM-L-12-v2-int8')"
)


@dataclass
class Reader:
    """A real Reranker with a clock that only it moves: each window takes ``pace_s``; its logit is that of its headline.

    ``asked`` keeps the questions and ``read`` the windows, in order. With ``is_broken`` it fails when it is asked.
    """

    logits: dict[str, float] = field(default_factory=dict)
    pace_s: float = 0.01
    name: str = "reader"
    at_once: int = 1
    is_broken: bool = False
    now_s: float = 100.0
    asked: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def score(self, query: str, windows: Sequence[str]) -> list[float]:
        if self.is_broken:
            raise RerankerError(f"cannot read {len(windows)} windows", hint="mend it")
        self.asked.append(query)
        self.read += windows
        self.now_s += self.pace_s * len(windows)
        return [self.logits.get(window.partition(".")[0], -11.0) for window in windows]

    def clock(self) -> float:
        return self.now_s


def drafts(count: int) -> list[Draft]:
    return [Draft(f"Log {i}", f"Ferry {i} docked at quay {i}. Gulls cried.", "-", id=f"log-{i}") for i in range(count)]


def ranked(archive: Archive, scores: Sequence[float]) -> list[Ranked]:
    """Fill an archive with an article a score and return their passages, as if ranked by these scores."""
    archive.add(drafts(len(scores)))
    found = archive.search("ferry docked quay", len(scores))
    keys = archive._catalog.passages(list(range(1, len(scores) + 1)))
    assert len(found.hits) == len(keys) == len(scores)
    by_id = {passage.article.id: key for key, passage in keys.items()}
    why = Why(("ferry",), 1.0, 1, None, None, 1.0, 1, 0.0)
    return [Ranked(by_id[f"log-{i}"], by_id[f"log-{i}"], score, why, "ferry") for i, score in enumerate(scores)]


def reading(archive: Archive, reader: Reader, *, budget_s: float = 0.5) -> Reading:
    checked: Reranker = reader
    return Reading(archive._catalog, checked, budget_s=budget_s, clock=reader.clock)


def places(before: Sequence[Ranked], after: Sequence[Ranked]) -> list[int]:
    return [[one.key for one in before].index(one.key) for one in after]


# -- order -------------------------------------------------------------------------------------------------------------


def test_what_reads_better_comes_first_where_the_others_do_not_lead_by_much(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.8, 2.5])
    reader = Reader({"Log 2": 9.0, "Log 0": -9.0})

    after, notices = reading(archive, reader).reorder("ferry quay", first, 3)

    assert (places(first, after), notices) == ([2, 0, 1], ())
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)
    assert [one.why.reranked for one in after] == [9.0, -9.0, -11.0]


def test_a_headline_and_the_sentences_that_match_are_read_best_hit_first(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.8])
    reader = Reader()

    reading(archive, reader).reorder("ferry quay", first, 2)

    assert set(reader.asked) == {"ferry quay"}
    assert reader.read == [f"Log {i}. Ferry {i} docked at quay {i}. Gulls cried." for i in (0, 1)]


def test_one_that_leads_by_more_than_may_change_is_left_alone_and_nothing_is_read(archive: Archive) -> None:
    first = ranked(archive, [5.0, 3.4, 3.3])
    reader = Reader({"Log 2": 11.0})

    after, notices = reading(archive, reader).reorder("ferry", first, 3)

    assert (after, notices, reader.read) == (first, (), [])


def test_those_too_far_behind_to_come_up_are_not_read(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.9, 1.2, 1.1])
    reader = Reader({"Log 3": 11.0})

    after, _ = reading(archive, reader).reorder("ferry", first, 2)

    assert [window.partition(".")[0] for window in reader.read] == ["Log 0", "Log 1"]
    assert [one.why.reranked for one in after[2:]] == [None, None]
    assert places(first, after)[2:] == [2, 3]


class Shelf:
    """A catalog that has a passage for every key, below the headline 'Log KEY'."""

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        return {key: Passage(f"{key}", ArticleRef(f"{key}", f"Log {key}"), 0, 0, 5, "Gulls") for key in keys}


@given(
    st.lists(st.floats(-5, 15), min_size=1, max_size=30).map(lambda scores: sorted(scores, reverse=True)),
    st.lists(st.floats(-30, 30), min_size=30, max_size=30),
    st.integers(1, 12),
)
def test_nobody_passes_one_that_leads_by_more_than_the_weight(scores: list[float], logits: list[float], k: int) -> None:
    why = Why((), 0.0, None, None, None, 0.0, 1, 0.0)
    first = [Ranked(place, place, score, why, "") for place, score in enumerate(scores)]
    reader = Reader({f"Log {place}": logit for place, logit in enumerate(logits)}, pace_s=0)
    looking = Reading(Shelf(), reader, clock=reader.clock)  # type: ignore[arg-type]  # all of a catalog that it needs

    after, _ = looking.reorder("", first, k)

    order = places(first, after)
    assert sorted(order) == list(range(len(first)))
    assert len(reader.read) <= MOST
    for i, one in enumerate(order):
        assert all(scores[later] - scores[one] <= WEIGHT + 1e-9 for later in order[i:])


def test_a_passage_that_was_removed_meanwhile_is_read_as_nothing(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.9])
    archive.remove(["log-1"])
    reader = Reader()

    after, notices = reading(archive, reader).reorder("ferry quay", first, 2)

    assert (places(first, after), notices) == ([0, 1], ())
    assert reader.read == ["Log 0. Ferry 0 docked at quay 0. Gulls cried.", ""]


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_machine_that_is_too_slow_is_told_once_and_not_tried_again(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.9, 2.8, 2.7])
    reader = Reader({"Log 1": 11.0}, pace_s=0.4)
    slow = reading(archive, reader)

    _, told = slow.reorder("ferry", first, 4)
    read = list(reader.read)
    again = slow.reorder("ferry", first, 4)
    slow.warm_up()

    assert told == ("reranking is off: 1 passages took 0.4 s",)
    assert len(read) == 1
    assert (again, reader.read) == ((first, ()), read)


def test_those_not_read_in_time_keep_their_scores(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.9, 2.8, 2.7, 2.6])
    reader = Reader({"Log 3": 11.0, "Log 4": 11.0}, pace_s=0.14)

    after, notices = reading(archive, reader).reorder("ferry", first, 5)

    assert notices == ()
    assert len(reader.read) == 3
    assert {one.key: one.score for one in after if one.why.reranked is None} == {
        one.key: one.score for one in first[3:]
    }


# -- without a model ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scores", [[3.0, 2.9], [9.0, 1.0], [1.0]])
@pytest.mark.parametrize("warm", [False, True])
def test_a_model_that_is_missing_is_told_once_whatever_is_found(
    archive: Archive, scores: list[float], *, warm: bool
) -> None:
    first = ranked(archive, scores)
    without = Reading(archive._catalog, "no/such")
    if warm:
        without.warm_up()

    assert without.reorder("ferry", first, 2) == (first, (MISSING,))
    assert without.reorder("ferry", first, 2) == (first, ())


def test_a_model_that_breaks_is_told_once_and_changes_nothing(archive: Archive) -> None:
    first = ranked(archive, [3.0, 2.9])
    broken = reading(archive, Reader(is_broken=True))

    assert broken.reorder("ferry", first, 2) == (first, ("not reranked: cannot read 1 windows (mend it)",))
    assert broken.reorder("ferry", first, 2) == (first, ())


def test_a_model_that_loads_for_seconds_is_not_begun_before_it_is_needed(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").touch()
    heavy = Reading(archive._catalog, str(tmp_path))

    heavy.warm_up()

    assert heavy._opening is None


# -- in the pipeline ---------------------------------------------------------------------------------------------------


def find(archive: Archive, reader: Reader, *queries: str) -> tuple[Hit, ...]:
    looking = reading(archive, reader)
    return archive._open_search().find(queries, 5, SearchFilter(), Preference(), reading=looking).hits


def test_hits_say_that_they_were_reranked_and_how(archive: Archive) -> None:
    archive.add(drafts(5))
    reader = Reader({"Log 3": 9.0})

    hits = find(archive, reader, "ferry docked")

    assert hits[0].passage.article.id == "log-3"
    assert {hit.scorer for hit in hits} == {"reranked"}
    assert [hit.why.reranked for hit in hits if hit.why] == [9.0, -11.0, -11.0, -11.0, -11.0]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]


def test_a_question_of_several_parts_is_not_reranked(archive: Archive) -> None:
    archive.add(drafts(5))
    reader = Reader({"Log 3": 9.0})

    hits = find(archive, reader, "ferry docked and gulls cried", "ferry docked", "gulls cried")

    assert reader.asked == []
    assert {hit.scorer for hit in hits} == {"lexical"}
    assert {hit.why.reranked for hit in hits if hit.why} == {None}


def test_where_nothing_was_read_hits_say_so(archive: Archive) -> None:
    archive.add([*drafts(5), replace(drafts(1)[0], id="pier", headline="Pier of oak", body="A pier of oak opened.")])
    reader = Reader()

    hits = find(archive, reader, "pier of oak")

    assert (reader.asked, hits[0].scorer) == ([], "lexical")


@pytest.mark.parametrize("warm", [False, True])
def test_the_default_model_reads_what_an_archive_finds(archive: Archive, *, warm: bool) -> None:
    archive.add(drafts(5))
    if warm:
        archive.warm_up(rerank=True)

    found = archive.search("Where did ferry 3 dock?", 5, rerank=True)
    without = archive.search("Where did ferry 3 dock?", 5)

    assert {hit.passage.id for hit in found.hits} == {hit.passage.id for hit in without.hits}
    assert {hit.scorer for hit in without.hits} == {"lexical"}
    assert not [notice for notice in found.notices if "rerank" in notice]
