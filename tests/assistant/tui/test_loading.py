"""What is imported late is imported beside the screen: in its thread nothing is, once the chat is open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.command_line import child_environment

# Presses every key that opens something, and prints what was imported meanwhile in the thread of the screen.
_SESSION = """
import asyncio, os, sys, threading
from functools import partial
from pathlib import Path
from assistant.config import load_config
from assistant.session_file import sessions_path
from assistant.tui.app import ChatApp
from store.archive import open_archive
from tests.assistant.tui.driving import QUESTION, ask, running, send
from tests.assistant.tui.waiting import until

late = []

class Finder:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread() and name.startswith(("assistant", "store", "httpx")):
            late.append(name)

async def main(archive):
    config = load_config(None, os.environ, archive=str(archive))
    app = ChatApp(config, archive, sessions_path(config.home), partial(open_archive, archive, session=True))
    sys.meta_path.insert(0, Finder())
    async with running(app) as pilot:
        await until(pilot, lambda: app.chat.welcome.questions)
        await ask(pilot, QUESTION)
        for key in ("ctrl+l", "ctrl+r", "ctrl+o", "ctrl+t", "f1"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not app.chat)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.chat)
        await send(pilot, f"/add {archive}/none")
        await until(pilot, lambda: app.chat.transcript.query("Note"))
        await send(pilot, "/rename drones")
        await until(pilot, lambda: app.chat.header.session == "drones")
        await send(pilot, "/new other")
        await until(pilot, lambda: app.chat.header.session == "other")
    app.close_threads()

asyncio.run(main(Path(sys.argv[1])))
print(*late)
"""


def test_nothing_is_imported_in_the_thread_of_the_screen(sample_archive: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SESSION, str(sample_archive)],
        env=child_environment(HOME=str(tmp_path), DATELINE_HOME=str(tmp_path / "home")),
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip

    assert (done.stdout.split(), done.stderr, done.returncode) == ([], "", 0)
