"""An iterator that is read in a thread of its own, for tests that stop it from outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator

# Far longer than anything here takes on the busiest machine; nothing waits for it where all is well.
LONGEST_S = 60


class Running:
    """Reads to the end at once, in a thread; ``pieces`` and ``error`` are what came of it."""

    def __init__(self, iterator: Iterator[object]) -> None:
        self.pieces: list[object] = []
        self.error: BaseException | None = None
        self._iterator = iterator
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait for the end; fail if there is none."""
        self._thread.join(LONGEST_S)
        assert not self._thread.is_alive()

    def _read(self) -> None:
        try:
            self.pieces.extend(self._iterator)
        except BaseException as exc:  # noqa: BLE001 - it is for the test to look at
            self.error = exc
