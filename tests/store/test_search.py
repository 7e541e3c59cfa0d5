"""The pipeline: what is found, in which order, and what stands for what."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.archive import Archive, create_archive, open_archive
from store.fusion import NEARNESS, NEWEST, PREFERRED
from store.records import Draft, Hit, Preference, SearchFilter
from store.search import DEPTH, MOST_OF_ARTICLE
from store.splitting import split_passages
from tests.benchmarks.prints import write_story
from tests.hash_embedder import HashEmbedder

if TYPE_CHECKING:
    from store.embedding import Vectors

DAY = date(2017, 6, 7)
EVERYTHING = SearchFilter()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an empty archive; copy it, making one waits for the disk."""
    path = tmp_path_factory.mktemp("empty") / "archive"
    create_archive(path, embedder=None).close()
    return path


@pytest.fixture
def archive(empty: Path, tmp_path: Path, embedder: HashEmbedder) -> Iterator[Archive]:
    """Give an empty archive that embeds with ``embedder``."""
    shutil.copytree(empty, tmp_path / "archive")
    with open_archive(tmp_path / "archive", writable=True, embedder=embedder) as archive:
        yield archive


def note(article_id: str, body: str, **fields: Any) -> Draft:
    return replace(Draft(f"Harbour notes {article_id}", body, "-", id=article_id), **fields)


def others(count: int) -> list[Draft]:
    """Return articles with words of their own, so that the words of the others tell something."""
    return [note(f"other-{i}", f"Thing{i} was seen on quay{i}.", published=DAY) for i in range(count)]


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.article.id for hit in hits]


def embed_without_index(archive: Archive) -> None:
    """Make the missing vectors; the index is tested elsewhere and takes a second."""
    for _ in archive._embed_pending(None):
        pass


def seal(archive: Archive) -> None:
    archive._seal_words(None)


each_state = pytest.mark.parametrize("prepare", [lambda _: None, seal], ids=["fresh", "sealed"])
Prepare = Callable[[Archive], None]


# -- hits --------------------------------------------------------------------------------------------------------------


@each_state
def test_hits_are_ranked_by_the_words_they_hold(archive: Archive, prepare: Prepare) -> None:
    archive.add(
        [
            note("one", "A ferry docked."),
            note("both", "A ferry docked at the pier."),
            note("named", "Nobody knew why.", headline="Ferry at the pier"),
            *others(10),
        ]
    )
    prepare(archive)

    found = archive.search("Which ferry is at the pier?", 10)

    assert ids(found.hits) == ["named", "both", "one"]
    assert [hit.rank for hit in found.hits] == [1, 2, 3]
    assert {hit.scorer for hit in found.hits} == {"lexical"}
    assert [hit.why.words for hit in found.hits if hit.why] == [("ferry", "pier"), ("ferry", "pier"), ("ferry",)]


@each_state
def test_a_hit_tells_how_it_came_to_its_rank(archive: Archive, prepare: Prepare) -> None:
    archive.add([note("both", "A ferry docked at the pier."), note("one", "A ferry docked."), *others(10)])
    prepare(archive)

    first, second = archive.search("pier ferry", 10).hits

    assert first.why is not None
    assert second.why is not None
    assert (first.why.lexical_rank, first.why.fused_rank, second.why.lexical_rank, second.why.fused_rank) == (
        1,
        1,
        2,
        2,
    )
    assert first.why.lexical > second.why.lexical > 0
    # Two articles stand one deviation above and below their mean.
    assert (first.why.fused, second.why.fused) == (pytest.approx(1), pytest.approx(-1))
    assert (first.score, second.score) == (first.why.fused, second.why.fused)
    assert (first.why.dense, first.why.dense_rank, first.why.preference, first.why.reranked) == (None, None, 0, None)


