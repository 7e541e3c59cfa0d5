"""What ``add``, ``embed`` and ``demo`` share: the model's name, embedding with progress, a dry run's lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.options import endpoint_of, style_of
from assistant.errors import ConfigError, told
from assistant.rendering import added_json, added_text, draft_json, draft_text, to_json
from store.disk import require_room
from store.embedding import DEFAULT_EMBEDDER, fetch_weights
from store.errors import EmbedderError
from store.readers.packed import strip_packing
from store.records import Draft, Reached, Skipped

if TYPE_CHECKING:
    from datetime import date

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from store.archive import Archive, Progress
    from store.readers import Format, Resume
    from store.readers.mapping import FieldMapping
    from store.records import AddReport

_NOTHING_FOUND = 2
# So many are told one by one; a dump of a million lines may have as many reasons.
_TOLD_SKIPPED = 20
_TOLD_REASONS = 5

# Files that hold articles and little else. An archive keeps their text, its words and its stories: 48 MB of JSON Lines
# with 4,863 articles gave 95 MB, and packed by Zstandard they were 16 MB.
_TEXTS = frozenset(".txt .text .md .markdown .json .jsonl .ndjson .csv .tsv .tab".split())
_GROWTH = 2
_GROWTH_PACKED = 6


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be read, and how: the arguments and options of ``add``."""

    sources: tuple[str, ...]
    outlet: str | None
    published: date | None
    format: Format | None
    mapping: FieldMapping
    allowed_hosts: tuple[str, ...]

    def read(self, *, resume: Resume | None = None) -> Iterator[Draft | Skipped | Reached]:
        """Yield the articles of the sources, what is skipped, and, with ``resume``, how far dumps have been read."""
        from store.readers import read_sources

        return read_sources(
            self.sources,
            outlet=self.outlet,
            published=self.published,
            format=self.format,
            mapping=self.mapping,
            allowed_hosts=self.allowed_hosts,
            resume=resume,
        )

    def least_bytes(self) -> int:
        """Return about how much the archive grows by those texts and dumps among the sources that are files."""
        return sum(map(least_bytes, self.sources))


def least_bytes(source: str) -> int:
    """Return about how much an archive grows by a source, 0 where that cannot be known before."""
    path = Path(source)
    if strip_packing(path).suffix.lower() not in _TEXTS:
        return 0
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0  # Whoever reads it says why.
    return (_GROWTH_PACKED if path != strip_packing(path) else _GROWTH) * size


def add_inputs(archive: Archive, inputs: Inputs, terminal: Terminal, *, progress: Progress, json_: bool) -> bool:
    """Add what ``inputs`` name, say what was done, and return whether there was any article in them."""
    require_room(archive.path, inputs.least_bytes(), "adding this")
    return tell_report(archive.add(_resumed(archive, inputs, terminal), progress=progress), terminal, json_=json_)


def tell_report(report: AddReport, terminal: Terminal, *, json_: bool) -> bool:
    """Say what an ``add`` did, and return whether there was any article in what it read."""
    terminal.end_progress()
    taken = report.added + report.updated + report.unchanged > 0
    for notice in report.notices:
        terminal.note(notice)
    for line in skipped_lines(report):
        terminal.note(line) if taken else terminal.fail(line)
    terminal.say(to_json(added_json(report)) if json_ else added_text(report))
    terminal.flush()
    return taken


def _resumed(archive: Archive, inputs: Inputs, terminal: Terminal) -> Iterator[Draft | Skipped | Reached]:
    """Yield what ``inputs`` name, dumps from where a run was stopped, and say so where that is done."""
    known: set[Reached] = set()

    def resume(source: str, stamp: str) -> Reached | None:
        place = archive.reached(source, stamp)
        if place:
            known.add(place)
        return place

    for piece in inputs.read(resume=resume):
        if isinstance(piece, Reached) and piece in known:
            known.discard(piece)
            terminal.note(f"{piece.source}: going on after record {piece.line:,}, where the last run was stopped")
        yield piece


def skipped_lines(report: AddReport) -> Iterator[str]:
    """Yield what was skipped and why, one a line; of many the first, and for the others how often each reason held."""
    yield from (f"skipped {one}" for one in report.skipped[:_TOLD_SKIPPED])
    more = report.skipped_count - _TOLD_SKIPPED
    if more <= 0:
        return
    yield f"skipped {more:,} more:"
    reasons = Counter(one.reason for one in report.skipped[_TOLD_SKIPPED:])
    yield from (f"  {count:,} × {reason}" for reason, count in reasons.most_common(_TOLD_REASONS))
    if rest := more - sum(count for _, count in reasons.most_common(_TOLD_REASONS)):
        yield f"  {rest:,} × for other reasons"


def watch_inputs(
    archive: Archive, inputs: Inputs, config: Config, terminal: Terminal, *, embeds: bool, json_: bool
) -> None:
    """Add what is in the folder that ``inputs`` name and what comes into it, until Ctrl-C."""
    import threading

    from store.watching import watch_folder

    (folder,) = inputs.sources
    is_first = True
    for paths in watch_folder(Path(folder), stop=threading.Event(), notice=terminal.note):
        if paths:
            batch = replace(inputs, sources=tuple(map(str, paths)))
            add_inputs(archive, batch, terminal, progress=terminal.progress, json_=json_)
            if embeds:
                embed_missing(archive, config, terminal)
        if is_first:
            terminal.note(f"watching {folder!r} for more; Ctrl-C ends it")
            is_first = False


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
        report = archive.embed(progress=progress or terminal.progress, endpoint=endpoint_of(config))
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


def show_found(found: Iterable[Draft | Skipped | Reached], terminal: Terminal, *, json_: bool) -> int:
    """Print what a run would add, and return its exit code."""
    code = _NOTHING_FOUND
    for piece in found:
        if isinstance(piece, Skipped):
            terminal.note(f"skipped {piece}")
        if not isinstance(piece, Draft):
            continue
        code = 0
        terminal.say(to_json(draft_json(piece), indent=None) if json_ else draft_text(piece, style_of(terminal)))
    return code
