"""Search by words: the sealed index and the full text of what is newer answer as one."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import store
from store.catalog import Catalog, create_catalog, open_catalog
from store.lexical import FRESH_ROWS, FRESH_SHARE, LexicalSearch, is_due, phrases, publish_word_index
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.words import query_terms
from tests.invented import invented

EVERYTHING = SearchFilter()
QUESTION = "Did the ferry Morning Star sink off Skelby?"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty archive; copy it, making one waits for the disk."""
    path = tmp_path_factory.mktemp("empty") / FILE_NAME
    create_catalog(path).close()
    return path


@pytest.fixture
def catalog(empty: Path, tmp_path: Path) -> Iterator[Catalog]:
    shutil.copy(empty, tmp_path)
    with closing(open_catalog(tmp_path / FILE_NAME, writable=True)) as catalog:
        yield catalog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "words"


def put(catalog: Catalog, *drafts: Draft) -> None:
    catalog.begin_run()
    with catalog.transaction():
        for draft in drafts:
            catalog.put(draft)


def remove(catalog: Catalog, *article_ids: str) -> None:
    with catalog.transaction():
        for article_id in article_ids:
            assert catalog.remove(article_id)


def note(article_id: str, body: str, **fields: object) -> Draft:
    return replace(Draft("Harbour notes", body, "-", id=article_id), **fields)  # type: ignore[arg-type]


def found(lexical: LexicalSearch, query: str, where: SearchFilter = EVERYTHING) -> dict[str, float]:
    """Return the scores of the articles that are found, best first, phrases included."""
    lexical.follow()
    scores = lexical.scores(query)
    rows = np.flatnonzero(scores)
    lexical.add_phrases(query, rows, scores)
    mask = lexical.mask(where)
    kept = rows if mask is None else rows[mask[rows]]
    passages = lexical._catalog.passages(lexical.keys[kept].tolist())
    scored = zip((passages[key].article.id for key in lexical.keys[kept].tolist()), scores[kept].tolist(), strict=True)
    return dict(sorted(scored, key=lambda pair: -pair[1]))


def is_sealed(lexical: LexicalSearch) -> bool:
    lexical.follow()
    return lexical._sealed is not None


# -- sealed and fresh --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sealed", [0, 1, 2, 3])
def test_a_row_is_a_passage_whether_sealed_or_newer(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft, gulls: Draft, sealed: int
) -> None:
    drafts = [ferry, council, gulls]
    put(catalog, *drafts[:sealed])
    if sealed:
        publish_word_index(catalog, folder)
    put(catalog, *drafts[sealed:])
    lexical = LexicalSearch(catalog, folder)
    lexical.follow()

    passages = list(catalog.passages_to_index())
    assert len(lexical) == 3
    assert lexical.keys.tolist() == [passage.key for passage in passages]
    assert lexical.articles.tolist() == [passage.article for passage in passages]
    assert lexical.days.tolist() == [date(2017, 6, 7).toordinal(), date(2017, 6, 9).toordinal(), 0]
    assert len(set(lexical.outlets.tolist())) == 3
    assert lexical.outlets[2] == 0
    assert lexical.mask(EVERYTHING) is None
    assert (lexical.scores("ferry council gulls") > 0).tolist() == [True] * 3


@pytest.mark.parametrize(
    "query",
    [
        "ferry",
        QUESTION,
        "Which ferries sank, the ferry or another ferrying company's?",
        "morning star, Morning Stars, star morning",
        "the council's new pier and the coastguard",
        "Who is it?",
        "crate3x1 rope3x1",
        "?",
        "",
    ],
)
def test_sealed_passages_score_as_they_did_before(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft, gulls: Draft, query: str
) -> None:
    put(catalog, ferry, council, gulls, *(invented(i) for i in range(20)))
    lexical = LexicalSearch(catalog, folder)
    before = found(lexical, query)

    publish_word_index(catalog, folder)

    after = found(lexical, query)
    assert is_sealed(lexical)
    assert after == pytest.approx(before, rel=1e-3)