@each_state
def test_words_and_vectors_are_fused(archive: Archive, embedder: HashEmbedder, prepare: Prepare) -> None:
    archive.add([note("ferry", "A ferry docked."), note("gulls", "Gulls eat."), note("rope", "A rope tore.")])
    embed_without_index(archive)
    prepare(archive)

    hits = archive.search("ferry docked", 10).hits

    query = embedder.embed_query("ferry docked")
    cosines = {hit.passage.article.id: float(embedder._embed(_embedded(hit)) @ query) for hit in hits}
    assert {hit.scorer for hit in hits} == {"fused"}
    assert ids(hits) == sorted(cosines, key=lambda key: -cosines[key])
    assert {hit.passage.article.id: hit.why.dense for hit in hits if hit.why} == pytest.approx(cosines, abs=1e-5)
    assert [hit.why.dense_rank for hit in hits if hit.why] == [1, 2, 3]
    assert [hit.why.lexical_rank for hit in hits if hit.why] == [1, None, None]


def _embedded(hit: Hit) -> str:
    return f"{hit.passage.article.headline}\n{hit.passage.text}"


class MarkedEmbedder(HashEmbedder):
    """A text that says 'alike7' has the cosine .7 to every question, one that says nothing 0."""

    def embed_query(self, text: str) -> Vectors:  # noqa: ARG002 - whatever is asked
        return np.eye(1, self.weights.recipe.dimension, dtype=np.float32)[0]

    def _embed(self, text: str) -> Vectors:
        found = re.search(r"alike(\d)", text)
        cosine = int(found[1]) / 10 if found else 0.0
        vector = np.zeros(self.weights.recipe.dimension, dtype=np.float32)
        vector[:2] = cosine, (1 - cosine**2) ** 0.5
        return vector


def line(alike: int, ferries: int) -> str:
    """Return a passage of 200 words."""
    return " ".join([f"alike{alike}", *["ferry"] * ferries, *["quay"] * (199 - ferries)])


@each_state
def test_an_article_whose_passages_tell_by_words_and_by_vectors_has_the_sum_of_both(
    archive: Archive, tmp_path: Path, prepare: Prepare
) -> None:
    with open_archive(archive.path, writable=True, embedder=MarkedEmbedder(tmp_path / "marked")) as marked:
        marked.add(
            [
                note("one", line(8, 4)),
                note("both", f"{line(1, 5)}\n{line(9, 0)}"),
                note("none", line(1, 1)),
                *others(3),
            ]
        )
        embed_without_index(marked)
        prepare(marked)

        hits = marked.search("ferry", 4).hits

    # By itself each passage of 'both' would come behind 'one'.
    assert ids(hits) == ["both", "one", "both", "none"]
    why = {(hit.passage.article.id, hit.passage.ordinal): hit.why for hit in hits if hit.why}
    words = [why[key].lexical for key in (("both", 0), ("one", 0), ("none", 0))]
    cosines = [0.9, 0.8, 0.1, 0, 0, 0]  # of each article's best, those found by vectors alone last
    z_words, z_cosines = ((np.array(best) - np.mean(best)) / np.std(best) for best in (words, cosines))
    assert [why[key].fused for key in (("both", 0), ("one", 0), ("none", 0))] == pytest.approx(
        (z_words + z_cosines[:3]).tolist(), abs=1e-5
    )
    assert hits[0].score == why["both", 0].fused == why["both", 1].fused > hits[2].score


@each_state
def test_words_side_by_side_count_more_than_words_apart(archive: Archive, prepare: Prepare) -> None:
    archive.add(
        [
            note("apart", "A star rose this morning."),
            note("together", "The Morning Star of the harbour rose then."),
            *others(9),
        ]
    )
    prepare(archive)

    assert ids(archive.search("Morning Star", 5).hits) == ["together", "apart"]


def test_what_is_not_embedded_yet_is_found_by_its_words_among_what_is(archive: Archive) -> None:
    archive.add([note("old", "A ferry docked."), *others(5)])
    embed_without_index(archive)
    archive.add([note("new", "A ferry left.")])

    found = archive.search("ferry", 10)

    assert found.hits[0].passage.article.id == "old"
    assert [hit.passage.article.id for hit in found.hits if hit.why and hit.why.dense is None] == ["new"]
    assert found.notices == (
        "6 of 7 passages are embedded; the others are searched by words; `dateline embed` goes on",
    )


