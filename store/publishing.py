"""The index of an archive, kept as new as it must be by whoever holds the writer's lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.disk import INDEXED_BYTES, require_room
from store.errors import ArchiveError
from store.generations import NEWER, current_generation, drop_generations, publish_generation
from store.index import REBUILD_HINT

if TYPE_CHECKING:
    from store.archive import Progress

# A new generation is built when this share of its vectors, and at least this many, are newer or gone. Scanning a
# thousand vectors read from SQLite takes 5 ms.
DELTA_SHARE = 0.05
DELTA_ROWS = 1_000

# Where there is none that can be used, one is built for more vectors than these.
FIRST_ROWS = 0

# While a long run embeds, one is built on the way: each time the vectors have grown by a quarter, for at that rate all
# that is built comes to five times the vectors, a tenth of the time that embedding them takes on two cores.
DELTA_SHARE_WHILE_EMBEDDING = 0.25
DELTA_ROWS_WHILE_EMBEDDING = 10_000


class Publishing:
    """What the published index lacks, counted once and kept up; publishes the next one where that is due.

    An index that is missing though one was published, damaged, or not this archive's is built again, with a notice. One
    that cannot be built is a notice as well: exact search answers without it. It is not tried twice.
    """

    def __init__(self, catalog: Catalog, index: Path, progress: Progress | None = None) -> None:
        self._catalog = catalog
        self._index = index
        self._progress = progress
        self._is_hopeless = False
        self._rows = self._fresh = self._gone = 0
        self._flaw: str | None = None
        self._look()

    def note_made(self, vectors: int) -> tuple[str, ...]:
        """Note that so many vectors were made, of more to come; return notices."""
        self._fresh += vectors
        return self._publish_from(DELTA_ROWS_WHILE_EMBEDDING, DELTA_SHARE_WHILE_EMBEDDING)

    def publish_if_due(self) -> tuple[str, ...]:
        """Publish a generation where too much is newer or gone, or there is none that can be used; return notices."""
        return self._publish_from(DELTA_ROWS if self._rows else FIRST_ROWS, DELTA_SHARE)

    def renew(self) -> tuple[str, ...]:
        """Publish the next generation, whatever the one before is like; return a notice where that failed."""
        try:
            self.publish()
        except ArchiveError as exc:
            self._is_hopeless = True
            return (f"{exc}; {exc.hint}",)
        return ()

    def publish(self) -> None:
        """Build the next generation and make it the current one; without any vector there is none afterwards.

        Raises ArchiveError where it cannot be built; the one before stays.
        """
        rows = self._catalog.vector_count()
        if self._is_foreign:
            drop_generations(self._index)  # The next number must not make it look like this archive's.
        if rows:
            self._build(rows)
        else:
            drop_generations(self._index)
        self._note("published", str(self._catalog.setting("generation")) if rows else None)
        self._look()

    def _look(self) -> None:
        """Count what the published generation lacks."""
        generation = current_generation(self._index)
        self._flaw = "missing" if generation is None and self._catalog.setting("published") else None
        self._is_foreign = False
        if generation is not None:
            self._flaw = generation.flaw(self._catalog)
            self._is_foreign = self._flaw is not None
            if self._flaw is None and not generation.is_current():
                self._flaw = f"from Chroma {generation.chromadb}"
        if generation is None or self._flaw is not None:
            self._rows, self._gone, self._fresh = 0, 0, self._catalog.vector_count()
            return
        self._rows = generation.rows
        self._fresh = self._catalog.fresh_count(generation.sequence)
        self._gone = generation.rows - (self._catalog.vector_count() - self._fresh)

    def _publish_from(self, rows: int, share: float) -> tuple[str, ...]:
        changed = self._fresh + self._gone
        if self._is_hopeless or changed <= max(rows, share * self._rows):
            return ()
        was_flawed = self._flaw is not None
        mended = (f"the vector index was {self._flaw}; it was built again from the stored vectors",)
        return self.renew() or (mended if was_flawed else ())

    def _build(self, rows: int) -> None:
        catalog, dimension = self._catalog, int(self._catalog.setting("dimension") or 0)
        require_room(self._index, INDEXED_BYTES * rows * dimension, "the vector index")
        if self._progress:
            self._progress("index", 0, rows)
        if self._flaw == NEWER:
            drop_generations(self._index)  # The next numbers would make it look like one of this state of the archive.
        number = int(catalog.setting("generation") or 0) + 1
        self._note("generation", str(number))
        try:
            publish_generation(
                self._index,
                catalog.path,
                number=number,
                rows=rows,
                dimension=dimension,
                embedder=catalog.setting("digest") or "",
                archive=catalog.setting("archive"),
            )
        except OSError as exc:
            raise ArchiveError(
                f"cannot write the vector index in {str(self._index)!r}: {exc.strerror or exc}", hint=REBUILD_HINT
            ) from exc
        if self._progress:
            self._progress("index", rows, rows)

    def _note(self, name: str, value: str | None) -> None:
        if self._catalog.setting(name) == value:
            return
        with self._catalog.transaction():
            if value is None:
                self._catalog.drop_setting(name)
            else:
                self._catalog.set_setting(name, value)
