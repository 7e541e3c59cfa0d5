"""What an archive holds and what keeps it: its file, its index, its feeds and its backups."""

from __future__ import annotations

import fcntl
import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.doctor.findings import Finding, Patient, ok, problem, warning
from store.backup import list_backups
from store.catalog import Catalog, open_catalog
from store.errors import ArchiveError, ArchiveMissing
from store.generations import current_generation
from store.integrity.findings import Finding as Damage
from store.integrity.structure import find_in_structure
from store.locking import describe_holder
from store.schema import FILE_NAME, SCHEMA_VERSION, file_version, open_file

# A feed that failed so often in a row is not coming back by itself; syncing daily, that is most of a week.
_MANY_FAILURES = 5

_OLD_BACKUP = timedelta(days=30)
_MOST_NAMED = 5

# How long the file is looked through. 36,105 passages take 0.8 s; what the first half finds is what damage looks like.
_LOOK_S = 0.5
# SQLite's instructions between two looks at the clock: some milliseconds.
_INSTRUCTIONS = 100_000


def examine_archive(patient: Patient) -> Iterator[Finding]:
    """Yield whether there is an archive, whether its file is sound, may be written, and by whom it is."""
    archive, file = patient.archive, patient.archive / FILE_NAME
    try:
        version = file_version(file)
        with closing(open_file(file, writable=False)) as db:
            counts = Catalog(db, file).counts()
            yield ok(f"{archive}: {counts.articles:,} articles in {counts.passages:,} passages")
            yield from _look_through(db)
    except ArchiveMissing:
        yield from _missing(patient)
        return
    except (ArchiveError, sqlite3.Error, OSError) as exc:
        yield problem(str(exc), getattr(exc, "hint", None) or "dateline restore FILE  # a backup")
        return
    if version < SCHEMA_VERSION:
        yield warning(
            f"it has format {version} and is read as it is; today's is {SCHEMA_VERSION}",
            "dateline embed  # upgrades it, with a backup before",
        )
    yield from _writing(archive)


def examine_index(patient: Patient) -> Iterator[Finding]:
    """Yield how far embedding is, and whether the vector index can be used."""
    file = patient.archive / FILE_NAME
    try:
        catalog = open_catalog(file, writable=False)
    except (ArchiveError, sqlite3.Error):
        return  # The archive's own examination says why.
    with closing(catalog):
        counts = catalog.counts()
        if counts.vectors < counts.passages:
            missing = counts.passages - counts.vectors
            yield warning(f"{missing:,} of {counts.passages:,} passages are not embedded yet", "dateline embed")
        elif counts.passages:
            yield ok("every passage is embedded")
        if not counts.vectors:
            return
        generation = current_generation(patient.archive / "index")
        if generation is None:
            yield warning("there is no vector index: exact search answers, more slowly", "dateline rebuild")
        elif flaw := generation.flaw(catalog):
            yield problem(f"the vector index is {flaw}", "dateline rebuild")
        elif not generation.is_current():
            yield warning(
                f"the vector index is from chromadb {generation.chromadb}, another version", "dateline rebuild"
            )
        else:
            yield ok(f"the vector index holds {generation.rows:,}, from chromadb {generation.chromadb}")


def examine_feeds(patient: Patient) -> Iterator[Finding]:
    """Yield the feeds that do not answer any more."""
    try:
        with closing(open_catalog(patient.archive / FILE_NAME, writable=False)) as catalog:
            feeds = catalog.subscriptions(catalog.transaction).all()
    except (ArchiveError, sqlite3.Error):
        return
    dead = [feed for feed in feeds if feed.is_gone or feed.failures >= _MANY_FAILURES]
    for feed in dead[:_MOST_NAMED]:
        why = "was closed by its publisher" if feed.is_gone else f"failed {feed.failures} times in a row: {feed.error}"
        yield warning(f"feed {feed.number} ({feed.name}) {why}", f"dateline feeds remove {feed.number}")
    if len(dead) > _MOST_NAMED:
        yield warning(f"and {len(dead) - _MOST_NAMED:,} feeds more", "dateline feeds list")
    if feeds and not dead:
        yield ok(f"all {len(feeds):,} answer" if len(feeds) > 1 else "the feed answers")


def examine_backups(patient: Patient) -> Iterator[Finding]:
    """Yield how old the latest backup is, of those that have default names."""
    archive = patient.archive
    if not (archive / FILE_NAME).is_file():
        return
    ours = [one for one in list_backups(patient.config.home / "backups", archive.name) if one.archive == archive]
    if not ours or ours[0].made is None:
        yield warning("there is none", "dateline backup")
        return
    age = datetime.now(UTC) - ours[0].made
    told = f"the latest is {age.days:,} days old" if age.days else "the latest is of the last 24 hours"
    yield warning(told, "dateline backup --keep 7") if age > _OLD_BACKUP else ok(f"{told}: {ours[0].file}")


def _missing(patient: Patient) -> Iterator[Finding]:
    others = patient.config.home / "archives"
    found = sorted(path.parent.name for path in others.glob(f"*/{FILE_NAME}")) if others.is_dir() else []
    named = f"; there are {', '.join(found[:_MOST_NAMED])}" if found else ""
    yield warning(
        f"there is no archive at {patient.archive} yet{named}",
        f"dateline -a {found[0]} status" if found else "dateline add FILE…  # or `dateline demo` to try it",
    )


def _look_through(db: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what a look through the file finds that takes no longer where the archive is larger."""
    due = time.monotonic() + _LOOK_S
    db.set_progress_handler(lambda: time.monotonic() > due, _INSTRUCTIONS)
    found: list[Damage] = []
    looked = "`dateline check` looks further"
    try:
        found.extend(one for one in find_in_structure(db, FILE_NAME, full=False) if one.is_broken)
        looked = "`dateline check --full` reads every byte"
    except sqlite3.OperationalError as exc:
        if str(exc) != "interrupted":
            raise
    finally:
        db.set_progress_handler(None, 0)
    for one in found[:_MOST_NAMED]:
        yield problem(str(one), one.remedy)
    if len(found) > _MOST_NAMED:
        yield problem(f"and {len(found) - _MOST_NAMED:,} more", "dateline check")
    if not found:
        yield ok(f"a quick look finds nothing wrong with its file; {looked}")


def _writing(archive: Path) -> Iterator[Finding]:
    """Yield whether the archive may be written to, and who is writing to it now."""
    if not os.access(archive, os.W_OK) or not os.access(archive / FILE_NAME, os.W_OK):
        yield warning("it can be read only: asking works, adding does not", f"chmod -R u+w {shlex.quote(str(archive))}")
        return
    holder = _holder(archive / "LOCK")
    yield ok(f"being written to now{holder}" if holder is not None else "nobody writes to it now")


def _holder(lock: Path) -> str | None:
    """Return who holds the writer's lock, in words, '' where it does not say; None where nobody does."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        # Shared and for a moment: a writer that begins just now is told to try again.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return describe_holder(lock)
    finally:
        os.close(descriptor)
    return None
