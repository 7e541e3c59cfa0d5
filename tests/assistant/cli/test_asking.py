"""Asking with a model behind a server: real sockets on this machine, the real command line in front."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from prompts import REFUSAL
from tests.command_line import Ran

Dateline = Callable[..., Ran]

KEY = "sk-very-secret-0123456789"
QUESTION = "When was the Hollin dam built?"


@dataclass
class Model:
    """A server that writes ``pieces`` for every question, or refuses with ``status``; it keeps what it was asked.

    With ``breaks_off`` it closes the connection before it has said that it is finished.
    """

    pieces: list[str] = field(default_factory=list)
    status: int = 200
    breaks_off: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)

    def stream(self) -> Iterator[bytes]:
        for piece in self.pieces:
            yield _event({"choices": [{"delta": {"content": piece}}]})
        if not self.breaks_off:
            yield _event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
            yield _event({"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 3}})
            yield b"data: [DONE]\n\n"


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Model]]:
    """Give a function that starts a server with a model and points OPENAI_BASE_URL at it."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(*pieces: str, status: int = 200, breaks_off: bool = False) -> Model:
        model = Model(list(pieces), status, breaks_off)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                model.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(model.status)
                kind = "text/event-stream" if model.status == 200 else "application/json"
                self.send_header("Content-Type", kind)
                self.end_headers()
                refused = [json.dumps({"error": {"message": f"wrong key {KEY}\x1b[31m"}}).encode()]
                for part in model.stream() if model.status == 200 else refused:
                    self.wfile.write(part)

            def log_message(self, *_: object) -> None:
                """Keep stderr for the program under test."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}/v1")
        return model

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def ask(dateline: Dateline, weblog_archive: Path) -> Dateline:
    """Give ``dateline ask`` with a model behind a server, on the archive of the weblog."""
    return lambda *arguments: dateline("-a", weblog_archive, "ask", "-m", "openai:m", *arguments)


def source_of(model: Model, words: str) -> int:
    """Return the number under which the model was given the passage with these words."""
    prompt = model.requests[-1]["messages"][-1]["content"]
    before = prompt[: prompt.index(words)]
    return int(before.rsplit(" source ", 1)[1].split("\n", 1)[0])


def test_a_streamed_answer_is_checked_cited_and_followed_by_its_sources(
    serve: Callable[..., Model], dateline_process: Dateline, weblog_archive: Path, ask: Dateline
) -> None:
    model = serve("unused")
    ask(QUESTION)
    number = source_of(model, "built in 1931")
    model.pieces = [
        "The dam was ",
        "built in 1931 ",
        f"from local granite [{number}",
        "]. It is ",
        "old [77].",
        " Yes.",
    ]

    ran = dateline_process("-a", weblog_archive, "ask", "-m", "openai:m", QUESTION)

    answer, sources = ran.out.split("\n\n")
    assert answer == (
        "The dam was built in 1931 from local granite [1]. It is old. (not supported by a source) "
        "Yes. (not supported by a source)"
    )
    assert sources.startswith("[1] AP · Wardens warn of cracks in the dam above Tarrow · 5 March 2015  ")
    assert (ran.code, ran.err) == (0, "removed [77]: there is no source 77\n")


def test_what_a_model_wrote_in_json_points_into_the_article(serve: Callable[..., Model], ask: Dateline) -> None:
    model = serve("unused")
    ask(QUESTION)
    model.pieces = [f"The dam was built in 1931 from local granite [{source_of(model, 'built in 1931')}]."]

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
    number = source_of(model, "built in 1931")
    model.pieces, model.breaks_off = [f"The dam was built in 1931 from local granite [{number}]. It is"], True

    text, json_ = ask(QUESTION), ask(QUESTION, "--json")

    assert text.out.startswith(
        "The dam was built in 1931 from local granite [1]. It is (not supported by a source)\n\n[1]"
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


def test_what_a_model_writes_later_corrects_what_was_shown(serve: Callable[..., Model], ask: Dateline) -> None:
    serve("The dam is [old][x] and dry [1]. Wardens ", "found cracks in it.\n\n[x]: https://evil.example/?q=1\n")

    ran = ask(QUESTION)

    assert "https://" not in ran.out
    assert "what the model wrote later changed the answer; in full it is:\n" in ran.err
    assert ran.out.splitlines()[0].startswith("The dam is [old][x] and dry [1].")
    assert ran.out.splitlines()[1].startswith("The dam is old and dry [1].")


def test_harm_from_a_model_does_not_reach_the_terminal(serve: Callable[..., Model], ask: Dateline) -> None:
    serve("The \x1b]52;c;aaaa\x07dam\x9b31m was \u202ebuilt in 1931. ", "See ![x](https://evil.example/i.png) it.")

    text, json_ = ask(QUESTION), ask(QUESTION, "--json")

    for shown in (text.out, text.err, json_.out, json_.err):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
        assert "evil.example" not in shown


def test_in_a_batch_the_first_error_is_the_exit_code(
    serve: Callable[..., Model], dateline_process: Dateline, weblog_archive: Path
) -> None:
    serve(status=401)

    ran = dateline_process(
        "-a", weblog_archive, "ask", "-m", "openai:m", "--batch", stdin=f"{QUESTION}\nWho won the chess tournament?\n"
    )

    (answer,) = map(json.loads, ran.out.splitlines())
    assert (ran.code, answer["question"], answer["answered"]) == (4, "Who won the chess tournament?", False)
    assert ran.err.startswith(f"dateline: {QUESTION!r}: ")
