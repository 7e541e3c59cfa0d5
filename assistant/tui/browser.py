"""Opening a page in the browser of the person at the terminal, without a word of it on the screen."""

from __future__ import annotations

import os
import subprocess
import sys

# What shows that a browser with a window can be seen; BROWSER is also how editors reach back from another machine.
_WINDOWED = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")

_PATIENCE_S = 10.0

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_in_browser(url: str) -> bool:
    """Open ``url``; return whether a browser took it. Takes up to some seconds: not for an event loop.

    In a process with no terminal: a browser that is one itself (lynx, w3m) ends at once, and none writes here.
    """
    if not _has_window():
        return False
    try:
        done = subprocess.run(
            # -I: nothing that lies in the current folder is imported.
            [sys.executable, "-I", "-c", _OPEN, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _has_window() -> bool:
    if any(os.environ.get(name) for name in _WINDOWED):
        return True
    return sys.platform in {"darwin", "win32"} and not os.environ.get("SSH_CONNECTION")
