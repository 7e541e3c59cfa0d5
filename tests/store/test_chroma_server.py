"""An archive whose vector index is on a Chroma server: a real one, and some that misbehave."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from store.archive import Archive, create_archive, open_archive
from store.chroma_server import PAUSE_S, QUERY_DEADLINE_S, ServerAddress, ServerIndex
from store.dense import DenseSearch
from store.errors import ArchiveError
from store.json_server import JsonServer
from store.records import Draft
from tests.chroma_process import ChromaProcess
from tests.hash_embedder import HashEmbedder
from tests.invented import invented
from tests.losing_proxy import LosingProxy
from tests.scripted_server import STALL, ScriptedServer, head

ARTICLES = 40
CREATING = b"POST /api/v2/tenants/default_tenant/databases/default_database/collections "


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    server = ChromaProcess(tmp_path_factory.mktemp("chroma"))
    yield server
    server.kill()


@pytest.fixture
def address(chroma: ChromaProcess) -> ServerAddress:
    chroma.start()
    return ServerAddress(chroma.url)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive of ``ARTICLES`` articles with its local index, to be copied: to build one takes two seconds."""
    folder = tmp_path_factory.mktemp("embedded")
    with create_archive(folder / "archive", embedder=HashEmbedder(folder / "weights")) as archive:
        archive.add(invented(number) for number in range(ARTICLES))
        archive.embed()
    return folder / "archive"


@pytest.fixture
def moved(tmp_path: Path, embedded: Path, address: ServerAddress) -> Path:
    """Give an archive whose index was moved to the server."""
    shutil.copytree(embedded, tmp_path / "archive")
    with open_archive(tmp_path / "archive", writable=True, server=address) as archive:
        assert archive.move_to_server() == ARTICLES
    return tmp_path / "archive"


@contextmanager
def session(path: Path, embedder: HashEmbedder, server: ServerAddress | None) -> Iterator[Archive]:
    with open_archive(path, embedder=embedder, session=True, server=server) as archive:
        yield archive


def answers_of(path: Path, embedder: HashEmbedder, server: ServerAddress | None) -> tuple[list[str], tuple[str, ...]]:
    """Return the ids that a question finds, and the notices."""
    with session(path, embedder, server) as archive:
        found = archive.search("crate7x1 rope9x0", 8)
        return [hit.passage.id for hit in found.hits], found.notices


def exact(path: Path, embedder: HashEmbedder) -> list[str]:
    """Return what is found where the server cannot be asked at all."""
    return answers_of(path, embedder, None)[0]


def collections_of(address: ServerAddress) -> list[str]:
    path = "/api/v2/tenants/default_tenant/databases/default_database/collections"
    with closing(JsonServer(address.url)) as server:
        return [one["name"] for one in server.ask("GET", path, deadline_s=10)]


def name_of(path: Path, server: ServerAddress | None) -> str:
    with open_archive(path, server=server) as archive:
        serving = archive.server_state().serving
    assert serving is not None
    return serving.name


# -- moving ------------------------------------------------------------------------------------------------------------


def test_the_server_answers_as_exact_search_does(moved: Path, embedder: HashEmbedder, address: ServerAddress) -> None:
    assert answers_of(moved, embedder, address) == (exact(moved, embedder), ())


def test_the_index_moves_back_with_one_call(moved: Path, embedder: HashEmbedder, address: ServerAddress) -> None:
    name = name_of(moved, address)

    with open_archive(moved, writable=True, server=address) as archive:
        assert archive.move_to_local() == ()
        assert archive.server_state().serving is None

    assert name not in collections_of(address)
    assert answers_of(moved, embedder, None)[1] == ()


def test_a_move_that_was_stopped_goes_on(
    tmp_path: Path, embedder: HashEmbedder, address: ServerAddress, write: Callable[..., Draft]
) -> None:
    class Stop(Exception):
        pass

    def stop(stage: str, done: int, total: int | None) -> None:
        del done, total
        if stage == "upload":
            raise Stop

    with create_archive(tmp_path / "archive", embedder=embedder, server=address) as archive:
        archive.add(write(number) for number in range(400))
        archive.embed()
        with pytest.raises(Stop):
            archive.move_to_server(progress=stop)
        stopped = archive.server_state()

        assert (stopped.serving, stopped.unsent) == (None, 100)
        assert archive.move_to_server() == 100

        state = archive.server_state()
        assert (state.coming, state.unsent, state.trouble) == (None, 0, None)