@pytest.mark.parametrize("query", ["", "?", "unheard", "the of", [], ["", "unheard"]])
def test_a_question_without_a_known_word_finds_nothing(archive: Archive, query: str | list[str]) -> None:
    archive.add([note("ferry", "Ferry docked.")])

    assert archive.search(query, 5).hits == ()


@pytest.mark.parametrize("k", [1, 3, 7, 100])
def test_as_many_hits_come_as_are_asked_for_and_there(archive: Archive, k: int) -> None:
    archive.add([note(f"n-{i}", f"Ferry {i} docked at quay {i}.") for i in range(7)])

    hits = archive.search("ferry", k).hits

    assert len(hits) == min(k, 7)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_sealed_and_newer_articles_rank_together(archive: Archive) -> None:
    archive.add([note("sealed-both", "A ferry at the pier."), note("sealed-one", "The ferry left."), *others(20)])
    seal(archive)
    archive.add([note("newer-both", "The pier and its ferry."), note("newer-one", "The pier was painted.")])

    ranked = ids(archive.search("ferry pier", 10).hits)

    assert set(ranked[:2]) == {"sealed-both", "newer-both"}
    assert set(ranked[2:]) == {"sealed-one", "newer-one"}


# -- passages of one article -------------------------------------------------------------------------------------------


def long_note(article_id: str, passages: int, word: str = "ferry") -> Draft:
    """Return an article of so many passages, each a line with ``word`` in it many times."""
    lines = [" ".join([f"x{i}", *[word] * (30 + i), *["quay"] * (169 - i)]) for i in range(passages)]
    assert len(split_passages("\n".join(lines))) == passages
    return note(article_id, "\n".join(lines))


@each_state
def test_of_one_article_at_most_three_passages_come_before_others(archive: Archive, prepare: Prepare) -> None:
    archive.add([long_note("long", 9), note("short", "A ferry was seen far out."), note("brief", "No ferry came.")])
    prepare(archive)

    found = ids(archive.search("ferry", 5).hits)

    assert sorted(found) == ["brief", *["long"] * MOST_OF_ARTICLE, "short"]


def test_more_passages_of_an_article_come_where_nothing_else_is_left(archive: Archive) -> None:
    archive.add([long_note("long", 9), note("short", "A ferry was seen.")])

    hits = archive.search("ferry", 8).hits

    assert ids(hits).count("long") == 7
    assert "short" in ids(hits)[: MOST_OF_ARTICLE + 1]
    assert len({hit.passage.id for hit in hits}) == 8


def test_an_article_of_many_passages_does_not_crowd_out_the_others(archive: Archive) -> None:
    archive.add([long_note("long", 80), *(note(f"short-{i}", f"One ferry, {'quay ' * 99}") for i in range(4))])

    found = ids(archive.search("ferry", 5).hits)

    assert found.count("long") == MOST_OF_ARTICLE


# -- removed -----------------------------------------------------------------------------------------------------------


CROWD = [note(f"gone-{i}", f"Ferry {i}.", headline="Ferry", published=DAY, outlet="Post") for i in range(DEPTH + 20)]
WEAK = note("left", "Of many things one was a ferry, " + "more " * 60, published=DAY, outlet="Post")


@pytest.mark.parametrize(
    ("where", "prefer"),
    [
        (EVERYTHING, Preference()),
        (SearchFilter(since=DAY, until=DAY), Preference()),
        (SearchFilter(outlets=("post",)), Preference()),
        (EVERYTHING, Preference(near=DAY)),
        (EVERYTHING, Preference(outlets=("post",))),
        (SearchFilter(until=DAY), Preference(since=DAY)),
    ],
)
@each_state
def test_as_many_come_as_are_left_however_many_of_the_best_were_removed(
    archive: Archive, prepare: Prepare, where: SearchFilter, prefer: Preference
) -> None:
    archive.add([*CROWD, WEAK])
    prepare(archive)
    assert "left" not in ids(archive.search("ferry", 10, where, prefer).hits)

    archive.remove([draft.id or "" for draft in CROWD])

    assert ids(archive.search("ferry", 10, where, prefer).hits) == ["left"]


