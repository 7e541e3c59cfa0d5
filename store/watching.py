"""A folder that is watched: what comes into it and is written to the end, in batches, until somebody says stop."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from store.readers.files import is_left_out, label

# Browsers and editors write to these names first.
_TEMPORARY_ENDINGS = (
    ".crdownload", ".download", ".filepart", ".opdownload", ".part", ".partial", ".swp", ".temp", ".tmp", "~",
)  # fmt: skip
_TEMPORARY_STARTS = (".", "~$")

SETTLED_S = 1.0

# File systems of other machines tell nobody what changes, and a queue of events can run over.
_RESCAN_S = 300.0

_Size = tuple[int, int]


def watch_folder(
    folder: Path,
    *,
    stop: threading.Event,
    notice: Callable[[str], None] = lambda _: None,
    settled_s: float = SETTLED_S,
) -> Iterator[list[Path]]:
    """Yield the files in ``folder`` and below it, then those that come or change, sorted, until ``stop`` is set.

    A file is given when size and time have stayed the same for ``settled_s``, and again only when they changed. Hidden
    and temporary names, and what a browser saves beside a page, are left out. A folder that is removed is waited for:
    ``notice`` gets a sentence then and when it is back. Where there is nothing in the folder at first, that is an empty
    batch.
    """
    folder = folder.absolute()  # as changes are told
    seen: dict[Path, _Size] = {}
    is_first = True
    while not stop.is_set():
        if folder.is_dir():
            for batch in _watch_existing(folder, seen, stop=stop, settled_s=settled_s):
                if batch or is_first:
                    yield batch
                is_first = False
        if stop.is_set():
            return
        notice(f"{label(folder)} is gone; waiting for it to come back")
        while not folder.is_dir():
            if stop.wait(settled_s):
                return
        notice(f"{label(folder)} is back")


def _watch_existing(
    folder: Path, seen: dict[Path, _Size], *, stop: threading.Event, settled_s: float
) -> Iterator[list[Path]]:
    """Yield batches while ``folder`` stays the same folder, an empty one where nothing has settled."""
    from watchfiles import Change, watch  # 0.1 s

    identity = _identity(folder)
    unsettled = _Unsettled(folder, seen, settled_s)
    unsettled.look_at(_files_below(folder))
    rescan = time.monotonic() + _RESCAN_S
    tick_ms = max(10, int(settled_s * 500))
    changes = watch(
        folder,
        watch_filter=None,
        debounce=tick_ms,
        step=min(50, tick_ms),
        rust_timeout=tick_ms,
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    try:
        for changed in changes:
            # A new folder may get the old one's number, and a mount may hide it without a word of the system.
            if (Change.deleted, str(folder)) in changed or _identity(folder) != identity:
                return
            unsettled.look_at(
                path for change, name in changed if change is not Change.deleted for path in _at(Path(name))
            )
            if time.monotonic() > rescan:
                unsettled.look_at(_files_below(folder))
                rescan = time.monotonic() + _RESCAN_S
            yield unsettled.take_settled()
    except FileNotFoundError:  # removed before it was watched
        return


class _Unsettled:
    """The files that may still be written to, with the size that each had and since when."""

    def __init__(self, folder: Path, seen: dict[Path, _Size], settled_s: float) -> None:
        self._folder = folder
        self._seen = seen
        self._settled_s = settled_s
        self._waiting: dict[Path, tuple[_Size, float]] = {}

    def look_at(self, paths: Iterable[Path]) -> None:
        for path in paths:
            size = _size(path)
            if size is not None and not _is_temporary(path) and self._seen.get(path) != size:
                self._waiting.setdefault(path, (size, time.monotonic()))

    def take_settled(self) -> list[Path]:
        now = time.monotonic()
        settled = []
        for path, (size, since) in list(self._waiting.items()):
            latest = _size(path)
            if latest is None:
                del self._waiting[path]
            elif latest != size:
                self._waiting[path] = (latest, now)
            elif now - since >= self._settled_s:
                del self._waiting[path]
                self._seen[path] = size
                settled.append(path)
        return sorted(path for path in settled if not is_left_out(path, self._folder))


def _at(path: Path) -> Iterator[Path]:
    """Yield the file, or those below a folder: of one that was moved here only itself is told."""
    if path.is_dir() and not path.is_symlink():
        yield from _files_below(path)
    else:
        yield path


def _files_below(folder: Path) -> Iterator[Path]:
    for current, _, names in os.walk(folder):
        yield from (Path(current, name) for name in names)


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(_TEMPORARY_STARTS) or path.name.lower().endswith(_TEMPORARY_ENDINGS)


def _size(path: Path) -> _Size | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if path.is_file() else None


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
