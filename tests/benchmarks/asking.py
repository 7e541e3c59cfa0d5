"""What Dateline itself adds to the time of an answer: before a model reads its prompt, and for a batch of questions.

    python tests/benchmarks/asking.py ARCHIVE DATA_FOLDER [--questions 100]

The overhead is measured in this process, warm, from the end of retrieval until a server on this machine has the whole
request; the batch as a user runs it, `dateline ask --batch`, its start included.
"""

from __future__ import annotations

import argparse
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from commands import dateline
from measures import percentile
from realtimeqa import QuizQuestion, open_measured, read_quiz
from tables import say_conditions, say_table

from assistant.answering import Answerer
from assistant.config import Config, ModelProfile
from assistant.conversation import Searched
from assistant.llm import open_llm

_ANSWER = (
    b'data: {"choices": [{"delta": {"content": "Not found in the sources."}}]}\n\n'
    b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
)


@dataclass
class Arrivals:
    """When requests had wholly arrived at a server, by ``time.perf_counter``."""

    times: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("data", type=Path, help="the folder of evaluation data")
    parser.add_argument("--questions", type=int, default=100)
    given = parser.parse_args()
    questions = read_quiz(given.data)[: given.questions]
    say_conditions()
    took_s = _overheads(given.archive, questions)
    say_table(
        ["from the end of retrieval to the request", "requests", "median", "p95", "most"],
        [["ms", len(took_s), *(f"{value * 1000:.1f}" for value in (*_spread(took_s), max(took_s)))]],
    )
    wall_s = _batch(given.archive, questions)
    say_table(
        ["batch", "questions", "seconds", "questions a second"],
        [["extractive", len(questions), f"{wall_s:.1f}", f"{len(questions) / wall_s:.1f}"]],
    )
    say_conditions()


def _overheads(path: Path, questions: list[QuizQuestion]) -> list[float]:
    """Return the seconds for every question that reaches the model; the first, which opens everything, left out."""
    arrivals, took_s = Arrivals(), list[float]()
    with open_measured(path) as archive, _serving(arrivals) as url:
        config = Config(Path(), Path(), models={"here": ModelProfile(base_url=url)})
        llm = open_llm("openai:here", config, env={})
        for question in questions:
            seen, searched = len(arrivals.times), 0.0
            for event in Answerer(archive, llm, today=question.day).answer(question.text):
                if isinstance(event, Searched):
                    searched = time.perf_counter()
            if len(arrivals.times) > seen:
                took_s.append(arrivals.times[-1] - searched)
    return took_s[1:]


def _spread(values: list[float]) -> tuple[float, float]:
    return percentile(0.5, values), percentile(0.95, values)


def _batch(path: Path, questions: list[QuizQuestion]) -> float:
    asked = "\n".join(question.text for question in questions)
    began = time.perf_counter()
    command = [*dateline(), "-q", "-a", str(path), "ask", "--batch", "-m", "extractive"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    wall_s = time.perf_counter() - began
    assert len(done.stdout.splitlines()) == len(questions), done.stderr
    return wall_s


@contextmanager
def _serving(arrivals: Arrivals) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            arrivals.times.append(time.perf_counter())
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(_ANSWER)

        def log_message(self, *_: object) -> None:
            """Keep the tables clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