def test_vectors_find_what_is_left_however_many_of_the_nearest_were_removed(archive: Archive) -> None:
    archive.add([*CROWD, note("left", "Gulls eat boxes.")])
    archive.embed()
    assert "left" not in ids(archive.search("ferry", 10).hits)

    archive.remove([draft.id or "" for draft in CROWD])

    (hit,) = archive.search("ferry", 10).hits
    assert (hit.passage.article.id, hit.scorer) == ("left", "fused")
    assert hit.why is not None
    assert (hit.why.dense_rank, hit.why.lexical_rank) == (1, None)


@each_state
def test_a_replaced_text_never_comes_back(archive: Archive, prepare: Prepare) -> None:
    archive.add([note("n-0", "The ferry sank."), note("n-1", "The ferry left.")])
    prepare(archive)
    archive.search("ferry", 5)

    archive.add([note("n-0", "Divers raised the wreck.")])

    assert ids(archive.search("ferry", 5).hits) == ["n-1"]
    assert [hit.passage.text for hit in archive.search("wreck", 5).hits] == ["Divers raised the wreck."]


# -- filters and preferences -------------------------------------------------------------------------------------------


@each_state
def test_candidates_are_looked_for_among_what_the_filter_leaves(archive: Archive, prepare: Prepare) -> None:
    """The best of all are none of them."""
    archive.add([*CROWD, replace(WEAK, published=DAY + timedelta(days=400), outlet="Courier")])
    prepare(archive)

    for where in (SearchFilter(since=DAY + timedelta(days=1)), SearchFilter(outlets=("COURIER",))):
        assert ids(archive.search("ferry", 10, where).hits) == ["left"]


@pytest.mark.parametrize(
    "prefer",
    [
        Preference(near=DAY + timedelta(days=400), present=True),
        Preference(since=DAY + timedelta(days=400)),
        Preference(until=DAY + timedelta(days=500), since=DAY + timedelta(days=300)),
        Preference(outlets=("courier",)),
    ],
)
def test_candidates_are_looked_for_among_what_is_preferred_as_well(archive: Archive, prefer: Preference) -> None:
    archive.add([*CROWD, replace(WEAK, published=DAY + timedelta(days=400), outlet="Courier")])

    assert "left" not in ids(archive.search("ferry", 10).hits)
    assert "left" in ids(archive.search("ferry", 10, prefer=prefer).hits)


def two(**fields: Sequence[Any]) -> list[Draft]:
    """Return two articles that fit a question about a ferry equally well, the first of them known as 'a'."""
    names = list(fields)
    return [
        note(article_id, f"The ferry docked, warden{article_id} said.", **dict(zip(names, values, strict=True)))
        for article_id, values in zip("ab", zip(*fields.values(), strict=True), strict=True)
    ]


@pytest.mark.parametrize(
    ("fields", "prefer", "gains"),
    [
        ({"published": (DAY, DAY + timedelta(days=300))}, Preference(near=DAY + timedelta(days=300)), NEARNESS),
        ({"published": (DAY + timedelta(days=300), DAY)}, Preference(near=DAY, present=True), NEARNESS),
        ({"published": (None, DAY)}, Preference(near=DAY), NEARNESS),
        ({"published": (DAY, DAY + timedelta(days=300))}, Preference(newest_first=True), NEWEST),
        ({"published": (None, DAY)}, Preference(newest_first=True), NEWEST),
        ({"published": (DAY, DAY + timedelta(days=1))}, Preference(since=DAY + timedelta(days=1)), PREFERRED),
        ({"published": (DAY, DAY - timedelta(days=1))}, Preference(until=DAY - timedelta(days=1)), PREFERRED),
        ({"outlet": ("Courier", "Straßen-Post")}, Preference(outlets=("STRASSEN-post", "Herald")), PREFERRED),
        ({"outlet": (None, "Post"), "published": (DAY, DAY)}, Preference(since=DAY, outlets=("post",)), 2 * PREFERRED),
    ],
)
@each_state
def test_of_two_that_fit_equally_well_the_preferred_comes_first(
    archive: Archive, prepare: Prepare, fields: dict[str, Sequence[Any]], prefer: Preference, gains: float
) -> None:
    archive.add([*two(**fields), *others(5)])
    prepare(archive)
    assert ids(archive.search("ferry", 5).hits) == ["a", "b"]

    first, second = archive.search("ferry", 5, prefer=prefer).hits

    assert ids([first, second]) == ["b", "a"]
    assert first.why is not None
    assert first.why.preference == pytest.approx(gains, abs=1e-2)
    assert first.score == pytest.approx(first.why.fused + first.why.preference)
    assert first.score > second.score


