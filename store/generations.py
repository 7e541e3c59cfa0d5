"""Sealed generations of the vector index: what stands in one, and how one is published and found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from store.facts import read_facts, write_facts
from store.index import (
    CHROMA_FOLDER,
    CHROMA_SQLITE,
    KEYS_FILE,
    VECTORS_FILE,
    SealedFile,
    build_in_child,
    chroma_version,
)
from store.sealing import current_folder, drop_folders, publish_folder

if TYPE_CHECKING:
    from store.catalog import Catalog

_FACTS = "generation.json"

NEWER = "newer than the archive"


@dataclass(frozen=True, slots=True)
class Generation:
    """A published index: every vector up to ``sequence`` is in it, ``rows`` of them, made by one embedder.

    ``archive`` names the archive it was built from, and ``files`` are what was built; both are unknown of a generation
    of an earlier version.
    """

    folder: Path
    sequence: int
    rows: int
    dimension: int
    embedder: str
    chromadb: str
    archive: str | None = None
    files: tuple[SealedFile, ...] = ()

    @property
    def number(self) -> int:
        return int(self.folder.name.removeprefix("g").partition(".")[0])

    def is_whole(self) -> bool:
        """Whether its files have the sizes they must have: this finds a lost or cut file, not changed bytes."""
        sizes = {file.name: file.size for file in self.files} | {
            KEYS_FILE: 8 * self.rows,
            VECTORS_FILE: 4 * self.rows * self.dimension,
        }
        try:
            is_there = (self.folder / CHROMA_FOLDER / CHROMA_SQLITE).is_file()
            return is_there and all((self.folder / name).stat().st_size == size for name, size in sizes.items())
        except OSError:
            return False

    def changed_files(self) -> list[str]:
        """Return the names of the files that are not what was built, every byte of them read."""
        return [file.name for file in self.files if not is_as_built(self.folder / file.name, file)]

    def is_current(self) -> bool:
        """Whether this version of Chroma made it."""
        return self.chromadb == chroma_version()

    def flaw(self, catalog: Catalog) -> str | None:
        """Return why it cannot be searched, in words that go on from 'the vector index is'; None where it can."""
        if self.archive not in (None, catalog.setting("archive")):
            return "of another archive"
        if self.embedder != catalog.setting("digest"):
            return "from another embedding model"
        # As where the archive's file was put back from a backup: what it numbers from now on would not count as newer.
        is_numbered_later = self.archive is not None and self.number > int(catalog.setting("generation") or 0)
        if is_numbered_later or self.sequence > catalog.last_sequence():
            return NEWER
        return None if self.is_whole() else "damaged"


def current_generation(index: Path) -> Generation | None:
    """Return the published generation, or None where there is none that this version can read.

    A missing or damaged one is no error: everything in it can be built again from the archive's own file.
    """
    for _ in range(3):  # A writer may publish the next one and delete this one between two of our steps.
        folder = current_folder(index)
        if folder is None:
            return None
        try:
            return _load(folder)
        except (OSError, ValueError, TypeError):
            continue
    return None


def publish_generation(
    index: Path,
    catalog_path: Path,
    *,
    number: int,
    rows: int,
    dimension: int,
    embedder: str,
    archive: str | None = None,
) -> Generation:
    """Build generation ``number`` from all stored vectors and make it the current one; older ones are deleted after.

    Raises ArchiveError if building fails; the old generation stays.
    """

    def build(aside: Path) -> None:
        built = build_in_child(catalog_path, aside, rows=rows, dimension=dimension)
        made = Generation(aside, built.sequence, rows, dimension, embedder, chroma_version(), archive, built.files)
        facts = asdict(made)
        del facts["folder"]
        write_facts(aside / _FACTS, facts)

    return _load(publish_folder(index, number, build))


def drop_generations(index: Path) -> None:
    """Delete the vector index; everything in it can be built again."""
    drop_folders(index)


def _load(folder: Path) -> Generation:
    facts = read_facts(folder / _FACTS)
    files = tuple(SealedFile(**file) for file in facts.pop("files", ()))
    generation = Generation(folder, **facts, files=files)
    numbers = (generation.number, generation.sequence, generation.rows, generation.dimension)
    if not all(isinstance(number, int) for number in numbers):
        raise ValueError(f"{folder.name} does not say what it holds")
    return generation


def is_as_built(path: Path, file: SealedFile) -> bool:
    """Return whether a file has the bytes that were built, or, of one that Chroma changes, whether it has its size."""
    try:
        if file.sha256 is None:
            return path.stat().st_size == file.size
        with path.open("rb") as content:
            return file_digest(content, "sha256").hexdigest() == file.sha256
    except OSError:
        return False
