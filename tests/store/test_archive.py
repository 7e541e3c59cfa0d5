"""The façade: adding, embedding, searching, and what is left when something is missing, damaged or gone."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from store.adding import MOST_SKIPPED
from store.archive import Archive, EmbedReport, create_archive, open_archive
from store.catalog import Counts
from store.errors import ArchiveError, ArchiveLocked, ArchiveMissing, EmbedderError
from store.filling import VECTOR_BATCH
from store.lexical import FRESH_ROWS
from store.locking import writer_lock
from store.publishing import DELTA_ROWS
from store.records import AddReport, Draft, Reached, SearchFilter, Skipped
from store.schema import FILE_NAME
from tests.earlier_formats import make_earlier
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


def headlines(archive: Archive, query: str, k: int = 5, where: SearchFilter | None = None) -> list[str]:
    return [hit.passage.article.headline for hit in archive.search(query, k, where).hits]


# -- adding ------------------------------------------------------------------------------------------------------------


def test_adding_reports_what_happened_to_each(archive: Archive, ferry: Draft, council: Draft, gulls: Draft) -> None:
    unreadable = Skipped("wire.jsonl", 7, "no body")

    first = archive.add([ferry, council, unreadable])
    second = archive.add([replace(ferry, body="It was raised."), council, replace(council, line=9), gulls])

    assert first == AddReport(added=2, skipped=(unreadable,), passages=2)
    assert second == AddReport(added=1, updated=1, unchanged=2, passages=2)


def test_a_second_text_under_one_id_is_skipped_with_its_place(archive: Archive, ferry: Draft) -> None:
    report = archive.add([ferry, replace(ferry, body="It was raised.", source="wire.jsonl", line=4)])

    assert [str(skipped) for skipped in report.skipped] == [
        "wire.jsonl:4: an earlier article of this run has the same id and other text; that one was kept"
    ]


def test_how_far_a_dump_was_read_is_kept_with_its_articles(archive: Archive, ferry: Draft, council: Draft) -> None:
    place = Reached("/dumps/wire.jsonl", "stamp", 4_096, 12)

    def killed() -> Iterable[Draft | Reached]:
        yield from (ferry, place)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        archive.add(killed())
    assert (archive.counts().articles == 1) == (archive.reached("/dumps/wire.jsonl", "stamp") == place)

    assert archive.add([ferry, council, place]).added > 0
    assert archive.reached("/dumps/wire.jsonl", "stamp") == place

    archive.add([replace(place, offset=None)])
    assert archive.reached("/dumps/wire.jsonl", "stamp") is None


def test_articles_of_one_headline_on_both_sides_of_a_kill_are_two(archive: Archive, ferry: Draft) -> None:
    place = Reached(ferry.source, "stamp", 4_096, 1)
    first, second = (replace(ferry, id=None, url=None, body=f"Round-up number {i}.") for i in (1, 2))
    archive.add([first, place])

    report = archive.add([place, second, replace(place, offset=None)])

    assert (report.added, report.updated, archive.counts().articles) == (1, 0, 2)


def test_of_endless_complaints_the_first_are_kept_and_all_are_counted(archive: Archive, ferry: Draft) -> None:
    report = archive.add([ferry, *(Skipped("wire.jsonl", line, "no body") for line in range(MOST_SKIPPED + 5))])

    assert (len(report.skipped), report.skipped_count, report.added) == (MOST_SKIPPED, MOST_SKIPPED + 5, 1)


def test_a_reader_that_breaks_off_leaves_what_was_made_durable_before(archive: Archive, write: Write) -> None:
    def broken() -> Iterable[Draft]:
        yield from (write(i) for i in range(450))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        archive.add(broken())

    assert archive.counts().articles in {200, 400}
    assert archive.problems() == []


def test_what_was_added_is_found_by_its_words_at_once(archive: Archive, ferry: Draft, council: Draft) -> None:
    archive.add([ferry, council])

    found = archive.search("Who sank the ferry?", 5)

    (hit,) = found.hits
    assert (hit.passage.article.id, hit.rank, hit.scorer) == ("ferry-1", 1, "lexical")
    assert found.notices == ("searched by words alone: nothing is embedded yet; `dateline embed` does it",)


def test_a_second_writer_is_refused_and_readers_are_not(archive: Archive, ferry: Draft, council: Draft) -> None:
    archive.add([ferry])

    with writer_lock(archive.path):
        with pytest.raises(ArchiveLocked):
            archive.add([council])
        with pytest.raises(ArchiveLocked):
            archive.embed()
        assert headlines(archive, "ferry") == [ferry.headline]


def test_an_archive_is_where_it_was_made_and_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing) as raised:
        open_archive(tmp_path / "nowhere")
    assert raised.value.hint == "make one with `dateline add FILE…`"
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="is a file, not an archive"):
        create_archive(tmp_path / "file", embedder=None)


def test_an_archive_may_be_named_from_the_folder_one_stands_in(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: HashEmbedder
) -> None:
    shutil.copytree(two / "archive", tmp_path / "here")
    monkeypatch.chdir(tmp_path)

    with create_archive(Path("here"), embedder=embedder) as archive:
        archive.rebuild()
        assert archive.problems() == []
    with open_archive(Path("here")) as archive:
        monkeypatch.chdir("/")
        assert headlines(archive, "ferry", 1) == ["Ferry sinks"]


def test_an_archive_damaged_in_the_middle_is_told(archive: Archive, write: Write) -> None:
    path = archive.path / FILE_NAME
    tables = path.stat().st_size
    archive.add(write(i, sentences=40) for i in range(50))
    archive.close()
    content = bytearray(path.read_bytes())
    for page in range(tables, len(content), 4_096):
        content[page : page + 64] = b"\xff" * 64
    path.write_bytes(content)

    with open_archive(archive.path, writable=True) as damaged:
        problems = damaged.problems()

    assert problems
    assert all(problem.startswith(f"{FILE_NAME}: SQLite: ") for problem in problems)


def test_nobody_else_may_look_into_an_archive(archive: Archive, ferry: Draft) -> None:
    archive.add([ferry])

    assert archive.path.stat().st_mode & 0o777 == 0o700
    assert (archive.path / FILE_NAME).stat().st_mode & 0o777 == 0o600


# -- embedding ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an archive of two embedded articles; copy it, a build costs two seconds."""
    folder = tmp_path_factory.mktemp("two")
    drafts = [
        Draft("Ferry sinks", "The ferry sank off Skelby. The coastguard came.", "a.txt", id="ferry-1", outlet="Post"),
        Draft("Council meets", "The council met on Friday.", "b.txt", id="council-1", published=date(2017, 6, 9)),
    ]
    with create_archive(folder / "archive", embedder=HashEmbedder(folder / "weights")) as archive:
        archive.add(drafts)
        assert archive.embed() == EmbedReport(2)
    return folder


