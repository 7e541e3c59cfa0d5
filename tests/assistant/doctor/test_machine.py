"""The doctor tells of settings, disk and terminal what a person can mend."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import Chroma, Config, Embeddings, ModelProfile
from assistant.doctor import LONGEST_S, examine
from assistant.doctor.findings import Finding, Patient, ok
from assistant.doctor.machine import examine_disk, examine_settings


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(home=tmp_path, prompts=tmp_path, archive=str(tmp_path / "archive"))


def test_a_variable_that_nothing_reads_is_named_with_the_nearest(config: Config) -> None:
    found = list(examine_settings(Patient(config, env={"DATELINE_ARCHVE": "x", "DATELINE_MODEL": "m"})))

    assert [(one.mark, one.remedy) for one in found] == [
        ("ok", None),
        ("ok", None),
        ("warning", "unset DATELINE_ARCHVE  # did you mean DATELINE_ARCHIVE?"),
    ]


def test_a_variable_that_a_setting_names_is_read(config: Config) -> None:
    chroma = Chroma("https://chroma.example", token_env="DATELINE_TOKEN", headers={"X-Mine": "DATELINE_MINE"})  # noqa: S106 - the name of a variable
    embeddings = Embeddings("https://embeddings.example", "bge", api_key_env="DATELINE_KEY")
    models = {"one": ModelProfile(api_key_env="DATELINE_MODEL_KEY")}
    env = dict.fromkeys(("DATELINE_TOKEN", "DATELINE_MINE", "DATELINE_KEY", "DATELINE_MODEL_KEY"), "secret")

    named = replace(config, chroma=chroma, embeddings=embeddings, models=models)

    assert list(examine_settings(Patient(named, env=env))) == [ok("no config file: the defaults hold")]


def test_a_config_file_that_cannot_be_used_is_a_problem(config: Config) -> None:
    found = list(examine_settings(Patient(config, error=("unknown key 'modell'", "did you mean model?"), env={})))

    assert found == [Finding("problem", "unknown key 'modell'", "did you mean model?")]


def test_a_disk_with_little_room_is_named(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.disk.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1_000_000))

    (found, *_) = examine_disk(Patient(config, env={}))

    assert (found.mark, found.text) == (
        "warning",
        "1.0 MB are free, and the archive has 0 bytes: a rebuild or a backup may not fit",
    )


def test_an_examination_that_takes_long_is_left(config: Config) -> None:
    import threading

    done = threading.Event()

    def slow(_: Patient) -> Iterator[Finding]:
        yield ok("the first thing")
        done.wait(60)

    ((_, found),) = examine(Patient(config), longest_s=0.3, examinations={"slow": slow})
    done.set()

    assert [one.text for one in found] == ["the first thing", "this takes long and was left; the rest is not known"]
    assert LONGEST_S < 5


def test_what_an_examination_cannot_read_is_a_problem(config: Config) -> None:
    def failing(_: Patient) -> Iterator[Finding]:
        yield ok("the first thing")
        raise PermissionError(13, "Permission denied", "archive")

    ((_, found),) = examine(Patient(config), examinations={"failing": failing})

    assert [one.mark for one in found] == ["ok", "problem"]
