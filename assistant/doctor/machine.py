"""The machine that an archive is on: settings, versions, terminal, disk."""

from __future__ import annotations

import locale
import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from assistant.doctor.findings import Finding, Patient, ok, problem, warning
from store.disk import bytes_below, file_system, free_bytes, is_network, size_text
from store.permissions import exposed

if TYPE_CHECKING:
    from assistant.config import Config

# ``INSERT … RETURNING`` came with it.
_OLDEST_SQLITE = (3, 35)

VARIABLES = ("DATELINE_HOME", "DATELINE_CONFIG", "DATELINE_ARCHIVE", "DATELINE_MODEL", "DATELINE_EMBEDDER")

# Below this nothing that takes long should be begun, whatever the archive's size.
_LITTLE_BYTES = 500_000_000

# It ends with us, even where the import hangs.
_IMPORT_CHROMA = """
import os, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
import chromadb
"""
_IMPORT_S = 30


def examine_settings(patient: Patient) -> Iterator[Finding]:
    """Yield which file and which variables the settings are from."""
    if patient.error:
        yield problem(*patient.error)
    elif patient.config_file:
        yield ok(f"read from {patient.config_file}")
    else:
        yield ok("no config file: the defaults hold")
    given = sorted(name for name in patient.env if name.startswith("DATELINE_") and patient.env[name])
    if known := [f"{name}={patient.env[name]}" for name in given if name in VARIABLES]:
        yield ok(f"overridden by {', '.join(known)}")
    named = _named_by(patient.config)
    for name in given:
        if name not in VARIABLES and name not in named:
            nearest = get_close_matches(name, VARIABLES, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else f"those read are {', '.join(VARIABLES)}"
            yield warning(f"the variable {name} is set and never read", f"unset {name}  # {hint}")


def examine_versions(_: Patient) -> Iterator[Finding]:
    """Yield the versions of what everything stands on, and whether Chroma can be imported: by a child, it may crash."""
    with _chroma_child() as child:
        yield ok(f"dateline {_version('dateline')}, Python {sys.version.split()[0]}")
        yield _sqlite()
        try:
            errors = _errors_of(child)
        except subprocess.TimeoutExpired:
            child.kill()
            yield problem("importing chromadb hangs", "pip install --force-reinstall chromadb")
            return
    if child.returncode == 0:
        yield ok(f"chromadb {_version('chromadb')} can be imported")
        return
    last = (errors.strip().splitlines() or [f"it ended with {child.returncode}"])[-1]
    yield problem(
        f"chromadb {_version('chromadb')} cannot be imported: {last[:200]}",
        "pip install --force-reinstall chromadb  # until then everything works, more slowly in large archives",
    )


def examine_terminal(patient: Patient) -> Iterator[Finding]:
    """Yield what the terminal can show."""
    encoding = (getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding()).lower()
    if encoding.replace("-", "") == "utf8":
        yield ok("UTF-8")
    else:
        yield warning(f"the terminal's encoding is {encoding}: other letters are shown as ?", "export LC_ALL=C.UTF-8")
    if patient.env.get("TERM") == "dumb" or patient.env.get("NO_COLOR"):
        yield ok(f"without colours, as {'NO_COLOR' if patient.env.get('NO_COLOR') else 'TERM=dumb'} asks for")


def examine_disk(patient: Patient) -> Iterator[Finding]:
    """Yield the room where the archive is, the kind of file system, and who may read what lies there."""
    place = patient.archive
    free, held = free_bytes(place), bytes_below(place)
    if free < max(_LITTLE_BYTES, held):
        yield warning(
            f"{size_text(free)} are free, and the archive has {size_text(held)}: a rebuild or a backup may not fit",
            f"df -h {shlex.quote(str(place.parent))}",
        )
    else:
        yield ok(f"{size_text(free)} free, the archive has {size_text(held)}")
    kind = file_system(place)
    if kind and is_network(kind):
        yield warning(
            f"{place} is on a network file system ({kind}), where locks and SQLite's log may not hold",
            "move the archive to a local disk, and name that with -a or DATELINE_HOME",
        )
    if open_to_others := exposed(place) or exposed(patient.config.home):
        yield warning(
            f"others on this machine may look into {open_to_others[0]}",
            f"chmod -R go= {shlex.quote(str(open_to_others[0]))}",
        )


def _named_by(config: Config) -> set[str]:
    """Return the variables that the settings name, those of keys."""
    named = {profile.api_key_env for profile in config.models.values()}
    if config.chroma:
        named |= {config.chroma.token_env, *config.chroma.headers.values()}
    if config.embeddings:
        named.add(config.embeddings.api_key_env)
    return {name for name in named if name}


def _sqlite() -> Finding:
    number = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return problem(f"SQLite {number} is too old, 3.35 is needed", "install a newer Python")
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    except sqlite3.OperationalError:
        return problem(f"this Python's SQLite {number} has no full text (FTS5)", "install a Python from python.org")
    finally:
        db.close()
    return ok(f"SQLite {number} with full text")


def _errors_of(child: subprocess.Popen[str]) -> str:
    """Wait for a child and return what it wrote to stderr; its stdin stays open, for its life hangs on that."""
    child.wait(_IMPORT_S)
    assert child.stderr is not None
    return child.stderr.read()


def _chroma_child() -> subprocess.Popen[str]:
    # Without our environment and folder: Chroma reads settings from both.
    environment = {
        name: os.environ[name] for name in ("HOME", "PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _IMPORT_CHROMA],
        cwd="/",
        env={**environment, "ANONYMIZED_TELEMETRY": "False"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