def test_passages_that_are_newer_than_the_index_score_as_in_the_full_text(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft
) -> None:
    put(catalog, council, *(invented(i) for i in range(5)))
    publish_word_index(catalog, folder)
    put(catalog, ferry)
    lexical = LexicalSearch(catalog, folder)

    expected = max(score for _, score in catalog.weigh(query_terms(QUESTION)))

    assert found(lexical, QUESTION)["ferry-1"] == pytest.approx(expected, rel=1e-6)


def test_sealed_passages_score_the_same_whatever_is_newer(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft
) -> None:
    put(catalog, ferry, *(invented(i) for i in range(5)))
    publish_word_index(catalog, folder)
    lexical = LexicalSearch(catalog, folder)
    before = found(lexical, QUESTION)

    put(catalog, council, replace(ferry, id="ferry-2", url=None, body="The Morning Star sank again."))

    after = found(lexical, QUESTION)
    assert after["ferry-1"] == before["ferry-1"]
    assert "ferry-2" in after


def test_sealed_and_newer_passages_rank_together(catalog: Catalog, folder: Path) -> None:
    others = [note(f"other-{i}", f"Gull {i} was seen.") for i in range(20)]
    put(catalog, *others, note("sealed-both", "The ferry docked at the pier."), note("sealed-one", "The ferry docked."))
    publish_word_index(catalog, folder)
    put(catalog, note("newer-both", "A ferry left the pier again."), note("newer-one", "The pier opened late."))

    ranked = list(found(LexicalSearch(catalog, folder), "ferry pier"))

    assert set(ranked[:2]) == {"sealed-both", "newer-both"}
    assert set(ranked[2:]) == {"sealed-one", "newer-one"}


@settings(max_examples=30)
@given(
    texts=st.lists(
        st.lists(st.sampled_from("ferry ferries sank morning star pier it's gulls F-16".split()), max_size=9),
        min_size=1,
        max_size=12,
    ),
    query=st.lists(st.sampled_from("ferry Ferries sinking morning star the pier 16".split()), max_size=6),
)
def test_nothing_changes_for_a_question_when_the_words_are_sealed(
    empty: Path, texts: list[list[str]], query: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(empty, name)
        with closing(open_catalog(Path(name) / FILE_NAME, writable=True)) as catalog:
            put(catalog, *(note(f"n-{i}", " ".join(["End.", *text])) for i, text in enumerate(texts)))
            lexical = LexicalSearch(catalog, Path(name) / "words")
            before = found(lexical, " ".join(query))

            publish_word_index(catalog, Path(name) / "words")

            assert found(lexical, " ".join(query)) == pytest.approx(before, rel=2e-3, abs=1e-5)


def test_phrases_are_added_at_the_asked_rows_alone(catalog: Catalog, folder: Path) -> None:
    put(catalog, *(note(f"n-{i}", "The Morning Star sank.") for i in range(3)), *(invented(i) for i in range(9)))
    publish_word_index(catalog, folder)
    lexical = LexicalSearch(catalog, folder)
    lexical.follow()
    plain = lexical.scores("Morning Star")

    scores = plain.copy()
    lexical.add_phrases("Morning Star", np.array([0, 2]), scores)

    assert scores[1] == plain[1]
    assert scores[0] == scores[2] > plain[0]


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("ferry", []),
        (QUESTION, [("ferri", "morn"), ("morn", "star"), ("star", "sink")]),
        ("Morning Star, mornings' stars", [("morn", "star"), ("star", "morn")]),
        ("a $1.5 million pier", [("1", "5"), ("5", "million"), ("million", "pier")]),
        ("the ferry of the council", []),
        ("", []),
    ],
)
def test_words_side_by_side_are_phrases(query: str, pairs: list[tuple[str, str]]) -> None:
    assert phrases(query) == pairs


