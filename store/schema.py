"""The format of an archive's SQLite file: its tables, how a file is made, and how one is opened."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from store.errors import ArchiveDamaged, ArchiveError, ArchiveMissing, ArchiveNewer

FILE_NAME = "archive.sqlite3"
APPLICATION_ID = 0x444C4E31  # 'DLN1', shown by file(1); tells our file from any other SQLite file.
SCHEMA_VERSION = 4

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

# Vectors of passages, and, while an archive is moved to another embedding model, those of that model; new in format 4.
_VECTOR_COLUMNS = """(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  passage INTEGER NOT NULL UNIQUE REFERENCES passages(key) ON DELETE CASCADE,
  vector BLOB NOT NULL,
  checksum INTEGER NOT NULL
)"""
COMING_VECTORS = f"CREATE TABLE IF NOT EXISTS coming_vectors{_VECTOR_COLUMNS};"

# What articles name, as they print it, and what is named where; new in format 4. `family` is the word by which a person
# is called; `short` is the acronym that an article itself gives for an organisation.
_NAMES = """
CREATE TABLE IF NOT EXISTS names(
  key INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  folded TEXT NOT NULL,
  family TEXT NOT NULL,
  UNIQUE(name, kind)
);
CREATE INDEX IF NOT EXISTS names_by_folded ON names(folded);
CREATE INDEX IF NOT EXISTS names_by_family ON names(family);
CREATE TABLE IF NOT EXISTS mentions(
  article INTEGER NOT NULL,
  name INTEGER NOT NULL,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL,
  in_headline INTEGER NOT NULL,
  short TEXT,
  PRIMARY KEY(article, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mentions_by_name ON mentions(name);
CREATE INDEX IF NOT EXISTS mentions_by_short ON mentions(short) WHERE short IS NOT NULL;
"""

# Every table that came with format 4.
_NEW_IN_4 = f"{COMING_VECTORS}{_NAMES}"

# What tells this archive, and copies of it, from any other.
_IDENTITY = "INSERT OR IGNORE INTO manifest(name, value) VALUES ('archive', lower(hex(randomblob(16))));"

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

CREATE TABLE vectors{_VECTOR_COLUMNS};
{_STORIES}{_REACHED}{_FEEDS}{_NEW_IN_4}{_IDENTITY}"""

# Set while there are articles that an earlier format knew no stories of.
STORIES_PENDING = "stories_pending"

# Set while there are articles that an earlier format knew no names of: the key of the last one that was read for them.
NAMES_PENDING = "names_pending"


def create_file(path: Path) -> None:
    """Make an empty archive file at ``path``: whole, or not at all. Raises ArchiveError where the disk is full."""
    # Made aside and renamed: a kill in the middle leaves no half-made archive.
    aside = path.with_suffix(".new")
    half_made = (aside, aside.with_name(aside.name + "-journal"))
    for leftover in half_made:
        leftover.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(aside, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # Only a file without tables takes it.
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _change(db, _SCHEMA)
        aside.chmod(0o600)
        aside.replace(path)
    except sqlite3.OperationalError as exc:
        raise ArchiveError(
            f"cannot write to {str(path)!r}: {exc}", hint="look at the disk, then run the same command again"
        ) from exc
    finally:
        for leftover in half_made:
            with suppress(OSError):
                leftover.unlink(missing_ok=True)


def open_file(path: Path, *, writable: bool) -> sqlite3.Connection:
    """Open an existing file; raise ArchiveMissing, ArchiveNewer or ArchiveDamaged where that cannot be.

    To be written to it must have today's format; what is refused is not touched.
    """
    with _told_if_damaged(path):
        db = connect(path, writable=False)
        version = checked_version(db, path)
        if not writable:
            _read_as_current(db, version)
            return db
        db.close()
        return connect(path, writable=True)


def file_version(path: Path) -> int:
    """Return the format of an existing file, without touching it; raise as ``open_file``."""
    with _told_if_damaged(path), closing(connect(path, writable=False)) as db:
        return checked_version(db, path)


def connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    if not path.is_file():
        raise ArchiveMissing(f"there is no archive at {str(path.parent)!r}", hint="make one with `dateline add FILE…`")
    if writable:
        db = sqlite3.connect(path, isolation_level=None, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        return db
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        # In a folder where nothing may be written SQLite cannot make the index of its log. With no log there is
        # nothing to miss: the file alone is the whole archive.
        if path.with_name(path.name + "-wal").exists():
            raise
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return db


def checked_version(db: sqlite3.Connection, path: Path) -> int:
    """Return the format of an open file; raise ArchiveDamaged or ArchiveNewer where it is none of ours."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise ArchiveDamaged(f"{str(path)!r} is not an archive of dateline", hint="name another with -a")
    if version > SCHEMA_VERSION:
        program = _program_of(db)
        wanted = f"'dateline>={program}'" if program else "dateline"
        raise ArchiveNewer(
            f"{str(path)!r} has format {version}{f' of dateline {program}' if program else ''}, "
            f"this version of dateline reads up to {SCHEMA_VERSION}",
            hint=f"upgrade with `pip install --upgrade {wanted}`",
        )
    return int(version)


def upgrade(db: sqlite3.Connection, version: int) -> None:
    """Bring a file of format ``version`` up to date: at once what is needed to write, the rest as articles are added.

    Killed at any moment, the file has the format that it had, or today's.
    """
    steps = ""
    if version < 2:
        steps += f"{_STORIES} INSERT OR REPLACE INTO manifest(name, value) VALUES ('{STORIES_PENDING}', '');"
    if version < 3:
        steps += "".join(f"ALTER TABLE articles ADD COLUMN {column};" for column in _FETCHED_COLUMNS)
        steps += _REACHED + _FEEDS
    if version < 4:
        steps += f"{_NEW_IN_4}{_IDENTITY} INSERT OR REPLACE INTO manifest(name, value) VALUES ('{NAMES_PENDING}', '0');"
    _change(db, steps)


def _change(db: sqlite3.Connection, steps: str) -> None:
    """Take the steps to today's format in one transaction, and note which version of this program took them."""
    from importlib.metadata import PackageNotFoundError, version  # 30 ms, once for an archive

    db.executescript(f"BEGIN IMMEDIATE; {steps}")
    with suppress(PackageNotFoundError):  # It is run without being installed.
        db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES ('program', ?)", (version("dateline"),))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


def _program_of(db: sqlite3.Connection) -> str | None:
    """Return the version of this program that made a file's format, None where it cannot be read."""
    try:
        row = db.execute("SELECT value FROM manifest WHERE name = 'program'").fetchone()
    except sqlite3.DatabaseError:  # A newer format may keep it elsewhere.
        return None
    # What a file says goes into a command to type: only what a version looks like.
    return str(row[0]) if row and re.fullmatch(r"[0-9][0-9A-Za-z.+]{0,30}", str(row[0])) else None


def _read_as_current(db: sqlite3.Connection, version: int) -> None:
    """Let a file of an earlier format, which may not be changed, be read like one of today's."""
    if version < SCHEMA_VERSION:
        db.execute("PRAGMA temp_store = MEMORY")
    if version < 3:
        # What a view of this connection is called hides the table of that name: the columns it lacks read as unknown.
        missing = ", ".join(f"NULL AS {column.partition(' ')[0]}" for column in _FETCHED_COLUMNS)
        db.execute(f"CREATE TEMP VIEW articles AS SELECT *, {missing} FROM main.articles")
    if version < 4:
        # Tables that came later are there, empty.
        db.executescript(_NEW_IN_4.replace("CREATE TABLE ", "CREATE TEMP TABLE "))
    db.execute("PRAGMA query_only = ON")


@contextmanager
def _told_if_damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        raise ArchiveDamaged(
            f"cannot read {str(path)!r}: {exc}",
            hint="mend it with `dateline check --repair`, or `dateline restore` a backup",
        ) from exc
