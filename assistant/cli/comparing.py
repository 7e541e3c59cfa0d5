"""``dateline compare TOPIC``: who says what, side by side, and what later reports changed."""

from __future__ import annotations

from datetime import date

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
    today,
)

_NOTHING = 1


@click.command()
@click.argument("topic")
@scoped
@asked_as_of
@as_json
@common
@click.pass_context
def compare(
    ctx: click.Context,
    topic: str,
    since: date | None,
    until: date | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    json_: bool,
) -> int:
    """Show what several outlets say of a topic: where they agree and differ, and what was updated.

    Prints of one wire story count once. Exits with 1 when nothing is reported by several.
    """
    from assistant.claims.telling import comparison_json, comparisons_text
    from assistant.claims.topics import compare_topic
    from assistant.rendering import plan_texts, to_json, window_json
    from assistant.searching import plan_for
    from store.errors import ArchiveEmpty

    terminal = terminal_of(ctx)
    with open_for_reading(load(ctx)) as archive:
        if archive.is_empty():
            raise ArchiveEmpty("the archive holds no article", hint="add some with `dateline add FILE…`")
        planned = plan_for(archive, topic, scope_of(since, until, outlets, as_of), today=today())
        for line in plan_texts(planned):
            terminal.note(line)
        compared = compare_topic(archive, planned.query, planned.filter)
    for notice in compared.notices:
        terminal.note(notice)
    if json_:
        window = window_json(planned.window)
        as_of_day = planned.as_of.isoformat()
        terminal.say(to_json(comparison_json(topic, compared.comparisons, window, as_of_day, compared.articles)))
    elif compared.comparisons:
        terminal.say(comparisons_text(compared.comparisons, style_of(terminal)))
    else:
        terminal.note(f"nothing in {compared.articles} articles on it is reported by several outlets")
    return 0 if compared.comparisons else _NOTHING