@pytest.fixture
def embedded(two: Path, tmp_path: Path, embedder: HashEmbedder) -> Archive:
    """Give a copy of ``two`` of one's own."""
    shutil.copytree(two / "archive", tmp_path / "copy")
    return open_archive(tmp_path / "copy", writable=True, embedder=embedder)


def test_words_and_vectors_are_fused(embedded: Archive) -> None:
    found = embedded.search("Did the ferry sink?", 5)

    # The words find the ferry alone, which has the mean then: z = 0. Of two vectors one has z = 1, the other -1.
    assert [(hit.passage.article.id, hit.rank, round(hit.score, 6), hit.scorer) for hit in found.hits] == [
        ("ferry-1", 1, 1.0, "fused"),
        ("council-1", 2, -1.0, "fused"),
    ]
    assert found.notices == ()


def test_embedding_again_embeds_nothing(embedded: Archive, embedder: HashEmbedder) -> None:
    before = embedded.status().generation

    assert embedded.embed() == EmbedReport(0)
    assert embedder.embedded == []
    assert embedded.status().generation == before


def test_adding_again_embeds_nothing(embedded: Archive, embedder: HashEmbedder) -> None:
    same = Draft("Ferry sinks", "The ferry sank off Skelby. The coastguard came.", "a.txt", id="ferry-1", outlet="Post")

    assert embedded.add([same]) == AddReport(unchanged=1)
    assert embedded.embed() == EmbedReport(0)
    assert embedder.embedded == []


