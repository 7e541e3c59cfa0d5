"""Search by vectors: the ways to it agree, and a session follows what another process publishes."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from store.archive import Archive, create_archive, open_archive
from store.catalog import Catalog, create_catalog, open_catalog
from store.dense import DenseSearch
from store.embedding import find_weights
from store.embedding.bert import BertEmbedder
from store.facts import read_facts, write_facts
from store.generations import current_generation, publish_generation
from store.index import CHROMA_SQLITE, KEYS_FILE, VECTORS_FILE
from store.lexical import LexicalSearch
from store.records import Draft, SearchFilter
from store.schema import FILE_NAME
from store.vectors import StoredTable, VectorTable, to_bytes
from tests.hash_embedder import DIMENSION, HashEmbedder

ROWS = 1_500
EVERYTHING = SearchFilter()


def clustered(rows: int) -> np.ndarray:
    """Return vectors as a model gives them: in clusters, of norm 1."""
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(30, DIMENSION))
    vectors = centres[rng.integers(30, size=rows)] + 0.6 * rng.normal(size=(rows, DIMENSION))
    normed: np.ndarray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return normed


def fill(catalog: Catalog, write: Callable[..., Draft], vectors: np.ndarray, digest: str) -> list[int]:
    """Store one article a vector and return the keys of their passages."""
    catalog.begin_run()
    with catalog.transaction():
        for i in range(len(vectors)):
            catalog.put(write(i, sentences=1))
        keys = [passage.key for passage in catalog.pending(leads=True, after=0, limit=len(vectors))]
        catalog.put_vectors(zip(keys, to_bytes(vectors), strict=True))
        facts = {"embedder": "hash-64", "digest": digest, "dimension": str(DIMENSION), "generation": "1"}
        for name, value in facts.items():
            catalog.set_setting(name, value)
    return keys


def publish(folder: Path, rows: int) -> None:
    digest = _digest(folder)
    publish_generation(folder / "index", folder / FILE_NAME, number=1, rows=rows, dimension=DIMENSION, embedder=digest)


def _digest(folder: Path) -> str:
    with closing(open_catalog(folder / FILE_NAME, writable=False)) as catalog:
        return catalog.setting("digest") or ""


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return clustered(ROWS)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray) -> Path:
    """Give the folder of an archive of ``vectors`` with a published generation; nothing may write to it."""
    folder = tmp_path_factory.mktemp("built")
    with closing(create_catalog(folder / FILE_NAME)) as catalog:
        fill(catalog, _write, vectors, HashEmbedder(folder / "weights").weights.digest())
    publish(folder, ROWS)
    return folder


def _write(number: int, *, sentences: int) -> Draft:
    return Draft(
        f"Harbour log {number}",
        f"Crate {number} was logged. " * sentences,
        "log",
        id=f"log-{number:05}",
        outlet=("Courier", "Post", None)[number % 3],
        published=date(2017, 1 + number % 12, 1),
    )


@pytest.fixture
def catalog(built: Path) -> Iterator[Catalog]:
    with closing(open_catalog(built / FILE_NAME, writable=False)) as catalog:
        yield catalog


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


def keys_of(catalog: Catalog, where: SearchFilter = EVERYTHING) -> list[int]:
    """Return the keys of the passages whose articles satisfy ``where``, ascending."""
    lexical = LexicalSearch(catalog, catalog.path.parent / "index" / "words")
    lexical.follow()
    mask = lexical.mask(where)
    return [int(key) for key in (lexical.keys if mask is None else lexical.keys[mask])]


def nearest(dense: DenseSearch, vector: np.ndarray, k: int, among: list[int] | None = None) -> list[tuple[int, float]]:
    """Return the ``k`` passages nearest to a vector of all, or of those ``among``, with their cosines, best first."""
    comparison = dense.compare_vector(vector)
    keys = comparison.nearest(k, None if among is None else np.array(among, dtype=np.int64))
    return list(zip(keys.tolist(), comparison.similarities(keys).tolist(), strict=True))


def nearly(ranked: list[tuple[int, float]]) -> Any:
    """Return what equals ``ranked`` but for rounding: the ways to a cosine do not add up in one order."""
    return [(key, pytest.approx(score, abs=1e-5)) for key, score in ranked]


# -- exact -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        SearchFilter(),
        SearchFilter(outlets=("post",)),
        SearchFilter(since=date(2017, 3, 1), until=date(2017, 4, 30)),
        SearchFilter(since=date(2017, 12, 1), outlets=("Courier", "Post")),
        SearchFilter(since=date(2018, 1, 1)),
    ],
)
def test_exact_search_is_what_comparing_with_all_gives(
    built: Path, catalog: Catalog, vectors: np.ndarray, where: SearchFilter
) -> None:
    every = keys_of(catalog)
    among = None if where.is_empty else keys_of(catalog, where)
    rows = [every.index(key) for key in keys_of(catalog, where)]
    dense = DenseSearch(catalog, built / "index")

    for query in vectors[::500]:
        scores = vectors[rows] @ query
        expected = [every[rows[i]] for i in np.argsort(-scores, kind="stable")[:20]]

        ranked = nearest(dense, query, 20, among)

        assert [key for key, _ in ranked] == expected
        assert [score for _, score in ranked] == pytest.approx(sorted(scores, reverse=True)[:20], abs=1e-5)


def test_a_question_is_ranked_by_the_cosines_of_its_vector(
    built: Path, catalog: Catalog, embedder: HashEmbedder, vectors: np.ndarray
) -> None:
    dense = DenseSearch(catalog, built / "index", embedder=embedder)
    cosines = dict(zip(keys_of(catalog), (vectors @ embedder.embed_query("Which crate?")).tolist(), strict=True))

    comparison, notices = dense.compare("Which crate?")

    assert notices == ()
    assert comparison is not None
    keys = comparison.nearest(20)
    assert comparison.similarities(keys).tolist() == pytest.approx([cosines[key] for key in keys.tolist()], abs=1e-5)
    assert sorted(cosines.values(), reverse=True)[:20] == pytest.approx([cosines[key] for key in keys], abs=1e-5)


def test_what_is_in_no_generation_is_compared_too(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        dense = DenseSearch(catalog, copy / "index")
        nearest(dense, vectors[0], 5)
        query = -vectors[0]
        catalog.begin_run()
        with catalog.transaction():
            catalog.put(_write(9_999, sentences=1))
            (passage,) = catalog.pending(leads=True, after=0, limit=5)
            catalog.put_vectors([(passage.key, query.tobytes())])

        assert nearest(dense, query, 1) == nearly([(passage.key, 1.0)])
        assert nearest(dense, query, 1, keys_of(catalog, SearchFilter(outlets=("Nobody",)))) == []


@pytest.mark.parametrize("count", [30, 300])
def test_removed_passages_are_made_up_for(copy: Path, vectors: np.ndarray, count: int) -> None:
    """As many are returned as were asked for, however many of the best were removed since the generation was built."""
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        dense = DenseSearch(catalog, copy / "index")
        ranked = [key for key, _ in nearest(dense, vectors[0], count + 30)]
        gone = {passage.article.id for passage in catalog.passages(ranked[:count]).values()}
        with catalog.transaction():
            for article_id in gone:
                catalog.remove(article_id)

        assert [key for key, _ in nearest(dense, vectors[0], 30)] == ranked[count:]


def test_removed_passages_that_were_in_no_generation_yet_are_made_up_for(copy: Path, vectors: np.ndarray) -> None:
    """Neither as many as are asked for, nor the newest of them, is the whole of what a session holds in memory."""
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        dense = DenseSearch(catalog, copy / "index")
        before = nearest(dense, vectors[0], 10)
        catalog.begin_run()
        with catalog.transaction():
            for i in range(61):
                catalog.put(_write(9_000 + i, sentences=1))
            pending = catalog.pending(leads=True, after=0, limit=61)
            near, far = vectors[0].tobytes(), (-vectors[0]).tobytes()
            catalog.put_vectors([*((passage.key, near) for passage in pending[:60]), (pending[60].key, far)])
        assert {key for key, _ in nearest(dense, vectors[0], 11)} & {key for key, _ in before}

        with catalog.transaction():
            for i in range(60):
                catalog.remove(f"log-{9_000 + i:05}")

        assert nearest(dense, vectors[0], 10) == before


def test_a_cut_table_of_keys_is_not_searched(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog:
        expected = nearest(DenseSearch(catalog, copy / "index"), vectors[0], 5)
        with next((copy / "index").glob(f"g*/{KEYS_FILE}")).open("r+b") as file:
            file.truncate(8 * 5)

        dense = DenseSearch(catalog, copy / "index")

        assert nearest(dense, vectors[0], 5) == nearly(expected)
        assert dense.problems() == ["the vector index is damaged; `dateline rebuild` makes it again"]


def test_an_index_of_another_model_is_a_problem_and_not_searched(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        keys = keys_of(catalog)
        with catalog.transaction():
            catalog.set_setting("digest", "of other weights")
            catalog.put_vectors(zip(keys, to_bytes(-vectors), strict=True))

        dense = DenseSearch(catalog, copy / "index")

        assert nearest(dense, -vectors[7], 1) == nearly([(keys[7], 1.0)])
        assert dense.problems() == [
            "the vector index is from another embedding model; `dateline rebuild` makes it again"
        ]


def test_a_missing_index_is_no_problem(built: Path, catalog: Catalog, vectors: np.ndarray, tmp_path: Path) -> None:
    expected = nearest(DenseSearch(catalog, built / "index"), vectors[0], 5)

    dense = DenseSearch(catalog, tmp_path / "nowhere")

    assert dense.problems() == []
    assert nearest(dense, vectors[0], 5) == nearly(expected)


def test_nothing_is_compared_where_nothing_is_embedded(tmp_path: Path, ferry: Draft, embedder: HashEmbedder) -> None:
    with closing(create_catalog(tmp_path / FILE_NAME)) as catalog:
        dense = DenseSearch(catalog, tmp_path / "index", embedder=embedder)
        assert dense.compare("ferry") == (None, ())

        catalog.begin_run()
        with catalog.transaction():
            catalog.put(ferry)
        comparison, (notice,) = dense.compare("ferry")

    assert comparison is None
    assert notice == "searched by words alone: nothing is embedded yet; `dateline embed` does it"
    assert embedder.asked == []


def test_a_stored_vector_of_another_length_is_left_out(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        (copy / "index" / "CURRENT").unlink()
        keys = keys_of(catalog)
        catalog.put_vectors([(keys[0], b"\0" * 7)])

        found = nearest(DenseSearch(catalog, copy / "index"), vectors[0], 2, keys[:3])

    assert {key for key, _ in found} == set(keys[1:3])


def test_a_table_that_is_cut_under_a_session_is_not_searched_any_more(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog:
        dense = DenseSearch(catalog, copy / "index")
        expected = nearest(dense, vectors[0], 5)
        with next((copy / "index").glob(f"g*/{VECTORS_FILE}")).open("r+b") as file:
            file.truncate(17)

        assert nearest(dense, vectors[0], 5) == nearly(expected)


def test_vectors_that_are_too_many_to_hold_are_compared_where_they_are(
    copy: Path, vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog:
        (copy / "index" / "CURRENT").unlink()
        held = DenseSearch(catalog, copy / "index")
        expected = nearest(held, vectors[0], 20)
        monkeypatch.setattr("store.dense.MOST_FRESH_BYTES", 1_000 * 4 * DIMENSION)

        dense = DenseSearch(catalog, copy / "index")
        found = nearest(dense, vectors[0], 20)
        assert isinstance(held._fresh, VectorTable)
        assert isinstance(dense._fresh, StoredTable)
        catalog.begin_run()
        with catalog.transaction():
            catalog.put(_write(9_999, sentences=1))
            (passage,) = catalog.pending(leads=True, after=0, limit=5)
            catalog.put_vectors([(passage.key, (-vectors[0]).tobytes())])

        assert found == nearly(expected)
        assert nearest(dense, -vectors[0], 1) == nearly([(passage.key, 1.0)])
        assert nearest(held, -vectors[0], 1) == nearly([(passage.key, 1.0)])


# -- Chroma ------------------------------------------------------------------------------------------------------------


def test_chroma_finds_what_exact_search_finds(built: Path, catalog: Catalog, vectors: np.ndarray) -> None:
    exact = DenseSearch(catalog, built / "index")
    with closing(DenseSearch(catalog, built / "index", chroma_rows=1)) as chroma:
        wait_for_chroma(chroma, vectors[0])
        queries = vectors[::25]
        found = 0
        for query in queries:
            expected = dict(nearest(exact, query, 10))
            got = dict(nearest(chroma, query, 10))
            found += len(expected.keys() & got.keys())
            assert all(got[key] == pytest.approx(expected[key], abs=1e-4) for key in expected.keys() & got.keys())
        assert chroma._chroma is not None

    assert found / (10 * len(queries)) >= 0.99


def test_removed_passages_do_not_come_back_from_chroma(copy: Path, vectors: np.ndarray) -> None:
    with (
        closing(open_catalog(copy / FILE_NAME, writable=True)) as catalog,
        closing(DenseSearch(catalog, copy / "index", chroma_rows=1)) as dense,
    ):
        wait_for_chroma(dense, vectors[0])
        (first, *_) = (key for key, _ in nearest(dense, vectors[0], 5))
        (passage,) = catalog.passages([first]).values()
        with catalog.transaction():
            catalog.remove(passage.article.id)

        assert first not in dict(nearest(dense, vectors[0], 5))
        assert len(nearest(dense, vectors[0], 5)) == 5
        assert dense._chroma is not None


def blank(folder: Path) -> None:
    """Write zeros over Chroma's own file, which keeps its size."""
    file = folder / CHROMA_SQLITE
    file.write_bytes(b"\0" * file.stat().st_size)


