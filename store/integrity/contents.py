"""What is told only by reading every text, word and vector of an archive's SQLite file."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from store.errors import ArchiveDamaged
from store.integrity.findings import Finding, broken
from store.integrity.structure import counted, some, tables_of
from store.records import day_of
from store.rows import REF_COLUMNS, day_number, recorded_ref, ref_of, told_fingerprint

# Vectors have norm 1 but for rounding.
_NORM_ERROR = 1e-3

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """Which rows are read: those whose keys fall among the first ``percent`` of a hundred, always the same ones."""

    percent: float = 100.0

    @property
    def condition(self) -> str:
        # Knuth's multiplicative hash (2**32 / the golden ratio), so that neighbours fall apart.
        return "1" if self.percent >= 100 else f"(key * 2654435761 & 4294967295) < {int(self.percent / 100 * 2**32)}"


EVERYTHING = Share()


def find_in_contents(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    """Yield what is wrong with the texts and vectors of a file whose structure is sound."""
    yield from _wrong_articles(db, share)
    yield from _wrong_revisions(db, share)
    yield from _wrong_full_text(db)
    for table in ("vectors", "coming_vectors"):
        wrong = wrong_vectors(db, table, share)
        if wrong:
            told = f"the vectors of {counted(len(wrong), 'passage')} are not what was stored: {some(wrong)}"
            yield broken(table, told, "vectors")


def wrong_vectors(db: sqlite3.Connection, table: str, share: Share = EVERYTHING) -> list[int]:
    """Return the keys of the passages whose vectors fail their checksum, or cannot be of the archive's model."""
    if table not in tables_of(db):
        return []
    setting = "dimension" if table == "vectors" else "coming_dimension"
    row = db.execute("SELECT value FROM manifest WHERE name = ?", (setting,)).fetchone()
    dimension = int(row[0]) if row and str(row[0]).isdecimal() else None
    rows = db.execute(
        f"SELECT passage, vector, checksum FROM {table} WHERE {share.condition.replace('key', 'passage')}"
    )
    wrong: list[int] = []
    while batch := rows.fetchmany(_BATCH):
        wrong += _wrong_of(batch, dimension)
    return sorted(wrong)


def _wrong_of(batch: Sequence[tuple[int, Any, Any]], dimension: int | None) -> list[int]:
    import numpy as np

    wrong, sound = [], []
    for key, vector, checksum in batch:
        is_sound = isinstance(vector, bytes) and zlib.crc32(vector) == checksum
        if is_sound and dimension is not None and len(vector) == 4 * dimension:
            sound.append((key, vector))
        elif not is_sound or dimension is not None:
            wrong.append(key)
    if sound:
        table = np.frombuffer(b"".join(vector for _, vector in sound), dtype="<f4").reshape(len(sound), -1)
        norms = np.linalg.norm(table.astype(np.float64), axis=1)
        wrong += [key for (key, _), norm in zip(sound, norms, strict=True) if not abs(norm - 1) < _NORM_ERROR]
    return wrong


