"""`dateline config` and `dateline index`, with a real Chroma server: add, ask and a session go on whatever it does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.answering import Answerer
from assistant.conversation import Answered, Searched
from assistant.llm.extractive import Extractive
from store.archive import open_archive
from store.chroma_server import ServerAddress
from tests.chroma_process import ChromaProcess
from tests.command_line import Ran

QUESTION = "Who said that the school would take in families?"


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    server = ChromaProcess(tmp_path_factory.mktemp("chroma"))
    yield server
    server.kill()


@pytest.fixture
def archive(tmp_path: Path, weblog_archive: Path) -> Path:
    return Path(shutil.copytree(weblog_archive, tmp_path / "archive"))


def test_settings_are_set_shown_and_taken_out(dateline: Callable[..., Ran]) -> None:
    assert dateline("config", "set", "k", "12") == Ran(0, "k = 12\n", "")
    assert dateline("config", "get", "k") == Ran(0, "12\n", "")
    assert dateline("config", "list") == Ran(0, "k = 12\n", "")
    assert dateline("config", "unset", "k") == Ran(0, "", "")
    assert dateline("config", "get", "k") == Ran(1, "", "k is not set in the config file\n")
    assert dateline("config", "set", "kk", "1").code == 2


def test_add_and_ask_go_on_with_the_server_without_it_and_back(
    dateline: Callable[..., Ran], archive: Path, chroma: ChromaProcess, tmp_path: Path
) -> None:
    chroma.start()
    at = ("-a", archive)
    local = dateline(*at, "ask", QUESTION)
    assert dateline("config", "set", "chroma.url", chroma.url).code == 0

    moved = dateline(*at, "index", "move", "--to-server")
    assert (moved.code, moved.out) == (0, f"the index is on {chroma.url}; 2 vectors were sent\n")
    assert dateline(*at, "ask", QUESTION) == local
    (tmp_path / "more.txt").write_text("Gulls\n\nGulls at Skelby opened 40 lunch boxes on Monday, pupils said.\n")
    assert dateline(*at, "add", tmp_path / "more.txt").err == ""
    state = json.loads(dateline(*at, "index", "status", "--json").out)
    assert (state["place"], state["vectors"], state["unsent"], state["trouble"]) == ("server", 3, 0, None)

    chroma.kill()
    down = dateline(*at, "ask", QUESTION)
    assert (down.code, down.out) == (0, local.out)
    assert down.err.count("\n") == 1
    assert "`dateline index move --to-local` does without it" in down.err
    assert dateline(*at, "index", "status").code == 3

    chroma.start()
    assert dateline(*at, "ask", QUESTION) == local
    assert dateline(*at, "index", "move", "--to-local") == Ran(0, "the index is on this machine\n", "")
    assert dateline(*at, "ask", QUESTION) == local


def test_a_conversation_goes_on_when_the_server_is_killed_and_started_again(
    dateline: Callable[..., Ran], archive: Path, chroma: ChromaProcess
) -> None:
    chroma.start()
    dateline("config", "set", "chroma.url", chroma.url)
    dateline("-a", archive, "index", "move", "--to-server")

    with open_archive(archive, session=True, server=ServerAddress(chroma.url)) as opened:
        answerer = Answerer(opened, Extractive(), today=date(2015, 3, 6))
        told = []
        for act in (chroma.start, chroma.kill, chroma.start, chroma.freeze):
            act()
            opened._open_dense()._server._resumes = 0.0  # as after the pause
            events = list(answerer.answer(QUESTION))
            notices = [notice for event in events if isinstance(event, Searched) for notice in event.notices]
            assert isinstance(events[-1], Answered)
            told.append((events[-1].turn.answer.answered, len(notices)))
        chroma.thaw()

    assert told == [(True, 0), (True, 1), (True, 0), (True, 1)]


def test_a_key_is_not_sent_in_plain_text(
    dateline: Callable[..., Ran], archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMA_AUTH", "Bearer very-secret")
    dateline("config", "set", "chroma.url", "http://vectors.example:8000")
    dateline("config", "set", "chroma.headers.Authorization", "CHROMA_AUTH")

    refused = dateline("-a", archive, "index", "move", "--to-server")

    assert refused.code == 3
    assert "is not https: the key for it would be sent in plain text" in refused.err
    assert "very-secret" not in refused.err


def test_a_variable_that_is_not_set_is_named(dateline: Callable[..., Ran], archive: Path) -> None:
    dateline("config", "set", "chroma.url", "https://vectors.example")
    dateline("config", "set", "chroma.token_env", "NO_SUCH_TOKEN")

    assert dateline("-a", archive, "index", "move", "--to-server") == Ran(
        2, "", "dateline: NO_SUCH_TOKEN is not set, and [chroma] names it; export NO_SUCH_TOKEN=…\n"
    )


def test_a_move_wants_a_direction(dateline: Callable[..., Ran], archive: Path) -> None:
    assert "give --to-server or --to-local" in dateline("-a", archive, "index", "move").err
