"""What can be told of an archive's SQLite file without reading every text and vector: pages, rows and references."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from store.chroma_server import SERVER_SETTINGS
from store.integrity.findings import Finding, Mending, broken, wasteful
from store.moving import MODEL_SETTINGS
from store.schema import NAMES_PENDING, STORIES_PENDING

# What a manifest may say. `words`, `generation` and `published` number what was built from the file.
KNOWN_SETTINGS = frozenset(
    (
        *MODEL_SETTINGS,
        *(f"coming_{name}" for name in MODEL_SETTINGS),
        *SERVER_SETTINGS,
        *("archive", "program", "generation", "published", "words", STORIES_PENDING, NAMES_PENDING),
    )
)

# Rows whose article, passage or feed is gone. The first of them names the table that `delete_orphans` cleans.
_ORPHANS = (
    ("passages", "article NOT IN (SELECT key FROM articles)"),
    ("revisions", "article NOT IN (SELECT key FROM articles)"),
    ("vectors", "passage NOT IN (SELECT key FROM passages)"),
    ("coming_vectors", "passage NOT IN (SELECT key FROM passages)"),
    ("stories", "article NOT IN (SELECT key FROM articles)"),
    ("sketches", "article NOT IN (SELECT key FROM articles)"),
    ("entries", "feed NOT IN (SELECT key FROM feeds)"),
    ("mentions", "article NOT IN (SELECT key FROM articles) OR name NOT IN (SELECT key FROM names)"),
    ("names", "key NOT IN (SELECT name FROM mentions)"),
)

_MOST_NAMED = 4


def find_in_structure(db: sqlite3.Connection, file: str, *, full: bool) -> Iterator[Finding]:
    """Yield what is wrong with an open file called ``file``. Raises sqlite3.DatabaseError where pages are damaged."""
    pages = list(_wrong_pages(db, file, full=full))
    yield from pages
    if pages:
        return  # Whatever else is asked of such a file is guessing.
    for look in (_wrong_manifest, _orphans, _wrong_spans, _wrong_full_text_rows, _wrong_lengths, _wrong_stories):
        yield from look(db)


def tables_of(db: sqlite3.Connection) -> frozenset[str]:
    """Return the names of the tables and views of a file, those included that stand in for what it lacks."""
    rows = db.execute("SELECT name FROM sqlite_schema UNION SELECT name FROM sqlite_temp_schema")
    return frozenset(name for (name,) in rows)


def delete_orphans(db: sqlite3.Connection) -> int:
    """Delete the rows whose article, passage or feed is gone, and return how many; call it inside a transaction."""
    tables = tables_of(db)
    return sum(
        db.execute(f"DELETE FROM {table} WHERE {condition}").rowcount
        for table, condition in _ORPHANS
        if table in tables
    )


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def some(names: Iterable[object]) -> str:
    """Return the first of ``names``, and how many there are more."""
    every = [str(name) for name in names]
    more = len(every) - _MOST_NAMED
    return ", ".join(every[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _wrong_pages(db: sqlite3.Connection, file: str, *, full: bool) -> Iterator[Finding]:
    pragma = "integrity_check" if full else "quick_check"
    # SQLite tells of several damages in one row.
    told = [line for (row,) in db.execute(f"PRAGMA {pragma}(20)") for line in row.splitlines() if line != "ok"]
    # Later versions of SQLite look into the full text as well; that can be made anew where it lies.
    of_full_text = [line for line in told if "fts5" in line.lower()]
    of_pages = [line for line in told if line not in of_full_text and not line.startswith("***")]
    if of_full_text:
        yield broken("full_text", f"SQLite: {of_full_text[0]}", "full text")
    if of_pages:
        yield broken(file, f"SQLite: {some(of_pages)}", "salvage")


def _wrong_manifest(db: sqlite3.Connection) -> Iterator[Finding]:
    settings = dict(db.execute("SELECT name, value FROM manifest"))
    for name in sorted(settings.keys() - KNOWN_SETTINGS):
        yield wasteful("manifest", f"{name!r} is not known to this version of dateline", remedy="dateline doctor")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version >= 4 and "archive" not in settings:
        yield broken("manifest", "it does not say which archive this is", "columns")
    (vectors,) = db.execute("SELECT EXISTS (SELECT 1 FROM vectors)").fetchone()
    if not vectors:
        return
    for name in ("embedder", "digest", "dimension"):
        if name not in settings:
            yield broken("manifest", f"{name!r} is missing: what model the vectors are from is not known",
                         remedy="dateline rebuild --embedder NAME")  # fmt: skip
    if not settings.get("dimension", "1").isdecimal():
        yield broken(
            "manifest", f"the dimension is {settings['dimension']!r}", remedy="dateline rebuild --embedder NAME"
        )


def _orphans(db: sqlite3.Connection) -> Iterator[Finding]:
    tables = tables_of(db)
    for table, condition in _ORPHANS:
        if table not in tables:
            continue
        (count,) = db.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
        if count:
            yield broken(table, f"{counted(count, 'row')} of what is gone", "orphans")
    known = {table for table, _ in _ORPHANS}
    for table in sorted({str(row[0]) for row in db.execute("PRAGMA foreign_key_check")} - known):
        yield broken(table, "rows that refer to what is gone", "orphans")


def _wrong_spans(db: sqlite3.Connection) -> Iterator[Finding]:
    rows = db.execute(
        "SELECT a.id, count(*) FROM (SELECT article, ordinal, start, end, "
        "lag(end, 1, 0) OVER (PARTITION BY article ORDER BY ordinal) AS before, "
        "row_number() OVER (PARTITION BY article ORDER BY ordinal) - 1 AS place FROM passages) p "
        "JOIN articles a ON a.key = p.article "
        "WHERE NOT (p.before <= p.start AND p.start < p.end AND p.end <= length(a.body) AND p.ordinal = p.place) "
        "GROUP BY a.key ORDER BY a.key"
    ).fetchall()
    if rows:
        total = sum(count for _, count in rows)
        yield broken(
            "passages",
            f"{counted(total, 'passage')} not within the text of: {some(row[0] for row in rows)}",
            "passages",
        )


def _wrong_full_text_rows(db: sqlite3.Connection) -> Iterator[Finding]:
    differing = 0
    for query in (
        "SELECT count(*) FROM full_text_docsize WHERE id NOT IN (SELECT key FROM passages)",
        "SELECT count(*) FROM passages WHERE key NOT IN (SELECT id FROM full_text_docsize)",
    ):
        differing += db.execute(query).fetchone()[0]
    if differing:
        yield broken("full_text", f"{counted(differing, 'passage')} missing in it or too many", "full text")


def _wrong_lengths(db: sqlite3.Connection) -> Iterator[Finding]:
    tables = tables_of(db)
    for table, setting in (("vectors", "dimension"), ("coming_vectors", "coming_dimension")):
        row = db.execute("SELECT value FROM manifest WHERE name = ?", (setting,)).fetchone()
        if table not in tables or row is None or not str(row[0]).isdecimal():
            continue
        (count,) = db.execute(
            f"SELECT count(*) FROM {table} WHERE typeof(vector) <> 'blob' OR length(vector) <> ?", (4 * int(row[0]),)
        ).fetchone()
        if count:
            yield broken(table, f"{counted(count, 'vector')} not of {row[0]} dimensions", "vectors")


def _wrong_stories(db: sqlite3.Connection) -> Iterator[Finding]:
    pending = db.execute("SELECT 1 FROM manifest WHERE name = ?", (STORIES_PENDING,)).fetchone()
    if pending or "stories" not in tables_of(db):
        return
    mending: Mending = "stories"
    for query, told in (
        ("SELECT count(*) FROM articles WHERE key NOT IN (SELECT article FROM stories)", "without a story"),
        (
            "SELECT count(*) FROM stories s LEFT JOIN stories l ON l.article = s.story WHERE l.story IS NOT s.story",
            "in a story without its leading print",
        ),
    ):
        (count,) = db.execute(query).fetchone()
        if count:
            yield broken("stories", f"{counted(count, 'article')} {told}", mending)
    (differing,) = db.execute(
        "SELECT (SELECT count(*) FROM sketches) - (SELECT coalesce(sum(length(sketch) / 4), 0) FROM stories)"
    ).fetchone()
    if differing:
        yield broken("sketches", f"{abs(differing):,} hashes of stories missing or too many", mending)