def garble(folder: Path) -> None:
    (file,) = folder.rglob("data_level0.bin")
    file.write_bytes(b"\xff" * file.stat().st_size)


@pytest.mark.parametrize("damage", [blank, garble])
def test_a_damaged_collection_is_searched_exactly(
    copy: Path, vectors: np.ndarray, damage: Callable[[Path], object]
) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog:
        expected = nearest(DenseSearch(catalog, copy / "index"), vectors[0], 5)
        damage(next((copy / "index").glob("g*/chroma")))

        with closing(DenseSearch(catalog, copy / "index", chroma_rows=1)) as dense:
            wait_for_chroma(dense, vectors[0])

            assert [nearest(dense, vectors[0], 5) for _ in range(2)] == [nearly(expected)] * 2
            assert len(dense.take_notices()) == 1


def test_a_generation_of_another_chroma_is_searched_without_it(copy: Path, vectors: np.ndarray) -> None:
    facts = next((copy / "index").glob("g*/generation.json"))
    write_facts(facts, {**read_facts(facts), "chromadb": "0.1"})

    with closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog:
        dense = DenseSearch(catalog, copy / "index", chroma_rows=1)

        assert [len(nearest(dense, vectors[0], 5)) for _ in range(2)] == [5, 5]
        assert dense._chroma is None
        assert dense.take_notices() == (
            "made by Chroma 0.1; answers are as good without it, but slower; `dateline rebuild` makes it again",
        )


