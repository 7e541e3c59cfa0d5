"""The SQLite file: the truth about every article, passage, word and vector of an archive."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from store.errors import ArchiveError, ArticleMissing
from store.free_pages import give_back_free_pages
from store.moving import Moving
from store.records import (
    Article,
    ArticleRef,
    Draft,
    Exported,
    ExportHead,
    Passage,
    PassageWords,
    Reached,
    Revision,
    SearchFilter,
)
from store.rows import (
    REF_COLUMNS,
    columns,
    conditions,
    date_of,
    day_number,
    draft_day,
    embedded_text,
    fingerprint_of,
    is_older,
    moment_of,
    now,
    ordinal_of,
    origin,
    recorded_ref,
    ref_of,
    short_hash,
    told_fingerprint,
)
from store.schema import NAMES_PENDING, STORIES_PENDING, create_file, open_file
from store.splitting import split_passages
from store.stories import Stories, batches_of_missing
from store.subscriptions import Subscriptions
from store.upgrading import upgrade_file
from store.words import HEADLINE_WEIGHT, forms, index_stem, words

if TYPE_CHECKING:
    from store.entities.roster import Roster
    from store.sampling import Sampled

# Words that begin with so many of the same letters are taken for relatives.
SHARED_BEGINNING = 6


# Sequence, passage key, vector, article id, day, outlet, language.
IndexRow = tuple[int, int, bytes, str, int | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an archive holds. ``first`` and ``last`` are the days of publication it covers."""

    articles: int
    passages: int
    vectors: int
    revisions: int
    undated: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a draft, and how many passages were written for it."""

    outcome: Literal["added", "updated", "unchanged", "doubled"]
    passages: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    key: int
    fingerprint: str
    modified: str | None
    # Characters of the body, 0 where it is only the beginning of the article.
    whole: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A passage without a vector: its key and the text that is embedded for it."""

    key: int
    text: str