def _wrong_articles(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    changed: list[str] = []
    mislaid: list[str] = []
    unsplit: list[str] = []
    rows = db.execute(
        f"SELECT {REF_COLUMNS}, body, day, outlet_folded, fingerprint, key FROM articles WHERE {share.condition}"
    )
    for *row, key in rows:
        if not is_as_stored(row):
            changed.append(row[0])
        elif not _are_columns_derived(row):
            mislaid.append(row[0])
        elif not are_whole(spans_of(db, key), row[-4]):
            unsplit.append(row[0])
    if changed:
        yield broken(
            "articles",
            f"{counted(len(changed), 'article')} changed on the disk: {some(changed)}",
            remedy="dateline restore FILE, or `dateline remove ID` and add the article again",
        )
    if mislaid:
        yield broken("articles", f"wrong day or outlet to search by: {some(mislaid)}", "columns")
    if unsplit:
        yield broken("passages", f"text that is in no passage: {some(unsplit)}", "passages")


def is_as_stored(row: Sequence[Any]) -> bool:
    """Return whether a row of REF_COLUMNS, body, day, folded outlet and fingerprint holds what was stored."""
    ref = row[:-4]
    body, _, _, fingerprint = row[-4:]
    try:
        ref_of(ref)
        return isinstance(body, str) and told_fingerprint(ref, body) == fingerprint
    except (ArchiveDamaged, UnicodeError):
        return False


def derived_columns(row: Sequence[Any]) -> tuple[int | None, str | None]:
    """Return day and folded outlet as they follow from a row that begins with REF_COLUMNS."""
    ref = ref_of(row)
    day = day_of(ref.published)
    return day_number(day) if day else None, ref.outlet.casefold() if ref.outlet else None


def _are_columns_derived(row: Sequence[Any]) -> bool:
    return tuple(row[-3:-1]) == derived_columns(row)


def spans_of(db: sqlite3.Connection, article: int) -> list[tuple[int, int, int]]:
    """Return ordinal, start and end of an article's passages, in order."""
    return db.execute(
        "SELECT ordinal, start, end FROM passages WHERE article = ? ORDER BY ordinal", (article,)
    ).fetchall()


def are_whole(spans: Sequence[tuple[int, int, int]], body: str) -> bool:
    """Return whether passages (ordinal, start, end) follow each other and leave out nothing of a body but blanks."""
    reached = 0
    for place, (ordinal, start, end) in enumerate(spans):
        if ordinal != place or not reached <= start < end <= len(body) or body[reached:start].strip():
            return False
        reached = end
    return not body[reached:].strip()


def _wrong_revisions(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    wrong = []
    for key, record, body in db.execute(f"SELECT key, record, body FROM revisions WHERE {share.condition}"):
        try:
            recorded_ref(record)
            values = json.loads(record)
            row = [values.get(name) for name in REF_COLUMNS.split(", ")]
            # Revisions of an earlier version have no digest.
            if values.get("fingerprint", fingerprint := told_fingerprint(row, body)) != fingerprint:
                wrong.append(key)
        except (ArchiveDamaged, ValueError, TypeError):
            wrong.append(key)
    if wrong:
        yield broken(
            "revisions", f"{counted(len(wrong), 'earlier text')} changed on the disk: {some(wrong)}",
            remedy="dateline restore FILE",
        )  # fmt: skip


# SQLite offers to compare the full text with its source as a write only. Its parts are small: with a copy of them among
# the temporary tables of this connection nothing of the archive is written. 36,000 passages take 2 s and 16 MB.
_COPY = """
CREATE TEMP VIEW compared_text AS
  SELECT p.key AS key, a.headline AS headline, substr(a.body, p.start + 1, p.end - p.start) AS text
  FROM main.passages p JOIN main.articles a ON a.key = p.article;
CREATE VIRTUAL TABLE temp.compared USING fts5(
  headline, text, content='compared_text', content_rowid='key', tokenize='porter unicode61 remove_diacritics 2'
);
"""


def _wrong_full_text(db: sqlite3.Connection) -> Iterator[Finding]:
    db.execute("PRAGMA query_only = OFF")  # Of a connection that can only read the archive itself.
    db.executescript(_COPY)
    try:
        for part in ("data", "idx", "docsize", "config"):
            db.execute(f"DELETE FROM temp.compared_{part}")
            db.execute(f"INSERT INTO temp.compared_{part} SELECT * FROM main.full_text_{part}")
        db.execute("INSERT INTO temp.compared(compared, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as exc:
        yield broken("full_text", f"it differs from the text of the passages: {exc}", "full text")
    finally:
        db.execute("DROP TABLE temp.compared")
        db.execute("DROP VIEW temp.compared_text")
        db.execute("PRAGMA query_only = ON")
