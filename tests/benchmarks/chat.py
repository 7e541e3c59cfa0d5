"""How quick the chat is: its start, a key while an answer streams, Esc, and how long its event loop is ever busy.

    python tests/benchmarks/chat.py ARCHIVE [--starts 5] [--tokens 1000] [--turns 100]

The start, the keys and Esc are timed from outside, in a pseudo terminal, from a byte written to a byte read; the loop's
lag inside, without a terminal. A model on this machine writes 50 tokens a second; a session of ``--turns`` questions,
each with its answer, is resumed. An answer is ready to be asked for when the first screen offers its questions.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import resource
import select
import signal
import struct
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from commands import dateline
from measures import percentile
from tables import say_conditions, say_table

from assistant.answering import Answerer
from assistant.config import load_config
from assistant.llm.extractive import Extractive
from assistant.recording import Recording
from assistant.session_file import sessions_path
from assistant.sessions import open_sessions
from assistant.suggesting import suggest_questions
from store.archive import open_archive

_TOKENS_A_SECOND = 50
_SIZE = (120, 40)
_SESSION = "long"
_MODEL = "openai:streaming"

# Typed while English is streamed: none of them is in the answer, so each is a key's own echo.
_KEYS = "жшщюяфцэъыдл"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=100)
    given = parser.parse_args()
    archive = given.archive.resolve()
    say_conditions()
    with tempfile.TemporaryDirectory() as home, _serving(given.tokens) as url:
        os.environ |= {"DATELINE_HOME": home, "XDG_CONFIG_HOME": home, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}
        questions = _fill_session(archive, Path(home), given.turns)
        _say_starts([_start(archive) for _ in range(given.starts)])
        _say_streaming(*_stream(archive, questions[0], given.tokens))
        _say_lag(*asyncio.run(_lag(archive, Path(home), questions[0])))


# -- tables ------------------------------------------------------------------------------------------------------------


def _say_starts(starts: list[dict[str, float]]) -> None:
    rows = [
        [what, len(starts), *(f"{value:.2f}" for value in (percentile(0.5, times), max(times)))]
        for what in ("first paint", "ready")
        if (times := sorted(start[what] for start in starts))
    ]
    say_table(["from the start, s", "starts", "median", "most"], rows)


def _say_streaming(echoes: list[float], stop_s: float) -> None:
    spread = [f"{percentile(part, echoes) * 1000:.0f}" for part in (0.5, 0.95)]
    say_table(
        ["while an answer streams, ms", "times", "median", "p95", "most"],
        [
            ["key to its echo", len(echoes), *spread, f"{max(echoes) * 1000:.0f}"],
            ["Esc to 'stopped'", 1, f"{stop_s * 1000:.0f}", "", ""],
        ],
    )


def _say_lag(lags: list[float], grown_mb: float) -> None:
    spread = [f"{percentile(part, lags) * 1000:.0f}" for part in (0.5, 0.99)]
    say_table(
        ["lag of the event loop, ms", "samples", "median", "p99", "most", "memory grown, MB"],
        [["one answer", len(lags), *spread, f"{max(lags) * 1000:.0f}", f"{grown_mb:.0f}"]],
    )


# -- from outside ------------------------------------------------------------------------------------------------------


class _Screen:
    """The chat in a pseudo terminal; what it writes is kept from the last ``forget`` on."""

    def __init__(self, *arguments: str) -> None:
        command = [*dateline(), *arguments]
        self.began = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], command, os.environ | {"TERM": "xterm-256color"})  # noqa: S606
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", _SIZE[1], _SIZE[0], 0, 0))
        self._written = b""

    def forget(self) -> None:
        self._written = b""

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def wait_for(self, text: str, patience_s: float = 60.0) -> float:
        """Return when a text is on its way to the screen, by ``time.perf_counter``."""
        due = time.perf_counter() + patience_s
        while text.encode() not in self._written:
            if time.perf_counter() > due:
                sys.exit(f"{text!r} never came; the last that came was {self._written[-400:]!r}")
            if select.select([self._fd], [], [], 0.05)[0]:
                self._written += os.read(self._fd, 65_536)
        return time.perf_counter()

    def end(self) -> None:
        os.kill(self._pid, signal.SIGTERM)
        while True:  # Nobody ends who cannot write.
            try:
                if not os.read(self._fd, 65_536):
                    break
            except OSError:
                break
        os.close(self._fd)
        os.waitpid(self._pid, 0)


def _start(archive: Path) -> dict[str, float]:
    screen = _Screen("-a", str(archive), "chat", "--no-save")
    try:
        painted = screen.wait_for("Ask your archive")
        ready = screen.wait_for("It can answer")
    finally:
        screen.end()
    return {"first paint": painted - screen.began, "ready": ready - screen.began}


def _stream(archive: Path, question: str, tokens: int) -> tuple[list[float], float]:
    """Return how long keys took to be seen while an answer streamed, and Esc to stop it, in seconds."""
    screen = _Screen("-a", str(archive), "chat", "-m", _MODEL, "--session", _SESSION)
    try:
        screen.wait_for("all outlets")
        screen.type(question + "\r")
        screen.wait_for("harbour number 4 ")
        echoes = []
        for turn in range(min(60, tokens // 10)):
            key = _KEYS[turn % len(_KEYS)]
            screen.forget()
            began = time.perf_counter()
            screen.type(key)
            echoes.append(screen.wait_for(key) - began)
            time.sleep(0.1)
        screen.forget()
        began = time.perf_counter()
        screen.type("\x1b")
        return echoes, screen.wait_for("stopped") - began
    finally:
        screen.end()


# -- from inside -------------------------------------------------------------------------------------------------------


async def _lag(archive: Path, home: Path, question: str) -> tuple[list[float], float]:
    """Return how much later than asked for the event loop came round, in seconds, and the memory grown, in MB."""
    from assistant.tui.app import Begun, ChatApp

    config = load_config(None, os.environ, archive=str(archive), model=_MODEL)
    with closing(open_sessions(sessions_path(home))) as sessions:
        session = sessions.get(_SESSION)
        begun = Begun(session, tuple(sessions.turns(session)))
    app = ChatApp(config, archive, sessions_path(home), lambda: open_archive(archive, session=True), begun=begun)
    async with app.run_test(size=_SIZE) as pilot:
        while not app.chat.header.is_ready:
            await pilot.pause(0.05)
        before = _peak_mb()
        await app.chat.ask(question)
        lags = []
        while app.chat.is_answering or not lags:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - began - 0.01)
        grown = _peak_mb() - before
    app.close_threads()
    return lags, grown


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -- what it works on --------------------------------------------------------------------------------------------------


def _fill_session(archive: Path, home: Path, turns: int) -> list[str]:
    """Save a session of so many questions that the archive can answer; return the different ones."""
    with open_archive(archive) as opened:
        questions = [suggestion.question for suggestion in suggest_questions(opened, count=5)]
        answerer = Answerer(opened, Extractive())
        recording = Recording(sessions_path(home), archive, session=None, name=_SESSION, as_it_happens=False)
        with closing(recording):
            for turn in range(turns):
                for _ in recording.save(answerer.answer(questions[turn % len(questions)]), None, "extractive"):
                    pass
    return questions


@contextmanager
def _serving(tokens: int) -> Iterator[str]:
    """Give the URL of a server whose model writes so many tokens, 50 a second, in sentences that each cite a source."""
    written = " ".join(f"They sailed to harbour number {number} in the morning. [1]" for number in range(tokens // 9))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            try:
                for word in written.split(" "):
                    self._send({"choices": [{"delta": {"content": f"{word} "}}]})
                    time.sleep(1 / _TOKENS_A_SECOND)
                self._send({"choices": [{"delta": {}, "finish_reason": "stop"}]})
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:  # stopped
                return

        def _send(self, event: dict[str, Any]) -> None:
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
