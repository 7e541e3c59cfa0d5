"""A new file from what can be read of a damaged one, which is kept beside it under another name."""

from __future__ import annotations

import os
import re
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from store.disk import require_room, sync
from store.errors import ArchiveError
from store.integrity.contents import are_whole, derived_columns, is_as_stored
from store.integrity.pages import PageFile, Row
from store.integrity.structure import KNOWN_SETTINGS
from store.rows import recorded_ref
from store.schema import FILE_NAME, NAMES_PENDING, STORIES_PENDING, create_file
from store.splitting import split_passages

_DIGEST = re.compile(r"[0-9a-f]{64}")

# Articles of format 1 have so many columns; later formats added some at the end.
_FEWEST_COLUMNS = 17
_ID, _HEADLINE, _BODY, _DAY, _FOLDED, _FINGERPRINT = 1, 2, 11, 12, 13, 14
_FETCHED = 17

_IDS = "sqlite_autoindex_articles_1"
_TABLES = ("manifest", "articles", "revisions", "passages", "vectors", "feeds", "entries", "reached", "sqlite_sequence")

# Beside the tables of the new file, which are filled with what is sound.
_STAGES = """
CREATE TEMP TABLE changed(id TEXT, headline TEXT);
CREATE TEMP TABLE known(id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE spans(key INTEGER PRIMARY KEY, article INTEGER, ordinal INTEGER, start INTEGER, end INTEGER);
CREATE INDEX temp.spans_by_article ON spans(article, ordinal);
"""

