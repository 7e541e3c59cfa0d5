"""Dense search: a question's vector against an archive's, by the way that costs least."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.chroma_server import ServerAddress, ServerIndex, collection_of
from store.embedding import Embedder, open_query_embedder, weights_with_digest
from store.errors import ArchiveError, EmbedderError
from store.generations import Generation, current_generation
from store.index import ChromaIndex
from store.opening import Opening
from store.sealing import hold_folder

if TYPE_CHECKING:
    from store.embedding import Vectors
    from store.embedding.similarity import CosineSimilarity
    from store.vectors import Comparison, Keys, Table, VectorTable

# From this many vectors on a running session asks Chroma where nothing narrows the search, once its process has opened
# them; a single question never waits for that, which takes seconds. Chroma answers in 3 ms where the exact scan takes
# 13 ms for every 100,000, but holds them once more in every process that asks it: at 300,000, searched exactly in 75 ms
# at p95, 680 MB for each reader, where all readers share the pages of the exact scan.
CHROMA_ROWS = 400_000

# Vectors that no generation holds are kept in memory up to so many bytes, 87,000 of 384 dimensions. More of them, where
# there is no index, are read for each question: 300,000 in 1.7 s of the processor, with 77 MB of memory.
MOST_FRESH_BYTES = 128 * 1024 * 1024


class DenseSearch:
    """Ranks an archive's passages by the vectors stored for them. Files and model are opened when first needed."""

    def __init__(
        self,
        catalog: Catalog,
        index: Path,
        *,
        embedder: Embedder | None = None,
        chroma_rows: int | None = None,
        server: ServerAddress | None = None,
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._chroma_rows = chroma_rows
        self._server = ServerIndex(catalog, server)
        self._generation: Generation | None = None
        self._flaw: str | None = None
        self._sealed: VectorTable | None = None
        self._hold: int | None = None
        self._fresh: Table | None = None
        self._read_to = 0
        self._living: Keys | None = None
        self._seen: tuple[Generation | None, bool, tuple[int, int]] | None = None
        self._opened_as: tuple[Generation | None, str | None, str | None] | None = None
        self._vectors = self._passages = 0
        self._chroma: ChromaIndex | None = None
        self._chroma_failed: Generation | None = None
        self._notices: list[str] = []
        self._told: set[str] = set()
        self._opened: tuple[str, Opening[Embedder]] | None = None
        self._similarity: tuple[str | None, CosineSimilarity] | None = None
        self._asked: tuple[tuple[str, str | None], Vectors] | None = None

    def close(self) -> None:
        self._let_go()
        self._server.close()
        if self._similarity is not None:
            self._similarity[1].close()
            self._similarity = None

    def warm_up(self) -> None:
        """Begin to open what a question will need, beside whatever else this process does meanwhile."""
        if self._embedder is None and self._catalog.setting("digest") is not None:
            with suppress(EmbedderError):  # It is told when it is needed.
                self._begin_opening()
        if self._chroma_rows is not None and collection_of(self._catalog) is None:
            self._follow()
            self._begin_chroma()

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
        if collection_of(self._catalog) is not None:
            return Comparison(tables, vector, self._ask_server if self._sealed else None, living=self._living)
        self._begin_chroma()
        return Comparison(tables, vector, self._ask_chroma if self._chroma is not None else None, living=self._living)

    def take_notices(self) -> tuple[str, ...]:
        """Return what a person should know of the index since this was asked last; nothing is told twice."""
        told, self._notices = tuple(self._notices), []
        return told

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
        return [] if self._flaw in (None, _MISSING) else [f"the vector index is {self._flaw}; {_REBUILD}"]

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
        from store.vectors import keys_of  # numpy, 0.1 s

        opened_as = (generation, self._flaw_of(generation), self._catalog.setting("digest"))
        if opened_as != self._opened_as:
            self._open_sealed(generation, opened_as[1])
            self._opened_as = (self._generation, self._flaw, opened_as[2])
        self._seen = (generation, whole, state)
        self._vectors, self._passages = self._catalog.vector_count(), self._catalog.passage_count()
        self._read_fresh()
        self._living = None
        if len(self._sealed or ()) + len(self._fresh or ()) != self._vectors:
            self._living = keys_of(self._catalog.all_passage_keys())

    def _flaw_of(self, generation: Generation | None) -> str | None:
        if generation is not None:
            return generation.flaw(self._catalog)
        return _MISSING if self._catalog.setting("published") else None

    def _open_sealed(self, generation: Generation | None, flaw: str | None) -> None:
        """Map the vectors of a generation, or of the one that was published when this one was deleted under us."""
        from store.vectors import open_table  # numpy, 0.1 s

        self._let_go()
        for _ in range(3):
            if generation is None or flaw is not None:
                break
            try:
                self._hold = hold_folder(generation.folder)
                self._sealed = open_table(generation.folder, generation.dimension)
                break
            except (OSError, ValueError):
                generation = current_generation(self._index)
                flaw = self._flaw_of(generation)
        self._generation, self._flaw = generation, flaw
        self._read_to = generation.sequence if generation is not None and self._sealed is not None else 0
        if flaw is not None:
            self._tell(f"the vector index is {flaw}: answers are as good, but slower, until the next `dateline embed`")

    def _let_go(self) -> None:
        """Close whatever was opened of a generation."""
        if self._chroma is not None:
            self._chroma.close()
        if self._hold is not None:
            os.close(self._hold)
        self._chroma = self._hold = self._sealed = self._fresh = None

    def _read_fresh(self) -> None:
        """Read the vectors written since the last time; too many to hold are left where they are."""
        from store.vectors import StoredTable, VectorTable, joined_table, keys_of, table_of

        dimension = int(self._catalog.setting("dimension") or 0)
        first = self._generation.sequence if self._generation is not None and self._sealed is not None else 0
        newer = self._catalog.fresh_count(self._read_to)
        held = self._fresh if isinstance(self._fresh, VectorTable) else None
        if (newer + len(held or ())) * 4 * dimension > MOST_FRESH_BYTES or isinstance(self._fresh, StoredTable):
            read = partial(self._catalog.keyed_vectors, after=first)
            self._fresh = StoredTable(keys_of(self._catalog.keys_with_vectors(after=first)), dimension, read)
        elif newer or held is None:
            read_to = self._catalog.last_sequence()
            part = table_of(self._catalog.keyed_vectors(after=self._read_to), dimension)
            self._fresh = part if held is None else joined_table(held, part)
            self._read_to = read_to

    # -- Chroma --------------------------------------------------------------------------------------------------------

    def _begin_chroma(self) -> None:
        """Start the process that asks Chroma, in archives where it pays: it is asked as soon as it is open."""
        generation, sealed = self._generation, self._sealed
        if self._chroma_rows is None or sealed is None or len(sealed) < self._chroma_rows:
            return
        if self._chroma is not None or generation is None or generation == self._chroma_failed:
            return
        if not generation.is_current():
            self._give_up(f"made by Chroma {generation.chromadb}")
            return
        try:
            self._chroma = ChromaIndex(generation.folder, sealed)
        except OSError as exc:
            self._give_up(str(exc))

    def _ask_chroma(self, query: Vectors, k: int) -> tuple[Keys, Vectors] | None:
        """Return what Chroma finds, None where it cannot be asked: then exact search answers."""
        if self._chroma is None:
            return None
        try:
            return self._chroma.nearest(query, k) if self._chroma.is_open() else None
        except ArchiveError as exc:
            self._give_up(str(exc))
            return None

    def _ask_server(self, query: Vectors, k: int) -> tuple[Keys, Vectors] | None:
        """Return what the Chroma server finds, None where it cannot be asked: then exact search answers."""
        assert self._sealed is not None  # asked for its passages
        try:
            return self._server.nearest(self._sealed, query, k)
        except ArchiveError as exc:
            self._tell(f"{exc}; {exc.hint}")
            return None

    def _give_up(self, reason: str) -> None:
        """Ask the collection of this generation no more."""
        if self._chroma is not None:
            self._chroma.close()
        self._chroma, self._chroma_failed = None, self._generation
        self._tell(f"{reason}; answers are as good without it, but slower; {_REBUILD}")

    def _tell(self, notice: str) -> None:
        if notice not in self._told:
            self._told.add(notice)
            self._notices.append(notice)


def _cannot_open(error: Exception) -> EmbedderError:
    return EmbedderError(f"cannot open the embedding model: {error}")


_REBUILD = "`dateline rebuild` makes it again"

_MISSING = "missing"

_NOT_EMBEDDED = "searched by words alone: nothing is embedded yet; `dateline embed` does it"


def _partly(vectors: int, passages: int) -> str:
    return (
        f"{vectors:,} of {passages:,} passages are embedded; the others are searched by words; `dateline embed` goes on"
    )