def test_queries_write_nothing_into_a_sealed_generation(copy: Path, vectors: np.ndarray) -> None:
    generation = current_generation(copy / "index")
    assert generation is not None
    before = digests(generation.folder)

    with (
        closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog,
        closing(DenseSearch(catalog, copy / "index", chroma_rows=1)) as dense,
    ):
        wait_for_chroma(dense, vectors[0])
        for query in vectors[:20]:
            nearest(dense, query, 10)
        assert dense._chroma is not None
        during = digests(generation.folder)

    assert (during, digests(generation.folder)) == (before, before)


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file. Chroma's own SQLite file is left out: opening it moves its counter of changes."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "chroma.sqlite3"]
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("sent", [signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP])
def test_where_the_process_of_chroma_dies_or_hangs_exact_search_answers(
    built: Path, catalog: Catalog, vectors: np.ndarray, sent: signal.Signals
) -> None:
    expected = nearest(DenseSearch(catalog, built / "index"), vectors[0], 5)
    with closing(DenseSearch(catalog, built / "index", chroma_rows=1)) as dense:
        wait_for_chroma(dense, vectors[0])
        assert dense._chroma is not None
        os.kill(dense._chroma._process.pid, sent)

        assert [nearest(dense, vectors[0], 5) for _ in range(2)] == [nearly(expected)] * 2
        assert dense._chroma is None
        (notice,) = dense.take_notices()
        assert notice.endswith("; answers are as good without it, but slower; `dateline rebuild` makes it again")
        assert dense.take_notices() == ()


