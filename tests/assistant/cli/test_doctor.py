"""``dateline doctor``: what ails an installation and its archive, each with the command that helps."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store.locking import writer_lock
from tests.command_line import Ran

Dateline = Callable[..., Ran]


@pytest.fixture
def path(weblog_archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(weblog_archive, tmp_path / "own"))


def findings(dateline: Dateline, *arguments: str | Path) -> list[dict[str, Any]]:
    record = json.loads(dateline(*arguments, "doctor", "--json").out)
    assert record["schema"] == "dateline.doctor/1"
    found: list[dict[str, Any]] = record["findings"]
    assert all(list(one) == ["section", "mark", "text", "remedy"] for one in found)
    assert all(one["remedy"] for one in found if one["mark"] == "problem")
    return found


def of(found: list[dict[str, Any]], section: str) -> list[tuple[str, str, str | None]]:
    return [(one["mark"], one["text"], one["remedy"]) for one in found if one["section"] == section]


def test_a_sound_archive_has_no_problem(dateline: Dateline, path: Path) -> None:
    told = dateline("-a", path, "doctor")

    assert told.code == 0
    assert "2 articles in 2 passages" in told.out
    assert "problem" not in told.out.splitlines()[-1]


def test_who_has_no_archive_yet_is_told_how_to_begin(dateline: Dateline, tmp_path: Path) -> None:
    told = dateline("-a", tmp_path / "none", "doctor")

    assert "dateline add" in told.out
    assert "Traceback" not in told.out + told.err


def test_a_damaged_archive_is_a_problem(dateline: Dateline, path: Path) -> None:
    (path / "archive.sqlite3").write_bytes(b"\xff" * 9_000)

    told = dateline("-a", path, "doctor")

    assert told.code == 3
    assert any(mark == "problem" for mark, *_ in of(findings(dateline, "-a", path), "archive"))


def test_who_writes_now_is_named(dateline: Dateline, path: Path) -> None:
    with writer_lock(path):
        told = " ".join(text for _, text, _ in of(findings(dateline, "-a", path), "archive"))

    assert str(os.getpid()) in told


def test_a_config_file_that_cannot_be_read_is_a_problem(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("archive = [", encoding="utf-8")

    told = dateline("--config", tmp_path / "bad.toml", "doctor")

    assert told.code in {2, 3}
    assert "bad.toml" in told.out + told.err


def test_a_server_that_does_not_answer_is_named(dateline: Dateline, path: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        "model = 'mine'\n[models.mine]\nbase_url = 'http://127.0.0.1:9/v1'\nmodel = 'm'\n", encoding="utf-8"
    )

    told = dateline("--config", tmp_path / "own.toml", "-a", path, "doctor")

    assert "127.0.0.1:9" in told.out
