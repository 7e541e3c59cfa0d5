"""The format of an archive's SQLite file: its tables, how a file is made, and how one is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from store.errors import ArchiveDamaged, ArchiveMissing, ArchiveNewer

FILE_NAME = "archive.sqlite3"
APPLICATION_ID = 0x444C4E31  # 'DLN1', shown by file(1); tells our file from any other SQLite file.
SCHEMA_VERSION = 3

# Which articles are prints of one story; new in format 2. `stories` names the leading print of each article's story;
# `sketches` finds articles by the hashes of their sketch, those of one period close together on the disk.
_STORIES = """
CREATE TABLE IF NOT EXISTS stories(
  article INTEGER PRIMARY KEY REFERENCES articles(key) ON DELETE CASCADE,
  story INTEGER NOT NULL,
  sketch BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS stories_by_story ON stories(story) WHERE story <> article;
CREATE TABLE IF NOT EXISTS sketches(
  period INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  member INTEGER NOT NULL,
  article INTEGER NOT NULL,
  PRIMARY KEY(period, hash, member, article)
) WITHOUT ROWID;
"""

# What is known of an article that was fetched, and how far dumps have been read that are not finished; new in format 3.
_FETCHED_COLUMNS = ("final_url TEXT", "fetched TEXT", "is_truncated INTEGER", "page_starts TEXT")
_REACHED = """
CREATE TABLE IF NOT EXISTS reached(
  source TEXT PRIMARY KEY,
  stamp TEXT NOT NULL,
  offset INTEGER NOT NULL,
  line INTEGER NOT NULL
) WITHOUT ROWID;
"""

# The feeds that the archive is subscribed to, and what became of their entries; new in format 3.
_FEEDS = """
CREATE TABLE IF NOT EXISTS feeds(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  url TEXT NOT NULL UNIQUE,
  title TEXT,
  outlet TEXT,
  added_utc TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  checked_utc TEXT,
  news_utc TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  is_gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS entries(
  feed INTEGER NOT NULL REFERENCES feeds(key) ON DELETE CASCADE,
  guid TEXT NOT NULL,
  url TEXT,
  mark TEXT NOT NULL,
  article TEXT,
  tries INTEGER NOT NULL,
  seen_utc TEXT NOT NULL,
  PRIMARY KEY(feed, guid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_url ON entries(url);
"""

_SCHEMA = f"""
CREATE TABLE manifest(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE articles(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  headline TEXT NOT NULL,
  outlet TEXT,
  authors TEXT NOT NULL,
  published TEXT,
  modified TEXT,
  url TEXT,
  language TEXT,
  section TEXT,
  place TEXT,
  body TEXT NOT NULL,
  day INTEGER,
  outlet_folded TEXT,
  fingerprint TEXT NOT NULL,
  source TEXT NOT NULL,
  added_utc TEXT NOT NULL,
  {", ".join(_FETCHED_COLUMNS)}
);
CREATE INDEX articles_by_day ON articles(day);
CREATE INDEX articles_by_outlet ON articles(outlet_folded, day);
CREATE INDEX articles_by_source ON articles(source);
CREATE INDEX articles_by_fingerprint ON articles(fingerprint);
CREATE INDEX articles_by_url ON articles(url);

CREATE TABLE revisions(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  article INTEGER NOT NULL REFERENCES articles(key) ON DELETE CASCADE,
  replaced_utc TEXT NOT NULL,
  record TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX revisions_by_article ON revisions(article);

CREATE TABLE passages(
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  article INTEGER NOT NULL REFERENCES articles(key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  UNIQUE(article, ordinal)
);

CREATE VIEW passage_text AS
  SELECT p.key AS key, a.headline AS headline, substr(a.body, p.start + 1, p.end - p.start) AS text
  FROM passages p JOIN articles a ON a.key = p.article;
CREATE VIRTUAL TABLE full_text USING fts5(
  headline, text, content='passage_text', content_rowid='key', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE full_text_words USING fts5vocab(full_text, row);

CREATE TABLE vectors(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  passage INTEGER NOT NULL UNIQUE REFERENCES passages(key) ON DELETE CASCADE,
  vector BLOB NOT NULL,
  checksum INTEGER NOT NULL
);
{_STORIES}{_REACHED}{_FEEDS}"""

# Set while there are articles that an earlier format knew no stories of.
STORIES_PENDING = "stories_pending"


def create_file(path: Path) -> None:
    """Make an empty archive file at ``path``: whole, or not at all."""
    # Made aside and renamed: a kill in the middle leaves no half-made archive.
    aside = path.with_suffix(".new")
    for leftover in (aside, aside.with_name(aside.name + "-journal")):
        leftover.unlink(missing_ok=True)
    db = sqlite3.connect(aside, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    db.close()
    aside.chmod(0o600)
    aside.replace(path)


def open_file(path: Path, *, writable: bool) -> sqlite3.Connection:
    """Open an existing file; raise ArchiveMissing, ArchiveNewer or ArchiveDamaged where that cannot be."""
    if not path.is_file():
        raise ArchiveMissing(f"there is no archive at {str(path.parent)!r}", hint="make one with `dateline add FILE…`")
    try:
        db = _connect(path, writable=writable)
        _check_identity(db, path)
        if writable:
            _upgrade(db)
        else:
            _read_as_current(db)
    except sqlite3.DatabaseError as exc:
        raise ArchiveDamaged(
            f"cannot read {str(path)!r}: {exc}",
            hint="restore it from a backup; if there is none, keep the file and add the articles to a new archive",
        ) from exc
    return db


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    if writable:
        db = sqlite3.connect(path, isolation_level=None, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        return db
    try:
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        # In a folder where nothing may be written SQLite cannot make the index of its log. With no log there is
        # nothing to miss: the file alone is the whole archive.
        if path.with_name(path.name + "-wal").exists():
            raise
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return db


def _check_identity(db: sqlite3.Connection, path: Path) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    version = _version(db)
    if application != APPLICATION_ID:
        raise ArchiveDamaged(f"{str(path)!r} is not an archive of dateline", hint="name another with -a")
    if version > SCHEMA_VERSION:
        raise ArchiveNewer(
            f"{str(path)!r} has format {version}, this version of dateline reads up to {SCHEMA_VERSION}",
            hint="upgrade with `pip install --upgrade dateline`",
        )


def _read_as_current(db: sqlite3.Connection) -> None:
    """Let a file of an earlier format, which may not be changed, be read like one of today's."""
    if _version(db) < 3:
        # What a view of this connection is called hides the table of that name: the columns it lacks read as unknown.
        missing = ", ".join(f"NULL AS {column.partition(' ')[0]}" for column in _FETCHED_COLUMNS)
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"CREATE TEMP VIEW articles AS SELECT *, {missing} FROM main.articles")
    db.execute("PRAGMA query_only = ON")


def _upgrade(db: sqlite3.Connection) -> None:
    """Bring a file of an earlier format up to date: at once what is needed to write, the rest as articles are added."""
    version = _version(db)
    if version == SCHEMA_VERSION:
        return
    steps = ""
    if version < 2:
        steps += f"{_STORIES} INSERT OR REPLACE INTO manifest(name, value) VALUES ('{STORIES_PENDING}', '');"
    if version < 3:
        steps += "".join(f"ALTER TABLE articles ADD COLUMN {column};" for column in _FETCHED_COLUMNS)
        steps += _REACHED + _FEEDS
    db.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)