def test_an_answer_of_chroma_that_cannot_be_is_not_believed(built: Path, catalog: Catalog, vectors: np.ndarray) -> None:
    expected = nearest(DenseSearch(catalog, built / "index"), vectors[0], 5)
    with closing(DenseSearch(catalog, built / "index", chroma_rows=1)) as dense:
        wait_for_chroma(dense, vectors[0])
        assert dense._chroma is not None
        os.write(dense._chroma._queries, (3).to_bytes(4, "little") + vectors[700].tobytes())
        select.select([dense._chroma._answers], [], [])

        assert nearest(dense, vectors[0], 5) == nearly(expected)
        assert dense.take_notices() != ()


READER = """
import select, sys
from pathlib import Path
from store.catalog import open_catalog
from store.dense import DenseSearch
folder = Path(sys.argv[1])
dense = DenseSearch(open_catalog(folder / sys.argv[2], writable=False), folder / "index", chroma_rows=1)
dense.warm_up()
select.select([dense._chroma._answers], [], [])
print(dense._chroma._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_the_process_of_chroma_ends_with_a_reader_that_is_killed_even_where_it_hangs(built: Path) -> None:
    command = [sys.executable, "-c", READER, str(built), FILE_NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        process = int(reader.stdout.readline())
        ended = os.pidfd_open(process)
        os.kill(process, signal.SIGSTOP)

        reader.kill()

        assert select.select([ended], [], [], 30)[0] == [ended]
        os.close(ended)


def wait_for_chroma(dense: DenseSearch, query: np.ndarray) -> None:
    """Ask once, and wait until the process that was started for it can answer, or is gone."""
    nearest(dense, query, 1)
    assert dense._chroma is not None
    select.select([dense._chroma._answers], [], [])


# -- another process ---------------------------------------------------------------------------------------------------

PUBLISH = """
import sys
from pathlib import Path
from store.archive import open_archive
with open_archive(Path(sys.argv[1]), writable=True) as archive:
    archive.remove(["log-00000"])
    archive.rebuild()
