"""The sealed index of words scores as SQLite's full text does, and is whole or not there."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from math import log
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.catalog import Catalog, create_catalog, open_catalog
from store.records import Draft, PassageWords
from store.schema import FILE_NAME
from store.word_index import (
    WordIndex,
    build_word_index,
    idf,
    length_norms,
    open_word_index,
    outlet_hash,
    saturated,
    term_hash,
)
from store.words import index_stem, words

VOCABULARY = tuple(
    """ferry ferries ferrying skelby's sinks sinking technology assemblies apology Ångström façade café Đồng Зеленский
    технологий Αθήνα ガス COVID 19 F 16 $1.5m a.m. snake_case us is by of the relational conditional hopefully happiness
    pier council mayors mayor quay gulls coastguard wreck divers raised warden rope crates sail harbour logged Friday
    possibly bli logi ponies caresses rate controlling""".split()
)

# Words of which no two have one stem: SQLite counts a stem that stands twice in a query twice.
TELLING = tuple({index_stem(word): word for word in words(" ".join(VOCABULARY))}.values())


def passages_of(*texts: tuple[str, str]) -> list[PassageWords]:
    """Return passages of (headline, text), each an article of its own."""
    return [PassageWords(key, key, 0, None, headline, text) for key, (headline, text) in enumerate(texts, 1)]


@contextmanager
def indexed(passages: Iterable[PassageWords]) -> Iterator[WordIndex]:
    with tempfile.TemporaryDirectory() as name:
        build_word_index(passages, Path(name))
        assert "chunks" not in {path.name for path in Path(name).iterdir()}
        yield open_word_index(Path(name))


def stems_of(asked: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(index_stem, asked)))


def by_row(found: Sequence[tuple[int, float]], keys: np.ndarray) -> list[float]:
    scores = dict(found)
    return [scores.get(key, 0.0) for key in keys.tolist()]


# -- what it holds -----------------------------------------------------------------------------------------------------


def test_a_row_is_a_passage_with_its_article_day_outlet_and_words(tmp_path: Path) -> None:
    build_word_index(
        [
            PassageWords(3, 1, 736_489, "post", "Ferry sinks", "The ferries sank."),
            PassageWords(8, 2, 0, None, "", "Gulls."),
        ],
        tmp_path,
    )
    index = open_word_index(tmp_path)

    assert len(index) == 2
    assert index.keys.tolist() == [3, 8]
    assert index.articles.tolist() == [1, 2]
    assert index.days.tolist() == [736_489, 0]
    assert index.outlets.tolist() == [outlet_hash("post"), 0]
    assert index.lengths.tolist() == [5, 1]
    assert index.headlines.tolist() == [2, 0]
    assert index.offsets.tolist() == [0, 5, 6]
    spoken = [index.terms[term] for term in index.words.tolist()]
    assert spoken == [term_hash(stem) for stem in ("ferri", "sink", "the", "ferri", "sank", "gull")]


def test_a_posting_counts_a_word_of_the_headline_five_times() -> None:
    with indexed(passages_of(("Ferry sinks", "The ferries sank."), ("", "A ferry, a ferry."))) as index:
        place = index.terms.tolist().index(term_hash("ferri"))
        span = slice(index.starts[place], index.starts[place + 1])

        assert index.postings[span].tolist() == [0, 1]
        assert index.counts[span].tolist() == [6, 2]


def test_a_word_counts_at_most_255_times() -> None:
    with indexed(passages_of(("", "ferry " * 1_000), ("", "gull"), ("", "gull"))) as index:
        assert index.counts.max() == 255
        weight = idf(3, 1) * saturated(np.array([255]), length_norms(index.lengths)[:1])
        assert index.scores(["ferri"]) == pytest.approx([weight[0], 0, 0])


def test_two_outlets_have_two_hashes_and_none_has_zero() -> None:
    hashes = {outlet_hash(name) for name in ("post", "courier", "", "Post", "\ud800")}

    assert len(hashes) == 5
    assert outlet_hash(None) == 0
    assert all(0 < found < 2**63 for found in hashes)


# -- bm25 --------------------------------------------------------------------------------------------------------------


def test_a_score_is_the_bm25_of_the_literature() -> None:
    # Three passages of 2, 2 and 5 words, 3 on average; 'ferry' stands in one of them, once in its text of five words.
    with indexed(passages_of(("", "gulls eat"), ("", "council met"), ("", "a ferry left the quay"))) as index:
        weight = log((3 - 1 + 0.5) / (1 + 0.5))
        norm = 1.2 * (1 - 0.75 + 0.75 * 5 / 3)

        assert index.scores(["ferri"]).tolist() == pytest.approx([0, 0, weight * 2.2 / (1 + norm)])
        assert index.scores(["ferri", "gull"]).tolist() == pytest.approx(
            [weight * 2.2 / (1 + 1.2 * (1 - 0.75 + 0.75 * 2 / 3)), 0, weight * 2.2 / (1 + norm)]
        )


def test_a_word_that_most_passages_hold_still_finds_them() -> None:
    with indexed(passages_of(("", "gulls eat"), ("", "gulls fly"), ("", "council met"))) as index:
        assert (index.scores(["gull"]) > 0).tolist() == [True, True, False]
        assert index.scores(["gull"]).max() < 1e-5


def test_words_that_stand_nowhere_weigh_nothing() -> None:
    with indexed(passages_of(("", "gulls eat"))) as index:
        assert index.scores(["ferri", "", "\ud800"]).tolist() == [0]
        assert index.scores([]).tolist() == [0]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an empty archive; copy it, making one waits for the disk."""
    path = tmp_path_factory.mktemp("empty") / FILE_NAME
    create_catalog(path).close()
    return path


