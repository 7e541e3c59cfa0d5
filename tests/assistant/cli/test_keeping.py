"""``dateline backup``, ``restore``, ``export`` and ``import`` as a person types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store.schema import FILE_NAME
from tests.command_line import Ran

Dateline = Callable[..., Ran]

QUESTION = "Who refused to leave Gannet Rock?"


def parsed(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture
def on_weblog(dateline: Dateline, weblog_archive: Path) -> Dateline:
    return lambda *arguments: dateline("-a", weblog_archive, *arguments)


@pytest.fixture
def backup(on_weblog: Dateline, tmp_path: Path) -> Path:
    assert on_weblog("backup", tmp_path / "b.dateline").code == 0
    return tmp_path / "b.dateline"


def test_what_is_restored_answers_as_what_was_backed_up(
    on_weblog: Dateline, dateline: Dateline, backup: Path, tmp_path: Path
) -> None:
    told = dateline("restore", backup, "--to", tmp_path / "again", "--json")

    assert parsed(told)["schema"] == "dateline.restored/1"
    again = dateline("-a", tmp_path / "again", "ask", QUESTION)
    assert (again.code, again.out) == (0, on_weblog("ask", QUESTION).out)


def test_a_session_comes_with_the_backup_and_back(dateline: Dateline, on_weblog: Dateline, tmp_path: Path) -> None:
    assert on_weblog("ask", "--session", "rock", QUESTION).code == 0
    assert on_weblog("backup", tmp_path / "b.dateline").code == 0
    assert dateline("sessions", "--delete", "rock").code == 0

    assert dateline("restore", tmp_path / "b.dateline", "--to", tmp_path / "again").code == 0

    assert QUESTION in dateline("sessions", "rock").out


def test_an_archive_is_not_restored_over_unless_that_is_said(dateline: Dateline, backup: Path, tmp_path: Path) -> None:
    place = tmp_path / "again"
    assert dateline("restore", backup, "--to", place).code == 0

    refused = dateline("restore", backup, "--to", place)
    replaced = dateline("restore", backup, "--to", place, "--replace")

    assert (refused.code, refused.out) == (3, "")
    assert "already" in refused.err
    assert "--replace" in refused.err
    assert replaced.code == 0
    (moved,) = tmp_path.glob("again.before-*")
    assert (moved / FILE_NAME).is_file()
    assert str(moved) in replaced.out + replaced.err


def test_backups_without_a_name_are_counted(on_weblog: Dateline) -> None:
    files = [parsed(on_weblog("backup", "--keep", "1", "--json"))["file"] for _ in range(2)]

    assert [Path(file).exists() for file in files] == [False, True]
    assert len(list(Path(files[-1]).parent.iterdir())) == 1


def test_two_backups_of_one_second_are_two(on_weblog: Dateline) -> None:
    files = {parsed(on_weblog("backup", "--json"))["file"] for _ in range(3)}

    assert len(files) == 3


@pytest.mark.parametrize("content", [b"", b"no backup at all" * 600])
def test_what_is_no_backup_is_named(dateline: Dateline, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.dateline").write_bytes(content)

    told = dateline("restore", tmp_path / "x.dateline", "--to", tmp_path / "again")

    assert (told.code, told.out) == (3, "")
    assert "x.dateline" in told.err
    assert "Traceback" not in told.err
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.jsonl.zst"])
def test_what_is_exported_is_imported_whole(dateline: Dateline, on_weblog: Dateline, tmp_path: Path, name: str) -> None:
    assert on_weblog("export", "--vectors", "-o", tmp_path / name).code == 0
    assert ((tmp_path / name).stat().st_mode & 0o777) == 0o600

    report = parsed(dateline("-a", tmp_path / "other", "import", tmp_path / name, "--json"))

    assert (report["added"], report["updated"], report["skipped"]) == (2, 0, [])
    assert dateline("-a", tmp_path / "other", "ask", QUESTION).out == on_weblog("ask", QUESTION).out
    unpacked = on_weblog("export").out
    assert dateline("-a", tmp_path / "other", "export").out == unpacked
    assert [json.loads(line) for line in unpacked.splitlines()]


def test_an_export_does_not_replace_a_file_by_itself(on_weblog: Dateline, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text("mine", encoding="utf-8")

    refused = on_weblog("export", "-o", tmp_path / "mine.jsonl")

    assert refused.code != 0
    assert "--overwrite" in refused.err
    assert (tmp_path / "mine.jsonl").read_text(encoding="utf-8") == "mine"
    assert on_weblog("export", "-o", tmp_path / "mine.jsonl", "--overwrite").code == 0


def test_an_export_of_nothing_says_so(on_weblog: Dateline) -> None:
    assert on_weblog("export", "--since", "2030").code == 1


def test_an_import_that_will_not_fit_begins_nothing(
    dateline: Dateline, on_weblog: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_weblog("export", "-o", tmp_path / "all.jsonl").code == 0
    monkeypatch.setattr("store.disk.free_bytes", lambda _: 20_000_000)

    refused = dateline("-a", tmp_path / "other", "import", tmp_path / "all.jsonl")

    assert (refused.code, refused.out) == (3, "")
    assert "importing this needs about" in refused.err
    assert not (tmp_path / "other").exists()
