"""An archive as JSON Lines: a head, then an article a line with all that is known of it. ``store.importing`` is the way
back, and any program that reads JSON Lines understands the articles.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

from store.backup import has_table
from store.cleaning import JSON_ESCAPES
from store.disk import require_room, sync
from store.entities.roster import Roster
from store.errors import ArchiveError
from store.leftovers import drop_leftovers
from store.readers.objects import EXPORT_SCHEMA
from store.readers.packed import EXTENSIONS, create_packed
from store.records import ArticleRef, SearchFilter
from store.rows import REF_COLUMNS, recorded_ref, ref_of
from store.schema import open_file

Progress = Callable[[int, int], None]

_OWNER = re.compile(r"\.(\d+)\.part$")
_KNOWN = f"{REF_COLUMNS}, body, source, added_utc, key"


def write_export(
    catalog: Path,
    target: Path | BinaryIO,
    where: SearchFilter,
    *,
    vectors: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write the articles that satisfy ``where``, as they are at one moment, and return how many they are.

    A file is private, packed if its name ends as a packed one does, and has its name only once it is whole. Memory does
    not grow with the archive. Raises ArchiveError.
    """
    with closing(open_file(catalog, writable=False)) as db, ExitStack() as opened:
        db.execute("BEGIN")
        lines = _Lines(db, where, vectors=vectors)
        if isinstance(target, Path):
            require_room(target.absolute().parent, _most_bytes(db, lines.articles, vectors=vectors), "the export")
            target = opened.enter_context(_file(target, overwrite=overwrite))
        for done, line in enumerate(lines):
            target.write(line.encode("utf-8"))
            if progress:
                progress(done, lines.articles)
        return lines.articles


def article_fields(ref: ArticleRef) -> dict[str, Any]:
    """Return what describes an article, under the names that every JSON of ours has for it."""
    return {
        "id": ref.id,
        "headline": ref.headline,
        "outlet": ref.outlet,
        "authors": list(ref.authors),
        "published": ref.published.isoformat() if ref.published else None,
        "modified": ref.modified.isoformat() if ref.modified else None,
        "url": ref.url,
        "language": ref.language,
        "section": ref.section,
        "place": ref.place,
        "final_url": ref.final_url,
        "fetched": ref.fetched.isoformat() if ref.fetched else None,
        "is_truncated": ref.is_truncated,
        "page_starts": list(ref.page_starts),
    }


class _Lines:
    """The lines of an export, the head first, over a connection that sees one moment of the archive."""

    def __init__(self, db: sqlite3.Connection, where: SearchFilter, *, vectors: bool) -> None:
        self._db = db
        self._vectors = vectors
        self._condition, self._values = Roster(db).condition(where)
        # An archive of the first formats has no feeds.
        self._has_feeds = has_table(db, "feeds")
        self.articles: int
        (self.articles,) = db.execute(
            f"SELECT count(*) FROM articles a WHERE {self._condition}", self._values
        ).fetchone()

    def __iter__(self) -> Iterator[str]:
        yield _line(self._head())
        rows = self._db.execute(f"SELECT {_KNOWN} FROM articles a WHERE {self._condition} ORDER BY key", self._values)
        entries = self._entries()
        coming = next(entries, None)
        for row in rows:
            *_, body, source, added, key = row
            own = []
            while coming and coming[0] <= key:
                own += [coming[1]] if coming[0] == key else []
                coming = next(entries, None)
            known = {
                "source": source,
                "added": added,
                "revisions": list(self._revisions(key)),
                "entries": own,
                **self._passages(key),
            }
            yield _line({**article_fields(ref_of(row)), "body": body, "archive": known})

    def _head(self) -> dict[str, Any]:
        settings = dict(self._db.execute("SELECT name, value FROM manifest"))
        embedder = None
        if self._vectors and "digest" in settings:
            embedder = {
                "name": settings["embedder"],
                "digest": settings["digest"],
                "dimension": int(settings["dimension"]),
            }
        feeds = "SELECT url, title, outlet, added_utc, is_gone FROM feeds ORDER BY key"
        return {
            "schema": EXPORT_SCHEMA,
            "articles": self.articles,
            "embedder": embedder,
            "feeds": [
                {"url": url, "title": title, "outlet": outlet, "added": added, "is_gone": bool(is_gone)}
                for url, title, outlet, added, is_gone in (self._db.execute(feeds) if self._has_feeds else ())
            ],
        }

    def _revisions(self, key: int) -> Iterator[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT replaced_utc, record, body FROM revisions WHERE article = ? ORDER BY replaced_utc, key", (key,)
        )
        for replaced, record, body in rows:
            yield {"replaced": replaced, **article_fields(recorded_ref(record)), "body": body}

    def _entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the entries of feeds with the keys of the articles that they led to, in the order of these."""
        if not self._has_feeds:
            return
        rows = self._db.execute(
            "SELECT a.key, f.url, e.guid, e.url, e.mark, e.tries, e.seen_utc FROM entries e "
            "JOIN feeds f ON f.key = e.feed JOIN articles a ON a.id = e.article ORDER BY a.key, f.key, e.guid"
        )
        for key, *values in rows:
            yield key, dict(zip(("feed", "guid", "url", "mark", "tries", "seen"), values, strict=True))

    def _passages(self, key: int) -> dict[str, Any]:
        rows = self._db.execute(
            "SELECT p.start, p.end, v.vector FROM passages p LEFT JOIN vectors v ON v.passage = p.key "
            "WHERE p.article = ? ORDER BY p.ordinal",
            (key,),
        ).fetchall()
        spans = {"passages": [[start, end] for start, end, _ in rows]}
        return {**spans, "vectors": [_encoded(vector) for *_, vector in rows]} if self._vectors else spans


def _encoded(vector: bytes | None) -> str | None:
    return None if vector is None else base64.b64encode(vector).decode("ascii")


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(JSON_ESCAPES) + "\n"


def _most_bytes(db: sqlite3.Connection, articles: int, *, vectors: bool) -> int:
    """Return about how large the export of so many articles can get: the file they are in holds their words twice."""
    pages = db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
    (all_,) = db.execute("SELECT count(*) FROM articles").fetchone()
    return int(pages * (1.4 if vectors else 1.0) * articles / max(1, all_))


@contextmanager
def _file(target: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Give a new file to be written; it takes its name after that, or leaves nothing behind."""
    if target.exists() and not overwrite:
        raise ArchiveError(f"there is a file {str(target)!r} already", hint="name another, or add --overwrite")
    drop_leftovers(target.parent.glob(f".{escape(target.name)}.*.part"), _OWNER)
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    packing = EXTENSIONS.get(target.suffix.lower())
    try:
        with os.fdopen(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as raw:
            if packing:
                with create_packed(raw, packing) as packed:
                    yield packed
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
        aside.replace(target)
        sync(target.absolute().parent)
    except OSError as exc:
        raise ArchiveError(
            f"cannot write {str(target)!r}: {exc.strerror or exc}", hint="name another file with -o"
        ) from exc
    finally:
        aside.unlink(missing_ok=True)
