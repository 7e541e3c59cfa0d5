"""The move of an archive to another embedding model: its vectors grow beside those that serve, then take their place.

The move goes on where it was stopped. Until every passage has its new vector, and after any kill, questions are
answered with the old ones; the switch is one transaction.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice

from store.embedding import Embedder, Weights
from store.errors import ArchiveError
from store.rows import embedded_text
from store.schema import COMING_VECTORS

# What an archive's manifest says of the model of its vectors, and, behind a prefix, of those to come.
MODEL_SETTINGS = ("embedder", "digest", "dimension", "stamp", "light")
_COMING = "coming_"

# Sequence numbers of the new vectors begin so far behind those of the old ones that no index of one is taken for one of
# the other, however many are still made with the old model.
_FAR = 1_000_000_000

Transaction = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Move:
    """A move under way: the model's name and weights, and how many of the passages have their new vector."""

    embedder: str
    digest: str
    vectors: int
    passages: int


def check_target(move: Move | None, weights: Weights) -> None:
    """Raise ArchiveError where a move to another model than that with these weights is under way."""
    if move is not None and move.digest != weights.digest():
        raise ArchiveError(
            f"the archive is being moved to {move.embedder!r}, {move.vectors:,} of {move.passages:,} passages are done",
            hint=f"go on with `dateline rebuild --embedder {move.embedder}`, or give it up with "
            "`dateline rebuild --abandon`",
        )


class Moving:
    """The vectors to come of one archive."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        self._db = connection
        self._transaction = transaction

    def under_way(self) -> Move | None:
        settings = dict(
            self._db.execute("SELECT substr(name, 8), value FROM manifest WHERE substr(name, 1, 7) = ?", (_COMING,))
        )
        if "digest" not in settings:
            return None
        (vectors,) = self._db.execute("SELECT count(*) FROM coming_vectors").fetchone()
        (passages,) = self._db.execute("SELECT count(*) FROM passages").fetchone()
        return Move(settings["embedder"], settings["digest"], vectors, passages)

    def begin(self, model: dict[str, str]) -> None:
        """Note the model that the archive is moved to; ``model`` holds MODEL_SETTINGS."""
        with self._transaction():
            self._forget()
            self._db.executemany(
                "INSERT INTO manifest(name, value) VALUES (?, ?)",
                [(_COMING + name, model[name]) for name in MODEL_SETTINGS],
            )
            self._db.execute(
                "INSERT INTO sqlite_sequence(name, seq) SELECT 'coming_vectors', ? + coalesce(max(seq), 0) "
                "FROM sqlite_sequence WHERE name = 'vectors'",
                (_FAR,),
            )

    def embed(self, embedder: Embedder, *, batch: int) -> Iterator[int]:
        """Make the vectors that are missing and yield how many each time that some more are on the disk."""
        from store.vectors import to_bytes  # numpy

        pending = self._pending()
        while some := list(islice(pending, batch)):
            vectors = to_bytes(embedder.embed_passages([text for _, text in some]))
            with self._transaction():
                self._put(zip((key for key, _ in some), vectors, strict=True))
            yield len(some)

    def switch(self) -> None:
        """Let the new vectors take the place of the old ones, which are dropped."""
        with self._transaction():
            self._db.execute("DROP TABLE vectors")
            self._db.execute("ALTER TABLE coming_vectors RENAME TO vectors")
            self._db.execute(COMING_VECTORS)
            for name in MODEL_SETTINGS:
                self._db.execute("DELETE FROM manifest WHERE name = ?", (name,))
                self._db.execute("UPDATE manifest SET name = ? WHERE name = ?", (name, _COMING + name))

    def abandon(self) -> None:
        """Forget the vectors to come."""
        with self._transaction():
            self._forget()

    def _forget(self) -> None:
        self._db.execute("DELETE FROM coming_vectors")
        self._db.execute("DELETE FROM sqlite_sequence WHERE name = 'coming_vectors'")
        self._db.execute("DELETE FROM manifest WHERE substr(name, 1, 7) = ?", (_COMING,))

    def _pending(self) -> Iterator[tuple[int, str]]:
        """Yield key and text to be embedded of every passage without its new vector."""
        last = 0
        while rows := self._db.execute(
            "SELECT p.key, a.headline, a.outlet, a.published, substr(a.body, p.start + 1, p.end - p.start) "
            "FROM passages p JOIN articles a ON a.key = p.article WHERE p.key > ? "
            "AND NOT EXISTS (SELECT 1 FROM coming_vectors v WHERE v.passage = p.key) ORDER BY p.key LIMIT 256",
            (last,),
        ).fetchall():
            yield from ((row[0], embedded_text(*row[1:])) for row in rows)
            last = rows[-1][0]

    def _put(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO coming_vectors(passage, vector, checksum) VALUES (?, ?, ?)",
            [(key, blob, zlib.crc32(blob)) for key, blob in vectors],
        )
