"""``dateline config``: the settings of the config file, one by one; its comments and its order stay."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from assistant.cli.options import common, terminal_of

if TYPE_CHECKING:
    from assistant.config_file import ConfigFile


@click.group()
@common
def config() -> None:
    """See and change the settings of the config file."""


@config.command("set")
@click.argument("key")
@click.argument("value")
@common
@click.pass_context
def set_(ctx: click.Context, key: str, value: str) -> None:
    """Set KEY, like k or chroma.url, to VALUE. A value that cannot be is refused, and the file stays as it was."""
    file = _open(ctx)
    file.set(key, value)
    file.save()
    terminal_of(ctx).say(f"{key} = {file.get(key)}")


@config.command()
@click.argument("key")
@common
@click.pass_context
def get(ctx: click.Context, key: str) -> int:
    """Print what the file says for KEY. Exits with 1 where it says nothing."""
    found = _open(ctx).get(key)
    if found is None:
        terminal_of(ctx).note(f"{key} is not set in the config file")
        return 1
    terminal_of(ctx).say(found)
    return 0


@config.command("list")
@common
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Print every setting of the file, one a line."""
    for key, value in _open(ctx).settings():
        terminal_of(ctx).say(f"{key} = {value}")


@config.command()
@click.argument("key")
@common
@click.pass_context
def unset(ctx: click.Context, key: str) -> int:
    """Take KEY out of the file: its default holds again. Exits with 1 where it was not set."""
    file = _open(ctx)
    if not file.unset(key):
        terminal_of(ctx).note(f"{key} is not set in the config file")
        return 1
    file.save()
    return 0


def _open(ctx: click.Context) -> ConfigFile:
    from assistant.config import config_file
    from assistant.config_file import ConfigFile

    return ConfigFile(config_file(ctx.meta.get("dateline.config"), os.environ))
