"""`dateline rebuild`: the index of an archive made again, or all its vectors, with another embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant.cli.options import common, endpoint_of, load, open_for_writing, terminal_of

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal
    from store.archive import Archive
    from store.embedding.endpoint import Endpoint


@click.command()
@click.option("--embedder", metavar="NAME", help="Make all vectors anew with this model, by its name or folder.")
@click.option("--abandon", is_flag=True, help="Give up a move to another model that was stopped.")
@click.option("--download", is_flag=True, help="Fetch the model from its hub if it is not on this machine.")
@common
@click.pass_context
def rebuild(ctx: click.Context, embedder: str | None, abandon: bool, download: bool) -> None:
    """Build the index of words and vectors again, or move the archive to another embedding model.

    The old vectors answer questions until all new ones are there; stopped, the same command goes on.
    """
    if abandon and embedder:
        raise click.UsageError("give --embedder or --abandon, not both", ctx)
    if download and not embedder:
        raise click.UsageError("--download is for --embedder", ctx)
    terminal, config = terminal_of(ctx), load(ctx)
    with open_for_writing(config) as archive:
        if abandon:
            _abandon(archive, terminal)
        elif embedder:
            _move(archive, embedder, terminal, endpoint_of(config), download=download)
        else:
            _rebuild(archive, terminal)


def _rebuild(archive: Archive, terminal: Terminal) -> None:
    archive.rebuild(progress=terminal.progress)
    terminal.end_progress()
    generation = archive.status().generation
    terminal.say(f"{generation.rows:,} vectors indexed" if generation else "nothing is embedded yet")
    move = archive.move_under_way()
    if move:
        terminal.note(
            f"the move to {move.embedder!r} is not finished, {move.vectors:,} of {move.passages:,} passages; "
            f"`dateline rebuild --embedder {move.embedder}` goes on"
        )


def _move(archive: Archive, embedder: str, terminal: Terminal, endpoint: Endpoint | None, *, download: bool) -> None:
    from store.embedding import fetch_weights

    if download:
        fetch_weights(embedder)
    try:
        report = archive.move(embedder, progress=terminal.progress, endpoint=endpoint)
    except KeyboardInterrupt:
        terminal.note("stopped; the old vectors serve, and the same command goes on")
        raise
    terminal.end_progress()
    for notice in report.notices:
        terminal.note(notice)
    state = archive.status()
    terminal.say(f"{state.counts.vectors:,} of {state.counts.passages:,} passages embedded with {state.embedder}")


def _abandon(archive: Archive, terminal: Terminal) -> None:
    move = archive.move_under_way()
    archive.abandon_move()
    if move:
        terminal.say(f"the move to {move.embedder} was given up, with {move.vectors:,} new vectors")
    else:
        terminal.say("no move to another model is under way")