def test_an_empty_archive_finds_nothing_sealed_or_not(catalog: Catalog, folder: Path, ferry: Draft) -> None:
    lexical = LexicalSearch(catalog, folder)
    assert found(lexical, QUESTION) == {}

    publish_word_index(catalog, folder)
    assert found(lexical, QUESTION) == {}

    put(catalog, ferry)
    assert list(found(lexical, QUESTION)) == ["ferry-1"]


# -- removed and replaced ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where", [EVERYTHING, SearchFilter(since=date(2017, 1, 1)), SearchFilter(outlets=("courier",))]
)
@pytest.mark.parametrize("asked_before", [True, False])
def test_passages_removed_since_the_words_were_sealed_never_come_back(
    catalog: Catalog, folder: Path, where: SearchFilter, *, asked_before: bool
) -> None:
    known = {"published": date(2017, 6, 7), "outlet": "Courier"}
    put(catalog, *(note(f"n-{i}", f"The ferry sank {i} times.", **known) for i in range(4)))
    publish_word_index(catalog, folder)
    put(catalog, note("n-4", "The ferry was raised.", **known), note("n-5", "The ferry is back.", **known))
    lexical = LexicalSearch(catalog, folder)
    if asked_before:
        assert set(found(lexical, "ferry", where)) == {f"n-{i}" for i in range(6)}

    remove(catalog, "n-0", "n-3", "n-5")

    assert set(found(lexical, "ferry", where)) == {"n-1", "n-2", "n-4"}
    publish_word_index(catalog, folder)
    assert set(found(lexical, "ferry", where)) == {"n-1", "n-2", "n-4"}
    assert lexical.mask(EVERYTHING) is None


def test_an_article_replaced_since_the_words_were_sealed_is_found_by_its_new_words_day_and_outlet(
    catalog: Catalog, folder: Path
) -> None:
    put(catalog, note("n-0", "The ferry sank.", published=date(2017, 6, 7), outlet="Courier"), *map(invented, range(3)))
    publish_word_index(catalog, folder)
    lexical = LexicalSearch(catalog, folder)
    lexical.follow()

    put(catalog, note("n-0", "Divers raised the wreck.", published=date(2018, 6, 7), outlet="Post"))

    assert list(found(lexical, "ferry sank")) == []
    assert list(found(lexical, "wreck", SearchFilter(since=date(2018, 1, 1), outlets=("post",)))) == ["n-0"]
    assert list(found(lexical, "wreck", SearchFilter(until=date(2017, 12, 31)))) == []
    assert list(found(lexical, "wreck", SearchFilter(outlets=("Courier",)))) == []


# -- filters -----------------------------------------------------------------------------------------------------------

_DAYS = st.sampled_from(
    [None, date.min, date(1, 1, 2), date(2017, 6, 7), date(2017, 6, 8), date(2018, 1, 1), date(9999, 12, 30), date.max]
)
_OUTLETS = st.sampled_from([None, "", "Post", "POST", "Straße", "STRASSE", "ÆØÅ", "æøå", "Ελλάς", "ΕΛΛΆΣ", "Courier "])
_FILTERS = st.builds(
    SearchFilter,
    _DAYS,
    _DAYS,
    st.lists(_OUTLETS.filter(lambda outlet: outlet is not None), max_size=3).map(tuple),
)


# Those that restrict one thing alone, which chance seldom draws.
_PLAIN = [
    EVERYTHING,
    *(SearchFilter(**{end: day}) for end in ("since", "until") for day in (date.min, date(2017, 6, 7), date.max)),
    *(SearchFilter(outlets=(outlet,)) for outlet in ("", "pOsT", "STRAẞE", "ελλάς", "Courier", "Nobody")),
]


