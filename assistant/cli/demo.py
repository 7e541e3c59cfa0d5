"""``dateline demo``: an archive of the sample articles, a first answer, and what to try next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import assistant
from assistant.cli.adding import embed_missing, embedder_of
from assistant.cli.asking import answerer_of, ask_once
from assistant.cli.options import today
from assistant.config import archive_path
from assistant.planning import Scope
from store.archive import create_archive
from store.readers import read_sources

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal
    from assistant.config import Config

ARCHIVE = "demo"
QUESTION = "What kind of drone killed Qasem Soleimani?"

_NEXT = """
Try next:
  dateline -a demo ask "How many people were on board the airliner?"
  dateline -a demo ask "Who confirmed that Soleimani was killed?" --until 2020-01-03
  dateline -a demo search "missiles Al Asad"
  dateline -a demo list
  dateline add FILE…                        your own articles, into your own archive"""


def samples() -> Path:
    """Return the folder of the sample articles that come with the package."""
    return Path(assistant.__file__).parent / "samples"


def run_demo(terminal: Terminal, config: Config) -> int:
    """Build the archive, which is made only once, ask it, and return the exit code of the answer."""
    config = replace(config, archive=ARCHIVE, model="extractive", rerank=False)
    with create_archive(archive_path(config), embedder=embedder_of(config)) as archive:
        report = archive.add(read_sources([str(samples())]))
        total = report.added + report.updated + report.unchanged
        terminal.note(f"{total} sample articles by invented outlets, archive {str(archive.path)!r}")
        embed_missing(archive, config, terminal)
        terminal.say(f"Question: {QUESTION}\n")
        code = ask_once(
            answerer_of(archive, config, today=today()), QUESTION, Scope(), terminal, stream=False, json_=False
        )
    terminal.say(_NEXT)
    return code
