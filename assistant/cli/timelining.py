"""``dateline timeline`` and ``dateline brief``: what happened when, and what of it is new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant.cli.options import (
    Day,
    as_json,
    asked_as_of,
    common,
    known_names,
    load,
    named,
    open_for_reading,
    scope_of,
    style_of,
    terminal_of,
    today,
)

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal
    from assistant.timeline.briefs import Brief
    from assistant.timeline.timelines import Timeline
    from assistant.timeline.told import Told
    from store.archive import Archive

F = TypeVar("F", bound=Callable[..., Any])

_NOTHING = 1

# Passages shown where nothing is told.
_NEAREST = 3


def _formed(command: F) -> F:
    """Add the options for the outlets that are heard, and for the form in which something is written, and where to."""
    for option in (
        as_json,
        click.option(
            "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.md", help="Write Markdown to a new file."
        ),
        click.option("--markdown", is_flag=True, help="Print Markdown."),
        asked_as_of,
        named,
        click.option("--outlet", "outlets", multiple=True, metavar="NAME", help="Only this outlet; may be repeated."),
    ):
        command = option(command)
    return command


def _read_since(ctx: click.Context, param: click.Parameter, value: str) -> date | None:
    """Return the day that is meant, None for the last brief."""
    return None if value.upper() == "LAST" else Day().convert(value, param, ctx)


@click.command()
@click.argument("topic")
@click.option("--limit", type=click.IntRange(1, 1000), help="So many days, the most important (default: up to 15).")
@click.option("--until", type=Day(last=True), help="Happened on that day or before.")
@click.option("--since", type=Day(), help="Happened on that day or after.")
@_formed
@common
@click.pass_context
def timeline(
    ctx: click.Context,
    topic: str,
    since: date | None,
    until: date | None,
    limit: int | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    markdown: bool,
    output: Path | None,
    json_: bool,
) -> int:
    """Tell what happened when on a topic: the days that matter most, each with a cited sentence.

    The days are those on which things happened, as the sentences say. Exits with 1 when nothing is told of the topic.
    """
    _check_form(ctx, markdown=markdown, output=output, json_=json_)
    if since and until and since > until:
        raise click.UsageError(f"the window is empty: {since} is after {until}; swap --since and --until", ctx)
    terminal = terminal_of(ctx)
    with open_for_reading(load(ctx)) as archive:
        _begin(archive)
        from assistant.timeline.rendering import timeline_json
        from assistant.timeline.timelines import read_timeline

        told = read_timeline(
            archive,
            _topic(topic, ctx),
            since=since,
            until=until,
            limit=limit,
            as_of=as_of,
            outlets=outlets,
            about=_about(archive, terminal),
        )
        _tell_notices(told, terminal)
        if not told.events:
            _tell_nearest(archive, told, terminal, json_=json_)
            return _NOTHING
    if json_:
        _say_json(timeline_json(told), terminal)
    elif markdown or output:
        from assistant.timeline.exporting import timeline_markdown

        _write(timeline_markdown(told), output, terminal)
    else:
        from assistant.timeline.rendering import timeline_text

        terminal.say(timeline_text(told, style_of(terminal)))
    return 0


@click.command()
@click.argument("topic")
@click.option("--limit", type=click.IntRange(1, 1000), help="Of so many days, the most important (default: 15).")
@click.option(
    "--since",
    callback=_read_since,
    default="LAST",
    metavar="DAY|LAST",
    help="Published on that day or after; or not there at the last brief of this topic (default).",
)
@_formed
@common
@click.pass_context
def brief(
    ctx: click.Context,
    topic: str,
    since: date | None,
    limit: int | None,
    outlets: tuple[str, ...],
    as_of: date | None,
    markdown: bool,
    output: Path | None,
    json_: bool,
) -> int:
    """Tell what is new on a topic since a day or since the last brief, leaving out what was told before.

    What was told is remembered, outside the archive, unless a day is given. Exits with 1 when nothing is new.
    """
    _check_form(ctx, markdown=markdown, output=output, json_=json_)
    terminal, config = terminal_of(ctx), load(ctx)
    with open_for_reading(config) as archive:
        _begin(archive)
        from assistant.timeline.briefs import read_brief
        from assistant.timeline.telling import LIMIT
        from assistant.timeline.told import load_told, told_file

        about = _about(archive, terminal)
        file = told_file(config.home, archive.path, topic, outlets, about)
        last = load_told(file) if since is None else None
        news = read_brief(
            archive,
            _topic(topic, ctx),
            now=datetime.now(UTC),
            today=today(),
            since=since,
            last=last,
            as_of=as_of,
            outlets=outlets,
            about=about,
            limit=limit or LIMIT,
        )
    _tell_notices(news, terminal)
    _tell_brief(news, terminal, markdown=markdown, output=output, json_=json_)
    terminal.flush()  # What could not be written was not told.
    if since is None:
        _keep(file, news.told, news.topic, terminal)
    return 0 if news.events else _NOTHING


def _about(archive: Archive, terminal: Terminal) -> tuple[str, ...]:
    """Return the names that the articles must hold, as most of them have them; raise NameUnknown."""
    from assistant.planning import filter_of

    return known_names(archive, filter_of(scope_of(None, None, ())), terminal).about


def _begin(archive: Archive) -> None:
    from store.errors import ArchiveEmpty

    if archive.is_empty():
        raise ArchiveEmpty("the archive holds no article", hint="add some with `dateline add FILE…`")
    archive.warm_up()  # Goes on while the rest is imported.


def _check_form(ctx: click.Context, *, markdown: bool, output: Path | None, json_: bool) -> None:
    if json_ and (markdown or output):
        raise click.UsageError("give --json, or --markdown or --output, not both", ctx)
    if output is not None and output.suffix.lower() not in {".md", ".markdown"}:
        raise click.UsageError(f"{output.name!r} does not end with .md", ctx)


def _topic(topic: str, ctx: click.Context) -> str:
    from store.cleaning import clean_line
    from store.words import content_words

    cleaned = clean_line(topic)
    if not content_words(cleaned):
        raise click.UsageError('the topic is empty; name one: `dateline timeline "Nord Stream"`', ctx)
    return cleaned


def _tell_notices(told: Timeline | Brief, terminal: Terminal) -> None:
    for notice in told.notices:
        terminal.note(notice)
    if told.undated:
        are = "article on it has" if told.undated == 1 else "articles on it have"
        terminal.note(f"{told.undated:,} {are} no date and could not be used")


def _tell_nearest(archive: Archive, told: Timeline, terminal: Terminal, *, json_: bool) -> None:
    """Say that nothing is told of a topic, what comes nearest to it, and what the archive covers."""
    from assistant.planning import Scope, filter_of
    from assistant.rendering import coverage_text, hit_json, hits_text
    from assistant.timeline.rendering import timeline_json

    found = archive.search(
        told.topic, _NEAREST, filter_of(Scope(as_of=told.as_of, outlets=told.outlets, about=told.about))
    )
    if json_:
        _say_json(timeline_json(told, nearest=[hit_json(hit) for hit in found.hits]), terminal)
        return
    if told.articles:
        count = f"{told.articles:,} article{'s' if told.articles != 1 else ''}"
        terminal.note(f"{count} on {told.topic!r} tell of no day in question")
    else:
        terminal.note(f"no article is on {told.topic!r}")
    status = archive.status()
    terminal.note(f"as far as the archive goes: {coverage_text(status.counts, status.outlets)}")
    if found.hits:
        terminal.say("Nearest:\n" + hits_text(told.topic, found.hits, style_of(terminal)))


def _tell_brief(news: Brief, terminal: Terminal, *, markdown: bool, output: Path | None, json_: bool) -> None:
    from assistant.timeline.rendering import brief_json, brief_text, news_text

    if json_:
        _say_json(brief_json(news), terminal)
    elif not news.events:
        terminal.note(f"nothing new on {news.topic!r}: {news_text(news)}")
    elif markdown or output:
        from assistant.timeline.exporting import brief_markdown

        _write(brief_markdown(news), output, terminal)
    else:
        terminal.say(brief_text(news, style_of(terminal)))


def _write(text: str, output: Path | None, terminal: Terminal) -> None:
    if output is None:
        terminal.say(text, end="")
        return
    from assistant.exports import write_export

    write_export(output, text)
    terminal.note(f"written to {output}")


def _say_json(value: dict[str, Any], terminal: Terminal) -> None:
    from assistant.rendering import to_json

    terminal.say(to_json(value))


def _keep(file: Path, told: Told, topic: str, terminal: Terminal) -> None:
    from assistant.errors import told as told_error
    from assistant.timeline.told import keep_told

    try:
        keep_told(file, told, topic)
    except OSError as exc:
        terminal.note(f"this brief is not remembered: {told_error(exc)}")
