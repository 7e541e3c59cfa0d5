"""Progress as JSON lines for the program that began the run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from assistant.cli.progress import ProgressPipe
from store.records import Draft
from tests.command_line import child_environment, dateline_command
from tests.invented import invented


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return child_environment(HOME=str(tmp_path), DATELINE_HOME=str(tmp_path / "home"))


def write_articles(path: Path, number: int) -> Path:
    def line(draft: Draft) -> str:
        return json.dumps({"id": draft.id, "headline": draft.headline, "body": draft.body})

    path.write_text("\n".join(line(invented(i)) for i in range(number)), encoding="utf-8")
    return path


def test_each_stage_is_told_from_its_beginning_to_its_end(tmp_path: Path, home: dict[str, str]) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 90)
    reading, writing = os.pipe()

    with os.fdopen(reading) as lines:
        done = subprocess.run(
            dateline_command("add", "--json", "--progress-fd", str(writing), file),
            env=home,
            pass_fds=[writing],
            capture_output=True,
            timeout=120,
            check=True,
        )
        os.close(writing)
        told = [json.loads(line) for line in lines]

    assert json.loads(done.stdout)["added"] == 90
    assert done.stderr == b""
    assert all(set(line) == {"stage", "done", "total"} for line in told)
    assert told[0] == {"stage": "articles", "done": 90, "total": None}
    vectors = [line for line in told if line["stage"] == "vectors"]
    assert (vectors[0]["done"], vectors[-1]["done"]) == (0, vectors[0]["total"])


def test_a_run_that_nobody_follows_any_more_ends_and_keeps_what_it_added(tmp_path: Path, home: dict[str, str]) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 450)
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        dateline_command("add", "--progress-fd", str(writing), file),
        env=home,
        pass_fds=[writing],
        capture_output=True,
        timeout=120,
        check=False,
    )
    os.close(writing)
    listed = subprocess.run(dateline_command("list"), env=home, capture_output=True, timeout=120, check=True)

    assert (done.returncode, done.stderr) == (141, b"")
    assert len(listed.stdout.splitlines()) == 200  # one batch


def test_a_descriptor_that_is_not_open_is_refused_before_anything_is_done(tmp_path: Path, home: dict[str, str]) -> None:
    file = write_articles(tmp_path / "logs.jsonl", 1)

    done = subprocess.run(
        dateline_command("add", "--progress-fd", "77", file), env=home, capture_output=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert done.stderr == b"dateline: --progress-fd 77: Bad file descriptor\n"
    assert not (tmp_path / "home").exists()


def test_help_does_not_show_it(home: dict[str, str]) -> None:
    done = subprocess.run(dateline_command("add", "--help"), env=home, capture_output=True, timeout=60, check=True)

    assert b"progress-fd" not in done.stdout


def test_what_comes_thick_and_fast_is_thinned_out() -> None:
    reading, writing = os.pipe()
    tell = ProgressPipe(writing)

    for done in range(1_001):
        tell("vectors", done, 1_000)
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = [json.loads(line)["done"] for line in lines]

    assert (told[0], told[-1]) == (0, 1_000)
    assert len(told) < 500
