"""The vectors that an archive lacks, and those of another model, made a few at a time: what is done stays done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from store.catalog import Catalog
from store.disk import INDEXED_BYTES, VECTOR_BYTES, require_room
from store.embedding import Embedder, Weights, find_weights, light_way_agrees, open_embedder, weights_with_digest
from store.errors import EmbedderError
from store.moving import MODEL_SETTINGS, check_target

if TYPE_CHECKING:
    from store.archive import Progress
    from store.embedding.endpoint import Endpoint

# Passages embedded between two commits: about two seconds of work, all that a kill can lose.
VECTOR_BATCH = 64


class Filling:
    """Makes vectors for the passages of a catalog, with ``progress`` told of each batch."""

    def __init__(self, catalog: Catalog, progress: Progress | None = None, *, endpoint: Endpoint | None = None) -> None:
        """``endpoint`` is a server that embeds in this machine's place, where the model is not given loaded."""
        self._catalog = catalog
        self._progress = progress
        self._endpoint = endpoint

    def missing(self) -> int:
        """Return how many passages have no vector."""
        counts = self._catalog.counts()
        return counts.passages - counts.vectors

    def fill(self, given: str | Embedder | None) -> Iterator[int]:
        """Make the vectors that are missing, the first passage of every article first.

        Yields how many were made each time that some more are on the disk. ``given`` is a model's name, which counts
        where the archive has none yet, or one already loaded.
        """
        total = self.missing()
        if not total:
            return
        self._tell(0, total)
        embedder = self._open_embedder(given)
        self._require_room(VECTOR_BYTES, embedder.weights, total, f"embedding {total:,} passages")
        self._settle_on(embedder)
        made = 0
        for some in self._embed(embedder):
            made += some
            self._tell(made, total)
            yield some

    def move(self, target: str | Embedder) -> int | None:
        """Make all vectors anew with another model and return how many; None where they are from that one already.

        What an earlier call began is gone on with. Raises ArchiveError where the archive is on its way to yet another.
        """
        moving, total = self._catalog.moving, self._catalog.passage_count()
        weights = find_weights(target) if isinstance(target, str) else target.weights
        check_target(moving.under_way(), weights)
        begun = moving.under_way() is not None
        if not begun and self._catalog.setting("digest") == weights.digest():
            return None
        # The new vectors stand beside the old ones, and their index beside the old one.
        self._require_room(VECTOR_BYTES + INDEXED_BYTES, weights, total, "the move")
        embedder = self._open(weights) if isinstance(target, str) else target
        if not begun:
            moving.begin(_settings_of(embedder, light=_is_light(embedder)))
        made = 0
        for some in moving.embed(embedder, batch=VECTOR_BATCH):
            made += some
            self._tell(made, total)
        moving.switch()
        return made

    def _embed(self, embedder: Embedder) -> Iterator[int]:
        from store.vectors import to_bytes  # numpy, 0.1 s

        for leads in (True, False):
            last = 0
            while batch := self._catalog.pending(leads=leads, after=last, limit=VECTOR_BATCH):
                vectors = to_bytes(embedder.embed_passages([passage.text for passage in batch]))
                with self._catalog.transaction():
                    self._catalog.put_vectors(zip((passage.key for passage in batch), vectors, strict=True))
                last = batch[-1].key
                yield len(batch)

    def _open_embedder(self, given: str | Embedder | None) -> Embedder:
        if given is None:
            raise EmbedderError("no embedding model is set", hint="set `embedder` in the configuration")
        if not isinstance(given, str):
            return given
        known = self._catalog.setting("embedder")
        if known is None:
            return self._open(find_weights(given))
        # An archive has one model: more of its vectors can only come from the same weights.
        digest, stamp = self._catalog.setting("digest") or "", self._catalog.setting("stamp")
        return self._open(weights_with_digest(known, digest, stamp))

    def _open(self, weights: Weights) -> Embedder:
        if self._endpoint is None:
            return open_embedder(weights)
        from store.embedding.endpoint import open_bulk_embedder  # only for those who have a server

        return open_bulk_embedder(weights, self._endpoint)

    def _settle_on(self, embedder: Embedder) -> None:
        """Write down which model the vectors are from, or make sure that it is the one written down."""
        recipe, digest = embedder.weights.recipe, embedder.weights.digest()
        known = self._catalog.setting("digest")
        if known not in (None, digest):
            raise EmbedderError(
                f"this archive's vectors are from other weights than those of {recipe.name!r}",
                hint=f"make them anew with `dateline rebuild --embedder {recipe.name}`",
            )
        light = json.loads(self._catalog.setting("light") or "true") if known else _is_light(embedder)
        with self._catalog.transaction():
            for name, value in _settings_of(embedder, light=light).items():
                self._catalog.set_setting(name, value)

    def _require_room(self, number_bytes: int, weights: Weights, passages: int, what: str) -> None:
        require_room(self._catalog.path.parent, number_bytes * passages * weights.recipe.dimension, what)

    def _tell(self, made: int, total: int) -> None:
        if self._progress:
            self._progress("vectors", made, total)


def _is_light(embedder: Embedder) -> bool:
    """Return whether questions can be embedded without torch, and get the same vectors."""
    return embedder.weights.runtime != "library" and light_way_agrees(embedder)


def _settings_of(embedder: Embedder, *, light: bool) -> dict[str, str]:
    """Return what the archive notes of the model of its vectors."""
    weights = embedder.weights
    values = (weights.recipe.name, weights.digest(), str(weights.recipe.dimension), weights.stamp(), json.dumps(light))
    return dict(zip(MODEL_SETTINGS, values, strict=True))
