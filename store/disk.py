"""Room on the disk, asked for before long work begins, and the kind of file system that a folder lies on."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from store.errors import DiskFull

# What SQLite's log, a folder's entries and other programs may need beside what is reckoned with.
SPARE_BYTES = 20_000_000

# Of one vector, for each of its numbers: 4 bytes in SQLite, and in a generation 4 in the table, 4 in Chroma's index of
# neighbours and up to 8 in the rest of Chroma, while the generation before is still there. An archive of 36,105
# passages with 384 dimensions has 55 MB of vectors and an index of 183.
VECTOR_BYTES = 4
INDEXED_BYTES = 16

# Where locks and shared memory between machines do not hold, SQLite's log and the writer's lock may not either.
_NETWORK = frozenset("nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre gpfs fuse.sshfs fuse.s3fs ncpfs".split())

_MOUNTS = Path("/proc/self/mountinfo")


def free_bytes(path: Path) -> int:
    """Return how much may be written where ``path`` is or will be."""
    return shutil.disk_usage(_existing(path)).free


def bytes_below(folder: Path) -> int:
    """Return how much all files below a folder hold, without those that somebody deletes meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(place, name).lstat().st_size
    return size


def require_room(path: Path, need: int, what: str) -> None:
    """Raise DiskFull, naming place, need and room, where ``need`` bytes more do not fit beside ``path``."""
    free = free_bytes(path)
    if free < need + SPARE_BYTES:
        raise DiskFull(
            f"{what} needs about {size_text(need + SPARE_BYTES)} of the disk of {str(_existing(path))!r}, "
            f"and {size_text(free)} are free",
            hint="make room there and run the same command again; nothing was changed",
        )


def size_text(size: int) -> str:
    """Return a number of bytes for people: '340 MB'."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size // unit:,} {name}"
    return f"{size} bytes"


def file_system(path: Path, *, mounts: Path = _MOUNTS) -> str | None:
    """Return the kind of file system that ``path`` is or will be on, as 'ext4'; None where the machine does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = str(_existing(path).resolve())
    kinds: dict[str, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            kinds[_unescaped(fields[4])] = after.split(" ", 1)[0]  # The latest mount of a place hides those before.
    around = [mount for mount in kinds if _is_within(place, mount)]
    return kinds[max(around, key=len)] if around else None


def is_network(kind: str) -> bool:
    """Say whether a kind of file system is one that several machines may share."""
    return kind in _NETWORK


def sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _existing(path: Path) -> Path:
    path = path.absolute()
    return next(one for one in (path, *path.parents) if one.exists())


def _is_within(place: str, mount: str) -> bool:
    return place == mount or place.startswith(mount.rstrip("/") + "/")


def _unescaped(text: str) -> str:
    return text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
