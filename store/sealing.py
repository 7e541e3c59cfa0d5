"""Sealed folders: built aside, published by one rename, never written again.

Readers find the old folder or the new one, whole, whatever moment a builder is killed at.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from store.permissions import make_private

_CURRENT = "CURRENT"


def current_folder(root: Path) -> Path | None:
    """Return the published folder below ``root``, or None where none was published."""
    try:
        name = (root / _CURRENT).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return root / name if re.fullmatch(r"g\d+", name) else None


def publish_folder(root: Path, number: int, build: Callable[[Path], None]) -> Path:
    """Let ``build`` fill a new folder, make it the current one below ``root``, delete the others, and return it.

    The one before stays until the next is published where a reader holds it.
    A number must never come again: who holds the old one open could not tell the two apart. What ``build`` raises
    leaves the old one current.
    """
    for folder in (root.parent, root):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = current_folder(root)
    _delete_others(root, keep=before)
    # The folder's name is new for every process: a builder that outlived its writer must not write into ours.
    aside, folder = root / f"g{number:06}.{os.getpid()}.tmp", root / f"g{number:06}"
    shutil.rmtree(folder, ignore_errors=True)
    aside.mkdir(mode=0o700)
    try:
        build(aside)
        make_private(aside)
        _sync_tree(aside)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)  # What was left half-made may be most of what fills a disk.
    _sync(root)
    _point_to(root, folder.name)
    if before is None or not _is_held(before):
        _delete_others(root, keep=folder)
    return folder


def hold_folder(folder: Path) -> int:
    """Keep a published folder from being deleted, until the next one but one, by a descriptor to be closed."""
    descriptor = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # Where nothing can be locked, what is open can be read all the same.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def drop_folders(root: Path) -> None:
    """Delete whatever was published below ``root``."""
    (root / _CURRENT).unlink(missing_ok=True)
    _delete_others(root, keep=None)


def _point_to(root: Path, name: str) -> None:
    aside = root / f"{_CURRENT}.tmp"
    try:
        aside.write_text(name + "\n", encoding="ascii")
        aside.chmod(0o600)
        _sync(aside)
        aside.replace(root / _CURRENT)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    _sync(root)


def _delete_others(root: Path, *, keep: Path | None) -> None:
    for folder in root.glob("g*"):
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)


def _sync_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
