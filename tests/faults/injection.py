"""Run something in a process of which one call that writes goes wrong: the k-th of those below a folder."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

Kind = Literal[
    "count", "kill before", "kill half done", "disk full from", "fail once", "kill a child", "orphan a child",
    "stop a child",
]  # fmt: skip
# As in shim.c.
_KINDS: tuple[Kind, ...] = (
    "count", "kill before", "kill half done", "disk full from", "fail once", "kill a child", "orphan a child",
    "stop a child",
)  # fmt: skip
_NUMBERS = struct.Struct("@5l")
_TEXT = 4096
CONTROL_BYTES = _NUMBERS.size + 2 * _TEXT


class NoInjection(Exception):
    """This machine cannot make calls go wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, at which call that writes; by itself nothing does, and the calls are counted."""

    kind: Kind = "count"
    at: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.at}" if self.at else "nothing"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended: its code (of a signal the negative), what it had acknowledged, in order, and what it printed.

    ``calls`` is how often something was written, ``call`` what was done where the fault came, None where none came.
    ``stopping_s`` is how long it went on after it was signalled, None where it ended before.
    """

    code: int
    told: tuple[Any, ...]
    calls: int
    call: str | None
    out: str
    err: str
    seconds: float
    stopping_s: float | None

    @property
    def was_killed(self) -> bool:
        return self.code == -9


class Control:
    """The file by which the shim is told what to do, and tells what was done."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), CONTROL_BYTES)

    def arm(self, folder: Path, fault: Fault, leader: int) -> None:
        self._shared[_NUMBERS.size :] = bytes(2 * _TEXT)
        self._shared[: _NUMBERS.size] = _NUMBERS.pack(0, fault.at, _KINDS.index(fault.kind), leader, 0)
        written = os.fsencode(folder)
        self._shared[_NUMBERS.size : _NUMBERS.size + len(written)] = written

    @property
    def count(self) -> int:
        """Return how many calls there were so far."""
        return int(_NUMBERS.unpack(self._shared[: _NUMBERS.size])[0])

    def disarm(self) -> tuple[int, str | None]:
        """Return how many calls there were, and which one went wrong."""
        count, _, _, _, fired = _NUMBERS.unpack(self._shared[: _NUMBERS.size])
        call = self._shared[_NUMBERS.size + _TEXT :].partition(b"\0")[0].decode(errors="replace")
        self._shared[: _NUMBERS.size + _TEXT] = bytes(_NUMBERS.size + _TEXT)
        return count, (call or "the disk was full") if fired else None


class Injector(AbstractContextManager["Injector"]):
    """Runs tasks of ``victim.py``, each in a process forked from one that has loaded what they need.

    Raises NoInjection where the shim cannot be built, or sees nothing.
    """

    def __init__(self, scratch: Path) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.scratch = scratch
        shim = build_shim(scratch)
        control = scratch / "control"
        control.write_bytes(bytes(CONTROL_BYTES))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(HERE / "victim.py"), str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=scratch,
            env={
                **environment,
                "PYTHONPATH": path,
                "LD_PRELOAD": str(shim),
                "FAULTS_CONTROL": str(control),
                "DATELINE_HOME": str(scratch / "home"),
                "XDG_CONFIG_HOME": str(scratch / "config"),
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        self._answer()  # It is warm.
        if not self.run("write", scratch / "tried").calls:
            self.close()
            raise NoInjection("a preloaded library sees none of the calls of this Python")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self,
        task: str,
        folder: Path,
        fault: Fault = Fault(),
        *,
        arguments: tuple[str, ...] = (),
        file_bytes: int | None = None,
        is_bound: bool = False,
        signals: Sequence[int] = (),
        signals_at: int = 0,
    ) -> Ended:
        """Run a task on ``folder`` to its end and return what came of it.

        ``file_bytes`` is the size beyond which no file may grow; with ``is_bound`` permissions bind it, root or not.
        ``signals`` are sent to it, one a moment after the other, once it has written ``signals_at`` times.
        """
        assert self._process.stdin is not None
        asked = {
            "task": task,
            "folder": str(folder),
            "kind": fault.kind,
            "at": fault.at,
            "arguments": list(arguments),
            "file_bytes": file_bytes,
            "is_bound": is_bound,
            "signals": list(signals),
            "signals_at": signals_at,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        told = (self.scratch / "told").read_text(encoding="utf-8").splitlines()
        out, err = ((self.scratch / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
        return Ended(
            answer["code"],
            tuple(json.loads(line) for line in told),
            answer["calls"],
            answer["call"],
            out,
            err,
            answer["seconds"],
            answer["stopping_s"],
        )

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NoInjection("the process under test did not start; what it printed is above")
        return json.loads(line)


def build_shim(folder: Path) -> Path:
    """Compile the library that is preloaded, with the system's compiler; raise NoInjection where that cannot be."""
    if sys.platform != "linux":
        raise NoInjection("calls are made to go wrong on Linux only")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoInjection("there is no C compiler (cc) to build shim.c with")
    shim = folder / "shim.so"
    built = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(HERE / "shim.c"), "-ldl"],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        raise NoInjection(f"cannot compile shim.c: {built.stderr.strip()[-300:]}")
    return shim