"""


def test_a_session_sees_the_generation_that_another_process_publishes(copy: Path, vectors: np.ndarray) -> None:
    with closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog:
        dense = DenseSearch(catalog, copy / "index")
        before = nearest(dense, vectors[0], 5)
        assert dense._generation is not None
        first = dense._generation.folder

        subprocess.run([sys.executable, "-c", PUBLISH, copy], check=True)
        after = nearest(dense, vectors[0], 4)

        assert dense._generation.folder != first
        assert dense._generation.rows == ROWS - 1
        assert after == nearly(before[1:])
        assert dense.problems() == []


def test_a_session_asks_the_collection_that_was_built_with_another_model_since(copy: Path, tmp_path: Path) -> None:
    other = HashEmbedder(tmp_path / "other", seed="2")
    query = other.embed_query("Crate 39 was logged.")
    with (
        closing(open_catalog(copy / FILE_NAME, writable=False)) as catalog,
        closing(DenseSearch(catalog, copy / "index", chroma_rows=1)) as dense,
    ):
        nearest(dense, query, 5)
        assert dense._chroma is not None
        first = dense._chroma

        with open_archive(copy, writable=True, embedder=other) as writer:
            writer.remove([f"log-{i:05}" for i in range(60, ROWS)])
            writer.move(other)
        wait_for_chroma(dense, query)
        asked = nearest(dense, query, 3)

        assert dense._chroma is not None
        assert dense._chroma is not first
        assert asked == nearly(nearest(DenseSearch(catalog, copy / "index"), query, 3))


def test_a_session_asks_with_the_model_of_the_vectors_that_are_there_now(
    tmp_path: Path, small_bert: Path, ferry: Draft
) -> None:
    second = Path(shutil.copytree(small_bert, tmp_path / "second"))
    raw = bytearray((second / "model.safetensors").read_bytes())
    raw[-4:] = b"\0\0\0\0"
    (second / "model.safetensors").write_bytes(raw)
    first, other = (BertEmbedder(find_weights(str(folder))) for folder in (small_bert, second))
    with create_archive(tmp_path / "a", embedder=first) as archive:
        archive.add([ferry])
        embed_without_index(archive)
    with open_archive(tmp_path / "a") as session:
        session.search("the ferry sank", 1)

        with open_archive(tmp_path / "a", writable=True, embedder=other) as writer:
            writer.move(other)
        comparison, _ = session._open_dense().compare("the ferry sank")
        (passage,) = session._catalog.vectors()
        assert comparison is not None
        (score,) = comparison.similarities(np.array([passage[1]]))

    assert score == pytest.approx(other.embed_query("the ferry sank") @ np.frombuffer(passage[2], "<f4"), abs=1e-6)


def embed_without_index(archive: Archive) -> None:
    """Make the missing vectors; the index is tested elsewhere and takes a second."""
    for _ in archive._embed_pending(None):
        pass
