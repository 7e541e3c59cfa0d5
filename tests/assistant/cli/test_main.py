"""``dateline`` as a whole: usage errors, exit codes, streams, signals."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.command_line import Ran, child_environment, dateline_command

Dateline = Callable[..., Ran]

ESCAPE = b"\x1b"
NO_DAY = "'soon' is not a day; write it as 2020-01-02, 2020-01 or 2020"


# -- usage -------------------------------------------------------------------------------------------------------------


def test_without_a_command_the_help_is_shown(dateline: Dateline) -> None:
    helped = dateline("--help")
    bare = dateline()

    assert (helped.code, helped.err) == (0, "")
    assert bare == Ran(2, "", helped.out)


def test_the_version_is_that_of_the_package(dateline: Dateline) -> None:
    try:
        expected = version("dateline")
    except ImportError:
        pytest.skip("the package is not installed, only its code is on the path")

    assert dateline("--version") == Ran(0, f"dateline {expected}\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["aks", "x"], "No such command 'aks': did you mean 'ask'?; see `dateline --help`"),
        (["xyzzy"], "No such command 'xyzzy'; see `dateline --help`"),
        (["remove", "--yess"], "No such option '--yess'. Did you mean '--yes'?; see `dateline remove --help`"),
        (["add"], "Missing argument 'SOURCES...'; see `dateline add --help`"),
        (["ask"], "give one question, or --batch and questions on stdin; see `dateline ask --help`"),
        (["ask", ""], "give one question, or --batch and questions on stdin; see `dateline ask --help`"),
        (["ask", "a", "--batch"], "give one question, or --batch and questions on stdin; see `dateline ask --help`"),
        (["ask", "a", "b"], "Got unexpected extra argument (b); see `dateline ask --help`"),
        (["ask", "a", "-k", "0"], "Invalid value for '-k': 0 is not in the range 1<=x<=100; see `dateline ask --help`"),
        (
            ["search", "a", "--since", "soon"],
            f"Invalid value for '--since': {NO_DAY}; see `dateline search --help`",
        ),
        (
            ["list", "--since", "2020-01-03", "--until", "2020-01-01"],
            "the window is empty: 2020-01-03 is after 2020-01-01; swap --since and --until",
        ),
        (
            ["-a", "b c", "list"],
            "'b c' cannot be an archive's name; use letters, digits, '.', '-' and '_', or give a path with a '/'",
        ),
        (["--config", "/nowhere/c.toml", "list"], "there is no config file '/nowhere/c.toml'"),
    ],
)
def test_wrong_usage_is_one_line_with_what_to_do(dateline: Dateline, arguments: list[str], told: str) -> None:
    assert dateline(*arguments) == Ran(2, "", f"dateline: {told}\n")


@pytest.mark.parametrize("question", [" ", "\n\t", "\u200b", os.fsdecode(b"\xff\xfe")])
def test_a_question_without_a_word_is_empty(dateline: Dateline, weblog_archive: Path, question: str) -> None:
    told = 'dateline: the question is empty; ask one: `dateline ask "Who…?"`\n'

    assert dateline("-a", weblog_archive, "ask", question) == Ran(2, "", told)


def test_a_question_with_bytes_that_are_no_text_is_asked_without_them(dateline: Dateline, weblog_archive: Path) -> None:
    ran = dateline("-a", weblog_archive, "ask", "--json", os.fsdecode(b"When was the dam built?\xff\x1b[31m"))

    assert (ran.code, json.loads(ran.out)["question"]) == (0, "When was the dam built?")


def test_an_unknown_key_of_the_configuration_names_file_and_nearest_key(dateline: Dateline, home: Path) -> None:
    file = home / "config/dateline/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("modell = 'extractive'\n", encoding="utf-8")

    assert dateline("list") == Ran(2, "", f"dateline: {file}: unknown key 'modell'; did you mean model?\n")


def test_an_unknown_model_is_named_with_the_known_ones(dateline: Dateline, weblog_archive: Path) -> None:
    told = (
        "dateline: unknown model 'gpt-9'; the models are extractive, openai:NAME, ollama:NAME, anthropic:NAME, "
        "gemini:NAME, local:PATH\n"
    )

    assert dateline("-a", weblog_archive, "ask", "-m", "gpt-9", "Who?") == Ran(2, "", told)


# -- archives that cannot answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [("ask", "Who?"), ("search", "ferry"), ("list",), ("show", "a"), ("status",), ("check",), ("embed",)]
)
def test_no_archive_ends_with_3(dateline: Dateline, home: Path, arguments: tuple[str, ...]) -> None:
    told = f"there is no archive at '{home}/dateline/archives/default'; make one with `dateline add FILE…`"

    assert dateline(*arguments) == Ran(3, "", f"dateline: {told}\n")


@pytest.fixture
def empty(dateline: Dateline, tmp_path: Path) -> Path:
    """Give an archive that holds no article."""
    assert dateline("-a", tmp_path / "empty", "add", tmp_path / "missing.txt").code == 2
    return tmp_path / "empty"


@pytest.mark.parametrize("arguments", [("ask", "Who?"), ("ask", "--json", "Who?"), ("search", "ferry")])
def test_an_empty_archive_ends_with_3(dateline: Dateline, empty: Path, arguments: tuple[str, ...]) -> None:
    told = "dateline: the archive holds no article; add some with `dateline add FILE…`\n"

    assert dateline("-a", empty, *arguments) == Ran(3, "", told)


def test_a_batch_on_an_empty_archive_ends_with_3(dateline_process: Dateline, empty: Path) -> None:
    ran = dateline_process("-a", empty, "ask", "--batch", stdin="Who?\n")

    told = "the archive holds no article; add some with `dateline add FILE…`"
    assert (ran.code, ran.err) == (3, f"dateline: 'Who?': {told}\n")
    assert json.loads(ran.out) == {
        "schema": "dateline.failure/1",
        "question": "Who?",
        "answered": False,
        "error": told,
        "code": 3,
    }


def test_a_damaged_archive_ends_with_3(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/archive.sqlite3").write_bytes(b"this is no database, and long enough to be looked at " * 9)

    ran = dateline("-a", tmp_path / "bad", "ask", "Who?")

    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert ran.err.startswith(f"dateline: cannot read '{tmp_path}/bad/archive.sqlite3': ")


# -- bugs of ours ------------------------------------------------------------------------------------------------------


def test_a_bug_is_one_line_and_a_traceback_only_with_debug(
    dateline: Dateline, weblog_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.archive.Archive.status", property())  # Anything that no code of ours expects.

    plain = dateline("-a", weblog_archive, "status")
    debug = dateline("-a", weblog_archive, "status", "--debug")

    told = "run it again with --debug and report what that prints\n"
    assert (plain.code, plain.out, plain.err.count("\n")) == (70, "", 1)
    assert plain.err.startswith("dateline: this is a bug of dateline, not of yours: AttributeError: ")
    assert plain.err.endswith(told)
    assert debug.code == 70
    assert "Traceback (most recent call last)" in debug.err


def test_an_expected_error_has_a_traceback_with_debug_and_keeps_its_code(dateline: Dateline) -> None:
    ran = dateline("--debug", "ask", "Who?")

    assert ran.code == 3
    assert "Traceback (most recent call last)" in ran.err
    assert ran.err.splitlines()[-1].startswith("dateline: there is no archive at ")


# -- streams -----------------------------------------------------------------------------------------------------------


def test_a_closed_pipe_ends_the_run_in_silence(
    start_dateline: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, dateline: Dateline
) -> None:
    lines = [json.dumps({"id": f"a{i:05}", "body": f"Ferry {i} sank. " + "It sank slowly. " * 5}) for i in range(2000)]
    (tmp_path / "dump.jsonl").write_text("\n".join(lines), encoding="utf-8")
    dateline("add", "--no-embed", tmp_path / "dump.jsonl")

    with start_dateline("list", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stderr
        first = child.stdout.readline()
        child.stdout.close()
        told = child.stderr.read()

    assert first.startswith(b"a00000  ")
    assert (child.returncode, told) == (141, b"")


def _in_a_terminal(*arguments: str | Path, **variables: str) -> bytes:
    """Return what a run prints on a terminal of its own."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        dateline_command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=child_environment(**variables),
        start_new_session=True,
    ):
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed.
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
    return shown


