"""Half-made files that killed processes left, known by the process's number in their names."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def drop_leftovers(found: Iterable[Path], owner: re.Pattern[str]) -> None:
    """Delete those of the files and folders whose maker, the number in the first group of ``owner``, does not run.

    What may not be deleted stays.
    """
    for path in found:
        named = owner.search(path.name)
        if named is None or _is_running(int(named[1])):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
