"""``dateline doctor``: every problem with the command that helps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.cli.options import as_json, common, load, style_of, terminal_of

if TYPE_CHECKING:
    from assistant.doctor import Patient

_BROKEN = 3


@click.command()
@as_json
@common
@click.pass_context
def doctor(ctx: click.Context, json_: bool) -> int:
    """Look for what is wrong, or soon will be, and say which command helps. Nothing is changed or sent anywhere.

    Exits with 3 when something is broken; warnings alone are no reason.
    """
    from assistant.doctor import examine
    from assistant.doctor.report import doctor_json, is_healthy, section_text, verdict_text
    from assistant.rendering import to_json

    terminal = terminal_of(ctx)
    sections = []
    for name, findings in examine(_patient(ctx)):
        sections.append((name, findings))
        if not json_:
            for line in section_text(name, findings, style_of(terminal)):
                terminal.say(line)
            terminal.flush()
    terminal.say(to_json(doctor_json(sections)) if json_ else f"\n{verdict_text(sections)}")
    return 0 if is_healthy(sections) else _BROKEN


def _patient(ctx: click.Context) -> Patient:
    """Return the settings of this run, or, where they cannot be read, why, and what holds without the file."""
    from assistant.config import archive_path, config_file, load_config
    from assistant.doctor import Patient
    from assistant.errors import ConfigError

    named: Path | None = ctx.meta.get("dateline.config")
    file = config_file(named, os.environ)
    error = None
    try:
        config = load(ctx)
        archive_path(config)
    except ConfigError as exc:
        error = (str(exc), exc.hint or f"edit {file}")
        env = {name: value for name, value in os.environ.items() if name != "DATELINE_ARCHIVE"}
        config = load_config(Path(os.devnull), env)
    return Patient(config, file if file.is_file() else None, error)
