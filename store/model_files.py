"""Where the files of models lie on this machine. Nothing here runs, imports or downloads one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path


def carried_files(package: str, path: str) -> Iterator[Path]:
    """Yield the files at ``path`` inside an installed package, which is located, never imported: no code of it runs."""
    spec = find_spec(package)
    for root in (spec.submodule_search_locations if spec else None) or ():
        file = Path(root) / path
        if file.is_file():
            yield file


def cached_snapshot(model: str, *, env: Mapping[str, str] | None = None) -> Path | None:
    """Return where the Hugging Face cache keeps the current files of ``model``, found without its library.

    ``model`` is a full name, with its organisation. None where the cache does not hold its config.json.
    """
    env = os.environ if env is None else env
    home = env.get("HF_HOME") or str(Path(env.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    cache = Path(env.get("HF_HUB_CACHE") or str(Path(home) / "hub")).expanduser()
    folder = cache / f"models--{model.replace('/', '--')}"
    try:
        revision = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    snapshot = folder / "snapshots" / revision
    return snapshot if (snapshot / "config.json").is_file() else None


def file_stamp(file: Path) -> str:
    """Return where a file lies, its size and its time: while these stay, so does its digest."""
    stat = file.stat()
    return f"{file}:{stat.st_size}:{stat.st_mtime_ns}"


def file_digest(file: Path) -> str:
    """Return the sha256 of a file, read piece by piece."""
    digest = sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
