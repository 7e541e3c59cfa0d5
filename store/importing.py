"""What an export tells of an article beside its text, put into an archive: earlier texts, feeds, vectors."""

from __future__ import annotations

import json
import sqlite3

from store.exporting import article_fields
from store.records import ArticleRef, Exported, ExportedEntry, ExportHead, Revision
from store.rows import REF_COLUMNS, fingerprint_of, told_fingerprint


def put_head(db: sqlite3.Connection, head: ExportHead) -> str | None:
    """Subscribe to the feeds of an export and take over its model where the archive has none.

    Returns why its vectors cannot be used, if so. Call it inside a transaction.
    """
    db.executemany(
        "INSERT OR IGNORE INTO feeds(url, title, outlet, added_utc, is_gone) VALUES (?, ?, ?, ?, ?)",
        [(feed.url, feed.title, feed.outlet, feed.added.isoformat(), int(feed.is_gone)) for feed in head.feeds],
    )
    if head.digest is None:
        return None
    known = dict(db.execute("SELECT name, value FROM manifest WHERE name IN ('embedder', 'digest')"))
    if "digest" not in known:
        settings = {"embedder": head.embedder, "digest": head.digest, "dimension": str(head.dimension)}
        db.executemany("INSERT INTO manifest(name, value) VALUES (?, ?)", settings.items())
    elif known["digest"] != head.digest:
        return (
            f"its vectors are from {head.embedder!r} and were left out, since those here are from "
            f"{known.get('embedder')!r}; `dateline embed` makes them"
        )
    return None


def put_known(db: sqlite3.Connection, exported: Exported, *, is_new: bool) -> None:
    """Complete an article that was just put, or was there before, by what its export tells of it.

    Nothing is taken of another text than the one that the archive keeps. Call it inside a transaction.
    """
    row = db.execute("SELECT key, fingerprint FROM articles WHERE id = ?", (exported.draft.id,)).fetchone()
    if row is None or row[1] != fingerprint_of(exported.draft):
        return
    for revision in exported.revisions:
        _put_revision(db, row[0], revision, is_new=is_new)
    for entry in exported.entries:
        _put_entry(db, str(exported.draft.id), entry)
    if any(exported.vectors):
        _put_vectors(db, row[0], exported)


def _put_revision(db: sqlite3.Connection, article: int, revision: Revision, *, is_new: bool) -> None:
    record, body = _record(revision.article.ref), revision.article.body
    if is_new or not _is_kept(db, article, record, body):
        fingerprint = told_fingerprint(list(record.values()), body)
        db.execute(
            "INSERT INTO revisions(article, replaced_utc, record, body) VALUES (?, ?, ?, ?)",
            (article, revision.replaced.isoformat(), json.dumps({**record, "fingerprint": fingerprint}), body),
        )


def _is_kept(db: sqlite3.Connection, article: int, record: dict[str, str | int | None], body: str) -> bool:
    """Return whether an article has this revision; those of an earlier version have no fingerprint."""
    rows = db.execute("SELECT record FROM revisions WHERE article = ? AND body = ?", (article, body))
    kept = (json.loads(text) for (text,) in rows)
    return any({name: value for name, value in one.items() if name in record} == record for one in kept)


def _record(ref: ArticleRef) -> dict[str, str | int | None]:
    """Return an article as its row would hold it, which is how revisions are kept."""
    fields = article_fields(ref)
    fields["authors"] = json.dumps(fields["authors"], ensure_ascii=False)
    fields["page_starts"] = json.dumps(fields["page_starts"]) if fields["page_starts"] else None
    fields["is_truncated"] = int(fields["is_truncated"]) or None
    return {name: fields[name] for name in REF_COLUMNS.split(", ")}


def _put_entry(db: sqlite3.Connection, article_id: str, entry: ExportedEntry) -> None:
    db.execute(
        "INSERT OR IGNORE INTO entries(feed, guid, url, mark, article, tries, seen_utc) "
        "SELECT key, ?, ?, ?, ?, ?, ? FROM feeds WHERE url = ?",
        (entry.guid, entry.url, entry.mark, article_id, entry.tries, entry.seen.isoformat(), entry.feed),
    )


def _put_vectors(db: sqlite3.Connection, article: int, exported: Exported) -> None:
    """Store the vectors of passages that have none, where the archive's model made them."""
    from zlib import crc32  # only for those who exchange vectors

    if db.execute("SELECT 1 FROM manifest WHERE name = 'digest' AND value = ?", (exported.digest,)).fetchone() is None:
        return
    known = dict(zip(exported.spans, exported.vectors, strict=True))
    missing = db.execute(
        "SELECT p.key, p.start, p.end FROM passages p LEFT JOIN vectors v ON v.passage = p.key "
        "WHERE p.article = ? AND v.passage IS NULL ORDER BY p.ordinal",
        (article,),
    ).fetchall()
    vectors = ((key, known.get((start, end))) for key, start, end in missing)
    db.executemany(
        "INSERT INTO vectors(passage, vector, checksum) VALUES (?, ?, ?)",
        [(key, vector, crc32(vector)) for key, vector in vectors if vector is not None],
    )
