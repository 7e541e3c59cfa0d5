"""Passages embedded by a server: the same model or none, asked again where that helps, and never believed blindly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest

import assistant.config
from store.archive import Archive, create_archive
from store.embedding import Embedder, find_weights, open_query_embedder
from store.embedding.endpoint import REQUESTS, TEXTS, Api, Endpoint, EndpointEmbedder
from store.errors import EmbedderError
from store.records import Draft
from tests.embedding_server import Answer, Server

if TYPE_CHECKING:
    pass

QUESTION = "Which ferry sank?"


@pytest.fixture(scope="module")
def model() -> Embedder:
    return open_query_embedder(find_weights("bge-small-en-v1.5-int8"))


@pytest.fixture
def server(model: Embedder) -> Iterator[Server]:
    server = Server(model)
    yield server
    server.released.set()
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.embedding.endpoint._PAUSES_S", (0.0, 0.0))


def opened(server: Server, api: Api = "openai", **headers: str) -> EndpointEmbedder:
    return EndpointEmbedder(server.model.weights, Endpoint(server.url, "bge", api, headers))


@pytest.mark.parametrize("api", get_args(Api))
def test_vectors_are_those_of_the_model_here(server: Server, model: Embedder, api: Api) -> None:
    texts = [f"Ferry number {i} sank off Skelby." for i in range(2 * TEXTS + 3)]

    vectors = opened(server, api).embed_passages(texts)

    assert np.allclose(vectors, model.embed_passages(texts), atol=1e-5)
    assert max(len(asked.get("input", asked.get("inputs", ()))) for asked in server.asked) == TEXTS


def test_questions_are_embedded_here(server: Server, model: Embedder) -> None:
    embedder = opened(server)
    server.asked.clear()

    assert np.array_equal(embedder.embed_query(QUESTION), model.embed_query(QUESTION))
    assert server.asked == []


def test_a_server_with_another_model_is_refused_before_anything_is_stored(server: Server) -> None:
    server.turned = -1.0

    with pytest.raises(EmbedderError, match="runs another model than") as raised:
        opened(server)

    assert "rebuild --embedder" in (raised.value.hint or "")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("answer", [(503, {}, b"busy"), (429, {"retry-after": "0"}, b"{}"), (500, {}, b"<html>")])
def test_what_may_pass_is_asked_again(server: Server, answer: Answer) -> None:
    server.answers = [answer, answer]

    assert len(opened(server).embed_passages(["The ferry sank."])) == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((401, {}, b"no"), "401"),
        ((404, {}, b"no"), "404"),
        ((200, {}, b"<html>"), "does not embed"),
        ((200, {}, {"data": []}), "the shape"),
        ((200, {}, {"data": [{"index": 0, "embedding": [0.1, 0.2]}]}), "the shape"),
        ((200, {}, {"data": [{"index": i, "embedding": [0.0] * 384} for i in range(3)]}), "what is no vector"),
        ((200, {}, {"data": [{"index": i, "embedding": ["x"] * 384} for i in range(3)]}), "no embeddings"),
        ((200, {}, {"vectors": []}), "no embeddings"),
        ((200, {}, b'{"data": [{"index": Infinity, "embedding": [0.1]}]}'), "no embeddings"),
        ((200, {}, {"data": [{"index": i, "embedding": [1e300] * 384} for i in range(3)]}), "what is no vector"),
    ],
)
def test_what_is_no_answer_is_told_with_what_to_do(server: Server, answer: Answer, told: str) -> None:
    server.answers = [answer] * 4

    with pytest.raises(EmbedderError, match="does not embed") as raised:
        opened(server)

    assert told in str(raised.value)
    assert "dateline embed" in (raised.value.hint or "")


@pytest.mark.parametrize(("status", "setting"), [(401, "embeddings.api_key_env"), (404, "embeddings.url ends before")])
def test_what_a_setting_can_mend_is_told_with_the_setting(server: Server, status: int, setting: str) -> None:
    server.answers = [(status, {}, b"no")]

    with pytest.raises(EmbedderError) as raised:
        opened(server)

    assert setting in (raised.value.hint or "")


def test_the_key_goes_to_the_server_and_to_no_other_machine_in_plain_text(server: Server) -> None:
    opened(server, authorization="Bearer secret")

    assert set(server.keys) == {"Bearer secret"}
    endpoint = Endpoint("http://embeddings.example/v1", "bge", headers={"authorization": "Bearer secret"})
    with pytest.raises(EmbedderError, match="plain text") as raised:
        EndpointEmbedder(server.model.weights, endpoint)
    assert "secret" not in str(raised.value)


def test_an_archive_embedded_there_is_searched_here(
    server: Server, tmp_path: Path, write: Callable[..., Draft], ferry: Draft
) -> None:
    with create_archive(tmp_path / "archive", embedder="bge-small-en-v1.5-int8") as archive:
        archive.add([ferry, write(1)])

        made = embed(archive, server)
        server.http.shutdown()

        assert made == 2
        assert archive.search(QUESTION, 1).hits[0].scorer == "fused"
        assert archive.problems() == []


def embed(archive: Archive, server: Server) -> int:
    return archive.embed(endpoint=Endpoint(server.url, "bge")).vectors


def test_the_settings_know_the_same_ways_to_ask() -> None:
    assert get_args(assistant.config.Api) == get_args(Api)


def test_where_one_request_is_refused_the_others_are_not_waited_for(server: Server) -> None:
    embedder = opened(server)
    server.released.clear()
    server.refused_text = f"Ferry {TEXTS} sank."  # in the second request: the first has no answer yet
    before, asked = threading.active_count(), len(server.asked)

    with pytest.raises(EmbedderError, match="does not embed: it answered 401"):
        embedder.embed_passages([f"Ferry {i} sank." for i in range(10 * TEXTS)])

    # The server, which answers nothing else, is still being waited for, and what was left to send is not sent.
    assert threading.active_count() > before
    server.released.set()
    assert len(server.asked) - asked <= REQUESTS + 1


def test_a_server_that_never_answers_costs_the_patience_that_there_is(server: Server) -> None:
    server.released.clear()
    begun = time.monotonic()

    with pytest.raises(EmbedderError, match=r"does not embed: no answer within 0\.\d+ s"):
        EndpointEmbedder(server.model.weights, Endpoint(server.url, "bge"), patience_s=0.4)

    assert time.monotonic() - begun < 20
