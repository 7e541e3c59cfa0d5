"""Why a fetch comes to nothing, inside this package; outside it is a ``FetchError`` that knows the address too."""

from __future__ import annotations

from typing import ClassVar

# Too slow, too early, too often.
_LATER = frozenset({408, 425, 429})


class Failed(Exception):
    """There is no content; the message says why, in one line.

    ``status`` is what the server answered and ``retry_after_s`` how long it wants to be left alone, where it says so.
    A transient failure may pass when tried again.
    """

    _often_passes: ClassVar[bool] = False

    def __init__(
        self, reason: str, *, status: int | None = None, retry_after_s: float | None = None, is_transient: bool = False
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s
        self.is_transient = is_transient

    @property
    def may_pass(self) -> bool:
        """Whether it is worth another try at some other time, if not at once."""
        is_later = self.status is not None and (self.status >= 500 or self.status in _LATER)
        return self._often_passes or self.is_transient or is_later


class Unreachable(Failed):
    """There was no connection to the server."""

    _often_passes = True


class NotPublic(Unreachable):
    """There may be none: the server is not on the public internet, and nobody named it."""

    _often_passes = False


class Overdue(Failed):
    """The time is over."""

    _often_passes = True


class Stopped(Failed):
    """Whoever wanted it has closed the fetcher."""

    _often_passes = True
