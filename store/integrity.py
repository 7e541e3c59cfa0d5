"""What may be wrong inside an archive's SQLite file."""

from __future__ import annotations

import sqlite3
import zlib


def find_problems(db: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the file, in words; an empty list means that nothing was found."""
    found: list[str] = []
    for look in (_broken_pages, _wrong_full_text, _wrong_spans, _wrong_vectors):
        try:
            found += look(db)
        except sqlite3.DatabaseError as exc:
            found.append(f"SQLite: {exc}")
    return found


def _broken_pages(db: sqlite3.Connection) -> list[str]:
    broken = [f"SQLite: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    dangling = [f"SQLite: dangling reference in {row[0]}" for row in db.execute("PRAGMA foreign_key_check")]
    return broken + dangling


def _wrong_full_text(db: sqlite3.Connection) -> list[str]:
    if _is_read_only(db):
        return []  # SQLite offers this check as a write.
    try:
        db.execute("INSERT INTO full_text(full_text, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as exc:
        return [f"full text differs from the passages: {exc}"]
    return []


def _wrong_spans(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(
        "SELECT p.key, p.start, p.end, length(a.body) FROM passages p JOIN articles a ON a.key = p.article "
        "WHERE NOT (0 <= p.start AND p.start < p.end AND p.end <= length(a.body))"
    )
    return [f"passage {key} spans {start}-{end} of {length} characters" for key, start, end, length in rows]


def _wrong_vectors(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT passage, vector, checksum FROM vectors")
    return [
        f"the vector of passage {key} does not have its checksum"
        for key, vector, checksum in rows
        if zlib.crc32(vector) != checksum
    ]


def _is_read_only(db: sqlite3.Connection) -> bool:
    return bool(db.execute("PRAGMA query_only").fetchone()[0])
