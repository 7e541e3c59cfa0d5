"""The one writer's lock of an archive. The flock is the truth; what the file says is only for the message."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from store.errors import ArchiveError, ArchiveLocked


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the archive's lock; raise ArchiveLocked at once, naming the holder, where another process has it.

    The lock dies with its process, so nothing is left to clean up after a kill.
    """
    path = folder / "LOCK"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise ArchiveError(
            f"cannot write to the archive at {str(folder)!r}: {exc.strerror}",
            hint="asking and searching still work; check the folder's permissions to add to it",
        ) from exc
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise ArchiveLocked(
                f"another process is writing to the archive at {str(folder)!r}{describe_holder(path)}",
                hint="wait until it has finished; asking and searching work meanwhile",
            ) from exc
        with suppress(OSError):  # On a full disk the lock holds all the same; whoever writes next tells of it.
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(_self_portrait()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _self_portrait() -> dict[str, str | int]:
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": " ".join(Path(part).name if i == 0 else part for i, part in enumerate(sys.argv[:2])),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def describe_holder(path: Path) -> str:
    """Return who wrote a LOCK file, in words that go on from 'writing to the archive', '' where it does not say."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f" (process {told['pid']}, {told['command']!r} since {told['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
