"""Dense search: a question's vector against an archive's, by the way that costs least."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.embedding import Embedder, open_query_embedder, weights_with_digest
from store.errors import EmbedderError
from store.generations import Generation, current_generation
from store.index import ChromaIndex
from store.opening import Opening

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.embedding.similarity import CosineSimilarity
    from store.vectors import Comparison, Keys, VectorTable

# From this many vectors on a running session asks Chroma where nothing narrows the search. It answers in 3 ms where the
# exact scan takes 13 ms for every 100,000, but at 100,000 it takes 250 MB and the second to import and open it, and a
# question about its present scans the last weeks exactly all the same: there it gained nothing (40 against 38 ms).
CHROMA_ROWS = 250_000


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
        self._fresh: VectorTable | None = None
        self._living: Keys | None = None
        self._seen: tuple[Generation | None, bool, tuple[int, int] | None] = (None, False, None)
        self._vectors = self._passages = 0
        self._chroma: tuple[Generation, ChromaIndex] | None = None
        self._opened: tuple[str, Opening[Embedder]] | None = None
        self._similarity: tuple[str | None, CosineSimilarity] | None = None
        self._asked: tuple[tuple[str, str | None], Vectors] | None = None

    def close(self) -> None:
        if self._chroma is not None:
            self._chroma[1].close()
            self._chroma = None
        if self._similarity is not None:
            self._similarity[1].close()
            self._similarity = None

    def warm_up(self) -> None:
        """Begin to open what a question will need, beside whatever else this process does meanwhile."""
        if self._embedder is None and self._catalog.setting("digest") is not None:
            with suppress(EmbedderError):  # It is told when it is needed.
                self._begin_opening()

    def compare(self, query: str) -> tuple[Comparison | None, tuple[str, ...]]:
        """Return ``query`` against the archive's vectors, None where nothing can be compared, and notices."""
        self._follow()
        if not self._vectors:
            return None, (_NOT_EMBEDDED,) if self._passages else ()
        try:
            vector = self._vector_of(query)
        except EmbedderError as exc:
            hint = f" ({exc.hint})" if exc.hint else ""
            return None, (f"searched by words alone: {exc}{hint}",)
        notices = () if self._vectors == self._passages else (_partly(self._vectors, self._passages),)
        return self.compare_vector(vector), notices

    def compare_vector(self, vector: Vectors) -> Comparison:
        """Return a vector, shape (dimension,) and norm 1, against the archive's."""
        from store.vectors import Comparison  # numpy, 0.1 s

        self._follow()
        tables = [table for table in (self._sealed, self._fresh) if table is not None]
        return Comparison(tables, vector, self._open_chroma() if self._is_for_chroma() else None, living=self._living)

    def relevance(self, query: str, text: str) -> float | None:
        """Return the cosine of a query with a text; None where ``similarity`` is."""
        similarity = self.similarity()
        return None if similarity is None else similarity.to(self._vector_of(query), text)

    def similarity(self) -> CosineSimilarity | None:
        """Return how alike sentences are to the archive's model; None without vectors, or where it cannot be opened."""
        digest = self._catalog.setting("digest")
        if self._vectors and (self._similarity is None or self._similarity[0] != digest):
            from store.embedding.similarity import CosineSimilarity

            with suppress(EmbedderError):  # A search has told it already.
                self._similarity = (digest, CosineSimilarity(self._open_embedder()))
        return None if self._similarity is None else self._similarity[1]

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

    def _vector_of(self, query: str) -> Vectors:
        """Return the vector of a query, shape (dimension,), by the model of now; that of the last one is kept."""
        key = (query, self._catalog.setting("digest"))
        if self._asked is None or self._asked[0] != key:
            self._asked = (key, self._open_embedder().embed_query(query))
        return self._asked[1]

    def _open_embedder(self) -> Embedder:
        if self._embedder is not None:
            return self._embedder
        opened = self._begin_opening().wait()
        assert opened is not None  # waited for as long as it took
        return opened

    def _begin_opening(self) -> Opening[Embedder]:
        name, digest = self._catalog.setting("embedder") or "", self._catalog.setting("digest") or ""
        if self._opened is None or self._opened[0] != digest:
            weights = weights_with_digest(name, digest, self._catalog.setting("stamp"))
            if not json.loads(self._catalog.setting("light") or "true"):
                weights = weights.for_library()
            self._opened = (digest, Opening(partial(open_query_embedder, weights), _cannot_open))
        return self._opened[1]

    def _follow(self) -> None:
        """Open the generation that is published now and the vectors written after it, where these have changed."""
        generation, state = current_generation(self._index), self._catalog.state()
        whole = generation is not None and generation.is_whole()
        if (generation, whole, state) == self._seen:
            return
        from store.vectors import keys_of, open_table, table_of  # numpy, 0.1 s

        dimension = int(self._catalog.setting("dimension") or 0)
        if (generation, whole) != self._seen[:2]:
            self._sealed = None
            same = generation is not None and generation.embedder == self._catalog.setting("digest")
            if generation is not None and same and whole:
                with suppress(OSError, ValueError):  # Deleted by a writer that published the next one.
                    self._sealed = open_table(generation.folder, dimension)
        self._generation, self._seen = generation, (generation, whole, state)
        after = generation.sequence if generation and self._sealed is not None else 0
        rows = ((key, vector) for _, key, vector in self._catalog.vectors(after=after))
        self._fresh = table_of(rows, dimension)
        self._vectors, self._passages = self._catalog.vector_count(), self._catalog.passage_count()
        holds_removed = len(self._sealed or ()) + len(self._fresh) != self._vectors
        self._living = keys_of(self._catalog.all_passage_keys()) if holds_removed else None

    def _is_for_chroma(self) -> bool:
        """Whether Chroma should be asked: it does not know of removed passages, and pays in large archives only."""
        if self._chroma_rows is None or self._sealed is None or len(self._sealed) < self._chroma_rows:
            return False
        return self._living is None

    def _open_chroma(self) -> ChromaIndex | None:
        generation = self._generation
        if generation is None or not generation.is_current():
            return None
        if self._chroma is None or self._chroma[0] != generation:
            self.close()
            try:
                self._chroma = (generation, ChromaIndex(generation.folder))
            except Exception:  # noqa: BLE001 - whatever Chroma raises, exact search answers
                self._chroma_rows = None
                return None
        return self._chroma[1]


def _cannot_open(error: Exception) -> EmbedderError:
    return EmbedderError(f"cannot open the embedding model: {error}")


_REBUILD = "`dateline rebuild` makes it again"

_NOT_EMBEDDED = "searched by words alone: nothing is embedded yet; `dateline embed` does it"


def _partly(vectors: int, passages: int) -> str:
    return (
        f"{vectors:,} of {passages:,} passages are embedded; the others are searched by words; `dateline embed` goes on"
    )
