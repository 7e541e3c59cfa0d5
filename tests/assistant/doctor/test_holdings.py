"""The doctor tells of an archive, its index, its feeds and its backups what a person can mend."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.config import Config
from assistant.doctor import holdings
from assistant.doctor.findings import Patient
from assistant.doctor.holdings import examine_archive, examine_backups, examine_feeds, examine_index
from store.archive import Archive
from store.backup import FACTS_TABLE, write_backup
from store.records import Draft
from store.schema import FILE_NAME
from tests.earlier_formats import make_earlier


@pytest.fixture
def patient(archive: Archive, ferry: Draft, tmp_path: Path) -> Patient:
    """Give a patient with an archive of one article, which is not embedded."""
    archive.add([ferry])
    return Patient(Config(home=tmp_path, prompts=tmp_path, archive=str(archive.path)))


def test_a_sound_archive_is_well(patient: Patient) -> None:
    assert [found.mark for found in examine_archive(patient)] == ["ok", "ok", "ok"]


def test_a_look_that_would_take_long_is_cut_short(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "_LOOK_S", 0.0)
    monkeypatch.setattr(holdings, "_INSTRUCTIONS", 1)

    _, look, _ = examine_archive(patient)

    assert look.text == "a quick look finds nothing wrong with its file; `dateline check` looks further"


def test_rows_of_what_is_gone_are_a_problem(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.archive / FILE_NAME)) as db, db:
        db.execute("DELETE FROM articles")

    marks = [(found.mark, found.remedy) for found in examine_archive(patient)]

    assert ("problem", "dateline check --repair") in marks


def test_an_archive_of_an_earlier_format_is_named(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.archive / FILE_NAME)) as db:
        make_earlier(db, 2)

    found = [one for one in examine_archive(patient) if one.mark == "warning"]

    assert [one.text for one in found] == ["it has format 2 and is read as it is; today's is 4"]


def test_an_archive_that_may_only_be_read_is_named(patient: Patient) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only to root")
    (patient.archive / FILE_NAME).chmod(0o400)

    assert "chmod" in str(list(examine_archive(patient))[-1].remedy)


def test_where_there_is_no_archive_others_are_named(patient: Patient, tmp_path: Path) -> None:
    other = tmp_path / "archives" / "harbour" / FILE_NAME
    other.parent.mkdir(parents=True)
    other.touch()

    (found,) = examine_archive(replace(patient, config=replace(patient.config, archive=str(tmp_path / "none"))))

    assert (found.mark, found.remedy) == ("warning", "dateline -a harbour status")


def test_what_is_not_embedded_or_indexed_is_named(archive: Archive, patient: Patient) -> None:
    assert [found.remedy for found in examine_index(patient)] == ["dateline embed"]

    archive.embed()
    assert [found.mark for found in examine_index(patient)] == ["ok", "ok"]


def test_feeds_that_fail_are_named_with_how_to_leave_them(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.archive / FILE_NAME)) as db, db:
        for name, failures, is_gone in (("well", 0, 0), ("failing", 9, 0), ("gone", 0, 1)):
            db.execute(
                "INSERT INTO feeds(url, title, added_utc, failures, error, is_gone) VALUES (?, ?, ?, ?, ?, ?)",
                (f"https://{name}.example/feed", name, "2024-01-01T00:00:00+00:00", failures, "not there", is_gone),
            )

    found = list(examine_feeds(patient))

    assert [(one.mark, one.remedy) for one in found] == [
        ("warning", "dateline feeds remove 2"),
        ("warning", "dateline feeds remove 3"),
    ]
    assert found[0].text == "feed 2 (failing) failed 9 times in a row: not there"


def test_an_old_backup_is_a_reason_for_another(patient: Patient, tmp_path: Path) -> None:
    assert [found.remedy for found in examine_backups(patient)] == ["dateline backup"]

    (tmp_path / "backups").mkdir()
    made = write_backup(patient.archive / FILE_NAME, tmp_path / "backups" / "archive-1.dateline").file
    assert [found.mark for found in examine_backups(patient)] == ["ok"]

    then = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    with closing(sqlite3.connect(made)) as db, db:
        db.execute(f"UPDATE {FACTS_TABLE} SET value = ? WHERE name = 'made_utc'", (then,))
    (found,) = examine_backups(patient)
    assert found.text == "the latest is 40 days old"