@contextmanager
def sealed(empty: Path, drafts: Iterable[Draft], removed: Iterable[str] = ()) -> Iterator[tuple[Catalog, WordIndex]]:
    """Give a catalog of articles and the index of the words of those that were not removed."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(empty, name)
        with closing(open_catalog(Path(name) / FILE_NAME, writable=True)) as catalog:
            catalog.begin_run()
            with catalog.transaction():
                for draft in drafts:
                    catalog.put(draft)
                for article_id in removed:
                    catalog.remove(article_id)
            (Path(name) / "words").mkdir()
            build_word_index(catalog.passages_to_index(), Path(name) / "words")
            yield catalog, open_word_index(Path(name) / "words")


def written(seed: int, articles: int, *, lines: int) -> list[Draft]:
    """Return articles of so many lines of up to 25 words, a few of them by far the commonest."""
    chance = Random(seed)  # noqa: S311 - reproducible, not secret
    weights = [1 / place for place in range(1, len(VOCABULARY) + 1)]

    def some(count: int) -> list[str]:
        return chance.choices(chance.sample(VOCABULARY, len(VOCABULARY)), weights, k=count)

    return [
        Draft(
            headline=" ".join(some(chance.randrange(1, 12))),
            body="\n".join(" ".join([*some(chance.randrange(1, 25)), "end."]) for _ in range(lines)),
            source="-",
            id=f"written-{number}",
        )
        for number in range(articles)
    ]


_ARCHIVES = st.builds(written, st.integers(0, 10_000), st.integers(1, 30), lines=st.sampled_from((1, 5, 25)))
_QUERIES = st.lists(st.sampled_from(TELLING), min_size=1, max_size=8, unique=True)


@settings(max_examples=40)
@given(drafts=_ARCHIVES, asked=_QUERIES, gone=st.integers(0, 5))
def test_scores_are_those_of_the_full_text(empty: Path, drafts: list[Draft], asked: list[str], gone: int) -> None:
    with sealed(empty, drafts, [f"written-{number}" for number in range(gone)]) as (catalog, index):
        found = catalog.weigh(asked)

        assert set(index.keys.tolist()) >= {key for key, _ in found}
        assert index.scores(stems_of(asked)).tolist() == pytest.approx(by_row(found, index.keys), rel=1e-3, abs=1e-9)


@settings(max_examples=40)
@given(drafts=_ARCHIVES, one=st.sampled_from(TELLING), other=st.sampled_from(TELLING))
def test_phrases_weigh_as_in_the_full_text_where_all_rows_are_given(
    empty: Path, drafts: list[Draft], one: str, other: str
) -> None:
    with sealed(empty, drafts) as (catalog, index):
        found = catalog.weigh([f"{one} {other}"])
        every = np.arange(len(index))
        with_both = every[(index.scores(stems_of([one])) > 0) & (index.scores(stems_of([other])) > 0)]
        pair = (index_stem(one), index_stem(other))

        scores = np.zeros(len(index))
        scores[with_both] = index.phrase_scores([pair], with_both)

        # The rows that hold both words tell exactly in how many the phrase stands.
        assert scores.tolist() == pytest.approx(by_row(found, index.keys), rel=1e-3, abs=1e-9)
        assert index.phrase_scores([pair], every).tolist() == pytest.approx(scores.tolist(), rel=1e-6)


def test_a_long_archive_is_indexed_in_chunks_as_if_in_one() -> None:
    chance = Random(3)  # noqa: S311 - reproducible, not secret
    texts = [(chance.choice(TELLING), " ".join(chance.choices(TELLING, k=6))) for _ in range(9_001)]
    asked = ("ferry", "council", "rope")
    with closing(sqlite3.connect(":memory:")) as db, indexed(passages_of(*texts)) as index:
        db.execute("CREATE VIRTUAL TABLE t USING fts5(h, x, tokenize='porter unicode61 remove_diacritics 2')")
        db.executemany("INSERT INTO t VALUES (?, ?)", texts)
        found = db.execute(
            "SELECT rowid, -rank FROM t WHERE t MATCH ? AND rank MATCH 'bm25(5.0, 1.0)'", (" OR ".join(asked),)
        ).fetchall()

        assert index.scores(stems_of(asked)).tolist() == pytest.approx(by_row(found, index.keys), rel=1e-3)
        spoken = index.words[index.offsets[9_000] :]
        assert [index.terms[term] for term in spoken] == [
            term_hash(index_stem(word)) for word in words(" ".join(texts[9_000]))
        ]


# -- phrases -----------------------------------------------------------------------------------------------------------

MORNING_STAR = ("morn", "star")


def phrase_counts(*texts: tuple[str, str]) -> list[int]:
    """Return how often 'morning star' is counted in each text, taken from its score."""
    with indexed([*passages_of(*texts), *(PassageWords(99 + i, 99, 0, None, "", "gull") for i in range(99))]) as index:
        rows = np.arange(len(texts))
        scores = index.phrase_scores([MORNING_STAR], rows)
        norms = length_norms(index.lengths)[rows]
        weight = idf(len(index), int((scores > 0).sum()) or 1)
    ratio = scores / (weight * 2.2)
    return [round(float(found)) for found in ratio * norms / (1 - ratio)]


def test_a_phrase_stands_where_its_words_are_side_by_side() -> None:
    assert phrase_counts(
        ("", "It was a Morning Star."),
        ("", "The mornings' stars rose."),
        ("", "It rose every morning. Stars faded."),
        ("", "A star morning."),
        ("", "The star rose in the morning."),
        ("", "A morning star, the morning star, a morning for stars."),
    ) == [1, 1, 1, 0, 0, 2]


def test_a_phrase_of_the_headline_counts_five_times_and_none_begins_in_it_and_ends_in_the_text() -> None:
    assert phrase_counts(
        ("Morning star", "It rose."),
        ("A morning", "Star of the sea."),
        ("Morning star", "The morning star rose."),
        ("Star", "A star every morning"),
        ("Star", "It rose"),
    ) == [5, 0, 6, 0, 0]


def test_a_phrase_does_not_reach_into_the_next_row() -> None:
    assert phrase_counts(("", "every morning"), ("", "star"), ("star", "morning")) == [0, 0, 0]


def test_a_word_beside_itself_is_a_phrase() -> None:
    with indexed([*passages_of(("", "so so so"), ("", "so it goes")), *gulls(9)]) as index:
        norm = length_norms(index.lengths)[:1]

        assert index.phrase_scores([("so", "so")], np.array([0, 1])).tolist() == pytest.approx(
            [float((idf(11, 1) * saturated(np.array([2]), norm))[0]), 0]
        )


def gulls(count: int) -> list[PassageWords]:
    return [PassageWords(100 + i, 100 + i, 0, None, "", "gulls eat boxes") for i in range(count)]


def test_in_how_many_passages_a_phrase_stands_is_estimated_from_those_given() -> None:
    # Four passages hold both words; of the two that are given one holds the phrase: two of the four then.
    texts = [("", "a morning star"), ("", "a star this morning"), ("", "morning or star"), ("", "star and morning")]
    with indexed([*passages_of(*texts), *gulls(20)]) as index:
        norm = length_norms(index.lengths)[:1]

        assert index.phrase_scores([MORNING_STAR], np.array([0, 1])).tolist() == pytest.approx(
            [float((idf(24, 2) * saturated(np.array([1]), norm))[0]), 0]
        )


def test_phrases_that_cannot_stand_there_weigh_nothing() -> None:
    with indexed(passages_of(("", "a morning star"), ("", "gull"))) as index:
        rows = np.arange(2)

        assert index.phrase_scores([], rows).tolist() == [0, 0]
        assert index.phrase_scores([("morn", "unheard"), ("unheard", "star"), ("gull", "star")], rows).tolist() == [
            0,
            0,
        ]
        assert index.phrase_scores([MORNING_STAR], np.zeros(0, dtype=np.intp)).tolist() == []


# -- the files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [[], [("", "…")], [("—", "⛴️"), ("", "")]], ids=["nothing", "no-word", "no-words"])
def test_an_archive_without_words_is_indexed(texts: list[tuple[str, str]]) -> None:
    with indexed(passages_of(*texts)) as index:
        assert len(index) == len(texts)
        assert index.scores(["ferri"]).tolist() == [0] * len(texts)
        assert index.phrase_scores([MORNING_STAR], np.arange(len(texts))).tolist() == [0] * len(texts)


FILES = "keys articles days outlets lengths headlines terms starts postings counts offsets words".split()


def empty_it(path: Path) -> None:
    path.write_bytes(b"")


def cut_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_last(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def garble_head(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"}", b"(", 1))


def garble(path: Path) -> None:
    path.write_bytes(b"\x00" * path.stat().st_size)


def archive_it(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + path.read_bytes())


def shorten(path: Path) -> None:
    np.save(path, np.load(path)[:-1])


def drop_all(path: Path) -> None:
    np.save(path, np.load(path)[:0])


DAMAGES = (Path.unlink, empty_it, cut_half, cut_last, garble_head, garble, archive_it, shorten, drop_all)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", FILES)
def test_an_index_of_which_a_file_is_lost_cut_or_damaged_is_not_opened(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    build_word_index(passages_of(("Ferry sinks", "It sank."), ("Gulls", "They eat.")), tmp_path)
    open_word_index(tmp_path)

    damage(tmp_path / f"{name}.npy")

    with pytest.raises((OSError, ValueError)):
        open_word_index(tmp_path)


def test_a_file_that_was_swapped_with_another_kind_is_not_opened(tmp_path: Path) -> None:
    build_word_index(passages_of(("Ferry sinks", "It sank.")), tmp_path)
    np.save(tmp_path / "keys.npy", np.array(["ferry"]))

    with pytest.raises(ValueError, match="not"):
        open_word_index(tmp_path)
