"""The doctor knows a missing model from a changed one, and a server that is gone from one that is elsewhere."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import Config, ModelProfile
from assistant.doctor.findings import Patient
from assistant.doctor.models import examine_embedder, examine_llms, examine_reranker
from store.archive import create_archive
from store.embedding import find_weights
from store.schema import FILE_NAME


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(home=tmp_path, prompts=tmp_path, archive=str(tmp_path / "archive"))


@pytest.fixture
def dead_url() -> str:
    """Give the address of a server on this machine that nobody runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


@pytest.fixture
def weights(config: Config, tmp_path: Path) -> Path:
    """Give the weight file of the model that the archive of ``config`` says it was made with."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"hidden_size": 8}', encoding="utf-8")
    file = tmp_path / "model" / "model.safetensors"
    file.write_bytes(b"weights")
    create_archive(Path(config.archive), embedder=None).close()
    found = find_weights(str(file.parent))
    settings = {"embedder": str(file.parent), "digest": found.digest(), "stamp": found.stamp(), "dimension": "8"}
    with closing(sqlite3.connect(Path(config.archive) / FILE_NAME)) as db, db:
        db.executemany("INSERT INTO manifest(name, value) VALUES (?, ?)", settings.items())
    return file


def test_the_model_that_comes_with_the_installation_is_there(config: Config) -> None:
    (found,) = examine_embedder(Patient(config))

    assert (found.mark, found.remedy) == ("ok", None)


def test_a_model_that_is_not_here_is_a_problem(config: Config) -> None:
    (found,) = examine_embedder(Patient(replace(config, embedder="nobody/has-this")))

    assert (found.mark, found.text) == (
        "problem",
        "the embedding model 'nobody/has-this' is not on this machine: only words are searched",
    )
    assert "--download" in str(found.remedy)


def test_the_weights_that_an_archive_was_made_with_are_known_again(config: Config, weights: Path) -> None:
    assert [found.mark for found in examine_embedder(Patient(config))] == ["ok"]

    weights.write_bytes(b"other weights")
    (found,) = examine_embedder(Patient(config))

    assert found.mark == "problem"
    assert "is not the one this archive was made with" in found.text
    assert "dateline rebuild --embedder" in str(found.remedy)


def test_weights_that_rot_under_their_name_are_told_from_those_they_were(config: Config, weights: Path) -> None:
    before = weights.stat()
    weights.write_bytes(b"weighty")
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))

    (found,) = examine_embedder(Patient(config))

    assert found.mark == "problem"
    assert "have changed under their name" in found.text


def test_weights_of_another_dimension_are_a_problem(config: Config, weights: Path) -> None:
    (weights.parent / "config.json").write_text('{"hidden_size": 16}', encoding="utf-8")

    (found,) = examine_embedder(Patient(config))

    assert (found.mark, "vectors of 16 numbers, those of the archive have 8" in found.text) == ("problem", True)


def test_the_reranker_is_looked_at_where_it_is_used(config: Config) -> None:
    assert list(examine_reranker(Patient(config))) == []

    (found,) = examine_reranker(Patient(replace(config, rerank=True, reranker="nobody/has-this")))
    assert found.mark == "problem"


def test_what_answers_without_a_server_is_well(config: Config) -> None:
    assert [found.mark for found in examine_llms(Patient(config, env={}))] == ["ok"]


def test_a_server_that_is_gone_is_a_problem_where_it_is_the_one_to_answer(config: Config, dead_url: str) -> None:
    profiles = {name: ModelProfile(provider="openai", model="m", base_url=dead_url) for name in ("mine", "other")}

    found = list(examine_llms(Patient(replace(config, model="mine", models=profiles), env={})))

    assert [one.mark for one in found] == ["problem", "warning"]
    assert all(dead_url in one.text and "unreachable" in one.text for one in found)
    assert all("extractive" in str(one.remedy) for one in found)


def test_a_server_elsewhere_is_not_asked(config: Config) -> None:
    profile = ModelProfile(provider="openai", model="m", base_url="https://models.example/v1")

    (found,) = examine_llms(Patient(replace(config, model="far", models={"far": profile}), env={"OPENAI_API_KEY": "k"}))

    assert found.mark == "ok"
    assert "not asked" in found.text


def test_a_name_that_is_no_model_is_a_problem(config: Config) -> None:
    (found,) = examine_llms(Patient(replace(config, model="nonsense"), env={}))

    assert (found.mark, "nonsense" in found.text) == ("problem", True)
