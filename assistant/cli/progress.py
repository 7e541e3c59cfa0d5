"""Progress for a program that runs ``dateline add``: JSON lines to a file descriptor that it has opened for them."""

from __future__ import annotations

import json
import os
import time

# More often nobody looks.
_REPORTED_S = 0.1


class ProgressPipe:
    """Writes ``{"stage": "vectors", "done": 64, "total": 1204}`` a line; ``total`` is null where it is not known.

    The stages are those of an archive: articles, words, vectors, index. The first and the last line of each is always
    written. Raise BrokenPipeError when nobody reads any more: whoever began the run is gone, and so it ends, as a run
    does whose output nobody reads. Raise OSError for a descriptor that is not open.
    """

    def __init__(self, descriptor: int) -> None:
        os.fstat(descriptor)
        self._descriptor = descriptor
        self._stage = ""
        self._written = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage == self._stage and done != total and now - self._written < _REPORTED_S:
            return
        self._stage, self._written = stage, now
        line = json.dumps({"stage": stage, "done": done, "total": total})
        os.write(self._descriptor, f"{line}\n".encode())