def test_what_is_added_later_is_sent_when_it_is_embedded(
    moved: Path, embedder: HashEmbedder, address: ServerAddress, write: Callable[..., Draft]
) -> None:
    with create_archive(moved, embedder=embedder, server=address) as archive:
        archive.add([write(900)])
        archive.embed()
        assert archive.server_state().unsent == 0

    with session(moved, embedder, address) as archive:
        found = archive.search("crate900x0", 1)

    assert ([hit.passage.article.id for hit in found.hits], found.notices) == (["log-00900"], ())


def test_what_is_removed_or_not_sent_yet_is_answered_rightly(
    moved: Path, embedder: HashEmbedder, address: ServerAddress, write: Callable[..., Draft]
) -> None:
    with create_archive(moved, embedder=embedder) as archive:  # which knows no server
        archive.remove(["log-00007"])
        archive.add([write(901), write(9, sentences=4)])
        archive.embed()
        archive.rebuild()  # The local table now holds what the server does not.

    with session(moved, embedder, address) as archive:
        assert archive.server_state().unsent == 2
        found = archive.search("crate901x1 crate7x1 crate9x3", 40)
    hits, notices = found.hits, found.notices

    ids = [hit.passage.article.id for hit in hits]
    assert {"log-00901", "log-00009"} <= set(ids)
    assert "log-00007" not in ids
    assert notices == ()


def test_two_archives_on_one_server_do_not_mix(
    moved: Path, tmp_path: Path, embedder: HashEmbedder, address: ServerAddress, write: Callable[..., Draft]
) -> None:
    with create_archive(tmp_path / "other", embedder=embedder, server=address) as other:
        other.add([write(700)])
        other.embed()
        other.move_to_server()

    assert name_of(moved, address) != name_of(tmp_path / "other", address)
    assert answers_of(moved, embedder, address) == (exact(moved, embedder), ())


def test_without_a_server_there_is_nowhere_to_move(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="no Chroma server is set") as caught:
        archive.move_to_server()

    assert caught.value.hint == "name one with `dateline config set chroma.url http://HOST:PORT`"


def test_nothing_embedded_is_nothing_to_move(archive: Archive, address: ServerAddress) -> None:
    with (
        open_archive(archive.path, writable=True, server=address) as served,
        pytest.raises(ArchiveError, match="nothing is embedded yet"),
    ):
        served.move_to_server()


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_session_goes_on_when_the_server_is_killed_and_started_again(
    moved: Path, embedder: HashEmbedder, chroma: ChromaProcess, address: ServerAddress
) -> None:
    with session(moved, embedder, None) as archive:
        expected = archive.search("crate8x1", 8).hits
    with session(moved, embedder, address) as archive:
        first = archive.search("crate7x1", 8)
        chroma.kill()
        killed = archive.search("crate8x1", 8)
        again = archive.search("crate9x1", 8)
        chroma.start()
        archive._open_dense()._server._resumes = 0.0  # as after the pause
        last = archive.search("crate7x1", 8)

    assert first.notices == again.notices == last.notices == ()
    assert killed.notices == (
        (
            f"the Chroma server at {chroma.place} cannot be asked: Connection refused; answers are as good without it; "
            "start it again, or `dateline index move --to-local` does without it"
        ),
    )
    assert last.hits == first.hits
    assert killed.hits == expected


