"""The vector index of an archive on a Chroma server: moved there, kept up to date, and asked under a deadline.

SQLite keeps articles and vectors, and the local generation stays: what the server answers is believed only where it
agrees with them, and exact search answers while the server does not. By Chroma's REST API (v2), without its client,
whose import takes a second and which waits for ever.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from store.errors import ArchiveError
from store.json_server import JsonServer, ServerError

if TYPE_CHECKING:
    from store.archive import Progress
    from store.catalog import Catalog, IndexRow
    from store.embedding import Vectors
    from store.vectors import Keys, VectorTable

# How long an answer is waited for. With exact search after it, an answer comes within 5 s whatever the server does.
QUERY_DEADLINE_S = 2.0

# How long a server that failed is left alone in a running session.
PAUSE_S = 30.0

# Chroma's service takes 300 records a request, and gives as many.
BATCH = 300

# What a search visits. Of the 150 nearest of 36,105 passages it finds .971 with 200 and .992 with 400, for a
# millisecond more; of the ten nearest, with 400, all. tests/benchmarks/chroma_server.py prints it.
EF_SEARCH = 400

_UPLOAD_DEADLINE_S = 60.0
_LOOK_DEADLINE_S = 5.0
_TRIES = 4

# Cosines by a server and by us differ by rounding.
_AGREEMENT = 1e-3

# The server knows passages that are removed or newer than our table: so many more are asked for.
_SPARE = 50

# When so many of the collection's records are of removed passages, and this share of it, they are deleted there.
_DEAD_ROWS = 1_000
_DEAD_SHARE = 0.05

_PROBES = 20

_ON_SERVER = "server"
_COMING = "server_coming"
_NUMBER = "server_number"

# What a manifest says of a server: which collections are this archive's, and how many it has had.
COLLECTION_SETTINGS = (_ON_SERVER, _COMING)
SERVER_SETTINGS = (*COLLECTION_SETTINGS, _NUMBER)

_REMEDY = "start it again, or `dateline index move --to-local` does without it"
_KEY = "`dateline config set chroma.token_env NAME`, or chroma.headers.NAME, names the variable that holds its key"
_ELSEWHERE = "chroma.url must name a Chroma server, and end before /api/v2"
_NOWHERE = "`dateline config set chroma.url URL` names it, `dateline index move --to-local` does without it"
_UPLOAD_AGAIN = "`dateline index move --to-server` uploads it again"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a Chroma server is, and what it wants to be told; ``headers`` hold secrets and are not shown."""

    url: str
    tenant: str = "default_tenant"
    database: str = "default_database"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection on a server that holds the vectors of one archive up to ``sequence``, made by one embedder."""

    name: str
    id: str
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """Where the index of an archive is: in a collection that serves, in one to come, both with vectors still to send.

    ``trouble`` says why the server cannot be asked, in words, where one was asked, and ``remedy`` what helps.
    """

    serving: Collection | None
    coming: Collection | None
    unsent: int
    rows: int
    trouble: str | None = None
    remedy: str | None = None


class _Client:
    """Chroma's REST API, as much of it as is needed. Every method raises ServerError."""

    def __init__(self, address: ServerAddress) -> None:
        try:
            self._server = JsonServer(address.url, address.headers)
        except ValueError as exc:
            raise ArchiveError(
                f"chroma.url: {exc}", hint="correct it with `dateline config set chroma.url URL`"
            ) from exc
        tenant, database = quote(address.tenant, safe=""), quote(address.database, safe="")
        self._path = f"/api/v2/tenants/{tenant}/databases/{database}/collections"
        self.place = self._server.place

    def look(self) -> None:
        """Return once the server has shown that it is there and lets us in, which a creation would wait long for."""
        self._ask("GET", "?limit=1", None, _LOOK_DEADLINE_S)

    def create(self, name: str, about: Mapping[str, str | int]) -> str:
        """Return the id of a new collection, whose name nobody else can have chosen."""
        # The space and what a search visits can only be said at the beginning.
        configuration = {"hnsw": {"space": "cosine", "ef_search": EF_SEARCH}}
        body = {"name": name, "configuration": configuration, "metadata": about, "get_or_create": False}
        try:
            return _text(self._ask("POST", "", body, _UPLOAD_DEADLINE_S), "id")
        except ServerError as exc:
            if exc.status != 409:
                raise
            # It exists because we asked twice: the first answer was lost on its way.
            return self.id_of(name)

    def id_of(self, name: str) -> str:
        return _text(self._ask("GET", f"/{quote(name, safe='')}", None, _LOOK_DEADLINE_S), "id")

    def require(self, collection: Collection) -> None:
        if self.id_of(collection.name) != collection.id:
            raise ServerError("it holds another collection of that name")

    def delete_collection(self, name: str) -> None:
        self._ask("DELETE", f"/{quote(name, safe='')}", None, _UPLOAD_DEADLINE_S)

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        body = {
            "ids": [str(row[1]) for row in rows],
            "embeddings": [base64.b64encode(row[2]).decode() for row in rows],
            "metadatas": [_metadata(row) for row in rows],
        }
        self._ask("POST", f"/{quote(collection)}/upsert", body, _UPLOAD_DEADLINE_S)

    def count(self, collection: str) -> int:
        count = self._ask("GET", f"/{quote(collection)}/count", None, _LOOK_DEADLINE_S)
        if type(count) is not int:
            raise ServerError("it did not say how many records it has")
        return count

    def ids(self, collection: str, *, offset: int) -> list[str]:
        body = {"limit": BATCH, "offset": offset, "include": []}
        ids = _value(self._ask("POST", f"/{quote(collection)}/get", body, _UPLOAD_DEADLINE_S), "ids")
        if not isinstance(ids, list):
            raise ServerError("it did not say which records it has")
        return [str(one) for one in ids]

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        self._ask("POST", f"/{quote(collection)}/delete", {"ids": list(ids)}, _UPLOAD_DEADLINE_S)

    def query(self, collection: str, vector: Vectors, k: int, *, deadline_s: float) -> list[tuple[int, float]]:
        """Return up to ``k`` keys with their cosines as the server tells them."""
        body = {"query_embeddings": [vector.tolist()], "n_results": k, "include": ["distances"]}
        answer = self._ask("POST", f"/{quote(collection)}/query", body, deadline_s)
        return _neighbours(answer, k)

    def close(self) -> None:
        self._server.close()

    def _ask(self, method: str, path: str, body: object, deadline_s: float) -> Any:
        return self._server.ask(method, self._path + path, body, deadline_s=deadline_s)