@settings(max_examples=40)
@given(
    articles=st.lists(st.tuples(_DAYS, _OUTLETS), min_size=1, max_size=12),
    sealed=st.integers(0, 12),
    removed=st.sets(st.integers(0, 11)),
    wheres=st.lists(_FILTERS, min_size=1, max_size=20),
)
def test_filters_leave_what_the_list_of_articles_leaves(
    empty: Path,
    articles: list[tuple[date | None, str | None]],
    sealed: int,
    removed: set[int],
    wheres: list[SearchFilter],
) -> None:
    drafts = [note(f"n-{i}", f"Ferry {i}.", published=day, outlet=outlet) for i, (day, outlet) in enumerate(articles)]
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(empty, name)
        with closing(open_catalog(Path(name) / FILE_NAME, writable=True)) as catalog:
            put(catalog, *drafts[:sealed])
            if sealed:
                publish_word_index(catalog, Path(name) / "words")
            put(catalog, *drafts[sealed:])
            remove(catalog, *(f"n-{i}" for i in removed if i < len(drafts)))
            lexical = LexicalSearch(catalog, Path(name) / "words")

            for where in [*_PLAIN, *wheres]:
                assert set(found(lexical, "ferry", where)) == {ref.id for ref in catalog.articles(where)}


# -- the published index -----------------------------------------------------------------------------------------------


def test_a_session_follows_what_another_seals_adds_and_removes(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft, gulls: Draft
) -> None:
    put(catalog, ferry)
    with closing(open_catalog(catalog.path, writable=False)) as reading:
        session = LexicalSearch(reading, folder)
        assert set(found(session, "ferry council gulls")) == {"ferry-1"}
        assert not is_sealed(session)

        publish_word_index(catalog, folder)
        assert is_sealed(session)
        assert set(found(session, "ferry council gulls")) == {"ferry-1"}

        put(catalog, replace(council, id="council-1"))
        assert set(found(session, "ferry council gulls")) == {"ferry-1", "council-1"}

        remove(catalog, "ferry-1")
        put(catalog, replace(gulls, id="gulls-1"))
        publish_word_index(catalog, folder)
        assert set(found(session, "ferry council gulls")) == {"council-1", "gulls-1"}
        assert session.mask(EVERYTHING) is None


def test_a_session_that_does_not_follow_reads_on_from_the_deleted_index(
    catalog: Catalog, folder: Path, ferry: Draft
) -> None:
    put(catalog, ferry)
    publish_word_index(catalog, folder)
    session = LexicalSearch(catalog, folder)
    session.follow()
    before = session.scores(QUESTION).tolist()

    publish_word_index(catalog, folder)

    assert [path.name for path in folder.glob("g*")] == ["g000002"]
    assert session.scores(QUESTION).tolist() == before


def test_two_sessions_each_see_the_other_s_articles(catalog: Catalog, folder: Path, ferry: Draft, gulls: Draft) -> None:
    put(catalog, ferry)
    publish_word_index(catalog, folder)
    with closing(open_catalog(catalog.path, writable=True)) as other:
        one, two = LexicalSearch(catalog, folder), LexicalSearch(other, folder)
        assert found(one, "ferry") == found(two, "ferry")

        put(other, replace(gulls, id="gulls-1"))
        assert set(found(one, "ferry gulls")) == {"ferry-1", "gulls-1"}
        remove(catalog, "ferry-1")
        assert set(found(two, "ferry gulls")) == {"gulls-1"}


def test_nothing_is_read_again_where_nothing_changed(catalog: Catalog, folder: Path, ferry: Draft) -> None:
    put(catalog, ferry)
    lexical = LexicalSearch(catalog, folder)
    lexical.follow()
    keys = lexical.keys

    lexical.follow()

    assert lexical.keys is keys


def _delete_pointer(folder: Path) -> None:
    (folder / "CURRENT").unlink()


def _point_nowhere(folder: Path) -> None:
    (folder / "CURRENT").write_text("g000099\n")


