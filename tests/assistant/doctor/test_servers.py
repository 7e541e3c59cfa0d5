"""The doctor asks a Chroma server on this machine whether it is there, and none elsewhere."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import Chroma, Config
from assistant.doctor.findings import Patient
from assistant.doctor.servers import examine_chroma
from store.archive import create_archive
from store.schema import FILE_NAME


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

    assert (found.mark, found.text) == ("problem", "the vector index is on a Chroma server: chroma.url is not set")
