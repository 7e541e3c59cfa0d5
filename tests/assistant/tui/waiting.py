"""Waiting for the screen to become something, without a clock of our own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

_PATIENCE_S = 60.0


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Return when ``condition`` holds; fail when it does not for a long time."""
    due = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < due, "it never came to that"
        await pilot.pause(0.01)
