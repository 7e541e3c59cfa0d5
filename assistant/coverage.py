"""What an archive covers, as it stands or as it stood on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from store.records import SearchFilter, day_of

if TYPE_CHECKING:
    from datetime import date

    from store.archive import Archive
    from store.catalog import Counts


def coverage_of(archive: Archive, as_of: date | None) -> tuple[Counts, Sequence[tuple[str | None, int]]]:
    """Return the counts of an archive and its outlets with their number of articles, most first.

    ``as_of`` a day, what was published after it, and what has no day, is not counted.
    """
    if as_of is None:
        status = archive.status()
        return status.counts, status.outlets
    refs = list(archive.articles(SearchFilter(until=as_of)))
    days = [day for ref in refs if (day := day_of(ref.published))]
    counted = Counter(ref.outlet for ref in refs)
    outlets = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    counts = replace(
        archive.counts(), articles=len(refs), undated=0, first=min(days, default=None), last=max(days, default=None)
    )
    return counts, outlets
