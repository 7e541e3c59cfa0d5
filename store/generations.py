"""Sealed generations of the vector index: built aside, published by one rename, never written again."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from store.index import CHROMA_FOLDER, KEYS_FILE, VECTORS_FILE, build_in_child, chroma_version

_CURRENT = "CURRENT"
_FACTS = "generation.json"


@dataclass(frozen=True, slots=True)
class Generation:
    """A published index: every vector up to ``sequence`` is in it, ``rows`` of them, made by one embedder."""

    folder: Path
    sequence: int
    rows: int
    dimension: int
    embedder: str
    chromadb: str

    def is_whole(self) -> bool:
        """Whether its files have the sizes they must have: this finds a lost or cut file, not changed bytes."""
        try:
            keys = (self.folder / KEYS_FILE).stat().st_size
            vectors = (self.folder / VECTORS_FILE).stat().st_size
        except OSError:
            return False
        return (
            keys == 8 * self.rows
            and vectors == 4 * self.rows * self.dimension
            and (self.folder / CHROMA_FOLDER / "chroma.sqlite3").is_file()
        )

    def is_current(self) -> bool:
        """Whether this version of Chroma made it."""
        return self.chromadb == chroma_version()


def current_generation(index: Path) -> Generation | None:
    """Return the published generation, or None where there is none that this version can read.

    A missing or damaged one is no error: everything in it can be built again from the archive's own file.
    """
    for _ in range(3):  # A writer may publish the next one and delete this one between two of our steps.
        try:
            name = (index / _CURRENT).read_text(encoding="ascii").strip()
            facts = json.loads((index / name / _FACTS).read_text(encoding="utf-8"))
            return Generation(index / name, **facts)
        except (OSError, ValueError, TypeError):
            continue
    return None


def publish_generation(
    index: Path, catalog_path: Path, *, number: int, rows: int, dimension: int, embedder: str
) -> Generation:
    """Build generation ``number`` from all stored vectors and make it the current one; older ones are deleted after.

    A number must never come again: who holds the old one open could not tell the two apart. Killed at any moment,
    readers find the old generation or the new one, whole. Raises ArchiveError if building fails.
    """
    index.mkdir(mode=0o700, exist_ok=True)
    _delete_others(index, keep=current_generation(index))
    # The folder's name is new for every process: a builder that outlived its writer must not write into ours.
    aside, folder = index / f"g{number:06}.{os.getpid()}.tmp", index / f"g{number:06}"
    shutil.rmtree(folder, ignore_errors=True)
    aside.mkdir(mode=0o700)
    sequence = build_in_child(catalog_path, aside, rows=rows, dimension=dimension)
    generation = Generation(folder, sequence, rows, dimension, embedder, chroma_version())
    facts = asdict(generation)
    del facts["folder"]
    (aside / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    _sync_tree(aside)
    aside.rename(folder)
    _sync(index)
    _point_to(index, folder.name)
    _delete_others(index, keep=generation)
    return generation


def drop_generations(index: Path) -> None:
    """Delete the index; everything in it can be built again."""
    (index / _CURRENT).unlink(missing_ok=True)
    _delete_others(index, keep=None)


def _point_to(index: Path, name: str) -> None:
    aside = index / f"{_CURRENT}.tmp"
    aside.write_text(name + "\n", encoding="ascii")
    _sync(aside)
    aside.replace(index / _CURRENT)
    _sync(index)


def _delete_others(index: Path, *, keep: Generation | None) -> None:
    for folder in index.glob("g*"):
        if keep is None or folder != keep.folder:
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
