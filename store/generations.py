"""Sealed generations of the vector index: what stands in one, and how one is published and found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from store.index import CHROMA_FOLDER, KEYS_FILE, VECTORS_FILE, build_in_child, chroma_version
from store.sealing import current_folder, drop_folders, publish_folder

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
        folder = current_folder(index)
        if folder is None:
            return None
        try:
            return Generation(folder, **json.loads((folder / _FACTS).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
    return None


def publish_generation(
    index: Path, catalog_path: Path, *, number: int, rows: int, dimension: int, embedder: str
) -> Generation:
    """Build generation ``number`` from all stored vectors and make it the current one; older ones are deleted after.

    Raises ArchiveError if building fails; the old generation stays.
    """

    def build(aside: Path) -> None:
        sequence = build_in_child(catalog_path, aside, rows=rows, dimension=dimension)
        facts = asdict(Generation(aside, sequence, rows, dimension, embedder, chroma_version()))
        del facts["folder"]
        (aside / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")

    folder = publish_folder(index, number, build)
    return Generation(folder, **json.loads((folder / _FACTS).read_text(encoding="utf-8")))


def drop_generations(index: Path) -> None:
    """Delete the vector index; everything in it can be built again."""
    drop_folders(index)
