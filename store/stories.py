"""Which articles of an archive are prints of one story, kept as they come and go."""

from __future__ import annotations

import heapq
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from store.copies import (
    SHARED_HASHES,
    Shingles,
    are_prints,
    is_about,
    is_agency,
    likeness,
    may_be_prints,
    shingle,
    sketch,
)
from store.records import day_of
from store.rows import moment_of

# Prints appear within so many days of each other. Periods are as long, so that what may be a print lies in an article's
# own period or in one beside it.
WINDOW_DAYS = 14

# A hash that more stories carry, in an article's period and those beside it, belongs to boilerplate and leads nowhere.
CROWD = 50

# Prints of stories looked at for one hash; only an archive with more prints of one story than that ever notices.
MOST_MEMBERS = 400

# Words of the bodies kept taken apart: about 20 MB. Prints tend to be added one after the other.
CACHED_WORDS = 200_000

# Articles entered between two commits where an archive knew no stories yet: about a second of work.
MISSING_BATCH = 500

_UNDATED = -1


@dataclass(frozen=True, slots=True)
class _Entry:
    """An article as far as it matters here. ``rank`` orders articles by who may represent a story, first first."""

    key: int
    rank: tuple[bool, bool, str, str]
    day: int | None
    outlet: str | None
    fingerprint: str

    @property
    def period(self) -> int:
        return _UNDATED if self.day is None else self.day // WINDOW_DAYS

    @property
    def periods(self) -> tuple[int, int, int]:
        """The periods in which prints of it may lie. An article without a day is compared with its like only."""
        if self.day is None:
            return _UNDATED, _UNDATED, _UNDATED
        return self.period - 1, self.period, self.period + 1


