"""Whether an archive is whole: looked at without its lock, without changing anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from store.catalog import Catalog
from store.errors import ArchiveDamaged
from store.integrity.contents import Share, find_in_contents
from store.integrity.findings import Finding, Mending, Severity, broken
from store.integrity.places import find_in_folder
from store.integrity.sealed import find_in_index, find_in_words
from store.integrity.structure import find_in_structure
from store.schema import FILE_NAME, open_file

__all__ = ["Checked", "Finding", "Mending", "Severity", "check_archive"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the archive at ``path`` found, the worst first; ``full`` and ``percent`` say what was read."""

    path: Path
    findings: tuple[Finding, ...]
    full: bool
    percent: float
    articles: int = 0
    passages: int = 0
    vectors: int = 0

    @property
    def is_sound(self) -> bool:
        return not any(finding.is_broken for finding in self.findings)


def check_archive(
    path: Path, *, full: bool = False, percent: float = 100.0, asks: bool = True, progress: Progress | None = None
) -> Checked:
    """Return what is wrong with the archive at ``path``: its structure, or, with ``full``, every byte of it.

    ``percent`` of the articles and vectors are read in full, always the same ones. ``asks`` says whether a full check
    compares Chroma's answers with those of exact search. Raises ArchiveMissing and ArchiveNewer; what is damaged is a
    finding.
    """
    path = path.absolute()
    tell = progress or _tell_nobody
    try:
        db = open_file(path / FILE_NAME, writable=False)
    except ArchiveDamaged as exc:
        told = str(exc).partition(": ")[2] or str(exc)
        return Checked(path, (broken(FILE_NAME, told, "salvage"),), full, percent)
    with closing(db):
        catalog = Catalog(db, path / FILE_NAME)
        tell("structure")
        found = list(_looked(lambda: find_in_structure(db, FILE_NAME, full=full)))
        counts = (0, 0, 0)
        if not _is_hopeless(found):
            if full:
                tell("texts, words and vectors")
                found += _looked(lambda: find_in_contents(db, Share(percent)))
            tell("index")
            index = path / "index"
            found += _looked(lambda: find_in_index(catalog, index, full=full, asks=asks, percent=percent))
            found += _looked(lambda: find_in_words(catalog, index / "words", full=full))
            counted = catalog.counts()
            counts = (counted.articles, counted.passages, counted.vectors)
        vector_bytes = counts[2] * 4 * int(_number(catalog, "dimension"))
    found += find_in_folder(path, vector_bytes=vector_bytes)
    found.sort(key=lambda finding: not finding.is_broken)
    return Checked(path, tuple(found), full, percent, *counts)


def _looked(look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Return what ``look`` yields, and what keeps it from going on."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except (sqlite3.Error, UnicodeError, ArchiveDamaged) as exc:
        found.append(broken(FILE_NAME, f"SQLite: {exc}", "salvage"))
    return found


def _is_hopeless(found: list[Finding]) -> bool:
    return any(finding.mending == "salvage" for finding in found)


def _number(catalog: Catalog, name: str) -> int:
    try:
        return int(catalog.setting(name) or 0)
    except (ValueError, sqlite3.Error):
        return 0


def _tell_nobody(stage: str) -> None:
    del stage
