"""The models that an archive is searched and answered with: whether they are here, and are the right ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from assistant.doctor.findings import Finding, Patient, ok, problem, warning
from store.embedding import DEFAULT_EMBEDDER, Weights, find_weights, weights_with_digest
from store.errors import ArchiveError, EmbedderError, RerankerError
from store.reranking.weights import DEFAULT_RERANKER, find_reranker
from store.schema import FILE_NAME, open_file

if TYPE_CHECKING:
    from assistant.llm.listing import ModelState

# Read in 0.1 s. Larger files are known by where they lie, their size and their time.
_SMALL_BYTES = 100_000_000

_REMEDIES = {
    "missing": "dateline models  # lists those that are here",
    "unreachable": "start its server, or ask with `-m extractive`, which needs none",
    "wrong": "mend it in the config file",
}


def examine_embedder(patient: Patient) -> Iterator[Finding]:
    """Yield whether the embedding model of the archive is on this machine, with the same weights."""
    settings = _settings(patient)
    try:
        weights = archive_weights(patient)
        if "digest" in settings:
            _require_digest(weights, settings["digest"])
    except EmbedderError as exc:
        yield problem(f"{exc}: only words are searched", exc.hint)
        return
    name, dimension = settings.get("embedder") or weights.recipe.name, str(weights.recipe.dimension)
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


def archive_weights(patient: Patient) -> Weights:
    """Return the embedding model of the archive, of the settings where it has none yet; raise EmbedderError."""
    settings = _settings(patient)
    name = settings.get("embedder") or patient.config.embedder or DEFAULT_EMBEDDER
    if "digest" in settings:
        return weights_with_digest(name, settings["digest"], settings.get("stamp"))
    return find_weights(name)


def examine_reranker(patient: Patient) -> Iterator[Finding]:
    """Yield whether the model that looks at the order of hits is on this machine, and is the one it should be."""
    if not patient.config.rerank:
        return
    name = patient.config.reranker or DEFAULT_RERANKER
    try:
        find_reranker(name).check()
    except RerankerError as exc:
        yield problem(f"{exc}: hits keep the order of the search", exc.hint)
    else:
        yield ok(name)


def examine_llms(patient: Patient) -> Iterator[Finding]:
    """Yield whether the model that answers can, and those of profiles: servers are asked only on this machine."""
    from assistant.errors import ConfigError
    from assistant.llm.listing import list_models, probe_model

    config = patient.config
    others = config.models.keys() - {config.model}
    try:
        yield _of_model(probe_model(config.model, config, patient.env))
    except ConfigError as exc:
        yield problem(str(exc), exc.hint)
    if others:
        states = list_models(config, patient.env, ports={})
        found = [_of_model(state) for state in states if state.name in others]
        # What nobody asks by default keeps nothing from working.
        yield from (warning(one.text, one.remedy) if one.mark == "problem" else one for one in found)


def _of_model(state: ModelState) -> Finding:
    told = " · ".join(filter(None, (state.name, state.where, state.detail)))
    match state.status:
        case "ready":
            return ok(told)
        case "configured":
            return ok(f"{told} (not asked: it is not on this machine)" if state.provider != "local" else told)
        case "no key":
            return problem(f"{state.name}: no key", state.detail or None)
        case "missing" | "unreachable" | "wrong":
            return problem(f"{told}: {state.status}", _REMEDIES[state.status])


def _require_digest(weights: Weights, digest: str) -> None:
    """Raise EmbedderError where a file that is known by its stamp has changed all the same."""
    if weights.file.stat().st_size <= _SMALL_BYTES and weights.digest() != digest:
        raise EmbedderError(
            f"the weights in {str(weights.file)!r} have changed under their name",
            hint="install the model again, as `pip install --force-reinstall dateline` does with the one it comes with",
        )


def _settings(patient: Patient) -> dict[str, str]:
    try:
        with closing(open_file(patient.archive / FILE_NAME, writable=False)) as db:
            return dict(db.execute("SELECT name, value FROM manifest"))
    except (ArchiveError, sqlite3.Error):
        return {}  # The archive's own examination says why.
