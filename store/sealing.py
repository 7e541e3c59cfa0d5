"""Sealed folders: built aside, published by one rename, never written again.

Readers find the old folder or the new one, whole, whatever moment a builder is killed at.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

_CURRENT = "CURRENT"


def current_folder(root: Path) -> Path | None:
    """Return the published folder below ``root``, or None where none was published."""
    try:
        return root / (root / _CURRENT).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def publish_folder(root: Path, number: int, build: Callable[[Path], None]) -> Path:
    """Let ``build`` fill a new folder, make it the current one below ``root``, delete the others, and return it.

    A number must never come again: who holds the old one open could not tell the two apart. What ``build`` raises
    leaves the old one current.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _delete_others(root, keep=current_folder(root))
    # The folder's name is new for every process: a builder that outlived its writer must not write into ours.
    aside, folder = root / f"g{number:06}.{os.getpid()}.tmp", root / f"g{number:06}"
    shutil.rmtree(folder, ignore_errors=True)
    aside.mkdir(mode=0o700)
    build(aside)
    _sync_tree(aside)
    aside.rename(folder)
    _sync(root)
    _point_to(root, folder.name)
    _delete_others(root, keep=folder)
    return folder


def drop_folders(root: Path) -> None:
    """Delete whatever was published below ``root``."""
    (root / _CURRENT).unlink(missing_ok=True)
    _delete_others(root, keep=None)


def _point_to(root: Path, name: str) -> None:
    aside = root / f"{_CURRENT}.tmp"
    aside.write_text(name + "\n", encoding="ascii")
    _sync(aside)
    aside.replace(root / _CURRENT)
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
