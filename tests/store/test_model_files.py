from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from store.model_files import cached_snapshot, carried_files, file_digest, file_stamp


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an installed package that must not be imported."""
    folder = tmp_path / "site" / "tide_model"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_a_file_inside_a_package_is_found_without_importing_it(package: Path) -> None:
    (package / "data").mkdir()
    (package / "data" / "model.onnx").touch()

    assert list(carried_files("tide_model", "data/model.onnx")) == [package / "data" / "model.onnx"]


def test_a_package_without_the_file_carries_nothing(package: Path) -> None:
    assert list(carried_files(package.name, "model.onnx")) == []


def test_a_package_that_is_not_installed_carries_nothing() -> None:
    assert list(carried_files("tide_model_that_is_not_here", "model.onnx")) == []


def test_a_single_module_carries_nothing() -> None:
    assert list(carried_files("this", "model.onnx")) == []


def test_the_current_files_of_a_model_are_found_in_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "models--harbour--tide"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc\n", encoding="ascii")
    assert cached_snapshot("harbour/tide", env={"HF_HUB_CACHE": str(tmp_path)}) is None

    (folder / "snapshots" / "abc").mkdir(parents=True)
    (folder / "snapshots" / "abc" / "config.json").touch()

    assert cached_snapshot("harbour/tide", env={"HF_HUB_CACHE": str(tmp_path)}) == folder / "snapshots" / "abc"


def test_a_damaged_cache_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "models--harbour--tide" / "refs"
    folder.mkdir(parents=True)
    (folder / "main").write_bytes(b"\xff\xfe")

    assert cached_snapshot("harbour/tide", env={"HF_HUB_CACHE": str(tmp_path)}) is None


def test_a_digest_is_the_sha256_of_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"ab" * 1_500_000)

    assert file_digest(tmp_path / "file") == sha256(b"ab" * 1_500_000).hexdigest()


def test_a_stamp_stays_as_long_as_the_file_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    stamp = file_stamp(file)
    assert file_stamp(file) == stamp

    os.utime(file, ns=(0, 0))

    assert file_stamp(file) != stamp
