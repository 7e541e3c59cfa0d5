"""Dense search: a question's vector against an archive's, by the way that costs least."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.embedding import Embedder, Weights, open_query_embedder, weights_with_digest
from store.errors import EmbedderError
from store.generations import Generation, current_generation
from store.index import ChromaIndex
from store.records import SearchFilter

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.vectors import VectorTable

# From this many vectors on a running session asks Chroma when no filter is set: at 50,000 it answers in 2.7 ms where
# the exact scan takes 7.2 ms, at 100,000 in 2.7 against 14.6. Below, the second that it takes to import and open it is
# not paid back within a hundred questions.
CHROMA_ROWS = 50_000


class _Opening:
    """A question's embedder, opened in a thread: reading its files and preparing them lets go of the interpreter."""

    def __init__(self, weights: Weights) -> None:
        self._embedder: Embedder | None = None
        self._error: EmbedderError | None = None
        self._thread = threading.Thread(target=self._open, args=(weights,))
        self._thread.start()

    def wait(self) -> Embedder:
        """Return the embedder when it is open; raise EmbedderError where it cannot be opened."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._embedder is not None  # opened, or an error
        return self._embedder

    def _open(self, weights: Weights) -> None:
        try:
            self._embedder = open_query_embedder(weights)
        except EmbedderError as exc:
            self._error = exc
        except Exception as exc:  # noqa: BLE001 - told where it is waited for, not lost with the thread
            self._error = EmbedderError(f"cannot open the embedding model: {exc}")


class DenseSearch:
    """Ranks an archive's passages by the vectors stored for them. Files and model are opened when first needed."""

    def __init__(
        self, catalog: Catalog, index: Path, *, embedder: Embedder | None = None, chroma_rows: int | None = None
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._chroma_rows = chroma_rows
        self._generation: Generation | None = None
        self._sealed: VectorTable | None = None
        self._fresh: tuple[tuple[int, int], VectorTable] | None = None
        self._chroma: tuple[Generation, ChromaIndex] | None = None
        self._opened: tuple[str, _Opening] | None = None

    def close(self) -> None:
        if self._chroma is not None:
            self._chroma[1].close()
            self._chroma = None

    def warm_up(self) -> None:
        """Begin to open what a question will need, beside whatever else this process does meanwhile."""
        if self._embedder is None and self._catalog.setting("digest") is not None:
            with suppress(EmbedderError):  # It is told when it is needed.
                self._begin_opening()

    def rank(self, query: str, where: SearchFilter, limit: int) -> tuple[list[tuple[int, float]], tuple[str, ...]]:
        """Return up to ``limit`` (passage key, cosine), best first, and notices; none where nothing can be compared."""
        counts = self._catalog.counts()
        if not counts.vectors:
            return [], (_NOT_EMBEDDED,) if counts.passages else ()
        try:
            vector = self._open_embedder().embed_query(query)
        except EmbedderError as exc:
            hint = f" ({exc.hint})" if exc.hint else ""
            return [], (f"searched by words alone: {exc}{hint}",)
        notices = () if counts.vectors == counts.passages else (_partly(counts.vectors, counts.passages),)
        return self.nearest(vector, limit, where), notices

    def nearest(self, vector: Vectors, k: int, where: SearchFilter) -> list[tuple[int, float]]:
        """Return up to ``k`` (passage key, cosine), best first, of the living passages that satisfy ``where``."""
        self._follow()
        among = None if where.is_empty else self._catalog.passage_keys(where)
        # Passages that were removed since the generation was sealed still stand in it: so many more are asked for.
        gone = self._gone()
        ranked = self._sealed_nearest(vector, k + min(gone, k), among) if self._sealed is not None else []
        if self._fresh is not None:
            ranked += self._fresh[1].nearest(vector, k, among)
        dead = self._catalog.dead([key for key, _ in ranked]) if gone else set()
        living = [pair for pair in ranked if pair[0] not in dead]
        return sorted(living, key=lambda pair: (-pair[1], pair[0]))[:k]

    def problems(self) -> list[str]:
        """Return what is wrong with the published index, in words."""
        self._follow()
        generation = self._generation
        if generation is None:
            return []  # None was built yet, or it was lost: exact search answers until the next one.
        found = []
        if generation.embedder != self._catalog.setting("digest"):
            found.append(f"the vector index is from another embedding model; {_REBUILD}")
        elif self._sealed is None or len(self._sealed) != generation.rows:
            found.append(f"the vector index is damaged; {_REBUILD}")
        return found

    def _open_embedder(self) -> Embedder:
        return self._embedder if self._embedder is not None else self._begin_opening().wait()

    def _begin_opening(self) -> _Opening:
        name, digest = self._catalog.setting("embedder") or "", self._catalog.setting("digest") or ""
        if self._opened is None or self._opened[0] != digest:
            weights = weights_with_digest(name, digest, self._catalog.setting("stamp"))
            if not json.loads(self._catalog.setting("light") or "true"):
                weights = weights.for_library()
            self._opened = (digest, _Opening(weights))
        return self._opened[1]

    def _follow(self) -> None:
        """Open the generation that is published now and the vectors written after it, where these have changed."""
        from store.vectors import open_table, table_of  # numpy, 0.1 s

        dimension = int(self._catalog.setting("dimension") or 0)
        generation = current_generation(self._index)
        if generation != self._generation or self._sealed is None:
            self._generation, self._sealed, self._fresh = generation, None, None
            same = generation is not None and generation.embedder == self._catalog.setting("digest")
            if generation is not None and same and generation.is_whole():
                with suppress(OSError, ValueError):  # Deleted by a writer that published the next one.
                    self._sealed = open_table(generation.folder, dimension)
        after = self._generation.sequence if self._generation and self._sealed is not None else 0
        state = (
            self._catalog.last_sequence(),
            self._catalog.fresh_count(after) if after else self._catalog.vector_count(),
        )
        if self._fresh is None or self._fresh[0] != state:
            rows = ((key, vector) for _, key, vector in self._catalog.vectors(after=after))
            self._fresh = (state, table_of(rows, dimension))

    def _gone(self) -> int:
        if self._generation is None or self._sealed is None:
            return 0
        old = self._catalog.vector_count() - self._catalog.fresh_count(self._generation.sequence)
        return max(0, self._generation.rows - old)

    def _sealed_nearest(self, vector: Vectors, k: int, among: list[int] | None) -> list[tuple[int, float]]:
        assert self._sealed is not None
        if among is None and self._chroma_rows is not None and len(self._sealed) >= self._chroma_rows:
            try:
                chroma = self._open_chroma()
                if chroma is not None:
                    return chroma.nearest(vector, k)
            except Exception:  # noqa: BLE001 - whatever Chroma raises, exact search answers
                self._chroma_rows = None
        return self._sealed.nearest(vector, k, among)

    def _open_chroma(self) -> ChromaIndex | None:
        generation = self._generation
        if generation is None or not generation.is_current():
            return None
        if self._chroma is None or self._chroma[0] != generation:
            self.close()
            self._chroma = (generation, ChromaIndex(generation.folder))
        return self._chroma[1]


_REBUILD = "`dateline rebuild` makes it again"

_NOT_EMBEDDED = "searched by words alone: nothing is embedded yet; `dateline embed` does it"


def _partly(vectors: int, passages: int) -> str:
    return (
        f"{vectors:,} of {passages:,} passages are embedded; the others are searched by words; `dateline embed` goes on"
    )
