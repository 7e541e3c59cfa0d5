"""Dense search: a question's vector against an archive's, by the way that costs least."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.embedding import Embedder, open_query_embedder, weights_with_digest
from store.errors import EmbedderError
from store.generations import Generation, current_generation
from store.index import ChromaIndex, chroma_version
from store.records import SearchFilter

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.vectors import VectorTable

# From this many vectors on a running session asks Chroma when no filter is set: at 100,000 it answers in 5 ms where the
# exact scan takes 24 ms; below, opening it (0.3 s after an import of 1.5 s) is never paid back.
CHROMA_ROWS = 50_000


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
        self._fresh: tuple[int, VectorTable] | None = None
        self._chroma: tuple[Path, ChromaIndex] | None = None

    def close(self) -> None:
        if self._chroma is not None:
            self._chroma[1].close()

    def rank(self, query: str, where: SearchFilter, limit: int) -> tuple[list[int], tuple[str, ...]]:
        """Return up to ``limit`` passage keys, best first, and notices; none where there is nothing to compare with."""
        counts = self._catalog.counts()
        if not counts.vectors:
            return [], (_NOT_EMBEDDED,) if counts.passages else ()
        try:
            vector = self._open_embedder().embed_query(query)
        except EmbedderError as exc:
            hint = f" ({exc.hint})" if exc.hint else ""
            return [], (f"searched by words alone: {exc}{hint}",)
        notices = () if counts.vectors == counts.passages else (_partly(counts.vectors, counts.passages),)
        return [key for key, _ in self.nearest(vector, limit, where)], notices

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

    def similarities(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the cosine of each text to ``query``; zeros where nothing is embedded or the model is missing."""
        if not texts or self._catalog.setting("digest") is None:
            return [0.0] * len(texts)
        try:
            embedder = self._open_embedder()
        except EmbedderError:
            return [0.0] * len(texts)
        return [float(score) for score in embedder.embed_passages(texts) @ embedder.embed_query(query)]

    def problems(self) -> list[str]:
        """Return what is wrong with the published index, in words."""
        self._follow()
        generation = self._generation
        if generation is None:
            return ["the vector index is missing"] if self._catalog.vector_count() else []
        found = []
        if generation.embedder != self._catalog.setting("digest"):
            found.append("the vector index is from another embedding model")
        if self._sealed is None or len(self._sealed) != generation.rows:
            found.append("the vector index is damaged")
        return found

    def _open_embedder(self) -> Embedder:
        if self._embedder is None:
            name, digest = self._catalog.setting("embedder") or "", self._catalog.setting("digest") or ""
            weights = weights_with_digest(name, digest, self._catalog.setting("stamp"))
            light = json.loads(self._catalog.setting("light") or "true")
            if not light:
                weights = weights.for_library()
            self._embedder = open_query_embedder(weights)
        return self._embedder

    def _follow(self) -> None:
        """Open the generation that is published now and the vectors written after it, where these have changed."""
        from store.vectors import open_table, table_of  # noqa: PLC0415 - numpy, 0.1 s

        dimension = int(self._catalog.setting("dimension") or 0)
        generation = current_generation(self._index)
        if generation != self._generation or self._sealed is None:
            self._generation, self._sealed, self._fresh = generation, None, None
            if generation is not None and generation.embedder == self._catalog.setting("digest"):
                try:
                    self._sealed = open_table(generation.folder, dimension)
                except (OSError, ValueError):
                    self._sealed = None
        newest = self._catalog.last_sequence()
        if self._fresh is None or self._fresh[0] != newest:
            after = self._generation.sequence if self._generation and self._sealed is not None else 0
            rows = ((key, vector) for _, key, vector in self._catalog.vectors(after=after))
            self._fresh = (newest, table_of(rows, dimension))

    def _gone(self) -> int:
        if self._generation is None or self._sealed is None:
            return 0
        old = self._catalog.vector_count() - self._catalog.fresh_count(self._generation.sequence)
        return max(0, self._generation.rows - old)

    def _sealed_nearest(self, vector: Vectors, k: int, among: list[int] | None) -> list[tuple[int, float]]:
        assert self._sealed is not None
        if among is None and self._chroma_rows is not None and len(self._sealed) >= self._chroma_rows:
            chroma = self._open_chroma()
            if chroma is not None:
                return chroma.nearest(vector, k)
        return self._sealed.nearest(vector, k, among)

    def _open_chroma(self) -> ChromaIndex | None:
        generation = self._generation
        if generation is None or generation.chromadb != chroma_version():
            return None
        if self._chroma is None or self._chroma[0] != generation.folder:
            self.close()
            self._chroma = (generation.folder, ChromaIndex(generation.folder))
        return self._chroma[1]


_NOT_EMBEDDED = "searched by words alone: nothing is embedded yet; `dateline embed` does it"


def _partly(vectors: int, passages: int) -> str:
    return (
        f"{vectors:,} of {passages:,} passages are embedded; the others are searched by words; `dateline embed` goes on"
    )
