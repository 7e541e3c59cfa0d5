"""The models that an archive is searched and answered with: whether they are here, and are the right ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from assistant.doctor.findings import Finding, Patient, ok, problem, warning
from store.embedding import DEFAULT_EMBEDDER, find_weights, weights_with_digest
from store.errors import ArchiveError, EmbedderError
from store.schema import FILE_NAME, open_file


def examine_embedder(patient: Patient) -> Iterator[Finding]:
    """Yield whether the embedding model of the archive is on this machine, with the same weights."""
    settings = _settings(patient)
    name = settings.get("embedder") or patient.config.embedder or DEFAULT_EMBEDDER
    try:
        if "digest" in settings:
            weights = weights_with_digest(name, settings["digest"], settings.get("stamp"))
        else:
            weights = find_weights(name)
    except EmbedderError as exc:
        yield problem(f"{exc}: only words are searched", exc.hint)
        return
    dimension = str(weights.recipe.dimension)
    if settings.get("dimension", dimension) != dimension:
        yield problem(
            f"{name} makes vectors of {dimension} numbers, those of the archive have {settings['dimension']}",
            f"dateline rebuild --embedder {name}",
        )
        return
    yield ok(f"{name}, {dimension} dimensions" + (", the weights the archive was made with" if settings else ""))
    wanted = patient.config.embedder
    if "embedder" in settings and wanted and wanted != settings["embedder"]:
        yield warning(
            f"the settings name {wanted!r}, the archive is from {settings['embedder']!r}, which goes on being used",
            f"dateline rebuild --embedder {wanted}",
        )


def examine_llm(patient: Patient) -> Iterator[Finding]:
    """Yield whether the model that answers can: its server is asked only where it is on this machine."""
    from assistant.errors import ConfigError
    from assistant.llm.listing import probe_model

    name = patient.config.model
    try:
        state = probe_model(name, patient.config, patient.env)
    except ConfigError as exc:
        yield problem(str(exc), exc.hint)
        return
    told = " · ".join(filter(None, (name, state.where, state.detail)))
    match state.status:
        case "ready":
            yield ok(told)
        case "configured":
            yield ok(f"{told} (not asked: it is not on this machine)" if state.provider != "local" else told)
        case "no key":
            yield problem(f"{name}: no key", state.detail or None)
        case "missing" | "unreachable" | "wrong":
            yield problem(f"{told}: {state.status}", _REMEDIES[state.status])


_REMEDIES = {
    "missing": "dateline models  # lists those that are here",
    "unreachable": "start its server, or ask with `-m extractive`, which needs none",
    "wrong": "mend it in the config file",
}


def _settings(patient: Patient) -> dict[str, str]:
    try:
        with closing(open_file(patient.archive / FILE_NAME, writable=False)) as db:
            return dict(db.execute("SELECT name, value FROM manifest"))
    except (ArchiveError, sqlite3.Error):
        return {}  # The archive's own examination says why.