def test_a_server_that_accepts_and_never_answers_costs_its_deadline_once(
    moved: Path, embedder: HashEmbedder, chroma: ChromaProcess, address: ServerAddress
) -> None:
    expected = exact(moved, embedder)
    chroma.freeze()
    try:
        begun = time.monotonic()
        ids, notices = answers_of(moved, embedder, address)
        took_s = time.monotonic() - begun
    finally:
        chroma.thaw()

    assert ids == expected
    assert notices == (
        (
            f"the Chroma server at {chroma.place} cannot be asked: no answer within 2 s; "
            "answers are as good without it; start it again, or `dateline index move --to-local` does without it"
        ),
    )
    assert QUERY_DEADLINE_S == 2.0  # what leaves three of five seconds to exact search
    assert took_s < 30  # It ended at all; how fast it is stands in the benchmarks.


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([head(200, "application/json"), b'{"ids":[["1"]],"distances":[[0.5]]}'], "lacks passages"),
        ([head(200, "application/json"), b'{"ids":[[]],"distances":[[]]}'], "lacks passages"),
        ([head(404, "application/json"), b'{"error":"NotFoundError"}'], "has lost the index"),
        ([head(500, "text/plain"), b"out of \x1b[31mmemory"], "it answered 500"),
        ([head(302, "text/plain", location="http://127.0.0.1:1/")], "it answered 302"),
        ([head(200, "text/html"), b"<html>sign in</html>"], "its answer is not JSON"),
        ([head(200, "application/json"), b'{"ids":[["1","1"]],"distances":[[0.5,0.5]]}'], "an answer that cannot be"),
        ([head(200, "application/json"), b'{"ids":[["-3"]],"distances":[[0.5]]}'], "an answer that cannot be"),
        ([head(200, "application/json"), b'{"ids":[[1e999]],"distances":[["x"]]}'], "an answer that cannot be"),
        ([head(200, "application/json"), b'{"ids":7}'], "an answer that cannot be"),
        ([head(200, "application/json"), b"[" * 100_000], "its answer is not JSON"),
        ([b"garbage\r\n\r\n"], "cannot be asked"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"], "broke off"),
        ([], "cannot be asked"),
    ],
)
def test_whatever_a_server_answers_the_question_is_answered_with_one_notice(
    moved: Path, embedder: HashEmbedder, answer: list[object], said: str
) -> None:
    with closing(ScriptedServer([answer])) as server:
        ids, notices = answers_of(moved, embedder, ServerAddress(f"http://127.0.0.1:{server.port}"))

    assert ids == exact(moved, embedder)
    assert len(notices) == 1
    assert said in notices[0]
    assert "`dateline index move --to-" in notices[0]


def test_ids_of_other_vectors_are_not_believed(moved: Path, embedder: HashEmbedder) -> None:
    ids = [str(number) for number in range(1, ARTICLES + 1)]
    answer = json.dumps({"ids": [ids], "distances": [[0.1] * len(ids)]}).encode()
    with closing(ScriptedServer([[head(200, "application/json"), answer]])) as server:
        found, notices = answers_of(moved, embedder, ServerAddress(f"http://127.0.0.1:{server.port}"))

    assert found == exact(moved, embedder)
    assert ["holds other vectors than the archive" in notice for notice in notices] == [True]


def test_distances_that_cannot_be_are_not_believed(moved: Path, embedder: HashEmbedder) -> None:
    ids = [str(number) for number in range(1, ARTICLES + 1)]
    answer = json.dumps({"ids": [ids], "distances": [[1e300] * len(ids)]}).encode()
    with closing(ScriptedServer([[head(200, "application/json"), answer]])) as server:
        found, notices = answers_of(moved, embedder, ServerAddress(f"http://127.0.0.1:{server.port}"))

    assert found == exact(moved, embedder)
    assert ["holds other vectors than the archive" in notice for notice in notices] == [True]


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        ([head(401, "application/json"), b'{"error":"AuthError"}'], "`dateline config set chroma.token_env NAME`"),
        ([head(403, "text/plain"), b"no"], "`dateline config set chroma.token_env NAME`"),
        ([head(404, "text/html"), b"<html>nothing here</html>"], "chroma.url must name a Chroma server"),
        ([head(405, "text/plain"), b""], "chroma.url must name a Chroma server"),
    ],
)
def test_what_a_setting_can_mend_is_told_with_the_setting(
    moved: Path, embedder: HashEmbedder, address: ServerAddress, answer: list[object], remedy: str
) -> None:
    with closing(ScriptedServer([answer])) as server:
        astray = ServerAddress(f"http://127.0.0.1:{server.port}")
        with create_archive(moved, embedder=embedder, server=astray) as archive:
            (notice,) = archive.search("crate7x1", 3).notices
            state = archive.server_state()
            with pytest.raises(ArchiveError) as failed:
                archive.move_to_server()
            (later,) = archive.embed().notices

    assert [remedy in str(told) for told in (notice, state.remedy, failed.value.hint, later)] == [True] * 4
    # The collection, which is still there, is not taken for lost.
    assert answers_of(moved, embedder, address) == (exact(moved, embedder), ())


