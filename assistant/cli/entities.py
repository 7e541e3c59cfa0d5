"""``dateline entities``: the people, places and organisations that articles name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from assistant.cli.options import (
    as_json,
    asked_as_of,
    common,
    load,
    open_for_reading,
    scope_of,
    scoped,
    style_of,
    terminal_of,
)

if TYPE_CHECKING:
    from datetime import date

    from assistant.entity_lists import Portrait
    from store.archive import Archive
    from store.entities.shapes import Kind
    from store.records import SearchFilter

_NONE = 1
_LISTED = 20
_BESIDE = 10
# As store.entities calls them, without importing it for --help; a test compares the two.
KINDS = ("person", "place", "organisation")


@click.command()
@click.argument("name", required=False)
@scoped
@asked_as_of
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=_LISTED, help=f"How many (default: {_LISTED}).")
@as_json
@common
@click.pass_context
def entities(
    ctx: click.Context,
    name: str | None,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    kind: Kind | None,
    limit: int,
    json_: bool,
) -> int:
    """List who and what articles name most, or show one of them: spellings, days, and who is named with it.

    With --about only what is named beside others. Exits with 1 when there is none.
    """
    from assistant.entity_lists import entities_json, entities_text, portrait_json, portrait_text
    from assistant.planning import filter_of
    from assistant.rendering import to_json
    from store.entities.roster import unread_text

    terminal = terminal_of(ctx)
    where = filter_of(scope_of(since, until, outlets, as_of))
    if name and kind:
        raise click.UsageError("--kind is for the list; write 'Jordan (place)' to say which is meant", ctx)
    with open_for_reading(load(ctx)) as archive:
        if name:
            portrait = _portrait(archive, name, where)
            shown = portrait_json(portrait) if json_ else portrait_text(portrait, style_of(terminal))
            count = portrait.coverage.articles
        else:
            found = archive.roster().most_named(where, kind=kind, limit=limit)
            shown = entities_json(found) if json_ else entities_text(found, style_of(terminal))
            count = len(found)
        unread = archive.roster().unread()
    if isinstance(shown, dict):
        terminal.say(to_json(shown))
    elif count:
        for line in shown:
            terminal.say(line)
    if unread:
        terminal.note(unread_text(unread))
    return 0 if count else _NONE


def _portrait(archive: Archive, name: str, where: SearchFilter) -> Portrait:
    from dataclasses import replace

    from assistant.entity_lists import Portrait

    roster = archive.roster()
    entity = roster.entity(name)
    beside = roster.most_named(replace(where, about=(*where.about, roster.told(name))), kind=None, limit=_BESIDE)
    return Portrait(roster.coverage(entity, where), tuple(roster.days(entity, where)), tuple(beside))
