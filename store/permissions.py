"""Who may read what lies on the disk: an archive is its owner's alone, whatever the umask says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(folder: Path) -> None:
    """Take ``folder`` and all below it from everybody but their owner."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)


def exposed(path: Path) -> list[Path]:
    """Return what others than its owner may read or change: ``path`` and what is below it, sorted.

    Behind a folder that others may not enter they reach nothing, so nothing behind it counts.
    """
    if any(not _mode(folder) & (stat.S_IXGRP | stat.S_IXOTH) for folder in path.absolute().parents):
        return []
    return sorted(_exposed(path))


def _exposed(path: Path) -> Iterator[Path]:
    mode = _mode(path)
    if not mode & _OTHERS or stat.S_ISLNK(mode):
        return
    yield path
    if stat.S_ISDIR(mode):
        for inner in _entries(path):
            yield from _exposed(inner)


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _entries(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries]
    except OSError:
        return []
