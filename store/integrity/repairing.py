"""Mends what can be mended without loss, and says what was done and what was not."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from store.archive import Archive, open_archive
from store.errors import ArchiveError
from store.integrity import Checked, check_archive
from store.integrity.contents import are_whole, derived_columns, is_as_stored, spans_of, wrong_vectors
from store.integrity.findings import Mending
from store.integrity.places import leftovers
from store.integrity.salvage import Salvaged, salvage
from store.integrity.structure import counted, delete_orphans, some
from store.locking import writer_lock
from store.permissions import make_private
from store.rows import REF_COLUMNS
from store.schema import FILE_NAME, STORIES_PENDING, open_file
from store.splitting import split_passages
from store.upgrading import upgrade_file

Progress = Callable[[str], None]
_Show = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair found ``before``, what it did, each step in words, and what is wrong still.

    ``salvaged`` is what was read of a damaged file, None where the file was sound.
    """

    before: Checked
    after: Checked
    done: tuple[str, ...]
    salvaged: Salvaged | None = None


def repair_archive(path: Path, *, progress: Progress | None = None, show: _Show | None = None) -> Repaired:
    """Mend the archive at ``path`` and check it again, both times in full.

    Raises ArchiveMissing where there is none, ArchiveLocked while another process writes, and ArchiveError where it
    cannot be done; then everything is where it was.
    """
    path = path.absolute()
    tell = progress or (lambda _: None)
    before = check_archive(path, full=True, progress=progress)
    wanted = {finding.mending for finding in before.findings if finding.mending is not None}
    done: list[str] = []
    salvaged: Salvaged | None = None
    if "files" in wanted:
        done += _tidy(path)
    if "salvage" in wanted:
        tell("salvage")
        with writer_lock(path):
            salvaged = salvage(path)
        done.append(_told(salvaged))
        wanted |= {"stories", "index", "words"}
    notice = upgrade_file(path / FILE_NAME)
    done += [notice] if notice else []
    if wanted - {"files", "salvage"}:
        tell("repair")
        with writer_lock(path), closing(open_file(path / FILE_NAME, writable=True)) as db:
            done += _mend_file(db, wanted)
        with open_archive(path, writable=True) as archive:
            done += _mend_index(archive, wanted, show)
    return Repaired(before, check_archive(path, full=True, progress=progress), tuple(done), salvaged)


def _tidy(path: Path) -> list[str]:
    done = []
    with writer_lock(path):
        left = leftovers(path)
        for one in left:
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            else:
                one.unlink(missing_ok=True)
        if left:
            done.append(f"removed what was left behind: {some(one.name for one in left)}")
        make_private(path)
    return [*done, "made sure that only its owner may read it"]


def _mend_file(db: sqlite3.Connection, wanted: set[Mending]) -> list[str]:
    """Mend what is wrong in the rows of a file whose pages are sound."""
    steps: tuple[tuple[Mending, Callable[[sqlite3.Connection], str]], ...] = (
        ("orphans", _drop_orphans),
        ("columns", _derive_columns),
        ("passages", _split_again),
        ("full text", _rebuild_full_text),
        ("vectors", _drop_wrong_vectors),
        ("stories", _forget_stories),
    )
    done = []
    for mending, mend in steps:
        # Whatever is split or dropped may stand in the full text.
        if mending in wanted or (mending == "full text" and wanted & {"orphans", "passages"}):
            db.execute("BEGIN IMMEDIATE")
            try:
                done.append(mend(db))
                db.execute("COMMIT")
            except sqlite3.Error as exc:
                db.execute("ROLLBACK")
                done.append(f"could not mend the {mending}: {exc}")
    return [one for one in done if one]


def _drop_orphans(db: sqlite3.Connection) -> str:
    return f"deleted {counted(delete_orphans(db), 'row')} of what is gone"


def _derive_columns(db: sqlite3.Connection) -> str:
    db.execute("INSERT OR IGNORE INTO manifest(name, value) VALUES ('archive', lower(hex(randomblob(16))))")
    changed = []
    for *row, key in db.execute(f"SELECT {REF_COLUMNS}, body, day, outlet_folded, fingerprint, key FROM articles"):
        if is_as_stored(row) and derived_columns(row) != tuple(row[-3:-1]):
            changed.append((*derived_columns(row), key))
    db.executemany("UPDATE articles SET day = ?, outlet_folded = ? WHERE key = ?", changed)
    return f"set the day and outlet to search by of {counted(len(changed), 'article')}" if changed else ""


def _split_again(db: sqlite3.Connection) -> str:
    """Split the articles anew whose passages are not whole."""
    again = []
    for key, body in db.execute("SELECT key, body FROM articles"):
        if not are_whole(spans_of(db, key), body):
            again.append((key, split_passages(body)))
    for key, split in again:
        db.execute("DELETE FROM passages WHERE article = ?", (key,))
        db.executemany(
            "INSERT INTO passages(article, ordinal, start, end) VALUES (?, ?, ?, ?)",
            [(key, ordinal, start, end) for ordinal, (start, end) in enumerate(split)],
        )
    return f"split {counted(len(again), 'article')} into passages anew" if again else ""


def _rebuild_full_text(db: sqlite3.Connection) -> str:
    db.execute("INSERT INTO full_text(full_text) VALUES ('rebuild')")
    return "built the full text again"


def _drop_wrong_vectors(db: sqlite3.Connection) -> str:
    dropped = 0
    for table in ("vectors", "coming_vectors"):
        wrong = wrong_vectors(db, table)
        db.executemany(f"DELETE FROM {table} WHERE passage = ?", [(key,) for key in wrong])
        dropped += len(wrong)
    return f"dropped {counted(dropped, 'vector')} that were not what was stored" if dropped else ""


def _forget_stories(db: sqlite3.Connection) -> str:
    for table in ("stories", "sketches"):
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT OR REPLACE INTO manifest(name, value) VALUES (?, '')", (STORIES_PENDING,))
    return "found anew which articles are prints of one story"


def _mend_index(archive: Archive, wanted: set[Mending], show: _Show | None) -> list[str]:
    """Build again what was built from the file, and is not of it any more."""
    done = []
    archive.complete()
    # Both hold passages; what was split or dropped since is in neither of them.
    if wanted & {"index", "words", "orphans", "passages", "columns", "vectors", "full text"}:
        try:
            archive.rebuild(progress=show)
            done.append("built the index again")
        except ArchiveError as exc:
            done.append(f"could not build the index again: {exc}; answers are as good without it, but slower")
    return done


def _told(salvaged: Salvaged) -> str:
    told = (
        f"read {counted(salvaged.articles, 'article')} of the damaged file into a new one; "
        f"the damaged one is kept as {str(salvaged.damaged)!r}"
    )
    if salvaged.lost:
        told += f"; {counted(len(salvaged.lost), 'article')} could not be read"
    if not salvaged.is_certain:
        told += "; what leads to the rows was lost, so that articles removed before may be back"
    return told
