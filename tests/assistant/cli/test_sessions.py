"""``dateline sessions``: listed, read, searched, exported, renamed, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assistant.session_file import sessions_path
from assistant.sessions import open_sessions
from tests.command_line import Ran

Dateline = Callable[..., Ran]

QUESTION = "When was the Hollin dam built?"
OTHER = "Who refused to leave Gannet Rock?"


@pytest.fixture
def saved(dateline: Dateline, weblog_archive: Path) -> Dateline:
    """Give the command line where the sessions 'dams' and 'rock' are saved, 'rock' the later one."""
    for question, name in ((QUESTION, "dams"), (OTHER, "rock")):
        assert dateline("-a", weblog_archive, "ask", question, "--session", name).code == 0
    return dateline


def names(ran: Ran) -> list[str]:
    return [line.split()[0] for line in ran.out.splitlines()]


def test_sessions_are_listed_the_latest_first(saved: Dateline) -> None:
    ran = saved("sessions")

    assert (ran.code, names(ran), ran.err) == (0, ["rock", "dams"], "")
    assert ran.out.splitlines()[1].endswith(f"  1 question   {QUESTION}")


def test_a_long_list_is_cut_and_says_so(dateline: Dateline, weblog_archive: Path, home: Path) -> None:
    with closing(open_sessions(sessions_path(home / "dateline"))) as sessions:
        for i in range(23):
            sessions.start(weblog_archive, f"s{i}")

    ran = dateline("sessions")

    assert (len(names(ran)), ran.err) == (20, "and 3 earlier ones; --all lists them\n")
    assert len(names(dateline("sessions", "--all"))) == 23


def test_a_session_is_read_with_its_sources(saved: Dateline) -> None:
    ran = saved("sessions", "dams")

    assert ran.code == 0
    assert ran.out.startswith(f"> {QUESTION}\n  ")
    assert "The dam was built in 1931 from local granite. [" in ran.out
    assert "\n[1] AP · Wardens warn of cracks in the dam above Tarrow · 5 March 2015  " in ran.out


def test_sessions_are_searched(saved: Dateline) -> None:
    found, missing = saved("sessions", "--search", "granite"), saved("sessions", "--search", "zeppelin")

    assert (names(found), found.err) == (["dams"], "")
    assert missing == Ran(1, "", "'zeppelin' is in no session\n")
    assert json.loads(saved("sessions", "--search", "zeppelin", "--json").out)["sessions"] == []


def test_a_session_is_exported_in_the_form_that_the_name_asks_for(saved: Dateline, tmp_path: Path) -> None:
    markdown, json_file = tmp_path / "dams.md", tmp_path / "dams.json"

    assert saved("sessions", "dams", "--export", markdown) == Ran(0, f"written to {markdown}\n", "")
    assert saved("sessions", "dams", "--export", json_file).code == 0

    assert f"\n## 1. {QUESTION}\n" in markdown.read_text(encoding="utf-8")
    assert json_file.read_text(encoding="utf-8") == saved("sessions", "dams", "--json").out


def test_a_session_is_exported_to_stdout(saved: Dateline) -> None:
    ran = saved("sessions", "dams", "--export", "-")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith('---\ntitle: "dams"\n')
    assert saved("sessions", "dams", "--export", "-", "--json") == saved("sessions", "dams", "--json")


def test_in_a_folder_a_file_is_named_for_its_session(saved: Dateline, tmp_path: Path) -> None:
    assert saved("sessions", "dams", "--export", tmp_path).code == 0
    assert saved("sessions", "dams", "--export", tmp_path, "--json").code == 0

    assert sorted((file.name[:5], file.suffix) for file in tmp_path.iterdir()) == [("dams-", ".json"), ("dams-", ".md")]


def test_an_export_replaces_nothing_unless_told_to(saved: Dateline, tmp_path: Path) -> None:
    file = tmp_path / "dams.md"
    file.write_text("mine", encoding="utf-8")

    assert saved("sessions", "dams", "--export", file) == Ran(
        2, "", f"dateline: there is a file {str(file)!r} already; choose another name, or add --overwrite\n"
    )
    assert file.read_text(encoding="utf-8") == "mine"
    assert saved("sessions", "dams", "--export", file, "--overwrite").code == 0
    assert file.read_text(encoding="utf-8").startswith("---\n")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("dams", "--export", "dams.pdf"), 2, "'dams.pdf' says no format; let the name end with .md or .json"),
        (("dams", "--export", "dams.md", "--json"), 2, "'dams.md' is no name for JSON; let it end with .json"),
        (("none", "--export", "none.md"), 1, "there is no session 'none'; `dateline sessions` lists them"),
        (("dams", "--export", "none/dams.md"), 2, "there is no folder 'none'; make it, or name another"),
        (("--export", "dams.md"), 2, "--export needs the NAME of a session; see `dateline sessions --help`"),
    ],
)
def test_an_export_that_cannot_be_says_why(
    saved: Dateline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = saved("sessions", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"dateline: {told}")
    assert list(tmp_path.iterdir()) == []


def test_a_session_is_renamed(saved: Dateline) -> None:
    assert saved("sessions", "--rename", "dams", "Hollin dam") == Ran(0, "dams is now Hollin dam\n", "")
    assert saved("sessions", "Hollin dam").code == 0
    assert saved("sessions", "--rename", "Hollin dam", "rock") == Ran(
        2, "", "dateline: there is a session 'rock' already; choose another name\n"
    )


def test_sessions_are_deleted_all_or_none(saved: Dateline, home: Path) -> None:
    gone = Ran(1, "", "dateline: there is no session 'zeppelin'; `dateline sessions` lists them\n")

    assert saved("sessions", "--delete", "dams", "--delete", "zeppelin") == gone
    assert names(saved("sessions")) == ["rock", "dams"]
    assert saved("sessions", "--delete", "dams", "--delete", "rock", "--delete", "rock") == Ran(0, "2 deleted\n", "")
    assert saved("sessions") == Ran(1, "", "no session is saved\n")
    assert b"granite" not in sessions_path(home / "dateline").read_bytes()


def test_one_thing_at_a_time(saved: Dateline) -> None:
    ran = saved("sessions", "dams", "--search", "x")

    assert ran == Ran(
        2,
        "",
        "dateline: give one of NAME, --search, --rename, --delete and --all; see `dateline sessions --help`\n",
    )


def test_without_sessions_nothing_is_made(dateline: Dateline, home: Path) -> None:
    assert dateline("sessions") == Ran(1, "", "no session is saved\n")
    assert dateline("sessions", "x").code == 1
    assert dateline("sessions", "--delete", "x").code == 1
    assert not (home / "dateline").exists()
