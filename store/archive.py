"""The façade: one archive on disk, created, added to, searched and looked after."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from store.catalog import Catalog, Counts, Put, create_catalog, open_catalog
from store.dense import CHROMA_ROWS, DenseSearch
from store.embedding import DEFAULT_EMBEDDER, Embedder, Weights, find_weights, light_way_agrees, open_embedder
from store.errors import ArchiveError, EmbedderError
from store.generations import Generation, current_generation, drop_generations, publish_generation
from store.listing import Listing
from store.locking import writer_lock
from store.records import (
    AddReport,
    Article,
    ArticleRef,
    Draft,
    Preference,
    Reached,
    Revision,
    SearchFilter,
    Skipped,
)
from store.reranking.weights import DEFAULT_RERANKER
from store.schema import FILE_NAME

if TYPE_CHECKING:
    from store.embedding.similarity import CosineSimilarity
    from store.reading import Reading
    from store.sampling import Sampled
    from store.search import Found, Search
    from store.subscriptions import Subscriptions

# Articles are made durable together up to this many or this long, whichever comes first: one at a time, the disk's
# fsync would take most of the time, and a kill loses at most what one batch holds.
ARTICLE_BATCH = 200
ARTICLE_BATCH_S = 1.0

# Passages embedded between two commits: about two seconds of work, all that a kill can lose.
VECTOR_BATCH = 64

# A new generation is built when this share of its vectors, and at least this many, are newer or gone. Scanning a
# thousand vectors read from SQLite takes 5 ms.
DELTA_SHARE = 0.05
DELTA_ROWS = 1_000

# Of what a run skips so many are kept with their reasons: a dump of a million broken lines has to fit in memory.
MOST_SKIPPED = 10_000

# While a long run embeds, searching what is not yet in a generation reads it all from SQLite; past this many rows it
# takes over 0.1 s, so a generation is built on the way, each time the number of vectors has doubled.
DELTA_ROWS_WHILE_EMBEDDING = 10_000

_Piece = Draft | Skipped | Reached
Stage = Literal["articles", "words", "vectors", "index"]
Progress = Callable[[Stage, int, int | None], None]


@dataclass(frozen=True, slots=True)
class EmbedReport:
    """How many vectors were made, and what a person should know about the index built from them."""

    vectors: int
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an archive. ``embedder`` is the name of the model its vectors are from, if there are any."""

    path: Path
    counts: Counts
    outlets: tuple[tuple[str | None, int], ...]
    embedder: str | None
    generation: Generation | None
    fresh: int
    bytes_on_disk: int