class Stories:
    """The groups of prints, over an archive's open connection.

    Articles are ranked: an agency's own first, then the earliest. In that order each either joins the story whose
    leading print it is most like, or, where it is a print of none, leads one of its own. So every print of a story is a
    print of its leader, and two stories do not grow together because a roundup holds both. What comes out follows from
    the articles alone, not from the order in which they were added; only boilerplate that more than ``CROWD`` stories
    carry may make a difference.

    Call ``enter`` and ``forget`` inside the transaction that writes the article.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._taken_apart: dict[tuple[int, str], Shingles] = {}

    # -- reading -------------------------------------------------------------------------------------------------------

    def members(self, keys: Iterable[int]) -> dict[int, int]:
        """Return by article key the key of the article that leads its story: itself, where there is no other print."""
        known = self._is_known()
        return {key: (self._story(key) if known else None) or key for key in keys}

    def prints_of(self, story: int) -> list[int]:
        """Return the keys of all prints of a story, the leading one first, the others by rank."""
        if not self._is_known():
            return [story]
        return [story, *sorted(self._followers(story), key=lambda key: self._entry(key).rank)]

    # -- writing -------------------------------------------------------------------------------------------------------

    def enter(self, key: int) -> None:
        """Find the story of an article that was just stored or replaced."""
        article = self._entry(key)
        hashes = sketch(self._shingles(article))
        self._db.execute("INSERT INTO stories(article, story, sketch) VALUES (?, ?, ?)", (key, key, _packed(hashes)))
        self._write_sketch(article, member=False)
        leader = self._leader_for(article)
        if leader != key:
            self._set_story(article, leader)
        else:
            self._settle(self._followers_to_be(article))

    def forget(self, key: int) -> None:
        """Take an article out of its story, while its row is still as it was; the other prints find a new leader."""
        if self._story(key) is None:
            return  # Of an earlier format and not entered yet.
        orphans = self._followers(key)
        article = self._entry(key)
        self._drop_sketch(article)
        self._db.execute("DELETE FROM stories WHERE article = ?", (key,))
        self._settle(orphans)

    def missing(self, *, after: int, limit: int) -> list[int]:
        """Return the keys above ``after``, ascending, of articles that were never entered."""
        rows = self._db.execute(
            "SELECT a.key FROM articles a LEFT JOIN stories s ON s.article = a.key "
            "WHERE a.key > ? AND s.article IS NULL ORDER BY a.key LIMIT ?",
            (after, limit),
        )
        return [key for (key,) in rows]

    # -- who leads whom ------------------------------------------------------------------------------------------------

    def _settle(self, keys: Iterable[int]) -> None:
        """Find the stories of these articles again, and of those that this in turn concerns: always of lower rank."""
        waiting = [(self._entry(key).rank, key) for key in keys]
        heapq.heapify(waiting)
        last = 0
        while waiting:
            _, key = heapq.heappop(waiting)
            if key == last:
                continue
            last = key
            article, before = self._entry(key), self._story(key)
            now = self._leader_for(article)
            if now == before:
                continue
            concerned = self._followers(key)
            self._set_story(article, now)
            if now == key:
                concerned = self._followers_to_be(article)
            for one in concerned:
                heapq.heappush(waiting, (self._entry(one).rank, one))

    def _leader_for(self, article: _Entry) -> int:
        """Return the leader of higher rank that an article is most like, or its own key where it is a print of none."""
        leaders = map(self._entry, self._candidates(article, members=False))
        of_these = [leader for leader in leaders if leader.rank < article.rank and self._are_prints(article, leader)]
        if not of_these:
            return article.key

        def closeness(leader: _Entry) -> tuple[float, float]:
            like = likeness(self._shingles(article), self._shingles(leader))
            return like.containment, like.resemblance

        best = max(map(closeness, of_these))
        return min((one for one in of_these if closeness(one) == best), key=lambda one: one.rank).key

    def _followers_to_be(self, leader: _Entry) -> list[int]:
        """Return the articles of lower rank that may join a story now that it has this leader."""
        candidates = [*self._candidates(leader, members=False), *self._candidates(leader, members=True)]
        entries = map(self._entry, candidates)
        return [one.key for one in entries if one.rank > leader.rank and self._are_prints(one, leader)]

    def _are_prints(self, a: _Entry, b: _Entry) -> bool:
        if a.day is not None and b.day is not None and abs(a.day - b.day) > WINDOW_DAYS:
            return False
        same_outlet = a.outlet is not None and a.outlet == b.outlet
        if not are_prints(self._shingles(a), self._shingles(b), same_outlet=same_outlet):
            return False
        # What an outlet shows in place of its articles is mostly its own; others' headlines may be far from the text.
        are_about = (self._is_about_its_headline(one.key) for one in (a, b))
        return all(are_about) if same_outlet else any(are_about)

    def _candidates(self, article: _Entry, *, members: bool) -> list[int]:
        """Return the leaders, or the members, of stories whose sketch has enough in common with an article's."""
        hashes = self._sketch(article.key)
        limit = MOST_MEMBERS if members else CROWD + 1
        shared: Counter[int] = Counter()
        for one in hashes:
            rows = self._db.execute(
                "SELECT article FROM sketches WHERE period IN (?, ?, ?) AND hash = ? AND member = ? LIMIT ?",
                (*article.periods, one, members, limit),
            ).fetchall()
            if members or len(rows) < limit:
                shared.update(key for (key,) in rows)
        enough = min(SHARED_HASHES, len(hashes))
        found = (key for key, count in shared.items() if count >= enough and key != article.key)
        return [key for key in found if may_be_prints(hashes, self._sketch(key))]

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _is_known(self) -> bool:
        """Return whether the file has stories at all: format 1 had none."""
        return self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'stories'").fetchone() is not None

    def _entry(self, key: int) -> _Entry:
        article_id, outlet, folded, published, fingerprint = self._db.execute(
            "SELECT id, outlet, outlet_folded, published, fingerprint FROM articles WHERE key = ?", (key,)
        ).fetchone()
        moment = moment_of(published)
        day = day_of(moment)
        # Where only the day is known, the print comes after those that say when on that day.
        time = moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) and moment.tzinfo else published
        rank = (not is_agency(outlet), day is None, f"{day} {time if 'T' in (time or '') else '~'}", article_id)
        return _Entry(key, rank, day.toordinal() if day else None, folded, fingerprint)

    def _shingles(self, article: _Entry) -> Shingles:
        known = self._taken_apart.get((article.key, article.fingerprint))
        if known is not None:
            return known
        (body,) = self._db.execute("SELECT body FROM articles WHERE key = ?", (article.key,)).fetchone()
        made = shingle(body)
        if sum(one.words for one in self._taken_apart.values()) + made.words > CACHED_WORDS:
            self._taken_apart.clear()
        self._taken_apart[article.key, article.fingerprint] = made
        return made

    def _is_about_its_headline(self, key: int) -> bool:
        return is_about(*self._db.execute("SELECT headline, body FROM articles WHERE key = ?", (key,)).fetchone())

    def _story(self, key: int) -> int | None:
        row = self._db.execute("SELECT story FROM stories WHERE article = ?", (key,)).fetchone()
        return None if row is None else int(row[0])

    def _followers(self, story: int) -> list[int]:
        rows = self._db.execute("SELECT article FROM stories WHERE story = ? AND story <> article", (story,))
        return [key for (key,) in rows]

    def _set_story(self, article: _Entry, story: int) -> None:
        was_member = self._story(article.key) != article.key
        is_member = story != article.key
        self._db.execute("UPDATE stories SET story = ? WHERE article = ?", (story, article.key))
        if was_member != is_member:
            self._drop_sketch(article)
            self._write_sketch(article, member=is_member)

    def _sketch(self, key: int) -> tuple[int, ...]:
        (packed,) = self._db.execute("SELECT sketch FROM stories WHERE article = ?", (key,)).fetchone()
        return struct.unpack(f"<{len(packed) // 4}I", packed)

    def _write_sketch(self, article: _Entry, *, member: bool) -> None:
        self._db.executemany(
            "INSERT INTO sketches(period, hash, member, article) VALUES (?, ?, ?, ?)",
            [(article.period, one, member, article.key) for one in self._sketch(article.key)],
        )

    def _drop_sketch(self, article: _Entry) -> None:
        self._db.executemany(
            "DELETE FROM sketches WHERE period = ? AND hash = ? AND member IN (0, 1) AND article = ?",
            [(article.period, one, article.key) for one in self._sketch(article.key)],
        )


def _packed(hashes: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(hashes)}I", *hashes)


def batches_of_missing(stories: Stories) -> Iterator[list[int]]:
    """Yield the keys of articles never entered, in batches to be entered and made durable each."""
    last = 0
    while batch := stories.missing(after=last, limit=MISSING_BATCH):
        yield batch
        last = batch[-1]