# Makes keys that an index may still know never come again.
_KEYED = ("articles", "revisions", "passages", "vectors", "feeds")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was read of a damaged file, which lies at ``damaged`` now.

    ``lost`` names the articles that are known to have been in it and could not be read as they were stored, with their
    headlines where these are known. ``vectors_lost`` are made anew by embedding.
    """

    damaged: Path
    articles: int
    passages: int
    vectors: int
    lost: tuple[tuple[str, str | None], ...]
    vectors_lost: int
    is_certain: bool


def salvage(folder: Path) -> Salvaged:
    """Make a new file of what can be read of the damaged one in ``folder``, and put it in its place.

    Call it under the writer's lock. Nothing is deleted: killed at any moment, the damaged file is where it was or lies
    beside the new one. Raises ArchiveError where nothing can be read, or there is no room.
    """
    path = folder / FILE_NAME
    source = _kept_before(path) or path
    aside = folder / f"{FILE_NAME}.salvaged"
    require_room(folder, 2 * source.stat().st_size, "reading what can be read of the damaged archive into a new file")
    for leftover in folder.glob(f"{aside.name}*"):
        leftover.unlink()
    create_file(aside)
    with closing(sqlite3.connect(aside, isolation_level=None)) as db, closing(PageFile(source)) as pages:
        db.executescript(f"PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; {_STAGES} BEGIN;")
        filling = _Filling(db)
        for table, row in pages.rows((*_TABLES, _IDS), _table_of):
            filling.put(table, row)
        salvaged = filling.finish(path)
        if not salvaged.articles:
            raise ArchiveError(
                f"no article can be read in {str(path)!r}; it is left as it is",
                hint="restore it from a backup with `dateline restore FILE`",
            )
        db.execute("COMMIT")
        _verify(db, aside)
    sync(aside)
    damaged = _put_aside(path, source)
    aside.replace(path)
    sync(folder)
    return replace(salvaged, damaged=damaged)


class _Filling:
    """Puts the rows of a damaged file into a new one, as far as they are what was stored."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._width = len(db.execute("SELECT * FROM articles LIMIT 0").description)
        self._led_to_articles = False
        self._settings: dict[str, str] = {}
        self._sequences: dict[str, int] = {}

    def put(self, table: str, row: Row) -> None:
        put = {
            "articles": self._put_article,
            "manifest": self._put_setting,
            "passages": self._put_span,
            "vectors": self._put_vector,
            "revisions": self._put_revision,
            "sqlite_sequence": self._put_sequence,
            _IDS: self._put_id,
        }.get(table)
        # What a garbled row holds may be of any type, or none that a column takes.
        with suppress(sqlite3.Error, IndexError, TypeError, ValueError, OverflowError):
            if put is not None:
                put(row)
            else:
                self._put_other(table, row)

    def finish(self, path: Path) -> Salvaged:
        """Write what follows from the rows, and return what there is."""
        db = self._db
        self._finish_settings()
        self._finish_passages()
        db.execute("DELETE FROM vectors WHERE passage NOT IN (SELECT key FROM passages)")
        if "digest" not in self._settings or "embedder" not in self._settings:
            db.execute("DELETE FROM vectors")  # Of which model they are is not known any more.
        else:
            size = 4 * int(self._settings.get("dimension", "0"))
            db.execute("DELETE FROM vectors WHERE length(vector) <> ?", (size,))
        for table, owner in (("revisions", "article NOT IN (SELECT key FROM articles)"),
                             ("entries", "feed NOT IN (SELECT key FROM feeds)")):  # fmt: skip
            db.execute(f"DELETE FROM {table} WHERE {owner}")
        for table in _KEYED:
            self._set_sequence(table)
        db.execute("INSERT INTO full_text(full_text) VALUES ('rebuild')")
        for name, value in ((STORIES_PENDING, ""), (NAMES_PENDING, "0")):
            db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES (?, ?)", (name, value))
        articles, passages, vectors = (
            int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("articles", "passages", "vectors")
        )
        lost = db.execute(
            "SELECT known.id, (SELECT headline FROM changed WHERE changed.id = known.id) FROM known "
            "WHERE known.id NOT IN (SELECT id FROM articles) ORDER BY known.id"
        ).fetchall()
        return Salvaged(path, articles, passages, vectors, tuple(lost), passages - vectors, self._led_to_articles)

    def _put_article(self, row: Row) -> None:
        self._led_to_articles |= row.is_reached
        values = [row.key, *row.values[1:], *[None] * (self._width - len(row.values))]
        reference = [*values[1:11], *values[_FETCHED : _FETCHED + 4]]
        if not is_as_stored([*reference, *values[_BODY : _FINGERPRINT + 1]]):
            if row.is_reached:
                self._db.execute("INSERT INTO changed VALUES (?, ?)", (str(values[_ID]), str(values[_HEADLINE])))
                self._db.execute("INSERT OR IGNORE INTO known VALUES (?)", (str(values[_ID]),))
            return
        values[_DAY], values[_FOLDED] = derived_columns(reference)
        self._insert("articles", values)

    def _put_id(self, row: Row) -> None:
        if isinstance(row.values[0], str):
            self._db.execute("INSERT OR IGNORE INTO known VALUES (?)", (row.values[0],))

    def _put_setting(self, row: Row) -> None:
        name, value = row.values
        if name in KNOWN_SETTINGS and isinstance(value, str):
            self._settings.setdefault(str(name), value)

    def _put_sequence(self, row: Row) -> None:
        name, last = row.values
        if name in _KEYED and isinstance(last, int):
            self._sequences[str(name)] = last

    def _put_span(self, row: Row) -> None:
        if all(isinstance(value, int) for value in row.values[1:]):
            self._db.execute("INSERT OR IGNORE INTO spans VALUES (?, ?, ?, ?, ?)", (row.key, *row.values[1:]))

    def _put_vector(self, row: Row) -> None:
        _, passage, vector, checksum = row.values
        if isinstance(passage, int) and isinstance(vector, bytes) and zlib.crc32(vector) == checksum:
            self._insert("vectors", [row.key, passage, vector, checksum])

    def _put_revision(self, row: Row) -> None:
        recorded_ref(str(row.values[3]))
        self._insert("revisions", [row.key, *row.values[1:]])

    def _put_other(self, table: str, row: Row) -> None:
        self._insert(table, list(row.values) if row.key is None else [row.key, *row.values[1:]])

    def _insert(self, table: str, values: Sequence[object]) -> None:
        self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(values))})", values)

    def _finish_settings(self) -> None:
        for name, value in self._settings.items():
            if not name.startswith("coming_"):  # A move to another model begins anew.
                self._db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES (?, ?)", (name, value))

    def _finish_passages(self) -> None:
        """Keep the passages of an article where they are whole, and so their vectors; split the others anew."""
        db = self._db
        (last,) = db.execute(
            "SELECT max(coalesce(max(key), 0), ?) FROM spans", (self._sequences.get("passages", 0),)
        ).fetchone()
        for article, body in db.execute("SELECT key, body FROM articles"):
            spans = db.execute(
                "SELECT key, ordinal, start, end FROM spans WHERE article = ? ORDER BY ordinal", (article,)
            ).fetchall()
            if not are_whole([span[1:] for span in spans], body):
                split = split_passages(body)
                spans = [(last + 1 + i, i, start, end) for i, (start, end) in enumerate(split)]
                last += len(split)
            db.executemany(
                "INSERT INTO passages(key, article, ordinal, start, end) VALUES (?, ?, ?, ?, ?)",
                [(key, article, ordinal, start, end) for key, ordinal, start, end in spans],
            )

    def _set_sequence(self, table: str) -> None:
        column = "sequence" if table == "vectors" else "key"
        (last,) = self._db.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()
        last = max(last, self._sequences.get(table, 0))
        self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self._db.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (table, last))


