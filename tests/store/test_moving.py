"""The move to another embedding model: stopped anywhere, the old vectors serve, and it goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.archive import Archive, EmbedReport, open_archive
from store.errors import ArchiveError, DiskFull, EmbedderError
from store.filling import VECTOR_BATCH
from store.moving import Move
from store.records import Draft
from tests.hash_embedder import HashEmbedder

Write = Callable[..., Draft]


@pytest.fixture
def embedded(archive: Archive, write: Write) -> Archive:
    """Give an archive of more passages than are embedded between two commits."""
    archive.add(write(i) for i in range(VECTOR_BATCH + 5))
    for _ in archive._embed_pending(None):  # The index takes a second, and is tested elsewhere.
        pass
    return archive


@pytest.fixture
def other(tmp_path: Path) -> HashEmbedder:
    return HashEmbedder(tmp_path / "other", seed="2", dimension=32)


def found(archive: Archive, embedder: HashEmbedder) -> list[str]:
    """Return what a session that asks with ``embedder`` finds by words and vectors."""
    with open_archive(archive.path, embedder=embedder) as session:
        hits = session.search("Warden7 logged crate7x1", 3).hits
    assert {hit.scorer for hit in hits} == {"fused"}
    return [hit.passage.article.id for hit in hits]


def stop_halfway(archive: Archive, other: HashEmbedder) -> None:
    other.fails_after = VECTOR_BATCH
    with pytest.raises(EmbedderError, match="the embedder broke"):
        archive.move(other)
    other.fails_after = None


def test_a_move_that_is_stopped_changes_no_answer_and_goes_on(
    embedded: Archive, embedder: HashEmbedder, other: HashEmbedder
) -> None:
    expected = found(embedded, embedder)

    stop_halfway(embedded, other)

    assert found(embedded, embedder) == expected
    assert embedded.status().embedder == "hash-64"
    assert embedded.move_under_way() == Move("hash-32", other.weights.digest(), 64, 69)
    assert embedded.move(other) == EmbedReport(5)
    assert len(other.embedded) == len(set(other.embedded)) == 69
    assert found(embedded, other)[0] == expected[0]
    assert (embedded.status().embedder, embedded.counts().vectors) == ("hash-32", 69)
    assert embedded.move_under_way() is None


def test_what_is_added_while_a_move_is_stopped_is_searched_and_moved_too(
    embedded: Archive, other: HashEmbedder, write: Write
) -> None:
    stop_halfway(embedded, other)

    embedded.add([write(900)])
    embedded.remove([write(0).id or ""])
    assert embedded.embed() == EmbedReport(1)
    assert embedded.counts().vectors == 69
    assert embedded.move(other) == EmbedReport(6)

    assert embedded.counts().vectors == embedded.counts().passages == 69
    with open_archive(embedded.path, embedder=other) as session:
        assert session.search("Warden900 logged", 1).hits[0].passage.article.id == write(900).id


def test_vectors_made_after_a_move_are_newer_than_its_index(
    embedded: Archive, other: HashEmbedder, write: Write
) -> None:
    embedded.move(other)
    with open_archive(embedded.path, writable=True, embedder=other) as archive:
        archive.add([write(900)])
        archive.embed()
        state = archive.status()

    assert state.generation is not None
    assert (state.generation.rows, state.fresh) == (69, 1)


def test_a_move_back_starts_with_nothing(embedded: Archive, embedder: HashEmbedder, other: HashEmbedder) -> None:
    expected = found(embedded, embedder)
    embedded.move(other)
    embedder.embedded.clear()

    embedded.move(embedder)

    assert len(embedder.embedded) == 69
    assert found(embedded, embedder) == expected


def test_a_move_that_is_given_up_leaves_all_as_it_was(
    embedded: Archive, embedder: HashEmbedder, other: HashEmbedder
) -> None:
    expected = found(embedded, embedder)
    stop_halfway(embedded, other)

    embedded.abandon_move()
    embedded.abandon_move()

    assert embedded.move_under_way() is None
    assert found(embedded, embedder) == expected


def test_one_move_is_finished_or_given_up_before_another(
    embedded: Archive, other: HashEmbedder, tmp_path: Path
) -> None:
    stop_halfway(embedded, other)

    with pytest.raises(ArchiveError) as raised:
        embedded.move(HashEmbedder(tmp_path / "third", seed="3"))

    assert str(raised.value) == "the archive is being moved to 'hash-32', 64 of 69 passages are done"
    assert raised.value.hint == (
        "go on with `dateline rebuild --embedder hash-32`, or give it up with `dateline rebuild --abandon`"
    )


def test_a_move_needs_its_room_on_the_disk_before_it_begins(
    embedded: Archive, other: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.disk.free_bytes", lambda _: 1_000)

    with pytest.raises(DiskFull, match="the move needs about"):
        embedded.move(other)

    assert (embedded.move_under_way(), other.embedded) == (None, [])


def test_a_session_that_is_open_goes_on_with_the_new_vectors(embedded: Archive, other: HashEmbedder) -> None:
    with open_archive(embedded.path, embedder=other) as session:
        dense = session._open_dense()
        dense.compare_vector(other.embed_query("crate"))
        embedded.move(other)
        comparison = dense.compare_vector(other.embed_query("crate"))
        keys = comparison.nearest(5)

    assert len(keys) == 5
    assert dense.take_notices() == ()