# -- asking ------------------------------------------------------------------------------------------------------------


class ServerIndex:
    """The collection of an archive, asked for the passages nearest to a question; left alone a while when it failed."""

    def __init__(
        self,
        catalog: Catalog,
        address: ServerAddress | None,
        *,
        deadline_s: float = QUERY_DEADLINE_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._catalog = catalog
        self._address = address
        self._deadline_s = deadline_s
        self._pause_s = pause_s
        self._client: _Client | None = None
        self._resumes = 0.0
        self._is_failing = False
        self._unsent: tuple[tuple[int, int], Keys] | None = None

    def nearest(self, table: VectorTable, query: Vectors, k: int) -> tuple[Keys, Vectors] | None:
        """Return up to ``k`` keys of ``table`` and their cosines, best first, None where exact search must answer.

        Raises ArchiveError the first time that it fails; until it has worked again, that is not told twice.
        """
        if time.monotonic() < self._resumes:
            return None
        try:
            found = self._nearest(table, query, k)
        except ArchiveError:
            self._resumes = time.monotonic() + self._pause_s
            was_failing, self._is_failing = self._is_failing, True
            if was_failing:
                return None
            raise
        self._is_failing = False
        return found

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _nearest(self, table: VectorTable, query: Vectors, k: int) -> tuple[Keys, Vectors] | None:
        collection = collection_of(self._catalog)
        if collection is None:
            return None
        if self._address is None:
            raise _without_server("the index is on a Chroma server, and none is set", _NOWHERE)
        if collection.digest != self._catalog.setting("digest"):
            raise _without_server("the index on the Chroma server is from another embedding model", _UPLOAD_AGAIN)
        if self._client is None:
            self._client = _Client(self._address)
        try:
            told = self._client.query(collection.id, query, k + _SPARE, deadline_s=self._deadline_s)
        except ServerError as exc:
            what = "has lost the index" if _is_lost(exc) else f"cannot be asked: {exc}"
            server = f"the Chroma server at {self._client.place} {what}"
            raise _without_server(server, remedy_of(exc)) from exc
        return self._merged(table, query, k, told, self._not_sent(collection))

    def _not_sent(self, collection: Collection) -> Keys:
        """Return the keys of the passages whose vectors the collection does not hold as they are now."""
        from store.vectors import keys_of  # numpy, 0.1 s

        stamp = (collection.sequence, self._catalog.last_sequence())
        if self._unsent is None or self._unsent[0] != stamp:
            self._unsent = (stamp, keys_of(self._catalog.keys_with_vectors(after=collection.sequence)))
        return self._unsent[1]

    def _merged(
        self, table: VectorTable, query: Vectors, k: int, told: list[tuple[int, float]], unsent: Keys
    ) -> tuple[Keys, Vectors] | None:
        """Return the server's and the unsent passages in one order, by cosines of our own."""
        import numpy as np

        from store.vectors import rows_of

        unsent_rows = rows_of(table.keys, unsent)[0]
        if len(told) < min(k, len(table) - len(unsent_rows)):
            raise self._untrue("lacks passages")
        keys = np.array([key for key, _ in told], dtype=np.int64)
        rows, known = rows_of(table.keys, keys)
        sent = ~np.isin(rows, unsent_rows)
        cosines = np.array([cosine for _, cosine in told])[known][sent]
        rows = rows[sent]
        if not np.allclose(table.vectors[rows] @ query, cosines, rtol=0, atol=_AGREEMENT):
            raise self._untrue("holds other vectors than the archive")
        if len(rows) < min(k, len(table) - len(unsent_rows)):
            return None  # Too many of what it knows are removed or newer than the table.
        every = np.concatenate([rows, unsent_rows])
        scores: Vectors = np.asarray(table.vectors[every] @ query)
        best = np.lexsort((table.keys[every], -scores))[:k]
        return table.keys[every[best]], scores[best]

    def _untrue(self, what: str) -> ArchiveError:
        place = self._client.place if self._client else ""
        return _without_server(f"the index on the Chroma server at {place} {what}", _UPLOAD_AGAIN)


def require_alive(address: ServerAddress, *, deadline_s: float) -> None:
    """Return once a server says that it is there; raise ServerError where it does not in time."""
    server = JsonServer(address.url, address.headers)
    try:
        server.ask("GET", "/api/v2/heartbeat", deadline_s=deadline_s)
    finally:
        server.close()


def remedy_of(error: ServerError) -> str:
    """Return what helps where a Chroma server failed so."""
    return _to_mend(error) or (_UPLOAD_AGAIN if _is_lost(error) else _REMEDY)


def _to_mend(error: ServerError) -> str | None:
    """Return what in the settings has to be mended, None where it is nothing there."""
    if error.status in {401, 403}:
        return _KEY
    if error.status in {404, 405} and not _is_lost(error):
        return _ELSEWHERE
    return error.hint


def _is_lost(error: ServerError) -> bool:
    """Whether Chroma itself said that there is no such collection, and not whoever else answers at that address."""
    return error.status == 404 and "NotFoundError" in str(error)


def collection_of(catalog: Catalog) -> Collection | None:
    """Return the collection that serves an archive, None where its index is on this machine alone."""
    return _noted(catalog, _ON_SERVER)


# -- writing -----------------------------------------------------------------------------------------------------------


class ServerMirror:
    """Sends an archive's vectors to a server and keeps them up to date; whoever uses it holds the writer's lock."""

    def __init__(self, catalog: Catalog, address: ServerAddress | None, progress: Progress | None = None) -> None:
        self._catalog = catalog
        self._address = address
        self._progress = progress

    def state(self, *, asks: bool = True) -> ServerState:
        """Return where the index is; with ``asks`` the server is looked at."""
        serving, coming = collection_of(self._catalog), _noted(self._catalog, _COMING)
        current = coming or serving
        unsent = self._catalog.fresh_count(current.sequence) if current else 0
        trouble, remedy = self._trouble(serving) if asks and serving else (None, None)
        return ServerState(serving, coming, unsent, self._catalog.vector_count(), trouble, remedy)

    def move(self) -> int:
        """Let the server hold the index, and return how many vectors that took; stopped, the next call goes on.

        What served before serves until the new collection is complete and was found to answer. Raises ArchiveError.
        """
        client = self._open()
        try:
            return self._move(client)
        except ServerError as exc:
            raise self._failed(client, exc, _to_mend(exc) or "stopped; the same command goes on") from exc
        finally:
            client.close()

    def follow(self) -> tuple[str, ...]:
        """Send what is new since the last time, and delete what is gone; return a notice where that failed."""
        serving = collection_of(self._catalog)
        if serving is None or serving.digest != self._catalog.setting("digest"):
            return ()  # A question tells why.
        if self._address is None:
            return ("the index is on a Chroma server, and none is set: what is new is searched exactly",)
        client = self._open()
        try:
            client.require(serving)
            self._send(client, serving, _ON_SERVER)
            self._delete_dead(client, serving)
        except ServerError as exc:
            later = "what is new is searched exactly until the next `dateline embed`"
            told = (str(self._failed(client, exc)), later, _to_mend(exc))
            return ("; ".join(filter(None, told)),)
        finally:
            client.close()
        return ()

    def leave(self) -> tuple[str, ...]:
        """Let the local index serve again, and delete the collections; return a notice where one stays behind."""
        left = [noted for noted in (_noted(self._catalog, name) for name in (_ON_SERVER, _COMING)) if noted]
        with self._catalog.transaction():
            for name in (_ON_SERVER, _COMING):
                self._catalog.drop_setting(name)
        return tuple(notice for collection in left for notice in self._drop(collection))

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _move(self, client: _Client) -> int:
        serving = collection_of(self._catalog)
        if serving is not None and self._is_sound(client, serving):
            sent, _ = self._send(client, serving, _ON_SERVER)
            return sent
        coming = self._resumed(client) or self._begin(client)
        sent, coming = self._send(client, coming, _COMING)
        flaw = self._flaw_of(client, coming)
        if flaw is not None:
            self._note(_COMING, None)
            self._drop(coming)
            raise ArchiveError(f"the index on {client.place} {flaw}", hint="what served before still does")
        with self._catalog.transaction():
            self._catalog.set_setting(_ON_SERVER, json.dumps(asdict(coming)))
            self._catalog.drop_setting(_COMING)
        if serving is not None:
            self._drop(serving)
        return sent

    def _resumed(self, client: _Client) -> Collection | None:
        """Return the collection that a stopped move began, where it is still there and of this model."""
        coming = _noted(self._catalog, _COMING)
        if coming is None or coming.digest != self._catalog.setting("digest"):
            return None
        try:
            held = client.id_of(coming.name)
        except ServerError as exc:
            if not _is_lost(exc):
                raise
            return None
        # Without an id it was stopped before it heard which one the server gave.
        return replace(coming, id=held) if coming.id in ("", held) else None

    def _begin(self, client: _Client) -> Collection:
        """Return a new, empty collection with a name that no other has."""
        archive, digest = self._catalog.setting("archive") or "unnamed", self._catalog.setting("digest")
        if digest is None:
            raise ArchiveError("nothing is embedded yet", hint="`dateline embed` does it")
        client.look()
        number = int(self._catalog.setting(_NUMBER) or 0) + 1
        self._note(_NUMBER, str(number))
        # A copy of this archive counts on from the same number.
        name = f"dateline-{archive[:40]}-{number}-{secrets.token_hex(4)}"
        about: dict[str, str | int] = {"archive": archive, "generation": number, "embedder": digest}
        collection = Collection(name, "", 0, digest)
        # First of all, so that none is forgotten on the server, whatever happens to us or to its answer.
        self._note(_COMING, json.dumps(asdict(collection)))
        collection = replace(collection, id=client.create(name, about))
        self._note(_COMING, json.dumps(asdict(collection)))
        return collection

    def _send(self, client: _Client, collection: Collection, noted_as: str) -> tuple[int, Collection]:
        """Send what the collection lacks, noting after each batch how far it is; return how many, and what it is."""
        total, sent = self._catalog.fresh_count(collection.sequence), 0
        while rows := self._catalog.rows_written_after(collection.sequence, limit=BATCH):
            _upsert_patiently(client, collection.id, rows)
            collection = replace(collection, sequence=rows[-1][0])
            self._note(noted_as, json.dumps(asdict(collection)))
            sent += len(rows)
            if self._progress:
                self._progress("upload", sent, total)
        return sent, collection

    def _is_sound(self, client: _Client, serving: Collection) -> bool:
        """Return whether the collection can go on serving once it has what is new."""
        if serving.digest != self._catalog.setting("digest"):
            return False
        try:
            return client.id_of(serving.name) == serving.id and self._flaw_of(client, serving) is None
        except ServerError as exc:
            if not _is_lost(exc):
                raise
            return False

    def _flaw_of(self, client: _Client, collection: Collection) -> str | None:
        """Return what is wrong with a collection: too few records, or some that it does not find again."""
        import numpy as np

        held = self._catalog.vector_count() - self._catalog.fresh_count(collection.sequence)
        if client.count(collection.id) < held:
            return "lacks passages"
        for _, key, blob, *_ in self._probes(collection, held):
            vector = np.frombuffer(blob, dtype="<f4")
            found = client.query(collection.id, vector, 10, deadline_s=_LOOK_DEADLINE_S)
            # Of passages with the same text any may come first.
            if all(one != key and cosine < 1 - _AGREEMENT for one, cosine in found):
                return "does not find what it holds"
        return None

    def _probes(self, collection: Collection, held: int) -> Iterator[IndexRow]:
        """Yield some of the rows that a collection holds, from its whole length."""
        first = self._catalog.rows_written_after(0, limit=1)
        start = first[0][0] - 1 if held and first else collection.sequence
        for after in range(start, collection.sequence, max(1, (collection.sequence - start) // _PROBES)):
            yield from (
                row for row in self._catalog.rows_written_after(after, limit=1) if row[0] <= collection.sequence
            )

    def _delete_dead(self, client: _Client, collection: Collection) -> None:
        """Delete the records of passages that are gone, where they are many."""
        count, living = client.count(collection.id), self._catalog.vector_count()
        if count - living <= max(_DEAD_ROWS, _DEAD_SHARE * count):
            return
        alive = {str(key) for key in self._catalog.all_passage_keys()}
        dead: list[str] = []
        for offset in range(0, count, BATCH):
            dead += [one for one in client.ids(collection.id, offset=offset) if one not in alive]
        for start in range(0, len(dead), BATCH):
            client.delete(collection.id, dead[start : start + BATCH])

    def _drop(self, collection: Collection) -> tuple[str, ...]:
        stays = f"the collection {collection.name!r} stays on the Chroma server"
        if self._address is None:
            return (f"{stays}: none is set",)
        client = self._open()
        try:
            client.id_of(
                collection.name
            )  # A server that does not answer is not waited for as long as a deletion takes.
            client.delete_collection(collection.name)
        except ServerError as exc:
            return () if _is_lost(exc) else (f"{stays} at {client.place}: {exc}",)
        finally:
            client.close()
        return ()

    def _trouble(self, serving: Collection) -> tuple[str | None, str | None]:
        """Return what keeps a collection from being asked, and what helps; twice None where nothing does."""
        if self._address is None:
            return "chroma.url is not set", _NOWHERE
        if serving.digest != self._catalog.setting("digest"):
            return "it is from another embedding model", _UPLOAD_AGAIN
        client = self._open()
        try:
            client.require(serving)
            flaw = self._flaw_of(client, serving)
        except ServerError as exc:
            lost = "the server has lost it"
            return lost if _is_lost(exc) else f"the server cannot be asked: {exc}", remedy_of(exc)
        finally:
            client.close()
        return flaw, _UPLOAD_AGAIN if flaw else None

    def _open(self) -> _Client:
        if self._address is None:
            raise ArchiveError(
                "no Chroma server is set", hint="name one with `dateline config set chroma.url http://HOST:PORT`"
            )
        return _Client(self._address)

    def _failed(self, client: _Client, error: ServerError, hint: str | None = None) -> ArchiveError:
        return ArchiveError(f"the Chroma server at {client.place} failed: {error}", hint=hint)

    def _note(self, name: str, value: str | None) -> None:
        with self._catalog.transaction():
            if value is None:
                self._catalog.drop_setting(name)
            else:
                self._catalog.set_setting(name, value)


def _upsert_patiently(client: _Client, collection: str, rows: Sequence[IndexRow]) -> None:
    """Send some rows, again where it may pass; sent twice they are the same."""
    for tried in range(1, _TRIES + 1):
        try:
            client.upsert(collection, rows)
        except ServerError as exc:
            if tried == _TRIES or not exc.may_pass:
                raise
            time.sleep(min(exc.retry_after_s or 0.5 * 2**tried, 20.0))
        else:
            return


def _without_server(what: str, hint: str) -> ArchiveError:
    return ArchiveError(f"{what}; answers are as good without it", hint=hint)


def _noted(catalog: Catalog, name: str) -> Collection | None:
    text = catalog.setting(name)
    return None if text is None else Collection(**json.loads(text))


def _metadata(row: IndexRow) -> dict[str, str | int]:
    _, _, _, article, day, outlet, language = row
    told = {"article": article, "day": day, "outlet": outlet, "language": language}
    return {name: value for name, value in told.items() if value is not None}


def _neighbours(answer: object, k: int) -> list[tuple[int, float]]:
    """Return the keys and cosines of an answer to a query, once each; what cannot be one is a ServerError."""
    try:
        ids, distances = _value(answer, "ids")[0], _value(answer, "distances")[0]
        found = [(int(one), 1.0 - float(distance)) for one, distance in zip(ids, distances, strict=True)]
    except (TypeError, ValueError, LookupError, OverflowError) as exc:
        raise ServerError("it gave an answer that cannot be") from exc
    keys = [key for key, _ in found]
    if len(found) > k or len(set(keys)) != len(keys) or not all(0 < key < 2**63 for key in keys):
        raise ServerError("it gave an answer that cannot be")
    return found


def _value(answer: object, name: str) -> Any:
    if not isinstance(answer, dict) or name not in answer:
        raise ServerError(f"its answer has no {name!r}")
    return answer[name]


def _text(answer: object, name: str) -> str:
    value = _value(answer, name)
    if not isinstance(value, str):
        raise ServerError(f"its answer has no {name!r}")
    return value