def test_an_updated_article_embeds_only_its_own_passages(embedded: Archive, embedder: HashEmbedder) -> None:
    embedded.add([Draft("Ferry raised", "Divers raised the wreck.", "a.txt", id="ferry-1", outlet="Post")])

    assert embedded.embed() == EmbedReport(1)
    assert embedder.embedded == ["Ferry raised\nPost\nDivers raised the wreck."]
    assert embedded.search("wreck", 1).hits[0].passage.text == "Divers raised the wreck."


def test_the_first_passage_of_every_article_is_embedded_first(
    archive: Archive, embedder: HashEmbedder, write: Write
) -> None:
    archive.add([write(i, sentences=60) for i in range(3)])

    in_order = [text.partition("\n")[0] for text in _embedded_without_index(archive, embedder)]

    assert in_order[:3] == ["Harbour log 0", "Harbour log 1", "Harbour log 2"]
    assert in_order[3:] == sorted(in_order[3:])
    assert archive.counts().vectors == archive.counts().passages == len(in_order) > 3


def _embedded_without_index(archive: Archive, embedder: HashEmbedder) -> list[str]:
    """Embed what is missing and leave the index out, which is tested elsewhere and takes two seconds."""
    for _ in archive._embed_pending(None):
        pass
    return embedder.embedded


def test_embedding_goes_on_where_it_stopped(archive: Archive, embedder: HashEmbedder, write: Write) -> None:
    archive.add([write(i) for i in range(VECTOR_BATCH * 2 + 10)])
    embedder.fails_after = VECTOR_BATCH + 1

    with pytest.raises(EmbedderError, match="the embedder broke"):
        archive.embed()
    kept = archive.counts().vectors
    notices = archive.search("warden7", 3).notices
    embedder.fails_after = None
    made = _embedded_without_index(archive, embedder)

    assert kept == VECTOR_BATCH
    assert notices == ("64 of 138 passages are embedded; the others are searched by words; `dateline embed` goes on",)
    assert len(made) == len(set(made)) == 138
    assert archive.counts().vectors == 138


def test_vectors_of_other_weights_are_not_mixed_in(embedded: Archive, tmp_path: Path, write: Write) -> None:
    other = HashEmbedder(tmp_path / "other", seed="2")
    embedded.add([write(1)])

    with open_archive(embedded.path, writable=True, embedder=other) as archive, pytest.raises(EmbedderError) as raised:
        archive.embed()

    assert str(raised.value) == "this archive's vectors are from other weights than those of 'hash-64'"
    assert raised.value.hint == "make them anew with `dateline rebuild --embedder hash-64`"
    assert other.embedded == []
    assert embedded.counts().vectors == 2


def test_vectors_are_made_anew_with_another_model(embedded: Archive, tmp_path: Path) -> None:
    other = HashEmbedder(tmp_path / "other", seed="2", dimension=32)

    with open_archive(embedded.path, writable=True, embedder=other) as archive:
        assert archive.move(other) == EmbedReport(2)
        assert archive.status().embedder == "hash-32"
        assert archive.move(other) == EmbedReport(0, ("the vectors are from 'hash-32' already",))
        assert archive.problems() == []
        assert headlines(archive, "ferry", 1) == ["Ferry sinks"]


def test_without_its_model_an_archive_is_searched_by_words_and_says_so(embedded: Archive) -> None:
    with open_archive(embedded.path) as archive:
        found = archive.search("ferry", 5)

    assert [hit.passage.article.id for hit in found.hits] == ["ferry-1"]
    assert found.notices == (
        (
            "searched by words alone: the embedding model 'hash-64' is not on this machine (`dateline add --download` "
            "fetches it, or set `embedder` to a folder or to 'bge-small-en-v1.5-int8')"
        ),
    )


