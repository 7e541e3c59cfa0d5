"""What an examination finds, and what it looks at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assistant.config import Config, archive_path

# A problem keeps something from working that should; a warning will, or is worth knowing.
Mark = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``remedy`` is a command, or what else to do, where something should be done."""

    mark: Mark
    text: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: the settings of this run, where they come from, and what they name.

    ``error`` says why the config file cannot be used, as (what, remedy); ``config`` is then what holds without it.
    """

    config: Config
    config_file: Path | None = None
    error: tuple[str, str | None] | None = None
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def archive(self) -> Path:
        return archive_path(self.config)


def ok(text: str) -> Finding:
    return Finding("ok", text)


def warning(text: str, remedy: str | None = None) -> Finding:
    return Finding("warning", text, remedy)


def problem(text: str, remedy: str | None = None) -> Finding:
    return Finding("problem", text, remedy)
