"""Commands as a user runs them: whole processes, timed from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Read by onnxruntime's and Chroma's peers at their start; nothing here may reach for the network.
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: seconds from start to end, and the most memory it or a child of it held, in MB."""

    wall_s: float
    peak_mb: float
    code: int


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most memory, in MB, that a process itself held, and the most that one of its children did."""

    itself_mb: float
    child_mb: float


def dateline() -> list[str]:
    """Return how ``dateline`` is run here: the installed command, else this checkout's."""
    beside = shutil.which("dateline", path=str(Path(sys.executable).parent)) or shutil.which("dateline")
    return [beside] if beside else [sys.executable, "-c", "from assistant.cli import main; main()"]


def run_measured(command: Sequence[str]) -> Run:
    """Run ``command`` with its output thrown away; exit codes up to 1 are its right, others end the program.

    A process inherits the peak of its parent until it has started: keep the measuring program small.
    """
    began = time.perf_counter()
    child = start_command(command)
    _, status, usage = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)  # Reaped here, so Popen cannot learn it.
    _check(command, child.returncode)
    return Run(wall_s, usage.ru_maxrss / 1024, child.returncode)


def run_watched(command: Sequence[str]) -> Peaks:
    """Run ``command`` to its end and return the peaks of its memory, apart for it and its children."""
    child = start_command(command)
    itself = children = 0.0
    while child.poll() is None:
        itself = max(itself, _peak_mb(child.pid))
        children = max([children, *map(_peak_mb, _children(child.pid))])
        time.sleep(0.1)
    _check(command, child.returncode)
    return Peaks(itself, children)


def start_command(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start ``command`` with its output thrown away."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | _OFFLINE,
    )


def _check(command: Sequence[str], code: int) -> None:
    if code not in (0, 1):
        sys.exit(f"exit code {code} of {' '.join(command)}")


def _peak_mb(pid: int) -> float:
    """Return the highest memory that a living process has held; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _children(pid: int) -> list[int]:
    # Each thread has the children that it started itself.
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, children.read_text(encoding="ascii").split())
    return found
