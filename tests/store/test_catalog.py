"""The SQLite file: what it recognises, keeps, finds, forgets and refuses."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.catalog import Catalog, Counts, Put, create_catalog, open_catalog
from store.errors import ArchiveDamaged, ArchiveError, ArchiveMissing, ArchiveNewer, ArticleMissing
from store.integrity import check_archive
from store.records import Article, ArticleRef, Draft, PassageWords, Reached, SearchFilter
from store.rows import day_number
from store.schema import FILE_NAME, SCHEMA_VERSION
from store.words import index_stem, query_terms
from tests.benchmarks.prints import write_story
from tests.invented import invented

EVERYTHING = SearchFilter()


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


def put(catalog: Catalog, *drafts: Draft) -> list[Put]:
    """Store drafts as one run."""
    catalog.begin_run()
    with catalog.transaction():
        return [catalog.put(draft) for draft in drafts]


def problems(catalog: Catalog) -> list[str]:
    checked = check_archive(catalog.path.parent, full=True, asks=False)
    return [str(finding) for finding in checked.findings if finding.is_broken]


def outcomes(catalog: Catalog, *drafts: Draft) -> list[str]:
    return [done.outcome for done in put(catalog, *drafts)]


def weighed(catalog: Catalog, terms: Sequence[str]) -> list[str]:
    """Return the ids of the articles that hold any of ``terms``, best first."""
    ranked = sorted(catalog.weigh(terms), key=lambda pair: (-pair[1], pair[0]))
    return [passage.article.id for passage in catalog.passages([key for key, _ in ranked]).values()]


def found(catalog: Catalog, text: str) -> list[str]:
    """Return the ids of the articles that the words and phrases of ``text`` find, best first."""
    return weighed(catalog, query_terms(text))


def only_ref(catalog: Catalog) -> ArticleRef:
    (ref,) = catalog.articles(EVERYTHING)
    return ref


# -- recognition -------------------------------------------------------------------------------------------------------


def test_an_article_is_kept_as_it_was_read(catalog: Catalog, ferry: Draft) -> None:
    assert put(catalog, ferry) == [Put("added", 1)]

    assert catalog.article("ferry-1") == Article(
        ArticleRef(
            id="ferry-1",
            headline=ferry.headline,
            outlet="Harbour Courier",
            authors=("Ida Holm", "Jon Vale"),
            published=datetime(2017, 6, 7, 21, 30, tzinfo=UTC),
            url="https://courier.example/ferry",
            language="en",
            section="Coast",
            place="SKELBY",
        ),
        ferry.body,
    )


def test_the_same_article_again_is_unchanged(catalog: Catalog, ferry: Draft, council: Draft, gulls: Draft) -> None:
    put(catalog, ferry, council, gulls)

    assert outcomes(catalog, ferry, council, gulls) == ["unchanged"] * 3


def test_an_article_is_recognised_by_its_id_wherever_it_is_read_from(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)

    assert outcomes(catalog, replace(ferry, source="elsewhere.jsonl", line=3)) == ["unchanged"]
    assert outcomes(catalog, replace(ferry, source="elsewhere.jsonl", body="It was towed in.")) == ["updated"]


def test_an_article_is_recognised_by_its_url(catalog: Catalog, ferry: Draft) -> None:
    nameless = replace(ferry, id=None)
    put(catalog, nameless)

    assert outcomes(catalog, replace(nameless, source="b.txt", headline="Ferry lost", body="It sank.")) == ["updated"]
    assert only_ref(catalog).headline == "Ferry lost"


def test_an_article_with_an_id_is_recognised_by_its_url_where_another_source_gives_none(
    catalog: Catalog, ferry: Draft
) -> None:
    put(catalog, ferry)

    assert outcomes(catalog, replace(ferry, id=None)) == ["unchanged"]


def test_an_article_is_recognised_by_its_content_in_another_file(catalog: Catalog, council: Draft) -> None:
    put(catalog, council)

    assert outcomes(catalog, replace(council, source="copies/council (1).txt", line=9)) == ["unchanged"]


def test_an_article_is_recognised_by_file_headline_and_day(catalog: Catalog, council: Draft) -> None:
    put(catalog, council)

    assert outcomes(catalog, replace(council, body="The pier was put off.")) == ["updated"]
    assert catalog.counts().articles == 1


def test_a_file_is_the_same_from_whatever_folder_it_is_named(
    catalog: Catalog, council: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(catalog, replace(council, source="council.txt"))

    changed = replace(council, source=str(tmp_path / "council.txt"), body="The pier was put off.")

    assert outcomes(catalog, changed) == ["updated"]


def test_an_old_text_that_is_read_elsewhere_after_an_update_is_an_article_of_its_own(
    catalog: Catalog, council: Draft
) -> None:
    put(catalog, council)
    put(catalog, replace(council, body="The pier was put off."))

    assert outcomes(catalog, replace(council, source="copies/council.txt")) == ["added"]
    assert catalog.counts().articles == 2


def test_one_text_under_an_id_and_without_one_is_recognised_by_its_content(catalog: Catalog, council: Draft) -> None:
    assert outcomes(catalog, council) == ["added"]
    assert outcomes(catalog, replace(council, id="council-1")) == ["added"]

    assert outcomes(catalog, replace(council, source="copies/council.txt")) == ["unchanged"]


@pytest.mark.parametrize(
    "other",
    [
        {"source": "harbour/other.txt"},
        {"headline": "Council meets again"},
        {"published": date(2017, 6, 10)},
        {"published": None},
    ],
)
def test_another_file_headline_or_day_is_another_article(
    catalog: Catalog, council: Draft, other: dict[str, Any]
) -> None:
    put(catalog, council)

    assert outcomes(catalog, replace(council, body="The pier was put off.", **other)) == ["added"]


def test_where_a_headline_stands_over_several_articles_of_a_file_a_changed_one_is_added(
    catalog: Catalog, gulls: Draft
) -> None:
    """Which of them it replaces cannot be known."""
    put(catalog, replace(gulls, body="Gulls are clever."), replace(gulls, body="Gulls are a nuisance."))

    assert outcomes(catalog, replace(gulls, body="Gulls are clever and a nuisance.")) == ["added"]


def test_articles_under_one_headline_of_one_file_stay_apart(catalog: Catalog, gulls: Draft) -> None:
    first, second = replace(gulls, body="Gulls are clever."), replace(gulls, body="Gulls are a nuisance.")

    assert outcomes(catalog, first, second) == ["added", "added"]
    assert outcomes(catalog, first, second) == ["unchanged", "unchanged"]


def test_an_article_that_names_no_id_gets_a_short_one_that_stays(catalog: Catalog, council: Draft) -> None:
    put(catalog, council)
    given_id = only_ref(catalog).id

    put(catalog, replace(council, body="The pier was put off."))

    assert only_ref(catalog).id == given_id
    assert len(given_id) == 10
    assert given_id.isalnum()


# -- revisions ---------------------------------------------------------------------------------------------------------


def test_a_changed_text_replaces_the_old_one_which_is_kept(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)

    put(catalog, replace(ferry, body="The ferry was raised.", headline="Ferry raised"))

    with closing(sqlite3.connect(catalog.path)) as db:
        (revision,) = db.execute("SELECT json_extract(record, '$.headline'), body FROM revisions").fetchall()
    assert catalog.article("ferry-1").body == "The ferry was raised."
    assert revision == (ferry.headline, ferry.body)
    assert catalog.counts() == Counts(1, 1, 0, 1, 0, date(2017, 6, 7), date(2017, 6, 7))


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (date(2017, 6, 9), date(2017, 6, 10), "updated"),
        (date(2017, 6, 9), date(2017, 6, 9), "updated"),
        (date(2017, 6, 9), date(2017, 6, 8), "unchanged"),
        (date(2017, 6, 9), None, "updated"),
        (None, date(2017, 6, 8), "updated"),
        (datetime(2017, 6, 9, 12, tzinfo=UTC), datetime(2017, 6, 9, 11, tzinfo=UTC), "unchanged"),
        (
            datetime(2017, 6, 9, 12, tzinfo=UTC),
            datetime(2017, 6, 9, 13, tzinfo=timezone(timedelta(hours=2))),
            "unchanged",
        ),
        (
            datetime(2017, 6, 9, 12, tzinfo=UTC),
            datetime(2017, 6, 9, 11, tzinfo=timezone(-timedelta(hours=2))),
            "updated",
        ),
        (datetime(2017, 6, 9, 12, tzinfo=UTC), date(2017, 6, 9), "updated"),
        (datetime(2017, 6, 9, 12, tzinfo=UTC), datetime(2017, 6, 9, 11), "updated"),  # noqa: DTZ001 - a page that says no zone
    ],
)
def test_a_text_that_says_it_is_older_does_not_replace_ours(
    catalog: Catalog, ferry: Draft, ours: date | None, theirs: date | None, outcome: str
) -> None:
    put(catalog, replace(ferry, modified=ours))

    assert outcomes(catalog, replace(ferry, modified=theirs, body="The ferry was raised.")) == [outcome]


def test_what_an_article_was_before_is_told_oldest_first(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)
    put(catalog, replace(ferry, body="The ferry was raised.", section="Sea"))
    put(catalog, replace(ferry, body="The ferry was raised at last."))

    history = catalog.history("ferry-1")

    assert [revision.article.body for revision in history] == [ferry.body, "The ferry was raised."]
    assert [revision.article.ref.section for revision in history] == [ferry.section, "Sea"]
    assert history[0].article.ref == only_ref(catalog)
    assert history[0].replaced <= history[1].replaced <= datetime.now(UTC)
    assert catalog.history("nosuchid") == []


def test_a_revision_that_an_earlier_version_kept_lacks_what_it_did_not_know(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)
    put(catalog, replace(ferry, body="The ferry was raised."))
    catalog._db.execute("UPDATE revisions SET record = json_remove(record, '$.fetched', '$.page_starts')")

    (revision,) = catalog.history("ferry-1")

    assert (revision.article.ref.fetched, revision.article.ref.page_starts) == (None, ())


def test_a_damaged_record_of_a_revision_is_told(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)
    put(catalog, replace(ferry, body="The ferry was raised."))
    catalog._db.execute("UPDATE revisions SET record = '[]'")

    with pytest.raises(ArchiveDamaged, match="record is damaged"):
        catalog.history("ferry-1")


@pytest.mark.parametrize("column", ["authors", "published", "fetched", "page_starts"])
def test_a_damaged_row_names_its_article(catalog: Catalog, ferry: Draft, column: str) -> None:
    put(catalog, ferry)
    catalog._db.execute(f"UPDATE articles SET {column} = 'T{{'")

    with pytest.raises(ArchiveDamaged, match="the row of article 'ferry-1' is damaged"):
        catalog.article("ferry-1")


def test_what_is_known_of_the_fetching_and_the_pages_is_kept(catalog: Catalog, ferry: Draft) -> None:
    fetched = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    known = {"final_url": "https://courier.example/a", "fetched": fetched, "page_starts": (0, 10)}

    put(catalog, replace(ferry, **known, is_truncated=True))  # type: ignore[arg-type] - a mapping of fields

    ref = only_ref(catalog)
    assert (ref.final_url, ref.fetched, ref.page_starts, ref.is_truncated) == (*known.values(), True)


@pytest.mark.parametrize(
    ("source", "kept"),
    [("https://courier.example/a", "https://courier.example/a"), ("-", "-"), ("a.txt", str(Path.cwd() / "a.txt"))],
)
def test_where_an_article_was_read_is_kept(catalog: Catalog, ferry: Draft, source: str, kept: str) -> None:
    put(catalog, replace(ferry, source=source))

    assert catalog._db.execute("SELECT source FROM articles").fetchall() == [(kept,)]


def test_fetched_again_unchanged_an_article_is_the_same(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, replace(ferry, fetched=datetime(2026, 3, 4, tzinfo=UTC)))

    assert outcomes(catalog, replace(ferry, fetched=datetime(2026, 3, 5, tzinfo=UTC))) == ["unchanged"]


def test_the_beginning_of_an_article_does_not_replace_the_whole(catalog: Catalog, ferry: Draft) -> None:
    cut = replace(ferry, body=ferry.body[:10], is_truncated=True)

    assert outcomes(catalog, ferry) == ["added"]
    assert outcomes(catalog, cut) == ["unchanged"]
    assert catalog.article("ferry-1").body == ferry.body


def test_the_whole_of_an_article_replaces_its_beginning(catalog: Catalog, ferry: Draft) -> None:
    cut = replace(ferry, body=ferry.body[:10], is_truncated=True)

    assert outcomes(catalog, cut) == ["added"]
    assert outcomes(catalog, replace(cut, body=ferry.body[:12])) == ["updated"]
    assert outcomes(catalog, ferry) == ["updated"]
    assert not only_ref(catalog).is_truncated


# -- how far dumps were read -------------------------------------------------------------------------------------------


def test_how_far_a_dump_was_read_is_known_until_its_end(catalog: Catalog) -> None:
    place = Reached("/dumps/wire.jsonl", "stamp", 4_096, 12)

    with catalog.transaction():
        catalog.note_reached(replace(place, offset=1, line=1))
        catalog.note_reached(place)
        catalog.note_reached(Reached("/dumps/other.jsonl", "stamp", 7, 1))
    assert catalog.reached("/dumps/wire.jsonl", "stamp") == place
    assert catalog.reached("/dumps/wire.jsonl", "of another file") is None

    with catalog.transaction():
        catalog.note_reached(replace(place, offset=None))
    assert catalog.reached("/dumps/wire.jsonl", "stamp") is None
    assert catalog.reached("/dumps/other.jsonl", "stamp") is not None


def test_of_two_texts_under_one_id_in_one_run_the_first_is_kept(catalog: Catalog, ferry: Draft) -> None:
    other = replace(ferry, body="The ferry was raised.")

    assert outcomes(catalog, ferry, other) == ["added", "doubled"]
    assert outcomes(catalog, ferry, other) == ["unchanged", "doubled"]
    assert catalog.article("ferry-1").body == ferry.body
    assert catalog.counts().revisions == 0


def test_a_newer_text_is_kept_after_an_older_one_in_one_run(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, replace(ferry, modified=date(2017, 6, 8), body="Two."))

    older = replace(ferry, modified=date(2017, 6, 7), body="One.")
    newer = replace(ferry, modified=date(2017, 6, 9), body="Three.")

    assert outcomes(catalog, older, newer) == ["unchanged", "updated"]
    assert catalog.article("ferry-1").body == "Three."


def test_an_article_read_twice_in_one_run_is_there_once(catalog: Catalog, council: Draft) -> None:
    assert outcomes(catalog, council, replace(council, line=40)) == ["added", "unchanged"]


# -- full text ---------------------------------------------------------------------------------------------------------


def test_words_are_found_in_headline_and_text_in_any_form(catalog: Catalog, ferry: Draft, council: Draft) -> None:
    put(catalog, ferry, council)

    assert found(catalog, "sinking ferries") == ["ferry-1"]
    assert found(catalog, "operators") == ["ferry-1"]
    assert found(catalog, "CÔUNCIL") == [only_id(catalog, "The Skelby Post")]


@pytest.mark.parametrize("word", ["Зеленский", "технологий", "Αθήνα", "ガス", "آب", "Đồng", "Ångström"])
def test_words_of_every_script_are_found_as_they_were_written(catalog: Catalog, gulls: Draft, word: str) -> None:
    put(catalog, replace(gulls, body=f"The {word} was there."))

    assert found(catalog, word) == [only_ref(catalog).id]


def test_a_term_of_several_words_is_found_where_they_stand_side_by_side(catalog: Catalog, gulls: Draft) -> None:
    put(
        catalog,
        replace(gulls, id="apart", body="The star rose in the morning."),
        replace(gulls, id="together", body="It was a Morning Star."),
        replace(gulls, id="inflected", body="The mornings' stars rose."),
        replace(gulls, id="across", body="It rose every morning.\nStars faded."),
        replace(gulls, id="turned", body="A star morning."),
    )

    assert set(weighed(catalog, ["morning star"])) == {"together", "inflected", "across"}


def test_words_side_by_side_count_more_than_words_apart(catalog: Catalog, gulls: Draft) -> None:
    put(
        catalog,
        replace(gulls, id="apart", body="The star of the harbour rose in the morning."),
        replace(gulls, id="together", body="The Morning Star of the harbour rose then."),
        *(replace(gulls, id=f"other-{i}", body=f"Gull {i} was seen.") for i in range(5)),
    )

    assert found(catalog, "morning star") == ["together", "apart"]


@pytest.mark.parametrize("word", ["sink", "sank", "sunk", "sinking"])
def test_a_verb_is_found_and_counted_in_all_its_forms(catalog: Catalog, gulls: Draft, word: str) -> None:
    put(
        catalog,
        *(replace(gulls, id=f"{body}-1", body=f"It {body} there.") for body in ("sinks", "sank", "sunk", "swam")),
    )

    asked = found(catalog, word)

    assert set(asked) == ({"sinks-1"} if word == "sinking" else {"sinks-1", "sank-1", "sunk-1"})
    assert catalog.passage_counts(["sink"]) == {"sink": 3}


@pytest.mark.parametrize("word", ["ferry", "us", "technology", "assembly", "apology", "possibly", "ecology"])
def test_a_word_is_counted_by_its_stem(catalog: Catalog, gulls: Draft, word: str) -> None:
    put(catalog, replace(gulls, body=f"The {word} was there."), replace(gulls, body="Nobody was there."))

    assert catalog.passage_counts([index_stem(word)]) == {index_stem(word): 1}


def test_only_what_stands_behind_a_key_is_weighed_and_weighs_the_same(
    catalog: Catalog, ferry: Draft, council: Draft, gulls: Draft
) -> None:
    put(catalog, ferry, council, gulls, *(invented(i) for i in range(5)))
    terms = ["ferry", "council", "gulls", "harbour"]
    every = catalog.weigh(terms)
    keys = sorted(key for key, _ in every)

    assert dict(catalog.weigh(terms, after=keys[0])) == {key: score for key, score in every if key > keys[0]}
    assert catalog.weigh(terms, after=keys[-1]) == []
    assert all(score > 0 for _, score in every)


def test_the_words_behind_a_key_are_looked_up_once(catalog: Catalog, ferry: Draft) -> None:
    """Asked for each rowid, the full text took minutes."""
    put(catalog, ferry)
    sent: list[str] = []
    catalog._db.set_trace_callback(sent.append)
    catalog.weigh(["ferry", "new pier"], after=1)
    catalog._db.set_trace_callback(None)

    with closing(sqlite3.connect(catalog.path)) as db:
        steps = [row[-1] for row in db.execute(f"EXPLAIN QUERY PLAN {sent[0]}")]

    assert len(steps) == 1
    assert "full_text VIRTUAL TABLE" in steps[0]


def only_id(catalog: Catalog, outlet: str) -> str:
    (ref,) = catalog.articles(SearchFilter(outlets=(outlet,)))
    return ref.id


def test_a_word_of_the_headline_counts_more_than_one_of_the_text(catalog: Catalog, gulls: Draft) -> None:
    put(
        catalog,
        replace(gulls, id="text", headline="Harbour notes", body="The lighthouse was painted."),
        replace(gulls, id="headline", headline="Lighthouse notes", body="The harbour was painted."),
    )

    assert found(catalog, "lighthouse") == ["headline", "text"]


def test_the_full_text_equals_the_passages_after_adding_updating_and_removing(
    catalog: Catalog, ferry: Draft, council: Draft, gulls: Draft
) -> None:
    put(catalog, ferry, council, gulls)
    assert problems(catalog) == []

    put(catalog, replace(ferry, headline="Ferry raised", body="Divers raised the ferry.\n" * 90))
    assert problems(catalog) == []

    with catalog.transaction():
        assert catalog.remove("ferry-1")
    assert problems(catalog) == []


def test_an_updated_text_is_found_by_its_new_words_only(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)

    put(catalog, replace(ferry, headline="Wreck raised", body="Divers raised it."))

    assert found(catalog, "divers") == ["ferry-1"]
    assert found(catalog, "coastguard sinks operator") == []
    assert catalog.passage_counts(["diver", "coastguard"]) == {"diver": 1, "coastguard": 0}


def test_nothing_of_a_removed_article_is_found_or_left(catalog: Catalog, ferry: Draft, council: Draft) -> None:
    put(catalog, replace(ferry, body="A first text."))
    put(catalog, ferry, council)
    keys = [passage.key for passage in catalog.pending(leads=True, after=0, limit=10)]
    catalog.put_vectors((key, b"\0" * 8) for key in keys)

    with catalog.transaction():
        assert catalog.remove("ferry-1")

    assert found(catalog, "ferry coastguard operator Skelby") == [only_ref(catalog).id]
    assert catalog.counts() == Counts(1, 1, 1, 0, 0, date(2017, 6, 9), date(2017, 6, 9))
    assert catalog.passages(keys).keys() == {keys[1]}
    assert list(catalog.all_passage_keys()) == [keys[1]]


def test_removing_what_is_not_there_says_so(catalog: Catalog) -> None:
    with catalog.transaction():
        assert not catalog.remove("ferry-1")


HOSTILE = [
    "",
    " ",
    '"',
    '""',
    '"ferry',
    "ferry NEAR sinks",
    "NEAR(ferry sinks, 2)",
    "ferry*",
    "*",
    "headline:ferry",
    "headline : ferry",
    "{headline text}: ferry",
    "(",
    ")",
    "(ferry",
    "-ferry",
    "- headline : ferry",
    "^ferry",
    "ferry AND",
    "AND",
    "OR OR",
    "NOT ferry",
    "ferry + sinks",
    "ferry'; DROP TABLE articles; --",
    "%_\\",
    "渡し船が沈んだ",
    "паром затонул",
    "عبارة غرقت",
    "⛴️👩‍👩‍👧 🇳🇴",
    "e\u0301\u0301\u0301",
    "ferry\0sinks",
    "\0",
    "\ud800",
    "\ufffe\U0010ffff",
    "² ½ Ⅷ ٣",
    "ﬁ ß İ ı ſ",
    "_" * 9,
    "ferry " * 17_000,
    " ".join(f"word{i}" for i in range(12_000)),
    "x" * 100_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: ascii(query[:24]))
def test_no_query_raises(catalog: Catalog, ferry: Draft, query: str) -> None:
    put(catalog, ferry)

    catalog.weigh(query_terms(query))
    catalog.passage_counts(query_terms(query)[:100])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.text())
def test_no_text_at_all_raises_as_a_query(catalog: Catalog, query: str) -> None:
    if catalog.is_empty():
        put(catalog, Draft("Ferry sinks", "It sank.", "ferry.txt"))

    catalog.weigh(query_terms(query))


@pytest.mark.parametrize("query", [query for query in HOSTILE if "\0" not in query and len(query) < 100])
def test_nothing_in_a_word_is_query_syntax(catalog: Catalog, ferry: Draft, query: str) -> None:
    put(catalog, ferry)

    catalog.weigh([query.replace("\ud800", "")])


@pytest.mark.parametrize("word", ["near", "and", "or", "not", "headline", "text"])
def test_words_that_are_query_syntax_are_only_words(catalog: Catalog, gulls: Draft, word: str) -> None:
    put(catalog, replace(gulls, id="with", body=f"Uxq {word} zorb."), replace(gulls, id="without", body="Uxq zorb."))

    assert weighed(catalog, [word.upper()]) == ["with"]


# -- passages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry sank off Skelby, the coastguard said.",
        "“Naïve” façades: 3 €, ½ off… – so it goes.",
        "Cafe\u0301 cre\u0300me at Zoe\u0308's was e\u0301\u0323 full.",
        "The 👩‍👩‍👧 and the 🇳🇴 flag 👍🏽 flew over 𝕊kelby.",
        "渡し船がスケルビー沖で沈んだ。",
        "𐍈𐍉 𝒜𝒷𝒸 🛳️ 𠜎𠜱.",
    ],
)
def test_the_text_of_a_passage_is_the_body_between_its_offsets(catalog: Catalog, sentence: str) -> None:
    body = "\n".join([sentence] * 100)
    put(catalog, Draft("Ferry 🛳️ sinks", body, "ferry.txt", id="f"))

    keys = [p.key for leads in (True, False) for p in catalog.pending(leads=leads, after=0, limit=1_000)]
    passages = catalog.passages(keys).values()

    assert [passage.text for passage in passages] == [body[passage.start : passage.end] for passage in passages]
    assert [passage.ordinal for passage in passages] == list(range(len(keys)))
    assert [passage.id for passage in passages] == [f"f:{passage.start}-{passage.end}" for passage in passages]
    assert problems(catalog) == []


def test_a_passage_is_embedded_under_its_headline_outlet_and_day(catalog: Catalog, ferry: Draft, gulls: Draft) -> None:
    put(catalog, ferry, gulls)

    assert [passage.text for passage in catalog.pending(leads=True, after=0, limit=10)] == [
        f"Ferry sinks off Skelby\nHarbour Courier, 7 June 2017\n{ferry.body}",
        f"Gulls learn to open lunch boxes\n{gulls.body}",
    ]


def test_passages_are_indexed_with_their_articles_words_days_and_outlets(
    catalog: Catalog, ferry: Draft, gulls: Draft
) -> None:
    put(catalog, replace(ferry, body="The ferry sank.\n" * 200), replace(gulls, body="Gulls eat."))

    *passages, last = catalog.passages_to_index()

    keys = [passage.key for passage in (*passages, last)]
    texts = catalog.passages(keys)
    assert len(passages) > 1
    assert keys == sorted(keys) == sorted(catalog.all_passage_keys())
    assert {passage[1:5] for passage in passages} == {
        (passages[0].article, date(2017, 6, 7).toordinal(), "harbour courier", ferry.headline)
    }
    assert [passage.text for passage in (*passages, last)] == [texts[key].text for key in keys]
    assert last == PassageWords(last.key, last.article, 0, None, gulls.headline, "Gulls eat.")
    assert last.article != passages[0].article


def test_only_passages_behind_a_key_are_indexed_and_their_texts_may_be_left_out(
    catalog: Catalog, ferry: Draft, council: Draft, gulls: Draft
) -> None:
    put(catalog, ferry, council, gulls)
    every = list(catalog.passages_to_index())

    assert list(catalog.passages_to_index(after=every[0].key)) == every[1:]
    assert list(catalog.passages_to_index(after=every[-1].key)) == []
    assert list(catalog.passages_to_index(texts=False)) == [passage._replace(text="") for passage in every]
    assert [catalog.passage_count(after=key) for key in (0, every[0].key, every[-1].key)] == [3, 2, 0]
    assert catalog.passage_count() == 3


@pytest.mark.parametrize("day", [date.min, date(1, 12, 31), date(2016, 2, 29), date(9999, 1, 1), date.max])
def test_any_day_is_indexed_as_its_ordinal(catalog: Catalog, gulls: Draft, day: date) -> None:
    put(catalog, replace(gulls, published=day))

    (passage,) = catalog.passages_to_index()

    assert passage.day == day.toordinal()


def test_the_key_of_a_passage_is_never_used_again(catalog: Catalog, ferry: Draft, gulls: Draft) -> None:
    """An index that was sealed before knows passages by their keys."""
    put(catalog, ferry)
    (first,) = catalog.all_passage_keys()

    put(catalog, replace(ferry, body="It was raised."))
    (second,) = catalog.all_passage_keys()
    with catalog.transaction():
        catalog.remove("ferry-1")
    put(catalog, gulls)
    (third,) = catalog.all_passage_keys()

    assert first < second < third


def test_the_state_differs_as_soon_as_anybody_has_written(catalog: Catalog, ferry: Draft, council: Draft) -> None:
    with closing(open_catalog(catalog.path, writable=False)) as reader:
        own, seen = [catalog.state()], [reader.state()]
        assert (catalog.state(), reader.state()) == (own[0], seen[0])

        for write in (
            lambda: put(catalog, ferry),
            lambda: put(catalog, council),
            lambda: put(catalog, replace(ferry, body="It was raised.")),
            lambda: remove(catalog, "ferry-1"),
            lambda: catalog.put_vectors([(next(catalog.all_passage_keys()), b"\0" * 4)]),
            lambda: catalog.set_setting("words", "1"),
        ):
            write()
            own.append(catalog.state())
            seen.append(reader.state())

        assert len(set(own)) == len(own)
        assert len(set(seen)) == len(seen)


def remove(catalog: Catalog, article_id: str) -> None:
    with catalog.transaction():
        assert catalog.remove(article_id)


def test_an_article_that_is_the_only_print_is_its_own_story(catalog: Catalog, ferry: Draft, council: Draft) -> None:
    put(catalog, ferry, council)
    first, second = (passage.article for passage in catalog.passages_to_index())

    assert catalog.stories.members([first, second]) == {first: first, second: second}
    assert catalog.prints_of(first) == [catalog.article("ferry-1").ref]
    assert catalog.prints_of(second + 1) == []


def test_prints_of_a_story_are_told_by_its_leading_one_first(catalog: Catalog) -> None:
    story = write_story(1, day=date(2017, 6, 7))
    drafts = [
        Draft(story.headline, story.body, "-", id=article_id, outlet=outlet, published=day)
        for article_id, outlet, day in (
            ("late", "Post", date(2017, 6, 9)),
            ("first", "Courier", date(2017, 6, 7)),
            ("later", "Herald", date(2017, 6, 8)),
        )
    ]
    put(catalog, *drafts)

    stories = set(catalog.stories.members(p.article for p in catalog.passages_to_index()).values())

    assert len(stories) == 1
    assert [ref.id for ref in catalog.prints_of(stories.pop())] == ["first", "later", "late"]


def test_vectors_of_passages_that_are_gone_are_left_out(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)
    (passage,) = catalog.pending(leads=True, after=0, limit=10)

    catalog.put_vectors([(passage.key, b"\0\0\0\0"), (passage.key + 1, b"\0\0\0\0")])

    assert list(catalog.vectors()) == [(1, passage.key, b"\0\0\0\0")]


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "headlines"),
    [
        (SearchFilter(), ["Ferry", "Council", "Gulls"]),
        (SearchFilter(since=date(2017, 6, 7)), ["Ferry", "Council"]),
        (SearchFilter(since=date(2017, 6, 8)), ["Council"]),
        (SearchFilter(until=date(2017, 6, 7)), ["Ferry"]),
        (SearchFilter(since=date(2017, 6, 7), until=date(2017, 6, 9)), ["Ferry", "Council"]),
        (SearchFilter(since=date(2017, 6, 10)), []),
        (SearchFilter(since=date.min, until=date.max), ["Ferry", "Council"]),
        (SearchFilter(outlets=("HARBOUR courier",)), ["Ferry"]),
        (SearchFilter(outlets=("the skelby post", "Harbour Courier")), ["Ferry", "Council"]),
        (SearchFilter(outlets=("Courier",)), []),
        (SearchFilter(until=date(2017, 6, 7), outlets=("The Skelby Post",)), []),
    ],
)
def test_days_and_outlets_restrict_what_is_listed(
    catalog: Catalog, ferry: Draft, council: Draft, gulls: Draft, where: SearchFilter, headlines: list[str]
) -> None:
    put(catalog, ferry, council, gulls)

    assert [ref.headline.split()[0] for ref in catalog.articles(where)] == headlines


def test_outlets_match_without_case_in_every_script(catalog: Catalog, gulls: Draft) -> None:
    put(catalog, replace(gulls, outlet="Straßen-Anzeiger ÆØÅ"))

    assert list(catalog.articles(SearchFilter(outlets=("STRASSEN-ANZEIGER æøå",)))) == [only_ref(catalog)]


def test_a_moment_counts_as_the_day_its_publisher_wrote(catalog: Catalog, gulls: Draft) -> None:
    late = datetime(2017, 6, 7, 23, 30, tzinfo=timezone(-timedelta(hours=8)))
    put(catalog, replace(gulls, published=late))

    assert list(catalog.articles(SearchFilter(until=date(2017, 6, 7)))) == [only_ref(catalog)]
    assert only_ref(catalog).published == late


def test_a_day_is_a_number_that_sorts() -> None:
    assert day_number(date(2017, 6, 7)) == 20_170_607
    assert day_number(date.min) == 10_101


def test_outlets_are_counted_without_case_and_most_first(catalog: Catalog, council: Draft, gulls: Draft) -> None:
    put(catalog, council, gulls, replace(council, source="b", body="Another text.", outlet="THE SKELBY POST"))

    assert catalog.outlets() == [("THE SKELBY POST", 2), (None, 1)]


def test_each_outlet_is_named_once_in_order(catalog: Catalog, council: Draft, gulls: Draft) -> None:
    assert catalog.outlet_names() == []

    drafts = [
        replace(gulls, id=f"n-{i}", outlet=name) for i, name in enumerate(["Zeit", "Ærø Avis", "courier", "Zeit"])
    ]
    put(catalog, council, gulls, *drafts)

    assert catalog.outlet_names() == ["courier", "The Skelby Post", "Zeit", "Ærø Avis"]


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_the_beginning_of_an_id_names_its_article_where_no_other_begins_so(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry, replace(ferry, id="ferry-22", body="It was raised."))

    assert catalog.article("ferry-2").ref.id == "ferry-22"
    assert catalog.article("ferry-1").ref.id == "ferry-1"


@pytest.mark.parametrize(
    "article_id", ["", "fer", "ferr", "ferry-", "ferry-3", "Ferry-1", "ferr%", "ferr_-1", "erry-1", "⛴️"]
)
def test_an_id_that_names_no_article_or_several_is_missing(catalog: Catalog, ferry: Draft, article_id: str) -> None:
    put(catalog, ferry, replace(ferry, id="ferry-22", body="It was raised."))

    with pytest.raises(ArticleMissing) as raised:
        catalog.article(article_id)
    assert str(raised.value) == f"no article has the id {article_id!r}"
    assert raised.value.hint == "`dateline list` shows the ids"


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_missing_archive_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="there is no archive at"):
        open_catalog(tmp_path / "nowhere" / FILE_NAME, writable=False)


@pytest.mark.parametrize("writable", [False, True])
def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path, *, writable: bool) -> None:
    path = tmp_path / FILE_NAME
    create_catalog(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()

    with pytest.raises(ArchiveNewer) as raised:
        open_catalog(path, writable=writable)
    assert f"reads up to {SCHEMA_VERSION}" in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("writable", [False, True])
def test_another_sqlite_file_is_refused(tmp_path: Path, *, writable: bool) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes(name)")

    with pytest.raises(ArchiveDamaged, match="is not an archive of dateline"):
        open_catalog(path, writable=writable)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as one" * 40, b"SQLite format 3\0" * 9]
)
@pytest.mark.parametrize("writable", [False, True])
def test_a_file_that_is_no_database_is_damaged(tmp_path: Path, content: bytes, *, writable: bool) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)

    with pytest.raises(ArchiveDamaged) as raised:
        open_catalog(path, writable=writable)
    assert raised.value.hint is not None
    assert path.read_bytes() == content


def test_an_empty_file_is_not_an_archive(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.touch()

    with pytest.raises(ArchiveDamaged, match="is not an archive of dateline"):
        open_catalog(path, writable=False)


def test_creating_where_an_archive_is_opens_it(tmp_path: Path, ferry: Draft) -> None:
    path = tmp_path / FILE_NAME
    with closing(create_catalog(path)) as catalog:
        put(catalog, ferry)

    with closing(create_catalog(path)) as catalog:
        assert catalog.counts().articles == 1


def test_creating_is_atomic(tmp_path: Path) -> None:
    """A kill while the file is made leaves only what was made aside, which the next one makes anew."""
    aside = (tmp_path / FILE_NAME).with_suffix(".new")
    aside.write_bytes(b"half of a")
    aside.with_name(aside.name + "-journal").write_bytes(b"half of a journal")

    create_catalog(tmp_path / FILE_NAME).close()

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert check_archive(tmp_path, full=True).is_sound


def test_an_archive_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    create_catalog(tmp_path / FILE_NAME).close()

    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_transaction_that_fails_leaves_nothing(catalog: Catalog, ferry: Draft) -> None:
    catalog.begin_run()

    with pytest.raises(KeyboardInterrupt):
        put_and_break_off(catalog, ferry)

    assert catalog.is_empty()
    assert problems(catalog) == []


def put_and_break_off(catalog: Catalog, draft: Draft) -> None:
    with catalog.transaction():
        catalog.put(draft)
        raise KeyboardInterrupt


def test_a_full_disk_is_told_and_leaves_what_was_there(catalog: Catalog, ferry: Draft) -> None:
    put(catalog, ferry)
    catalog._db.execute("PRAGMA max_page_count = 1")  # Not below what the file has: it can grow no more.

    with pytest.raises(ArchiveError) as raised:
        put(catalog, *(replace(ferry, id=f"ferry-{i}", body="The ferry sank. " * 500) for i in range(2, 30)))

    assert str(raised.value) == f"cannot write to {str(catalog.path)!r}: database or disk is full"
    assert raised.value.hint == "what was written before is kept; run the same command again when this is mended"
    assert catalog.counts().articles == 1
    assert problems(catalog) == []


def test_readers_cannot_write(tmp_path: Path, ferry: Draft) -> None:
    create_catalog(tmp_path / FILE_NAME).close()

    with (
        closing(open_catalog(tmp_path / FILE_NAME, writable=False)) as catalog,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        put(catalog, ferry)


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from store.catalog import open_catalog
if os.geteuid() == 0:
    os.seteuid(65_534)  # Permissions do not bind root.
print(open_catalog(Path(sys.argv[1]), writable=False).article("ferry-1").ref.headline)
"""


def test_a_folder_where_nothing_may_be_written_is_read(ferry: Draft) -> None:
    with tempfile.TemporaryDirectory(prefix="odd name?a=b#c%20") as name:  # tmp_path lets nobody else pass.
        folder = Path(name)
        with closing(create_catalog(folder / FILE_NAME)) as catalog:
            put(catalog, ferry)
        folder.chmod(0o555)
        (folder / FILE_NAME).chmod(0o444)

        child = subprocess.run(
            [sys.executable, "-c", READ_AS_NOBODY, folder / FILE_NAME], capture_output=True, text=True, check=False
        )

        folder.chmod(0o755)
        assert (child.stdout, child.stderr) == ("Ferry sinks off Skelby\n", "")
        assert [path.name for path in folder.iterdir()] == [FILE_NAME]