def test_embedding_without_a_model_is_refused(tmp_path: Path, ferry: Draft) -> None:
    with create_archive(tmp_path / "a", embedder="harbour/unheard-of") as archive:
        archive.add([ferry])

        with pytest.raises(EmbedderError, match="'harbour/unheard-of' is not on this machine"):
            archive.embed()
        assert headlines(archive, "ferry") == [ferry.headline]
        assert archive.status().embedder is None


def test_the_built_in_model_is_used_by_its_name(tmp_path: Path, ferry: Draft, council: Draft) -> None:
    with create_archive(tmp_path / "a", embedder="bge-small-en-v1.5-int8") as archive:
        archive.add([ferry, council])
        for _ in archive._embed_pending(None):
            pass

    with open_archive(tmp_path / "a") as archive:
        found = archive.search("When did the vessel go down?", 2)
    assert found.hits[0].passage.article.id == "ferry-1"
    assert found.notices == ()


# -- the index ---------------------------------------------------------------------------------------------------------


def test_new_passages_are_found_before_there_is_a_new_generation(embedded: Archive, write: Write) -> None:
    before = embedded.status().generation
    embedded.search("ferry", 1)  # The session has already opened its tables.
    embedded.add([write(7)])

    embedded.embed()

    assert embedded.status().generation == before
    assert embedded.status().fresh == 1
    assert embedded.search("warden7", 1).hits[0].scorer == "fused"
    assert headlines(embedded, "warden7", 1) == ["Harbour log 7"]


def test_a_generation_is_built_when_enough_is_new(embedded: Archive, write: Write) -> None:
    before = embedded.status().generation
    embedded.add(write(i) for i in range(DELTA_ROWS))

    embedded.embed()
    assert embedded.status().generation == before
    assert embedded.status().fresh == DELTA_ROWS

    embedded.add([write(DELTA_ROWS)])
    embedded.embed()
    after = embedded.status().generation
    assert after is not None
    assert after.rows == DELTA_ROWS + 3
    assert embedded.status().fresh == 0
    assert [path.name for path in embedded._index.glob("g*")] == [after.folder.name]
    assert embedded.problems() == []

    embedded.remove([write(i).id or "" for i in range(DELTA_ROWS + 1)])
    embedded.embed()
    last = embedded.status().generation
    assert last is not None
    assert last.rows == 2


@pytest.mark.parametrize("asked_before", [True, False])
def test_removed_passages_never_come_back(embedded: Archive, *, asked_before: bool) -> None:
    if asked_before:
        assert headlines(embedded, "ferry sank") == ["Ferry sinks", "Council meets"]

    assert embedded.remove(["ferry-1", "unheard-of"]) == 1

    assert headlines(embedded, "ferry sank off Skelby") == ["Council meets"]
    assert embedded.problems() == []


def test_replaced_passages_never_come_back(embedded: Archive) -> None:
    embedded.search("ferry", 1)
    embedded.add([Draft("Wreck raised", "Divers raised it.", "a.txt", id="ferry-1")])

    assert [hit.passage.text for hit in embedded.search("ferry sank coastguard", 5).hits] == [
        "The council met on Friday."
    ]
    assert headlines(embedded, "divers") == ["Council meets", "Wreck raised"]


def _delete_current(index: Path) -> None:
    (index / "CURRENT").unlink()


def _point_nowhere(index: Path) -> None:
    (index / "CURRENT").write_text("g999999\n")


def _garble_current(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"\xff\0../..")


def _empty_current(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"")


def _truncate_vectors(index: Path) -> None:
    with next(index.glob("g*/vectors.f32")).open("r+b") as file:
        file.truncate(17)


def _delete_vectors(index: Path) -> None:
    next(index.glob("g*/vectors.f32")).unlink()


def _truncate_keys(index: Path) -> None:
    with next(index.glob("g*/vectors.i64")).open("r+b") as file:
        file.truncate(8)


def _delete_keys(index: Path) -> None:
    next(index.glob("g*/vectors.i64")).unlink()


def _delete_chroma(index: Path) -> None:
    shutil.rmtree(next(index.glob("g*/chroma")))


def _garble_facts(index: Path) -> None:
    next(index.glob("g*/generation.json")).write_text("{not json")


