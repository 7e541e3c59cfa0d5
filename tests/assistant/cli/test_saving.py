"""Sessions from the shell: what is saved and what not, continued, and never at the price of an answer."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.session_file import open_file, sessions_path
from tests.command_line import Ran, child_environment, dateline_command
from tests.model_server import WAIT, Model

Dateline = Callable[..., Ran]
Start = Callable[..., subprocess.Popen[bytes]]

QUESTION = "When was the Hollin dam built?"
OTHER = "Who refused to leave Gannet Rock?"


@pytest.fixture
def file(home: Path) -> Path:
    return sessions_path(home / "dateline")


@pytest.fixture
def ask(dateline: Dateline, weblog_archive: Path) -> Dateline:
    return lambda *arguments: dateline("-a", weblog_archive, "ask", *arguments)


def listed(dateline: Dateline, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dateline("sessions", "--json", *options).out)["sessions"]
    return found


def turns_of(dateline: Dateline, name: str) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = json.loads(dateline("sessions", name, "--json").out)["turns"]
    return turns


def test_where_nobody_looks_nothing_is_saved(
    ask: Dateline, dateline_process: Dateline, weblog_archive: Path, file: Path
) -> None:
    assert ask(QUESTION).code == 0
    assert dateline_process("-a", weblog_archive, "ask", "--batch", stdin=f"{QUESTION}\n").code == 0

    assert not file.exists()


@pytest.mark.parametrize(
    ("options", "saved"), [((), True), (("--no-save",), False), (("--json",), False), (("--json", "--save"), True)]
)
def test_what_a_person_asks_on_a_terminal_is_saved(
    weblog_archive: Path, file: Path, options: tuple[str, ...], *, saved: bool
) -> None:
    ours, theirs = pty.openpty()
    command = dateline_command("-a", weblog_archive, "ask", *options, QUESTION)

    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, env=child_environment(), timeout=60, check=False
    )

    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0
    assert file.exists() == saved


def test_each_question_is_a_session_of_its_own_unless_it_continues_one(ask: Dateline, dateline: Dateline) -> None:
    ask(QUESTION, "--save")
    ask(OTHER, "--save")

    ran = ask("Who is the engineer of the board?", "-c")

    last, first = listed(dateline)
    assert (first["questions"], first["first_asked"]) == (1, QUESTION)
    assert (last["questions"], last["first_asked"]) == (2, OTHER)
    assert ran.err.startswith(f"continuing session {last['id']!r}: 1 question, begun with {OTHER!r}\n")


def test_what_is_saved_is_what_json_prints(ask: Dateline, dateline: Dateline, weblog_archive: Path) -> None:
    printed = json.loads(ask(QUESTION, "--save", "--json", "--since", "2015").out)

    (session,) = listed(dateline)
    (turn,) = turns_of(dateline, session["id"])
    assert turn["answer"] == printed
    assert (turn["state"], turn["scope"]["since"]) == ("finished", "2015-01-01")
    assert session["archive"] == str(weblog_archive.resolve())


def test_a_question_without_an_answer_is_saved_too(ask: Dateline, dateline: Dateline) -> None:
    assert ask("Who won the chess tournament in Reykjavik?", "--session", "chess").code == 1

    assert [turn["state"] for turn in turns_of(dateline, "chess")] == ["abstained"]


def test_a_named_session_is_started_and_then_continued(ask: Dateline, dateline: Dateline) -> None:
    first, second = ask(QUESTION, "--session", "dams"), ask(OTHER, "--session", "dams")

    assert first.err == "new session 'dams'\n"
    assert second.err.startswith(f"continuing session 'dams': 1 question, begun with {QUESTION!r}\n")
    assert [turn["answer"]["asked"] for turn in turns_of(dateline, "dams")] == [QUESTION, OTHER]
    assert ask(QUESTION, "-c").err.startswith("continuing session 'dams': 2 questions")


def test_a_session_may_be_continued_without_being_saved(ask: Dateline, dateline: Dateline) -> None:
    ask(QUESTION, "--session", "dams")

    assert ask(OTHER, "-c", "--no-save").err.startswith("continuing session 'dams'")
    assert len(turns_of(dateline, "dams")) == 1


def test_a_question_that_leans_on_the_session_is_asked_standing_alone_and_says_so(ask: Dateline) -> None:
    ask(QUESTION, "--save")
    standing = "What is the Hollin dam built from?"

    shown, printed = ask("What is it built from?", "-c"), ask("What is it built from?", "-c", "--no-save", "--json")

    assert (shown.code, f"understood as: {standing}\n" in shown.err) == (0, True)
    assert "The dam was built in 1931 from local granite." in shown.out
    answer = json.loads(printed.out)
    assert (answer["question"], answer["asked"]) == (standing, "What is it built from?")


def test_without_a_session_to_continue_the_question_is_asked_as_it_stands(ask: Dateline, dateline: Dateline) -> None:
    ran = ask(QUESTION, "-c")

    assert (ran.code, ran.err) == (0, "there is no session with this archive to continue; asked as it stands\n")
    assert [session["first_asked"] for session in listed(dateline)] == [QUESTION]


def test_the_session_of_another_archive_is_not_continued(
    ask: Dateline, dateline: Dateline, weblog_archive: Path, tmp_path: Path
) -> None:
    ask(QUESTION, "--session", "dams")
    (tmp_path / "a.txt").write_text("Mill closes\n\nThe Orrin mill closed on Monday.", encoding="utf-8")
    dateline("-a", tmp_path / "other", "add", tmp_path / "a.txt", "--no-embed")

    named = dateline("-a", tmp_path / "other", "ask", "Which mill closed?", "--session", "dams")
    last = dateline("-a", tmp_path / "other", "ask", "Which mill closed?", "-c")

    assert named == Ran(
        2,
        "",
        f"dateline: session 'dams' is one with the archive at {str(weblog_archive.resolve())!r}; "
        "name that archive with -a, or choose another name for a new session\n",
    )
    assert "no session with this archive" in last.err
    assert len(listed(dateline, "-a", str(weblog_archive))) == 1
    assert len(listed(dateline)) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Who?", "-c", "--session", "a"), "give --continue or --session, not both"),
        (("--batch", "-c"), "--batch asks each question by itself and saves none"),
        (("--batch", "--session", "a"), "--batch asks each question by itself and saves none"),
        (("--batch", "--save"), "--batch asks each question by itself and saves none"),
    ],
)
def test_what_does_not_go_together_is_refused(ask: Dateline, arguments: tuple[str, ...], told: str) -> None:
    assert ask(*arguments) == Ran(2, "", f"dateline: {told}; see `dateline ask --help`\n")


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[31m"])
def test_a_name_that_cannot_be_one_is_refused(ask: Dateline, name: str) -> None:
    ran = ask(QUESTION, "--session", name)

    assert (ran.code, ran.out) == (2, "")
    assert "cannot be a session's name; give one of 1 to 100 characters" in ran.err


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_sessions_of_a_newer_version_cost_a_notice_and_no_answer(ask: Dateline, dateline: Dateline, file: Path) -> None:
    answer = ask(QUESTION, "--save").out
    db = open_file(file)
    db.execute("PRAGMA user_version = 9")
    db.close()
    says = "has format 9, this version of dateline reads up to 1; upgrade with `pip install --upgrade dateline`"
    told = f"{str(file)!r} {says}"

    assert ask(QUESTION, "--save") == Ran(0, answer, f"this answer is not saved: {told}\n")
    assert ask(QUESTION, "-c") == Ran(0, answer, f"asked as it stands: {told}\n")
    assert dateline("sessions") == Ran(3, "", f"dateline: {told}\n")


def test_a_disk_that_is_full_costs_a_notice_and_no_answer(weblog_archive: Path, home: Path) -> None:
    # No file of this process may grow beyond what reading an archive takes: the sessions cannot be made.
    done = subprocess.run(
        dateline_command("-a", weblog_archive, "ask", "--save", QUESTION),
        capture_output=True,
        text=True,
        env=child_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert "The dam was built in 1931 from local granite." in done.stdout
    assert done.stderr.startswith("this answer is not saved: cannot open the sessions in ")
    assert list((home / "dateline").iterdir()) == []


def test_a_folder_that_cannot_be_written_to_costs_a_notice_and_no_answer(ask: Dateline, home: Path) -> None:
    (home / "dateline").write_text("in the way", encoding="utf-8")

    ran = ask(QUESTION, "--save")

    assert ran.code == 0
    assert "The dam was built in 1931 from local granite." in ran.out
    assert ran.err.startswith("this answer is not saved: cannot open the sessions in ")
    assert ran.err.count("\n") == 1


def test_a_session_that_another_process_holds_for_long_costs_no_answer(
    ask: Dateline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(QUESTION, "--save")
    monkeypatch.setattr("assistant.session_file._PATIENCE_S", 0.05)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    ran = ask(QUESTION, "--save")

    holder.close()
    assert ran.code == 0
    assert ran.err == f"this answer is not saved: cannot write to {str(file)!r}: database is locked\n"


def test_killed_in_the_middle_of_an_answer_what_was_shown_is_kept(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, dateline: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION, "-m", "openai:m")
    number = model.source_of("built in 1931")
    model.pieces = [f"The dam was built in 1931 from local granite [{number}]. It is ", WAIT, "old."]
    process = start_dateline(
        "-a", weblog_archive, "ask", "-m", "openai:m", "--session", "dams", QUESTION, stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    shown = os.read(process.stdout.fileno(), 1000).decode()

    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)

    (turn,) = turns_of(dateline, "dams")
    assert (turn["state"], turn["answer"]["answer"]) == ("unfinished", shown)
    assert "(cut short)" in dateline("sessions", "dams").out
    assert json.loads(dateline("sessions", "--search", "granite", "--json").out)["sessions"][0]["name"] == "dams"
    model.pieces = [f"It is old [{number}]."]
    assert ask(OTHER, "-c", "-m", "openai:m").code == 0


def test_a_session_that_is_deleted_while_it_is_answered_is_begun_anew(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, dateline: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION, "--session", "dams")
    ask(QUESTION, "-m", "openai:m")
    number = model.source_of("built in 1931")
    model.pieces = [f"The dam was built in 1931 from local granite [{number}]. It is ", WAIT, f"old [{number}]."]
    process = start_dateline("-a", weblog_archive, "ask", "-m", "openai:m", "-c", OTHER, stdout=-1, stderr=-1)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1000)

    dateline("sessions", "--delete", "dams")
    model.go_on.set()
    _, told = process.communicate(timeout=60)

    assert process.returncode == 0
    assert told.decode().endswith(
        "session 'dams' was deleted meanwhile; it is begun anew with the 2 questions that are known here\n"
    )
    assert [turn["state"] for turn in turns_of(dateline, "dams")] == ["finished", "finished"]


def test_ctrl_c_keeps_what_was_shown(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, dateline: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION, "-m", "openai:m")
    number = model.source_of("built in 1931")
    model.pieces = [f"The dam was built in 1931 from local granite [{number}]. It is ", WAIT]
    process = start_dateline(
        "-a", weblog_archive, "ask", "-m", "openai:m", "--session", "dams", QUESTION, stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    shown = os.read(process.stdout.fileno(), 1000).decode()

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    (turn,) = turns_of(dateline, "dams")
    assert (process.returncode, turn["state"], turn["error"]) == (130, "incomplete", "interrupted")
    assert turn["answer"]["answer"] == shown


def test_a_question_that_a_model_refused_is_not_lost(
    serve: Callable[..., Model], ask: Dateline, dateline: Dateline
) -> None:
    serve(status=401)

    assert ask(QUESTION, "-m", "openai:m", "--session", "dams").code == 4

    (turn,) = turns_of(dateline, "dams")
    assert (turn["state"], turn["answer"]["asked"]) == ("failed", QUESTION)
    assert turn["error"]
    shown = dateline("sessions", "dams").out
    assert f"> {QUESTION}" in shown
    assert "(not answered: " in shown