def test_an_address_that_must_not_be_asked_keeps_nothing_from_working(moved: Path, embedder: HashEmbedder) -> None:
    name = name_of(moved, None)
    plain = ServerAddress("http://192.0.2.1:8000", headers={"authorization": "Bearer secret"})
    with create_archive(moved, embedder=embedder, server=plain) as archive:
        assert ["would be sent in plain text" in notice for notice in archive.embed().notices] == [True]
        assert "would be sent in plain text" in (archive.server_state().trouble or "")
        (notice,) = archive.move_to_local()

    assert notice.startswith(f"the collection {name!r} stays on the Chroma server at 192.0.2.1:8000: ")
    assert answers_of(moved, embedder, None) == (exact(moved, embedder), ())


def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_a_look_takes(
    moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.chroma_server._LOOK_DEADLINE_S", 0.1)
    monkeypatch.setattr("store.chroma_server._UPLOAD_DEADLINE_S", 100.0)
    begun = time.monotonic()
    with closing(ScriptedServer([[STALL]])) as server:
        silent = ServerAddress(f"http://127.0.0.1:{server.port}")
        with open_archive(moved, writable=True, server=silent) as archive:
            (notice,) = archive.move_to_local()
            with pytest.raises(ArchiveError, match=r"no answer within 0\.1 s"):
                archive.move_to_server()

    assert notice.endswith(
        f"stays on the Chroma server at {silent.url.removeprefix('http://')}: no answer within 0.1 s"
    )
    assert time.monotonic() - begun < 50


def test_a_server_that_failed_is_left_alone_for_a_while(moved: Path, embedder: HashEmbedder) -> None:
    with closing(ScriptedServer([[head(500), b"no"]])) as server:
        address = ServerAddress(f"http://127.0.0.1:{server.port}")
        with session(moved, embedder, address) as archive:
            told = [archive.search(f"crate{number}x1", 3).notices for number in range(3)]
        asked = len(server.requests)

    assert asked == 1
    assert [len(notices) for notices in told] == [1, 0, 0]
    assert PAUSE_S == 30


def test_a_failing_server_is_told_once_however_often_it_is_tried(moved: Path, embedder: HashEmbedder) -> None:
    with closing(ScriptedServer([[head(500), b"no"], [head(502), b"still no"]])) as server:
        address = ServerAddress(f"http://127.0.0.1:{server.port}")
        with open_archive(moved, embedder=embedder) as archive:
            table = opened(archive)._sealed
            index = ServerIndex(archive._catalog, address, pause_s=0)
            query = embedder.embed_query("crate7x1")
            assert table is not None

            with pytest.raises(ArchiveError, match="it answered 500"):
                index.nearest(table, query, 5)
            assert index.nearest(table, query, 5) is None

        assert len(server.requests) == 2


def opened(archive: Archive) -> DenseSearch:
    dense = archive._open_dense()
    dense.compare_vector(np.eye(1, 64, dtype=np.float32)[0])
    return dense


def test_a_lost_collection_is_uploaded_again_by_the_command_that_the_notice_names(
    moved: Path, embedder: HashEmbedder, address: ServerAddress
) -> None:
    lost = name_of(moved, address)
    path = f"/api/v2/tenants/default_tenant/databases/default_database/collections/{lost}"
    with closing(JsonServer(address.url)) as server:
        server.ask("DELETE", path, deadline_s=10)

    ids, notices = answers_of(moved, embedder, address)
    assert ids == exact(moved, embedder)
    assert ["has lost the index" in notice for notice in notices] == [True]

    with open_archive(moved, writable=True, server=address) as archive:
        assert archive.server_state().trouble == "the server has lost it"
        assert archive.move_to_server() == ARTICLES
    assert answers_of(moved, embedder, address) == (exact(moved, embedder), ())


def test_a_collection_of_which_the_server_could_not_tell_is_the_one_that_is_filled(
    tmp_path: Path, embedded: Path, address: ServerAddress
) -> None:
    shutil.copytree(embedded, tmp_path / "archive")
    before = set(collections_of(address))
    # The server is looked at first: the connection is a kept one, on which a request is made again.
    with (
        LosingProxy(address.url, first_line=CREATING, losses=2) as proxy,
        open_archive(tmp_path / "archive", writable=True, server=ServerAddress(proxy.url)) as archive,
    ):
        with pytest.raises(ArchiveError) as failed:
            archive.move_to_server()
        assert failed.value.hint == "stopped; the same command goes on"
        (made,) = set(collections_of(address)) - before

        assert archive.move_to_server() == ARTICLES
    assert set(collections_of(address)) - before == {made} == {name_of(tmp_path / "archive", address)}


def test_a_collection_that_was_asked_for_twice_is_the_one_that_is_filled(
    moved: Path, embedder: HashEmbedder, address: ServerAddress
) -> None:
    lost, others = name_of(moved, address), set(collections_of(address))
    path = f"/api/v2/tenants/default_tenant/databases/default_database/collections/{lost}"
    with closing(JsonServer(address.url)) as server:
        server.ask("DELETE", path, deadline_s=10)

    # That the collection is lost is asked first: the connection is a kept one, on which a request is made again.
    with (
        LosingProxy(address.url, first_line=CREATING) as proxy,
        open_archive(moved, writable=True, server=ServerAddress(proxy.url)) as archive,
    ):
        assert archive.move_to_server() == ARTICLES
    assert set(collections_of(address)) - others == {name_of(moved, address)}
    assert answers_of(moved, embedder, address) == (exact(moved, embedder), ())


def test_adding_goes_on_without_the_server(
    moved: Path, embedder: HashEmbedder, chroma: ChromaProcess, address: ServerAddress, write: Callable[..., Draft]
) -> None:
    chroma.kill()
    with create_archive(moved, embedder=embedder, server=address) as archive:
        archive.add([write(950)])
        report = archive.embed()
    chroma.start()

    assert report.vectors == 1
    assert report.notices == (
        (
            f"the Chroma server at {chroma.place} failed: Connection refused; "
            "what is new is searched exactly until the next `dateline embed`"
        ),
    )
    with session(moved, embedder, address) as archive:
        found = archive.search("Warden950 crate950x0 rope950x0", 3)
        assert "log-00950" in [hit.passage.article.id for hit in found.hits]
    with create_archive(moved, embedder=embedder, server=address) as archive:
        assert archive.embed().notices == ()
        assert archive.server_state().unsent == 0


def test_moving_back_works_while_the_server_is_down(
    moved: Path, embedder: HashEmbedder, chroma: ChromaProcess, address: ServerAddress
) -> None:
    name = name_of(moved, address)
    chroma.kill()
    with open_archive(moved, writable=True, server=address) as archive:
        notices = archive.move_to_local()
    chroma.start()

    assert notices == (f"the collection {name!r} stays on the Chroma server at {chroma.place}: Connection refused",)
    assert answers_of(moved, embedder, None)[1] == ()


def test_an_index_on_a_server_that_is_not_set_is_told_with_the_setting(moved: Path, embedder: HashEmbedder) -> None:
    assert answers_of(moved, embedder, None)[1] == (
        (
            "the index is on a Chroma server, and none is set; answers are as good without it; "
            "`dateline config set chroma.url URL` names it, `dateline index move --to-local` does without it"
        ),
    )


def test_a_move_to_a_server_that_refuses_changes_nothing(embedded: Path, tmp_path: Path) -> None:
    path = shutil.copytree(embedded, tmp_path / "archive")
    with closing(ScriptedServer([[head(503), b"busy"]])) as server:
        address = ServerAddress(f"http://127.0.0.1:{server.port}")
        with open_archive(path, writable=True, server=address) as served:
            with pytest.raises(ArchiveError, match="it answered 503: busy"):
                served.move_to_server()
            assert served.server_state().serving is None


def test_a_stalling_server_is_cut_off(moved: Path, embedder: HashEmbedder) -> None:
    with closing(ScriptedServer([[head(200, "application/json"), b'{"ids":', STALL]])) as server:
        address = ServerAddress(f"http://127.0.0.1:{server.port}")
        with open_archive(moved, embedder=embedder) as archive:
            table = opened(archive)._sealed
            assert table is not None
            index = ServerIndex(archive._catalog, address, deadline_s=0.2)

            with pytest.raises(ArchiveError, match=r"no answer within 0\.2 s"):
                index.nearest(table, embedder.embed_query("crate7x1"), 5)
        assert server.is_left.wait(30)
