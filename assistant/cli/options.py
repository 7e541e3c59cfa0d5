"""Options that several commands share, and what they amount to."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant.cli.terminal import Terminal
from assistant.days import read_day
from assistant.errors import ConfigError, told

if TYPE_CHECKING:
    from assistant.config import Config
    from assistant.planning import Scope
    from assistant.rendering import Style
    from store.archive import Archive
    from store.chroma_server import ServerAddress
    from store.embedding.endpoint import Endpoint
    from store.records import SearchFilter

F = TypeVar("F", bound=Callable[..., Any])

_PLACE = re.compile(r"(.+):([0-9]{1,9})-([0-9]{1,9})", re.DOTALL)


class Day(click.ParamType[date]):
    """A day as 2020-01-02; a month or a year where the first or last day of it is meant."""

    name = "DAY"

    def __init__(self, *, last: bool = False) -> None:
        self._last = last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return read_day(str(value), last=self._last)
        except ConfigError as exc:
            self.fail(told(exc), param, ctx)


def private_hosts(command: F) -> F:
    """Add the option that names hosts outside the public internet that may be fetched from."""
    return click.option(
        "--allow-private-host",
        "private_hosts",
        multiple=True,
        metavar="HOST",
        help="Fetch from this host though it is not on the public internet; repeatable.",
    )(command)


def common(command: F) -> F:
    """Add the options that stand before or after any command."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, callback=_set("debug"), help="Show tracebacks."),
        click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_set("quiet"), help="No notices."),
        click.option(
            "--config", type=click.Path(path_type=Path), expose_value=False, callback=_set("config"), metavar="FILE",
            help="Read the settings from FILE.",
        ),
        click.option(
            "-a", "--archive", expose_value=False, callback=_set("archive"), metavar="NAME|PATH",
            help="The archive to use.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def named(command: F) -> F:
    """Add the option for who or what the articles name."""
    return click.option(
        "--about", multiple=True, expose_value=False, callback=_set("about"), metavar="NAME",
        help="Only articles that name this person, place or organisation; may be repeated.",
    )(command)  # fmt: skip


def scoped(command: F) -> F:
    """Add the options that say which articles are meant."""
    for option in (
        click.option("--outlet", "outlets", multiple=True, metavar="NAME", help="Only this outlet; may be repeated."),
        named,
        click.option("--until", type=Day(last=True), help="Published on that day or before."),
        click.option("--since", type=Day(), help="Published on that day or after."),
    ):  # fmt: skip
        command = option(command)
    return command


def reranked(command: F) -> F:
    """Add the option that lets a cross-encoder look at the hits."""
    return click.option(
        "--rerank/--no-rerank", default=None, help="Let a cross-encoder look at the order of the hits (off by default)."
    )(command)


def asked_as_of(command: F) -> F:
    return click.option("--as-of", type=Day(last=True), help="Ask as on that day: hide what was published after it.")(
        command
    )


def as_json(command: F) -> F:
    return click.option("--json", "json_", is_flag=True, help="Print JSON.")(command)


def load(ctx: click.Context, **flags: Any) -> Config:
    """Return the settings of this run."""
    from assistant.config import load_config

    given = ctx.meta
    return load_config(given.get("dateline.config"), os.environ, archive=given.get("dateline.archive"), **flags)


def open_for_reading(config: Config, *, session: bool = False) -> Archive:
    """Open the archive that the settings name, for one question or a ``session`` of many; raise ArchiveMissing."""
    from assistant.config import archive_path
    from store.archive import open_archive
    from store.reranking.weights import DEFAULT_RERANKER

    reranker = config.reranker or DEFAULT_RERANKER
    return open_archive(archive_path(config), session=session, reranker=reranker, server=server_of(config))


def open_for_writing(config: Config, *, embedder: str | None = None) -> Archive:
    """Open the existing archive that the settings name, to change it, and say where that brought it up to date.

    Raises ArchiveMissing.
    """
    from assistant.config import archive_path
    from store.archive import open_archive

    archive = open_archive(archive_path(config), writable=True, embedder=embedder, server=server_of(config))
    for notice in archive.notices:
        terminal_of(click.get_current_context()).note(notice)
    return archive


def server_of(config: Config) -> ServerAddress | None:
    """Return the Chroma server that the settings name, with the headers that the environment holds for it."""
    if config.chroma is None:
        return None
    from assistant.servers import chroma_address

    return chroma_address(config.chroma, os.environ)


def endpoint_of(config: Config) -> Endpoint | None:
    """Return the server that embeds in bulk, where the settings name one."""
    if config.embeddings is None:
        return None
    from assistant.servers import embeddings_endpoint

    return embeddings_endpoint(config.embeddings, os.environ)


def terminal_of(ctx: click.Context) -> Terminal:
    terminal = ctx.find_object(Terminal)
    assert terminal is not None  # put there by main
    return terminal


def scope_of(since: date | None, until: date | None, outlets: tuple[str, ...], as_of: date | None = None) -> Scope:
    from assistant.planning import Scope

    # Of the options of ``scoped``: like those of ``common`` it is kept where every command finds it.
    ctx = click.get_current_context(silent=True)
    about = ctx.meta.get("dateline.about", ()) if ctx else ()
    return Scope(since, until, as_of, outlets, about=tuple(about))


def known_names(archive: Archive, where: SearchFilter, terminal: Terminal) -> SearchFilter:
    """Return a filter with the names that most articles have for what it is about, and say them; raise NameUnknown."""
    if not where.about:
        return where
    roster = archive.roster()
    names = tuple(dict.fromkeys(roster.told(name) for name in where.about))
    terminal.note(f"articles that name {' and '.join(names)}")
    return replace(where, about=names)


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if not value:
            return
        ctx.meta[f"dateline.{name}"] = value
        if name in {"quiet", "debug"}:
            setattr(terminal_of(ctx), name, True)

    return keep


def read_place(place: str) -> tuple[str, tuple[int, int] | None]:
    """Return the id and the span of ``ID[:START-END]``; ids may hold colons themselves."""
    found = _PLACE.fullmatch(place)
    return (found[1], (int(found[2]), int(found[3]))) if found else (place, None)


def confirmed(count: int, ctx: click.Context) -> bool:
    """Ask on a terminal whether so many articles may go; elsewhere nobody can be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"{count:,} articles would be removed; say --yes", ctx)
    return click.confirm(f"Remove {count:,} articles?", err=True)


def style_of(terminal: Terminal) -> Style:
    from assistant.rendering import Style

    return Style(terminal.width, terminal.has_colour)


def today() -> date:
    return date.today()  # noqa: DTZ011 - the day on the asker's calendar is meant
