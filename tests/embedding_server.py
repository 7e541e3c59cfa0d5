"""A server of embeddings that runs a model here: a real one on 127.0.0.1, which can be told to misbehave."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from store.embedding import Embedder, Vectors

Answer = tuple[int, dict[str, str], Any]


class Server:
    """A server of embeddings on 127.0.0.1 with the default model; ``answers`` are given first, in order."""

    def __init__(self, model: Embedder) -> None:
        self.model = model
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answers: list[Answer] = []
        self.refused_text: str | None = None  # what it does not embed: whoever sends it is not let in
        self.turned = 1.0  # what every vector is multiplied with
        self.released = threading.Event()  # until it is set, nothing is answered but ``answers``
        self.released.set()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.keys.append(self.headers["authorization"])
                code, headers, answer = outer.answer(self.path, asked)
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(code)
                for name, value in {**headers, "content-length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, path: str, asked: dict[str, Any]) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if self.answers:
                return self.answers.pop(0)
            texts = asked["inputs"] if path == "/embed" else asked["input"]
            if self.refused_text in texts:
                return 401, {}, {}
            vectors = self.vectors(texts)
        self.released.wait(timeout=60)
        if path == "/embed":
            return 200, {}, vectors.tolist()
        rows = [{"index": i, "embedding": vector} for i, vector in enumerate(vectors.tolist())]
        return 200, {}, {"data": rows[::-1]}

    def vectors(self, texts: list[str]) -> Vectors:
        made: Vectors = 3 * self.turned * self.model.embed_passages(texts)
        return made