@pytest.mark.parametrize(
    "prefer",
    [
        Preference(near=date.min),
        Preference(near=date.max),
        Preference(since=date.max, until=date.min),
        Preference(outlets=("Nobody",)),
        Preference(outlets=("",)),
    ],
)
def test_a_preference_for_what_is_not_there_changes_nothing(archive: Archive, prefer: Preference) -> None:
    archive.add([*two(outlet=("Post", None), published=(DAY, None)), *others(5)])
    expected = archive.search("ferry", 5).hits

    assert archive.search("ferry", 5, prefer=prefer).hits == expected


# -- copies ------------------------------------------------------------------------------------------------------------

STORY = write_story(1, day=DAY)
FIRST = Draft(STORY.headline, STORY.body, "-", id="first", outlet="Courier", published=DAY)
PRINTS = (
    FIRST,
    replace(FIRST, id="second", outlet="Post", published=DAY + timedelta(days=1)),
    # What it is asked for stands in the headline: no other print fits better.
    replace(FIRST, id="third", outlet="Herald", published=DAY + timedelta(days=3), headline=f"Ferry: {FIRST.headline}"),
    replace(FIRST, id="undated", outlet="Mirror", published=None),
)
ABOUT = f"ferry {STORY.headline}"


def copies(hit: Hit) -> list[str]:
    return [ref.id for ref in hit.copies]


@each_state
def test_prints_of_a_story_are_one_hit_led_by_the_first(archive: Archive, prepare: Prepare) -> None:
    archive.add([*PRINTS[:3], note("other", f"{STORY.headline} was no news."), *others(5)])
    prepare(archive)
    hits = archive.search(ABOUT, 10).hits

    story, other = (next(hit for hit in hits if hit.passage.article.id == name) for name in ("first", "other"))

    assert set(ids(hits)) == {"first", "other"}
    assert copies(story) == ["second", "third"]
    assert copies(other) == []
    assert story.copies[0].outlet == "Post"


def test_the_leading_print_has_the_place_of_the_best_one(archive: Archive) -> None:
    archive.add([*PRINTS[:3], *others(5)])
    best = archive.search(ABOUT, 1, SearchFilter(outlets=("Herald",))).hits[0]
    assert best.passage.article.id == "third"

    hits = archive.search(ABOUT, 10).hits

    assert hits[0].passage.article.id == "first"
    assert hits[0].rank == 1
    assert len({hit.passage.id for hit in hits}) == len(hits)


def test_the_leading_print_has_three_passages_whichever_print_led_to_it(archive: Archive) -> None:
    long = "\n".join([STORY.body, *(" ".join(["ferry"] * 9 + STORY.body.split() + [f"x{i}"]) for i in range(5))])
    archive.add([replace(draft, body=long) for draft in PRINTS[:3]])
    archive.add([note(f"n-{i}", line(0, 1)) for i in range(4)])
    assert archive.search("ferry", 1, prefer=Preference(outlets=("Nobody",))).hits[0].passage.article.id == "third"

    hits = archive.search("ferry", 5).hits

    assert ids(hits)[:MOST_OF_ARTICLE] == ["first"] * MOST_OF_ARTICLE
    assert set(ids(hits)[MOST_OF_ARTICLE:]) < {f"n-{i}" for i in range(4)}
    assert len({hit.passage.id for hit in hits}) == 5


