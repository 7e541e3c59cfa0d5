"""What lies in an archive's folder that should not, who may read it, and the room that is left beside it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from store.disk import INDEXED_BYTES, SPARE_BYTES, free_bytes, size_text
from store.integrity.findings import Finding, wasteful
from store.integrity.structure import counted, some
from store.permissions import exposed
from store.schema import FILE_NAME

# What a process that was killed leaves: a file or folder half made, under a name that nothing reads.
_LEFTOVERS = (
    *("archive.new", "archive.new-*", f"{FILE_NAME}.*.partial", f"{FILE_NAME}.*.partial-*", f"{FILE_NAME}.salvaged*"),
    *("index/*.tmp", "index/words/*.tmp", "index/words/*.npz"),
)
_PID = re.compile(r"\.([0-9]+)\.tmp$")


def find_in_folder(folder: Path, *, vector_bytes: int) -> Iterator[Finding]:
    """Yield what is wasteful in an archive's folder; its vectors take ``vector_bytes``."""
    left = leftovers(folder)
    if left:
        yield wasteful("folder", f"left behind by what was stopped: {some(path.name for path in left)}", "files")
    open_to_others = exposed(folder)
    if open_to_others:
        yield wasteful("folder", f"others may read {counted(len(open_to_others), 'file')} of it", "files")
    need, free = INDEXED_BYTES // 4 * vector_bytes + SPARE_BYTES, free_bytes(folder)
    if free < need:
        told = f"{size_text(free)} of the disk are free; building the index again takes {size_text(need)}"
        yield wasteful("folder", told, remedy="make room on the disk")


def leftovers(folder: Path) -> list[Path]:
    """Return what a stopped process left half made, sorted; nothing that a process at work may still need."""
    if _is_at_work(_holder_of(folder)):
        return []
    found = (path for pattern in _LEFTOVERS for path in folder.glob(pattern))
    return sorted(path for path in found if not _is_at_work(_maker_of(path)))


def _holder_of(folder: Path) -> int | None:
    """Return the process that holds, or held last, the writer's lock: looking must not take it, even for a moment."""
    try:
        return int(json.loads((folder / "LOCK").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _maker_of(path: Path) -> int | None:
    found = _PID.search(path.name)
    return int(found[1]) if found else None


def _is_at_work(pid: int | None) -> bool:
    if pid is None or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # It is another person's.
        return True
    return True