def _change_facts(index: Path) -> None:
    next(index.glob("g*/generation.json")).write_text('{"rows": 2}')


def _delete_generation(index: Path) -> None:
    shutil.rmtree(next(index.glob("g*")))


def _delete_all(index: Path) -> None:
    shutil.rmtree(index)


LOSSES = [
    _delete_current,
    _point_nowhere,
    _garble_current,
    _empty_current,
    _garble_facts,
    _change_facts,
    _delete_generation,
    _delete_all,
]
DAMAGES = [_truncate_vectors, _delete_vectors, _truncate_keys, _delete_keys, _delete_chroma]


@pytest.mark.parametrize("opened_before", [True, False])
@pytest.mark.parametrize("damage", [*LOSSES, *DAMAGES], ids=lambda damage: damage.__name__.strip("_"))
def test_an_index_that_is_missing_or_damaged_changes_no_answer(
    embedded: Archive, damage: Callable[[Path], None], *, opened_before: bool
) -> None:
    expected = embedded.search("Did the ferry sink?", 5) if opened_before else None
    damage(embedded._index)

    found = embedded.search("Did the ferry sink?", 5)

    assert [(hit.passage.article.id, hit.scorer) for hit in found.hits] == [
        ("ferry-1", "fused"),
        ("council-1", "fused"),
    ]
    assert expected is None or found.hits == expected.hits
    state = "missing" if damage in LOSSES else "damaged"
    assert found.notices == (
        f"the vector index is {state}: answers are as good, but slower, until the next `dateline embed`",
    )
    assert embedded.search("Did the ferry sink?", 5).notices == ()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_index_is_a_problem_with_its_remedy(embedded: Archive, damage: Callable[[Path], None]) -> None:
    damage(embedded._index)

    assert embedded.problems() == ["index/g000001: the vector index is damaged; it is not used"]


