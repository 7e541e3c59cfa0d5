"""What a sealed index of words says of itself: the archive and the passages it was built from, and its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from store.catalog import Catalog
from store.facts import read_facts, write_facts
from store.generations import is_as_built
from store.index import SealedFile

_FACTS = "words.json"


@dataclass(frozen=True, slots=True)
class WordFacts:
    """Facts of the index in ``folder``. ``last`` is the highest key that a passage ever had when it was built.

    An index of an earlier version says nothing: ``archive`` and ``last`` are None then, and ``files`` is empty.
    """

    folder: Path
    archive: str | None = None
    last: int | None = None
    files: tuple[SealedFile, ...] = ()

    def flaw(self, catalog: Catalog) -> str | None:
        """Return why it cannot be searched, in words that go on from 'the index of words is'; None where it can."""
        if self.archive not in (None, catalog.setting("archive")):
            return "of another archive"
        # As where the archive's file was put back from a backup: keys that it gives from now on are in there already.
        is_numbered_later = self.archive is not None and self._number() > int(catalog.setting("words") or 0)
        if is_numbered_later or (self.last or 0) > catalog.last_passage_key():
            return "newer than the archive"
        return None if self._is_whole() else "damaged"

    def changed_files(self) -> list[str]:
        """Return the names of the files that are not what was built, every byte of them read."""
        return [file.name for file in self.files if not is_as_built(self.folder / file.name, file)]

    def _number(self) -> int:
        return int(self.folder.name.removeprefix("g"))

    def _is_whole(self) -> bool:
        try:
            return all((self.folder / file.name).stat().st_size == file.size for file in self.files)
        except OSError:
            return False


def describe(folder: Path, catalog: Catalog, *, last: int) -> None:
    """Describe the index that was just built in ``folder`` from a catalog whose highest passage key was ``last``."""
    facts = asdict(WordFacts(folder, catalog.setting("archive"), last, tuple(_describe_files(folder))))
    del facts["folder"]
    write_facts(folder / _FACTS, facts)


def facts_of(folder: Path) -> WordFacts:
    """Return what an index says of itself; raise OSError or ValueError where that is damaged."""
    number = folder.name.removeprefix("g")
    if not number.isdecimal():
        raise ValueError(f"{folder.name!r} is no sealed folder")
    try:
        facts = read_facts(folder / _FACTS)
    except FileNotFoundError:
        if not folder.is_dir():
            raise
        return WordFacts(folder)
    try:
        archive, last = facts["archive"], int(facts["last"])
        files = tuple(SealedFile(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in facts["files"])
    except (KeyError, TypeError) as exc:
        raise ValueError(f"{str(folder / _FACTS)!r} does not say what it should") from exc
    return WordFacts(folder, archive, last, files)


def _describe_files(folder: Path) -> Iterator[SealedFile]:
    for path in sorted(folder.iterdir()):
        with path.open("rb") as content:
            yield SealedFile(path.name, path.stat().st_size, file_digest(content, "sha256").hexdigest())