class Catalog:
    """One open connection to an archive's SQLite file. Every method either happens wholly or not at all.

    ``notices`` are what a person should know of how it was opened.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, notices: tuple[str, ...] = ()) -> None:
        self._db = connection
        self.path = path
        self.notices = notices
        self.stories = Stories(connection)
        self.moving = Moving(connection, self.transaction)
        # Dumps that this run began to read in their middle: which of their articles it would have seen is not known.
        self._resumed: set[str] = set()

    def close(self) -> None:
        self._db.close()

    @cached_property
    def roster(self) -> Roster:
        """Who and what the articles name."""
        from store.entities.roster import Roster  # 25 ms, which no question pays that names nobody with --about

        return Roster(self._db)

    def _condition(self, where: SearchFilter) -> tuple[str, list[str | int]]:
        return self.roster.condition(where) if where.about else conditions(where)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is written inside durable together, or, after any exception, not at all.

        Raises ArchiveError where the disk or another process does not let it.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as exc:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(exc, sqlite3.Error):
                raise ArchiveError(
                    f"cannot write to {str(self.path)!r}: {exc}",
                    hint="what was written before is kept; run the same command again when this is mended",
                ) from exc
            raise

    def shrink(self) -> None:
        """Give the disk back what many removals left; raise ArchiveError where that cannot be done."""
        try:
            give_back_free_pages(self._db, self.path)
        except (OSError, sqlite3.Error) as exc:
            raise ArchiveError(f"cannot shorten {str(self.path)!r}: {exc}", hint="nothing is lost by it") from exc

    # -- manifest ------------------------------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM manifest WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES (?, ?)", (name, value))

    def drop_setting(self, name: str) -> None:
        self._db.execute("DELETE FROM manifest WHERE name = ?", (name,))

    # -- articles ------------------------------------------------------------------------------------------------------

    def begin_run(self) -> None:
        """Forget which articles ``put`` has seen; what one run read twice is told from what changed since the last."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS seen(key INTEGER PRIMARY KEY)")
        self._db.execute("DELETE FROM seen")
        self._resumed.clear()
        self.finish_stories()
        self.finish_names()

    def finish_stories(self) -> None:
        """Find the stories of articles that were added before archives knew any; stopped, the next call goes on."""
        if self.setting(STORIES_PENDING) is None:
            return
        for batch in batches_of_missing(self.stories):
            with self.transaction():
                for key in batch:
                    self.stories.enter(key)
        with self.transaction():
            self.drop_setting(STORIES_PENDING)

    def finish_names(self, progress: Callable[[Literal["names"], int, int], None] | None = None) -> None:
        """Find what articles name that were added before archives knew it; stopped, the next call goes on."""
        reached = self.setting(NAMES_PENDING)
        total = self.counts().articles if reached is not None and progress else 0
        while reached is not None:
            if progress:
                progress("names", total - self.roster.unread(), total)
            with self.transaction():
                last = self.roster.enter_batch(after=int(reached))
                reached = None if last is None else str(last)
                if reached is None:
                    self.drop_setting(NAMES_PENDING)
                else:
                    self.set_setting(NAMES_PENDING, reached)

    def put(self, draft: Draft, *, added: datetime | None = None, spans: Sequence[tuple[int, int]] = ()) -> Put:
        """Store ``draft`` and return what happened. Call it inside a transaction, after ``begin_run``.

        A new article came now, unless ``added`` says when; its passages are ``spans``, or what it is split into.

        The same article is recognised by its id, else its URL, else its content, else by file, headline and day. A
        changed text replaces the old one, which is kept as a revision; one that says it is older than ours does not,
        nor one that a paywall has cut where we have the whole.
        Two texts under one id in one run are "doubled": the first is kept, so that a dump read again changes nothing.
        """
        fingerprint = fingerprint_of(draft)
        known = self._find_known(draft, fingerprint)
        if known is None:
            return self._insert(draft, fingerprint, added.isoformat() if added else now(), spans)
        is_cut = draft.is_truncated and len(draft.body) < known.whole
        if is_cut or known.fingerprint == fingerprint or is_older(draft.modified, moment_of(known.modified)):
            self._mark_seen(known.key)
            return Put("unchanged")
        if self._is_seen(known.key) and not is_older(moment_of(known.modified), draft.modified):
            return Put("doubled")
        return self._replace(known.key, draft, fingerprint, spans)

    def put_exported(self, exported: Exported) -> Put:
        """Store an article of an export with all that is told of it. Call it as ``put``."""
        from store.importing import put_known  # for those who import

        put = self.put(exported.draft, added=exported.added, spans=exported.spans)
        put_known(self._db, exported, is_new=put.outcome == "added")
        return put

    def put_export_head(self, head: ExportHead) -> str | None:
        """Take over what an export says before its articles; return a notice where not all can be used."""
        from store.importing import put_head

        return put_head(self._db, head)

    def remove(self, article_id: str) -> bool:
        """Delete an article with its passages, words, vectors and revisions; return whether there was one."""
        row = self._db.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            return False
        self.stories.forget(row[0])
        self.roster.forget(row[0])
        self._delete_passages(row[0])
        self._db.execute("DELETE FROM articles WHERE key = ?", (row[0],))
        return True

    def article(self, article_id: str) -> Article:
        """Return an article by its id, or by the beginning of it where only one begins so (four characters or more)."""
        row = self._db.execute(f"SELECT {REF_COLUMNS}, body FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None and len(article_id) >= 4:
            rows = self._db.execute(
                f"SELECT {REF_COLUMNS}, body FROM articles WHERE substr(id, 1, ?) = ? LIMIT 2",
                (len(article_id), article_id),
            ).fetchall()
            row = rows[0] if len(rows) == 1 else None
        if row is None:
            raise ArticleMissing(f"no article has the id {article_id!r}", hint="`dateline list` shows the ids")
        return Article(ref_of(row), row[-1])

    def articles(self, where: SearchFilter) -> Iterator[ArticleRef]:
        """Yield the articles that satisfy ``where``, oldest first, undated ones last."""
        condition, values = self._condition(where)
        rows = self._db.execute(
            f"SELECT {REF_COLUMNS} FROM articles a WHERE {condition} ORDER BY day IS NULL, day, published, id", values
        )
        return (ref_of(row) for row in rows)

    def articles_per_day(self, where: SearchFilter) -> list[tuple[date | None, int]]:
        """Return how many articles each day has, oldest first, those without a day last; empty days are left out."""
        condition, values = self._condition(where)
        rows = self._db.execute(
            f"SELECT day, count(*) FROM articles a WHERE {condition} GROUP BY day ORDER BY day IS NULL, day", values
        )
        return [(date_of(day), count) for day, count in rows]

    def articles_from(self, day: date | None, where: SearchFilter, *, skip: int, limit: int) -> list[ArticleRef]:
        """Return up to ``limit`` articles of ``day`` and the days after it, behind the first ``skip`` of them.

        They come in the order of their days, within a day as they were added; ``None`` means those without a day. A
        page costs what it skips, so begin at the day where it begins.
        """
        condition, values = self._condition(where)
        begin, begin_values = ("a.day IS NULL", []) if day is None else ("a.day >= ?", [day_number(day)])
        # The keys first, from the indexes alone: a row has the whole text of its article.
        rows = self._db.execute(
            f"SELECT {REF_COLUMNS} FROM articles WHERE key IN (SELECT a.key FROM articles a WHERE {begin} "
            f"AND {condition} ORDER BY a.day, a.key LIMIT ? OFFSET ?) ORDER BY day, key",
            (*begin_values, *values, limit, skip),
        )
        return [ref_of(row) for row in rows]

    def keys_with_headline(self, headline: str, where: SearchFilter) -> Iterator[tuple[int, date | None]]:
        """Yield key and day of the articles with these words in their headlines, in the order of ``articles_from``.

        All the words must be there, stemmed; the last one may be the beginning of one. Without any word nothing is
        found.
        """
        wanted = words(headline)
        if not wanted:
            return iter(())
        condition, values = self._condition(where)
        # Every passage has its article's headline in the full text: the first of each is enough. The day is read from
        # an index, whose order it is, and no row of an article, which has its whole text: '+' keeps SQLite from that.
        rows = self._db.execute(
            f"SELECT a.key, a.day FROM articles a WHERE {condition} AND +a.key IN "
            "(SELECT p.article FROM full_text f JOIN passages p ON p.key = f.rowid "
            "WHERE f.full_text MATCH ? AND p.ordinal = 0) ORDER BY a.day IS NULL, a.day, a.key",
            (*values, "{headline} : (" + " AND ".join(f'"{word}"' for word in wanted) + " *)"),
        )
        return ((key, date_of(day)) for key, day in rows)

    def articles_with(self, keys: Sequence[int]) -> list[ArticleRef]:
        """Return the articles with these keys, in their order; one that is gone is left out."""
        rows = (
            self._db.execute(f"SELECT {REF_COLUMNS} FROM articles WHERE key = ?", (key,)).fetchone() for key in keys
        )
        return [ref_of(row) for row in rows if row is not None]

    def arrivals(self, article_ids: Iterable[str]) -> dict[str, datetime]:
        """Return when the text that these articles have now came into the archive (UTC); whole ids only."""
        moments: dict[str, datetime] = {}
        for article_id in article_ids:
            row = self._db.execute(
                "SELECT max(added_utc, coalesce((SELECT max(replaced_utc) FROM revisions WHERE article = key), '')) "
                "FROM articles WHERE id = ?",
                (article_id,),
            ).fetchone()
            if row is not None:
                moments[article_id] = datetime.fromisoformat(row[0])
        return moments

    def prints_of(self, story: int) -> list[ArticleRef]:
        """Return the prints of a story, which is known by the key of its leading one: that first."""
        return self.articles_with(self.stories.prints_of(story))

    def outlets(self) -> list[tuple[str | None, int]]:
        """Return each outlet with its number of articles, most first."""
        return [
            (name, count)
            for name, count in self._db.execute(
                "SELECT min(outlet), count(*) FROM articles GROUP BY outlet_folded ORDER BY count(*) DESC, 1"
            )
        ]

    def outlet_names(self) -> list[str]:
        """Return the name of every outlet, sorted: read by leaping from one to the next, however many articles."""
        rows = self._db.execute(
            "WITH RECURSIVE leap(folded) AS (SELECT min(outlet_folded) FROM articles UNION ALL "
            "SELECT (SELECT min(outlet_folded) FROM articles WHERE outlet_folded > folded) FROM leap "
            "WHERE folded IS NOT NULL) "
            "SELECT (SELECT outlet FROM articles WHERE outlet_folded = folded LIMIT 1) FROM leap "
            "WHERE folded IS NOT NULL"
        )
        return [name for (name,) in rows]

    def counts(self) -> Counts:
        articles, undated, first, last = self._db.execute(
            "SELECT count(*), count(*) - count(day), min(day), max(day) FROM articles"
        ).fetchone()
        (passages,) = self._db.execute("SELECT count(*) FROM passages").fetchone()
        (vectors,) = self._db.execute("SELECT count(*) FROM vectors").fetchone()
        (revisions,) = self._db.execute("SELECT count(*) FROM revisions").fetchone()
        return Counts(articles, passages, vectors, revisions, undated, date_of(first), date_of(last))

    def is_empty(self) -> bool:
        return self._db.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is None

    # -- search --------------------------------------------------------------------------------------------------------

    def weigh(self, terms: Sequence[str], *, after: int = 0) -> list[tuple[int, float]]:
        """Return (passage key, bm25) of every passage behind a key that holds any of ``terms``, higher is better.

        A term is a word, or several with blanks between them: a phrase.
        """
        if not terms:
            return []
        rows = self._db.execute(
            "SELECT rowid, rank FROM full_text WHERE full_text MATCH ? AND rowid > ? "
            f"AND rank MATCH 'bm25({HEADLINE_WEIGHT}.0, 1.0)'",
            (_match_expression(terms), after),
        )
        return [(key, -score) for key, score in rows]

    def passages_to_index(self, *, after: int = 0, texts: bool = True) -> Iterator[PassageWords]:
        """Yield the passages behind a key in ascending order, with their texts or without."""
        rows = self._db.execute(
            "SELECT p.key, p.article, p.start, p.end, a.day, a.outlet_folded, a.headline "
            "FROM passages p JOIN articles a ON a.key = p.article WHERE p.key > ? ORDER BY p.key",
            (after,),
        )
        # A body is read once for all its passages: SQLite counts characters from its beginning for every substr.
        known, body = 0, ""
        for key, article, start, end, day, outlet, headline in rows:
            if texts and article != known:
                known, body = article, self._body(article)
            yield PassageWords(key, article, ordinal_of(day), outlet, headline, body[start:end])

    def _body(self, article: int) -> str:
        row = self._db.execute("SELECT body FROM articles WHERE key = ?", (article,)).fetchone()
        return "" if row is None else str(row[0])

    def state(self) -> tuple[int, int]:
        """Return what differs as soon as this connection or another one has changed the file."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version), self._db.total_changes

    def passage_count(self, *, after: int = 0) -> int:
        """Return how many passages stand behind a key."""
        return int(self._db.execute("SELECT count(*) FROM passages WHERE key > ?", (after,)).fetchone()[0])

    def last_passage_key(self) -> int:
        """Return the highest key that a passage ever had, also one that is gone."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) if row else 0

    def all_passage_keys(self) -> Iterator[int]:
        return (key for (key,) in self._db.execute("SELECT key FROM passages"))

    def passage_counts(self, stems: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each stemmed word occurs, at most: those of a verb's irregular forms add up."""
        found = {}
        for word in stems:
            terms = {word, *(index_stem(form) for form in forms(word))}
            rows = (
                self._db.execute("SELECT doc FROM full_text_words WHERE term = ?", (term,)).fetchone() for term in terms
            )
            found[word] = sum(int(row[0]) for row in rows if row is not None) or self._relatives(word)
        return found

    def word_counts(self) -> Iterator[tuple[str, int]]:
        """Yield each stem of the full text with the number of passages that hold it, ascending."""
        return iter(self._db.execute("SELECT term, doc FROM full_text_words"))

    def _relatives(self, word: str) -> int:
        """Return in how many passages the commonest word occurs that shares the beginning of a long one.

        The stemmer parts 'retaliatory' from 'retaliated' and 'diplomat' from 'diplomacy'; an archive with one of them
        has heard of the other.
        """
        if len(word) < SHARED_BEGINNING:
            return 0
        beginning = word[:SHARED_BEGINNING]
        row = self._db.execute(
            "SELECT max(doc) FROM full_text_words WHERE term >= ? AND term < ?", (beginning, beginning + "\U0010ffff")
        ).fetchone()
        return int(row[0] or 0)

    def passages(self, keys: Sequence[int]) -> dict[int, Passage]:
        """Return the passages with these keys; a key that is gone is left out."""
        found: dict[int, Passage] = {}
        for key in keys:
            row = self._db.execute(
                f"SELECT {REF_COLUMNS}, p.ordinal, p.start, p.end, substr(body, p.start + 1, p.end - p.start) "
                "FROM passages p JOIN articles a ON a.key = p.article WHERE p.key = ?",
                (key,),
            ).fetchone()
            if row is not None:
                ref = ref_of(row)
                ordinal, start, end, text = row[-4:]
                found[key] = Passage(f"{ref.id}:{start}-{end}", ref, ordinal, start, end, text)
        return found

    def is_as_stored(self, article: int) -> bool:
        """Return whether an article says what was stored, and not something else since bytes changed on the disk.

        50 µs for an article of 10,000 characters.
        """
        try:
            row = self._db.execute(
                f"SELECT {REF_COLUMNS}, body, fingerprint FROM articles WHERE key = ?", (article,)
            ).fetchone()
            return row is None or told_fingerprint(row, row[-2]) == row[-1]
        except UnicodeError:
            return False
        except sqlite3.OperationalError as exc:
            if "decode" in str(exc):  # bytes that are no UTF-8
                return False
            raise

    # -- vectors -------------------------------------------------------------------------------------------------------

    def pending(self, *, leads: bool, after: int, limit: int) -> list[Pending]:
        """Return passages without a vector in key order: the first ones of articles (``leads``), or the others."""
        rows = self._db.execute(
            "SELECT p.key, a.headline, a.outlet, a.published, substr(a.body, p.start + 1, p.end - p.start) "
            "FROM passages p JOIN articles a ON a.key = p.article "
            f"WHERE p.ordinal {'=' if leads else '>'} 0 AND p.key > ? "
            "AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.passage = p.key) ORDER BY p.key LIMIT ?",
            (after, limit),
        )
        return [Pending(row[0], embedded_text(*row[1:])) for row in rows]

    def put_vectors(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Store little-endian float32 vectors by passage key; passages that are gone meanwhile are left out."""
        self._db.executemany(
            "INSERT OR REPLACE INTO vectors(passage, vector, checksum) SELECT key, ?, ? FROM passages WHERE key = ?",
            [(blob, zlib.crc32(blob), key) for key, blob in vectors],
        )

    def vectors(self, *, after: int = 0) -> Iterator[tuple[int, int, bytes]]:
        """Yield (sequence, passage key, vector) written after a sequence number, in that order."""
        return iter(
            self._db.execute(
                "SELECT sequence, passage, vector FROM vectors WHERE sequence > ? ORDER BY sequence", (after,)
            )
        )

    def keyed_vectors(self, *, after: int) -> Iterator[tuple[int, bytes]]:
        """Yield (passage key, vector) written after a sequence number, in that order."""
        return ((key, vector) for _, key, vector in self.vectors(after=after))

    def vector_count(self) -> int:
        # Counted over the small index of passages, not over the vectors themselves.
        return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def fresh_count(self, sequence: int) -> int:
        """Return how many vectors were written after a sequence number."""
        return int(self._db.execute("SELECT count(*) FROM vectors WHERE sequence > ?", (sequence,)).fetchone()[0])

    def last_sequence(self) -> int:
        """Return the highest sequence number that a vector ever had, also one that is gone."""
        row = self._db.execute("SELECT seq FROM main.sqlite_sequence WHERE name = 'vectors'").fetchone()
        return int(row[0]) if row else 0

    def keys_with_vectors(self, *, after: int) -> Iterator[int]:
        """Yield the keys of the passages whose vectors were written after a sequence number, ascending."""
        rows = self._db.execute("SELECT passage FROM vectors WHERE sequence > ? ORDER BY passage", (after,))
        return (key for (key,) in rows)

    def index_rows(self) -> Iterator[IndexRow]:
        """Yield (sequence, passage key, vector, article id, day, outlet, language) in order of passage key."""
        return iter(
            self._db.execute(
                "SELECT v.sequence, p.key, v.vector, a.id, a.day, a.outlet, a.language FROM vectors v "
                "JOIN passages p ON p.key = v.passage JOIN articles a ON a.key = p.article ORDER BY p.key"
            )
        )

    def rows_written_after(self, sequence: int, *, limit: int) -> list[IndexRow]:
        """Return the first rows, like those of ``index_rows``, of vectors written after a sequence number, in order."""
        rows = self._db.execute(
            "SELECT v.sequence, p.key, v.vector, a.id, a.day, a.outlet, a.language FROM vectors v "
            "JOIN passages p ON p.key = v.passage JOIN articles a ON a.key = p.article "
            "WHERE v.sequence > ? ORDER BY v.sequence LIMIT ?",
            (sequence, limit),
        )
        return list(rows)

    def history(self, article_id: str) -> list[Revision]:
        """Return what an article was before, oldest first; empty where it was never replaced."""
        rows = self._db.execute(
            "SELECT r.replaced_utc, r.record, r.body FROM revisions r JOIN articles a ON a.key = r.article "
            "WHERE a.id = ? ORDER BY r.replaced_utc, r.key",
            (article_id,),
        )
        return [Revision(Article(recorded_ref(record), body), datetime.fromisoformat(at)) for at, record, body in rows]

    # -- how far dumps were read ---------------------------------------------------------------------------------------

    def note_reached(self, place: Reached) -> None:
        """Remember how far a dump has been read, or forget it at its end. Call it inside a transaction.

        The place that is remembered already says that the dump is read from there on.
        """
        if self.reached(place.source, place.stamp) == place:
            self._resumed.add(origin(place.source))
        if place.offset is None:
            self._db.execute("DELETE FROM reached WHERE source = ?", (place.source,))
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO reached(source, stamp, offset, line) VALUES (?, ?, ?, ?)",
                (place.source, place.stamp, place.offset, place.line),
            )

    def reached(self, source: str, stamp: str) -> Reached | None:
        """Return where reading of a dump stopped, ``None`` where it was finished, never begun or is another one."""
        row = self._db.execute(
            "SELECT source, stamp, offset, line FROM reached WHERE source = ? AND stamp = ?", (source, stamp)
        ).fetchone()
        return Reached(*row) if row else None

    # -- feeds ---------------------------------------------------------------------------------------------------------

    def subscriptions(self, writing: Callable[[], AbstractContextManager[None]]) -> Subscriptions:
        """Return the feeds of the archive; ``writing`` gives the writer's lock and a transaction."""
        return Subscriptions(self._db, writing)

    # -- writing -------------------------------------------------------------------------------------------------------

    def _find_known(self, draft: Draft, fingerprint: str) -> _Known | None:
        if draft.id is not None:
            return self._known("id = ?", draft.id)
        if draft.url is not None:
            return self._known("url = ?", draft.url)
        same = self._known("fingerprint = ?", fingerprint)
        if same is not None or origin(draft.source) in self._resumed:
            return same
        # One headline may stand over several articles of a file ('Editorial Roundup'): those of this run are not meant.
        return self._known(
            "source = ? AND headline = ? AND day IS ? AND url IS NULL AND key NOT IN (SELECT key FROM seen)"
            " GROUP BY source HAVING count(*) = 1",
            origin(draft.source),
            draft.headline,
            draft_day(draft),
        )

    def _known(self, condition: str, *values: str | int | None) -> _Known | None:
        rows = self._db.execute(
            "SELECT key, fingerprint, modified, CASE WHEN is_truncated THEN 0 ELSE length(body) END "
            f"FROM articles WHERE {condition} ORDER BY key LIMIT 1",
            values,
        ).fetchall()
        return _Known(*rows[0]) if rows else None

    def _mark_seen(self, key: int) -> None:
        self._db.execute("INSERT OR IGNORE INTO seen(key) VALUES (?)", (key,))

    def _is_seen(self, key: int) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE key = ?", (key,)).fetchone() is not None

    def _insert(self, draft: Draft, fingerprint: str, added: str, spans: Sequence[tuple[int, int]]) -> Put:
        article_id = draft.id or self._new_id(draft, fingerprint)
        values = (article_id, *columns(draft), fingerprint, origin(draft.source), added)
        cursor = self._db.execute(
            f"INSERT INTO articles({REF_COLUMNS}, body, day, outlet_folded, fingerprint, source, added_utc) "
            f"VALUES ({', '.join('?' * len(values))})",
            values,
        )
        assert cursor.lastrowid is not None
        self._mark_seen(cursor.lastrowid)
        self.stories.enter(cursor.lastrowid)
        self.roster.enter(cursor.lastrowid)
        return Put("added", self._insert_passages(cursor.lastrowid, draft, spans))

    def _new_id(self, draft: Draft, fingerprint: str) -> str:
        """Return an id made from the URL or the text, the same on every machine, unless something else has it."""
        seed = f"url\0{draft.url}" if draft.url else f"text\0{fingerprint}"
        article_id = short_hash(seed)
        while self._known("id = ?", article_id) is not None:
            seed += "+"
            article_id = short_hash(seed)
        return article_id

    def _replace(self, key: int, draft: Draft, fingerprint: str, spans: Sequence[tuple[int, int]]) -> Put:
        names = [*REF_COLUMNS.split(", "), "fingerprint"]  # The fingerprint tells whether the earlier text is whole.
        *row, body = self._db.execute(f"SELECT {', '.join(names)}, body FROM articles WHERE key = ?", (key,)).fetchone()
        self._db.execute(
            "INSERT INTO revisions(article, replaced_utc, record, body) VALUES (?, ?, ?, ?)",
            (key, now(), json.dumps(dict(zip(names, row, strict=True))), body),
        )
        self._delete_passages(key)
        self.stories.forget(key)
        self.roster.forget(key)
        names = [*REF_COLUMNS.split(", ")[1:], "body", "day", "outlet_folded", "fingerprint", "source"]
        self._db.execute(
            f"UPDATE articles SET {', '.join(f'{name} = ?' for name in names)} WHERE key = ?",
            (*columns(draft), fingerprint, origin(draft.source), key),
        )
        self._mark_seen(key)
        self.stories.enter(key)
        self.roster.enter(key)
        return Put("updated", self._insert_passages(key, draft, spans))

    def _insert_passages(self, article: int, draft: Draft, spans: Sequence[tuple[int, int]]) -> int:
        spans = spans or split_passages(draft.body)
        for ordinal, (start, end) in enumerate(spans):
            cursor = self._db.execute(
                "INSERT INTO passages(article, ordinal, start, end) VALUES (?, ?, ?, ?)", (article, ordinal, start, end)
            )
            self._db.execute(
                "INSERT INTO full_text(rowid, headline, text) VALUES (?, ?, ?)",
                (cursor.lastrowid, draft.headline, draft.body[start:end]),
            )
        return len(spans)

    def _delete_passages(self, article: int) -> None:
        # The full text keeps no text of its own: it must be told what it is to forget, while the view still shows it.
        self._db.execute(
            "INSERT INTO full_text(full_text, rowid, headline, text) SELECT 'delete', t.key, t.headline, t.text "
            "FROM passage_text t JOIN passages p ON p.key = t.key WHERE p.article = ?",
            (article,),
        )
        self._db.execute("DELETE FROM passages WHERE article = ?", (article,))

    # -- sampling ------------------------------------------------------------------------------------------------------

    def sample(self, count: int, *, seed: str) -> list[Sampled]:
        """Return up to ``count`` articles of different stories, the same for the same seed (see store.sampling)."""
        from store.sampling import sample_articles  # 9 ms, for those who draw

        return sample_articles(self._db, count, seed=seed)


def _match_expression(terms: Sequence[str]) -> str:
    # Quoted, a word is only a word: unquoted, 'near', '*' and ':' are query syntax and raise.
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)


def create_catalog(path: Path) -> Catalog:
    """Create the file at ``path``, or open it where it is already there."""
    if not path.exists():
        create_file(path)
    return open_catalog(path, writable=True)


def open_catalog(path: Path, *, writable: bool) -> Catalog:
    """Open an existing file; raise ArchiveMissing, ArchiveNewer or ArchiveDamaged where that cannot be.

    To be written to, one of an earlier format is brought up to date: raises ArchiveLocked while another process writes.
    """
    notice = upgrade_file(path) if writable else None
    return Catalog(open_file(path, writable=writable), path, (notice,) if notice else ())