@pytest.mark.parametrize("damage", LOSSES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_missing_index_is_no_problem_since_exact_search_answers(
    embedded: Archive, damage: Callable[[Path], None]
) -> None:
    damage(embedded._index)

    assert embedded.problems() == []


@pytest.mark.parametrize(("damage", "state"), [(_garble_facts, "missing"), (_truncate_vectors, "damaged")])
def test_embedding_builds_a_lost_or_damaged_index_from_the_stored_vectors(
    embedded: Archive, embedder: HashEmbedder, damage: Callable[[Path], None], state: str
) -> None:
    damage(embedded._index)

    notice = f"the vector index was {state}; it was built again from the stored vectors"
    assert embedded.embed() == EmbedReport(0, (notice,))

    generation = embedded.status().generation
    assert embedder.embedded == []
    assert embedded.problems() == []
    assert generation is not None
    assert generation.is_whole()


def test_embedding_builds_the_index_anew_that_another_chroma_made(embedded: Archive) -> None:
    facts = next(embedded._index.glob("g*/generation.json"))
    facts.write_text(facts.read_text().replace('"chromadb": "', '"chromadb": "0.'), encoding="utf-8")

    embedded.embed()

    generation = embedded.status().generation
    assert generation is not None
    assert generation.is_current()


def test_the_number_of_a_generation_never_comes_again(embedded: Archive, tmp_path: Path) -> None:
    """A session that holds one open could not tell it from another of the same name."""
    names = [_generation_name(embedded)]

    _delete_all(embedded._index)
    embedded.rebuild()
    names.append(_generation_name(embedded))
    with open_archive(embedded.path, writable=True) as archive:
        archive.move(HashEmbedder(tmp_path / "other", seed="2"))
    names.append(_generation_name(embedded))

    assert names == ["g000001", "g000002", "g000003"]


def _generation_name(archive: Archive) -> str:
    generation = archive.status().generation
    return generation.folder.name if generation else "none"


def test_a_file_that_lies_where_an_index_was_built_is_not_in_the_way(embedded: Archive) -> None:
    _delete_all(embedded._index)
    embedded._index.mkdir()
    (embedded._index / "g000002.tmp").touch()

    assert embedded.embed().vectors == 0
    assert _generation_name(embedded) == "g000002"

    assert _generation_name(embedded) == "g000002"


def test_an_index_that_cannot_be_written_is_a_notice(embedded: Archive) -> None:
    _delete_all(embedded._index)
    embedded._index.touch()

    (notice,) = embedded.embed().notices

    assert notice.startswith(f"cannot write the vector index in {str(embedded._index)!r}: ")
    assert notice.endswith("; searching works without it; `dateline rebuild` tries again")
    assert headlines(embedded, "ferry", 1) == ["Ferry sinks"]


def test_rebuilding_mends_a_damaged_index(embedded: Archive, embedder: HashEmbedder) -> None:
    _truncate_vectors(embedded._index)

    embedded.rebuild()

    assert embedder.embedded == []
    assert embedded.problems() == []
    assert headlines(embedded, "ferry", 1) == ["Ferry sinks"]


def test_rebuilding_without_vectors_leaves_no_index(archive: Archive, ferry: Draft) -> None:
    archive.add([ferry])

    archive.rebuild()

    assert archive.status().generation is None
    assert archive.problems() == []


def test_an_index_that_cannot_be_built_is_a_notice(embedded: Archive) -> None:
    _delete_all(embedded._index)
    with closing(sqlite3.connect(embedded.path / FILE_NAME)) as db, db:
        db.execute("UPDATE vectors SET vector = x'00' WHERE sequence = 2")

    (notice,) = embedded.embed().notices

    assert notice.startswith(f"cannot build the vector index in {str(embedded._index)!r}: ")
    assert notice.endswith("; searching works without it; `dateline rebuild` tries again")
    assert embedded.status().generation is None
    assert headlines(open_archive(embedded.path), "council", 1) == ["Council meets"]


# -- the index of words ------------------------------------------------------------------------------------------------


def long_logs(passages: int) -> list[Draft]:
    """Return articles of a hundred passages each, so many in all. Each is a line with a word of its own."""
    lines = [" ".join([f"x{i}", *["gull"] * 199]) for i in range(passages)]
    assert passages % 100 == 0
    return [
        Draft(f"Harbour log {i}", "\n".join(lines[i : i + 100]), "log", id=f"long-{i}") for i in range(0, passages, 100)
    ]


def sealed_words(archive: Archive) -> str | None:
    """Return the name of the folder of the index of words that searches use."""
    lexical = archive._open_search().lexical
    lexical.follow()
    return lexical._sealed_folder.name if lexical._sealed and lexical._sealed_folder else None


def test_words_are_sealed_when_enough_is_new(archive: Archive, ferry: Draft, write: Write) -> None:
    stages: list[tuple[str, int, int | None]] = []
    few = archive.add([ferry], progress=lambda *stage: stages.append(stage))
    assert (few.passages, sealed_words(archive)) == (1, None)

    report = archive.add(long_logs(FRESH_ROWS), progress=lambda *stage: stages.append(stage))

    assert report == AddReport(added=40, passages=FRESH_ROWS)
    assert sealed_words(archive) == "g000001"
    assert stages[-2:] == [("words", 0, FRESH_ROWS + 1), ("words", FRESH_ROWS + 1, FRESH_ROWS + 1)]
    assert {stage for stage, _, _ in stages[:-2]} == {"articles"}
    assert headlines(archive, "Who sank the ferry?", 1) == [ferry.headline]
    assert [hit.passage.text.split()[0] for hit in archive.search("x3999", 1).hits] == ["x3999"]

    archive.add([write(1)])
    assert sealed_words(archive) == "g000001"
    assert headlines(archive, "warden1") == ["Harbour log 1"]

    archive.remove([draft.id or "" for draft in long_logs(FRESH_ROWS)])
    archive.add([write(2)])
    assert sealed_words(archive) == "g000002"
    assert headlines(archive, "x3999 gull warden1 warden2") == ["Harbour log 1", "Harbour log 2"]


def test_sentences_are_compared_by_the_archives_own_model_only_where_its_cosines_are_known(embedded: Archive) -> None:
    assert embedded.similarity() is None  # A model of the tests' own.
    assert embedded.relevance("Who sank?", "The ferry sank.") is None


def test_words_are_counted_roughly_with_and_without_a_sealed_index(archive: Archive, ferry: Draft) -> None:
    archive.add([ferry])
    unsealed = archive.rough_counts(["ferri", "gull"])

    archive.add(long_logs(FRESH_ROWS))

    assert unsealed == archive.passage_counts(["ferri"]) | {"gull": 0} == {"ferri": 1, "gull": 0}
    assert archive.rough_counts(["ferri", "x3999", "nowhere"]) == {"ferri": 1, "x3999": 1, "nowhere": 0}


def test_a_session_follows_the_words_that_another_seals(archive: Archive, ferry: Draft, council: Draft) -> None:
    archive.add([ferry])
    with open_archive(archive.path) as session:
        assert headlines(session, "ferry council") == [ferry.headline]

        archive.rebuild()
        assert sealed_words(session) == "g000001"
        assert headlines(session, "ferry council") == [ferry.headline]

        archive.add([council])
        archive.remove(["ferry-1"])
        archive.rebuild()
        assert sealed_words(session) == "g000002"
        assert headlines(session, "ferry council") == [council.headline]


def test_rebuilding_seals_the_words_of_any_archive(archive: Archive, ferry: Draft) -> None:
    archive.rebuild()
    assert headlines(archive, "ferry") == []

    archive.add([ferry])
    assert headlines(archive, "ferry") == [ferry.headline]
    archive.rebuild()

    assert sealed_words(archive) == "g000002"
    assert headlines(archive, "ferry") == [ferry.headline]
    assert archive.problems() == []


def test_the_number_of_an_index_of_words_never_comes_again(archive: Archive, ferry: Draft) -> None:
    archive.add([ferry])
    names = []
    for _ in range(3):
        archive.rebuild()
        names.append(sealed_words(archive))
        shutil.rmtree(archive.path / "index")

    assert names == ["g000001", "g000002", "g000003"]


def test_an_index_of_words_that_cannot_be_written_is_a_notice(archive: Archive) -> None:
    (archive.path / "index").touch()

    report = archive.add(long_logs(FRESH_ROWS + 100))

    (notice,) = report.notices
    assert notice.startswith(f"cannot write the index of words in {str(archive._words)!r}: ")
    assert notice.endswith("; searching is slower without it; `dateline rebuild` tries again")
    assert (report.added, sealed_words(archive)) == (41, None)
    assert [hit.passage.text.split()[0] for hit in archive.search("x3999", 1).hits] == ["x3999"]


def _delete_words(words: Path) -> None:
    shutil.rmtree(words)


def _delete_sealed_words(words: Path) -> None:
    shutil.rmtree(next(words.glob("g*")))


def _truncate_postings(words: Path) -> None:
    with next(words.glob("g*/postings.npy")).open("r+b") as file:
        file.truncate(140)


def _empty_terms(words: Path) -> None:
    next(words.glob("g*/terms.npy")).write_bytes(b"")


@pytest.mark.parametrize("damage", [_delete_words, _delete_sealed_words, _truncate_postings, _empty_terms])
def test_an_index_of_words_that_is_lost_or_damaged_changes_no_answer(
    archive: Archive, ferry: Draft, council: Draft, damage: Callable[[Path], None]
) -> None:
    archive.add([ferry, council])
    archive.rebuild()
    expected = headlines(archive, "Skelby ferry pier")
    damage(archive.path / "index" / "words")

    with open_archive(archive.path, writable=True) as reopened:
        assert sealed_words(reopened) is None
        assert headlines(reopened, "Skelby ferry pier") == expected
        reopened.rebuild()
        assert sealed_words(reopened) == "g000002"
        assert headlines(reopened, "Skelby ferry pier") == expected


def test_moving_to_another_model_keeps_the_words(embedded: Archive, tmp_path: Path) -> None:
    embedded.rebuild()

    embedded.move(HashEmbedder(tmp_path / "other", seed="2"))

    assert sealed_words(embedded) == "g000001"
    assert headlines(embedded, "ferry", 1) == ["Ferry sinks"]


@pytest.fixture(params=[1, 2, 3])
def version(request: pytest.FixtureRequest) -> int:
    """Give the number of each earlier format."""
    return int(request.param)


@pytest.fixture
def older(archive: Archive, ferry: Draft, council: Draft, version: int) -> Path:
    """Give an archive as an earlier version left it, without an index of words; the first knew no stories."""
    archive.add([ferry, council, replace(ferry, id="print-1", outlet="Post", url=None)])
    archive.close()
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db, db:
        make_earlier(db, version)
    return archive.path


@pytest.mark.parametrize("writable", [False, True])
def test_an_archive_of_an_older_version_is_searched(older: Path, ferry: Draft, version: int, *, writable: bool) -> None:
    with open_archive(older, writable=writable) as archive:
        hits = archive.search("Who sank the ferry?", 5).hits

        assert {hit.passage.article.headline for hit in hits} == {ferry.headline}
        assert hits[0].passage.article.page_starts == ()
        assert [len(hit.copies) for hit in hits] == ([0, 0] if version == 1 else [1])
        assert archive.problems() == []


def test_an_archive_of_an_older_version_is_added_to(older: Path, ferry: Draft, gulls: Draft) -> None:
    with open_archive(older, writable=True) as archive:
        assert archive.add([gulls]) == AddReport(added=1, passages=1)
        archive.rebuild()

        assert sealed_words(archive) == "g000001"
        assert headlines(archive, "gulls") == [gulls.headline]
        assert headlines(archive, "Who sank the ferry?", 1) == [ferry.headline]
        assert archive.problems() == []


# -- listing -----------------------------------------------------------------------------------------------------------


def test_a_search_is_restricted_to_days_and_outlets(embedded: Archive) -> None:
    assert headlines(embedded, "ferry council", where=SearchFilter(outlets=("POST",))) == ["Ferry sinks"]
    assert headlines(embedded, "ferry council", where=SearchFilter(since=date(2017, 6, 9))) == ["Council meets"]
    assert headlines(embedded, "ferry council", where=SearchFilter(since=date(2018, 1, 1))) == []


def test_fewer_than_k_hits_come_back_where_there_are_fewer(embedded: Archive) -> None:
    assert len(embedded.search("ferry", 1).hits) == 1
    assert len(embedded.search("ferry", 100).hits) == 2


def test_the_state_of_an_archive_is_told(embedded: Archive) -> None:
    state = embedded.status()

    assert state.counts == Counts(2, 2, 2, 0, 1, date(2017, 6, 9), date(2017, 6, 9))
    assert (state.embedder, state.fresh) == ("hash-64", 0)
    assert state.outlets == ((None, 1), ("Post", 1))
    assert state.bytes_on_disk > 10_000


def test_an_empty_archive_finds_nothing_and_has_no_problem(archive: Archive) -> None:
    assert archive.search("ferry", 5).hits == ()
    assert archive.search("ferry", 5).notices == ()
    assert archive.is_empty()
    assert archive.problems() == []


def test_another_process_sees_what_was_added(embedded: Archive) -> None:
    code = "import sys; from pathlib import Path; from store.archive import *; a = open_archive(Path(sys.argv[1]))"
    ask = f"{code}; print([hit.passage.article.id for hit in a.search('council', 5).hits])"

    child = subprocess.run([sys.executable, "-c", ask, embedded.path], capture_output=True, text=True, check=True)

    assert child.stdout == "['council-1']\n"


# -- bytes that changed on the disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", ["body = replace(body, 'sank', 'swam')", "headline = 'Ferry sails'", "body = CAST(x'ff66' AS TEXT)"]
)
def test_an_article_that_changed_on_the_disk_is_not_quoted(
    archive: Archive, ferry: Draft, council: Draft, change: str
) -> None:
    archive.add([ferry, council])
    with closing(sqlite3.connect(archive.path / FILE_NAME)) as db, db:
        db.execute(f"UPDATE articles SET {change} WHERE headline = ?", (ferry.headline,))

    found = archive.search("ferry council", 5)

    assert [hit.passage.article.headline for hit in found.hits] == [council.headline]
    assert "1 article that fits is left out: changed on the disk; `dateline check --full` says which" in found.notices