class _Run:
    """What an ``add`` has done so far."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._passages = 0
        self._skipped: list[Skipped] = []
        self._unnamed = 0

    @property
    def articles(self) -> int:
        return self._outcomes.total()

    def take(self, put: Put) -> None:
        self._outcomes[put.outcome] += 1
        self._passages += put.passages

    def skip(self, skipped: Skipped) -> None:
        if len(self._skipped) < MOST_SKIPPED:
            self._skipped.append(skipped)
        else:
            self._unnamed += 1

    def report(self, notices: tuple[str, ...]) -> AddReport:
        return AddReport(
            added=self._outcomes["added"],
            updated=self._outcomes["updated"],
            unchanged=self._outcomes["unchanged"],
            skipped=tuple(self._skipped),
            passages=self._passages,
            notices=notices,
            unnamed=self._unnamed,
        )


class Archive(AbstractContextManager["Archive"]):
    """An open archive. Reading needs no lock; every writing method takes the writer's lock for as long as it works.

    ``embedder`` is what new vectors are made with: a model's name, or an Embedder already loaded; None makes none.
    ``reranker`` names a cross-encoder, which is loaded only where a search wants it.
    """

    def __init__(
        self,
        path: Path,
        catalog: Catalog,
        *,
        embedder: str | Embedder | None,
        session: bool = False,
        reranker: str = DEFAULT_RERANKER,
    ) -> None:
        self.path = path
        self._reranker = reranker
        self._catalog = catalog
        self._embedder = embedder
        self._session = session
        self._dense: DenseSearch | None = None
        self._search: Search | None = None
        self._reading: Reading | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Close the files. Every other method fails afterwards."""
        if self._dense is not None:
            self._dense.close()
        self._catalog.close()

    # -- reading -------------------------------------------------------------------------------------------------------

    def warm_up(self, *, rerank: bool = False) -> None:
        """Begin to open, beside what the caller does meanwhile, what the next search will need."""
        self._open_dense().warm_up()
        if rerank:
            self._open_reading().warm_up()

    def search(
        self,
        query: str | Sequence[str],
        k: int,
        where: SearchFilter | None = None,
        prefer: Preference | None = None,
        *,
        rerank: bool = False,
    ) -> Found:
        """Return up to ``k`` hits for ``query`` among the articles that satisfy ``where``, best first.

        Words and vectors are ranked apart and fused; what ``prefer`` names comes sooner. The hits of several queries,
        the parts of one question, are merged. Without vectors, or without their model, words alone are searched and a
        notice says so. With ``rerank`` a cross-encoder looks at the first of them, for as long as it may take.
        """
        queries = (query,) if isinstance(query, str) else query
        where, prefer = where or SearchFilter(), prefer or Preference()
        return self._open_search().find(queries, k, where, prefer, reading=self._open_reading() if rerank else None)

    def article(self, article_id: str) -> Article:
        """Return an article by its id or an unambiguous beginning of it; raise ArticleMissing."""
        return self._catalog.article(article_id)

    def history(self, article_id: str) -> list[Revision]:
        """Return what the article with this whole id was before, oldest first; empty where it was never replaced."""
        return self._catalog.history(article_id)

    def reached(self, source: str, stamp: str) -> Reached | None:
        """Return where an ``add`` that was stopped can go on reading a dump; ``None`` means from its beginning."""
        return self._catalog.reached(source, stamp)

    def subscriptions(self) -> Subscriptions:
        """Return the feeds that the archive is subscribed to, to be read and changed."""
        return self._catalog.subscriptions(self._writing)

    def articles(self, where: SearchFilter | None = None) -> Iterator[ArticleRef]:
        """Yield the articles that satisfy ``where``, oldest first, undated ones last."""
        return self._catalog.articles(where or SearchFilter())

    def listing(self, where: SearchFilter | None = None, headline: str = "") -> Listing:
        """Return the articles that satisfy ``where`` to be leafed through: counted by day, read in pages.

        Of the words in ``headline`` all must stand in that of an article, the last one as a beginning.
        """
        return Listing(self._catalog, where or SearchFilter(), headline)

    def outlet_names(self) -> list[str]:
        """Return the name of every outlet, sorted."""
        return self._catalog.outlet_names()

    def counts(self) -> Counts:
        return self._catalog.counts()

    def is_empty(self) -> bool:
        return self._catalog.is_empty()

    def passage_counts(self, stems: Iterable[str]) -> dict[str, int]:
        """Return in how many passages each stemmed word occurs: what makes a word of a question telling."""
        return self._catalog.passage_counts(stems)

    def rough_counts(self, stems: Iterable[str]) -> dict[str, int]:
        """Return in about how many passages each stem occurs: for many at once, where ``passage_counts`` is too slow.

        Other forms of a verb are not added, nor what was added since the words were last sealed.
        """
        wanted = list(stems)
        found = self._open_search().lexical.holding(wanted)
        return self.passage_counts(wanted) if found is None else found

    def similarity(self) -> CosineSimilarity | None:
        """Return how alike two sentences are to the model of the archive, the same object every time.

        None before anything was embedded, and for another model than the built-in one: its cosines lie elsewhere.
        """
        return self._open_dense().similarity() if self._has_known_cosines() else None

    def relevance(self, query: str, text: str) -> float | None:
        """Return the cosine of a query with a text by the model of the archive, None as ``similarity``."""
        return self._open_dense().relevance(query, text) if self._has_known_cosines() else None

    def _has_known_cosines(self) -> bool:
        return self._catalog.setting("embedder") == DEFAULT_EMBEDDER

    def status(self) -> Status:
        generation = current_generation(self._index)
        return Status(
            path=self.path,
            counts=self._catalog.counts(),
            outlets=tuple(self._catalog.outlets()),
            embedder=self._catalog.setting("embedder"),
            generation=generation,
            fresh=self._catalog.fresh_count(generation.sequence if generation else 0),
            bytes_on_disk=sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file()),
        )

    def problems(self) -> list[str]:
        """Return what is wrong with the archive, in words; an empty list means that nothing was found."""
        found = self._catalog.problems()
        try:
            return found + self._open_dense().problems()
        except sqlite3.DatabaseError as exc:
            return [*found, f"SQLite: {exc}"]

    # -- writing -------------------------------------------------------------------------------------------------------

    def add(self, found: Iterable[_Piece], *, progress: Progress | None = None) -> AddReport:
        """Store articles and return what happened to each. They are searchable by words when this returns.

        What is already there and unchanged costs nothing. How far a dump was read is kept with its articles, so that
        after a kill ``reached`` tells where to go on. Vectors are made by ``embed`` afterwards.
        """
        run = _Run()
        with writer_lock(self.path):
            self._catalog.begin_run()
            for batch in _timed_batches(iter(found)):
                with self._catalog.transaction():
                    for piece in batch:
                        self._put(piece, run)
                if progress:
                    progress("articles", run.articles, None)
            notices = self._seal_words_if_due(progress)
        return run.report(notices)

    def _put(self, piece: _Piece, run: _Run) -> None:
        if isinstance(piece, Skipped):
            run.skip(piece)
        elif isinstance(piece, Reached):
            self._catalog.note_reached(piece)
        else:
            put = self._catalog.put(piece)
            if put.outcome == "doubled":
                run.skip(Skipped(piece.source, piece.line, _DOUBLED))
            else:
                run.take(put)

    def remove(self, article_ids: Sequence[str]) -> int:
        """Delete articles with everything made from them; return how many there were."""
        with writer_lock(self.path), self._catalog.transaction():
            return sum(self._catalog.remove(article_id) for article_id in article_ids)

    def embed(self, *, progress: Progress | None = None) -> EmbedReport:
        """Make the vectors that are missing and publish the index when it is due.

        The first passage of every article comes first. What is done is kept in small steps: stopped at any moment, the
        next call goes on. Raises EmbedderError where the model is missing; everything else works without it. An index
        that cannot be built is a notice: exact search answers without it.
        """
        with writer_lock(self.path):
            # What an archive of an earlier version lacks is made now, beside the vectors.
            self._catalog.finish_stories()
            sealing = self._seal_words_if_due(progress)
            made = 0
            notices: tuple[str, ...] = ()
            for made in self._embed_pending(progress):  # noqa: B007 - the last one is reported
                notices = notices or self._publish_if_due(progress, delta=DELTA_ROWS_WHILE_EMBEDDING)
            notices = notices or self._publish_if_due(progress, delta=DELTA_ROWS)
            return EmbedReport(made, (*sealing, *notices))

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Build the index again, of words and from the stored vectors."""
        with writer_lock(self.path):
            self._seal_words(progress)
            self._publish(progress)

    def forget_vectors(self) -> None:
        """Drop all vectors and the index, so that ``embed`` makes them anew, with another model if that is set."""
        with writer_lock(self.path), self._catalog.transaction():
            self._catalog.drop_vectors()
            for name in ("embedder", "digest", "dimension", "stamp", "light"):
                self._catalog.drop_setting(name)
            drop_generations(self._index)

    # -- parts ---------------------------------------------------------------------------------------------------------

    @property
    def _words(self) -> Path:
        return self._index / "words"

    @property
    def _index(self) -> Path:
        return self.path / "index"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the writer's lock and a transaction."""
        with writer_lock(self.path), self._catalog.transaction():
            yield

    def _open_dense(self) -> DenseSearch:
        if self._dense is None:
            given = None if isinstance(self._embedder, str) else self._embedder
            chroma_rows = CHROMA_ROWS if self._session else None
            self._dense = DenseSearch(self._catalog, self._index, embedder=given, chroma_rows=chroma_rows)
        return self._dense

    def _open_search(self) -> Search:
        if self._search is None:
            # numpy, 0.1 s
            from store.lexical import LexicalSearch
            from store.search import Search

            lexical = LexicalSearch(self._catalog, self._words)
            self._search = Search(self._catalog, lexical, self._open_dense())
        return self._search

    def _open_reading(self) -> Reading:
        if self._reading is None:
            from store.reading import Reading

            self._reading = Reading(self._catalog, self._reranker)
        return self._reading

    def _seal_words_if_due(self, progress: Progress | None) -> tuple[str, ...]:
        """Seal the words anew where too many passages are newer or gone; return a notice where that failed."""
        from store.lexical import is_due  # numpy, 0.1 s

        try:
            if is_due(self._catalog, self._words):
                self._seal_words(progress)
        except OSError as exc:
            return (f"cannot write the index of words: {exc}; searching is slower without it",)
        return ()

    def _seal_words(self, progress: Progress | None) -> None:
        from store.lexical import publish_word_index  # numpy, 0.1 s

        passages = self._catalog.passage_count()
        if progress:
            progress("words", 0, passages)
        number = int(self._catalog.setting("words") or 0) + 1
        with self._catalog.transaction():
            self._catalog.set_setting("words", str(number))
        publish_word_index(self._catalog, self._words, number=number)
        if progress:
            progress("words", passages, passages)

    def _count_pending(self) -> int:
        counts = self._catalog.counts()
        return counts.passages - counts.vectors

    def _open_embedder(self) -> Embedder:
        if self._embedder is None:
            raise EmbedderError("no embedding model is set", hint="set `embedder` in the configuration")
        if not isinstance(self._embedder, str):
            return self._embedder
        known = self._catalog.setting("embedder")
        if known is not None:
            # An archive has one model: more of its vectors can only come from the same weights.
            return open_embedder(self._same_weights(known))
        return open_embedder(find_weights(self._embedder))

    def _same_weights(self, name: str) -> Weights:
        from store.embedding import weights_with_digest

        return weights_with_digest(name, self._catalog.setting("digest") or "", self._catalog.setting("stamp"))

    def _settle_on(self, embedder: Embedder) -> None:
        """Write down which model the vectors are from, or make sure that it is the one written down."""
        recipe, digest = embedder.weights.recipe, embedder.weights.digest()
        known = self._catalog.setting("digest")
        if known not in (None, digest):
            raise EmbedderError(
                f"this archive's vectors are from other weights than those of {recipe.name!r}",
                hint="make them anew with `dateline embed --again`",
            )
        light = embedder.weights.runtime != "library" and (known is not None or light_way_agrees(embedder))
        with self._catalog.transaction():
            self._catalog.set_setting("embedder", recipe.name)
            self._catalog.set_setting("digest", digest)
            self._catalog.set_setting("dimension", str(recipe.dimension))
            self._catalog.set_setting("stamp", embedder.weights.stamp())
            if known is None:
                self._catalog.set_setting("light", json.dumps(light))

    def _embed_pending(self, progress: Progress | None) -> Iterator[int]:
        """Yield the number of vectors made so far, each time some more are on the disk."""
        total, made = self._count_pending(), 0
        if not total:
            return
        from store.vectors import to_bytes  # numpy

        if progress:
            progress("vectors", 0, total)
        embedder = self._open_embedder()
        self._settle_on(embedder)
        for leads in (True, False):
            last = 0
            while batch := self._catalog.pending(leads=leads, after=last, limit=VECTOR_BATCH):
                vectors = to_bytes(embedder.embed_passages([passage.text for passage in batch]))
                with self._catalog.transaction():
                    self._catalog.put_vectors(zip((passage.key for passage in batch), vectors, strict=True))
                last, made = batch[-1].key, made + len(batch)
                if progress:
                    progress("vectors", made, total)
                yield made

    def _publish_if_due(self, progress: Progress | None, *, delta: int) -> tuple[str, ...]:
        """Publish a generation where too much is newer or gone; return a notice where that failed."""
        generation = current_generation(self._index)
        if generation is not None and self._is_sound(generation):
            fresh = self._catalog.fresh_count(generation.sequence)
            gone = generation.rows - (self._catalog.vector_count() - fresh)
            share = DELTA_SHARE if delta == DELTA_ROWS else 1.0
            due = fresh + gone > max(delta, share * generation.rows)
        else:
            due = delta == DELTA_ROWS or self._catalog.vector_count() >= delta
        try:
            if due:
                self._publish(progress)
        except ArchiveError as exc:
            return (f"{exc}; {exc.hint}",)
        return ()

    def _is_sound(self, generation: Generation) -> bool:
        same = generation.embedder == self._catalog.setting("digest")
        return same and generation.is_whole() and generation.is_current()

    def _publish(self, progress: Progress | None) -> None:
        rows = self._catalog.vector_count()
        if not rows:
            drop_generations(self._index)
            return
        if progress:
            progress("index", 0, rows)
        number = int(self._catalog.setting("generation") or 0) + 1
        with self._catalog.transaction():
            self._catalog.set_setting("generation", str(number))
        try:
            publish_generation(
                self._index,
                self._catalog.path,
                number=number,
                rows=rows,
                dimension=int(self._catalog.setting("dimension") or 0),
                embedder=self._catalog.setting("digest") or "",
            )
        except OSError as exc:
            raise ArchiveError(f"cannot write the vector index: {exc}", hint="searching works without it") from exc
        if progress:
            progress("index", rows, rows)

    # -- sampling ------------------------------------------------------------------------------------------------------

    def sample(self, count: int, *, seed: str) -> list[Sampled]:
        """Return up to ``count`` articles of different stories, the same for the same seed: drawn, not searched."""
        return self._catalog.sample(count, seed=seed)


