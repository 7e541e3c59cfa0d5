"""Pages of an archive's SQLite file that hold nothing any more, given back to the disk where they are many."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from store.disk import free_bytes

# What is added takes free pages first, so a few of them are no waste: those of a day's removals are used the next day.
_FREE_SHARE = 0.2
_FREE_PAGES = 2_500

_INCREMENTAL = 2


def give_back_free_pages(db: sqlite3.Connection, path: Path) -> None:
    """Shorten the file where a fifth of it is free. Killed at any moment, it is as it was, or shorter.

    A file of an early format has to be written anew for it, which is left where the disk has no room for that.
    """
    pages, free = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count"))
    if free < max(_FREE_PAGES, _FREE_SHARE * pages):
        return
    if db.execute("PRAGMA auto_vacuum").fetchone()[0] == _INCREMENTAL:
        db.executescript("PRAGMA incremental_vacuum")  # Each step frees one page, and `execute` takes one step.
    # Once beside the file, or in the folder for temporary files, and once in the log.
    elif free_bytes(path) > 3 * path.stat().st_size:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
