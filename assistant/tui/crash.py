"""What is left of a bug of ours: a report without the values of variables, for they may hold keys and articles."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILE_NAME = "crash.txt"


def crash_report(error: BaseException) -> str:
    """Return where it happened, and in what: file names, lines and the kind of error, never a value.

    The message of an error may quote anything, so only its kind is told.
    """
    versions = f"dateline {_version('dateline')}, textual {_version('textual')}, Python {platform.python_version()}"
    lines = [f"{versions}, {sys.platform}, {datetime.now(UTC).isoformat(timespec='seconds')}", ""]
    chain: BaseException | None = error
    while chain is not None:
        frames = traceback.extract_tb(chain.__traceback__)
        lines += [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
        lines.append(f"{type(chain).__module__}.{type(chain).__qualname__}")
        chain = chain.__cause__ or chain.__context__
        if chain is not None:
            lines.append("\ncaused by\n")
    return "\n".join(lines) + "\n"


def write_crash_report(error: BaseException, folder: Path) -> Path | None:
    """Write the report into ``folder``, readable by its owner alone; return where, None where that is not possible."""
    path = folder / _FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(crash_report(error))
    except OSError:
        return None
    return path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
