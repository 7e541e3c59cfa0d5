"""What comes in, stored in batches that are durable together, and counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from store.catalog import Catalog, Put
from store.records import AddReport, Draft, Exported, ExportHead, Reached, Skipped

# Articles are made durable together up to this many or this long, whichever comes first: one at a time, the disk's
# fsync would take most of the time, and a kill loses at most what one batch holds.
ARTICLE_BATCH = 200
ARTICLE_BATCH_S = 1.0

# Of what a run skips so many are kept with their reasons: a dump of a million broken lines has to fit in memory.
MOST_SKIPPED = 10_000

_DOUBLED = "an earlier article of this run has the same id and other text; that one was kept"

Piece = Draft | Skipped | Reached | Exported | ExportHead


class Adding:
    """One run of ``add``: what it has done so far."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._outcomes: Counter[str] = Counter()
        self._passages = 0
        self._skipped: list[Skipped] = []
        self._unnamed = 0
        self._notices: tuple[str, ...] = ()

    def store(self, found: Iterable[Piece]) -> Iterator[int]:
        """Store articles; yield how many there were each time that some more are on the disk."""
        self._catalog.begin_run()
        for batch in _timed_batches(iter(found)):
            with self._catalog.transaction():
                for piece in batch:
                    self._put(piece)
            yield self._outcomes.total()

    def report(self, notices: tuple[str, ...]) -> AddReport:
        return AddReport(
            added=self._outcomes["added"],
            updated=self._outcomes["updated"],
            unchanged=self._outcomes["unchanged"],
            skipped=tuple(self._skipped),
            passages=self._passages,
            notices=(*self._notices, *notices),
            unnamed=self._unnamed,
        )

    def _put(self, piece: Piece) -> None:
        if isinstance(piece, Skipped):
            self._skip(piece)
        elif isinstance(piece, Reached):
            self._catalog.note_reached(piece)
        elif isinstance(piece, ExportHead):
            self._note(self._catalog.put_export_head(piece))
        elif isinstance(piece, Exported):
            self._take(self._catalog.put_exported(piece), piece.draft)
        else:
            self._take(self._catalog.put(piece), piece)

    def _take(self, put: Put, draft: Draft) -> None:
        if put.outcome == "doubled":
            self._skip(Skipped(draft.source, draft.line, _DOUBLED))
            return
        self._outcomes[put.outcome] += 1
        self._passages += put.passages

    def _note(self, notice: str | None) -> None:
        if notice:
            self._notices += (notice,)

    def _skip(self, skipped: Skipped) -> None:
        if len(self._skipped) < MOST_SKIPPED:
            self._skipped.append(skipped)
        else:
            self._unnamed += 1


def _timed_batches(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    while first := list(islice(pieces, 1)):
        batch, began = first, time.monotonic()
        for piece in pieces:
            batch.append(piece)
            if len(batch) >= ARTICLE_BATCH or time.monotonic() - began > ARTICLE_BATCH_S:
                break
        yield batch