def _garble_pointer(folder: Path) -> None:
    (folder / "CURRENT").write_bytes(b"\xff\0../..")


def _delete_sealed(folder: Path) -> None:
    shutil.rmtree(folder / "g000001")


def _delete_postings(folder: Path) -> None:
    (folder / "g000001" / "postings.npy").unlink()


def _cut_words(folder: Path) -> None:
    path = folder / "g000001" / "words.npy"
    path.write_bytes(path.read_bytes()[:-1])


def _empty_starts(folder: Path) -> None:
    (folder / "g000001" / "starts.npy").write_bytes(b"")


def _garble_keys(folder: Path) -> None:
    path = folder / "g000001" / "keys.npy"
    path.write_bytes(path.read_bytes().replace(b"}", b"{", 1))


def _replace_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


LOSSES = (_delete_pointer, _point_nowhere, _garble_pointer, _delete_sealed, _delete_postings)
DAMAGES = (_cut_words, _empty_starts, _garble_keys, _replace_by_a_file)


@pytest.mark.parametrize("damage", [*LOSSES, *DAMAGES], ids=lambda damage: damage.__name__.strip("_"))
def test_where_the_index_is_lost_or_damaged_the_full_text_answers(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft, damage: Callable[[Path], None]
) -> None:
    put(catalog, ferry, council, *(invented(i) for i in range(5)))
    publish_word_index(catalog, folder)
    expected = found(LexicalSearch(catalog, folder), QUESTION)

    damage(folder)

    lexical = LexicalSearch(catalog, folder)
    assert not is_sealed(lexical)
    assert found(lexical, QUESTION) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", ["postings", "words", "offsets"])
def test_bytes_that_changed_in_the_index_stop_no_question(
    catalog: Catalog, folder: Path, ferry: Draft, council: Draft, name: str
) -> None:
    put(catalog, ferry, council, *(invented(i) for i in range(5)))
    publish_word_index(catalog, folder)
    expected = found(LexicalSearch(catalog, folder), QUESTION)
    column = np.load(folder / "g000001" / f"{name}.npy", mmap_mode="r+")
    column[1:-1] = 3_000_000

    lexical = LexicalSearch(catalog, folder)

    assert set(found(lexical, QUESTION)) == set(expected)
    assert set(found(lexical, QUESTION, SearchFilter(outlets=("Harbour Courier",)))) < set(expected)


