"""``dateline index``: where the vector index of an archive is, and its move to a Chroma server and back."""

from __future__ import annotations

import click

from assistant.cli.options import as_json, common, load, open_for_reading, open_for_writing, terminal_of

_BROKEN = 3


@click.group()
@common
def index() -> None:
    """See where the vector index is, or move it to a Chroma server and back."""


@index.command()
@as_json
@common
@click.pass_context
def status(ctx: click.Context, json_: bool) -> int:
    """Show where the vector index is, and whether a server that holds it answers.

    Exits with 3 when it does not: exact search answers then.
    """
    from assistant.rendering import to_json

    terminal, config = terminal_of(ctx), load(ctx)
    with open_for_reading(config) as archive:
        state, generation = archive.server_state(), archive.status().generation
    url = config.chroma.url if config.chroma else None
    serving, coming = state.serving, state.coming
    if json_:
        facts = {
            "schema": "dateline.index/1",
            "place": "server" if serving else "local",
            "server": url,
            "collection": serving.name if serving else None,
            "coming": coming.name if coming else None,
            "unsent": state.unsent,
            "vectors": state.rows,
            "generation": generation.number if generation else None,
            "trouble": state.trouble,
            "remedy": state.remedy,
        }
        terminal.say(to_json(facts))
        return _BROKEN if state.trouble else 0
    if serving:
        terminal.say(f"on the Chroma server {url or '(not set)'}, collection {serving.name}: {state.rows:,} vectors")
        if state.unsent and not coming:
            terminal.say(f"{state.unsent:,} of them are still to be sent; `dateline embed` does it")
    else:
        terminal.say(f"on this machine: {generation.rows:,} vectors" if generation else "nothing is indexed yet")
        if url and not coming:
            terminal.say(f"`dateline index move --to-server` moves it to {url}")
    if coming:
        terminal.say(
            f"on its way to a server: {state.rows - state.unsent:,} of {state.rows:,} vectors are sent; "
            "`dateline index move --to-server` goes on"
        )
    if state.trouble:
        terminal.fail(f"{state.trouble}; exact search answers; {state.remedy}")
        return _BROKEN
    return 0


@index.command()
@click.option("--to-server", "place", flag_value="server", help="To the Chroma server that chroma.url names.")
@click.option("--to-local", "place", flag_value="local", help="Back to this machine.")
@common
@click.pass_context
def move(ctx: click.Context, place: str | None) -> None:
    """Move the vector index to a Chroma server, or back. Articles and vectors stay in the archive's file.

    What serves now serves until the other is complete and was found to answer; stopped, the same command goes on.
    """
    if place is None:
        raise click.UsageError("give --to-server or --to-local", ctx)
    terminal, config = terminal_of(ctx), load(ctx)
    with open_for_writing(config) as archive:
        if place == "local":
            try:
                notices = archive.move_to_local(progress=terminal.progress)
            except KeyboardInterrupt:
                terminal.note("stopped; `dateline index status` tells where the index is")
                raise
            terminal.end_progress()
            for notice in notices:
                terminal.note(notice)
            terminal.say("the index is on this machine")
            return
        try:
            sent = archive.move_to_server(progress=terminal.progress)
        except KeyboardInterrupt:
            terminal.note("stopped; what served before serves, and the same command goes on")
            raise
        terminal.end_progress()
        url = config.chroma.url if config.chroma else ""
        terminal.say(f"the index is on {url}; {sent:,} vectors were sent")
