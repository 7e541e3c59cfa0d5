"""Markdown on stdout: what every program here prints."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

Cell = str | int | float


def say(text: str = "") -> None:
    """Print a line at once: these programs run for minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a Markdown table; numbers stand to the right, floats have three places unless given as text."""
    right = [any(_is_number(row[column]) for row in rows) for column in range(len(head))]
    lines = [list(head), ["---:" if is_number else "---" for is_number in right]]
    lines += [[_format_cell(cell) for cell in row] for row in rows]
    say()
    for line in lines:
        say(f"| {' | '.join(line)} |")
    say()


def say_conditions() -> None:
    """Print what a timing depends on: cores, Python, and the load of the last minute by others and by us."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    say(f"{cores} cores, Python {platform.python_version()}, load {load()}")


def load() -> str:
    """Return the number of busy processes, now and over the last minute; ``?`` where the system does not say."""
    try:
        fields = Path("/proc/loadavg").read_text(encoding="ascii").split()
    except OSError:
        return "?"
    # The first number counts this process too.
    return f"{int(fields[3].split('/')[0]) - 1} now, {fields[0]} over the last minute"


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or cell[:1].isdigit()


def _format_cell(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
