"""Articles to leaf through: any page of a million at once, by counting the days instead of the articles."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from store.catalog import Catalog
    from store.records import ArticleRef, SearchFilter


class Listing:
    """The articles that satisfy a filter, as they stood when it was made. Where ``is_stale``, make another.

    ``days`` says how many articles each day has, oldest first; ``undated`` how many have no day, ``total`` both.
    """

    def __init__(self, catalog: Catalog, where: SearchFilter, headline: str) -> None:
        self._catalog = catalog
        self._where = where
        self._state = catalog.state()
        # What the full text finds has no order of its own to begin a page in: its keys are kept, eight bytes each.
        self._keys: array[int] | None = array("q") if headline.strip() else None
        counted = catalog.articles_per_day(where) if self._keys is None else self._count_found(headline)
        self.days: tuple[tuple[date, int], ...] = tuple((day, count) for day, count in counted if day is not None)
        self.undated = sum(count for day, count in counted if day is None)
        # Behind how many articles each day begins.
        self._begins = [0, *accumulate(count for _, count in self.days)]

    @property
    def total(self) -> int:
        return self._begins[-1] + self.undated

    @property
    def is_stale(self) -> bool:
        """Whether the archive has changed since."""
        return self._catalog.state() != self._state

    def page(self, start: int, limit: int, *, newest_first: bool) -> list[ArticleRef]:
        """Return up to ``limit`` articles from a 0-based place on, by day; those without one are last either way.

        Within a day they stand as they were added, or the other way round.
        """
        dated = self._begins[-1]
        stop = min(start + limit, dated)
        found: list[ArticleRef] = []
        if start < stop and newest_first:
            found = self._slice(dated - stop, dated - start)[::-1]
        elif start < stop:
            found = self._slice(start, stop)
        if start + limit > dated and self.undated:
            found += self._slice(max(start, dated), start + limit)
        return found

    def _slice(self, start: int, stop: int) -> list[ArticleRef]:
        """Return the articles between two places, oldest first; dated ones or undated ones, never both."""
        if self._keys is not None:
            return self._catalog.articles_with(self._keys[start:stop])
        at = bisect_right(self._begins, start) - 1
        day = self.days[at][0] if at < len(self.days) else None
        return self._catalog.articles_from(day, self._where, skip=start - self._begins[at], limit=stop - start)

    def _count_found(self, headline: str) -> list[tuple[date | None, int]]:
        assert self._keys is not None
        counted = []
        for day, found in groupby(self._catalog.keys_with_headline(headline, self._where), key=lambda one: one[1]):
            before = len(self._keys)
            self._keys.extend(key for key, _ in found)
            counted.append((day, len(self._keys) - before))
        return counted