def _table_of(row: Row) -> str | None:
    """Return the table of a row that nothing leads to, by its shape; None for what is made anew or is none of ours."""
    values = row.values
    kinds = "".join("nifsb"[(type(None), int, float, str, bytes).index(type(value))] for value in values)
    if row.key is None:
        without_rowid = {"ss": "manifest", "ssii": "reached"}
        if kinds == "ss" and values[0] not in KNOWN_SETTINGS:
            return None
        is_entry = len(kinds) == 7 and kinds.startswith("is") and kinds.endswith("is")
        return "entries" if is_entry else without_rowid.get(kinds)
    if len(kinds) >= _FEWEST_COLUMNS and kinds.startswith("nss") and _DIGEST.fullmatch(str(values[_FINGERPRINT])):
        return "articles"
    if len(kinds) == 12 and kinds.startswith("ns"):
        return "feeds"
    return {"nisss": "revisions", "niiii": "passages", "nibi": "vectors"}.get(kinds)


def _kept_before(path: Path) -> Path | None:
    """Return where the damaged file was put aside by a salvage that was stopped before the new one took its place."""
    same = (one for one in path.parent.glob(f"{FILE_NAME}.damaged-*") if one.suffix != "-wal" and _is_same(one, path))
    return next(same, None)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _put_aside(path: Path, source: Path) -> Path:
    """Give the damaged file, with its log, another name; until the new one takes its own it has both."""
    if source != path:
        return source
    damaged = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    try:
        os.link(path, damaged)
    except OSError:  # A file system without links: for a moment there is none under its name.
        path.rename(damaged)
    log, shared = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    if log.exists():  # SQLite would apply it to the new file.
        log.rename(damaged.with_name(damaged.name + "-wal"))
    shared.unlink(missing_ok=True)
    sync(path.parent)
    return damaged


def _verify(db: sqlite3.Connection, file: Path) -> None:
    told = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    dangling = db.execute("PRAGMA foreign_key_check").fetchone()
    if told != "ok" or dangling is not None:
        raise ArchiveError(
            f"the new file {str(file)!r} is not whole: {told}; the damaged one is left as it is",
            hint="look at the disk; restore the archive from a backup with `dateline restore FILE`",
        )
