"""Modules that are imported when they are needed: in a thread, for the screen is not to wait for that either."""

from __future__ import annotations

import asyncio
from importlib import import_module


async def load(*modules: str) -> None:
    """Import modules, so that an ``import`` behind this takes no time."""
    for module in modules:
        await asyncio.to_thread(import_module, module)
