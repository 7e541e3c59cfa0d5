"""Asking with a model behind a server: real sockets on this machine, the real command line in front."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answering import Answerer
from assistant.cli.asking import ask_batch
from assistant.cli.terminal import Terminal
from assistant.errors import LLMUnreachable
from assistant.planning import Scope
from prompts import REFUSAL
from store.archive import open_archive
from tests.assistant.scripted_llm import ScriptedLLM
from tests.command_line import Ran
from tests.model_server import WAIT, Model
from tests.scripted_server import KEY

Dateline = Callable[..., Ran]
Start = Callable[..., subprocess.Popen[bytes]]
QUESTION = "When was the Hollin dam built?"


@pytest.fixture
def ask(dateline: Dateline, weblog_archive: Path) -> Dateline:
    """Give ``dateline ask`` with a model behind a server, on the archive of the weblog."""
    return lambda *arguments: dateline("-a", weblog_archive, "ask", "-m", "openai:m", *arguments)


def test_a_streamed_answer_is_checked_cited_and_followed_by_its_sources(
    serve: Callable[..., Model], dateline_process: Dateline, weblog_archive: Path, ask: Dateline
) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = model.source_of("built in 1931")
    model.pieces = [
        "The dam was ",
        "built in 1931 ",
        f"from local granite [{number}",
        "]. It is ",
        "old [77].",
        " Yes.",
    ]

    ran = dateline_process("-a", weblog_archive, "ask", "-m", "openai:m", QUESTION)

    answer, borne_out, sources = ran.out.split("\n\n")
    assert answer == "The dam was built in 1931 from local granite [1]. It is old. (?) Yes. (?)"
    assert borne_out == "3 statements: 1 quoted, 2 not supported by a source (?)."
    assert sources.startswith("[1] AP · Wardens warn of cracks in the dam above Tarrow · 5 March 2015  ")
    assert (ran.code, ran.err) == (0, "removed [77]: there is no source 77\n")


def test_what_a_model_wrote_in_json_points_into_the_article(serve: Callable[..., Model], ask: Dateline) -> None:
    model = serve("unused")
    ask(QUESTION)
    model.pieces = [f"The dam was built in 1931 from local granite [{model.source_of('built in 1931')}]."]

    ran = ask(QUESTION, "--json")

    answer = json.loads(ran.out)
    assert (ran.code, answer["answered"], answer["model"]) == (0, True, "openai:m")
    assert answer["usage"] == {"prompt_tokens": 12, "completion_tokens": 3}
    assert [citation["quote"] for citation in answer["citations"]] == ["The dam was built in 1931 from local granite."]


def test_streamed_or_not_a_model_s_answer_is_the_same(serve: Callable[..., Model], ask: Dateline) -> None:
    serve("The dam was ", "built in 1931 [1]. It\n\n", "- is old [2", "]\n- and", " dry [9].", "\n\nThat is all")

    assert ask(QUESTION) == ask(QUESTION, "--no-stream")


def test_a_model_that_declines_ends_with_1(serve: Callable[..., Model], ask: Dateline) -> None:
    serve(REFUSAL[:5], REFUSAL[5:])

    ran = ask(QUESTION)

    assert ran.code == 1
    assert ran.out.startswith("The archive does not say.\nAs far as it goes: ")


def test_a_question_without_evidence_is_not_sent_to_the_model(serve: Callable[..., Model], ask: Dateline) -> None:
    model = serve("A lie [1].")

    ran = ask("Who won the chess tournament in Reykjavik?")

    assert (ran.code, model.requests) == (1, [])


def test_what_came_before_a_model_broke_off_is_kept_and_marked(serve: Callable[..., Model], ask: Dateline) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = model.source_of("built in 1931")
    model.pieces, model.breaks_off = [f"The dam was built in 1931 from local granite [{number}]. It is"], True

    text, json_ = ask(QUESTION), ask(QUESTION, "--json")

    assert text.out.startswith(
        "The dam was built in 1931 from local granite [1]. It is (?)\n\n"
        "Incomplete: the model broke off. 2 statements: 1 quoted, 1 not supported by a source (?).\n\n[1]"
    )
    notice, error = text.err.splitlines()
    assert notice.startswith("the model broke off: ")
    assert error.startswith("dateline: ")
    assert (text.code, json_.code) == (8, 8)
    assert json.loads(json_.out)["warnings"][-1] == notice


def test_a_key_that_is_refused_ends_with_4_and_is_not_shown(serve: Callable[..., Model], ask: Dateline) -> None:
    serve(status=401)

    text, json_ = ask(QUESTION), ask(QUESTION, "--json")

    assert (text.code, text.out, text.err.count("\n")) == (4, "", 1)
    assert text == json_
    assert text.err.startswith("dateline: ")
    assert KEY not in text.err
    assert "\x1b" not in text.err


@pytest.mark.parametrize(("status", "code"), [(400, 8), (404, 8)])
def test_a_refused_request_ends_with_8(serve: Callable[..., Model], ask: Dateline, status: int, code: int) -> None:
    serve(status=status)

    ran = ask(QUESTION)

    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)


def test_a_server_that_is_not_there_ends_with_5(ask: Dateline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.llm.streaming._BACKOFF_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{port}/v1")

    ran = ask(QUESTION)

    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    assert f"127.0.0.1:{port}" in ran.err


def test_without_a_key_the_usual_server_is_not_asked(ask: Dateline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    ran = ask(QUESTION)

    assert ran == Ran(4, "", "dateline: no key for https://api.openai.com/v1; set OPENAI_API_KEY\n")


def test_a_key_in_the_environment_chooses_nothing(
    serve: Callable[..., Model], dateline: Dateline, weblog_archive: Path
) -> None:
    model = serve("A lie [1].")

    ran = dateline("-a", weblog_archive, "ask", QUESTION, "--json")

    assert json.loads(ran.out)["model"] == "extractive"
    assert model.requests == []


def test_a_link_of_a_model_s_own_is_not_shown(serve: Callable[..., Model], ask: Dateline) -> None:
    serve("The dam is [old][x] and dry [1]. Wardens ", "found cracks in it.\n\n[x]: https://evil.example/?q=1\n")

    ran = ask(QUESTION)

    assert "https://" not in ran.out
    assert ran.out.splitlines()[0].startswith("The dam is old and dry [1].")


def test_harm_from_a_model_does_not_reach_the_terminal(serve: Callable[..., Model], ask: Dateline) -> None:
    serve("The \x1b]52;c;aaaa\x07dam\x9b31m was \u202ebuilt in 1931. ", "See ![x](https://evil.example/i.png) it.")

    text, json_ = ask(QUESTION), ask(QUESTION, "--json")

    for shown in (text.out, text.err, json_.out, json_.err):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
        assert "evil.example" not in shown


def test_a_pipe_gets_each_sentence_as_it_is_written(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = model.source_of("built in 1931")
    model.pieces = [f"The dam was built in 1931 from local granite [{number}]. It is ", WAIT, "old."]
    process = start_dateline("-a", weblog_archive, "ask", "-m", "openai:m", QUESTION, stdout=-1, stderr=-1)
    assert process.stdout is not None

    first = os.read(process.stdout.fileno(), 1000)
    model.go_on.set()
    rest, err = process.communicate(timeout=60)

    assert first == b"The dam was built in 1931 from local granite [1]."
    assert rest.startswith(b" It is old. (?)\n\n2 statements: ")
    assert (process.returncode, err) == (0, b"")


def test_json_and_an_answer_that_is_not_streamed_come_only_when_they_are_complete(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION)
    model.pieces = [f"The dam was built in 1931 [{model.source_of('built in 1931')}]. It is ", WAIT, "old."]
    for option, beginning in (("--json", b'{\n  "schema"'), ("--no-stream", b"The dam")):
        model.go_on.clear()
        model.is_asked.clear()
        process = start_dateline("-a", weblog_archive, "ask", "-m", "openai:m", option, QUESTION, stdout=-1, stderr=-1)
        assert process.stdout is not None

        assert model.is_asked.wait(60)
        os.set_blocking(process.stdout.fileno(), False)
        early = process.stdout.read()
        os.set_blocking(process.stdout.fileno(), True)
        model.go_on.set()
        out, _ = process.communicate(timeout=60)

        assert early is None
        assert out.startswith(beginning)


def test_ctrl_c_in_an_answer_ends_at_once_with_130(
    serve: Callable[..., Model], start_dateline: Start, ask: Dateline, weblog_archive: Path
) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = model.source_of("built in 1931")
    model.pieces = [f"The dam was built in 1931 from local granite [{number}]. It is ", WAIT]
    process = start_dateline("-a", weblog_archive, "ask", "-m", "openai:m", QUESTION, stdout=-1, stderr=-1)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1000)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize(("begun", "sign"), [([], b"openai:m reads "), (["The dam "], b"openai:m writes ")])
def test_whoever_waits_at_a_terminal_sees_what_the_model_does(
    serve: Callable[..., Model],
    start_dateline: Start,
    ask: Dateline,
    weblog_archive: Path,
    begun: list[str],
    sign: bytes,
) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = model.source_of("built in 1931")
    model.pieces = [*begun, WAIT, f"{'' if begun else 'The dam '}was built in 1931 from local granite [{number}]."]
    ours, theirs = pty.openpty()
    process = start_dateline(
        "-a", weblog_archive, "ask", "--no-save", "-m", "openai:m", QUESTION, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    while sign not in seen:
        seen += os.read(ours, 1000)
    model.go_on.set()
    while b"1 statement: quoted." not in seen:
        seen += os.read(ours, 1000)

    os.close(ours)
    process.wait(60)
    *_, wiped, answer = seen.partition(b"\n")[0].removesuffix(b"\r").split(b"\r")
    assert answer == b"The dam was built in 1931 from local granite [1]."
    assert wiped.strip() == b""


# -- batches -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def batch(start_dateline: Start, weblog_archive: Path) -> Start:
    """Give a function that starts ``dateline ask --batch`` with pipes to write to and read from."""
    return lambda *options: start_dateline(
        "-a", weblog_archive, "ask", "--batch", *options, stdin=-1, stdout=-1, stderr=-1
    )


def test_each_question_of_a_batch_is_answered_as_it_comes(batch: Start) -> None:
    process = batch()
    assert process.stdin is not None
    assert process.stdout is not None

    answers = []
    for line in (QUESTION, "", "  ", "Who won the chess tournament in Reykjavik?", "Who tended the lamp?\xff"):
        process.stdin.write(f"{line}\n".encode("latin-1"))
        process.stdin.flush()
        if line.strip():
            answers.append(json.loads(process.stdout.readline()))  # Nothing more is asked before this is answered.
    out, err = process.communicate(timeout=60)

    assert [(answer["question"], answer["answered"]) for answer in answers] == [
        (QUESTION, True),
        ("Who won the chess tournament in Reykjavik?", False),
        ("Who tended the lamp?\ufffd", True),
    ]
    assert (process.returncode, out, err) == (0, b"", b"")


def test_whoever_has_enough_of_a_batch_may_close_the_pipe(batch: Start) -> None:
    process = batch()
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(f"{QUESTION}\n".encode())
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(f"{QUESTION}\n{QUESTION}\n".encode())
    process.stdin.close()

    err = process.stderr.read()

    assert (process.wait(60), err) == (141, b"")
    process.stderr.close()


def test_ctrl_c_ends_a_batch_with_130(batch: Start) -> None:
    process = batch()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{QUESTION}\n".encode())
    process.stdin.flush()
    process.stdout.readline()

    process.send_signal(signal.SIGINT)
    process.wait(60)

    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")


def test_in_a_batch_an_error_stands_in_its_place_and_the_first_is_the_exit_code(
    serve: Callable[..., Model], dateline_process: Dateline, weblog_archive: Path
) -> None:
    model = serve(status=401)

    ran = dateline_process(
        "-a", weblog_archive, "ask", "-m", "openai:m", "--batch",
        stdin=f"{QUESTION}\nWho won the chess tournament?\n{QUESTION}\n",
    )  # fmt: skip

    refused, unanswered, spared = map(json.loads, ran.out.splitlines())
    assert (refused["schema"], refused["question"], refused["code"]) == ("dateline.failure/1", QUESTION, 4)
    assert spared == refused
    assert (unanswered["question"], unanswered["answered"]) == ("Who won the chess tournament?", False)
    assert [line.partition(": ")[0] for line in ran.err.splitlines()] == ["dateline", "dateline"]
    assert ran.code == 4
    assert len(model.requests) == 1  # A key that is refused once is refused for all.


def test_a_batch_gives_up_on_a_server_that_is_not_there(
    weblog_archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedLLM([], LLMUnreachable("nobody answers"))
    with open_archive(weblog_archive) as archive:
        code = ask_batch(Answerer(archive, model), [QUESTION] * 50, Scope(), Terminal())

    out, err = capsys.readouterr()
    assert (code, len(model.prompts)) == (5, 3)
    assert {json.loads(line)["error"] for line in out.splitlines()} == {"nobody answers"}
    assert out.count("\n") == err.count("\n") == 50
