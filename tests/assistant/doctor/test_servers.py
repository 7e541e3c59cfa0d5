"""The doctor asks the servers on this machine whether they are there, and none elsewhere."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import Chroma, Config, Embeddings
from assistant.doctor.findings import Patient, problem
from assistant.doctor.servers import examine_chroma, examine_embeddings
from store.archive import create_archive
from store.embedding import find_weights, open_query_embedder
from store.schema import FILE_NAME
from tests.embedding_server import Server
from tests.scripted_server import KEY, ScriptedServer, head


@pytest.fixture
def config(tmp_path: Path) -> Config:
    create_archive(tmp_path / "archive", embedder=None).close()
    return Config(home=tmp_path, prompts=tmp_path, archive=str(tmp_path / "archive"))


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the address of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_without_a_server_nothing_is_said(config: Config) -> None:
    assert list(examine_chroma(Patient(config, env={}))) == []


def test_a_server_that_does_not_answer_is_a_problem(config: Config, silent: str) -> None:
    (found,) = examine_chroma(Patient(replace(config, chroma=Chroma(silent)), env={}))

    assert (found.mark, silent in found.text) == ("problem", True)
    assert "--to-local" in str(found.remedy)


def test_a_server_elsewhere_is_not_asked(config: Config) -> None:
    chroma = Chroma("https://chroma.example")

    (found,) = examine_chroma(Patient(replace(config, chroma=chroma), env={}))

    assert (found.mark, "not asked" in found.text) == ("ok", True)


def test_a_secret_that_is_not_set_is_a_problem(config: Config, silent: str) -> None:
    chroma = Chroma(silent, token_env="CHROMA_SECRET")  # noqa: S106 - the name of a variable

    (found,) = examine_chroma(Patient(replace(config, chroma=chroma), env={}))

    assert (found.mark, found.text) == ("problem", "CHROMA_SECRET is not set, and [chroma] names it")


def test_an_index_on_a_server_that_is_not_set_any_more_is_a_problem(config: Config) -> None:
    collection = json.dumps({"name": "dateline-a-1", "id": "1", "sequence": 0, "digest": "d"})
    with closing(sqlite3.connect(Path(config.archive) / FILE_NAME)) as db, db:
        db.execute("INSERT INTO manifest(name, value) VALUES ('server', ?)", (collection,))

    (found,) = examine_chroma(Patient(config, env={}))

    assert found == problem(
        "the vector index is on a Chroma server: chroma.url is not set; exact search answers",
        "`dateline config set chroma.url URL` names it, `dateline index move --to-local` does without it",
    )


def test_a_server_that_lets_nobody_in_is_told_with_the_setting_and_not_with_the_key(config: Config) -> None:
    refusal = f'{{"message": "not the key {KEY}"}}'.encode()
    chroma = Chroma("", token_env="CHROMA_SECRET")  # noqa: S106 - the name of a variable
    with closing(ScriptedServer([[head(401, "application/json"), refusal]])) as server:
        url = f"http://127.0.0.1:{server.port}"
        patient = Patient(replace(config, chroma=replace(chroma, url=url)), env={"CHROMA_SECRET": KEY})

        (found,) = examine_chroma(patient)

    assert found == problem(
        f'{url} does not answer: it answered 401: {{"message": "not the key ***"}}',
        "`dateline config set chroma.token_env NAME`, or chroma.headers.NAME, names the variable that holds its key",
    )


def embeddings_of(config: Config, url: str, api_key_env: str | None = None) -> list[tuple[str, str]]:
    patient = Patient(replace(config, embeddings=Embeddings(url, "bge", api_key_env=api_key_env)), env={})
    return [(found.mark, found.text) for found in examine_embeddings(patient)]


def test_without_a_server_of_embeddings_nothing_is_said(config: Config) -> None:
    assert list(examine_embeddings(Patient(config, env={}))) == []


@pytest.mark.parametrize(("turned", "mark", "said"), [(1.0, "ok", "embeds as"), (-1.0, "problem", "another model")])
def test_a_server_of_embeddings_must_have_the_archives_model(
    config: Config, turned: float, mark: str, said: str
) -> None:
    server = Server(open_query_embedder(find_weights("bge-small-en-v1.5-int8")))
    server.turned = turned
    try:
        ((found, text),) = embeddings_of(config, server.url)
    finally:
        server.http.shutdown()
        server.http.server_close()

    assert (found, said in text) == (mark, True)


def test_a_server_of_embeddings_that_does_not_answer_is_a_problem(config: Config, silent: str) -> None:
    ((mark, text),) = embeddings_of(config, silent)

    assert (mark, f"{silent} does not embed: no answer within" in text) == ("problem", True)


def test_a_server_of_embeddings_elsewhere_is_not_asked(config: Config) -> None:
    ((mark, text),) = embeddings_of(config, "https://embed.example/v1")

    assert (mark, "not asked" in text) == ("ok", True)


def test_a_key_for_embeddings_that_is_not_set_is_a_problem(config: Config, silent: str) -> None:
    told = embeddings_of(config, silent, api_key_env="EMBED_SECRET")

    assert told == [("problem", "EMBED_SECRET is not set, and [embeddings] names it")]
