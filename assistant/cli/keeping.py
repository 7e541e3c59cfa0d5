"""``dateline backup``, ``restore``, ``export`` and ``import``: an archive out of its folder, and back into one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.cli.options import as_json, common, load, scope_of, scoped, server_of, terminal_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import date

    from assistant.cli.terminal import Terminal
    from assistant.config import Config
    from store.backup import Backup

_NO_ARTICLE = 1
_NOTHING_ADDED = 2


@click.command()
@click.argument("target", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--keep", type=click.IntRange(min=1), metavar="N", help="Then delete all but the latest N backups of this archive."
)
@as_json
@common
@click.pass_context
def backup(ctx: click.Context, target: Path | None, keep: int | None, json_: bool) -> None:
    """Copy the archive and its sessions to one file, checked, while others may go on using it.

    Without FILE it is named for the archive and the moment, in the folder `backups` of dateline's data folder.
    """
    from assistant.config import archive_path
    from assistant.rendering import to_json
    from assistant.session_file import sessions_path
    from store.backup import write_backup
    from store.disk import size_text
    from store.schema import FILE_NAME

    terminal, config = terminal_of(ctx), load(ctx)
    archive = archive_path(config)
    file, is_default = _backup_file(target, archive, config)
    if keep is not None and not is_default:
        raise click.UsageError("--keep counts backups that dateline has named: give a FOLDER or nothing", ctx)
    sessions = sessions_path(config.home)
    kept = 0

    def attach(db: sqlite3.Connection) -> None:
        from assistant.session_backup import put_sessions

        nonlocal kept
        kept = put_sessions(db, sessions, archive.resolve())

    more = sessions.stat().st_size if sessions.is_file() else 0
    made = write_backup(archive / FILE_NAME, file, attach=attach, more_bytes=more, progress=_progress_of(terminal))
    terminal.end_progress()
    removed = _drop_older(made, archive, keep) if keep is not None else []
    if json_:
        removed_names = [str(one) for one in removed]
        terminal.say(to_json({"schema": "dateline.backup/1", **_backup_json(made, kept), "removed": removed_names}))
        return
    terminal.say(f"{made.file}")
    terminal.note(f"{_content(made, kept)}; {size_text(made.bytes)}")
    if removed:
        terminal.note(f"{len(removed):,} older deleted")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "place", metavar="NAME|PATH", help="Restore to this archive instead of the one in use.")
@click.option("--replace", is_flag=True, help="Move an archive that is there aside; it is not deleted.")
@as_json
@common
@click.pass_context
def restore(ctx: click.Context, file: Path, place: str | None, replace: bool, json_: bool) -> None:
    """Make an archive again from a backup, with its sessions; nothing is embedded again."""
    from assistant.config import archive_path
    from assistant.rendering import to_json
    from assistant.session_backup import take_sessions
    from assistant.session_file import sessions_path
    from store.restoring import restore_backup

    terminal = terminal_of(ctx)
    if place is not None:
        ctx.meta["dateline.archive"] = place
    config = load(ctx)
    archive = archive_path(config)
    added = 0

    def detach(db: sqlite3.Connection) -> None:
        nonlocal added
        added = take_sessions(db, sessions_path(config.home), archive.resolve())

    done = restore_backup(file, archive, replace=replace, detach=detach, progress=_progress_of(terminal))
    terminal.end_progress()
    if not done.backup.is_sealed:
        terminal.note("it has no checksum: it was looked through, and changed letters cannot be told")
    if done.moved:
        terminal.note(f"the archive that was there is now {str(done.moved)!r}; delete it when all is well")
    _build_index(config, terminal)
    if json_:
        moved = str(done.moved) if done.moved else None
        told = {**_backup_json(done.backup, added), "archive": str(done.archive), "moved": moved}
        terminal.say(to_json({"schema": "dateline.restored/1", **told}))
    else:
        terminal.say(f"restored {_content(done.backup, added)} to {done.archive}")


def _backup_file(target: Path | None, archive: Path, config: Config) -> tuple[Path, bool]:
    """Return the file to write, and whether its name is ours."""
    from datetime import UTC, datetime

    from store.backup import default_file

    folder = target
    if target is None:
        folder = config.home / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    assert folder is not None
    if not folder.is_dir():
        return folder.absolute(), False
    return default_file(folder.absolute(), archive, datetime.now(UTC)), True


def _drop_older(made: Backup, archive: Path, keep: int) -> list[Path]:
    """Delete all but the latest backups of the archive of ``made``, which lie beside it, and return which."""
    from store.backup import list_backups

    same = [one for one in list_backups(made.file.parent, archive.name) if _is_of_one(one, made)]
    for one in same[keep:]:
        one.file.unlink(missing_ok=True)
    return [one.file for one in same[keep:]]


def _is_of_one(first: Backup, second: Backup) -> bool:
    if first.identity and second.identity:
        return first.identity == second.identity and first.archive == second.archive
    return first.archive == second.archive


def _build_index(config: Config, terminal: Terminal) -> None:
    """Build what a backup leaves out, from what it holds; without it everything works, if slower."""
    import sqlite3

    from assistant.cli.options import open_for_writing
    from assistant.errors import told
    from store.errors import ArchiveError

    try:
        with open_for_writing(config) as archive:
            archive.rebuild(progress=terminal.progress)
    except ArchiveError as exc:
        terminal.note(f"restored, but its index is not built: {told(exc)}")
    except (OSError, sqlite3.Error) as exc:
        terminal.note(f"restored, but its index is not built: {exc}; `dateline rebuild` tries again")
    except KeyboardInterrupt:
        terminal.note("restored; its index is not built yet: `dateline rebuild` does it, and all works without")
        raise
    terminal.end_progress()


def _progress_of(terminal: Terminal) -> Callable[[str, int, int | None], None]:
    from store.disk import size_text

    stages = {"backup": "copying", "verify": "checking", "restore": "restoring"}

    def show(stage: str, done: int, total: int | None) -> None:
        terminal.show_progress(f"{stages[stage]} {size_text(done)} of {size_text(total or 0)}")

    return show


def _backup_json(made: Backup, sessions: int) -> dict[str, Any]:
    return {
        "file": str(made.file),
        "archive": str(made.archive) if made.archive else None,
        "made": made.made.isoformat() if made.made else None,
        **made.counts,
        "sessions": sessions,
        "bytes": made.bytes,
        "sha256": made.digest,
    }


def _content(made: Backup, sessions: int) -> str:
    counts = made.counts
    told = [_counted(counts["articles"], "article"), f"{counts['vectors']:,} of {counts['passages']:,} vectors"]
    if counts["revisions"]:
        told.append(_counted(counts["revisions"], "earlier text"))
    return ", ".join([*told, _counted(sessions, "session")])


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@click.command()
@scoped
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Write to FILE instead of stdout, packed as it is named."
)
@click.option("--vectors", is_flag=True, help="Write the vectors too, so that nothing need be embedded again.")
@click.option("--overwrite", is_flag=True, help="Let -o replace a file.")
@common
@click.pass_context
def export(
    ctx: click.Context,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    output: str,
    vectors: bool,
    overwrite: bool,
) -> int:
    """Write articles as JSON Lines with all that is known of them, for `dateline import` and other programs.

    The file is yours alone to read, as the archive is. `.gz` and `.zst` are packed.
    """
    import sys

    from assistant.config import archive_path
    from assistant.planning import filter_of
    from store.exporting import write_export
    from store.schema import FILE_NAME

    terminal, config = terminal_of(ctx), load(ctx)
    where = filter_of(scope_of(since, until, outlets))
    target = sys.stdout.buffer if output == "-" else Path(output).expanduser()
    written = write_export(
        archive_path(config) / FILE_NAME,
        target,
        where,
        vectors=vectors,
        overwrite=overwrite,
        progress=lambda done, total: terminal.progress("exporting", done, total),
    )
    terminal.end_progress()
    terminal.note(f"{_counted(written, 'article')} written" + (f" to {output}" if output != "-" else ""))
    return 0 if written else _NO_ARTICLE


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--no-embed", is_flag=True, help="Leave embedding to `dateline embed`.")
@as_json
@common
@click.pass_context
def import_(ctx: click.Context, files: tuple[str, ...], no_embed: bool, json_: bool) -> int:
    """Put into the archive what `dateline export` wrote, or - for stdin. Importing again is free and safe."""
    from itertools import chain

    from assistant.cli.adding import embed_missing, embedder_of, least_bytes, tell_report
    from assistant.config import archive_path
    from store.archive import create_archive
    from store.disk import require_room
    from store.readers.export import read_export

    terminal, config = terminal_of(ctx), load(ctx)
    exports = [read_export(file) for file in files]
    heads = [next(export) for export in exports]  # No archive is made for what is no export.
    require_room(archive_path(config), sum(map(least_bytes, files)), "importing this")
    with create_archive(archive_path(config), embedder=embedder_of(config), server=server_of(config)) as archive:
        pieces = chain.from_iterable(chain([head], export) for head, export in zip(heads, exports, strict=True))
        taken = tell_report(archive.add(pieces, progress=terminal.progress), terminal, json_=json_)
        if not no_embed:
            embed_missing(archive, config, terminal)
    # An export of an archive without articles has its feeds.
    return 0 if taken or not any(getattr(head, "articles", 0) for head in heads) else _NOTHING_ADDED