@pytest.mark.parametrize("damage", [*LOSSES, *DAMAGES[:-1]], ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_index_is_built_anew(catalog: Catalog, folder: Path, damage: Callable[[Path], None]) -> None:
    put(catalog, *(invented(i) for i in range(6)))
    publish_word_index(catalog, folder)
    assert not is_due(catalog, folder, fresh_rows=5)
    damage(folder)

    assert is_due(catalog, folder)

    publish_word_index(catalog, folder)
    assert is_sealed(LexicalSearch(catalog, folder))
    assert not is_due(catalog, folder, fresh_rows=5)


def test_words_are_sealed_first_where_sqlite_would_take_long(catalog: Catalog, folder: Path) -> None:
    put(catalog, *(invented(i) for i in range(5)))

    assert [is_due(catalog, folder, fresh_rows=rows) for rows in (4, 5)] == [True, False]
    assert not is_due(catalog, folder)
    assert FRESH_ROWS > 1_000


def test_words_are_sealed_anew_where_too_many_passages_are_newer_or_gone(catalog: Catalog, folder: Path) -> None:
    put(catalog, *(invented(i) for i in range(8)))
    publish_word_index(catalog, folder)

    put(catalog, *(invented(i) for i in range(8, 10)))  # two are newer
    assert [is_due(catalog, folder, fresh_rows=rows) for rows in (1, 2)] == [True, False]

    remove(catalog, "log-00000", "log-00009")  # one is newer, one is gone
    assert [is_due(catalog, folder, fresh_rows=rows) for rows in (1, 2)] == [True, False]

    put(catalog, invented(1, sentences=2))  # a replaced passage is newer and gone
    assert [is_due(catalog, folder, fresh_rows=rows) for rows in (3, 4)] == [True, False]


def test_words_of_a_few_passages_are_sealed_anew_when_there_are_twice_as_many(catalog: Catalog, folder: Path) -> None:
    put(catalog, *(invented(i) for i in range(4)))
    publish_word_index(catalog, folder)

    put(catalog, *(invented(i) for i in range(4, 8)))
    assert not is_due(catalog, folder)
    put(catalog, invented(8))
    assert is_due(catalog, folder)


def test_a_large_archive_may_have_more_that_is_newer(catalog: Catalog, folder: Path) -> None:
    sealed = round(2 / FRESH_SHARE)
    put(catalog, *(invented(i, sentences=1) for i in range(sealed)))
    publish_word_index(catalog, folder)

    put(catalog, *(invented(sealed + i, sentences=1) for i in range(2)))
    assert not is_due(catalog, folder, fresh_rows=1)
    put(catalog, invented(sealed + 2, sentences=1))
    assert is_due(catalog, folder, fresh_rows=1)


SEAL_AND_DIE = """
import os, signal, sys
from pathlib import Path
import store.lexical
from store.catalog import open_catalog

catalog = open_catalog(Path(sys.argv[1]), writable=True)
passages = catalog.passages_to_index

def some(**options):
    for number, passage in enumerate(passages(**options)):
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        yield passage

catalog.passages_to_index = some
store.lexical.publish_word_index(catalog, Path(sys.argv[2]))
"""


def test_a_writer_killed_while_it_seals_leaves_the_old_index(catalog: Catalog, folder: Path) -> None:
    put(catalog, *(invented(i) for i in range(9)))
    publish_word_index(catalog, folder)
    put(catalog, invented(10))
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__path__[0]).resolve().parent)}

    child = subprocess.run([sys.executable, "-c", SEAL_AND_DIE, catalog.path, folder], check=False, env=environment)

    lexical = LexicalSearch(catalog, folder)
    assert child.returncode == -signal.SIGKILL
    assert (folder / "CURRENT").read_text() == "g000001\n"
    assert is_sealed(lexical)
    assert list(found(lexical, "warden10")) == ["log-00010"]
    publish_word_index(catalog, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "g000003"]


def test_an_index_that_is_newer_than_a_file_put_back_is_not_searched_and_not_trusted_later(
    catalog: Catalog, folder: Path, tmp_path: Path
) -> None:
    put(catalog, invented(1))
    older = tmp_path / "older.sqlite3"
    with closing(sqlite3.connect(older)) as copy, closing(sqlite3.connect(catalog.path)) as source:
        source.backup(copy)
    put(catalog, *(invented(i) for i in range(2, 9)))
    publish_word_index(catalog, folder)

    with closing(open_catalog(older, writable=True)) as restored:
        assert not is_sealed(LexicalSearch(restored, folder))
        put(restored, *(invented(i) for i in range(20, 40)))
        assert not is_sealed(LexicalSearch(restored, folder))
        assert is_due(restored, folder)

        publish_word_index(restored, folder)
        lexical = LexicalSearch(restored, folder)
        assert list(found(lexical, "warden25")) == ["log-00025"]
        assert is_sealed(lexical)


def test_an_index_of_another_archive_is_not_searched(catalog: Catalog, folder: Path, tmp_path: Path) -> None:
    put(catalog, invented(1))
    publish_word_index(catalog, folder)

    with closing(create_catalog(tmp_path / "other.sqlite3")) as other, other.transaction():
        other.set_setting("words", "1")
    with closing(open_catalog(tmp_path / "other.sqlite3", writable=True)) as other:
        put(other, invented(2))
        assert not is_sealed(LexicalSearch(other, folder))