_DOUBLED = "an earlier article of this run has the same id and other text; that one was kept"


def create_archive(path: Path, *, embedder: str | Embedder | None) -> Archive:
    """Open the archive at ``path`` for writing, making it where there is none. Raises ArchiveError."""
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with writer_lock(path):
            catalog = create_catalog(path / FILE_NAME)
    except (FileExistsError, NotADirectoryError) as exc:
        raise ArchiveError(f"{str(path)!r} is a file, not an archive", hint="name a folder with -a") from exc
    except PermissionError as exc:
        raise ArchiveError(
            f"cannot make an archive at {str(path)!r}: {exc.strerror}", hint="name another folder with -a"
        ) from exc
    return Archive(path, catalog, embedder=embedder)


def open_archive(
    path: Path,
    *,
    writable: bool = False,
    embedder: str | Embedder | None = None,
    session: bool = False,
    reranker: str = DEFAULT_RERANKER,
) -> Archive:
    """Open an existing archive; raise ArchiveMissing, ArchiveNewer or ArchiveDamaged.

    ``session`` says that many questions will follow: a large archive is then asked through Chroma. ``reranker`` names
    the cross-encoder of searches that want one.
    """
    path = path.absolute()
    catalog = open_catalog(path / FILE_NAME, writable=writable)
    return Archive(path, catalog, embedder=embedder, session=session, reranker=reranker)


def _timed_batches(pieces: Iterator[_Piece]) -> Iterator[list[_Piece]]:
    while first := list(islice(pieces, 1)):
        batch, began = first, time.monotonic()
        for piece in pieces:
            batch.append(piece)
            if len(batch) >= ARTICLE_BATCH or time.monotonic() - began > ARTICLE_BATCH_S:
                break
        yield batch