def test_a_terminal_gets_styles_unless_it_does_not_want_them(weblog_archive: Path) -> None:
    arguments = ("-a", weblog_archive, "list")

    coloured = _in_a_terminal(*arguments, TERM="xterm", NO_COLOR="")
    no_colour = _in_a_terminal(*arguments, TERM="xterm", NO_COLOR="1")
    dumb = _in_a_terminal(*arguments, TERM="dumb", NO_COLOR="")

    assert ESCAPE in coloured
    assert ESCAPE not in no_colour
    assert no_colour == dumb == re.sub(rb"\x1b\[\d+m", b"", coloured)


def test_a_pipe_gets_no_escapes_and_no_progress(dateline_process: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ferry sinks\n\nThe ferry sank off Skelby on Wednesday, they said.\n", "utf-8")

    added = dateline_process("add", tmp_path / "a.txt", TERM="xterm")
    asked = dateline_process("ask", "Where did the ferry sink?", TERM="xterm")

    assert added == Ran(0, "1 added, 0 updated, 0 unchanged\n", "")
    assert (asked.code, asked.err) == (0, "")
    assert "\x1b" not in asked.out
    assert asked.out.startswith("The ferry sank off Skelby on Wednesday, they said. [1]\n\n[1] Ferry sinks  ")


def test_ctrl_c_ends_a_long_add_with_130_and_keeps_what_is_done(
    start_dateline: Callable[..., subprocess.Popen[bytes]], dateline: Dateline, tmp_path: Path
) -> None:
    words = "The harbour master wrote down every crate that came ashore on that long grey morning."
    lines = [json.dumps({"id": f"log-{i}", "body": f"Log {i}. {words}"}) for i in range(3000)]
    (tmp_path / "dump.jsonl").write_text("\n".join(lines), encoding="utf-8")

    with start_dateline("add", tmp_path / "dump.jsonl", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stderr
        added = child.stdout.readline()  # Printed when the texts are safe and embedding begins.
        _wait_for_vectors(dateline)
        child.send_signal(signal.SIGINT)
        told = child.stderr.read()

    assert added == b"3,000 added, 0 updated, 0 unchanged\n"
    assert child.returncode == 130
    assert told == b"stopped; what is embedded is kept, and `dateline embed` goes on\n"
    state = json.loads(dateline("status", "--json").out)
    assert 0 < state["embedded"] < state["passages"]
    assert dateline("search", "log 2999", "-k", "1").out.startswith("1. ")


def _wait_for_vectors(dateline: Dateline) -> None:
    ends = time.monotonic() + 60
    while json.loads(dateline("status", "--json").out)["embedded"] == 0:
        assert time.monotonic() < ends, "nothing was embedded"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [("status",), ("--help",), ("search", "ferry", "--json")])
def test_output_that_cannot_be_written_is_no_bug(
    start_dateline: Callable[..., subprocess.Popen[bytes]], weblog_archive: Path, arguments: tuple[str, ...]
) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        start_dateline("-a", weblog_archive, *arguments, stdout=full, stderr=subprocess.PIPE) as child,
    ):
        assert child.stderr
        told = child.stderr.read().decode()

    assert child.returncode == 3
    assert told == (
        "dateline: a file or the output cannot be written: No space left on device; "
        "run the same command again when this is mended\n"
    )


def test_what_helps_a_person_can_be_turned_off(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"body": "The ferry sank."}\nnot JSON\n', encoding="utf-8")

    loud = dateline("add", "--no-embed", tmp_path / "some.jsonl")
    quiet = dateline("-q", "add", "--no-embed", tmp_path / "some.jsonl")

    assert loud.err == f"skipped {tmp_path}/some.jsonl:2: broken JSON at column 1: Expecting value\n"
    assert quiet == Ran(0, "0 added, 0 updated, 1 unchanged, 1 skipped\n", "")