@pytest.mark.parametrize(("outlet", "shown"), [("Courier", "first"), ("POST", "second"), ("herald", "third")])
def test_the_print_of_a_preferred_outlet_is_shown_itself(archive: Archive, outlet: str, shown: str) -> None:
    archive.add([*PRINTS[:3], *others(5)])

    hits = archive.search(ABOUT, 10, prefer=Preference(outlets=(outlet,))).hits

    assert set(ids(hits)) == {shown}
    assert copies(hits[0]) == [name for name in ("first", "second", "third") if name != shown]


def test_the_print_of_a_preferred_outlet_is_shown_though_another_fits_far_better(archive: Archive) -> None:
    # Among many articles that do not hold the words at all, a headline full of them outweighs the outlet.
    better = replace(PRINTS[2], headline=f"{ABOUT} ferry: {ABOUT}, {ABOUT}")
    archive.add([*PRINTS[:2], better, *others(60)])
    assert archive.search(ABOUT, 10, prefer=Preference(outlets=("Nobody",))).hits[0].passage.article.id == "third"

    hits = archive.search(ABOUT, 10, prefer=Preference(outlets=("Post",))).hits

    assert ids(hits)[0] == "second"
    assert copies(hits[0]) == ["first", "third"]


def test_where_the_filter_leaves_out_the_leading_print_another_stands_for_the_story(archive: Archive) -> None:
    archive.add([*PRINTS[:3], *others(5)])

    hits = archive.search(ABOUT, 10, SearchFilter(since=DAY + timedelta(days=1))).hits

    assert len(set(ids(hits))) == 1
    assert set(copies(hits[0])) | set(ids(hits)) == {"first", "second", "third"}


@pytest.mark.parametrize(
    ("until", "known"),
    [
        (DAY, []),
        (DAY + timedelta(days=1), ["second"]),
        (DAY + timedelta(days=3), ["second", "third"]),
        (None, ["second", "third"]),
    ],
)
def test_prints_that_came_after_the_window_are_not_told(archive: Archive, until: date | None, known: list[str]) -> None:
    archive.add([*PRINTS[:3], *others(5)])

    hits = archive.search(ABOUT, 10, SearchFilter(until=until)).hits

    assert set(ids(hits)) == {"first"}
    assert copies(hits[0]) == known


def test_a_removed_print_is_no_copy_and_another_one_leads(archive: Archive) -> None:
    archive.add([*PRINTS[:3], *others(5)])
    seal(archive)

    archive.remove(["first"])

    hits = archive.search(ABOUT, 10).hits
    assert set(ids(hits)) == {"second"}
    assert copies(hits[0]) == ["third"]


def test_prints_of_one_story_leave_room_for_other_hits(archive: Archive) -> None:
    outlets = [replace(FIRST, id=f"print-{i:02}", outlet=f"Outlet {i}") for i in range(30)]
    archive.add([*outlets, *(note(f"n-{i}", f"{STORY.headline} on quay{i} {'more ' * 40}") for i in range(4))])

    hits = archive.search(STORY.headline, 5).hits

    shown = {article_id for article_id in ids(hits) if article_id.startswith("print-")}
    assert len(hits) == 5
    assert len(shown) == 1
    assert len(hits[0].copies) == 29


# -- parts of a question -----------------------------------------------------------------------------------------------


def test_the_best_of_each_part_of_a_question_is_among_the_first(archive: Archive) -> None:
    archive.add(
        [
            *(note(f"ferry-{i}", f"The ferry number{i} docked at the pier.") for i in range(9)),
            note("council", "The council met on Friday."),
            note("gulls", "Gulls eat lunch boxes."),
            *others(9),
        ]
    )
    parts = ["When did the ferry dock?", "When did the council meet?", "What do gulls eat?"]

    hits = archive.search([" and ".join(parts), *parts], 6).hits

    best = [archive.search(part, 1).hits[0].passage.article.id for part in parts]
    assert set(best) <= set(ids(hits)[:4])
    assert len({hit.passage.id for hit in hits}) == 6


