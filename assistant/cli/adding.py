"""What ``add``, ``embed`` and ``demo`` share: the model's name, embedding with progress, a dry run's lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.cli.options import style_of
from assistant.errors import ConfigError, told
from assistant.rendering import draft_json, draft_text, to_json
from store.embedding import DEFAULT_EMBEDDER, fetch_weights
from store.errors import EmbedderError
from store.records import Draft, Skipped

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from store.archive import Archive, Progress

_NOTHING_FOUND = 2


def embedder_of(config: Config) -> str:
    return config.embedder or DEFAULT_EMBEDDER


def progress_of(terminal: Terminal, descriptor: int | None) -> Progress:
    """Return where progress goes: to the terminal, or to the program that gave a file descriptor for it."""
    if descriptor is None:
        return terminal.progress
    from assistant.cli.progress import ProgressPipe

    try:
        return ProgressPipe(descriptor)
    except OSError as exc:
        raise ConfigError(f"--progress-fd {descriptor}: {exc.strerror}") from exc


def embed_missing(
    archive: Archive,
    config: Config,
    terminal: Terminal,
    *,
    download: bool = False,
    progress: Progress | None = None,
) -> bool:
    """Embed what is not embedded yet; return False, having said why, where the model is missing."""
    try:
        if download or config.allow_download:
            fetch_weights(embedder_of(config))
        report = archive.embed(progress=progress or terminal.progress)
    except EmbedderError as exc:
        terminal.note(f"not embedded, so searched by words alone: {told(exc)}")
        return False
    except KeyboardInterrupt:
        terminal.note("stopped; what is embedded is kept, and `dateline embed` goes on")
        raise
    terminal.end_progress()
    for notice in report.notices:
        terminal.note(notice)
    return True


def show_found(found: Iterable[Draft | Skipped], terminal: Terminal, *, json_: bool) -> int:
    """Print what a run would add, and return its exit code."""
    code = _NOTHING_FOUND
    for piece in found:
        if isinstance(piece, Skipped):
            terminal.note(f"skipped {piece}")
            continue
        code = 0
        terminal.say(to_json(draft_json(piece), indent=None) if json_ else draft_text(piece, style_of(terminal)))
    return code
