"""Archive files as earlier versions wrote them, made from one of today's."""

from __future__ import annotations

import sqlite3

FORMAT_3 = """
DROP TABLE coming_vectors;
DROP TABLE names;
DROP TABLE mentions;
DELETE FROM manifest WHERE name IN ('archive', 'program');
PRAGMA user_version = 3;
"""
FORMAT_2 = f"""{FORMAT_3}
DROP TABLE reached;
DROP TABLE entries;
DROP TABLE feeds;
ALTER TABLE articles DROP COLUMN final_url;
ALTER TABLE articles DROP COLUMN fetched;
ALTER TABLE articles DROP COLUMN is_truncated;
ALTER TABLE articles DROP COLUMN page_starts;
PRAGMA user_version = 2;
"""
FORMAT_1 = f"{FORMAT_2} DROP TABLE stories; DROP TABLE sketches; PRAGMA user_version = 1;"


def make_earlier(db: sqlite3.Connection, version: int) -> None:
    """Turn an open file of today's format into one of format ``version``."""
    db.executescript({1: FORMAT_1, 2: FORMAT_2, 3: FORMAT_3}[version])
