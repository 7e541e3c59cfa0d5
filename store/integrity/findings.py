"""What a check finds: where, what, how bad, and the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What is broken may give wrong answers or none; what is wasteful only costs room, time or privacy.
Severity = Literal["broken", "wasteful"]

# What mends a finding without anybody's decision.
Mending = Literal[
    "salvage", "orphans", "full text", "vectors", "passages", "stories", "columns", "index", "words", "files"
]

CHECK_REPAIR = "dateline check --repair"
REBUILD = "dateline rebuild"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in ``where``, a file or a table of the archive. ``remedy`` is a command, or what else to do.

    ``mending`` is the kind of repair that it calls for, None where no program can mend it without loss.
    """

    where: str
    what: str
    severity: Severity
    remedy: str
    mending: Mending | None = None

    @property
    def is_broken(self) -> bool:
        return self.severity == "broken"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def broken(where: str, what: str, mending: Mending | None = None, *, remedy: str = CHECK_REPAIR) -> Finding:
    return Finding(where, what, "broken", remedy, mending)


def wasteful(where: str, what: str, mending: Mending | None = None, *, remedy: str = CHECK_REPAIR) -> Finding:
    return Finding(where, what, "wasteful", remedy, mending)