def test_a_question_of_one_part_is_a_question(archive: Archive) -> None:
    archive.add([note("ferry", "The ferry docked."), note("both", "Ferry and pier."), *others(5)])

    assert archive.search(["ferry pier"], 5) == archive.search("ferry pier", 5)


def test_a_hit_tells_the_words_of_the_part_that_found_it(archive: Archive) -> None:
    archive.add([note("ferry", "The ferry docked by the council."), note("council", "The council met."), *others(9)])

    hits = archive.search(["Which ferry?", "Did the council meet?"], 2).hits

    assert {hit.passage.article.id: hit.why.words for hit in hits if hit.why} == {
        "ferry": ("ferry",),
        "council": ("council", "meet"),
    }


def test_a_notice_is_told_once_for_all_parts(archive: Archive) -> None:
    archive.add([note("ferry", "The ferry docked.")])

    assert archive.search(["ferry", "docked"], 5).notices == (
        "searched by words alone: nothing is embedded yet; `dateline embed` does it",
    )


# -- whatever the archive ----------------------------------------------------------------------------------------------

_WORDS = "ferry pier council gulls morning star docked sank it the".split()
_NAMES = (None, "Post", "post", "Courier")
_WHEN = (None, DAY, DAY + timedelta(days=3), DAY + timedelta(days=300))
_DRAFTS = st.lists(
    st.builds(
        lambda number, words, outlet, day, length: Draft(
            " ".join(words[:4]) or "Notes",
            " ".join(["Then", *words * length, "again."]),
            "-",
            id=f"n-{number}",
            outlet=outlet,
            published=day,
        ),
        st.integers(0, 12),
        st.lists(st.sampled_from(_WORDS), max_size=9),
        st.sampled_from(_NAMES),
        st.sampled_from(_WHEN),
        st.sampled_from((1, 60)),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(
    drafts=_DRAFTS,
    sealed=st.integers(0, 12),
    removed=st.sets(st.integers(0, 12)),
    embedded=st.booleans(),
    queries=st.lists(st.lists(st.sampled_from(_WORDS), max_size=5).map(" ".join), min_size=1, max_size=3),
    k=st.integers(1, 12),
    where=st.builds(SearchFilter, st.sampled_from(_WHEN), st.sampled_from(_WHEN), st.sampled_from(((), ("POST",)))),
    prefer=st.builds(
        Preference,
        st.sampled_from(_WHEN),
        st.booleans(),
        st.sampled_from(_WHEN),
        st.sampled_from(_WHEN),
        st.sampled_from(((), ("courier",))),
        st.booleans(),
    ),
)
def test_whatever_is_asked_hits_are_living_passages_that_satisfy_the_filter(
    empty: Path,
    drafts: list[Draft],
    sealed: int,
    removed: set[int],
    embedded: bool,
    queries: list[str],
    k: int,
    where: SearchFilter,
    prefer: Preference,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(empty, Path(name) / "archive")
        embedder = HashEmbedder(Path(name) / "weights")
        with open_archive(Path(name) / "archive", writable=True, embedder=embedder) as archive:
            archive.add(drafts[:sealed])
            if sealed:
                seal(archive)
            if embedded:
                embed_without_index(archive)
            archive.search(queries, k)
            archive.add(drafts[sealed:])
            archive.remove([f"n-{number}" for number in removed])

            hits = archive.search(queries, k, where, prefer).hits

            allowed = {ref.id for ref in archive.articles(where)}
            known = {ref.id for ref in archive.articles()}
            assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
            assert len(hits) <= k
            assert len({hit.passage.id for hit in hits}) == len(hits)
            assert {hit.passage.article.id for hit in hits} <= allowed
            told = [{ref.id for ref in hit.copies} for hit in hits]
            assert all(copies <= known - {hit.passage.article.id} for copies, hit in zip(told, hits, strict=True))
            assert all(not told[i] & {hit.passage.article.id for hit in hits} for i in range(len(hits)))
            for hit in hits:
                assert archive.article(hit.passage.article.id).body[hit.passage.start : hit.passage.end] == (
                    hit.passage.text
                )
