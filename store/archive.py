"""The façade: one archive on disk, created, added to, searched and looked after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from store.adding import Adding, Piece
from store.catalog import Catalog, Counts, create_catalog, open_catalog
from store.chroma_server import ServerAddress, ServerMirror, ServerState
from store.dense import CHROMA_ROWS, DenseSearch
from store.disk import bytes_below
from store.embedding import DEFAULT_EMBEDDER, Embedder
from store.errors import ArchiveError
from store.filling import Filling
from store.generations import Generation, current_generation
from store.listing import Listing
from store.locking import writer_lock
from store.moving import Move
from store.publishing import Publishing
from store.records import AddReport, Article, ArticleRef, Preference, Reached, Revision, SearchFilter
from store.reranking.weights import DEFAULT_RERANKER
from store.schema import FILE_NAME

if TYPE_CHECKING:
    from store.embedding.endpoint import Endpoint
    from store.embedding.similarity import CosineSimilarity
    from store.entities.roster import Roster
    from store.reading import Reading
    from store.sampling import Sampled
    from store.search import Found, Search
    from store.subscriptions import Subscriptions

Stage = Literal["articles", "names", "words", "vectors", "index", "upload"]
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
        server: ServerAddress | None = None,
    ) -> None:
        self.path = path
        self._server = server
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

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what a person should know of how it was opened."""
        return self._catalog.notices

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

    def arrivals(self, article_ids: Iterable[str]) -> dict[str, datetime]:
        """Return when the text that these articles have now came into the archive (UTC); whole ids only."""
        return self._catalog.arrivals(article_ids)

    def reached(self, source: str, stamp: str) -> Reached | None:
        """Return where an ``add`` that was stopped can go on reading a dump; ``None`` means from its beginning."""
        return self._catalog.reached(source, stamp)

    def roster(self) -> Roster:
        """Return the people, places and organisations that the articles name."""
        return self._catalog.roster

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
            bytes_on_disk=bytes_below(self.path),
        )

    def problems(self) -> list[str]:
        """Return what is broken in the archive, every byte of it read, in words; Chroma is not asked."""
        from store.integrity import check_archive  # only who looks after the archive needs it

        checked = check_archive(self.path, full=True, asks=False)
        return [str(finding) for finding in checked.findings if finding.is_broken]

    # -- writing -------------------------------------------------------------------------------------------------------

    def add(self, found: Iterable[Piece], *, progress: Progress | None = None) -> AddReport:
        """Store articles and return what happened to each. They are searchable by words when this returns.

        What is already there and unchanged costs nothing. How far a dump was read is kept with its articles, so that
        after a kill ``reached`` tells where to go on. Vectors are made by ``embed`` afterwards.
        """
        adding = Adding(self._catalog)
        with writer_lock(self.path):
            self._complete(progress)
            for articles in adding.store(found):
                if progress:
                    progress("articles", articles, None)
            notices = self._seal_words_if_due(progress)
            notices += self._publishing(progress).publish_if_due()
            notices += self._shrink_if_due()
        return adding.report(notices)

    def remove(self, article_ids: Sequence[str]) -> int:
        """Delete articles with everything made from them; return how many there were."""
        with writer_lock(self.path):
            with self._catalog.transaction():
                removed = sum(self._catalog.remove(article_id) for article_id in article_ids)
            self._shrink_if_due()
        return removed

    def embed(self, *, progress: Progress | None = None, endpoint: Endpoint | None = None) -> EmbedReport:
        """Make the vectors that are missing, here or at an ``endpoint``, and publish the index when it is due.

        The first passage of every article comes first. What is done is kept in small steps: stopped at any moment, the
        next call goes on. Raises EmbedderError where the model is missing; everything else works without it. An index
        that cannot be built is a notice: exact search answers without it.
        """
        with writer_lock(self.path):
            self._complete(progress)
            notices, made = self._seal_words_if_due(progress), 0
            publishing = self._publishing(progress)
            for some in self._embed_pending(progress, endpoint):
                made += some
                notices += publishing.note_made(some)
            notices += publishing.publish_if_due()
            notices += self._mirror(progress).follow()
            return EmbedReport(made, notices + self._shrink_if_due())

    def complete(self, *, progress: Progress | None = None) -> None:
        """Find what follows from the articles and is missing: their stories, and what they name."""
        with writer_lock(self.path):
            self._complete(progress)

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Build the index again, of words and from the stored vectors."""
        with writer_lock(self.path):
            self._complete(progress)
            self._seal_words(progress)
            self._publishing(progress).publish()

    def move_under_way(self) -> Move | None:
        """Return how far ``move`` has come where it was stopped."""
        return self._catalog.moving.under_way()

    def move(
        self, target: str | Embedder, *, progress: Progress | None = None, endpoint: Endpoint | None = None
    ) -> EmbedReport:
        """Make all vectors anew with another model, by its name or loaded; the old ones serve until that is done.

        Stopped at any moment, the next call goes on. Raises EmbedderError where the model is missing, and ArchiveError
        where the archive is on its way to yet another one.
        """
        with writer_lock(self.path):
            made = Filling(self._catalog, progress, endpoint=endpoint).move(target)
            publishing = self._publishing(progress)
            if made is None:  # The index may be missing still, where it could not be built after the move.
                told = f"the vectors are from {self._catalog.setting('embedder')!r} already"
                return EmbedReport(0, (told, *publishing.publish_if_due()))
            return EmbedReport(made, publishing.renew() + self._shrink_if_due())

    def abandon_move(self) -> None:
        """Give up what ``move`` has done so far; nothing else changes."""
        with writer_lock(self.path):
            self._catalog.moving.abandon()
            self._shrink_if_due()

    def server_state(self) -> ServerState:
        """Return where the vector index is; a server that holds it is asked whether it does."""
        return self._mirror().state()

    def move_to_server(self, *, progress: Progress | None = None) -> int:
        """Let a Chroma server hold the vector index, and return how many vectors were sent.

        What served before serves until that is done; stopped at any moment, the next call goes on. Raises ArchiveError.
        """
        with writer_lock(self.path):
            return self._mirror(progress).move()

    def move_to_local(self, *, progress: Progress | None = None) -> tuple[str, ...]:
        """Let this machine hold the vector index again; return notices."""
        with writer_lock(self.path):
            notices = self._publishing(progress).publish_if_due()
            return notices + self._mirror(progress).leave()

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _mirror(self, progress: Progress | None = None) -> ServerMirror:
        return ServerMirror(self._catalog, self._server, progress)

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
            self._dense = DenseSearch(
                self._catalog, self._index, embedder=given, chroma_rows=chroma_rows, server=self._server
            )
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
        from store.lexical import seal_if_due  # numpy, 0.1 s

        return seal_if_due(self._catalog, self._words, progress)

    def _seal_words(self, progress: Progress | None) -> None:
        from store.lexical import publish_word_index  # numpy, 0.1 s

        publish_word_index(self._catalog, self._words, progress)

    def _complete(self, progress: Progress | None) -> None:
        """Find what the articles of an archive of an earlier version lack."""
        self._catalog.finish_stories()
        self._catalog.finish_names(progress)

    def _embed_pending(self, progress: Progress | None, endpoint: Endpoint | None = None) -> Iterator[int]:
        """Yield how many vectors were made, each time some more are on the disk."""
        return Filling(self._catalog, progress, endpoint=endpoint).fill(self._embedder)

    def _publishing(self, progress: Progress | None) -> Publishing:
        return Publishing(self._catalog, self._index, progress)

    def _shrink_if_due(self) -> tuple[str, ...]:
        try:
            self._catalog.shrink()
        except ArchiveError as exc:
            return (f"{exc}; {exc.hint}",)
        return ()

    # -- sampling ------------------------------------------------------------------------------------------------------

    def sample(self, count: int, *, seed: str) -> list[Sampled]:
        """Return up to ``count`` articles of different stories, the same for the same seed: drawn, not searched."""
        return self._catalog.sample(count, seed=seed)


def create_archive(path: Path, *, embedder: str | Embedder | None, server: ServerAddress | None = None) -> Archive:
    """Open the archive at ``path`` for writing, making it where there is none. Raises ArchiveError."""
    path = path.absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (path / FILE_NAME).exists():
            with writer_lock(path):
                create_catalog(path / FILE_NAME).close()
        catalog = open_catalog(path / FILE_NAME, writable=True)
    except (FileExistsError, NotADirectoryError) as exc:
        raise ArchiveError(f"{str(path)!r} is a file, not an archive", hint="name a folder with -a") from exc
    except PermissionError as exc:
        raise ArchiveError(
            f"cannot make an archive at {str(path)!r}: {exc.strerror}", hint="name another folder with -a"
        ) from exc
    return Archive(path, catalog, embedder=embedder, server=server)


def open_archive(
    path: Path,
    *,
    writable: bool = False,
    embedder: str | Embedder | None = None,
    session: bool = False,
    reranker: str = DEFAULT_RERANKER,
    server: ServerAddress | None = None,
) -> Archive:
    """Open an existing archive; raise ArchiveMissing, ArchiveNewer or ArchiveDamaged.

    ``session`` says that many questions will follow: a large archive is then asked through Chroma. ``reranker`` names
    the cross-encoder of searches that want one, and ``server`` the Chroma server that may hold its index.
    """
    path = path.absolute()
    catalog = open_catalog(path / FILE_NAME, writable=writable)
    return Archive(path, catalog, embedder=embedder, session=session, reranker=reranker, server=server)
