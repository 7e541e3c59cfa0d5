"""The servers of the settings: one that holds the vector index of an archive, one that embeds in bulk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from assistant.doctor.findings import Finding, Patient, ok, problem
from assistant.doctor.models import archive_weights
from store.catalog import open_catalog
from store.chroma_server import ServerMirror, remedy_of, require_alive
from store.errors import ArchiveError, EmbedderError
from store.json_server import ServerError, checked_url, is_loopback
from store.schema import FILE_NAME

# What a server on this machine may take to say that it is there; it needs a few milliseconds.
_ALIVE_S = 0.8

# What one on this machine may take to embed a few words.
_EMBEDS_S = 2.5


def examine_chroma(patient: Patient) -> Iterator[Finding]:
    """Yield whether the server answers, which is asked only on this machine, and has what the archive sent to it."""
    from assistant.errors import ConfigError
    from assistant.servers import chroma_address

    chroma = patient.config.chroma
    try:
        address = chroma_address(chroma, patient.env) if chroma else None
    except ConfigError as exc:
        yield problem(str(exc), exc.hint or "mend it in the config file")
        return
    if address is not None:
        if not is_loopback(checked_url(address.url).hostname or ""):
            yield ok(f"{address.url} (not asked: it is not on this machine; `dateline index status` asks it)")
            return
        try:
            require_alive(address, deadline_s=_ALIVE_S)
        except ServerError as exc:
            yield problem(f"{address.url} does not answer: {exc}", remedy_of(exc))
            return
        yield ok(f"{address.url} answers")
    try:
        with closing(open_catalog(patient.archive / FILE_NAME, writable=False)) as catalog:
            state = ServerMirror(catalog, address).state()
    except (ArchiveError, sqlite3.Error):
        return  # The archive's own examination says why.
    if state.trouble:
        yield problem(f"the vector index is on a Chroma server: {state.trouble}; exact search answers", state.remedy)
    elif state.serving:
        yield ok(f"it holds the vector index of {state.rows:,}")


def examine_embeddings(patient: Patient) -> Iterator[Finding]:
    """Yield whether the server of ``[embeddings]`` embeds as the archive's model does; asked on this machine only."""
    from assistant.errors import ConfigError
    from assistant.servers import embeddings_endpoint
    from store.embedding.endpoint import EndpointEmbedder

    if not patient.config.embeddings:
        return
    try:
        endpoint = embeddings_endpoint(patient.config.embeddings, patient.env)
    except ConfigError as exc:
        yield problem(str(exc), exc.hint or "mend it in the config file")
        return
    if not is_loopback(checked_url(endpoint.url).hostname or ""):
        yield ok(f"{endpoint.url} (not asked: it is not on this machine; `dateline embed` asks it)")
        return
    try:
        EndpointEmbedder(archive_weights(patient), endpoint, patience_s=_EMBEDS_S)
    except EmbedderError as exc:
        yield problem(str(exc), exc.hint or "embed without it: dateline config unset embeddings.url")
        return
    yield ok(f"{endpoint.url} embeds as the archive's model does")
